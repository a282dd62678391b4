// The state where the control table has it: held by a run, read only, or as another region knows it while its home does
// not answer. Whether the table or the file counts is `place.ts`'s.
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { kindOf } from '../aws/errors.js'
import { MultiregionError } from '../base/errors.js'
import type { StackState } from '../engine/ledger.js'
import {
  type ControlTable,
  type Item,
  itemOfTerm,
  itemsOf,
  type Kept,
  keptIn,
  type Moved,
  nameOf,
  serialOf,
  stateHomeGone,
  stateHomeOut,
  type Term,
  tell,
  termOf,
  told,
} from '../state/control-table.js'
import { emptied, newState, readState, StateFile } from '../state/file.js'
import { mergeLate } from '../state/late.js'
import { acquireLease } from '../state/lease.js'
import { pointerTo, writePointer } from '../state/pointer.js'
import { DetachedState, newestElsewhere, noteDrain, stateIn, TableStore } from '../state/table-store.js'
import type { Found, Looking, PlaceOpening, Shared } from './place.js'
import { justMoved, stateMoved, twoStates } from './place-error.js'

/** Undefined where the table holds no state: the file's counts. */
export async function openTable(opening: Looking, shared: Shared): Promise<Found | undefined> {
  const { table, sighting } = shared
  const term = sighting.terms.at(-1)
  if (!term) return undefined
  if (!sighting.readable.includes(term.region)) return openElsewhere(opening, shared, term)
  const kept = await keptIn(table, term.region, term)
  if (kept.generations.length === 0) return undefined
  if (kept.moved?.to) {
    shared.moved = kept.moved.to
    return afterMove(opening, kept.moved.to, table)
  }
  if (opening.lockAs) return openHeld(opening, shared, term)
  const found = stateIn(kept, table, term)!
  const state = new DetachedState(`table ${table.name} in ${term.region}`, found.state)
  return { state, fresh: false, doubted: doubtsIn(await notesOf(table, sighting.readable, term)) }
}

async function openHeld(opening: PlaceOpening, shared: Shared, term: Term): Promise<Found> {
  const { config, target, account, partition, anew, lockAs } = opening
  const { table } = shared
  const { world } = target
  shared.lease = await hold(opening, table, term, lockAs!)
  const kept = await keptIn(table, term.region, term)
  if (kept.moved?.to || kept.generations.length === 0) throw justMoved(table)
  const found = heldState(kept, table, term, anew)
  if (found) await refuseOther(opening, found, table)
  const { stack, home, regions } = config
  const first = newState({ stack, account, partition, home, regions: [...regions] }, world)
  const serial = serialOf(kept.generations[0]!.mark)
  const begun = { ...first, ...(shared.pointer && { lineage: shared.pointer.lineage }), serial }
  const state = found ? (anew ? emptied(found) : found) : begun
  const store = new TableStore(table, shared.lease, state, kept, world)
  if (!shared.pointer) await writePointer(target.stateFile, pointerTo(table, state), world)
  const drained = anew ? {} : await takeInLate(opening, shared, term, store)
  const notes = await notesOf(table, shared.sighting.readable, term)
  const doubted = { ...drained, ...doubtsIn(notes) }
  const unread = notes.filter(({ region }) => region?.S === undefined).map(nameOf)
  const strange = [...shared.sighting.strange, ...kept.strange, ...unread]
  if (strange.length > 0)
    opening.emit({
      type: 'run.noted',
      text: `table ${table.name} holds what no run has written; it is passed over: ${strange.join(', ')}`,
    })
  return { state: store, fresh: !found, damaged: !found, doubted, ...(anew && found && { former: found }) }
}

/** A note that was put elsewhere while the home was out is there before it is here. */
async function notesOf(table: ControlTable, regions: readonly string[], { region: home }: Term) {
  const copies = await Promise.all(
    regions.map((region) =>
      itemsOf(table, region, 'note').catch((error: Error) => {
        if (region !== home && kindOf(error) === 'unavailable') return []
        throw tell(error, table.name, region)
      }),
    ),
  )
  return [...new Map(copies.flat().map((note) => [nameOf(note), note])).values()]
}

