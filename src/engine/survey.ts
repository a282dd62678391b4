// What stands in the cloud under a stack's names, with no state to help: every instance as it is, whoever's it is. The
// walk of `plan.ts` without a ledger; `commands/rebuild.ts` makes a state of it.
import { kindOf } from '../aws/errors.js'
import type { MultiregionError } from '../base/errors.js'
import type { Config } from '../config/schema.js'
import type { Node } from './graph.js'
import { isOurs } from './look.js'
import { act, explain, passes, type Run } from './runner.js'
import type { Change, Identity } from './step.js'
import { shape } from './walk.js'

export interface Sighting {
  readonly node: Node
  readonly desired: unknown
  readonly observed: Identity
  /** Ids of more that are ours at the same address: replaced and not swept, or made twice by a lost answer. */
  readonly others: readonly string[]
}

/** What could not be looked at, as its region does not answer. */
export interface Unseen {
  readonly node: Node
  /** What to look for there. */
  readonly desired: unknown
  readonly error: MultiregionError
}

/**
 * Reads only. `wanted` tells which nodes are in the config. Throws MultiregionError where AWS does not answer, unless there
 * is a list of what is `unseen`.
 */
export async function survey(
  nodes: readonly Node[],
  wanted: (node: Node) => boolean,
  config: Config,
  run: Run,
  unseen?: Unseen[],
): Promise<Sighting[]> {
  const looks = new Map<Node, Promise<Sighting | undefined>>()
  for (const node of nodes) {
    const go = async () => {
      const found = new Map<Node, Identity>()
      for (const other of node.edges.flatMap((edge) => edge.nodes)) {
        const sighting = await looks.get(other)
        if (sighting) found.set(other, sighting.observed)
      }
      const desired = desiredOf(node, found, wanted(node), config, run)
      return see(node, desired, run, unseen !== undefined).catch((error: MultiregionError) => {
        if (!unseen || kindOf(error.cause) !== 'unavailable') throw error
        unseen.push({ node, desired, error })
        return undefined
      })
    }
    looks.set(node, go())
  }
  const ends = await Promise.allSettled(looks.values())
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  return ends.flatMap((end) => (end.status === 'fulfilled' && end.value ? [end.value] : []))
}

/**
 * Ours is what names our lineage; and of what cannot name one (a deployment has no marks but its API's) that which hangs
 * on nothing of another's, or of which its step says so. Reads only.
 */
export async function ownersOf(
  sightings: readonly Sighting[],
  run: Run,
): Promise<{ ours: Sighting[]; others: Sighting[] }> {
  const { lineage } = run.ledger.state
  const ours = new Map<Node, Sighting>()
  const others = new Map<Node, Sighting>()
  const isStrange = ({ reach, nodes }: Node['edges'][number]) =>
    nodes.some((other) => others.has(other)) &&
    !(reach === 'available' && nodes.some((other) => ours.has(other)))
  const isMine = async ({ node, desired, observed }: Sighting) => {
    if (!observed.owned || observed.lineage === lineage) return observed.owned
    const strange = node.edges.filter(isStrange)
    if (strange.length === 0) return true
    if (!node.step.inherits || strange.some(({ reach }) => reach === 'available')) return false
    return read(node, run, () => isOurs(node, desired, observed, run))
  }
  for (const sighting of sightings) ((await isMine(sighting)) ? ours : others).set(sighting.node, sighting)
  return { ours: [...ours.values()], others: [...others.values()] }
}

/** What the config wants, where all is there that it needs; else what must do to find it. Undefined where nothing does. */
function desiredOf(
  node: Node,
  found: ReadonlyMap<Node, Identity>,
  isWanted: boolean,
  config: Config,
  run: Run,
): unknown {
  const { step, site } = node
  const needs: Record<string, unknown> = {}
  for (const edge of node.edges) {
    const ready = new Map(
      edge.nodes.flatMap((other) => (found.has(other) ? [[other, found.get(other)!]] : [])),
    )
    const all = edge.reach === 'available' ? ready.size > 0 : ready.size === edge.nodes.length
    if (all && !(edge.reach === 'here' && ready.size === 0)) needs[edge.as] = shape(edge, ready)
  }
  const isWhole = Object.keys(needs).length === node.edges.length
  return isWanted && isWhole
    ? step.desired({ config, env: run.env, site, needs })
    : step.named?.({ config, site, needs })
}

async function see(node: Node, desired: unknown, run: Run, partly: boolean): Promise<Sighting | undefined> {
  if (!desired) return undefined
  const { step } = node
  const ids = step.all ? await read(node, run, () => step.all!(run.context(node, ''), desired), partly) : []
  const sightings: Identity[] = []
  for (const id of ids.length > 0 ? ids : [undefined]) {
    const observed = await read(node, run, () => step.observe(run.context(node, ''), desired, id), partly)
    if (observed) sightings.push(observed)
  }
  const kept = nearest(node, desired, sightings)
  if (!kept) return undefined
  const others = sightings.filter((one) => one !== kept).map(({ id }) => id)
  return { node, desired, observed: kept, others }
}

/** Of several, the one that needs the least change; else the one that the step would keep. */
function nearest(node: Node, desired: unknown, sightings: readonly Identity[]): Identity | undefined {
  const cost = (observed: Identity) => {
    const changes: Change[] = node.step.diff(desired, observed)
    return changes.some((change) => change.immutable) ? 2 : Math.min(changes.length, 1)
  }
  return [...sightings].sort((a, b) => cost(a) - cost(b))[0]
}

const TRIES = 5

/** Where a part will do, what does not answer is not asked again: the SDK has. */
async function read<T>(node: Node, run: Run, work: () => Promise<T>, partly = false): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act(run, work)
    } catch (error) {
      const later = passes(error, node) && !(partly && kindOf(error) === 'unavailable')
      if (!later || tries === TRIES) throw explain(error, node)
      await run.clock.sleep(node.step.patience.everySeconds, run.signal)
    }
  }
}
