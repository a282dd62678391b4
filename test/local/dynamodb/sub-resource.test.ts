// Tags, point-in-time recovery and time to live: whose they are, what AWS refuses, and what expires.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addReplica,
  createTable,
  described,
  EU,
  type Harness,
  nameOf,
  open,
  openSlow,
  TABLE,
  tableInput,
  US,
  until,
} from './harness.js'

const ONE = { TableName: TABLE }
const ResourceArn = `arn:aws:dynamodb:${EU}:000000000000:table/${TABLE}`
const tag = (Key: string, Value = 'x') => ({ ResourceArn, Tags: [{ Key, Value }] })
const tagsOf = async (cloud: Harness) => {
  const { Tags } = await cloud.ok(EU, 'ListTagsOfResource', { ResourceArn })
  return Tags.map(({ Key, Value }: { Key: string; Value: string }) => `${Key}=${Value}`).sort()
}

test('tags: not before ACTIVE, one write at a time, read a little later', async (t) => {
  const cloud = await openSlow(t)
  await cloud.ok(EU, 'CreateTable', tableInput({ Tags: [{ Key: 'a', Value: '1' }] }))
  const notFound = `ResourceNotFoundException: Requested resource not found: ResourceArn: ${ResourceArn} not found`
  assert.equal(await cloud.refused(EU, 'ListTagsOfResource', { ResourceArn }), notFound)
  cloud.clock.advance(7)
  assert.deepEqual(await tagsOf(cloud), ['a=1'])
  await cloud.ok(EU, 'TagResource', tag('b'))
  assert.deepEqual(await tagsOf(cloud), ['a=1'], 'reads lag')
  const locked = `LimitExceededException: Subscriber limit exceeded: Table tags are being updated: ${TABLE}`
  assert.equal(await cloud.refused(EU, 'TagResource', tag('c')), locked)
  assert.equal(await cloud.refused(EU, 'UntagResource', { ResourceArn, TagKeys: ['zzz'] }), locked)
  await cloud.ok(EU, 'TagResource', tag('b'))
  assert.match(
    await cloud.refused(EU, 'DeleteTable', ONE),
    /^ResourceInUseException: .*Table tags are being updated/,
  )
  cloud.clock.advance(1.6)
  await cloud.ok(EU, 'UntagResource', { ResourceArn, TagKeys: ['a'] })
  cloud.clock.advance(3)
  assert.deepEqual(await tagsOf(cloud), ['b=x'])
  await cloud.ok(EU, 'TagResource', tag('b'))
  await cloud.ok(EU, 'DeleteTable', ONE)
})

test('tags that AWS refuses, whole', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const refused = (...Tags: object[]) => cloud.refused(EU, 'TagResource', { ResourceArn, Tags })
  const good = { Key: 'good', Value: '' }
  assert.match(await refused(), /Atleast one Tag needs to be provided as Input/)
  assert.match(await refused(good, { Key: 'k'.repeat(129), Value: '' }), /The Tag Key provided is invalid/)
  assert.match(await refused(good, { Key: 'a', Value: 'x'.repeat(257) }), /The Tag Value provided is invalid/)
  assert.match(await refused(good, { Key: 'a#', Value: '' }), /The Tag Key provided is invalid/)
  assert.match(await refused(good, good), /Duplicate Tag Key found good/)
  assert.match(await refused(good, { Key: 'aws:x', Value: '' }), /Tag Key cannot be prefixed with aws:/)
  const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
  assert.match(await refused(...many), /Number of Tags exceed the current limit/)
  assert.match(
    await cloud.refused(EU, 'TagResource', { ...tag('a'), ResourceArn: TABLE }),
    /ARNs must start with 'arn:'/,
  )
  assert.match(
    await cloud.refused(US, 'TagResource', tag('a')),
    /Invalid TableArn: Invalid ResourceArn provided as input/,
  )
  assert.deepEqual(await tagsOf(cloud), [])
})

