// Which place has the state of a stack: the file of this machine, or the control table that several machines share. Of
// two that say so exactly one counts, wherever a move between them was broken off: a table that holds a state wins over a
// file of the same lineage, until the table itself says where its state went. `settle.ts` moves it.
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { MultiregionError } from '../base/errors.js'
import type { Emit } from '../base/events.js'
import { controlTableName } from '../base/names.js'
import type { Config } from '../config/schema.js'
import type { StackState } from '../engine/ledger.js'
import {
  type ControlTable,
  itemOfTerm,
  itemsOf,
  type Kept,
  keptIn,
  lookAround,
  type Moved,
  type Sighting,
  serialOf,
  stateHomeOut,
  type Term,
  termOf,
  told,
} from '../state/control-table.js'
import { newState, readState, StateFile } from '../state/file.js'
import { mergeLate } from '../state/late.js'
import { acquireLease, type Lease } from '../state/lease.js'
import { acquireLock } from '../state/lock.js'
import { type Pointer, pointerTo, readPointer, writePointer } from '../state/pointer.js'
import { MovableState, type StatePlace } from '../state/saves.js'
import { DetachedState, newestElsewhere, noteDrain, stateIn, TableStore } from '../state/table-store.js'
import { justMoved, refuseOthers, stateMoved, twoStates, unfinished, unlessRefused } from './place-error.js'
import type { Target } from './target.js'

/** The control table of this stack, as far as it stands. */
export interface Shared {
  readonly table: ControlTable
  readonly sighting: Sighting
  readonly pointer?: Pointer
  /** To which file its state went, on whatever machine. */
  moved?: Moved
  /** Held by this run. */
  lease?: Lease
}

export interface Place {
  readonly state: MovableState
  /** True if no state was there. */
  readonly fresh: boolean
  /** For a rebuild: what was there, if it can be read. */
  readonly former?: StackState
  /** For a rebuild: what was there cannot be read. */
  readonly damaged?: boolean
  readonly shared?: Shared
  /** Regions that were drained or restored while the state could not be written: only the cloud knows. */
  readonly doubted: readonly string[]
  /** Gives back what is held. */
  close(): Promise<void>
}

export interface PlaceOpening {
  readonly config: Config
  readonly target: Target
  readonly account: string
  readonly partition: string
  readonly anew: boolean
  readonly lockAs?: string
  /** Goes on without writing where the home of a shared state does not answer. */
  readonly detachable: boolean
  readonly emit: Emit
  onLost(error: MultiregionError): void
}

/** What looks for the state shares: the file is read once, when it is first asked for. */
interface Looking extends PlaceOpening {
  file(): Promise<StackState | undefined>
}

/** Throws LockedError, or MultiregionError for a state that is damaged, elsewhere, or not to be written now. */
export async function openPlace(asked: PlaceOpening): Promise<Place> {
  const { config, target, account, partition, anew, lockAs } = asked
  let file: Promise<StackState | undefined> | undefined
  const opening: Looking = {
    ...asked,
    file: () => {
      file ??= stateOf(target, anew)
      return file
    },
  }
  const lock = lockAs ? await acquireLock(target.stateFile, lockAs, target.world) : undefined
  let shared: Shared | undefined
  const close = async () => {
    await shared?.lease?.release()
    // What the run came to stands, and is not to be hidden by this.
    await lock?.release().catch((error: Error) =>
      opening.emit({
        type: 'run.noted',
        text: `The lock could not be given back: ${error.message}. The next run on this machine takes it over.`,
      }),
    )
  }
  try {
    shared = await lookForShared(opening)
    const found = (shared && (await openTable(opening, shared))) ?? (await openFile(opening, shared))
    const { state, fresh } = found
    if (!fresh) refuseOthers(state.where, state.read(), { stack: config.stack, account, partition })
    if (lockAs && state instanceof StateFile) {
      await state.tidy()
      if (!anew) await state.backup()
    }
    return { ...found, state: new MovableState(found.state), ...(shared && { shared }), close }
  } catch (error) {
    await close()
    throw error
  }
}

export const tableOf = ({ stack }: Pick<Config, 'stack'>, target: Target): ControlTable => ({
  name: controlTableName(stack),
  dynamodb: (region) => target.clients(region).dynamodb,
})

