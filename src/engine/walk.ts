// The graph, walked both ways. Every node starts as soon as what it needs is there; a failed node skips those that need
// it, the rest goes on, and every error is in the outcome. `plan.ts` is the same walk without moves.

import { CancelledError, type MultiregionError } from '../base/errors.js'
import type { Config } from '../config/schema.js'
import { dependentsOf, type Edge, type Node } from './graph.js'
import { isSought, same } from './ledger.js'
import { reconcile } from './reconcile.js'
import { retire, sweep } from './retire.js'
import { explain, type Run, silentIn } from './runner.js'
import type { Identity } from './step.js'

export type Outcome =
  | { node: Node; state: 'ready'; observed: Identity }
  | { node: Node; state: 'removed' }
  | { node: Node; state: 'failed'; error: MultiregionError }
  | { node: Node; state: 'skipped'; because: string }

/** Brings every node to its desired state. Never throws; look into the outcomes. */
export function walkUp(nodes: readonly Node[], config: Config, run: Run): Promise<Outcome[]> {
  return walk(nodes, run, neededBy, async (node, outcomes) => {
    const needs = needsOf(node, outcomes, config, run)
    if ('missing' in needs) return skip(node, needs.missing, 'undone', outcomes, run)
    const desired = node.step.desired({ config, env: run.env, site: node.site, needs: needs.found })
    return { node, state: 'ready', observed: await reconcile(node, desired, run) }
  })
}

/** Removes every node, those first that need others. Never throws; look into the outcomes. */
export function walkDown(nodes: readonly Node[], run: Run): Promise<Outcome[]> {
  const reversed = [...nodes].reverse()
  return walk(
    reversed,
    run,
    (node) => dependentsOf(node, nodes),
    async (node, outcomes) => {
      const standing = dependentsOf(node, nodes).find((other) => outcomes.get(other)?.state !== 'removed')
      if (standing) return skip(node, standing.address, 'standing', outcomes, run)
      await retire(node, run)
      return { node, state: 'removed' }
    },
  )
}

/** Removes what replacements left behind, once the walk up has moved everything to the successors. */
export async function sweepSuperseded(outcomes: readonly Outcome[], run: Run): Promise<MultiregionError[]> {
  const errors: MultiregionError[] = []
  for (const { node, state } of outcomes) {
    const moved = outcomes
      .filter((other) => other.node.edges.some((edge) => edge.nodes.includes(node)))
      .every((other) => other.state === 'ready')
    if (state !== 'ready' || !moved) continue
    for (const id of run.ledger.entry(node.address)?.superseded ?? [])
      await sweep(node, id, run).catch((error) => errors.push(explain(error, node)))
  }
  return errors
}

type Work = (node: Node, outcomes: ReadonlyMap<Node, Outcome>) => Promise<Outcome>

async function walk(
  nodes: readonly Node[],
  run: Run,
  before: (node: Node) => Node[],
  work: Work,
): Promise<Outcome[]> {
  const started = new Map<Node, Promise<void>>()
  const outcomes = new Map<Node, Outcome>()
  for (const node of nodes) {
    const go = async () => {
      await Promise.all(before(node).map((other) => started.get(other)))
      outcomes.set(node, await work(node, outcomes).catch((error) => failure(node, error, run)))
    }
    started.set(node, go())
  }
  // An error that is a bug ends the run, but never while another node is in the middle of a move.
  const ends = await Promise.allSettled(started.values())
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return nodes.map((node) => outcomes.get(node)!)
}

const neededBy = (node: Node) => node.edges.flatMap((edge) => edge.nodes)

function failure(node: Node, thrown: unknown, run: Run): Outcome {
  const error = explain(thrown, node)
  if (!(error instanceof CancelledError))
    run.emit({ type: 'step.failed', address: node.address, region: node.site.region, message: error.message })
  return { node, state: 'failed', error }
}

/** After Ctrl-C it goes without saying. */
function skip(
  node: Node,
  because: string,
  goal: 'undone' | 'standing',
  outcomes: ReadonlyMap<Node, Outcome>,
  run: Run,
): Outcome {
  const cause = [...outcomes.values()].find((outcome) => outcome.node.address === because)
  const is = cause?.state === 'failed' && silentIn(cause.error) ? 'unseen' : goal
  const { address, site } = node
  if (!run.signal.aborted) run.emit({ type: 'step.skipped', address, region: site.region, because, is })
  return { node, state: 'skipped', because }
}

type Found = { found: Record<string, unknown> } | { missing: string }

/** The observations that `desired` reads, or the address of one that is missing. */
function needsOf(node: Node, outcomes: ReadonlyMap<Node, Outcome>, config: Config, run: Run): Found {
  const found: Record<string, unknown> = {}
  for (const edge of node.edges) {
    const ready = new Map<Node, Identity>()
    for (const other of edge.nodes) {
      const outcome = outcomes.get(other)
      const observed = outcome?.state === 'ready' ? outcome.observed : lastKnown(edge, other, config, run)
      if (observed) ready.set(other, observed)
      else if (edge.reach !== 'available' || isHeldFor(node, other, run)) return { missing: other.address }
    }
    if (ready.size === 0 && edge.reach !== 'inRegion' && edge.reach !== 'everywhere')
      return { missing: edge.nodes[0]?.address ?? edge.as }
    found[edge.as] = shape(edge, ready)
  }
  return { found }
}

/**
 * A region that fails now but was ready before keeps its record: its health check decides, not our trouble to reach it. And
 * what is no region's holds up none, if it was put there as it is wanted now.
 */
export function lastKnown(edge: Edge, node: Node, config: Config, run: Run): Identity | undefined {
  const entry = run.ledger.entry(node.address)
  if (!entry?.settled) return undefined
  const isKnown =
    edge.reach === 'available' || (node.step.global && same(entry.desired, wanted(node, config, run)))
  return isKnown ? (entry.observed as Identity) : undefined
}

/** What stands does not change before all is seen that it was made of: a rebuild may have left some of that to be sought. */
const isHeldFor = ({ address }: Node, other: Node, run: Run): boolean =>
  run.ledger.entry(address)?.id !== undefined && isUnseen(other, run)

/** It, or what it is made of, could not be looked at by a rebuild. */
function isUnseen({ address, edges }: Node, run: Run): boolean {
  const entry = run.ledger.entry(address)
  if (entry) return isSought(entry)
  return edges.some(({ nodes }) => nodes.some((other) => isUnseen(other, run)))
}

const wanted = ({ step, site }: Node, config: Config, { env }: Run): unknown =>
  step.desired({ config, env, site, needs: {} as never })

/** One observation for `here`, else a map by function key, or by region where the step has no name. */
export function shape(edge: Edge, ready: ReadonlyMap<Node, Identity>): unknown {
  if (edge.reach === 'here') return [...ready.values()][0]
  return new Map([...ready].map(([{ site }, observed]) => [site.name ?? site.region, observed]))
}
