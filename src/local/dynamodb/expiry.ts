// Deletes the items whose time to live is over: a pass over all tables that have it enabled, every minute or so.
// A deletion is an ordinary one, so it reaches the other replicas as any write does.
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { DynamoDb } from './context.js'
import { removeGone } from './control.js'
import { scanItems } from './engine.js'
import { keyOf } from './item-key.js'
import type { WireItem } from './shape.js'
import type { TableRecord } from './table-state.js'
import { writeItem } from './writes.js'

// AWS: within a few days, usually within minutes. The times in items are real ones, whatever the clock's scale.
const PASS_SECONDS = 60
const LEAST_REAL_SECONDS = 1

/** Starts the passes; they end when the service closes. */
export function startExpiry(db: DynamoDb): void {
  const { clock } = db.world
  db.background.untilDone('the deletion of expired items', async (signal) => {
    while (!signal.aborted) {
      await clock.sleep(Math.max(PASS_SECONDS, LEAST_REAL_SECONDS * clock.scale), signal)
      if (signal.aborted) return
      await removeGone(db)
      await expire(db, signal)
    }
  })
}

/** One pass. */
export async function expire(db: DynamoDb, signal?: AbortSignal): Promise<void> {
  for (const table of db.tables.all()) {
    const attribute = table.timeToLive?.attribute
    const status = db.tables.status(table)
    if (attribute && (status === 'ACTIVE' || status === 'UPDATING')) {
      await expireIn(db, table, attribute, signal)
    }
  }
}

async function expireIn(db: DynamoDb, table: TableRecord, attribute: string, signal?: AbortSignal) {
  const engine = await db.engines.of(table.region)
  const now = db.world.clock.now() / 1000
  for await (const page of scanItems(engine, table.name)) {
    for (const item of page) {
      if (signal?.aborted) return
      if (isOver(item[attribute]?.N, now)) await deleteExpired(db, table, attribute, item)
    }
  }
}

// AWS: epoch seconds; a time more than five years ago is taken for a mistake.
const FIVE_YEARS_SECONDS = 5 * 365 * 24 * 3600

function isOver(value: unknown, now: number): boolean {
  const time = typeof value === 'string' ? Number(value) : Number.NaN
  return time < now && time > now - FIVE_YEARS_SECONDS
}

const deleteItem = writeItem('DeleteItem')
const LEFT_ALONE = [
  'ConditionalCheckFailedException',
  'ResourceNotFoundException',
  'TransactionConflictException',
]

async function deleteExpired(db: DynamoDb, table: TableRecord, attribute: string, item: WireItem) {
  const { region, name, schema } = table
  const call: Call = {
    region,
    operation: 'DeleteItem',
    requestId: 'time-to-live',
    principal: { arn: 'dynamodb.amazonaws.com' },
  }
  const input = {
    TableName: name,
    Key: keyOf(schema, item)!,
    // It may have been given another time since the scan saw it.
    ConditionExpression: '#time = :time',
    ExpressionAttributeNames: { '#time': attribute },
    ExpressionAttributeValues: { ':time': item[attribute] },
  }
  try {
    await deleteItem(db, input, call)
  } catch (error) {
    // Changed meanwhile, gone with its table, or in a transaction now: the next pass looks again.
    if (!(error instanceof AwsError) || !LEFT_ALONE.includes(error.code)) throw error
  }
}
