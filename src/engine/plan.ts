// The walk without moves: looks at every node and says what `up` would do. It shares look, diff and graph with the way
// up, so the two cannot disagree. What depends on something that is not there yet is "known after" it.
import { kindOf } from '../aws/errors.js'
import type { MultiregionError } from '../base/errors.js'
import type { FieldChange, Move } from '../base/events.js'
import type { Config } from '../config/schema.js'
import { againstAdoption, isToAdopt, nothingToAdopt } from './adoption.js'
import type { Node } from './graph.js'
import { look, observe } from './look.js'
import { immutable } from './refusal.js'
import { explain, passes, type Run } from './runner.js'
import type { Change, Identity } from './step.js'
import { lastKnown, shape } from './walk.js'

export interface PlannedChange {
  readonly address: string
  readonly action: Move
  readonly fields: readonly FieldChange[]
  /** It stands, and whether it changes is known only after this one did. */
  readonly after?: string
}

export interface Plan {
  readonly changes: readonly PlannedChange[]
  readonly errors: readonly MultiregionError[]
  /** What every node looks like now. */
  readonly looks: readonly Look[]
}

export interface Look {
  readonly node: Node
  readonly observed?: Identity
  readonly change?: PlannedChange
  readonly error?: MultiregionError
  /** Set where what it needs is not there yet. */
  readonly after?: string
  /** Why it is not ready, from the step's readiness. */
  readonly pending?: string
  readonly failed?: string
}

/** Never throws; errors are in the plan. */
export async function plan(nodes: readonly Node[], config: Config, run: Run): Promise<Plan> {
  const looks = new Map<Node, Promise<Look>>()
  for (const node of nodes) {
    const go = async (): Promise<Look> => {
      const needed = await Promise.all(
        node.edges.flatMap((edge) => edge.nodes).map((other) => looks.get(other)!),
      )
      return lookAt(node, needed, config, run)
    }
    looks.set(
      node,
      go().catch((error) => ({ node, error: explain(error, node) })),
    )
  }
  const all = await Promise.all(looks.values())
  return {
    looks: all,
    changes: all.flatMap((look) => look.change ?? []),
    errors: all.flatMap((look) => look.error ?? []),
  }
}

async function lookAt(node: Node, needed: readonly Look[], config: Config, run: Run): Promise<Look> {
  const entry = run.ledger.entry(node.address)
  const needs = needsOf(node, needed, config, run)
  if ('missing' in needs) {
    const observed = entry?.id && entry.desired ? await seen(node, entry.desired, run) : undefined
    const namesake = entry?.id ? undefined : await byName(node, config, run)
    if (namesake?.owned === false) return adoption(node, namesake, run)
    if (isToAdopt(node, run) && !observed && !namesake) return { node, error: nothingToAdopt(node) }
    const after = needs.missing
    if (!node.step.create && !node.step.update) return { node, after, ...(observed && { observed }) }
    const { address } = node
    if (observed) return { node, observed, after, change: { address, action: 'update', fields: [], after } }
    return { node, after, change: { address, action: 'create', fields: [] } }
  }
  const desired = node.step.desired({ config, env: run.env, site: node.site, needs: needs.found })
  const observed = await seen(node, desired, run).catch((error) => {
    throw barred(node, desired, entry?.settled ? entry.observed : undefined) ?? error
  })
  if (observed && !observed.owned) return adoption(node, observed, run, desired)
  if (!observed && isToAdopt(node, run)) return { node, error: nothingToAdopt(node) }
  if (!observed || observed.leaving) {
    if (!node.step.create) return { node, pending: 'not there yet' }
    return { node, change: { address: node.address, action: 'create', fields: [] } }
  }
  return { node, observed, ...difference(node, desired, observed) }
}

/** What stands under our name, where a look proper has to wait for the needs. */
async function byName(node: Node, config: Config, run: Run): Promise<Identity | undefined> {
  const named = node.step.named?.({ config, site: node.site, needs: {} })
  return named && seen(node, named, run)
}

/** Of what is not ours: a refusal, or what would become of it. */
function adoption(node: Node, observed: Identity, run: Run, desired?: unknown): Look {
  const error = againstAdoption(node, observed, run, desired)
  if (error) return { node, observed, error }
  const { address, step } = node
  const readiness = desired === undefined ? undefined : step.readiness(observed, desired)
  const fields = readiness?.state === 'ready' ? fieldsOf(step.diff(desired, observed)) : []
  const pending = readiness?.state === 'pending' ? readiness.reason : undefined
  return { node, observed, change: { address, action: 'adopt', fields }, ...(pending && { pending }) }
}

const fieldsOf = (changes: readonly Change[]): FieldChange[] =>
  changes.map(({ field, from, to }) => ({ field, from, to }))

/**
 * What can never come about is told at once, ready or not, also by what was seen last; what AWS does not show yet is no
 * difference.
 */
function barred(node: Node, desired: unknown, observed: unknown): MultiregionError | undefined {
  if (!observed || node.step.replace === 'create-first') return undefined
  const changes: Change[] = node.step.diff(desired, observed)
  const isBarred = changes.some((change) => change.immutable && change.from !== undefined)
  return isBarred ? immutable(node, changes) : undefined
}

function difference(node: Node, desired: unknown, observed: Identity): Partial<Look> {
  const error = barred(node, desired, observed)
  if (error) return { error }
  const readiness = node.step.readiness(observed, desired)
  if (readiness.state === 'pending') return { pending: readiness.reason }
  if (readiness.state === 'failed') return { failed: readiness.reason }
  const changes: Change[] = node.step.diff(desired, observed)
  if (changes.length === 0) return {}
  const action = changes.some((change) => change.immutable) ? 'replace' : 'update'
  return { change: { address: node.address, action, fields: fieldsOf(changes) } }
}

/** Doubts an absence only where the resource was there before: what is half made is the way up's to wait for. */
async function seen(node: Node, desired: unknown, run: Run): Promise<Identity | undefined> {
  const settled = run.ledger.entry(node.address)?.settled
  for (let tries = 1; ; tries++) {
    try {
      const observed = await (settled ? look(node, desired, run) : observe(node, desired, run))
      // Owner marks lag: what seems to be another's is not said to be so at first sight.
      return observed && !observed.owned ? await look(node, desired, run) : observed
    } catch (error) {
      // What does not answer was tried several times by the SDK already; a look should not take minutes.
      const later = passes(error, node) && kindOf(error) !== 'unavailable'
      if (!later || tries === 5) throw explain(error, node)
      await run.clock.sleep(node.step.patience.everySeconds, run.signal)
    }
  }
}

type Found = { found: Record<string, unknown> } | { missing: string }

function needsOf(node: Node, needed: readonly Look[], config: Config, run: Run): Found {
  const byNode = new Map(needed.map((look) => [look.node, look]))
  const found: Record<string, unknown> = {}
  for (const edge of node.edges) {
    const known = new Map<Node, Identity>()
    for (const other of edge.nodes) {
      const look = byNode.get(other)
      // What was never ready may lack what others read of it.
      const isUnripe = (look?.pending || look?.failed) && !run.ledger.entry(other.address)?.settled
      const { action, after } = look?.change ?? {}
      const mayGo = action === 'replace' || (after !== undefined && other.step.replace === 'create-first')
      const stays = isUnripe || mayGo ? undefined : look?.observed
      const observed = stays ?? (look?.error && lastKnown(edge, other, config, run))
      if (!observed) return { missing: other.address }
      known.set(other, observed)
    }
    if (edge.reach === 'here' && known.size === 0) return { missing: edge.as }
    found[edge.as] = shape(edge, known)
  }
  return { found }
}
