// TableDescription, strictly as AWS shows it: a member that AWS leaves out is left out here. DescribeTable and
// ListTables stand here too; what changes a table is in `control.ts`, `update-table.ts` and `replica.ts`.
import type { ReplicaDescription, ReplicaStatus, TableDescription } from '@aws-sdk/client-dynamodb'
import type { Call } from '../ports.js'
import { tableArn, tableNameOf } from './arn.js'
import { type DynamoDb, isPast } from './context.js'
import { scanItems } from './engine.js'
import { constraint, tableNotFound } from './error.js'
import type { SecondaryIndex, Wire } from './shape.js'
import type { TableRecord, TableSettings } from './table-state.js'

type Description = Wire<TableDescription>

const seconds = (instant: number) => Math.round(instant) / 1000

// AWS: what an on-demand table serves from the start.
const ON_DEMAND_WARM = { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000 }
const NO_THROUGHPUT = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }

export async function describeTable(db: DynamoDb, input: { TableName?: unknown }, call: Call) {
  const name = tableNameOf(input.TableName, call, db.world.account)
  const table = db.tables.find(call.region, name)
  if (!table) throw tableNotFound(name)
  return { Table: descriptionOf(db, await recounted(db, table)) }
}

/** The table as DescribeTable shows it. */
export function descriptionOf(db: DynamoDb, table: TableRecord): Description {
  const { schema, settings } = table
  const { account } = db.world
  return {
    AttributeDefinitions: schema.AttributeDefinitions as Description['AttributeDefinitions'],
    TableName: table.name,
    KeySchema: schema.KeySchema as Description['KeySchema'],
    TableStatus: db.tables.status(table),
    CreationDateTime: seconds(table.createdAt),
    ProvisionedThroughput: {
      NumberOfDecreasesToday: 0,
      ...(settings.throughput ?? NO_THROUGHPUT),
    },
    TableSizeBytes: table.size.bytes,
    ItemCount: table.size.items,
    TableArn: tableArn(account, table.region, table.name),
    TableId: table.id,
    ...billingOf(settings),
    ...indexesOf(db, table),
    ...streamOf(db, table),
    ...globalOf(db, table),
    DeletionProtectionEnabled: settings.deletionProtection,
  }
}

// AWS: BillingModeSummary is shown only of tables that are, or once were, on demand.
function billingOf(settings: TableSettings): Partial<Description> {
  const { billingMode, onDemandSince } = settings
  return {
    ...(onDemandSince !== undefined && {
      BillingModeSummary: {
        BillingMode: billingMode,
        LastUpdateToPayPerRequestDateTime: seconds(onDemandSince),
      },
    }),
    WarmThroughput: warmOf(settings),
  }
}

function warmOf({ throughput }: TableSettings) {
  const units = throughput
    ? { ReadUnitsPerSecond: throughput.ReadCapacityUnits, WriteUnitsPerSecond: throughput.WriteCapacityUnits }
    : ON_DEMAND_WARM
  return { ...units, Status: 'ACTIVE' as const }
}

function indexesOf(db: DynamoDb, table: TableRecord): Partial<Description> {
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = table.schema
  const creating = db.tables.status(table) === 'CREATING'
  const arn = tableArn(db.world.account, table.region, table.name)
  const common = (index: SecondaryIndex) => ({
    IndexName: index.IndexName,
    KeySchema: index.KeySchema,
    Projection: index.Projection,
    IndexSizeBytes: 0,
    ItemCount: 0,
    IndexArn: `${arn}/index/${index.IndexName}`,
  })
  return {
    ...(local && { LocalSecondaryIndexes: local.map(common) }),
    ...(global && {
      GlobalSecondaryIndexes: global.map((index) => ({
        ...common(index),
        IndexStatus: creating ? 'CREATING' : 'ACTIVE',
        ProvisionedThroughput: {
          NumberOfDecreasesToday: 0,
          ...((table.settings.throughput && index.ProvisionedThroughput) ?? NO_THROUGHPUT),
        },
      })),
    }),
  } as Partial<Description>
}

