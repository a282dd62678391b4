// Transactions: all or nothing in one region, with a reason for every action, once per token, through a crash.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addReplica, createTable, EU, nameOf, open, put, TABLE, temporaryDir, US, until } from './harness.js'

const putAction = (id: number, name: string, more: object = {}) => ({
  Put: { TableName: TABLE, Item: { id: { N: String(id) }, name: { S: name } }, ...more },
})
const keyed = (id: number, more: object = {}) => ({
  TableName: TABLE,
  Key: { id: { N: String(id) } },
  ...more,
})
const NEW = { ConditionExpression: 'attribute_not_exists(id)' }
const rename = (id: number, name: string, more: object = {}) => ({
  Update: keyed(id, {
    UpdateExpression: 'SET #n = :n',
    ExpressionAttributeNames: { '#n': 'name' },
    ExpressionAttributeValues: { ':n': { S: name } },
    ...more,
  }),
})

test('all writes are made, and reach the other region', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  await addReplica(cloud, EU, US)
  await put(cloud, EU, 2, 'two')
  await put(cloud, EU, 3, 'three')
  const check = { ConditionCheck: keyed(2, { ConditionExpression: 'attribute_exists(id)' }) }
  const TransactItems = [putAction(1, 'one', NEW), check, { Delete: keyed(3) }, rename(4, 'four')]
  assert.deepEqual(await cloud.ok(EU, 'TransactWriteItems', { TransactItems }), {})
  for (const region of [EU, US]) {
    await until(`the writes in ${region}`, async () => (await nameOf(cloud, region, 4)) === 'four')
    await until(`the deletion in ${region}`, async () => !(await nameOf(cloud, region, 3)))
    assert.equal(await nameOf(cloud, region, 1), 'one')
    assert.equal(await nameOf(cloud, region, 2), 'two', 'a check changes nothing')
  }
  const gets = [1, 3, 2].map((id) => ({ Get: keyed(id, { ProjectionExpression: 'id' }) }))
  const { Responses } = await cloud.ok(EU, 'TransactGetItems', { TransactItems: gets })
  assert.deepEqual(Responses, [{ Item: { id: { N: '1' } } }, {}, { Item: { id: { N: '2' } } }])
})

test('one refusal and nothing is made; every action has its reason', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  await put(cloud, EU, 1, 'one')
  const old = { ...NEW, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
  const absent = rename(3, '', { UpdateExpression: 'SET #n = absent, another = :n' })
  const { status, body } = await cloud.call(EU, 'TransactWriteItems', {
    TransactItems: [putAction(2, 'two'), putAction(1, 'again', old), absent],
  })
  assert.equal(status, 400)
  assert.match(body.__type, /#TransactionCanceledException$/)
  assert.equal(
    body.message,
    'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError]',
  )
  assert.deepEqual(body.CancellationReasons[1], {
    Code: 'ConditionalCheckFailed',
    Message: 'The conditional request failed',
    Item: { id: { N: '1' }, name: { S: 'one' } },
  })
  assert.equal(await nameOf(cloud, EU, 1), 'one')
  assert.equal(await nameOf(cloud, EU, 2), undefined)
})

test('requests that are wrong in themselves', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const refused = (TransactItems: unknown, more: object = {}) =>
    cloud.refused(EU, 'TransactWriteItems', { TransactItems, ...more })
  assert.match(await refused([]), /Member must have length greater than or equal to 1/)
  const many = Array.from({ length: 101 }, (_, id) => putAction(id, 'x'))
  assert.match(await refused(many), /Member must have length less than or equal to 100/)
  assert.match(
    await refused([{ ...putAction(1, 'x'), Delete: keyed(1) }]),
    /can only contain one of Check, Put, Update or Delete/,
  )
  assert.match(await refused([{ Get: keyed(1) }]), /can only contain one of/)
  assert.match(await refused([putAction(1, 'x'), { Delete: keyed(1) }]), /multiple operations on one item/)
  assert.match(await refused([{ ConditionCheck: keyed(1) }]), /conditionCheck.conditionExpression/)
  assert.match(
    await refused([putAction(1, 'x', { ConditionExpression: 'no such function(' })]),
    /^ValidationException: Invalid ConditionExpression/,
  )
  assert.match(
    await refused([putAction(1, 'x')], { ReturnConsumedCapacity: 'TOTAL' }),
    /not supported by the local cloud/,
  )
  const elsewhere = { Put: { TableName: 'nowhere', Item: { id: { N: '1' } } } }
  assert.equal(await refused([elsewhere]), 'ResourceNotFoundException: Requested resource not found')
  const badKey = { Delete: { TableName: TABLE, Key: { id: { S: 'text' } } } }
  assert.match(await refused([badKey]), /^TransactionCanceledException: .*\[ValidationError\]/)
})

test('a token makes a transaction once', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const ClientRequestToken = 'a-token'
  const add = {
    UpdateExpression: 'ADD hits :n',
    ExpressionAttributeNames: undefined,
    ExpressionAttributeValues: { ':n': { N: '1' } },
  }
  const input = { TransactItems: [rename(1, '', add)], ClientRequestToken }
  await cloud.ok(EU, 'TransactWriteItems', input)
  await cloud.ok(EU, 'TransactWriteItems', input)
  const { Item } = await cloud.ok(EU, 'GetItem', keyed(1))
  assert.equal(Item.hits.N, '1')
  const other = { ...input, TransactItems: [putAction(2, 'x')] }
  assert.match(await cloud.refused(EU, 'TransactWriteItems', other), /^IdempotentParameterMismatchException/)
})

