// CreateTable and DeleteTable, and what is left of a table that is gone. A table is in its region's engine from the
// first moment to the last; the states that AWS shows meanwhile are instants in its record. Replicas are `replica.ts`'s.
import { randomUUID } from 'node:crypto'
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { tableNameOf } from './arn.js'
import { type DynamoDb, isPast, itemLocks, nameLock } from './context.js'
import { descriptionOf } from './describe.js'
import { globalTableInUse, inUse, protectedReplica, tableBusy, tableNotFound, validation } from './error.js'
import { hasSourcedReplica, isChanging, leave, SOURCED } from './replica.js'
import type { TableSchema } from './shape.js'
import { billingIn, refuseUnsupported, streamIn, streamLabel } from './table-settings.js'
import type { TableRecord, TableSettings } from './table-state.js'
import { areTagsLocked, dropTags, initialTags, putTags } from './tags.js'

export async function createTable(db: DynamoDb, input: CreateTableCommandInput, call: Call) {
  const name = tableNameOf(input.TableName, call, db.world.account)
  refuseUnsupported(input)
  const now = db.world.clock.now()
  const settings = initialSettings(input, now)
  const tags = initialTags(input.Tags)
  return db.locks.run([nameLock(name)], async () => {
    const engine = await db.engines.of(call.region)
    const existing = db.tables.stored(call.region, name)
    if (existing && isPast(db, existing.goneAt)) await remove(db, existing)
    else if (existing) throw alreadyThere(db, existing)
    const { AttributeDefinitions, KeySchema, LocalSecondaryIndexes, GlobalSecondaryIndexes } = input
    const { BillingMode, ProvisionedThroughput } = input
    const schema = { AttributeDefinitions, KeySchema, LocalSecondaryIndexes, GlobalSecondaryIndexes }
    await engine.call('CreateTable', { ...schema, TableName: name, BillingMode, ProvisionedThroughput })
    const created = newRecord(db, {
      region: call.region,
      name,
      createdAt: now,
      schema: schema as TableSchema,
      settings,
    })
    db.tables.put(created)
    putTags(db, created, tags)
    const { WarmThroughput: _, ...description } = descriptionOf(db, created)
    return { TableDescription: { ...description, TableStatus: 'CREATING' } }
  })
}

function initialSettings(input: CreateTableCommandInput, now: number): TableSettings {
  const billing = billingIn(input)
  const view = streamIn(input, true)
  return {
    ...billing,
    onDemandSince: billing.billingMode === 'PAY_PER_REQUEST' ? now : undefined,
    streamViewType: view ?? undefined,
    streamLabel: view ? streamLabel(now) : undefined,
    deletionProtection: input.DeletionProtectionEnabled ?? false,
  }
}

type Given = Pick<TableRecord, 'region' | 'name' | 'createdAt' | 'schema' | 'settings'>

function newRecord({ world }: DynamoDb, given: Given): TableRecord {
  const creating = world.takes('dynamodb.create-table')
  const enabling = world.takes('dynamodb.backups-being-enabled')
  return {
    ...given,
    id: randomUUID(),
    visibleAt: given.createdAt,
    activeAt: world.clock.after(creating),
    backupsAt: world.clock.after(creating + enabling),
    size: { items: 0, bytes: 0, countedAt: given.createdAt },
  }
}

// AWS: the same in every state but CREATING, whatever the parameters.
function alreadyThere(db: DynamoDb, table: TableRecord): AwsError {
  if (db.tables.status(table) === 'CREATING') return tableBusy('CREATING', table.name)
  return new AwsError('ResourceInUseException', `Table already exists: ${table.name}`)
}

export async function deleteTable(db: DynamoDb, input: { TableName?: unknown }, call: Call) {
  const name = tableNameOf(input.TableName, call, db.world.account)
  return db.locks.run([nameLock(name)], async () => {
    const table = db.tables.find(call.region, name)
    if (!table) throw tableNotFound(name)
    refuseDeletion(db, table)
    const deleted = db.tables.others(table).length ? leave(db, table, 'itself') : die(db, table)
    return { TableDescription: { ...descriptionOf(db, deleted), TableStatus: 'DELETING' } }
  })
}

function die(db: DynamoDb, table: TableRecord): TableRecord {
  const { clock } = db.world
  const goneAt = clock.after(db.world.takes('dynamodb.delete-table'))
  return db.tables.update(table, { deletingAt: clock.now(), goneAt })
}

/** Throws where AWS refuses to delete the table now. */
function refuseDeletion(db: DynamoDb, table: TableRecord): void {
  const { name, region } = table
  const isGlobal = db.tables.others(table).length > 0
  const status = db.tables.status(table)
  if (status === 'DELETING') throw isGlobal ? globalTableInUse() : tableBusy(status, name)
  if (status === 'CREATING') throw isGlobal ? inUse(`Table: ${name} is being used.`) : tableBusy(status, name)
  if (table.settings.deletionProtection) throw isGlobal ? protectedReplica(name, region) : isProtected()
  if (hasSourcedReplica(db, table)) throw validation(SOURCED)
  if (isGlobal && (status === 'UPDATING' || isChanging(db, table))) throw globalTableInUse()
  if (status === 'UPDATING') throw inUse(`Table: ${name} is in the process of being updated.`)
  if (areTagsLocked(db, table)) throw inUse(`Table tags are being updated: ${name}`)
}

const isProtected = () =>
  validation(
    'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  )

/** Removes what is left of a table that is gone. The caller holds the name's lock. */
export async function remove(db: DynamoDb, table: TableRecord): Promise<void> {
  // Writes that began before it was deleted are let finish, or their items would be in the next table of this name.
  await db.locks.settled(itemLocks(table.region, table.name))
  const engine = await db.engines.of(table.region)
  if ((await engine.tableNames()).includes(table.name))
    await engine.call('DeleteTable', { TableName: table.name })
  db.replication.forget(table)
  dropTags(db, table)
  db.tables.remove(table)
}

/** Removes what is left of all tables that are gone. */
export async function removeGone(db: DynamoDb): Promise<void> {
  for (const { region, name } of db.tables.all()) {
    await db.locks.run([nameLock(name)], async () => {
      const table = db.tables.stored(region, name)
      if (table && isPast(db, table.goneAt)) await remove(db, table)
    })
  }
}
