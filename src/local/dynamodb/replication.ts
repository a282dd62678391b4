// Replication between the regions of a global table: asynchronous, item by item, last writer wins. Each write leaves a
// version and one entry in a durable outbox for every other replica; one pump for each pair of regions delivers them.
// `journal.ts` makes write and entries one thing; `backfill.ts` copies what was there before a replica was.
import type { FaultPort } from '../ports.js'
import type { Collection, World } from '../world.js'
import { isPast, itemLocks } from './context.js'
import { type Engines, isDiskFailure, setItem } from './engine.js'
import { keyText } from './item-key.js'
import type { KeyedMutex } from './lock.js'
import type { WireItem } from './shape.js'
import type { TableRecord, Tables } from './table-state.js'

/** Which write made an item what it is. `ts` grows with every write of this cloud, in microseconds since 1970. */
export interface Version {
  readonly ts: number
  readonly region: string
}

/** Last writer wins; of two writes at one time the region that sorts last. */
export const isNewer = (one: Version, other: Version) =>
  one.ts > other.ts || (one.ts === other.ts && one.region > other.region)

interface Entry {
  readonly from: string
  readonly to: string
  readonly table: string
  /** TableId at the destination: an entry never reaches another table of that name. */
  readonly tableId: string
  readonly key: WireItem
  /** Null: it was deleted. */
  readonly item: WireItem | null
  readonly version: Version
  readonly writtenAt: number
  readonly dueAt: number
  /** Why the destination does not take it. It is kept, and tried again at the next start. */
  readonly refusal?: string
}

export interface PairLag {
  readonly from: string
  readonly to: string
  readonly pending: number
  /** Age of the oldest entry, virtual seconds. */
  readonly oldestSeconds: number
  /** Writes that the destination did not take, and for what reason the last of them. */
  readonly refused: number
  readonly refusal?: string
}

export interface Replication {
  /** The time of a new write: later than all before it. */
  stamp(): number
  versionOf(table: TableRecord, key: WireItem): Version | undefined
  /** Keys with a version, as texts; deleted items have one too. */
  versions(table: TableRecord): [WireItem, Version][]
  /** Makes the item so here, if that version is newer. The caller holds the item's lock. */
  apply(table: TableRecord, key: WireItem, item: WireItem | null, version: Version): Promise<void>
  /** A write has been made here: it gets its version, and an entry for every other replica. Not yet on disk. */
  publish(table: TableRecord, key: WireItem, item: WireItem | null, ts: number): void
  /** What is on its way from others to `source` goes to the new replica as well. */
  share(source: TableRecord, replica: TableRecord): void
  /** The table is gone: its versions, and what was on its way to it. */
  forget(table: TableRecord): void
  /** Starts delivering, what a former process has left over first. */
  start(): void
  lag(): PairLag[]
  close(): Promise<void>
}

interface Parts {
  readonly world: World
  readonly tables: Tables
  readonly engines: Engines
  readonly locks: KeyedMutex
  readonly faults: FaultPort
}

const BATCH = 100
const RETRY_REAL_SECONDS = 0.2
/** How often a way that is faulty is looked at: a virtual second, but no oftener than each 20 real milliseconds. */
const lookAgainSeconds = (scale: number) => Math.max(1, 0.02 * scale)

const pairOf = ({ from, to }: Pick<Entry, 'from' | 'to'>) => `${from}>${to}`

/** The system's own codes are ENOSPC and its like. */
const isMachineFailure = (error: unknown) =>
  isDiskFailure(error) || /^E[A-Z]+$/.test((error as { code?: string }).code ?? '')