test('concurrent transfers neither make nor lose money', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const accounts = [0, 1, 2, 3]
  for (const id of accounts) {
    await cloud.ok(EU, 'PutItem', { TableName: TABLE, Item: { id: { N: String(id) }, money: { N: '5' } } })
  }
  const move = (id: number, amount: number) => ({
    Update: keyed(id, {
      UpdateExpression: 'SET money = money + :amount',
      ConditionExpression: 'money >= :least',
      ExpressionAttributeValues: {
        ':amount': { N: String(amount) },
        ':least': { N: String(Math.max(0, -amount)) },
      },
    }),
  })
  const transfers = Array.from({ length: 60 }, (_, turn) => {
    const [from, to] = turn % 5 ? [(turn % 3) + 1, 0] : [0, (turn % 3) + 1]
    return cloud.call(EU, 'TransactWriteItems', { TransactItems: [move(from, -3), move(to, 3)] })
  })
  const statuses = (await Promise.all(transfers)).map(({ status }) => status)
  assert.ok(statuses.includes(200) && statuses.includes(400), 'some are made, some refused')
  const { Items } = await cloud.ok(EU, 'Scan', { TableName: TABLE })
  const sum = Items.reduce((total: number, item: { money: { N: string } }) => total + Number(item.money.N), 0)
  assert.equal(sum, 20)
  for (const item of Items) assert.ok(Number(item.money.N) >= 0)
})

test('a decided transaction that a crash cut off is finished by the next process', async (t) => {
  const dir = await temporaryDir(t)
  const before = await open(t, { dir })
  await createTable(before, EU)
  await addReplica(before, EU, US)
  await put(before, EU, 2, 'to be deleted')
  const store = before.world.store
  const table = store.collection<{ id: string }>('dynamodb.table').get(`${EU}/${TABLE}`)
  const one = { table: TABLE, tableId: table?.id, ts: (Date.now() + 5) * 1000 }
  // As a crash leaves it: decided and on disk, nothing written yet.
  store.collection<object>('dynamodb.intent').set('1', {
    region: EU,
    token: { id: `${EU}/token`, hash: 'x', until: Date.now() + 60_000 },
    items: [
      { ...one, key: { id: { N: '1' } }, after: { id: { N: '1' }, name: { S: 'finished' } } },
      { ...one, ts: one.ts + 1, key: { id: { N: '2' } }, after: null },
    ],
  })
  await before.close()
  const after = await open(t, { dir })
  for (const region of [EU, US]) {
    await until(`the put in ${region}`, async () => (await nameOf(after, region, 1)) === 'finished')
    await until(`the deletion in ${region}`, async () => !(await nameOf(after, region, 2)))
  }
  const again = { TransactItems: [putAction(9, 'x')], ClientRequestToken: 'token' }
  assert.match(await after.refused(EU, 'TransactWriteItems', again), /^IdempotentParameterMismatchException/)
})

const conflict = (...codes: string[]) =>
  `TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`

test('a transaction under way cancels others on its items, and refuses single writes; batches wait', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const write = (...ids: number[]) => ({ TransactItems: ids.map((id) => putAction(id, 'first')) })
  const underWay = cloud.ok(EU, 'TransactWriteItems', write(1, 2))
  const other = cloud.call(EU, 'TransactWriteItems', write(3, 2))
  const single = cloud.refused(EU, 'PutItem', { TableName: TABLE, Item: { id: { N: '1' } } })
  const get = cloud.refused(EU, 'TransactGetItems', { TransactItems: [{ Get: keyed(1) }] })
  const batch = cloud.ok(EU, 'BatchWriteItem', {
    RequestItems: { [TABLE]: [{ PutRequest: { Item: { id: { N: '2' }, name: { S: 'batch' } } } }] },
  })
  const free = cloud.ok(EU, 'TransactWriteItems', write(4))
  const { status, body } = await other
  assert.equal(status, 400)
  assert.match(body.message, /\[None, TransactionConflict\]$/)
  assert.deepEqual(body.CancellationReasons, [
    { Code: 'None' },
    { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
  ])
  assert.equal(await single, 'TransactionConflictException: Transaction is ongoing for the item')
  assert.equal(await get, conflict('TransactionConflict'))
  await Promise.all([underWay, batch, free])
  assert.equal(await nameOf(cloud, EU, 1), 'first')
  assert.equal(await nameOf(cloud, EU, 2), 'batch')
  await put(cloud, EU, 1, 'free again')
})

test('a write under way cancels a TransactGetItems, but not a TransactWriteItems', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const single = put(cloud, EU, 1, 'single')
  // It holds its item some promises later, and longer than that.
  for (let step = 0; step < 5; step += 1) await undefined
  const get = cloud.refused(EU, 'TransactGetItems', { TransactItems: [{ Get: keyed(1) }] })
  const transaction = cloud.ok(EU, 'TransactWriteItems', { TransactItems: [putAction(1, 'transaction')] })
  assert.equal(await get, conflict('TransactionConflict'))
  await Promise.all([single, transaction])
  assert.equal(await nameOf(cloud, EU, 1), 'transaction')
})

test('a token whose transaction is under way', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const input = { TransactItems: [putAction(1, 'x')], ClientRequestToken: 'twice' }
  const first = cloud.ok(EU, 'TransactWriteItems', input)
  assert.match(await cloud.refused(EU, 'TransactWriteItems', input), /^TransactionInProgressException/)
  await first
  await cloud.ok(EU, 'TransactWriteItems', input)
})
