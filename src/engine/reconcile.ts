// Brings one instance of one step to its desired state: look, make the one move that is missing, look again, until it
// is ready and nothing differs. A crash at any line is harmless, as the next run starts by looking.
// `retire.ts` is the same loop downhill.
import { kindOf } from '../aws/errors.js'
import { ForeignResourceError, ImmutableChangeError, NotReadyError } from '../base/errors.js'
import type { Move } from '../base/events.js'
import type { Node } from './graph.js'
import { look } from './look.js'
import { checkpoint, explain, passes, type Run, sleep } from './runner.js'
import type { Change, Identity } from './step.js'

/** Returns the ready observation. Throws MultiregionError. */
export async function reconcile(node: Node, desired: unknown, run: Run): Promise<Identity> {
  const loop = () => reconcileNow(node, desired, run)
  return node.step.serial ? run.turn(node.step.kind, loop) : loop()
}

async function reconcileNow(node: Node, desired: unknown, run: Run): Promise<Identity> {
  run.emit({ type: 'step.started', address: node.address, region: node.site.region })
  const patience = new Patience(node, run)
  for (;;) {
    checkpoint(run)
    const next = await step(node, desired, run, patience)
    if (typeof next !== 'string') {
      await run.ledger.settled(node.address, desired, next)
      run.emit({ type: 'step.ready', address: node.address, region: node.site.region })
      return next
    }
    await patience.wait(next)
  }
}

/** One look and at most one move. A string is what it waits for. */
async function step(node: Node, desired: unknown, run: Run, patience: Patience): Promise<Identity | string> {
  try {
    const observed = await look(node, desired, run)
    if (!observed) return await create(node, desired, run, patience)
    if (!observed.owned && !justMade(node, observed, run)) throw foreign(node, observed)
    if (!observed.owned) return 'its owner tags do not show yet'
    if (observed.leaving) return observed.leaving
    const readiness = node.step.readiness(observed, desired)
    if (readiness.state === 'pending') return readiness.reason
    if (readiness.state === 'failed') throw failed(node, readiness.reason)
    const changes: Change[] = node.step.diff(desired, observed)
    if (changes.some((change) => change.immutable))
      return await replace(node, desired, observed, changes, run, patience)
    if (changes.length > 0) return await update(node, desired, observed, changes, run, patience)
    return observed
  } catch (error) {
    if (passes(error, node)) return waitFor(error)
    throw explain(error, node)
  }
}

/** AWS: tags may show a moment later than what carries them. */
function justMade(node: Node, observed: Identity, run: Run): boolean {
  const entry = run.ledger.entry(node.address)
  return entry?.id === observed.id && entry.intent?.action === 'create'
}

async function create(node: Node, desired: unknown, run: Run, patience: Patience): Promise<string> {
  if (!node.step.create) return `${node.step.kind} is not there yet`
  const { ledger } = run
  if (ledger.entry(node.address)?.id) await ledger.lost(node.address)
  const token = await ledger.intend(node.address, 'create', desired)
  patience.tell('create')
  const id = await run.limit(() => node.step.create!(run.context(node, token), desired))
  await ledger.created(node.address, id)
  return 'just created'
}

async function update(
  node: Node,
  desired: unknown,
  observed: Identity,
  changes: Change[],
  run: Run,
  patience: Patience,
): Promise<string> {
  const fields = changes.map((change) => change.field).join(', ')
  if (!node.step.update) throw immutable(node, changes)
  const token = await run.ledger.intend(node.address, 'update', desired)
  patience.tell('update', changes)
  await run.limit(() => node.step.update!(run.context(node, token), desired, observed, changes))
  return `changing ${fields}`
}