test('point-in-time recovery is each region’s own', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  await addReplica(cloud, EU, US)
  const turn = (PointInTimeRecoveryEnabled: boolean, more: object = {}) => ({
    ...ONE,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled, ...more },
  })
  const { ContinuousBackupsDescription: on } = await cloud.ok(EU, 'UpdateContinuousBackups', turn(true))
  assert.equal(on.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus, 'ENABLED')
  assert.equal(on.PointInTimeRecoveryDescription.RecoveryPeriodInDays, 35)
  const { ContinuousBackupsDescription: us } = await cloud.ok(US, 'DescribeContinuousBackups', ONE)
  assert.deepEqual(us, {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
  })
  assert.match(
    await cloud.refused(EU, 'UpdateContinuousBackups', turn(true, { RecoveryPeriodInDays: 36 })),
    /less than or equal to 35/,
  )
  assert.match(
    await cloud.refused(EU, 'UpdateContinuousBackups', turn(false, { RecoveryPeriodInDays: 7 })),
    /when disabling/,
  )
  const { ContinuousBackupsDescription: off } = await cloud.ok(EU, 'UpdateContinuousBackups', turn(false))
  assert.equal(off.ContinuousBackupsStatus, 'ENABLED')
  const nowhere = { TableName: 'nowhere' }
  assert.equal(
    await cloud.refused(EU, 'DescribeContinuousBackups', nowhere),
    'TableNotFoundException: Table not found: nowhere',
  )
})

test('backups are enabled a little after the table is ACTIVE', async (t) => {
  const cloud = await openSlow(t)
  await cloud.ok(EU, 'CreateTable', tableInput())
  const on = { ...ONE, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }
  assert.match(await cloud.refused(EU, 'UpdateContinuousBackups', on), /^TableNotFoundException/)
  cloud.clock.advance(6.2)
  assert.equal(
    await cloud.refused(EU, 'UpdateContinuousBackups', on),
    `ContinuousBackupsUnavailableException: Backups are being enabled for the table: ${TABLE}. Please retry later`,
  )
  cloud.clock.advance(2.7)
  await cloud.ok(EU, 'UpdateContinuousBackups', on)
})

const live = (AttributeName: string, Enabled = true) => ({
  ...ONE,
  TimeToLiveSpecification: { AttributeName, Enabled },
})

test('time to live: its states, and no second change for half an hour', async (t) => {
  const cloud = await openSlow(t)
  await cloud.ok(EU, 'CreateTable', tableInput())
  assert.match(await cloud.refused(EU, 'DescribeTimeToLive', ONE), /while table is in CREATING state/)
  assert.match(
    await cloud.refused(EU, 'UpdateTimeToLive', live('until')),
    /^ResourceInUseException: .*is being created/,
  )
  cloud.clock.advance(7)
  const status = async () => (await cloud.ok(EU, 'DescribeTimeToLive', ONE)).TimeToLiveDescription
  assert.deepEqual(await status(), { TimeToLiveStatus: 'DISABLED' })
  const refused = (input: object) => cloud.refused(EU, 'UpdateTimeToLive', input)
  assert.equal(await refused(live('until', false)), 'ValidationException: TimeToLive is already disabled')
  const { TimeToLiveSpecification } = await cloud.ok(EU, 'UpdateTimeToLive', live('until'))
  assert.deepEqual(TimeToLiveSpecification, { Enabled: true, AttributeName: 'until' })
  cloud.clock.advance(3)
  assert.deepEqual(await status(), { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' })
  assert.equal(await refused(live('until')), 'ValidationException: TimeToLive is already enabled')
  assert.match(
    await refused(live('other')),
    /active on a different AttributeName: current AttributeName is until/,
  )
  const fixed = 'ValidationException: Time to live has been modified multiple times within a fixed interval'
  assert.equal(await refused(live('until', false)), fixed)
  cloud.clock.advance(1800)
  assert.equal(await refused(live('until', false)), fixed)
  cloud.clock.advance(72)
  await cloud.ok(EU, 'UpdateTimeToLive', live('until', false))
})

test('what is over is deleted in every region; what is not, stays', async (t) => {
  // A minute of the cloud is a fraction of a second: the passes themselves are under test.
  const cloud = await open(t, { scale: 60 })
  await createTable(cloud, EU)
  await addReplica(cloud, EU, US)
  await cloud.ok(US, 'UpdateTimeToLive', live('until'))
  assert.equal((await cloud.ok(EU, 'DescribeTimeToLive', ONE)).TimeToLiveDescription.AttributeName, 'until')
  const now = Math.floor(Date.now() / 1000)
  const write = (id: number, until: object) =>
    cloud.ok(EU, 'PutItem', { ...ONE, Item: { id: { N: String(id) }, name: { S: 'x' }, until } })
  await write(1, { N: String(now - 10) })
  await write(2, { N: String(now + 1000) })
  await write(3, { S: String(now - 10) })
  await write(4, { N: String(now - 6 * 365 * 24 * 3600) })
  for (const region of [EU, US]) {
    await until(`item 1 to expire in ${region}`, async () => !(await nameOf(cloud, region, 1)))
    for (const id of [2, 3, 4])
      await until(`item ${id}`, async () => (await nameOf(cloud, region, id)) === 'x')
  }
  assert.equal((await described(cloud, EU)).TableStatus, 'ACTIVE')
})
