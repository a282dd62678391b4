// Which place has the state of a stack: the file of this machine, or the control table that several machines share. Of
// two that say so exactly one counts, wherever a move between them was broken off: a table that holds a state wins over a
// file of the same lineage, until the table itself says where its state went. `settle.ts` moves it.
import { MultiregionError } from '../base/errors.js'
import type { Emit } from '../base/events.js'
import { controlTableName } from '../base/names.js'
import type { Config } from '../config/schema.js'
import type { StackState } from '../engine/ledger.js'
import { type ControlTable, lookAround, type Moved, type Sighting } from '../state/control-table.js'
import { emptied, newState, readState, StateFile } from '../state/file.js'
import type { Lease } from '../state/lease.js'
import { acquireLock } from '../state/lock.js'
import { type Pointer, readPointer } from '../state/pointer.js'
import { MovableState, type StatePlace } from '../state/saves.js'
import { refuseOthers, unfinished, unlessRefused } from './place-error.js'
import { openTable } from './place-table.js'
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
  /** Regions that were drained or restored while the state could not be written, and when: only the cloud knows which. */
  readonly doubted: Readonly<Record<string, string>>
  /** Rejects, and ends the run, where its lock was freed by hand. */
  guard(): Promise<void>
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
export interface Looking extends PlaceOpening, Pick<Place, 'guard'> {
  file(): Promise<StackState | undefined>
}

/** Throws LockedError, or MultiregionError for a state that is damaged, elsewhere, or not to be written now. */
export async function openPlace(asked: PlaceOpening): Promise<Place> {
  const { config, target, account, partition, anew, lockAs } = asked
  let file: Promise<StackState | undefined> | undefined
  const lock = lockAs ? await acquireLock(target.stateFile, lockAs, target.world) : undefined
  const opening: Looking = {
    ...asked,
    guard: async () => {
      await lock?.check().catch((error) => {
        asked.onLost(error)
        throw error
      })
    },
    file: () => {
      file ??= stateOf(target, anew)
      return file
    },
  }
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
    return {
      ...found,
      state: new MovableState(found.state),
      ...(shared && { shared }),
      guard: opening.guard,
      close,
    }
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

export type Found = Pick<Place, 'fresh' | 'damaged' | 'former' | 'doubted'> & { state: StatePlace }

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
  const file = new StateFile(stateFile, state ?? begun, world, opening.guard)
  const damaged = anew && !found && world.files.exists(stateFile)
  return { state: file, fresh: !found, damaged, doubted: {}, ...(anew && found && { former: found }) }
}

/** Undefined where there is none, or where a damaged one is to be made anew. */
async function stateOf({ stateFile, world }: Target, anew: boolean): Promise<StackState | undefined> {
  try {
    return await readState(stateFile, world)
  } catch (error) {
    if (anew && error instanceof MultiregionError && error.code === 'state') return undefined
    throw error
  }
}
