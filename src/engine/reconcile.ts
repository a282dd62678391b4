// Brings one instance of one step to its desired state: look, make the one move that is missing, look again, until it
// is ready and nothing differs. A crash at any line is harmless, as the next run starts by looking.
// `retire.ts` is the same loop downhill.
import { isExists, isRefusal, kindOf } from '../aws/errors.js'
import { NotReadyError } from '../base/errors.js'
import type { Move } from '../base/events.js'
import { againstAdoption } from './adoption.js'
import type { Node } from './graph.js'
import { look } from './look.js'
import { failed, immutable } from './refusal.js'
import { act, checkpoint, explain, passes, type Run, sleep } from './runner.js'
import type { Change, Identity } from './step.js'

/** Returns the ready observation. Throws MultiregionError. */
export async function reconcile(node: Node, desired: unknown, run: Run): Promise<Identity> {
  const loop = () => reconcileNow(node, desired, run)
  return node.step.serial ? run.turn(node.step.kind, loop) : loop()
}

/** One node on its way: what every move needs. */
interface Attempt {
  readonly node: Node
  readonly desired: unknown
  readonly run: Run
  readonly patience: Patience
  /** Set once the way out of a failure was tried. */
  mended: boolean
  /** Set where a create was asked for and not answered, in this run or before it. */
  unsure: boolean
  /** Set where what a create would make was said to exist already. */
  taken: boolean
}

async function reconcileNow(node: Node, desired: unknown, run: Run): Promise<Identity> {
  run.emit({ type: 'step.started', address: node.address, region: node.site.region })
  const unsure = run.ledger.entry(node.address)?.intent?.action === 'create'
  const patience = new Patience(node, run)
  const attempt: Attempt = { node, desired, run, patience, mended: false, unsure, taken: false }
  for (;;) {
    checkpoint(run)
    const next = await step(attempt)
    if (typeof next !== 'string') {
      await noteTwins(attempt, next)
      await run.ledger.settled(node.address, desired, next)
      run.emit({ type: 'step.ready', address: node.address, region: node.site.region })
      return next
    }
    await attempt.patience.wait(next)
  }
}

/** One look and at most one move. A string is what it waits for. */
async function step(attempt: Attempt): Promise<Identity | string> {
  const { node, desired, run, patience } = attempt
  try {
    const observed = await look(node, desired, run, { once: patience.poll() })
    patience.answered()
    if (!observed) return await create(attempt)
    if (!observed.owned) return await adopt(attempt, observed)
    if (observed.leaving) return patience.atWork(observed.leaving)
    const readiness = node.step.readiness(observed, desired)
    if (readiness.state === 'pending') return patience.atWork(readiness.reason)
    if (readiness.state === 'failed') return await mend(attempt, observed, readiness.reason)
    const changes: Change[] = node.step.diff(desired, observed)
    if (changes.some((change) => change.immutable)) return await replace(attempt, observed, changes)
    if (changes.length > 0) return await update(attempt, observed, changes)
    return observed
  } catch (error) {
    const exists = isExists(error)
    if (!exists && !passes(error, node)) throw explain(error, node)
    if (exists) await takeNewToken(attempt)
    return patience.failed(error as Error)
  }
}

/**
 * AWS: a token stays with what it made, also when that is gone: the caller reference of a deleted health check is taken for
 * ever. Said twice, with looks between that missed it, it is gone; what only comes late is found as a twin.
 */
async function takeNewToken(attempt: Attempt): Promise<void> {
  const { node, run, taken } = attempt
  if (taken && node.step.replayable) await run.ledger.lost(node.address)
  attempt.taken = !taken
}

async function create(attempt: Attempt): Promise<string> {
  const { node, run } = attempt
  if (!node.step.create) return `${node.step.kind} is not there yet`
  checkpoint(run)
  if (run.ledger.entry(node.address)?.id) await run.ledger.lost(node.address)
  await make(attempt, 'create', [])
  return 'just created'
}

/** Marks what was made elsewhere as ours, where the user said so. From then on it is treated as any other of ours. */
async function adopt({ node, desired, run, patience }: Attempt, observed: Identity): Promise<string> {
  const refusal = againstAdoption(node, observed, run, desired)
  if (refusal) throw refusal
  const readiness = node.step.readiness(observed, desired)
  if (readiness.state === 'pending') return patience.atWork(readiness.reason)
  checkpoint(run)
  const changes: Change[] = node.step.diff(desired, observed)
  const token = await run.ledger.intend(node.address, 'adopt', desired, observed.id)
  patience.tell('adopt', changes)
  await act(run, () => node.step.adopt!(run.context(node, token), desired, observed))
  return 'just adopted'
}

async function mend(attempt: Attempt, observed: Identity, reason: string): Promise<string> {
  const { node, desired, run, patience } = attempt
  if (!node.step.mend || attempt.mended) throw failed(node, reason)
  checkpoint(run)
  attempt.mended = true
  const token = await run.ledger.intend(node.address, 'update', desired, observed.id)
  patience.tell('update', [{ field: 'state', from: reason, to: 'mended' }])
  await act(run, () => node.step.mend!(run.context(node, token), desired, observed))
  return `mending what failed: ${reason}`
}

/** What an unanswered create may have made beside the one that is kept goes with what was replaced. */
async function noteTwins({ node, desired, run, unsure }: Attempt, kept: Identity): Promise<void> {
  if (!unsure || !node.step.all) return
  try {
    const ids = await act(run, () => node.step.all!(run.context(node, ''), desired))
    const twins = ids.filter((id) => id !== kept.id)
    if (twins.length > 0) await run.ledger.twins(node.address, twins)
  } catch (error) {
    throw explain(error, node)
  }
}

