// Replication of items: it converges whatever the order, loses nothing that was acknowledged, and survives the process.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNewer } from '../../../src/local/dynamodb/replication.js'
import type { World } from '../../../src/local/world.js'
import {
  AP,
  addReplica,
  createTable,
  EU,
  type Harness,
  nameOf,
  open,
  put,
  TABLE,
  temporaryDir,
  US,
  until,
} from './harness.js'

const REGIONS = [EU, US, AP]

/** A world whose replication takes that long, virtual seconds, other things nothing. */
const lagging = (lag: () => number) => (world: World) => ({
  ...world,
  takes: (what: Parameters<World['takes']>[0]) =>
    what === 'dynamodb.replication-lag' ? lag() : world.takes(what),
})

const delivered = (cloud: Harness) =>
  until('all to be delivered', async () => !cloud.service.replicationLag().length)

async function allItems(cloud: Harness, region: string): Promise<string[]> {
  const { Items } = await cloud.ok(region, 'Scan', { TableName: TABLE })
  return Items.map((item: object) => JSON.stringify(item, Object.keys(item).sort())).sort()
}

async function globalTable(cloud: Harness, regions = REGIONS): Promise<void> {
  await createTable(cloud, regions[0]!)
  for (const region of regions.slice(1)) await addReplica(cloud, regions[0]!, region)
}

test('of two writes the later one is newer, then the region that sorts last', () => {
  assert.equal(isNewer({ ts: 2, region: EU }, { ts: 1, region: US }), true)
  assert.equal(isNewer({ ts: 1, region: US }, { ts: 2, region: EU }), false)
  assert.equal(isNewer({ ts: 1, region: US }, { ts: 1, region: EU }), true)
  assert.equal(isNewer({ ts: 1, region: EU }, { ts: 1, region: EU }), false)
})

test('concurrent writes to the same items in three regions converge', async (t) => {
  // Each entry has a lag of its own, so that they arrive in any order.
  const cloud = await open(t, { change: (world) => lagging(() => world.random() * 0.05)(world) })
  await globalTable(cloud)
  const write = async (region: string, turn: number) => {
    const id = { N: String(turn % 7) }
    if (turn % 5 === 0) return cloud.ok(region, 'DeleteItem', { TableName: TABLE, Key: { id } })
    if (turn % 5 === 1) {
      return cloud.ok(region, 'UpdateItem', {
        TableName: TABLE,
        Key: { id },
        UpdateExpression: 'ADD turns :one SET writer = :region',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':region': { S: region } },
      })
    }
    if (turn % 5 === 2) {
      const Item = { id, name: { S: `batch ${region} ${turn}` } }
      return cloud.ok(region, 'BatchWriteItem', { RequestItems: { [TABLE]: [{ PutRequest: { Item } }] } })
    }
    return put(cloud, region, turn % 7, `${region} ${turn}`)
  }
  await Promise.all(
    REGIONS.map(async (region) => {
      for (let turn = 0; turn < 60; turn++) await write(region, turn)
    }),
  )
  await delivered(cloud)
  const [first, ...others] = await Promise.all(REGIONS.map((region) => allItems(cloud, region)))
  assert.ok(first?.length)
  for (const other of others) assert.deepEqual(other, first)
})

test('the last write wins in every region', async (t) => {
  const cloud = await open(t, { change: lagging(() => 0.02) })
  await globalTable(cloud)
  await put(cloud, EU, 1, 'first')
  await put(cloud, AP, 1, 'second')
  await put(cloud, US, 1, 'third')
  await delivered(cloud)
  for (const region of REGIONS) assert.equal(await nameOf(cloud, region, 1), 'third', region)
  await cloud.ok(EU, 'DeleteItem', { TableName: TABLE, Key: { id: { N: '1' } } })
  await delivered(cloud)
  for (const region of REGIONS) assert.equal(await nameOf(cloud, region, 1), undefined, region)
})

test('a deletion is one everywhere, whatever else its request says', async (t) => {
  const cloud = await open(t)
  await globalTable(cloud, [EU, US])
  await put(cloud, EU, 1, 'there')
  const Item = { id: { N: '1' }, name: { S: 'no member of DeleteItem' } }
  await cloud.ok(EU, 'DeleteItem', { TableName: TABLE, Key: { id: { N: '1' } }, Item })
  await delivered(cloud)
  for (const region of [EU, US]) assert.equal(await nameOf(cloud, region, 1), undefined, region)
})

test('numbers that are one key are one item', async (t) => {
  const cloud = await open(t)
  await globalTable(cloud, [EU, US])
  const write = (region: string, N: string, S: string) =>
    cloud.ok(region, 'PutItem', { TableName: TABLE, Item: { id: { N }, name: { S } } })
  await write(EU, '1.0', 'one')
  await write(EU, '10e-1', 'two')
  await delivered(cloud)
  assert.deepEqual(await allItems(cloud, US), await allItems(cloud, EU))
  assert.equal(await nameOf(cloud, US, 1), 'two')
})

