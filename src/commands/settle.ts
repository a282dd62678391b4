// Puts the state where the config wants it: makes and mends the control table, moves the state in or out, and takes the
// table away with the last of the stack. Which place counts until then is `place.ts`'s.
import { DescribeTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { orAbsent } from '../aws/errors.js'
import { ForeignResourceError, LockedError, type MultiregionError } from '../base/errors.js'
import type { Config } from '../config/schema.js'
import type { Env } from '../engine/env.js'
import { buildGraph, type Node } from '../engine/graph.js'
import { type Entry, Ledger, type StackState } from '../engine/ledger.js'
import { observe } from '../engine/look.js'
import { type PlannedChange, plan } from '../engine/plan.js'
import type { Run } from '../engine/runner.js'
import { walkDown, walkUp } from '../engine/walk.js'
import { itemOfTerm, keptIn, lookAround, type Term, tell, termOf } from '../state/control-table.js'
import { StateFile } from '../state/file.js'
import { pointerTo, removePointer, writePointer } from '../state/pointer.js'
import { TableStore } from '../state/table-store.js'
import { controlConfig, controlProcedure } from '../steps/control-table.js'
import { failWith } from './failure.js'
import { type Shared, tableOf } from './place.js'
import { unfinished } from './place-error.js'
import { hold } from './place-table.js'
import { ifAnswered } from './preflight.js'
import { runOf, type Session } from './session.js'
import { takeover } from './takeover.js'

export interface Settling {
  readonly changes: readonly PlannedChange[]
  readonly errors: readonly MultiregionError[]
  /** True if `settlePlace` has something to do. */
  readonly hasWork: boolean
}

const isInTable = ({ state }: Session) => state.place instanceof TableStore
const stands = (shared: Shared | undefined) => shared !== undefined && shared.sighting.readable.length > 0

/** Reads only. What `up` has to do about the place of the state before anything else. */
export async function planPlace(session: Session, env: Env): Promise<Settling> {
  const { config, shared } = session
  const nodes = nodesOf(session)
  if (config.state.backend === 'file') {
    if (!stands(shared)) return { changes: [], errors: [], hasWork: shared !== undefined }
    const changes = nodes.map(({ address }) => ({ address, action: 'remove' as const, fields: [] }))
    return { changes, errors: [], hasWork: true }
  }
  const { changes, errors: all, looks } = await plan(nodes, tableConfig(session), runBeside(session, env))
  const errors = all.map((error) => begunByOther(error, session))
  const isOpen = looks.some(({ pending, failed }) => pending || failed)
  return { changes, errors, hasWork: changes.length > 0 || isOpen || !wasInTable(session) }
}

/** Also for who only reads it there. */
const wasInTable = (session: Session) => !(session.state.place instanceof StateFile)

/** Where two machines begin a stack at once, one is too late: that is a lock, and nothing foreign. */
function begunByOther(error: MultiregionError, session: Session): MultiregionError {
  const isBegun = session.fresh && error instanceof ForeignResourceError && error.data.lineage !== undefined
  return isBegun ? unfinished(tableOf(session.config, session.target)) : error
}

/** The lineage that a control table names which holds no state that can be read, as far as it answers. Reads only. */
export async function begunLineage(session: Session, env: Env): Promise<string | undefined> {
  if (!stands(session.shared)) return undefined
  const run = runBeside(session, env)
  for (const node of nodesOf(session)) {
    const { desired } = entryOf(node, session, env)
    const seen = await ifAnswered(observe(node, desired, run), undefined)
    if (seen?.lineage) return seen.lineage
  }
  return undefined
}

/** Tells where `up` moves a state that is not where the config wants it. */
export function noteMove({ config, target, state, emit }: Session): void {
  const isShared = config.state.backend === 'global-table'
  const isThere = isShared !== state.place instanceof StateFile
  if (isThere || Object.keys(state.read().entries).length === 0) return
  const to = isShared
    ? `table ${tableOf(config, target).name}`
    : `the file ${target.stateFile} of this machine`
  emit({
    type: 'run.noted',
    text: `the state is in ${state.where}; as the config says, up moves it to ${to}`,
  })
}

/** Before the first write of `up`. What could not be mended but is no reason to stop is in the answer. Throws MultiregionError. */
export async function settlePlace(session: Session, env: Env): Promise<MultiregionError[]> {
  if (session.config.state.backend === 'file') {
    if (session.shared) await moveToFile(session, session.shared, env)
    return []
  }
  const { config, target, ledger } = session
  await writePointer(target.stateFile, pointerTo(tableOf(config, target), ledger.state), target.world)
  const nodes = nodesOf(session)
  const outcomes = await walkUp(nodes, tableConfig(session), runBeside(session, env))
  const errors = outcomes.flatMap((outcome) =>
    outcome.state === 'failed' ? [begunByOther(outcome.error, session)] : [],
  )
  const [first] = outcomes
  // With the state in another region's replica the run has all it needs: the table's own home is mended when it is back.
  if (isInTable(session)) return errors
  if (first?.state !== 'ready') throw failWith(errors, 'up')
  await moveToTable(session)
  return errors
}

async function moveToTable(session: Session): Promise<void> {
  const { config, target, state } = session
  const { world } = target
  const table = tableOf(config, target)
  const sighting = await lookAround(table, config.regions)
  const term = sighting.terms.at(-1) ?? (await firstTerm(session))
  const lease = await hold(session, table, term, session.lockAs ?? 'multiregion up')
  const shared: Shared = { table, sighting: { ...sighting, readable: config.regions }, lease }
  session.share(shared)
  const kept = await keptIn(table, term.region, term)
  if (kept.generations.length > 0 && !kept.moved) throw begunElsewhere(table.name)
  const store = new TableStore(table, lease, state.read(), kept, world)
  await store.save(state.read())
  const { place } = state
  state.moveTo(store)
  if (place instanceof StateFile) await place.leave()
}

async function firstTerm({ config, target }: Session): Promise<Term> {
  const table = tableOf(config, target)
  const term = termOf(1, config.home)
  const put = new PutItemCommand({
    TableName: table.name,
    Item: itemOfTerm(term, target.world.date().toISOString()),
    ConditionExpression: 'attribute_not_exists(pk)',
  })
  await table
    .dynamodb(config.home)
    .send(put)
    .catch((error) => {
      // Another machine was quicker, or an answer was lost.
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return
      throw tell(error, table.name, config.home)
    })
  return term
}

async function moveToFile(session: Session, shared: Shared, env: Env): Promise<void> {
  const { state, target, guard } = session
  const { world, stateFile } = target
  const { place } = state
  if (place instanceof TableStore) {
    const file = new StateFile(stateFile, state.read(), world, guard)
    await file.save(state.read())
    const { lineage, serial } = file.read()
    const { host } = world.processes.self()
    await place.leaveTo({ host, file: stateFile, lineage, serial, at: world.date().toISOString() })
    state.moveTo(file)
  }
  await removeTable(session, shared, env, 'up')
}

/** Nothing of the stack is left: its state goes, and at last the table in which it was. Throws MultiregionError. */
export async function forgetState(session: Session, env: Env): Promise<void> {
  const { shared, state, target, guard } = session
  if (shared) {
    await bringHome(session, shared)
    await removeTable(session, shared, env, 'down')
  }
  // A state that was not there leaves its backup, which may be all that is known of what stands.
  if (!session.fresh) await new StateFile(target.stateFile, state.read(), target.world, guard).remove()
}

/**
 * The region from which a table's replicas were added goes last (AWS), so the state has to be there while they go: else who
 * ends a `down` that was broken off finds no home.
 */
async function bringHome({ config, target, emit, lockAs }: Session, { sighting, lease }: Shared) {
  const to = config.home
  if (!lease || lease.term.region === to || !sighting.readable.includes(to)) return
  await lease.release()
  await takeover(config, target, { to, force: false, command: lockAs ?? 'multiregion down', emit })
}

async function removeTable(session: Session, shared: Shared, env: Env, verb: string): Promise<void> {
  const { target } = session
  if (stands(shared)) {
    const whole = { ...session, config: await withItsReplicas(session, shared) }
    shared.lease?.abandon()
    const outcomes = await walkDown(nodesOf(whole), runBeside(whole, env, true))
    const errors = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []))
    if (errors.length > 0) throw failWith(errors, verb)
  }
  await removePointer(target.stateFile, target.world)
  session.share(undefined)
}

