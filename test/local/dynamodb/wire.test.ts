// The local DynamoDB over the wire, with clients that know nothing of it: the SDK, and the `aws` CLI where it is there.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DescribeTableOutput,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  type GetItemOutput,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import type { Want } from '../../../src/local/wire/dispatch.js'
import { startFront } from '../../../src/local/wire/front.js'
import { createQuotas } from '../../../src/local/wire/quota.js'
import type { Credential } from '../../../src/local/wire/sigv4.js'
import { NO_AWS, openAwsCli } from '../../aws-cli.js'
import { addReplica, createTable, EU, open, put, TABLE, tableInput, US, until } from './harness.js'

const OPERATOR = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' }
const SESSION = { accessKeyId: 'SESSIONKEY', secretAccessKey: 'session-secret', sessionToken: 'token' }
const ROLE = 'arn:aws:sts::000000000000:assumed-role/function/one'

/** A front door over the service; role sessions may do what `allowed` says. */
async function overTheWire(t: TestContext, allowed: (want: Want) => boolean = () => true) {
  const cloud = await open(t)
  const credentials = new Map<string, Credential>([
    [OPERATOR.accessKeyId, { ...OPERATOR, principal: { arn: 'arn:aws:iam::000000000000:root' } }],
    [SESSION.accessKeyId, { ...SESSION, principal: { arn: ROLE, roleName: 'function' } }],
  ])
  const front = await startFront({
    world: cloud.world,
    services: [cloud.service],
    clients: WIRE_CLIENTS,
    credentials: (id) => credentials.get(id),
    authorize(_, __, wants) {
      const refused = wants.find((want) => !allowed(want))
      return refused ? { allowed: false, ...refused, explicit: false } : { allowed: true }
    },
    quotas: createQuotas(cloud.world),
    onRegion: async () => {},
  })
  t.after(() => front.close())
  const client = (region: string, keys = OPERATOR) => {
    const made = new DynamoDBClient({ region, endpoint: front.url, credentials: keys, maxAttempts: 1 })
    t.after(() => made.destroy())
    return made
  }
  return { ...cloud, url: front.url, client }
}

test('the SDK: a global table and its items, errors as the SDK’s own', async (t) => {
  const cloud = await overTheWire(t)
  const [eu, us] = [cloud.client(EU), cloud.client(US)]
  await eu.send(new CreateTableCommand(tableInput() as CreateTableCommandInput))
  await until('the table', async () => {
    const { Table } = await eu.send(new DescribeTableCommand({ TableName: TABLE }))
    return Table?.TableStatus === 'ACTIVE' && Table.CreationDateTime instanceof Date
  })
  await eu.send(
    new UpdateTableCommand({ TableName: TABLE, ReplicaUpdates: [{ Create: { RegionName: US } }] }),
  )
  await until('the replica', async () => {
    const { Table } = await eu.send(new DescribeTableCommand({ TableName: TABLE }))
    return Table?.TableStatus === 'ACTIVE' && Table.Replicas?.[0]?.ReplicaStatus === 'ACTIVE'
  })
  const bytes = Uint8Array.from([0, 255, 128])
  const Item = {
    id: { N: '7' },
    name: { S: 'seven — ∞' },
    bytes: { B: bytes },
    list: { L: [{ BOOL: true }, { NULL: true }] },
  }
  await eu.send(new PutItemCommand({ TableName: TABLE, Item }))
  const Key = { id: { N: '7' } }
  await until(
    'the item elsewhere',
    async () => (await us.send(new GetItemCommand({ TableName: TABLE, Key }))).Item,
  )
  assert.deepEqual((await us.send(new GetItemCommand({ TableName: TABLE, Key }))).Item, Item)
  const query = {
    TableName: TABLE,
    KeyConditionExpression: 'id = :id',
    ExpressionAttributeValues: { ':id': { N: '7' } },
  }
  assert.equal((await us.send(new QueryCommand(query))).Count, 1)
  const batch = await eu.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: [Key] } } }))
  assert.deepEqual(batch.Responses?.[TABLE], [Item])

  const once = { TableName: TABLE, Item, ConditionExpression: 'attribute_not_exists(id)' }
  await assert.rejects(
    eu.send(new PutItemCommand({ ...once, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })),
    (error) => {
      assert.ok(error instanceof ConditionalCheckFailedException)
      assert.deepEqual(error.Item?.name, Item.name)
      return true
    },
  )
  await assert.rejects(
    eu.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: once }] })),
    (error) => {
      assert.ok(error instanceof TransactionCanceledException)
      assert.equal(error.CancellationReasons?.[0]?.Code, 'ConditionalCheckFailed')
      return true
    },
  )
  await assert.rejects(eu.send(new DescribeTableCommand({ TableName: 'nowhere' })), (error) => {
    assert.ok(error instanceof ResourceNotFoundException)
    assert.equal(error.message, 'Requested resource not found: Table: nowhere not found')
    return true
  })
  await assert.rejects(eu.send(new ExecuteStatementCommand({ Statement: 'SELECT 1' })), (error) => {
    const { name, $metadata } = error as { name: string; $metadata: { httpStatusCode: number } }
    assert.deepEqual([name, $metadata.httpStatusCode], ['NotImplemented', 501])
    return true
  })
})

