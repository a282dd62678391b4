// The deployment graph: nodes are instances of steps, edges are their needs. Built once per run, from the config on
// the way up and from what the state recorded on the way down, and walked both ways by `walk.ts`.
import { type AnyStep, addressOf, type Need, type Reach, type Site } from './step.js'

export interface Edge {
  /** The property of `needs` that this edge fills. */
  readonly as: string
  readonly reach: Reach
  readonly nodes: readonly Node[]
}

export interface Node {
  readonly step: AnyStep
  readonly site: Site
  readonly address: string
  readonly edges: readonly Edge[]
}

/** Nodes in the order of the procedure. `sitesOf` says where each step stands. */
export function buildGraph(steps: readonly AnyStep[], sitesOf: (step: AnyStep) => readonly Site[]): Node[] {
  const nodes = new Map<AnyStep, Node[]>()
  for (const step of steps) {
    nodes.set(
      step,
      sitesOf(step).map((site) => ({
        step,
        site,
        address: addressOf(step, site),
        edges: Object.entries(step.needs as Record<string, Need<unknown>>).map(([as, need]) => ({
          as,
          reach: need.reach,
          nodes: reached(need, site, nodes.get(need.step)),
        })),
      })),
    )
  }
  return [...nodes.values()].flat()
}

function reached(
  { step, reach }: Need<unknown>,
  site: Site,
  candidates: readonly Node[] | undefined,
): Node[] {
  if (!candidates) throw new Error(`${step.kind} must come before the steps that need it`)
  const sameRegion = candidates.filter((node) => node.site.region === site.region)
  switch (reach) {
    case 'here': {
      const mine = sameRegion.filter((node) => !node.site.name || !site.name || node.site.name === site.name)
      return mine.length ? mine.slice(0, 1) : candidates.length === 1 ? [...candidates] : []
    }
    case 'inRegion':
      return sameRegion
    default:
      return [...candidates]
  }
}

/** The nodes that need this one, for the way down. */
export const dependentsOf = (node: Node, nodes: readonly Node[]): Node[] =>
  nodes.filter((other) => other.edges.some((edge) => edge.nodes.includes(node)))
