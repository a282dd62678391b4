// What others have hung on something of ours, so that AWS does not let it go: named before `down` removes anything, as
// waiting would not help. What is ours and the state did not know is recorded on the way.
import { ForeignResourceError, type MultiregionError } from '../base/errors.js'
import { dependentsOf, type Node } from '../engine/graph.js'
import { observe } from '../engine/look.js'
import { act, type Run } from '../engine/runner.js'
import type { User } from '../engine/step.js'
import type { Session } from './session.js'
import { lookOnceMore, recordNews } from './standing.js'

interface Used {
  readonly node: Node
  readonly by: readonly User[]
}

/** `nodes`: what is to go now. Reads only, but for the state. Throws MultiregionError. */
export async function refuseUsed(session: Session, run: Run, nodes: () => readonly Node[]): Promise<void> {
  if ((await usedAmong(nodes(), run)).length === 0) return
  // An older state knows less than there is: its users may be this stack's own. With another home it would look elsewhere.
  if (session.config.home === session.ledger.state.home)
    await recordNews(session, await lookOnceMore(session, run, true))
  const used = await usedAmong(nodes(), run)
  if (used.length > 0) throw inUse(used)
}

/** For a plan: `up` leaves it alone, and who looks wants to know. */
export async function noteUsed({ emit }: Session, run: Run, nodes: readonly Node[]): Promise<void> {
  for (const one of await usedAmong(nodes, run))
    emit({
      type: 'run.noted',
      text: `${usedText(one)}, which this stack did not make: up leaves it alone, and down begins once it is gone`,
    })
}

const usedText = ({ node, by }: Used) =>
  `${node.address} is used by ${by.map(({ what }) => what).join(' and ')}`

/** What cannot be looked at now is left to the walk, which tells why. */
async function usedAmong(nodes: readonly Node[], run: Run): Promise<Used[]> {
  const { entries } = run.ledger.state
  const known = new Set(Object.values(entries).flatMap(({ id, superseded = [] }) => [id, ...superseded]))
  const found = await Promise.all(
    nodes
      .filter(({ step }) => step.usedBy)
      .map(async (node) => {
        // What was asked for and not answered may be one of them, under an id that nobody knows yet.
        if (dependentsOf(node, nodes).some(({ address }) => entries[address] && !entries[address].id))
          return { node, by: [] }
        const all = await usersOf(node, run).catch((): User[] => [])
        return { node, by: all.filter(({ id }) => !known.has(id)) }
      }),
  )
  return found.filter(({ by }) => by.length > 0)
}

async function usersOf(node: Node, run: Run): Promise<readonly User[]> {
  const { usedBy } = node.step
  const desired = run.ledger.entry(node.address)?.desired
  if (!usedBy || !desired) return []
  const observed = await observe(node, desired, run)
  return observed ? act(run, () => usedBy(run.context(node, ''), desired, observed)) : []
}

function inUse(used: readonly Used[]): MultiregionError {
  const isData = used.every(({ node }) => node.step.data)
  return new ForeignResourceError(
    `AWS does not let go what is in use, and this stack did not make what uses it: ${used.map(usedText).join('; ')}`,
    `Nothing was changed. Remove ${used.length > 1 || used[0]!.by.length > 1 ? 'those' : 'that'} first, then run multiregion down again.${isData ? ' Or leave the tables as they are: multiregion down --keep-data' : ''}`,
    { address: used[0]!.node.address, users: used.flatMap(({ by }) => by.map(({ id }) => id)) },
  )
}