async function replace(
  node: Node,
  desired: unknown,
  observed: Identity,
  changes: Change[],
  run: Run,
  patience: Patience,
): Promise<string> {
  if (node.step.replace !== 'create-first') throw immutable(node, changes)
  await run.ledger.supersede(node.address, observed.id)
  const token = await run.ledger.intend(node.address, 'create', desired)
  patience.tell('replace', changes)
  const id = await run.limit(() => node.step.create!(run.context(node, token), desired))
  await run.ledger.created(node.address, id)
  return 'just replaced'
}

/** How long one node may take, and what it tells while it does: a move that AWS makes us repeat is told once. */
export class Patience {
  readonly #started: number
  readonly #told = new Set<string>()
  readonly #node: Node
  readonly #run: Run
  #unavailableSince: number | undefined

  constructor(node: Node, run: Run) {
    this.#node = node
    this.#run = run
    this.#started = run.clock.now()
  }

  /** The longer it takes, the rarer it looks: up to four times the step's interval after three minutes. */
  async wait(reason: string): Promise<void> {
    const { address, site, step } = this.#node
    const waitedSeconds = this.#run.clock.now() - this.#started
    const limitSeconds = step.patience.forMinutes * 60
    if (waitedSeconds >= limitSeconds || this.#unavailableTooLong(reason))
      throw new NotReadyError(
        `${address}: gave up after ${Math.round(waitedSeconds)} s: ${reason}`,
        'The state is saved; run the same command again to go on waiting, or multiregion status to see what is there.',
        { address, reason, waitedSeconds: Math.round(waitedSeconds) },
      )
    this.#run.emit({
      type: 'step.waiting',
      address,
      region: site.region,
      reason,
      waitedSeconds,
      limitSeconds,
    })
    await sleep(this.#run, step.patience.everySeconds * Math.min(4, 1 + waitedSeconds / 60))
  }

  tell(move: Move, changes: readonly Change[] = []): void {
    const { address, site } = this.#node
    const fields = changes.map(({ field, from, to }) => ({ field, from, to }))
    const words = JSON.stringify([move, fields])
    if (this.#told.has(words)) return
    this.#told.add(words)
    this.#run.emit({ type: 'step.moved', address, region: site.region, move, changes: fields })
  }

  /** A region or endpoint that does not answer at all gets two minutes, not the step's whole patience. */
  #unavailableTooLong(reason: string): boolean {
    if (!reason.startsWith(UNAVAILABLE)) {
      this.#unavailableSince = undefined
      return false
    }
    this.#unavailableSince ??= this.#run.clock.now()
    return this.#run.clock.now() - this.#unavailableSince >= 120
  }
}

const UNAVAILABLE = 'AWS does not answer'

/** What an error that passes by itself is called while waiting. */
export function waitFor(error: Error): string {
  const kind = kindOf(error)
  if (kind === 'throttled') return `AWS throttles: ${error.message}`
  if (kind === 'unavailable') return `${UNAVAILABLE}: ${error.message}`
  if (kind === 'lost-answer') return 'an answer was lost; looking whether it was done'
  return `AWS is not ready for it: ${error.message}`
}

export const foreign = (node: Node, observed: Identity) =>
  new ForeignResourceError(
    `${node.address}: ${observed.id} exists already and does not carry the owner marks of this stack's state`,
    'It was made by hand, by another tool, or by this stack with a state file that is gone. Restore that file, choose another name or stage in the config, or remove the resource.',
    { address: node.address, region: node.site.region, id: observed.id },
  )

export const immutable = (node: Node, changes: Change[]) =>
  new ImmutableChangeError(
    `${node.address}: ${changes.map((c) => `${c.field} cannot change in place (${show(c.from)} -> ${show(c.to)})`).join('; ')}`,
    'Undo the change in the config, or run multiregion down first if its data may go.',
    { address: node.address, region: node.site.region, fields: changes.map((change) => change.field) },
  )

const failed = (node: Node, reason: string) =>
  new NotReadyError(
    `${node.address}: ${reason}`,
    'Mend the cause that AWS names, then run multiregion up again.',
    { address: node.address, region: node.site.region, reason },
  )

const show = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
