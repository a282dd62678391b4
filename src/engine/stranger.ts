// Which of the recorded resources are not ours by now, looked up before the way down removes anything: a state that is
// older than the cloud must not take apart what another state has made since.
import type { MultiregionError } from '../base/errors.js'
import type { Node } from './graph.js'
import { isOurs, look, observe, wasNeverOurs } from './look.js'
import { foreign } from './refusal.js'
import type { Run } from './runner.js'

export interface Stranger {
  readonly node: Node
  readonly error: MultiregionError
}

/** Reads only. What cannot be looked at now is left to the walk, which tells why. */
export async function findStrangers(nodes: readonly Node[], run: Run): Promise<Stranger[]> {
  const found = await Promise.all(nodes.map((node) => strangerAt(node, run).catch(() => undefined)))
  return found.flatMap((stranger) => stranger ?? [])
}

async function strangerAt(node: Node, run: Run): Promise<Stranger | undefined> {
  const desired = run.ledger.entry(node.address)?.desired
  if (!desired) return undefined
  const first = await observe(node, desired, run)
  if (!first || (await isOurs(node, desired, first, run))) return undefined
  // Owner marks lag, so it is looked at with doubt before it is called another's.
  const observed = await look(node, desired, run)
  const strange =
    observed && !(await isOurs(node, desired, observed, run)) && !wasNeverOurs(run.ledger.entry(node.address))
  return strange ? { node, error: foreign(node, observed, run.ledger.entry(node.address)) } : undefined
}
