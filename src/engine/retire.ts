// The loop downhill: absent is the goal. It needs only what the state recorded, so it works after the config changed.
import type { Node } from './graph.js'
import { look } from './look.js'
import { foreign, Patience, waitFor } from './reconcile.js'
import { checkpoint, explain, passes, type Run } from './runner.js'

/** Removes one instance and forgets it. Throws MultiregionError. */
export async function retire(node: Node, run: Run): Promise<void> {
  const loop = () => retireNow(node, run)
  return node.step.serial ? run.turn(node.step.kind, loop) : loop()
}

async function retireNow(node: Node, run: Run): Promise<void> {
  const { address, site } = node
  run.emit({ type: 'step.started', address, region: site.region })
  const patience = new Patience(node, run)
  for (const id of run.ledger.entry(address)?.superseded ?? []) await sweep(node, id, run)
  for (;;) {
    checkpoint(run)
    const next = await step(node, run, patience)
    if (next === 'absent') break
    await patience.wait(next)
  }
  await run.ledger.forget(address)
  run.emit({ type: 'step.removed', address, region: site.region })
}

/** Removes what was replaced; its successor stays. */
export async function sweep(node: Node, id: string, run: Run): Promise<void> {
  const { step, address } = node
  const patience = new Patience(node, run)
  const desired = run.ledger.entry(address)?.desired
  for (;;) {
    checkpoint(run)
    try {
      const observed = await run.limit(() => step.observe(run.context(node, ''), desired, id))
      if (!observed) break
      patience.tell('remove')
      await run.limit(() => step.remove!(run.context(node, ''), observed, desired))
      await patience.wait('AWS removes what was replaced')
    } catch (error) {
      if (!passes(error, node)) throw explain(error, node)
      await patience.wait(waitFor(error))
    }
  }
  await run.ledger.swept(address, id)
}

async function step(node: Node, run: Run, patience: Patience): Promise<string> {
  const { step, address } = node
  if (!step.remove) return 'absent'
  const { ledger } = run
  try {
    const desired = ledger.entry(address)?.desired
    await replayOpenCreate(node, desired, run)
    const observed = await look(node, desired, run)
    if (!observed) return 'absent'
    if (!observed.owned) throw foreign(node, observed)
    const obstacle = observed.leaving ?? observed.held
    if (obstacle) return obstacle
    const token = await ledger.intend(address, 'remove', desired)
    patience.tell('remove')
    const left = await run.limit(() => step.remove!(run.context(node, token), observed, desired))
    return left === 'kept' ? 'absent' : 'AWS removes it'
  } catch (error) {
    if (passes(error, node)) return waitFor(error)
    throw explain(error, node)
  }
}

/** A create that was asked for and never answered may have happened: asking again with its token gives the id. */
async function replayOpenCreate(node: Node, desired: unknown, run: Run): Promise<void> {
  const entry = run.ledger.entry(node.address)
  if (!node.step.replayable || entry?.intent?.action !== 'create' || entry.id) return
  const token = entry.intent.token
  const id = await run.limit(() => node.step.create!(run.context(node, token), desired))
  await run.ledger.created(node.address, id)
}
