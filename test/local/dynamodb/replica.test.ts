// Replicas of a table, added and removed as UpdateTable does it: every phase that AWS shows, and every refusal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AP,
  addReplica,
  createTable,
  described,
  EU,
  type Harness,
  nameOf,
  open,
  openSlow,
  put,
  TABLE,
  tableInput,
  US,
  until,
} from './harness.js'

const ONE = { TableName: TABLE }
const create = (RegionName: string) => ({ ...ONE, ReplicaUpdates: [{ Create: { RegionName } }] })
const remove = (RegionName: string) => ({ ...ONE, ReplicaUpdates: [{ Delete: { RegionName } }] })
const replicas = (...of: [string, string][]) =>
  of.map(([RegionName, ReplicaStatus]) => ({
    RegionName,
    ReplicaStatus,
    WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000, Status: 'ACTIVE' },
    GlobalTableSettingsReplicationMode: 'ENABLED_WITH_OVERRIDES',
  }))

const IN_USE = 'ResourceInUseException: The resource which you are attempting to change is in use.'
const EXISTS =
  `ValidationException: Failed to create a the new replica of table with name: ‘${TABLE}’ because one or more ` +
  'replicas already existed as tables.'
const notPart = (region: string) =>
  'ValidationException: Update global table operation failed because one or more replicas were not part of the ' +
  `global table. Please retry the request without these replicas: [${region}].`
const SOURCED =
  'ValidationException: Replica cannot be deleted because it has acted as a source region for new replica(s) being ' +
  'added to the table in the last 24 hours.'

/** Whether the items of a new replica are copied is up to real time, also on a clock that stands still. */
const filled = (cloud: Harness, region: string) =>
  until(
    'the copy',
    async () =>
      !cloud.world.store.collection<{ filling?: true }>('dynamodb.table').get(`${region}/${TABLE}`)?.filling,
  )

async function slowGlobalTable(t: Parameters<typeof openSlow>[0]) {
  const cloud = await openSlow(t)
  await cloud.ok(EU, 'CreateTable', tableInput())
  cloud.clock.advance(7)
  await cloud.ok(EU, 'UpdateTable', create(US))
  cloud.clock.advance(50)
  await filled(cloud, US)
  return cloud
}