async function lookForShared(opening: Looking): Promise<Shared | undefined> {
  const { config, target, account, partition } = opening
  const pointer = await readPointer(target.stateFile, target.world)
  if (pointer) refuseOthers(`in table ${pointer.table}`, pointer, { account, partition })
  const table = tableOf(config, target)
  if (config.state.backend === 'global-table' || pointer)
    return { table, sighting: await lookAround(table, config.regions), ...(pointer && { pointer }) }
  if (await opening.file()) return undefined
  // Another machine may share it still, and this one has heard of the edit that takes it out of the table only.
  const sighting = await lookAround(table, config.regions).catch(unlessRefused)
  return sighting && sighting.readable.length > 0 ? { table, sighting } : undefined
}

type Found = Pick<Place, 'fresh' | 'damaged' | 'former' | 'doubted'> & { state: StatePlace }

async function openFile(opening: Looking, shared: Shared | undefined): Promise<Found> {
  const { config, target, account, partition, anew } = opening
  const { stateFile, world } = target
  const found = await opening.file()
  const { stack, home, regions } = config
  const state = found && anew ? emptied(found) : found
  const isBegun = !found && shared !== undefined && shared.sighting.readable.length > 0
  if (isBegun && !shared.pointer && !anew) throw unfinished(shared.table)
  const first = newState({ stack, account, partition, home, regions: [...regions] }, world)
  // The table that this machine has begun carries that lineage already.
  const begun = isBegun && shared.pointer ? { ...first, lineage: shared.pointer.lineage } : first
  const file = new StateFile(stateFile, state ?? begun, world)
  const damaged = anew && !found && world.files.exists(stateFile)
  return { state: file, fresh: !found, damaged, doubted: [], ...(anew && found && { former: found }) }
}

/** For a rebuild: what stands and what is drained, the cloud tells. */
const emptied = (state: StackState): StackState => ({ ...state, entries: {}, drained: {} })

/** Undefined where there is none, or where a damaged one is to be made anew. */
async function stateOf({ stateFile, world }: Target, anew: boolean): Promise<StackState | undefined> {
  try {
    return await readState(stateFile, world)
  } catch (error) {
    if (anew && error instanceof MultiregionError && error.code === 'state') return undefined
    throw error
  }
}

/** Undefined where the table holds no state: the file's counts. */
async function openTable(opening: Looking, shared: Shared): Promise<Found | undefined> {
  const { table, sighting } = shared
  const term = sighting.terms.at(-1)
  if (!term) return undefined
  if (!sighting.readable.includes(term.region)) return openElsewhere(opening, shared, term)
  const kept = await keptIn(table, term.region, term)
  if (kept.generations.length === 0) return undefined
  shared.moved = kept.moved
  if (kept.moved) return afterMove(opening, kept.moved, table)
  if (opening.lockAs) return openHeld(opening, shared, term)
  const found = stateIn(kept, table, term)!
  return { state: readOnly(opening, table, term.region, found.state), fresh: false, doubted: [] }
}

const readOnly = ({ target }: PlaceOpening, table: ControlTable, region: string, state: StackState) =>
  new DetachedState(`table ${table.name} in ${region}`, state, (drained) =>
    noteDrain(table, [region], drained, target.world),
  )

async function openHeld(opening: PlaceOpening, shared: Shared, term: Term): Promise<Found> {
  const { config, target, account, partition, anew, lockAs } = opening
  const { table } = shared
  const { world } = target
  shared.lease = await hold(opening, table, term, lockAs!)
  const kept = await keptIn(table, term.region, term)
  if (kept.moved || kept.generations.length === 0) throw justMoved(table)
  const found = heldState(kept, table, term, anew)
  if (found) await refuseOther(opening, found, table)
  const { stack, home, regions } = config
  const first = newState({ stack, account, partition, home, regions: [...regions] }, world)
  const serial = serialOf(kept.generations[0]!.mark)
  const begun = { ...first, ...(shared.pointer && { lineage: shared.pointer.lineage }), serial }
  const state = found ? (anew ? emptied(found) : found) : begun
  const store = new TableStore(table, shared.lease, state, kept, world)
  if (!shared.pointer) await writePointer(target.stateFile, pointerTo(table, state), world)
  const drained = anew ? [] : await takeInLate(opening, shared, term, store)
  const noted = (await told(itemsOf(table, term.region, 'note'), table.name, term.region)).map(
    ({ region }) => region!.S!,
  )
  const doubted = [...new Set([...drained, ...noted])]
  return { state: store, fresh: !found, damaged: !found, doubted, ...(anew && found && { former: found }) }
}