async function replace(attempt: Attempt, observed: Identity, changes: Change[]): Promise<string> {
  const { node, run } = attempt
  if (node.step.replace !== 'create-first') throw immutable(node, changes)
  checkpoint(run)
  await run.ledger.supersede(node.address, observed.id)
  await make(attempt, 'replace', changes)
  return 'just replaced'
}

async function make(attempt: Attempt, move: Move, changes: Change[]): Promise<void> {
  const { node, desired, run, patience } = attempt
  const { ledger } = run
  const asked = ledger.entry(node.address)?.intent?.action === 'create'
  const token = await ledger.intend(node.address, 'create', desired)
  patience.tell(move, changes)
  try {
    const id = await act(run, () => node.step.create!(run.context(node, token), desired))
    await ledger.created(node.address, id)
  } catch (error) {
    // Nothing was made, so the next look need not doubt what it misses. An earlier try of this intent may have made it.
    if (!asked && isRefusal(error)) await ledger.refused(node.address)
    else attempt.unsure = true
    throw error
  }
}

async function update(attempt: Attempt, observed: Identity, changes: Change[]): Promise<string> {
  const { node, desired, run, patience } = attempt
  if (!node.step.update) throw immutable(node, changes)
  checkpoint(run)
  const token = await run.ledger.intend(node.address, 'update', desired, observed.id)
  patience.tell('update', changes)
  await act(run, () => node.step.update!(run.context(node, token), desired, observed, changes))
  return `changing ${changes.map((change) => change.field).join(', ')}`
}

/** What does not answer, and since when. */
interface Silence {
  readonly since: number
  readonly error: Error
}

/** How long one node may take, and what it tells while it does: a move that AWS makes us repeat is told once. */
export class Patience {
  readonly #started: number
  readonly #told = new Set<string>()
  readonly #node: Node
  readonly #run: Run
  #silence: Silence | undefined
  #isPolling = false

  constructor(node: Node, run: Run) {
    this.#node = node
    this.#run = run
    this.#started = run.clock.now()
  }

  /**
   * The longer it takes, the rarer it looks: up to four times the step's interval after three minutes. A tenth more or
   * less, so that those who were refused together do not come back together.
   */
  async wait(reason: string): Promise<void> {
    const { address, site, step } = this.#node
    const waitedSeconds = this.#run.clock.now() - this.#started
    // A minute of ours at least: on a fast local cloud a busy machine would use up the cloud's minutes by itself.
    const limitSeconds = Math.max(step.patience.forMinutes * 60, 60 * this.#run.clock.scale)
    const isOver = waitedSeconds >= limitSeconds
    if (this.#silence && (isOver || this.#isSilentTooLong(this.#silence)))
      throw noAnswer(this.#node, waitedSeconds, this.#silence.error)
    if (isOver)
      throw new NotReadyError(
        `${address}: gave up after ${Math.round(waitedSeconds)} s: ${reason}`,
        'Run the same command again to go on waiting, or multiregion status to see what is there.',
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
    const jitter = 0.9 + 0.2 * this.#run.random()
    await sleep(this.#run, jitter * step.patience.everySeconds * Math.min(4, 1 + waitedSeconds / 60))
  }

  tell(move: Move, changes: readonly Change[] = []): void {
    const { address, site } = this.#node
    const fields = changes.map(({ field, from, to }) => ({ field, from, to }))
    const words = JSON.stringify([move, fields])
    if (this.#told.has(words)) return
    this.#told.add(words)
    this.#run.emit({ type: 'step.moved', address, region: site.region, move, changes: fields })
  }

  /** AWS is seen at work: what the next look cannot see, the one after it will. Gives the reason back. */
  atWork(reason: string): string {
    this.#isPolling = true
    return reason
  }

  /** Whether this look follows one that saw AWS at work. One that fails is followed by one with all its tries. */
  poll(): boolean {
    const is = this.#isPolling
    this.#isPolling = false
    return is
  }

  /** A look was answered, so the region is there: what fails now has the step's whole patience. */
  answered(): void {
    this.#silence = undefined
  }

  /** Gives back what an error that passes by itself is called while waiting. */
  failed(error: Error): string {
    const isSilent = kindOf(error) === 'unavailable'
    this.#silence = isSilent ? { since: this.#silence?.since ?? this.#run.clock.now(), error } : undefined
    return waitFor(error)
  }

  /** A region or endpoint that does not answer at all gets two minutes, not the step's whole patience. */
  #isSilentTooLong({ since }: Silence): boolean {
    return this.#run.clock.now() - since >= 120
  }
}

function noAnswer(node: Node, waitedSeconds: number, error: Error): NotReadyError {
  const { message, hint, data } = explain(error, node)
  const { address } = node
  const reason = message.replace(`${address}: `, '')
  const seconds = Math.round(waitedSeconds)
  return new NotReadyError(
    `${address}: gave up after ${seconds} s: ${reason}`,
    hint,
    { ...data, reason, waitedSeconds: seconds },
    error,
  )
}

function waitFor(error: Error): string {
  const kind = kindOf(error)
  if (kind === 'throttled') return `AWS throttles: ${error.message}`
  if (kind === 'unavailable') return `AWS does not answer: ${error.message}`
  if (kind === 'lost-answer') return 'an answer was lost; looking whether it was done'
  // AWS: also what the SDK's second try is told, where the answer to its first was lost.
  if (kind === 'exists') return `it exists already, looking whose it is: ${error.message}`
  return `AWS is not ready for it: ${error.message}`
}