/** When each region was drained or restored last. A note's key begins with that. */
function doubtsIn(notes: readonly Item[]): Found['doubted'] {
  const told = notes.flatMap(({ sk, region }) =>
    region?.S ? [[region.S, sk!.S!.split('#')[0]!] as const] : [],
  )
  return Object.fromEntries(told.sort(([, a], [, b]) => (a < b ? -1 : 1)))
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
    others: config.regions.filter((region) => region !== term.region),
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

/** A file of the same lineage is what a broken move has left; one of another lineage is somebody's state, if anything is in it. */
async function refuseOther({ target, lockAs }: PlaceOpening, found: StackState, table: ControlTable) {
  const file = await readState(target.stateFile, target.world).catch(() => undefined)
  if (!file || !lockAs) return
  const isOther = file.lineage !== found.lineage && Object.keys(file.entries).length > 0
  if (isOther) throw twoStates(target.stateFile, file, table, found)
  await new StateFile(target.stateFile, file, target.world).leave()
}

/** What former homes still sent after the home had moved; the regions whose drain they tell of otherwise than we do. */
async function takeInLate(
  { emit, target }: PlaceOpening,
  { table, sighting }: Shared,
  term: Term,
  store: TableStore,
): Promise<Found['doubted']> {
  const seen: Record<string, string> = { ...term.seen }
  const drained: Record<string, string> = {}
  for (const former of sighting.terms.filter(({ id }) => id < term.id)) {
    const late = stateIn(await keptIn(table, term.region, former), table, former, { whole: true })
    if (!late || late.mark <= (seen[former.id] ?? '')) continue
    seen[former.id] = late.mark
    const { state, addresses } = mergeLate(store.read(), late.state)
    const regions = new Set([...Object.keys(state.drained), ...Object.keys(late.state.drained)])
    for (const region of regions)
      if (Boolean(state.drained[region]) !== Boolean(late.state.drained[region]))
        drained[region] = late.state.drained[region]?.since ?? target.world.date().toISOString()
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
  return drained
}

/** The home does not answer, or has no table: the newest that another region has, to be read only. */
async function openElsewhere(opening: Looking, shared: Shared, home: Term): Promise<Found | undefined> {
  const { lockAs, detachable, emit, target } = opening
  const { table, sighting } = shared
  const newest = await newestElsewhere(table, sighting)
  // A home that answers and has no table is not out: the table was going when a run was stopped, or hands removed it.
  const isGone = !sighting.silent.includes(home.region)
  if (lockAs && !detachable && !isGone) throw stateHomeOut(table.name, home.region, sighting.readable)
  if (!newest) return undefined
  if (newest.moved) {
    shared.moved = newest.moved
    return afterMove(opening, newest.moved, table)
  }
  const { region, state } = newest
  if (lockAs && !detachable) throw stateHomeGone(table.name, home.region, region)
  const left = lockAs ? '; what this run does is noted there for the next one' : ''
  emit({
    type: 'run.noted',
    text: `the home of the shared state, ${home.region}, ${isGone ? 'has no table any more' : 'does not answer'}; read in ${region} as of serial ${state.serial}${left}`,
  })
  const note = (drained: string) => noteDrain(table, sighting.readable, drained, target.world)
  const place = new DetachedState(`table ${table.name}, read in ${region}`, state, lockAs ? note : undefined)
  return { state: place, fresh: false, doubted: doubtsIn(await notesOf(table, sighting.readable, home)) }
}

async function afterMove(opening: Looking, moved: Moved, table: ControlTable): Promise<undefined> {
  if (opening.anew) return undefined
  const file = await opening.file()
  if (file?.lineage === moved.lineage && file.serial >= moved.serial) return undefined
  throw stateMoved(moved, table)
}