/** The lease of a term, with what a run has to do with it. */
export const hold = (
  { config, target, emit, onLost }: Pick<PlaceOpening, 'config' | 'target' | 'emit' | 'onLost'>,
  table: ControlTable,
  term: Term,
  command: string,
) =>
  acquireLease({
    table,
    term,
    command,
    leaseSeconds: config.state.leaseSeconds,
    world: target.world,
    onLost,
    note: (text) => emit({ type: 'run.noted', text }),
  })

function heldState(kept: Kept, table: ControlTable, term: Term, anew: boolean): StackState | undefined {
  try {
    return stateIn(kept, table, term)?.state
  } catch (error) {
    if (anew && error instanceof MultiregionError && error.code === 'state') return undefined
    throw error
  }
}

/** A file of the same lineage is what a broken move has left; one of another lineage is somebody's state. */
async function refuseOther({ target, lockAs }: PlaceOpening, found: StackState, table: ControlTable) {
  const file = await readState(target.stateFile, target.world).catch(() => undefined)
  if (!file || !lockAs) return
  if (file.lineage !== found.lineage) throw twoStates(target.stateFile, file, table, found)
  await new StateFile(target.stateFile, file, target.world).leave()
}

/** What former homes still sent after the home had moved; the regions whose drain they tell of otherwise than we do. */
async function takeInLate(
  { emit, target }: PlaceOpening,
  { table, sighting }: Shared,
  term: Term,
  store: TableStore,
): Promise<string[]> {
  const seen: Record<string, string> = { ...term.seen }
  const drained = new Set<string>()
  for (const former of sighting.terms.filter(({ id }) => id < term.id)) {
    const late = stateIn(await keptIn(table, term.region, former), table, former, { whole: true })
    if (!late || late.mark <= (seen[former.id] ?? '')) continue
    seen[former.id] = late.mark
    const { state, addresses } = mergeLate(store.read(), late.state)
    const regions = new Set([...Object.keys(state.drained), ...Object.keys(late.state.drained)])
    for (const region of regions)
      if (Boolean(state.drained[region]) !== Boolean(late.state.drained[region])) drained.add(region)
    const what = addresses.length > 0 ? addresses.join(', ') : 'nothing new'
    emit({
      type: 'run.noted',
      text: `the state's former home ${former.region} went on after it was replaced; of what it says, to be looked for: ${what}`,
    })
    if (addresses.length > 0) await store.save(state)
  }
  if (JSON.stringify(seen) !== JSON.stringify(term.seen)) {
    const Item = itemOfTerm(termOf(term.number, term.region, seen), target.world.date().toISOString())
    const put = new PutItemCommand({ TableName: table.name, Item })
    await told(table.dynamodb(term.region).send(put), table.name, term.region)
  }
  return [...drained]
}

/** The home does not answer: the newest that another region has, to be read only. */
async function openElsewhere(opening: PlaceOpening, shared: Shared, home: Term): Promise<Found | undefined> {
  const { lockAs, detachable, emit, target } = opening
  const { table, sighting } = shared
  const newest = await newestElsewhere(table, sighting)
  if (lockAs && !detachable) throw stateHomeOut(table.name, home.region, sighting.readable)
  if (!newest) return undefined
  const { region, state } = newest
  const left = lockAs ? '; what this run does is noted there for the next one' : ''
  emit({
    type: 'run.noted',
    text: `the home of the shared state, ${home.region}, does not answer; read in ${region} as of serial ${state.serial}${left}`,
  })
  const note = (drained: string) => noteDrain(table, sighting.readable, drained, target.world)
  const place = new DetachedState(`table ${table.name}, read in ${region}`, state, note)
  return { state: place, fresh: false, doubted: [] }
}

async function afterMove(opening: Looking, moved: Moved, table: ControlTable): Promise<undefined> {
  if (opening.anew) return undefined
  const file = await opening.file()
  if (file?.lineage === moved.lineage && file.serial >= moved.serial) return undefined
  throw stateMoved(moved, table)
}
