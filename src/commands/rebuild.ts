// `state rebuild`: makes the state anew from what stands in the cloud, after the file is gone or damaged. It finds the
// lineage by the owner tags, then everything of that lineage; it only reads the cloud, and writes the state when agreed.
import { MultiregionError } from '../base/errors.js'
import type { Config } from '../config/schema.js'
import type { Node } from '../engine/graph.js'
import type { StackState } from '../engine/ledger.js'
import type { Run } from '../engine/runner.js'
import { ownersOf, type Sighting, survey, type Unseen } from '../engine/survey.js'
import { mergeLate } from '../state/late.js'
import { pointerTo, writePointer } from '../state/pointer.js'
import { reasonOf } from './failure.js'
import { ifAnswered, preflight } from './preflight.js'
import { type RebuildResult, SCHEMA_VERSION } from './result.js'
import { runOf, type Session } from './session.js'
import { begunLineage, noteMove } from './settle.js'
import { functionAddress, wantedNodes } from './stack.js'
import { drainedAmong, entriesOf, everyNode, oneOfEach, soughtEntries } from './standing.js'

export interface RebuildOptions {
  /** Which one, where resources of several lineages stand under this stack's names. */
  readonly lineage?: string
  /** Asked with what was found; false ends before the state is written. */
  confirm(what: Pick<RebuildResult, 'found' | 'leftOut' | 'unseen'>): Promise<boolean>
}

/** Undefined if the user said no. The session was opened without its state. Throws MultiregionError. */
export async function rebuild(session: Session, options: RebuildOptions): Promise<RebuildResult | undefined> {
  const { config, state } = session
  const { env } = await preflight(session, true)
  const wanted = new Set(wantedNodes(session).map(({ address }) => address))
  const nodes = await everyNode(session, runOf(session, env), true)
  const look = (run: Run, unseen: Unseen[]) =>
    survey(nodes, ({ address }) => wanted.has(address), config, run, unseen)
  const known = options.lineage ?? lineageOf(session)
  const begun = await begunLineage(session, env)
  const first = await look(runOf(session, env), [])
  const lineage = known ?? onlyLineage(first, session) ?? begun ?? beginsAnew(session)
  const { shared } = session
  // Later than the file that a table says its state went to, as this one takes its place.
  const serial = Math.max(state.read().serial, shared?.moved?.serial ?? 0)
  state.assume({ ...state.read(), lineage, serial })
  await session.target.clock.sleep(LAG_SECONDS, session.signal)
  const run = runOf(session, env)
  await refuseOtherConfig(config, nodes, run)
  const silent: Unseen[] = []
  const { ours: sightings, others } = await ownersOf(await look(run, silent), run)
  if (sightings.length === 0 && silent.length > 0) throw silent[0]!.error
  if (sightings.length === 0 && known !== undefined && known !== begun) throw nothingOf(lineage)
  const what = { found: namesOf(sightings), leftOut: leftOutOf(others, wanted), unseen: reasonsOf(silent) }
  if (!(await options.confirm(what))) return undefined
  const aside = await state.setAside()
  if (shared)
    await writePointer(session.target.stateFile, pointerTo(shared.table, state.read()), session.target.world)
  const entries = { ...soughtEntries(silent), ...entriesOf(sightings) }
  const drained = drainedAmong(sightings, session)
  await state.save(withFormer({ ...state.read(), entries, drained }, session, silent))
  noteMove(session)
  return {
    schemaVersion: SCHEMA_VERSION,
    verb: 'state rebuild',
    stack: config.stack,
    lineage,
    ...what,
    drained: Object.keys(state.read().drained),
    file: state.where,
    ...(aside && { aside }),
  }
}

const namesOf = (sightings: readonly Sighting[]) =>
  sightings.map(({ node, observed }) => ({ address: node.address, id: observed.id }))

/** What could be taken over with `--adopt` says so. */
const leftOutOf = (others: readonly Sighting[], wanted: ReadonlySet<string>) =>
  others.map(({ node: { address, step }, observed: { id, stack } }) => ({
    address,
    id,
    adoptable: wanted.has(address) && step.adopt !== undefined && stack === undefined,
  }))

const reasonsOf = (unseen: readonly Unseen[]) =>
  unseen.map(({ node, error }) => ({ address: node.address, reason: reasonOf(error) }))

/** An empty state says nothing of whose it is that stands. */
function lineageOf({ fresh, former }: Session): string | undefined {
  const isEmpty = fresh || !former || Object.keys(former.entries).length === 0
  return isEmpty ? undefined : former.lineage
}

const FIELDS = {
  domain: 'domain',
  home: 'first of the regions',
  regions: 'one more region',
  'table.name': 'table.name',
}

/** What stands under names that this config has not: no rebuild with it would find that. Throws MultiregionError. */
async function refuseOtherConfig(config: Config, nodes: readonly Node[], run: Run) {
  const others = await Promise.all(
    oneOfEach(nodes).map((node) =>
      ifAnswered(node.step.otherConfig?.(run.context(node, ''), config) ?? Promise.resolve([]), []),
    ),
  )
  const all = new Map(others.flat().map((one) => [`${one.field} ${one.value}`, one]))
  if (all.size === 0) return
  const said = [...all.values()].map(({ field, value, id }) => `${FIELDS[field]} ${value} (${id})`)
  throw new MultiregionError(
    'other-config',
    `What stands was made with another config: ${said.join(', ')}`,
    'Nothing was written. Put these into the config as they were and run multiregion state rebuild again; none of them can change in place, so multiregion down comes before such an edit.',
  )
}

/** AWS: lists show what is new after some seconds, and what a dying run had sent arrives after its end. */
const LAG_SECONDS = 10

/** Where nothing carries our marks, a state that nobody can read gives way to an empty one. Throws MultiregionError. */
function beginsAnew({ config, state, damaged }: Session): string {
  if (damaged) return state.read().lineage
  throw new MultiregionError(
    'nothing-found',
    `Nothing in ${config.regions.join(', ')} carries the owner tags of ${config.stack}`,
    'If the stack stands in another account or has another name or stage, use those; else multiregion up makes it.',
  )
}

/** Undefined where nothing has one. */
function onlyLineage(sightings: readonly Sighting[], { config }: Session): string | undefined {
  const lineages = new Map<string, string>()
  for (const { node, observed } of sightings)
    if (observed.lineage !== undefined) lineages.set(observed.lineage, node.address)
  const [only, ...others] = lineages.keys()
  if (others.length > 0)
    throw new MultiregionError(
      'several-lineages',
      `Resources of ${lineages.size} states stand under the names of ${config.stack}: ${[...lineages].map(([lineage, address]) => `${lineage} (${address})`).join(', ')}`,
      `Say which one is yours: multiregion state rebuild --lineage ${only}`,
    )
  return only
}

/** Listings lag: what the state before knew and nobody saw just now is to be looked for; so is what did not answer. */
function withFormer(state: StackState, { former, config }: Session, silent: readonly Unseen[]): StackState {
  if (former?.lineage !== state.lineage) return state
  const isSilent = (region: string) =>
    silent.some(({ node }) => node.address === functionAddress(config, region))
  const known = Object.entries(former.drained).filter(([region]) => isSilent(region))
  return mergeLate({ ...state, drained: { ...state.drained, ...Object.fromEntries(known) } }, former).state
}

const nothingOf = (lineage: string) =>
  new MultiregionError(
    'nothing-found',
    `Nothing that stands carries the lineage ${lineage}`,
    'If another state made it, say which: multiregion state rebuild --lineage LINEAGE, as the tag multiregion:lineage has it.',
  )
