// The loop downhill: absent is the goal. It needs only what the state recorded, so it works after the config changed.
import { isExists, orAbsent } from '../aws/errors.js'
import type { Node } from './graph.js'
import { isOurs, look, wasNeverOurs } from './look.js'
import { Patience } from './reconcile.js'
import { foreign } from './refusal.js'
import { act, checkpoint, explain, passes, type Run } from './runner.js'

/** Removes one instance and forgets it. Throws MultiregionError. */
export async function retire(node: Node, run: Run): Promise<void> {
  const loop = () => retireNow(node, run)
  return node.step.serial ? run.turn(node.step.kind, loop) : loop()
}

async function retireNow(node: Node, run: Run): Promise<void> {
  const { address, site } = node
  run.emit({ type: 'step.started', address, region: site.region })
  for (const id of run.ledger.entry(address)?.superseded ?? []) await sweep(node, id, run)
  await untilAbsent(node, run)
  await run.ledger.forget(address)
  run.emit({ type: 'step.removed', address, region: site.region })
}

/** Removes what was replaced; its successor stays. */
export async function sweep(node: Node, id: string, run: Run): Promise<void> {
  await untilAbsent(node, run, id)
  await run.ledger.swept(node.address, id)
}

/** `old` is the id of a superseded one; without it the instance itself goes. */
async function untilAbsent(node: Node, run: Run, old?: string): Promise<void> {
  const patience = new Patience(node, run)
  for (;;) {
    checkpoint(run)
    const next = await step(node, run, patience, old)
    if (next === 'absent') return
    await patience.wait(next)
  }
}

/** One look and at most one move. Answers `absent`, or what it waits for. */
async function step(node: Node, run: Run, patience: Patience, old?: string): Promise<string> {
  const { step, address } = node
  if (!step.remove) return 'absent'
  const { ledger } = run
  try {
    const desired = ledger.entry(address)?.desired
    if (!old) await replayOpenCreate(node, desired, run)
    const observed = await look(node, desired, run, { old, once: patience.poll() })
    patience.answered()
    // What has its name from what it hangs on is another one by now: the one that was replaced went with that.
    if (!observed || (old && observed.id !== old)) return 'absent'
    if (!(await isOurs(node, desired, observed, run))) {
      if (wasNeverOurs(ledger.entry(address))) return 'absent'
      throw foreign(node, observed, ledger.entry(address))
    }
    const obstacle = observed.leaving ?? observed.held
    if (obstacle) return patience.atWork(obstacle)
    checkpoint(run)
    // That it is superseded is on disk, which is as good as an intent.
    const token = old ? '' : await ledger.intend(address, 'remove', desired, observed.id)
    patience.tell('remove')
    // AWS: `not found` is also what the SDK's second try is told, where the answer to its first was lost.
    const left = await orAbsent(act(run, () => step.remove!(run.context(node, token), observed, desired)))
    return left === 'kept' ? 'absent' : 'AWS removes it'
  } catch (error) {
    if (passes(error, node)) return patience.failed(error)
    throw explain(error, node)
  }
}

/** A create that was asked for and never answered may have happened: asking again with its token gives the id. */
async function replayOpenCreate(node: Node, desired: unknown, run: Run): Promise<void> {
  const entry = run.ledger.entry(node.address)
  if (!node.step.replayable || entry?.intent?.action !== 'create' || entry.id) return
  const token = entry.intent.token
  try {
    const id = await act(run, () => node.step.create!(run.context(node, token), desired))
    await run.ledger.created(node.address, id)
  } catch (error) {
    // AWS: so it is said of what was made with that token and is gone; the look finds what is not.
    if (!isExists(error)) throw error
  }
}
