// A process that is killed right after an answer, at many points of a global table's life: the next one shows the same,
// refuses the same, and goes on with what was under way.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { rangeOf, type Takes } from '../../../src/local/profile.js'
import { EU, type Harness, manualClock, open, TABLE, tableInput, temporaryDir, US, until } from './harness.js'

const ONE = { TableName: TABLE }
const arn = (region: string) => ({ ResourceArn: `arn:aws:dynamodb:${region}:000000000000:table/${TABLE}` })

/** All that the cloud says of the table in both regions, refusals included. */
async function saidOf(cloud: Harness): Promise<object> {
  const asked: [string, object, string?][] = [
    ['DescribeTable', ONE],
    ['DescribeTimeToLive', ONE],
    ['DescribeContinuousBackups', ONE],
    ['ListTables', {}],
  ]
  const said: Record<string, unknown> = {}
  for (const region of [EU, US]) {
    for (const [operation, input] of asked) {
      said[`${region} ${operation}`] = (await cloud.call(region, operation, input)).body
    }
    said[`${region} tags`] = (await cloud.call(region, 'ListTagsOfResource', arn(region))).body
    said[`${region} items`] = (await cloud.call(region, 'Scan', ONE)).body
  }
  return said
}

async function slow(t: TestContext, dir: string, clock: ReturnType<typeof manualClock>): Promise<Harness> {
  const takes = (what: Takes) => rangeOf('realistic', what)[1]
  return open(t, { dir, profile: 'realistic', change: (world) => ({ ...world, clock, takes }) })
}

const TOKEN = {
  ClientRequestToken: 'once',
  TransactItems: [
    {
      Update: {
        ...ONE,
        Key: { id: { N: '7' } },
        UpdateExpression: 'ADD hits :n',
        ExpressionAttributeValues: { ':n': { N: '1' } },
      },
    },
  ],
}

/** A point of the table's life: a call, or some virtual seconds. */
type Phase = readonly [region: string, operation: string, input: object] | number

const replica = (action: object) => ({ ...ONE, ReplicaUpdates: [action] })
const LIFE: readonly Phase[] = [
  [EU, 'CreateTable', tableInput({ Tags: [{ Key: 'a', Value: '1' }] })],
  7,
  [EU, 'TagResource', { ...arn(EU), Tags: [{ Key: 'b', Value: '2' }] }],
  2,
  [EU, 'UpdateTimeToLive', { ...ONE, TimeToLiveSpecification: { AttributeName: 'until', Enabled: true } }],
  [
    EU,
    'UpdateContinuousBackups',
    { ...ONE, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
  ],
  3,
  [EU, 'UpdateTable', replica({ Create: { RegionName: US } })],
  8,
  4,
  40,
  [EU, 'PutItem', { ...ONE, Item: { id: { N: '1' } } }],
  [EU, 'TransactWriteItems', TOKEN],
  [US, 'UpdateTable', { ...ONE, DeletionProtectionEnabled: true }],
  20,
  20,
  [US, 'UpdateTable', { ...ONE, DeletionProtectionEnabled: false }],
  40,
  [EU, 'UpdateTable', replica({ Delete: { RegionName: US } })],
  48,
  200,
  40,
  [EU, 'DeleteTable', ONE],
  7,
]

test('every state outlives the process', async (t) => {
  const [dir, into] = [await temporaryDir(t), await temporaryDir(t)]
  const clock = manualClock()
  const cloud = await slow(t, dir, clock)
  for (const [index, phase] of LIFE.entries()) {
    if (typeof phase === 'number') clock.advance(phase)
    else await cloud.ok(...phase)
    const copy = join(into, String(index))
    cpSync(dir, copy, { recursive: true })
    await settled(cloud)
    const next = await slow(t, copy, clock)
    await settled(next)
    assert.deepEqual(
      await saidOf(next),
      await saidOf(cloud),
      `after ${JSON.stringify(phase)}, number ${index}`,
    )
    await next.close()
  }
})

test('locks and tokens outlive the process', async (t) => {
  const [dir, into] = [await temporaryDir(t), await temporaryDir(t)]
  const clock = manualClock()
  const cloud = await slow(t, dir, clock)
  await cloud.ok(EU, 'CreateTable', tableInput())
  clock.advance(10)
  await cloud.ok(EU, 'TransactWriteItems', TOKEN)
  await cloud.ok(EU, 'TagResource', { ...arn(EU), Tags: [{ Key: 'b', Value: '2' }] })
  await cloud.ok(EU, 'UpdateTable', { ...ONE, DeletionProtectionEnabled: true })
  const live = (Enabled: boolean) => ({
    ...ONE,
    TimeToLiveSpecification: { AttributeName: 'until', Enabled },
  })
  await cloud.ok(EU, 'UpdateTimeToLive', live(true))
  cpSync(dir, join(into, 'copy'), { recursive: true })

  const next = await slow(t, join(into, 'copy'), clock)
  const tag = { ...arn(EU), Tags: [{ Key: 'c', Value: '3' }] }
  assert.match(await next.refused(EU, 'TagResource', tag), /^LimitExceededException/)
  assert.match(
    await next.refused(EU, 'UpdateTable', { ...ONE, DeletionProtectionEnabled: false }),
    /^ThrottlingException/,
  )
  assert.match(await next.refused(EU, 'UpdateTimeToLive', live(false)), /modified multiple times/)
  await next.ok(EU, 'TransactWriteItems', TOKEN)
  const { Item } = await next.ok(EU, 'GetItem', { ...ONE, Key: { id: { N: '7' } } })
  assert.equal(Item.hits.N, '1', 'the token was not forgotten')
})

/** Copying and delivering take real time, also on a clock that stands still. */
const settled = (cloud: Harness) =>
  until('the copy', async () => {
    const tables = [...cloud.world.store.collection<{ filling?: true }>('dynamodb.table').values()]
    const due = [...cloud.world.store.collection<{ dueAt: number }>('dynamodb.outbox').values()]
    const isDue = due.some(({ dueAt }) => dueAt <= cloud.world.clock.now())
    return !isDue && !tables.some(({ filling }) => filling)
  })
