// The local DynamoDB: builds its parts, settles what a former process left over, dispatches the calls of all regions.
// Bodies are JSON 1.0, passed through as they are; an operation that is not named here the front door answers 501.
import type { Call, FaultPort, LinkedRolesPort, LocalService, RawAnswer } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import { tableNameOf } from './arn.js'
import { permissionsOf } from './authorize.js'
import { resumeBackfills } from './backfill.js'
import { createBackground } from './background.js'
import { describeContinuousBackups, updateContinuousBackups } from './backups.js'
import type { DynamoDb, Handler } from './context.js'
import { createTable, deleteTable, removeGone } from './control.js'
import { describeTable, listTables } from './describe.js'
import { createEngines, createInput, type Engine } from './engine.js'
import { encodeError, unsupported } from './error.js'
import { startExpiry } from './expiry.js'
import {
  createGlobalTable,
  describeGlobalTable,
  listGlobalTables,
  updateGlobalTable,
} from './global-table.js'
import { refuseDeep } from './item-limit.js'
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

const CONTROL: Readonly<Record<string, Handler>> = {
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
}

// They answer from the engines, which have on disk what they show, and flush by themselves what they keep in the store:
// a read of an item never waits for the writes of others.
const ITEMS: Readonly<Record<string, Handler>> = {
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

const TRANSACTIONS = ['TransactGetItems', 'TransactWriteItems']

const NO_FAULTS: FaultPort = { replication: () => ({ paused: false, lagSeconds: 0 }) }

/** Opens the service on the world's data. Regions are opened at their first call. */
export async function dynamodbService(
  world: World,
  faults: FaultPort = NO_FAULTS,
  linkedRoles?: LinkedRolesPort,
  openEngine?: (folder?: string) => Promise<Engine>,
): Promise<DynamoDbService> {
  const tables = createTables(world)
  const locks = createKeyedMutex()
  const engines = createEngines(world, (region, engine) => reconcile(tables, region, engine), openEngine)
  const replication = createReplication({ world, tables, engines, locks, faults })
  const journal = createJournal({ world, tables, engines, replication })
  const background = createBackground(world)
  const scratch = createScratch(openEngine)
  const db: DynamoDb = {
    ...{ world, tables, engines, locks, replication, journal, scratch, background },
    ...(linkedRoles && { linkedRoles }),
  }

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
    rawOperations: [...Object.keys(CONTROL), ...Object.keys(ITEMS)],
    // The engine checks the others itself, in DynamoDB's words.
    checkedRaw: [...Object.keys(CONTROL), ...TRANSACTIONS],
    authorize: (operation, input, call) => permissionsOf(world.account, operation, input, call),
    replicationLag: () => replication.lag(),
    async raw(operation, body, call) {
      const handler = CONTROL[operation] ?? ITEMS[operation]
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
    const input = inputIn(body)
    const answer = Promise.resolve(handler(db, input as never, call))
    const output = await answer.catch((error) => refuseFirst(db, { operation, input, call }, error))
    return { status: 200, body: JSON.stringify(output) }
  } catch (error) {
    if (error instanceof AwsError) return encodeError(error)
    db.world.log(`dynamodb: ${operation} broke: ${error instanceof Error ? error.stack : error}`)
    return encodeError(new AwsError('InternalServerError', 'Internal server error', 500))
  } finally {
    if (operation in CONTROL) await db.world.store.flush()
  }
}

/** AWS: a request that is wrong in itself is refused as such, whether its table is there or not. */
async function refuseFirst(
  db: DynamoDb,
  { operation, input, call }: { operation: string; input: { TableName?: unknown }; call: Call },
  error: unknown,
): Promise<never> {
  const isAbsent = error instanceof AwsError && error.code === 'ResourceNotFoundException'
  if (!isAbsent || !(operation in ITEMS) || TRANSACTIONS.includes(operation)) throw error
  const isNamed = input.TableName !== undefined
  const named = isNamed ? { TableName: tableNameOf(input.TableName, call, db.world.account) } : {}
  const engine = await db.engines.of(call.region)
  engine.check(operation, { ...input, ...named })
  throw error
}

// The engine would lose an attribute of this name without a word.
const PROTO = '__proto__'
const MAYBE_PROTO = /__proto__|\\u/

function refuseProto(key: string, value: unknown): unknown {
  if (key === PROTO || (value === PROTO && key.startsWith('#')))
    throw unsupported(`An attribute named ${PROTO}`)
  return value
}

function inputIn(body: string): object {
  let input: unknown
  try {
    input = JSON.parse(body || '{}', MAYBE_PROTO.test(body) ? refuseProto : undefined)
  } catch (error) {
    if (error instanceof AwsError) throw error
    throw new AwsError('SerializationException', 'The request body is not JSON')
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
    refuseDeep(input)
    return input
  }
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
