// Copies what a table holds into a new replica of it, item by item and version by version, beside all writes that go on.
// The replica stays CREATING until that is done; a copy that a restart has cut off begins anew.
import { type DynamoDb, itemLocks } from './context.js'
import { readItem, scanItems } from './engine.js'
import { keyOf, keyText } from './item-key.js'
import type { WireItem } from './shape.js'
import type { TableRecord } from './table-state.js'

/** Starts the copy. It ends by itself, also when one of the tables goes or the service closes. */
export function backfill(db: DynamoDb, source: TableRecord, replica: TableRecord): void {
  db.background.untilDone(`copying ${source.name} to ${replica.region}`, (signal) =>
    copy(db, source, replica, signal),
  )
}

/** Takes up the copies that a former process had not ended. */
export function resumeBackfills(db: DynamoDb): void {
  for (const replica of db.tables.all()) {
    const from = replica.membership?.addedFrom
    const source = replica.filling && from ? db.tables.stored(from, replica.name) : undefined
    if (source) backfill(db, source, replica)
  }
}

async function copy(db: DynamoDb, source: TableRecord, replica: TableRecord, signal: AbortSignal) {
  // A write that began before the table was global may not know the replica: it is let finish, to be seen by the scan.
  await db.locks.settled(itemLocks(source.region, source.name))
  const engine = await db.engines.of(source.region)
  for await (const page of scanItems(engine, source.name)) {
    for (const item of page) {
      if (signal.aborted || !isStill(db, replica)) return
      await copyItem(db, source, replica, keyOf(source.schema, item)!)
    }
  }
  // Deleted items have only a version left; without it an older write on its way would bring them back.
  for (const [key] of db.replication.versions(source)) {
    if (signal.aborted || !isStill(db, replica)) return
    await copyItem(db, source, replica, key)
  }
  await db.world.store.flush()
  if (isStill(db, replica)) db.tables.update(replica, { filling: undefined })
  await db.world.store.flush()
}

const isStill = (db: DynamoDb, table: TableRecord) =>
  db.tables.stored(table.region, table.name)?.id === table.id

async function copyItem(db: DynamoDb, source: TableRecord, replica: TableRecord, key: WireItem) {
  const text = keyText(source.schema, key)
  const lock = (table: TableRecord) => itemLocks(table.region, table.name) + text
  await db.locks.run([lock(source), lock(replica)], async () => {
    const item = await readItem(await db.engines.of(source.region), source.name, key)
    // An item from before the table was global has no version: it is older than every write since.
    const version = db.replication.versionOf(source, key) ?? { ts: 0, region: source.region }
    await db.replication.apply(replica, key, item ?? null, version)
  })
}
