// `down`: the graph walked backwards over what the state recorded, so it works whatever the config says by now. What
// cannot go yet stays in the state, is listed, and the same command goes on.
import { type MultiregionError, PartialError } from '../base/errors.js'
import { dependentsOf, type Node } from '../engine/graph.js'
import type { Run } from '../engine/runner.js'
import type { Identity } from '../engine/step.js'
import { findStrangers, type Stranger } from '../engine/stranger.js'
import { walkDown } from '../engine/walk.js'
import { failWith } from './failure.js'
import { refuseLost } from './lost.js'
import { type DownResult, SCHEMA_VERSION } from './result.js'
import { recordedEnv, refuseOtherHome, runOf, type Session } from './session.js'
import { forgetState } from './settle.js'
import { recordedNodes } from './stack.js'
import { lookForSought, lookOnceMore, recordNews } from './standing.js'
import type { Tally } from './tally.js'
import { errorsOf } from './up.js'
import { refuseUsed } from './used.js'

export interface DownOptions {
  readonly keepData: boolean
  /** Asked with the tables whose items would be lost, and again if a last look finds more; false removes none of them. */
  confirm(tables: readonly string[], resources: number): Promise<boolean>
}

/** Undefined if the user said no. Throws MultiregionError; PartialError names what is left. */
export async function down(
  session: Session,
  tally: Tally,
  options: DownOptions,
): Promise<DownResult | undefined> {
  const { config, ledger, emit } = session
  const all = recordedNodes(session)
  if (session.fresh && all.length === 0) await refuseLost(session)
  // The table of a shared state is found by the config alone.
  if (session.shared) refuseOtherHome(config, ledger.state)
  const run = runOf(session, recordedEnv(session))
  await lookForSought(session)
  emit({
    type: 'run.started',
    verb: 'down',
    stack: config.stack,
    regions: config.regions,
    nodes: removable(session, options).length,
  })
  await refuseUsed(session, run, () => removable(session, options))
  const hasNone = () => Object.keys(ledger.state.entries).length === 0
  if (!(await removeRecorded(session, options, run))) return undefined
  if ((!session.fresh || session.shared) && hasNone()) {
    // Another state of the same lineage may have made more: the state goes only when a fresh look shows nothing of ours.
    const hasMore = await recordNews(session, await lookOnceMore(session, run))
    if (hasMore && !(await removeRecorded(session, options, run))) return undefined
    if (hasNone()) await forgetState(session, run.env)
  }
  emit({ type: 'run.finished', verb: 'down', seconds: session.seconds() })
  const moves = tally.moves()
  return {
    schemaVersion: SCHEMA_VERSION,
    verb: 'down',
    stack: config.stack,
    changed: moves.removed.length > 0,
    ...moves,
    kept: Object.keys(ledger.state.entries),
    calls: tally.calls,
    seconds: session.seconds(),
  }
}

const removable = (session: Session, { keepData }: DownOptions) =>
  recordedNodes(session).filter(({ step }) => !keepData || !step.data)

/** False if the user said no. Throws PartialError with what stays. */
async function removeRecorded(session: Session, options: DownOptions, run: Run): Promise<boolean> {
  const nodes = removable(session, options)
  if (nodes.length === 0) return true
  if (!(await options.confirm(tablesAmong(session, nodes), nodes.length))) return false
  const strangers = await findStrangers(nodes, run)
  const outcomes = await walkDown(untouchedBy(strangers, nodes, session), run)
  const errors = [...strangers.map(({ error }) => error), ...errorsOf(outcomes)]
  if (errors.length > 0) throw withLeft(failWith(errors, 'down'), removable(session, options))
  // The functions that answered 404 are gone; kept tables must not come back with a drained region.
  const { ledger } = session
  for (const region of Object.keys(ledger.state.drained)) await ledger.restore(region)
  return true
}

/** What still has to go is told with the reason, one line a region. */
function withLeft(error: MultiregionError, left: readonly Node[]): MultiregionError {
  if (!(error instanceof PartialError)) return error
  const regions = new Set(left.map(({ site }) => site.region))
  const namesIn = (region: string) =>
    left.flatMap(({ step, site }) =>
      site.region === region ? [site.name ? `${step.kind} ${site.name}` : step.kind] : [],
    )
  const lines = [...regions].map((region) => `Left in ${region}: ${namesIn(region).join(', ')}`)
  const data = { ...error.data, left: left.map(({ address }) => address) }
  return new PartialError([error.message, ...lines].join('\n'), error.hint, data)
}

/**
 * What is foreign by its marks stays, whatever this state says, and so does what it needs; and what carries no marks and
 * was made for it among others: the record that proves the domain to a certificate.
 */
function untouchedBy(strangers: readonly Stranger[], nodes: readonly Node[], { ledger }: Session): Node[] {
  const stays = new Set(strangers.map(({ node }) => node))
  const isMarked = ({ address }: Node) => (ledger.entry(address)?.observed as Identity | undefined)?.lineage
  const isFor = ({ reach, nodes: some }: Node['edges'][number]) =>
    reach === 'available' && some.some((other) => stays.has(other))
  for (const node of nodes) if (!isMarked(node) && node.edges.some(isFor)) stays.add(node)
  for (const node of [...nodes].reverse())
    if (dependentsOf(node, nodes).some((other) => stays.has(other))) stays.add(node)
  return nodes.filter((node) => !stays.has(node))
}

/** `MyGlobalTable in eu-west-1`, for the question. */
function tablesAmong({ ledger }: Session, nodes: ReturnType<typeof recordedNodes>): string[] {
  return nodes
    .filter(({ step }) => step.kind === 'table' || step.kind === 'replica')
    .map(({ address, site }) => {
      const desired = ledger.entry(address)?.desired as { tableName?: string } | undefined
      return `${desired?.tableName ?? address} in ${site.region}`
    })
}