/** The config with every region of the table: another machine may have begun a replica that neither state nor config has. */
async function withItsReplicas({ config }: Session, { table, sighting }: Shared): Promise<Config> {
  const describe = new DescribeTableCommand({ TableName: table.name })
  const listed = sighting.readable.map(async (region) => {
    const found = await ifAnswered(orAbsent(table.dynamodb(region).send(describe)), undefined)
    return (found?.Table?.Replicas ?? []).map(({ RegionName }) => RegionName as Config['home'])
  })
  return { ...config, regions: [...new Set([...config.regions, ...(await Promise.all(listed)).flat()])] }
}

/** The home of the table is where its replicas were added from, whatever the state's home is by now. */
const tableConfig = ({ config }: Session) => controlConfig(config)

const nodesOf = (session: Session): Node[] =>
  buildGraph(controlProcedure, (step) => step.sites(tableConfig(session)))

/**
 * The engine's world with a ledger in memory: a state cannot tell of the table that it is kept in. What is missed by that
 * is found again by names and tags, which all of the table's resources have. `known` for the way down.
 */
function runBeside(session: Session, env: Env, known = false): Run {
  const { state } = session.ledger
  const entries = known
    ? Object.fromEntries(nodesOf(session).map((node) => [node.address, entryOf(node, session, env)]))
    : {}
  let kept: StackState = { ...state, entries }
  const store = {
    read: () => kept,
    save: async (next: StackState) => {
      kept = next
    },
  }
  return { ...runOf(session, env), ledger: new Ledger(store, session.target.world) }
}

function entryOf({ step, site }: Node, session: Session, env: Env): Entry {
  const config = tableConfig(session)
  // What these steps want depends on the config alone.
  return { settled: true, desired: step.desired({ config, env, site, needs: {} as never }) }
}

const begunElsewhere = (table: string) =>
  new LockedError(
    `Another machine has put a state into table ${table} at this moment.`,
    'Run the same command again: it works with that one.',
    { table },
  )
