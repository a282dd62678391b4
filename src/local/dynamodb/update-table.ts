// UpdateTable: one kind of change per call, to a table that is ACTIVE. Changes of the settings are made here; a change
// of the replicas is checked here and made by `replica.ts`.
import type { UpdateTableCommandInput } from '@aws-sdk/client-dynamodb'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { tableNameOf } from './arn.js'
import { type DynamoDb, isPast, nameLock, pause } from './context.js'
import { descriptionOf } from './describe.js'
import {
  globalTableInUse,
  invalidParameter,
  tableBusy,
  tableNotFound,
  unsupported,
  validation,
} from './error.js'
import { isChanging } from './replica.js'
import { changeReplicas, refuseStrong, replicaActionIn } from './replica-update.js'
import { billingIn, NOT_AUTO_SCALED, refuseUnsupported, streamIn, streamLabel } from './table-settings.js'
import type { TableRecord, TableSettings } from './table-state.js'

type Input = UpdateTableCommandInput

export async function updateTable(db: DynamoDb, input: Input, call: Call) {
  const name = tableNameOf(input.TableName, call, db.world.account)
  refuseCombination(input)
  refuseStrong(input)
  refuseUnsupported(input)
  const { ReplicaUpdates: updates } = input
  const replicaAction = updates?.length ? replicaActionIn(updates, call) : undefined
  return db.locks.run([nameLock(name)], async () => {
    const table = db.tables.find(call.region, name)
    if (!table) throw tableNotFound(name)
    // AWS: the first global table makes the role that replicates; the wording of a refusal is unconfirmed.
    if (replicaAction?.kind === 'Create')
      db.linkedRoles?.ensure('replication.dynamodb.amazonaws.com', call.principal)
    if (replicaAction) return { TableDescription: await changeReplicas(db, table, replicaAction) }
    return { TableDescription: changeSettings(db, table, input) }
  })
}

// AWS: the members that make a change of their own; the first of them names itself in the refusal.
const ALONE: readonly [keyof Input, string][] = [
  ['ReplicaUpdates', 'Replica'],
  ['SSESpecification', 'Server-Side Encryption'],
  ['TableClass', 'TableClass'],
  ['DeletionProtectionEnabled', 'DeletionProtection'],
]

const CHANGES: readonly (keyof Input)[] = [
  ...ALONE.map(([member]) => member),
  'BillingMode',
  'ProvisionedThroughput',
  'StreamSpecification',
  'GlobalSecondaryIndexUpdates',
  'GlobalTableWitnessUpdates',
  'GlobalTableSettingsReplicationMode',
  'OnDemandThroughput',
  'WarmThroughput',
]

function refuseCombination(input: Input): void {
  const isGiven = (member: keyof Input) => {
    const value = input[member]
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null
  }
  const given = CHANGES.filter(isGiven)
  if (!given.length) {
    // AWS: consistency alone is no change, and then not named among them.
    const consistency = input.MultiRegionConsistency ? '' : 'MultiRegionConsistency, '
    throw validation(
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, ' +
        `SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, ${consistency}` +
        'DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required',
    )
  }
  const alone = ALONE.find(([member]) => isGiven(member))
  if (alone && given.length > 1) {
    throw invalidParameter(`${alone[1]} modification must be the only operation in the request`)
  }
  if (isGiven('StreamSpecification') && isGiven('ProvisionedThroughput')) {
    throw invalidParameter('You cannot modify stream status while updating table IOPS')
  }
}

type Description = ReturnType<typeof descriptionOf>

/** AWS: the answer shows the settings as they were. */
function changeSettings(db: DynamoDb, table: TableRecord, input: Input): Description {
  if (input.SSESpecification) throw invalidParameter('Table is already encrypted by default')
  const stream = streamChange(db, table, input)
  refuseUnlessActive(db, table)
  const before = descriptionOf(db, table)
  if (input.DeletionProtectionEnabled !== undefined)
    return protect(db, table, input.DeletionProtectionEnabled)
  const billing = billingChange(db, table, input)
  if (!stream && !billing) return { ...before, TableStatus: 'UPDATING' }
  begin(db, table, (settings) => ({ ...settings, ...billing, ...stream }))
  return { ...before, TableStatus: 'UPDATING' }
}

