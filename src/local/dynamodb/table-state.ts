// The tables of all regions and the state of each, derived from the instants at which things become so; nothing here
// waits. Which tables are replicas of each other stands in the same records. `control.ts` and `replica.ts` change them.
import type { Collection, World } from '../world.js'
import type { TableSchema, Throughput } from './shape.js'

export type TableStatus = 'CREATING' | 'UPDATING' | 'DELETING' | 'ACTIVE'

/** What UpdateTable can change. */
export interface TableSettings {
  readonly billingMode: 'PAY_PER_REQUEST' | 'PROVISIONED'
  /** Set while PROVISIONED. */
  readonly throughput?: Throughput
  /** Instant of the last change to PAY_PER_REQUEST. */
  readonly onDemandSince?: number
  /** Set while the stream is enabled. */
  readonly streamViewType?: string
  /** Of the latest stream; it stays when the stream is disabled. */
  readonly streamLabel?: string
  readonly deletionProtection: boolean
}

/** A table's place in a global table. */
export interface Membership {
  /** The global table. */
  readonly group: string
  /** The region at whose endpoint it was added; the first table of all has none. */
  readonly addedFrom?: string
  readonly addedAt: number
  /** The others list it from this instant on, and no more from `unlistedAt` on. */
  readonly listedAt: number
  readonly unlistedAt?: number
}

export interface TimeToLive {
  /** Set while enabled. */
  readonly attribute?: string
  /** What Describe showed before, until `settledAt`. */
  readonly before?: string
  readonly settledAt: number
  readonly lockedUntil: number
}

/** One table of one region. All instants are epoch milliseconds. */
export interface TableRecord {
  /** TableId: another one for each table of this name. */
  readonly id: string
  readonly region: string
  readonly name: string
  readonly createdAt: number
  readonly schema: TableSchema
  readonly settings: TableSettings
  /** A change of the settings that is under way. */
  readonly change?: { readonly at: number; readonly settings: TableSettings }
  /** Unknown in its region before this; only a new replica has it in the future. */
  readonly visibleAt: number
  /** CREATING until then, and while `filling`: the items of the other replicas are being copied here. */
  readonly activeAt: number
  readonly filling?: true
  readonly updatingUntil?: number
  readonly deletingAt?: number
  readonly goneAt?: number
  readonly membership?: Membership
  readonly protectionLockedUntil?: number
  readonly timeToLive?: TimeToLive
  /** Backups cannot be configured before this. */
  readonly backupsAt: number
  /** Set while point-in-time recovery is on. */
  readonly recovery?: { readonly since: number; readonly days: number }
  /** ItemCount and TableSizeBytes as they were then. */
  readonly size: { readonly items: number; readonly bytes: number; readonly countedAt: number }
}

export interface Tables {
  /** The table as its region shows it: absent before it is visible and after it is gone. */
  find(region: string, name: string): TableRecord | undefined
  /** The tables that the region shows. */
  inRegion(region: string): TableRecord[]
  /** Every record, visible or not, gone ones too until they are removed. */
  all(): TableRecord[]
  stored(region: string, name: string): TableRecord | undefined
  status(table: TableRecord): TableStatus
  put(table: TableRecord): void
  /** Changes the record as it stands now; it must be the same table still. */
  update(table: TableRecord, change: Partial<TableRecord>): TableRecord
  remove(table: TableRecord): void
  /** The other members of its global table, from the call that adds them until they are no longer listed. */
  others(table: TableRecord): TableRecord[]
}

export function createTables({ clock, store }: Pick<World, 'clock' | 'store'>): Tables {
  const records: Collection<TableRecord> = store.collection('dynamodb.table')
  const past = (instant: number | undefined) => instant !== undefined && clock.now() >= instant

  /** The record with the change applied that has come into effect since it was kept. */
  function current(record: TableRecord): TableRecord {
    const { change, ...rest } = record
    return change && past(change.at) ? { ...rest, settings: change.settings } : record
  }

  function stored(region: string, name: string): TableRecord | undefined {
    const record = records.get(`${region}/${name}`)
    return record && current(record)
  }

  const all = () => [...records.values()].map(current)
  const isShown = (record: TableRecord) => past(record.visibleAt) && !past(record.goneAt)
  const put = (table: TableRecord) => records.set(`${table.region}/${table.name}`, table)

  return {
    stored,
    all,
    put,
    find(region, name) {
      const record = stored(region, name)
      return record && isShown(record) ? record : undefined
    },
    inRegion: (region) => all().filter((record) => record.region === region && isShown(record)),
    status(table) {
      if (past(table.deletingAt)) return 'DELETING'
      if (!past(table.activeAt) || table.filling) return 'CREATING'
      return table.updatingUntil === undefined || past(table.updatingUntil) ? 'ACTIVE' : 'UPDATING'
    },
    update(table, change) {
      const now = stored(table.region, table.name)
      if (now?.id !== table.id) throw new Error(`table ${table.name} in ${table.region} was replaced`)
      const changed = { ...now, ...change }
      put(changed)
      return changed
    },
    remove: (table) => records.delete(`${table.region}/${table.name}`),
    others(table) {
      const group = table.membership?.group
      if (!group || past(table.membership.unlistedAt)) return []
      return all().filter(
        (other) =>
          other.membership?.group === group &&
          other.region !== table.region &&
          !past(other.membership.unlistedAt) &&
          !past(other.goneAt),
      )
    },
  }
}
