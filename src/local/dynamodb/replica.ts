// The replicas of a table: adding one, removing one, who may be removed when, and how long each phase takes on AWS.
// UpdateTable's checks of the request are in `update-table.ts`; the items are copied by `backfill.ts`.
import { randomUUID } from 'node:crypto'
import { backfill } from './backfill.js'
import { type DynamoDb, isPast } from './context.js'
import { createInput, scanItems } from './engine.js'
import { streamLabel } from './table-settings.js'
import type { Membership, TableRecord } from './table-state.js'

export const SOURCED =
  'Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the table in ' +
  'the last 24 hours.'

const DAY_SECONDS = 24 * 3600

/** AWS: a region that added a replica less than 24 hours ago stays until that replica is no longer listed. */
export function hasSourcedReplica(db: DynamoDb, table: TableRecord): boolean {
  return db.tables
    .others(table)
    .some(
      ({ membership }) =>
        membership?.addedFrom === table.region && db.world.clock.since(membership.addedAt) < DAY_SECONDS,
    )
}

/** Adds an empty replica of `source` in that region and starts to fill it. The caller holds the name's lock. */
export async function join(db: DynamoDb, source: TableRecord, region: string): Promise<TableRecord> {
  const isEmpty = await hasNoItems(db, source)
  const engine = await db.engines.of(region)
  await engine.call('CreateTable', createInput(source.name, source.schema))
  const times = joinTimes(db, isEmpty)
  const now = db.world.clock.now()
  // AWS: a table without a stream gets one of both images; another stream stays as it is.
  const streamViewType = source.settings.streamViewType ?? 'NEW_AND_OLD_IMAGES'
  const found = source.settings.streamViewType ? source.settings.streamLabel : streamLabel(now)
  const membership: Membership = source.membership ?? { group: randomUUID(), addedAt: now, listedAt: now }
  const updated = db.tables.update(source, {
    settings: { ...source.settings, streamViewType, streamLabel: found },
    membership,
    updatingUntil: times.sourceUpdatingUntil,
  })
  const replica: TableRecord = {
    id: randomUUID(),
    region,
    name: source.name,
    createdAt: times.visibleAt,
    schema: source.schema,
    settings: {
      ...source.settings,
      streamViewType,
      streamLabel: streamLabel(times.visibleAt),
      deletionProtection: false,
    },
    visibleAt: times.visibleAt,
    activeAt: times.activeAt,
    filling: true,
    membership: { group: membership.group, addedFrom: source.region, addedAt: now, listedAt: times.listedAt },
    timeToLive: source.timeToLive,
    backupsAt: times.activeAt,
    size: { items: 0, bytes: 0, countedAt: times.visibleAt },
  }
  db.tables.put(replica)
  // In the same turn as the replica's record: a write is either on its way already, or knows the replica.
  db.replication.share(updated, replica)
  backfill(db, updated, replica)
  return updated
}

async function hasNoItems(db: DynamoDb, table: TableRecord): Promise<boolean> {
  for await (const page of scanItems(await db.engines.of(table.region), table.name)) return !page.length
  return true
}

interface JoinTimes {
  readonly listedAt: number
  readonly visibleAt: number
  readonly activeAt: number
  readonly sourceUpdatingUntil: number
}

// AWS: first the source lists the replica, then its region describes it, then both are ACTIVE, the source early.
function joinTimes({ world }: DynamoDb, isEmpty: boolean): JoinTimes {
  const listed = world.takes('dynamodb.replica-entry-visible')
  const visible = Math.max(listed, world.takes('dynamodb.replica-describable'))
  const duration = isEmpty ? 'dynamodb.replica-create-empty' : 'dynamodb.replica-create-with-items'
  const active = Math.max(visible, world.takes(duration))
  return {
    listedAt: world.clock.after(listed),
    visibleAt: world.clock.after(visible),
    activeAt: world.clock.after(active),
    sourceUpdatingUntil: world.clock.after((visible + active) / 2),
  }
}

/**
 * Takes a table out of its global table, and deletes it. `by` is who asked: another member through ReplicaUpdates, or
 * the table's own region through DeleteTable. The caller holds the name's lock.
 */
export function leave(db: DynamoDb, table: TableRecord, by: 'itself' | 'another'): TableRecord {
  const { clock, takes } = db.world
  const updating = takes('dynamodb.replica-delete-source-updating')
  const unlisted = Math.max(updating, takes('dynamodb.replica-delete-entry-gone'))
  const gone = unlisted + takes('dynamodb.replica-delete-table-gone')
  const updatingUntil = clock.after(updating)
  for (const other of db.tables.others(table)) db.tables.update(other, { updatingUntil })
  return db.tables.update(table, {
    updatingUntil,
    deletingAt: by === 'itself' ? clock.now() : updatingUntil,
    membership: table.membership && { ...table.membership, unlistedAt: clock.after(unlisted) },
    goneAt: clock.after(gone),
  })
}

/** Whether a replica is being added to this table's global table, or removed from it. */
export const isChanging = (db: DynamoDb, table: TableRecord) =>
  [table, ...db.tables.others(table)].some(
    (member) => member.goneAt !== undefined || !isPast(db, member.activeAt) || member.filling,
  )