test('a replica of an empty table: listed, describable, ACTIVE', async (t) => {
  const cloud = await openSlow(t)
  const tags = { Tags: [{ Key: 'owner', Value: 'me' }], DeletionProtectionEnabled: true }
  await cloud.ok(EU, 'CreateTable', tableInput(tags))
  cloud.clock.advance(7)
  const { TableDescription: answer } = await cloud.ok(EU, 'UpdateTable', create(US))
  assert.equal(answer.TableStatus, 'UPDATING')
  assert.equal(answer.GlobalTableVersion, '2019.11.21')
  assert.deepEqual(answer.Replicas, [])
  assert.deepEqual(answer.StreamSpecification, { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' })
  await filled(cloud, US)
  for (const update of [create(AP), create(US), { ...ONE, DeletionProtectionEnabled: false }]) {
    assert.equal(await cloud.refused(EU, 'UpdateTable', update), IN_USE)
  }
  assert.equal(await cloud.refused(EU, 'UpdateTable', remove(US)), notPart(US))
  await put(cloud, EU, 1, 'the source goes on')

  cloud.clock.advance(7.5)
  assert.deepEqual((await described(cloud, EU)).Replicas, replicas([US, 'CREATING']))
  assert.equal(await described(cloud, US), undefined)

  cloud.clock.advance(4)
  const replica = await described(cloud, US)
  assert.equal(replica.TableStatus, 'CREATING')
  assert.deepEqual(replica.Replicas, replicas([EU, 'ACTIVE']))
  assert.equal(replica.DeletionProtectionEnabled, false)
  assert.match(
    await cloud.refused(US, 'PutItem', { ...ONE, Item: { id: { N: '9' } } }),
    /^ResourceNotFoundException/,
  )
  assert.match(await cloud.refused(US, 'DescribeTimeToLive', ONE), /^ResourceNotFoundException/)
  assert.match(await cloud.refused(US, 'DeleteTable', ONE), /^ResourceInUseException: .*is being used/)
  assert.match(
    await cloud.refused(US, 'UpdateTable', create(AP)),
    /^ValidationException: .*while the replica is being added/,
  )
  assert.equal(await cloud.refused(US, 'UpdateTable', remove(EU)), SOURCED)

  cloud.clock.advance(38)
  const source = await described(cloud, EU)
  assert.equal(source.TableStatus, 'ACTIVE')
  assert.deepEqual(source.Replicas, replicas([US, 'ACTIVE']))
  const added = await described(cloud, US)
  assert.equal(added.TableStatus, 'ACTIVE')
  assert.notEqual(added.TableId, source.TableId)
  assert.deepEqual(added.KeySchema, source.KeySchema)
  assert.match(added.LatestStreamArn, /^arn:aws:dynamodb:us-east-1:/)
  assert.deepEqual((await cloud.ok(US, 'ListTagsOfResource', { ResourceArn: added.TableArn })).Tags, [])
})

test('with one item it takes ten minutes, and the item is there', async (t) => {
  const cloud = await openSlow(t)
  await cloud.ok(EU, 'CreateTable', tableInput())
  cloud.clock.advance(7)
  await put(cloud, EU, 1, 'before')
  await cloud.ok(EU, 'UpdateTable', create(US))
  await filled(cloud, US)
  cloud.clock.advance(560)
  assert.equal((await described(cloud, US)).TableStatus, 'CREATING')
  assert.equal((await described(cloud, EU)).TableStatus, 'ACTIVE')
  assert.equal(await cloud.refused(EU, 'UpdateTable', create(AP)), IN_USE)
  cloud.clock.advance(126)
  assert.equal((await described(cloud, US)).TableStatus, 'ACTIVE')
  assert.equal(await nameOf(cloud, US, 1), 'before')
})

test('a replica is removed: UPDATING, DELETING, no longer listed, gone, and only then added again', async (t) => {
  const cloud = await slowGlobalTable(t)
  await put(cloud, EU, 1, 'old')
  const { TableDescription } = await cloud.ok(EU, 'UpdateTable', remove(US))
  assert.equal(TableDescription.TableStatus, 'UPDATING')
  assert.deepEqual(TableDescription.Replicas, replicas([US, 'ACTIVE']))
  assert.equal((await described(cloud, US)).TableStatus, 'UPDATING')
  assert.equal(await cloud.refused(EU, 'UpdateTable', create(AP)), IN_USE)
  assert.equal(await cloud.refused(EU, 'UpdateTable', remove(US)), IN_USE)
  assert.equal(await cloud.refused(EU, 'UpdateTable', create(US)), EXISTS)

  cloud.clock.advance(48)
  const source = await described(cloud, EU)
  assert.equal(source.TableStatus, 'ACTIVE')
  assert.deepEqual(source.Replicas, replicas([US, 'DELETING']))
  assert.equal((await described(cloud, US)).TableStatus, 'DELETING')
  assert.equal(await cloud.refused(EU, 'DeleteTable', ONE), SOURCED)

  cloud.clock.advance(200)
  const alone = await described(cloud, EU)
  for (const member of ['Replicas', 'GlobalTableVersion', 'GlobalTableSettingsReplicationMode']) {
    assert.equal(Object.hasOwn(alone, member), false, member)
  }
  assert.equal(alone.StreamSpecification.StreamEnabled, true, 'the stream stays')
  assert.equal((await described(cloud, US)).TableStatus, 'DELETING')
  assert.equal(await cloud.refused(EU, 'UpdateTable', create(US)), EXISTS)

  cloud.clock.advance(35)
  assert.equal(await described(cloud, US), undefined)
  await cloud.ok(EU, 'UpdateTable', create(US))
  await filled(cloud, US)
  cloud.clock.advance(700)
  assert.equal((await described(cloud, US)).TableStatus, 'ACTIVE')
  assert.equal(await nameOf(cloud, US, 1), 'old')
})

test('a source goes last: leaf first, then the table itself', async (t) => {
  const cloud = await slowGlobalTable(t)
  await cloud.ok(US, 'UpdateTable', create(AP))
  cloud.clock.advance(50)
  await filled(cloud, AP)
  assert.deepEqual((await described(cloud, EU)).Replicas, replicas([US, 'ACTIVE'], [AP, 'ACTIVE']))
  assert.deepEqual((await described(cloud, AP)).Replicas, replicas([EU, 'ACTIVE'], [US, 'ACTIVE']))
  assert.equal(await cloud.refused(EU, 'DeleteTable', ONE), SOURCED)
  assert.equal(await cloud.refused(EU, 'UpdateTable', remove(US)), SOURCED)
  await cloud.ok(EU, 'UpdateTable', remove(AP))
  cloud.clock.advance(244)
  await cloud.ok(EU, 'UpdateTable', remove(US))
  cloud.clock.advance(244)
  await cloud.ok(EU, 'DeleteTable', ONE)
  cloud.clock.advance(36)
  for (const region of [EU, US, AP]) assert.equal(await described(cloud, region), undefined, region)
})

test('the source rule ends after 24 hours', async (t) => {
  const cloud = await slowGlobalTable(t)
  cloud.clock.advance(24 * 3600)
  await cloud.ok(US, 'UpdateTable', remove(EU))
  cloud.clock.advance(280)
  assert.equal(await described(cloud, EU), undefined)
  assert.equal(Object.hasOwn(await described(cloud, US), 'Replicas'), false)
})

test('a replica is deleted by its own region too', async (t) => {
  const cloud = await slowGlobalTable(t)
  const { TableDescription } = await cloud.ok(US, 'DeleteTable', ONE)
  assert.equal(TableDescription.TableStatus, 'DELETING')
  assert.equal((await described(cloud, EU)).TableStatus, 'UPDATING')
  assert.equal(await cloud.refused(US, 'DeleteTable', ONE), IN_USE)
  cloud.clock.advance(48)
  assert.deepEqual((await described(cloud, EU)).Replicas, replicas([US, 'DELETING']))
  cloud.clock.advance(232)
  assert.equal(await described(cloud, US), undefined)
  assert.equal(Object.hasOwn(await described(cloud, EU), 'Replicas'), false)
})

test('deletion protection is each region’s own, holds all members, and guards from both sides', async (t) => {
  const cloud = await slowGlobalTable(t)
  const { TableDescription } = await cloud.ok(US, 'UpdateTable', { ...ONE, DeletionProtectionEnabled: true })
  assert.equal(TableDescription.TableStatus, 'UPDATING')
  assert.equal(TableDescription.DeletionProtectionEnabled, false, 'the answer shows what was')
  assert.equal((await described(cloud, EU)).TableStatus, 'UPDATING')
  assert.equal(await cloud.refused(EU, 'UpdateTable', remove(US)), IN_USE)
  cloud.clock.advance(39)
  assert.equal((await described(cloud, US)).DeletionProtectionEnabled, true)
  assert.equal((await described(cloud, EU)).DeletionProtectionEnabled, false)
  const kept =
    `ValidationException: Cannot delete table ${TABLE} in region ${US} because it has deletion protection enabled. ` +
    'Disable deletion protection first.'
  assert.equal(await cloud.refused(EU, 'UpdateTable', remove(US)), kept)
  assert.equal(await cloud.refused(US, 'DeleteTable', ONE), kept)
})

test('ReplicaUpdates that are wrong whatever the state', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  await addReplica(cloud, EU, US)
  await createTable(cloud, AP)
  const refused = (...ReplicaUpdates: object[]) =>
    cloud.refused(EU, 'UpdateTable', { ...ONE, ReplicaUpdates })
  const [toUs, toAp] = [{ Create: { RegionName: US } }, { Create: { RegionName: AP } }]
  assert.equal(await refused(toUs), EXISTS)
  assert.equal(await refused(toAp), EXISTS, 'a table of its own')
  assert.match(await refused(toUs, toAp), /more than one create or delete replica actions not allowed/)
  assert.match(
    await refused({ ...toUs, Delete: { RegionName: AP } }),
    /more than one type of replica actions/,
  )
  assert.match(await refused(toUs, { Delete: { RegionName: AP } }), /more than one type of replica actions/)
  assert.match(await refused({}), /There are no actions specified in the Replica Update Action/)
  assert.match(await refused({ Update: { RegionName: US } }), /There are no actions specified/)
  assert.match(
    await refused({ Create: { RegionName: EU } }),
    /Cannot add or delete the local region through ReplicaUpdates/,
  )
  assert.match(await refused({ Delete: { RegionName: EU } }), /Cannot add or delete the local region/)
  assert.match(
    await refused({ Create: { RegionName: 'us-fake-1' } }),
    /^ValidationException: Region us-fake-1 is not supported. The latest version of global tables are only supported in the following regions: \[ap-south-2, /,
  )
  assert.equal(await refused({ Delete: { RegionName: 'ca-central-1' } }), notPart('ca-central-1'))
  assert.match(
    await refused({ Create: { RegionName: AP, KMSMasterKeyId: 'x' } }),
    /KMSMasterKeyId must be specified/,
  )
  assert.match(await refused({ Create: { RegionName: AP, TableClassOverride: 'STANDARD' } }), /not supported/)
  const strong = { ...create(AP), MultiRegionConsistency: 'STRONG' }
  assert.match(
    await cloud.refused(EU, 'UpdateTable', strong),
    /Unsupported replica count for global tables with MultiRegionConsistency set to STRONG/,
  )
  const stream = { ...ONE, StreamSpecification: { StreamEnabled: false } }
  assert.match(
    await cloud.refused(EU, 'UpdateTable', stream),
    /Disabling Stream is not allowed for a Global Table replica/,
  )
})

test('the realistic profile, fast: up and down with nothing but waiting and retrying', async (t) => {
  const cloud = await open(t, { profile: 'realistic', scale: 500 })
  await createTable(cloud, EU)
  await addReplica(cloud, EU, US)
  await addReplica(cloud, EU, AP)
  await put(cloud, US, 1, 'from us')
  for (const region of [EU, AP]) {
    await until(`the item in ${region}`, async () => (await nameOf(cloud, region, 1)) === 'from us')
  }
  for (const region of [US, AP]) {
    await until(
      `${region} to be removable`,
      async () => (await cloud.call(EU, 'UpdateTable', remove(region))).status === 200,
    )
    await until(`${region} to be gone`, async () => !(await described(cloud, region)))
  }
  await until(
    'the table to be deletable',
    async () => (await cloud.call(EU, 'DeleteTable', ONE)).status === 200,
  )
  await until('the table to be gone', async () => !(await described(cloud, EU)))
})