// AWS: the label and ARN of the latest stream stay when it is disabled; a replica that is CREATING shows no stream yet.
function streamOf(db: DynamoDb, table: TableRecord): Partial<Description> {
  if (table.membership?.addedFrom && db.tables.status(table) === 'CREATING') return {}
  const { streamViewType, streamLabel } = table.settings
  return {
    ...(streamViewType && { StreamSpecification: { StreamEnabled: true, StreamViewType: streamViewType } }),
    ...(streamLabel && {
      LatestStreamLabel: streamLabel,
      LatestStreamArn: `${tableArn(db.world.account, table.region, table.name)}/stream/${streamLabel}`,
    }),
  } as Partial<Description>
}

/** AWS: a table without replicas has none of these members; a table's own region is never among its Replicas. */
function globalOf(db: DynamoDb, table: TableRecord): Partial<Description> {
  const others = db.tables.others(table)
  if (!others.length) return {}
  const listed = others.filter((other) => isPast(db, other.membership?.listedAt))
  return {
    GlobalTableVersion: '2019.11.21',
    GlobalTableSettingsReplicationMode: 'ENABLED_WITH_OVERRIDES',
    Replicas: listed
      .sort((one, other) => (one.membership?.addedAt ?? 0) - (other.membership?.addedAt ?? 0))
      .map(
        (other): Wire<ReplicaDescription> => ({
          RegionName: other.region,
          ReplicaStatus: replicaStatus(db, other),
          WarmThroughput: warmOf(other.settings),
          GlobalTableSettingsReplicationMode: 'ENABLED_WITH_OVERRIDES',
          ...(other.schema.GlobalSecondaryIndexes && {
            GlobalSecondaryIndexes: other.schema.GlobalSecondaryIndexes.map(({ IndexName }) => ({
              IndexName,
            })),
          }),
        }),
      ),
  }
}

/** AWS: an UPDATING replica is shown ACTIVE by the others. */
function replicaStatus(db: DynamoDb, replica: TableRecord): ReplicaStatus {
  const status = db.tables.status(replica)
  return status === 'UPDATING' ? 'ACTIVE' : status
}

// AWS: ItemCount and TableSizeBytes are brought up to date about every six hours.
const COUNT_SECONDS = 6 * 3600

async function recounted(db: DynamoDb, table: TableRecord): Promise<TableRecord> {
  const { clock } = db.world
  const status = db.tables.status(table)
  if (clock.since(table.size.countedAt) < COUNT_SECONDS || status === 'CREATING' || status === 'DELETING')
    return table
  const engine = await db.engines.of(table.region)
  let items = 0
  let bytes = 0
  for await (const page of scanItems(engine, table.name)) {
    items += page.length
    bytes += page.reduce((sum, item) => sum + Buffer.byteLength(JSON.stringify(item)), 0)
  }
  const isStill = db.tables.stored(table.region, table.name)?.id === table.id
  return isStill ? db.tables.update(table, { size: { items, bytes, countedAt: clock.now() } }) : table
}

interface ListInput {
  readonly ExclusiveStartTableName?: string
  readonly Limit?: number
}

export async function listTables(db: DynamoDb, input: ListInput, call: Call) {
  const { ExclusiveStartTableName: after = '' } = input
  // AWS: fractions are cut off.
  const limit = Math.floor(input.Limit ?? 100)
  if (limit < 1 || limit > 100) {
    const bound = limit < 1 ? 'greater than or equal to 1' : 'less than or equal to 100'
    throw constraint(
      `Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${bound}`,
    )
  }
  // AWS: in byte order; the last page has no LastEvaluatedTableName.
  const names = db.tables
    .inRegion(call.region)
    .map((table) => table.name)
    .sort()
    .filter((name) => name > after)
  const page = names.slice(0, limit)
  return { TableNames: page, ...(names.length > limit && { LastEvaluatedTableName: page.at(-1) }) }
}