test('a function’s role may do what it is granted on the table of its region', async (t) => {
  const wanted: Want[] = []
  const granted = {
    action: 'dynamodb:PutItem',
    resource: `arn:aws:dynamodb:${EU}:000000000000:table/${TABLE}`,
  }
  const cloud = await overTheWire(t, (want) => {
    wanted.push(want)
    return want.action === granted.action && want.resource === granted.resource
  })
  await createTable(cloud, EU)
  await addReplica(cloud, EU, US)
  const TableName = TABLE
  const Item = { id: { N: '1' } }
  const [eu, us] = [cloud.client(EU, SESSION), cloud.client(US, SESSION)]
  await eu.send(new PutItemCommand({ TableName, Item }))
  const denied = { name: 'AccessDeniedException' }
  await assert.rejects(us.send(new PutItemCommand({ TableName, Item })), denied)
  await assert.rejects(eu.send(new GetItemCommand({ TableName, Key: Item })), denied)
  await assert.rejects(eu.send(new QueryCommand({ TableName, IndexName: 'byName' })), denied)
  assert.equal(wanted.at(-1)?.resource, `${granted.resource}/index/byName`)
  const check = {
    ConditionCheck: { TableName, Key: { id: { N: '2' } }, ConditionExpression: 'attribute_exists(id)' },
  }
  const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }, check] })
  await assert.rejects(eu.send(transaction), denied)
  assert.deepEqual(wanted.at(-1), { ...granted, action: 'dynamodb:ConditionCheckItem' })
})

test('the aws CLI', { skip: NO_AWS }, async (t) => {
  const cloud = await overTheWire(t)
  await createTable(cloud, EU)
  await addReplica(cloud, EU, US)
  await put(cloud, EU, 1, 'one')
  const cli = openAwsCli(cloud.url, OPERATOR)
  t.after(() => cli.close())
  const aws = (operation: string, region: string, ...args: string[]) =>
    cli.run(['dynamodb', operation, ...args], region)
  const { Table } = (await aws('describe-table', EU, '--table-name', TABLE)) as DescribeTableOutput
  assert.equal(Table?.Replicas?.[0]?.ReplicaStatus, 'ACTIVE')
  const got = await aws('get-item', EU, '--table-name', TABLE, '--key', '{"id":{"N":"1"}}')
  assert.equal((got as GetItemOutput).Item?.name?.S, 'one')
  await assert.rejects(
    aws('describe-table', EU, '--table-name', 'nowhere'),
    /\(ResourceNotFoundException\).*Table: nowhere not found/,
  )
})