export function createReplication({ world, tables, engines, locks, faults }: Parts): Replication {
  const { clock, store } = world
  const versions: Collection<{ key: WireItem; version: Version }> = store.collection('dynamodb.version')
  const outbox: Collection<Entry> = store.collection('dynamodb.outbox')
  /** The outbox's keys by pair, oldest first. */
  const queues = new Map<string, string[]>()
  /** Entries that are not taken, by pair. */
  const refused = new Map<string, string[]>()
  const pumps = new Map<string, Promise<void>>()
  const stopping = new AbortController()
  let started = false
  let last = 0
  for (const { version } of versions.values()) last = Math.max(last, version.ts)
  for (const [id, entry] of [...outbox.entries()].sort(([one], [other]) => (one < other ? -1 : 1))) {
    last = Math.max(last, entry.version.ts)
    queueOf(entry).push(id)
  }

  function queueOf(way: Pick<Entry, 'from' | 'to'>): string[] {
    const pair = pairOf(way)
    const queue = queues.get(pair) ?? []
    queues.set(pair, queue)
    return queue
  }

  const versionId = (table: TableRecord, key: WireItem) => `${table.id}/${keyText(table.schema, key)}`

  function enqueue(entry: Entry): void {
    const id = `${entry.from}>${entry.to}/${String(entry.version.ts).padStart(16, '0')}`
    if (!outbox.has(id)) queueOf(entry).push(id)
    outbox.set(id, entry)
    wake(entry)
  }

  function wake({ from, to }: Pick<Entry, 'from' | 'to'>): void {
    const pair = pairOf({ from, to })
    if (!started || stopping.signal.aborted || pumps.has(pair)) return
    const queue = queueOf({ from, to })
    const end = pump(queue).then(() => {
      pumps.delete(pair)
      // Something may have been queued between the pump's last look and now.
      if (queue.length) wake({ from, to })
    })
    pumps.set(pair, end)
  }

  async function pump(queue: string[]): Promise<void> {
    while (queue.length && !stopping.signal.aborted) {
      const dueInSeconds = dueIn(outbox.get(queue[0]!))
      if (dueInSeconds > 0) {
        await clock.sleep(dueInSeconds, stopping.signal)
        continue
      }
      try {
        await deliver(queue)
      } catch (error) {
        world.log(`dynamodb: replication waits: ${error instanceof Error ? error.message : error}`)
        await clock.sleep(RETRY_REAL_SECONDS * clock.scale, stopping.signal)
      }
    }
  }

  /** Virtual seconds until an entry is to be looked at again; 0: it is due. Faults come and go, so they are asked anew. */
  function dueIn(entry: Entry | undefined): number {
    if (!entry) return 0
    const { paused, lagSeconds } = faults.replication(entry.from, entry.to)
    const left = lagSeconds - clock.since(entry.dueAt)
    if (paused) return lookAgainSeconds(clock.scale)
    return lagSeconds > 0 ? Math.min(left, lookAgainSeconds(clock.scale)) : left
  }

  /** Delivers what is due. An entry leaves the outbox together with the version that it has made, or not at all. */
  async function deliver(queue: string[]): Promise<void> {
    for (const id of queue.slice(0, BATCH)) {
      const entry = outbox.get(id)
      if (entry && dueIn(entry) > 0) break
      if (entry) await deliverOne(id, entry).catch((error: unknown) => setAside(id, entry, error))
      queue.shift()
    }
    await store.flush()
  }

  async function deliverOne(
    id: string,
    { to, table: name, tableId, key, item, version }: Entry,
  ): Promise<void> {
    const before = tables.stored(to, name)
    if (before?.id === tableId) {
      await locks.run([itemLocks(to, name) + keyText(before.schema, key)], async () => {
        const table = tables.stored(to, name)
        if (table?.id !== tableId || isPast({ world }, table.goneAt)) return
        await apply(table, key, item, version)
      })
    }
    outbox.delete(id)
  }

  /** What the disk does not take it may take later. What an item itself is refused for stays so: others must not wait. */
  function setAside(id: string, entry: Entry, error: unknown): void {
    if (isMachineFailure(error)) throw error
    const refusal = error instanceof Error ? error.message : String(error)
    const pair = pairOf(entry)
    world.log(
      `dynamodb: ${pair} does not take the item ${JSON.stringify(entry.key)} of ${entry.table}: ${refusal}`,
    )
    outbox.set(id, { ...entry, refusal })
    refused.set(pair, [...(refused.get(pair) ?? []), id])
  }

  /** Refused entries that no later write has made moot. */
  function refusalsOf(pair: string): Entry[] {
    return (refused.get(pair) ?? []).flatMap((id) => {
      const entry = outbox.get(id)
      const table = entry && tables.stored(entry.to, entry.table)
      if (!entry || table?.id !== entry.tableId) return []
      const there = versions.get(versionId(table, entry.key))?.version
      return there && !isNewer(entry.version, there) ? [] : [entry]
    })
  }

  async function apply(table: TableRecord, key: WireItem, item: WireItem | null, version: Version) {
    const mine = versions.get(versionId(table, key))?.version
    if (mine && !isNewer(version, mine)) return
    await setItem(await engines.of(table.region), table.name, key, item)
    versions.set(versionId(table, key), { key, version })
  }

  return {
    apply,
    stamp() {
      last = Math.max(last + 1, clock.now() * 1000)
      return last
    },
    versionOf: (table, key) => versions.get(versionId(table, key))?.version,
    versions: (table) =>
      [...versions.entries()]
        .filter(([id]) => id.startsWith(`${table.id}/`))
        .map(([, { key, version }]) => [key, version]),
    publish(table, key, item, ts) {
      const version = { ts, region: table.region }
      // A write of a former process may be settled under a stamp that this one has not given.
      last = Math.max(last, ts)
      versions.set(versionId(table, key), { key, version })
      const now = clock.now()
      for (const other of tables.others(table)) {
        if (isPast({ world }, other.deletingAt)) continue
        const dueAt = clock.after(world.takes('dynamodb.replication-lag'))
        const way = { from: table.region, to: other.region, table: table.name, tableId: other.id }
        enqueue({ ...way, key, item, version, writtenAt: now, dueAt })
      }
    },
    share(source, replica) {
      for (const entry of [...outbox.values()]) {
        if (entry.tableId !== source.id) continue
        enqueue({ ...entry, to: replica.region, tableId: replica.id })
      }
    },
    forget(table) {
      for (const id of [...versions.keys()]) if (id.startsWith(`${table.id}/`)) versions.delete(id)
      // The queues keep the entries' names: a pump passes over those without an entry.
      for (const [id, entry] of [...outbox.entries()]) if (entry.tableId === table.id) outbox.delete(id)
    },
    start() {
      started = true
      for (const pair of queues.keys()) {
        const [from, to] = pair.split('>') as [string, string]
        wake({ from, to })
      }
    },
    lag: () =>
      [...queues].flatMap(([pair, queue]) => {
        const [from, to] = pair.split('>') as [string, string]
        const oldest = outbox.get(queue[0] ?? '')
        const refusals = refusalsOf(pair)
        if (!oldest && !refusals.length) return []
        const oldestSeconds = oldest ? clock.since(oldest.writtenAt) : 0
        const refusal = refusals.at(-1)?.refusal
        return [{ from, to, pending: queue.length, oldestSeconds, refused: refusals.length, refusal }]
      }),
    async close() {
      stopping.abort()
      await Promise.all(pumps.values())
    },
  }
}
