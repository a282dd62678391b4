// What of a stack stands in the cloud whatever its state says: where to look, and how it is recorded once it is found.
// `state rebuild` makes a state of it, and `down` looks once more before the state goes.
import type { Config } from '../config/schema.js'
import { buildGraph, type Node } from '../engine/graph.js'
import { type Entry, isSought, type StackState } from '../engine/ledger.js'
import type { Run } from '../engine/runner.js'
import { ownersOf, type Sighting, survey, type Unseen } from '../engine/survey.js'
import { procedure } from '../steps/index.js'
import { policyRecord } from '../steps/policy-record.js'
import { validationRecord } from '../steps/validation-record.js'
import { explained, ifAnswered } from './preflight.js'
import { recordedEnv, runOf, type Session } from './session.js'
import { wantedNodes } from './stack.js'

/** Of the instances of a step that differ only by name, one in each region. */
export const oneOfEach = (nodes: readonly Node[]): Node[] => [
  ...new Map(nodes.map((node) => [`${node.step.kind}/${node.site.region}`, node])).values(),
]

/** The config with the regions and the home that the state knows: what has left the one may still stand. Pure. */
export const withFormerRegions = ({ config, ledger: { state } }: Session): Config => ({
  ...config,
  home: state.home as Config['home'],
  regions: [...new Set([...config.regions, ...(state.regions as Config['regions'])])],
})

/** What the config asks for, and the functions with all that is theirs which left it. Reads only. */
export async function everyNode(session: Session, run: Run, partly = false): Promise<Node[]> {
  const config = withFormerRegions(session)
  const listing = oneOfEach(wantedNodes({ config })).filter(({ step }) => step.keys)
  const keys = new Map<string, Set<string>>(
    config.regions.map((region) => [region, new Set(config.functions.map(({ key }) => key))]),
  )
  const list = async (node: Node) => {
    const asked = node.step.keys!(run.context(node, ''), config)
    const found = await (partly ? ifAnswered(asked, []) : explained(asked))
    for (const key of found) keys.get(node.site.region)?.add(key)
  }
  await Promise.all(listing.map(list))
  return buildGraph(procedure, (step) => {
    const sites = (step.formerSites ?? step.sites)(config)
    const byFunction = sites.some(({ name }) => name !== undefined)
    if (!byFunction) return sites
    return config.regions.flatMap((region) => [...(keys.get(region) ?? [])].map((name) => ({ region, name })))
  })
}

/**
 * What a fresh look shows of ours, without the code; where the zone is not known, without its records. Reads only. Throws
 * MultiregionError where a region does not answer, unless `partly`.
 */
export async function lookOnceMore(session: Session, run: Run, partly = false): Promise<Sighting[]> {
  const hasEnv = ({ step }: Node) => run.env.hostedZone.id !== '' || !IN_ZONE.has(step.kind)
  const isWhole = (node: Node) => !node.step.named && hasEnv(node)
  const nodes = await everyNode(session, run, partly)
  const sightings = await survey(nodes, isWhole, withFormerRegions(session), run, partly ? [] : undefined)
  return (await ownersOf(sightings, run)).ours.filter(({ observed }) => !observed.leaving)
}

const IN_ZONE: ReadonlySet<string> = new Set([policyRecord.kind, validationRecord.kind])

/** As a state has them. Pure. */
export function entriesOf(sightings: readonly Sighting[]): Record<string, Entry> {
  const entries: Record<string, Entry> = {}
  for (const { node, desired, observed, others } of sightings) {
    const settled = node.step.readiness(observed, desired).state === 'ready'
    entries[node.address] = {
      id: observed.id,
      desired,
      ...(settled && { settled, observed }),
      ...(others.length > 0 && { superseded: others }),
    }
  }
  return entries
}

/** What to look for where a region did not answer: neither settled nor observed, it is no fact. Pure. */
export const soughtEntries = (unseen: readonly Unseen[]): Record<string, Entry> =>
  Object.fromEntries(unseen.map(({ node, desired }) => [node.address, { desired }]))

/** What the article's failover sets is not in the config unless somebody wants it so. */
export function drainedAmong(
  sightings: readonly Sighting[],
  { config, target }: Session,
): StackState['drained'] {
  const isDrained = ({ node: { step, site }, desired, observed }: Sighting) =>
    step.kind === 'function' &&
    site.name === config.healthCheck.function &&
    statusOf(observed) === '404' &&
    statusOf(desired) !== '404'
  const since = target.world.date().toISOString()
  return Object.fromEntries(
    sightings.filter(isDrained).map(({ node }) => [node.site.region, { mode: 'article' as const, since }]),
  )
}

const statusOf = (one: unknown) => (one as { environment?: { status?: string } }).environment?.status

/**
 * What a rebuild could not see, as far as it answers by now: recorded with all that hangs on it, as it may by now stand
 * otherwise than the config has it. Reads the cloud only.
 */
export async function lookForSought(session: Session): Promise<void> {
  const { entries, home } = session.ledger.state
  // With another home it would look for other things; whoever must not work with that refuses.
  if (home !== session.config.home || !Object.values(entries).some(isSought)) return
  await recordNews(session, await lookOnceMore(session, runOf(session, recordedEnv(session)), true))
}

/** True if the state did not know all of it. */
export async function recordNews(session: Session, found: readonly Sighting[]): Promise<boolean> {
  const { state } = session
  const { entries, drained } = state.read()
  const isNews = ({ node: { address } }: Sighting) => !entries[address] || isSought(entries[address])
  const news = found.filter(isNews)
  if (news.length === 0) return false
  await state.save({
    ...state.read(),
    entries: { ...entries, ...entriesOf(news) },
    drained: { ...drainedAmong(news, session), ...drained },
  })
  return true
}
