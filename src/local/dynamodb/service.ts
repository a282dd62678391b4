// The local DynamoDB: builds its parts, settles what a former process left over, dispatches the calls of all regions.
// Bodies are JSON 1.0, passed through as they are; an operation that is not named here the front door answers 501.
import type { Call, LocalService, RawAnswer } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import { permissionsOf } from './authorize.js'
import { resumeBackfills } from './backfill.js'
import { createBackground } from './background.js'
import { describeContinuousBackups, updateContinuousBackups } from './backups.js'
import type { DynamoDb, Handler } from './context.js'
import { createTable, deleteTable, removeGone } from './control.js'
import { describeTable, listTables } from './describe.js'
import { createEngines, createInput, type Engine } from './engine.js'
import { encodeError } from './error.js'
import { startExpiry } from './expiry.js'
import {
  createGlobalTable,
  describeGlobalTable,
  listGlobalTables,
  updateGlobalTable,
} from './global-table.js'
import { createJournal } from './journal.js'
import { createKeyedMutex } from './lock.js'
import { batchGetItem, readTable } from './reads.js'
import { createReplication, type PairLag } from './replication.js'
import { createScratch } from './scratch.js'
import { createTables, type Tables } from './table-state.js'
import { listTagsOfResource, tagResource, untagResource } from './tags.js'
import { describeTimeToLive, updateTimeToLive } from './time-to-live.js'
import { transactGetItems, transactWriteItems } from './transactions.js'
import { updateTable } from './update-table.js'
import { batchWriteItem, writeItem } from './writes.js'

export interface DynamoDbService extends LocalService {
  /** What is on its way between regions; pairs with nothing pending are left out. */
  replicationLag(): PairLag[]
  close(): Promise<void>
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  CreateTable: createTable,
  UpdateTable: updateTable,
  DeleteTable: deleteTable,
  DescribeTable: describeTable,
  ListTables: listTables,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsOfResource: listTagsOfResource,
  UpdateContinuousBackups: updateContinuousBackups,
  DescribeContinuousBackups: describeContinuousBackups,
  UpdateTimeToLive: updateTimeToLive,
  DescribeTimeToLive: describeTimeToLive,
  CreateGlobalTable: createGlobalTable,
  UpdateGlobalTable: updateGlobalTable,
  DescribeGlobalTable: describeGlobalTable,
  ListGlobalTables: listGlobalTables,
  GetItem: readTable('GetItem'),
  Query: readTable('Query'),
  Scan: readTable('Scan'),
  BatchGetItem: batchGetItem,
  PutItem: writeItem('PutItem'),
  UpdateItem: writeItem('UpdateItem'),
  DeleteItem: writeItem('DeleteItem'),
  BatchWriteItem: batchWriteItem,
  TransactGetItems: transactGetItems,
  TransactWriteItems: transactWriteItems,
}

/** Opens the service on the world's data. Regions are opened at their first call. */
export async function dynamodbService(world: World): Promise<DynamoDbService> {
  const tables = createTables(world)
  const locks = createKeyedMutex()
  const engines = createEngines(world, (region, engine) => reconcile(tables, region, engine))
  const replication = createReplication({ world, tables, engines, locks })
  const journal = createJournal({ world, tables, engines, replication })
  const background = createBackground(world)
  const scratch = createScratch()
  const db: DynamoDb = { world, tables, engines, locks, replication, journal, scratch, background }

  await journal.recover()
  await removeGone(db)
  replication.start()
  resumeBackfills(db)
  startExpiry(db)

  const running = new Set<Promise<unknown>>()
  let closed = false
  return {
    name: 'dynamodb',
    operations: {},
    rawOperations: Object.keys(HANDLERS),
    authorize: (operation, input, call) => permissionsOf(world.account, operation, input, call),
    replicationLag: () => replication.lag(),
    async raw(operation, body, call) {
      const handler = HANDLERS[operation]
      if (!handler) return undefined
      const answer = closed ? unavailable() : answerTo(db, handler, operation, body, call)
      running.add(answer)
      return answer.finally(() => running.delete(answer))
    },
    async close() {
      closed = true
      await Promise.allSettled(running)
      await background.close()
      await replication.close()
      await scratch.close()
      await engines.close()
    },
  }
}

async function answerTo(
  db: DynamoDb,
  handler: Handler,
  operation: string,
  body: string,
  call: Call,
): Promise<RawAnswer> {
  try {
    const output = await handler(db, inputIn(body) as never, call)
    return { status: 200, body: JSON.stringify(output) }
  } catch (error) {
    if (error instanceof AwsError) return encodeError(error)
    db.world.log(`dynamodb: ${operation} broke: ${error instanceof Error ? error.stack : error}`)
    return encodeError(new AwsError('InternalServerError', 'Internal server error', 500))
  }
}

function inputIn(body: string): object {
  let input: unknown
  try {
    input = JSON.parse(body || '{}')
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON')
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input
  throw new AwsError('SerializationException', 'Start of structure or map found where not expected.')
}

const unavailable = async () =>
  encodeError(new AwsError('InternalServerError', 'The local cloud is stopping', 500))

/** Brings a region's engine in line with the tables on record, after a crash between the two. */
async function reconcile(tables: Tables, region: string, engine: Engine): Promise<void> {
  const wanted = new Map(
    tables
      .all()
      .filter((table) => table.region === region)
      .map((table) => [table.name, table.schema]),
  )
  const there = new Set(await engine.tableNames())
  for (const name of there) if (!wanted.has(name)) await engine.call('DeleteTable', { TableName: name })
  for (const [name, schema] of wanted) {
    if (!there.has(name)) await engine.call('CreateTable', createInput(name, schema))
  }
}