test('a refused write is not replicated; a condition sees its own region only', async (t) => {
  const cloud = await open(t, { change: lagging(() => 3600) })
  await globalTable(cloud, [EU, US])
  const Item = { id: { N: '1' }, name: { S: 'mine' } }
  const input = { TableName: TABLE, Item, ConditionExpression: 'attribute_not_exists(id)' }
  await cloud.ok(EU, 'PutItem', input)
  assert.equal(
    await cloud.refused(EU, 'PutItem', input),
    'ConditionalCheckFailedException: The conditional request failed',
  )
  await cloud.ok(US, 'PutItem', input)
  const lag = cloud.service.replicationLag().map(({ from, to, pending }) => [from, to, pending])
  assert.deepEqual(lag.sort(), [
    [EU, US, 1],
    [US, EU, 1],
  ])
  const old = { ...input, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
  const { body } = await cloud.call(EU, 'PutItem', old)
  assert.deepEqual(body.Item, Item)
})

test('what was not delivered when the service closed is delivered by the next', async (t) => {
  const dir = await temporaryDir(t)
  const before = await open(t, { dir, change: lagging(() => 3600) })
  await globalTable(before)
  for (let id = 0; id < 20; id++) await put(before, REGIONS[id % 3]!, id, `item ${id}`)
  const due = before.service.replicationLag()
  assert.equal(
    due.reduce((sum, { pending }) => sum + pending, 0),
    40,
  )
  assert.equal(await nameOf(before, US, 0), undefined)
  await before.close()

  // The entries are due in an hour; the next cloud's clock is two hours ahead.
  const ahead = 2 * 3600 * 1000
  const after = await open(t, {
    dir,
    change: (world) => ({
      ...world,
      clock: {
        ...world.clock,
        now: () => Date.now() + ahead,
        since: (at) => (Date.now() + ahead - at) / 1000,
      },
    }),
  })
  await delivered(after)
  for (const region of REGIONS) {
    assert.equal((await allItems(after, region)).length, 20, region)
    assert.equal(await nameOf(after, region, 7), 'item 7')
  }
})

test('a write that a crash cut off is replicated if it was made, and only then', async (t) => {
  const dir = await temporaryDir(t)
  const before = await open(t, { dir })
  await globalTable(before, [EU, US])
  await put(before, EU, 1, 'same in both')
  await put(before, EU, 2, 'made')
  await delivered(before)
  const table = before.world.store.collection<{ id: string }>('dynamodb.table').get(`${EU}/${TABLE}`)
  const version = before.world.store.collection('dynamodb.version')
  // As a crash leaves it: the intent on disk, the item written or not, no version and no entry for it.
  const intents = before.world.store.collection<object>('dynamodb.intent')
  const intent = (id: number, name: string | null, ts: number) => ({
    region: EU,
    items: [
      {
        table: TABLE,
        tableId: table?.id,
        key: { id: { N: String(id) } },
        ts,
        before: name && { id: { N: String(id) }, name: { S: name } },
      },
    ],
  })
  version.delete(`${table?.id}/["N:2e0"]`)
  intents.set('1', intent(1, 'same in both', Date.now() * 1000))
  intents.set('2', intent(2, 'old', Date.now() * 1000))
  const us = before.world.store.collection<{ id: string }>('dynamodb.table').get(`${US}/${TABLE}`)
  version.delete(`${us?.id}/["N:2e0"]`)
  await before.close()

  const after = await open(t, { dir, change: lagging(() => 3600) })
  const pending = [
    ...after.world.store.collection<{ key: unknown; item: unknown }>('dynamodb.outbox').values(),
  ]
  assert.deepEqual(
    pending.map(({ key, item }) => ({ key, item })),
    [{ key: { id: { N: '2' } }, item: { id: { N: '2' }, name: { S: 'made' } } }],
  )
  assert.equal(after.world.store.collection('dynamodb.intent').size, 0)
})

test('a new replica gets what is there, what is written meanwhile, and no deleted item back', async (t) => {
  const cloud = await open(t, { change: lagging(() => 0.05) })
  await createTable(cloud, EU)
  for (let id = 0; id < 300; id++) await put(cloud, EU, id, `before ${id}`)
  await addReplica(cloud, EU, US)
  const deletion = cloud.ok(US, 'DeleteItem', { TableName: TABLE, Key: { id: { N: '5' } } })
  const update = { TableName: TABLE, ReplicaUpdates: [{ Create: { RegionName: AP } }] }
  await cloud.ok(EU, 'UpdateTable', update)
  const writes = Array.from({ length: 300 }, (_, id) =>
    put(cloud, id % 2 ? EU : US, 1000 + id, `during ${id}`),
  )
  await Promise.all([deletion, ...writes])
  await until(
    'the replica',
    async () =>
      (await cloud.call(AP, 'GetItem', { TableName: TABLE, Key: { id: { N: '1' } } })).status === 200,
  )
  await delivered(cloud)
  const [eu, us, ap] = await Promise.all(REGIONS.map((region) => allItems(cloud, region)))
  assert.equal(eu?.length, 599)
  assert.deepEqual(us, eu)
  assert.deepEqual(ap, eu)
})

test('a copy that a restart has cut off begins anew', async (t) => {
  const dir = await temporaryDir(t)
  const before = await open(t, { dir })
  await globalTable(before, [EU, US])
  for (let id = 0; id < 10; id++) await put(before, EU, id, 'x')
  await delivered(before)
  // As a crash leaves it: not marked as filled.
  const tables = before.world.store.collection<object>('dynamodb.table')
  tables.set(`${US}/${TABLE}`, { ...tables.get(`${US}/${TABLE}`), filling: true })
  await before.close()
  const after = await open(t, { dir })
  await until('the replica', async () => (await after.call(US, 'Scan', { TableName: TABLE })).status === 200)
  assert.equal((await allItems(after, US)).length, 10)
})

test('entries for a replica that is gone reach no other table of its name', async (t) => {
  const cloud = await open(t, { change: lagging(() => 0.1) })
  await globalTable(cloud, [EU, US])
  await put(cloud, EU, 1, 'on its way')
  await cloud.ok(EU, 'UpdateTable', { TableName: TABLE, ReplicaUpdates: [{ Delete: { RegionName: US } }] })
  await createTable(cloud, US)
  await delivered(cloud)
  assert.deepEqual(await allItems(cloud, US), [])
})