function refuseUnlessActive(db: DynamoDb, table: TableRecord): void {
  const status = db.tables.status(table)
  if (db.tables.others(table).length) {
    if (status !== 'ACTIVE' || isChanging(db, table)) throw globalTableInUse()
  } else if (status !== 'ACTIVE') {
    throw tableBusy(status, table.name)
  }
}

/** Changes the settings of the table and of all its replicas, after a time of UPDATING. */
function begin(
  db: DynamoDb,
  table: TableRecord,
  change: (settings: TableSettings, isOwn: boolean) => TableSettings,
): void {
  const others = db.tables.others(table)
  const { clock, takes } = db.world
  const duration = others.length ? 'dynamodb.protection-toggle-with-replica' : 'dynamodb.update-table'
  const at = clock.after(takes(duration))
  for (const member of [table, ...others]) {
    const settings = change(member.settings, member === table)
    db.tables.update(member, { updatingUntil: at, change: { at, settings } })
  }
}

// AWS: 15 s between two changes.
const PROTECTION_PAUSE_SECONDS = 15

/** AWS: at once for a table without replicas; else all members are UPDATING for half a minute. */
function protect(db: DynamoDb, table: TableRecord, deletionProtection: boolean): Description {
  if (table.settings.deletionProtection === deletionProtection) return descriptionOf(db, table)
  const { protectionLockedUntil: locked } = table
  if (locked !== undefined && !isPast(db, locked)) {
    const again = new Date(locked).toISOString()
    throw new AwsError(
      'ThrottlingException',
      `Deletion protection setting for table ${table.name} modified within the previous 15000 milliseconds. ` +
        `Please try again after ${again}`,
    )
  }
  const marked = db.tables.update(table, { protectionLockedUntil: pause(db, PROTECTION_PAUSE_SECONDS) })
  if (!db.tables.others(table).length) {
    const settings = { ...table.settings, deletionProtection }
    return descriptionOf(db, db.tables.update(table, { settings }))
  }
  begin(db, marked, (settings, isOwn) => (isOwn ? { ...settings, deletionProtection } : settings))
  return { ...descriptionOf(db, table), TableStatus: 'UPDATING' }
}

function streamChange(db: DynamoDb, table: TableRecord, input: Input): Partial<TableSettings> | undefined {
  const view = streamIn(input, false)
  if (view === undefined) return undefined
  const { streamViewType: now } = table.settings
  if (view && now) throw validation(`Table already has an enabled stream: TableName: ${table.name}`)
  if (view) return { streamViewType: view, streamLabel: streamLabel(db.world.clock.now()) }
  if (!now) throw validation(`Table has no stream to disable: TableName: ${table.name}`)
  if (db.tables.others(table).length) {
    throw invalidParameter('Disabling Stream is not allowed for a Global Table replica.')
  }
  return { streamViewType: undefined }
}

function billingChange(db: DynamoDb, table: TableRecord, input: Input): Partial<TableSettings> | undefined {
  if (input.BillingMode === undefined && input.ProvisionedThroughput == null) return undefined
  const { settings } = table
  const billing = billingIn(input, settings)
  if (billing.billingMode === 'PAY_PER_REQUEST') {
    // AWS: taken, and nothing happens.
    if (settings.billingMode === 'PAY_PER_REQUEST') return undefined
    return { ...billing, throughput: undefined, onDemandSince: db.world.clock.now() }
  }
  if (db.tables.others(table).length) throw validation(NOT_AUTO_SCALED)
  if (table.schema.GlobalSecondaryIndexes && settings.billingMode === 'PAY_PER_REQUEST') {
    throw unsupported('Changing a table with global secondary indexes to PROVISIONED')
  }
  refuseSameCapacity(settings, billing)
  return billing
}

function refuseSameCapacity(
  now: TableSettings,
  { throughput: next }: Pick<TableSettings, 'throughput'>,
): void {
  if (!now.throughput || !next) return
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = next
  if (now.throughput.ReadCapacityUnits !== read || now.throughput.WriteCapacityUnits !== write) return
  throw validation(
    'The provisioned throughput for the table will not change. The requested value equals the current value. ' +
      `Current ReadCapacityUnits provisioned for the table: ${read}. Requested ReadCapacityUnits: ${read}. ` +
      `Current WriteCapacityUnits provisioned for the table: ${write}. Requested WriteCapacityUnits: ${write}. ` +
      'Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
  )
}
