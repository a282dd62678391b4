// The shared state as it stands in the control table, read off the items of all regions at this instant: for the auditor,
// who asks no process and waits for nobody, and for hands that damage it. The tool's own reading is `state/control-table.ts`'s.
import { gunzipSync } from 'node:zlib'
import { controlTableName } from '../../src/base/names.js'
import type { StackState } from '../../src/engine/ledger.js'
import type { WireItem } from '../../src/local/dynamodb/shape.js'
import { MOVED } from '../../src/state/control-table.js'
import type { Wiring } from './machine.js'

/** The time in which a region was the state's home. */
export interface Home {
  readonly id: string
  readonly region: string
  /** The newest generation in that region; undefined where there is none that is whole. */
  readonly state?: StackState
  /** The state is there: it was put there, and has not left the table since. */
  readonly counts: boolean
  /** Of the run that holds the lease, and who that is as it says itself. */
  readonly nonce?: string
  readonly holder?: string
}

type At = Pick<Wiring, 'engines' | 'store'>

const text = (item: WireItem | undefined, name: string) => item?.[name]?.S as string | undefined

/** Items that nobody can read any more, as their table is going, are none. */
function itemsIn({ engines, store }: At, region: string, stack: string): WireItem[] {
  const name = controlTableName(stack)
  const items = engines.get(region)?.all(name) ?? []
  const tables = store.collection<{ region: string; name: string; goneAt?: number; deletingAt?: number }>(
    'dynamodb.table',
  )
  const stands = () =>
    [...tables.values()].some(
      (one) =>
        one.region === region &&
        one.name === name &&
        one.goneAt === undefined &&
        one.deletingAt === undefined,
    )
  return items.length > 0 && stands() ? items : []
}

/** Oldest first, each as its own region knows it; of the last one its state counts. */
export function homesOf(at: At, stack: string): Home[] {
  const ids = new Set<string>()
  for (const region of at.engines.keys())
    for (const item of itemsIn(at, region, stack))
      if (text(item, 'pk') === 'home' && /^\d+#/.test(text(item, 'sk')!)) ids.add(text(item, 'sk')!)
  return [...ids].sort().map((id) => homeIn(at, id, stack))
}

function homeIn(at: At, id: string, stack: string): Home {
  const region = id.split('#')[1]!
  const items = itemsIn(at, region, stack)
  const lock = items.find((item) => text(item, 'pk') === 'lock' && text(item, 'sk') === id)
  const [nonce, holder] = [text(lock, 'nonce'), text(lock, 'holder')]
  const kept = items.filter((item) => text(item, 'pk') === `state#${id}`)
  const state = newestIn(kept)
  return {
    id,
    region,
    counts: kept.length > 0 && kept.every((item) => text(item, 'sk') !== MOVED),
    ...(state && { state }),
    ...(nonce && { nonce }),
    ...(holder && { holder }),
  }
}

/** By the texts of its chunks: nearly every question is about the same one. */
const read = new WeakMap<WireItem, StackState | undefined>()

function newestIn(kept: readonly WireItem[]): StackState | undefined {
  const [newest] = chunksByMark(kept)
  const [first] = newest ?? []
  if (!newest || !first) return undefined
  if (!read.has(first)) read.set(first, stateIn(newest))
  return read.get(first)
}

/** Newest first. */
function chunksByMark(kept: readonly WireItem[]): WireItem[][] {
  const marks = new Map<string, WireItem[]>()
  for (const item of [...kept].sort((a, b) => (text(a, 'sk')! < text(b, 'sk')! ? 1 : -1))) {
    const sk = text(item, 'sk')!
    // What people put there is no save.
    if (sk === MOVED || !/^\d+#\d+#\d+$/.test(sk)) continue
    const mark = sk.slice(0, sk.lastIndexOf('#'))
    marks.set(mark, [item, ...(marks.get(mark) ?? [])])
  }
  return [...marks.values()]
}

function stateIn(chunks: readonly WireItem[]): StackState | undefined {
  try {
    const bytes = chunks.map(({ body }) => Buffer.from(body?.B as string, 'base64'))
    return JSON.parse(gunzipSync(Buffer.concat(bytes)).toString()) as StackState
  } catch {
    return undefined
  }
}

/** Regions of which some copy of the table notes that they were drained or restored while the home did not answer. */
export function notedIn(at: At, stack: string): Set<string> {
  const notes = [...at.engines.keys()].flatMap((region) =>
    itemsIn(at, region, stack).filter((item) => text(item, 'pk') === 'note'),
  )
  return new Set(notes.flatMap((item) => text(item, 'region') ?? []))
}

/** The home of the state that counts, where the table has it. */
export function homeOf(at: At, stack: string): Home | undefined {
  const home = homesOf(at, stack).at(-1)
  return home?.counts ? home : undefined
}

/** By hand, in every region: what was written of the newest generation of the last home is another thing. */
export async function harmShared(at: At, stack: string): Promise<void> {
  const home = homesOf(at, stack).at(-1)
  const TableName = controlTableName(stack)
  for (const [region, engine] of at.engines) {
    const kept = itemsIn(at, region, stack).filter((item) => text(item, 'pk') === `state#${home?.id}`)
    const [newest = []] = chunksByMark(kept)
    for (const item of newest)
      await engine.call('PutItem', { TableName, Item: { ...item, body: { B: 'AAAA' } } })
  }
}

/** By hand, in every region: nothing is in the table. */
export async function emptyShared(at: At, stack: string): Promise<void> {
  const TableName = controlTableName(stack)
  for (const [region, engine] of at.engines)
    for (const { pk, sk } of itemsIn(at, region, stack))
      await engine.call('DeleteItem', { TableName, Key: { pk, sk } })
}
