// UpdateTable with ReplicaUpdates: the phases that AWS shows, and its refusals, most of which only the text tells apart.
import assert from 'node:assert/strict'
import type { UpdateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { IRELAND, OREGON, type TestCloud, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { Cases } from '../suite.js'
import {
  adding,
  arnOf,
  described,
  dynamodb,
  globalTable,
  item,
  key,
  REPLICA_GONE,
  removing,
  table,
  until,
  withReplica,
} from './tables.js'

const SOURCED =
  'Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the table in ' +
  'the last 24 hours.'
const IN_USE = 'The resource which you are attempting to change is in use.'
const exists = (name: string) =>
  `Failed to create a the new replica of table with name: ‘${name}’ because one or more replicas already existed as tables.`
const notPart = (region: string) =>
  'Update global table operation failed because one or more replicas were not part of the global table. ' +
  `Please retry the request without these replicas: [${region}].`

const statesOf = async (cloud: TestCloud, name: string, region = IRELAND) => {
  const { TableStatus, Replicas } = await described(cloud, name, region)
  return [TableStatus, Replicas?.map(({ RegionName, ReplicaStatus }) => `${RegionName} ${ReplicaStatus}`)]
}

const isAbsent = (cloud: TestCloud, name: string, region: string) =>
  refused(dynamodb(cloud, region).describeTable({ TableName: name }), 'ResourceNotFoundException')

export const replicaHappy: Cases = {
  'a replica of an empty table: Replicas is [] first, lists it after 7 s, its region describes it after 11 s, ACTIVE within 49 s':
    async (cloud) => {
      const client = await table(cloud, 'phases')
      const { TableDescription } = await client.updateTable(adding('phases', VIRGINIA))
      assert.deepEqual([TableDescription?.TableStatus, TableDescription?.Replicas], ['UPDATING', []])
      assert.deepEqual(await statesOf(cloud, 'phases'), ['UPDATING', []])
      await cloud.pass(7)
      assert.deepEqual(await statesOf(cloud, 'phases'), ['UPDATING', ['us-east-1 CREATING']])
      await isAbsent(cloud, 'phases', VIRGINIA)
      await cloud.pass(4)
      assert.deepEqual(await statesOf(cloud, 'phases', VIRGINIA), ['CREATING', ['eu-west-1 ACTIVE']])
      await cloud.pass(37)
      assert.deepEqual(await statesOf(cloud, 'phases'), ['ACTIVE', ['us-east-1 CREATING']])
      await cloud.pass(1)
      await until('ACTIVE', async () => (await statesOf(cloud, 'phases', VIRGINIA))[0] === 'ACTIVE')
      assert.deepEqual(await statesOf(cloud, 'phases'), ['ACTIVE', ['us-east-1 ACTIVE']])
    },
  'a replica of a table with an item takes 9 to 11 minutes and has the item': async (cloud) => {
    const client = await table(cloud, 'filled')
    await client.putItem({ TableName: 'filled', Item: item('a', 'before') })
    await client.updateTable(adding('filled', VIRGINIA))
    await cloud.pass(560)
    assert.deepEqual(await statesOf(cloud, 'filled'), ['ACTIVE', ['us-east-1 CREATING']])
    await cloud.pass(126)
    await until('ACTIVE', async () => (await statesOf(cloud, 'filled', VIRGINIA))[0] === 'ACTIVE')
    const there = await dynamodb(cloud, VIRGINIA).getItem({ TableName: 'filled', Key: key('a') })
    assert.deepEqual(there.Item, item('a', 'before'))
  },
  'a table without a stream gets NEW_AND_OLD_IMAGES with its first replica; another stream stays': async (
    cloud,
  ) => {
    await globalTable(cloud, 'unstreamed', VIRGINIA)
    const stream = async (name: string) => (await described(cloud, name)).StreamSpecification?.StreamViewType
    assert.equal(await stream('unstreamed'), 'NEW_AND_OLD_IMAGES')
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' }
    await globalTable(cloud, 'streamed', VIRGINIA, { StreamSpecification })
    assert.equal(await stream('streamed'), 'KEYS_ONLY')
  },
  'tags, deletion protection and recovery are not replicated': async (cloud) => {
    const more = { Tags: [{ Key: 'a', Value: 'b' }], DeletionProtectionEnabled: true }
    await globalTable(cloud, 'own', VIRGINIA, more)
    const there = dynamodb(cloud, VIRGINIA)
    assert.deepEqual((await there.listTagsOfResource({ ResourceArn: arnOf('own', VIRGINIA) })).Tags, [])
    assert.equal((await described(cloud, 'own', VIRGINIA)).DeletionProtectionEnabled, false)
  },
  'a removed replica: UPDATING 47 s, unlisted within 244 s, gone up to 35 s later, and only then added again':
    async (cloud) => {
      const client = await globalTable(cloud, 'left', VIRGINIA)
      await client.updateTable(removing('left', VIRGINIA))
      assert.deepEqual(await statesOf(cloud, 'left'), ['UPDATING', ['us-east-1 ACTIVE']])
      await cloud.pass(47)
      assert.deepEqual(await statesOf(cloud, 'left'), ['ACTIVE', ['us-east-1 DELETING']])
      await cloud.pass(197)
      assert.deepEqual(await statesOf(cloud, 'left'), ['ACTIVE', undefined])
      assert.equal((await described(cloud, 'left', VIRGINIA)).TableStatus, 'DELETING')
      await refused(client.updateTable(adding('left', VIRGINIA)), 'ValidationException', exists('left'))
      await cloud.pass(35)
      await isAbsent(cloud, 'left', VIRGINIA)
      await client.updateTable(adding('left', VIRGINIA))
    },
}

const wrong =
  (change: Partial<UpdateTableCommandInput>, wording: string | RegExp) => async (cloud: TestCloud) => {
    const client = dynamodb(cloud)
    // Refused before the table is looked for.
    await refused(client.updateTable({ TableName: 'nowhere', ...change }), 'ValidationException', wording)
  }

const [toVirginia, toOregon] = [VIRGINIA, OREGON].map((RegionName) => ({ Create: { RegionName } }))
const fromVirginia = { Delete: { RegionName: VIRGINIA } }

export const replicaValidation: Cases = {
  'one replica action per call': wrong(
    { ReplicaUpdates: [toVirginia!, toOregon!] },
    'Update table operation with more than one create or delete replica actions not allowed',
  ),
  'no two kinds of replica actions in a call': wrong(
    { ReplicaUpdates: [toVirginia!, fromVirginia] },
    /more than one type of replica actions not allowed/,
  ),
  'replicas are the only change of their call': wrong(
    { ReplicaUpdates: [toVirginia!], DeletionProtectionEnabled: true },
    'One or more parameter values were invalid: Replica modification must be the only operation in the request',
  ),
  'the own region is no replica': wrong(
    { ReplicaUpdates: [{ Create: { RegionName: IRELAND } }] },
    'Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or UpdateTable as required.',
  ),
  'an Update without content is no action': wrong(
    { ReplicaUpdates: [{ Update: { RegionName: VIRGINIA } }] },
    'There are no actions specified in the Replica Update Action of the request.',
  ),
  'a region that does not exist is named, with all that do': wrong(
    { ReplicaUpdates: [{ Create: { RegionName: 'us-fake-1' } }] },
    /^Region us-fake-1 is not supported. The latest version of global tables are only supported in the following regions: \[/,
  ),
  'STRONG consistency needs three regions in one call': wrong(
    { ReplicaUpdates: [toVirginia!], MultiRegionConsistency: 'STRONG' },
    'Unsupported replica count for global tables with MultiRegionConsistency set to STRONG.',
  ),
  'STRONG consistency alone is no change': wrong({ MultiRegionConsistency: 'STRONG' }, /^At least one of /),
}

export const replicaState: Cases = {
  'a member already, or a table of that name there: ValidationException, already existed as tables': async (
    cloud,
  ) => {
    const client = await globalTable(cloud, 'member', VIRGINIA)
    await table(cloud, 'member', {}, OREGON)
    for (const region of [VIRGINIA, OREGON]) {
      await refused(client.updateTable(adding('member', region)), 'ValidationException', exists('member'))
    }
  },
  'no member: ValidationException, not part of the global table': async (cloud) => {
    const client = await globalTable(cloud, 'stranger', VIRGINIA)
    await refused(client.updateTable(removing('stranger', OREGON)), 'ValidationException', notPart(OREGON))
  },
  'a provisioned table: ValidationException, pay per request or auto scaled': async (cloud) => {
    const client = await table(cloud, 'provisioned', {
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    })
    await refused(
      client.updateTable(adding('provisioned', VIRGINIA)),
      'ValidationException',
      'Table write capacity should either be Pay-Per-Request or AutoScaled.',
    )
  },
  'while a replica is added every other change is refused: ResourceInUseException': async (cloud) => {
    const client = await table(cloud, 'adding')
    await client.updateTable(adding('adding', VIRGINIA))
    await cloud.pass(12)
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'until' }
    for (const change of [
      client.updateTable(adding('adding', OREGON)),
      client.updateTable(removing('adding', VIRGINIA)),
      client.updateTable({ TableName: 'adding', DeletionProtectionEnabled: true }),
      client.updateTimeToLive({ TableName: 'adding', TimeToLiveSpecification }),
    ]) {
      await refused(change, 'ResourceInUseException', IN_USE)
    }
    await client.putItem({ TableName: 'adding', Item: key('items go on') })
  },
  'a replica that is CREATING adds none itself: ValidationException, being added': async (cloud) => {
    const client = await table(cloud, 'young')
    await client.updateTable(adding('young', VIRGINIA))
    await cloud.pass(12)
    await refused(
      dynamodb(cloud, VIRGINIA).updateTable(adding('young', OREGON)),
      'ValidationException',
      'Create/Update/Delete of replica is not allowed while the replica is being added to table with name: ' +
        '‘young’ in region: ‘us-east-1’.',
    )
  },
  'while a replica is removed every other change is refused: ResourceInUseException': async (cloud) => {
    const client = await globalTable(cloud, 'removing', VIRGINIA)
    await client.updateTable(removing('removing', VIRGINIA))
    await refused(client.updateTable(adding('removing', OREGON)), 'ResourceInUseException', IN_USE)
    await cloud.pass(120)
    await refused(client.updateTable(removing('removing', VIRGINIA)), 'ResourceInUseException', IN_USE)
  },
  'a region that added a replica less than 24 h ago is not removed before that replica is unlisted': async (
    cloud,
  ) => {
    const client = await globalTable(cloud, 'chain', VIRGINIA)
    await withReplica(cloud, 'chain', OREGON, VIRGINIA)
    await refused(client.updateTable(removing('chain', VIRGINIA)), 'ValidationException', SOURCED)
    await client.updateTable(removing('chain', OREGON))
    await cloud.pass(REPLICA_GONE)
    await client.updateTable(removing('chain', VIRGINIA))
  },
  'after 24 h the source is a member like any other': async (cloud) => {
    await globalTable(cloud, 'day', VIRGINIA)
    const there = dynamodb(cloud, VIRGINIA)
    await refused(there.updateTable(removing('day', IRELAND)), 'ValidationException', SOURCED)
    await cloud.pass(24 * 3600)
    await there.updateTable(removing('day', IRELAND))
    await cloud.pass(REPLICA_GONE)
    await isAbsent(cloud, 'day', IRELAND)
  },
  'a replica with deletion protection of its own is not removed': async (cloud) => {
    const client = await globalTable(cloud, 'kept', VIRGINIA)
    const change = { TableName: 'kept', DeletionProtectionEnabled: true }
    await dynamodb(cloud, VIRGINIA).updateTable(change)
    await refused(client.updateTable(removing('kept', VIRGINIA)), 'ResourceInUseException', IN_USE)
    await cloud.pass(39)
    await refused(
      client.updateTable(removing('kept', VIRGINIA)),
      'ValidationException',
      'Cannot delete table kept in region us-east-1 because it has deletion protection enabled. ' +
        'Disable deletion protection first.',
    )
  },
  'the stream of a member cannot be changed, not even to what it is': async (cloud) => {
    const client = await globalTable(cloud, 'fixed', VIRGINIA)
    const stream = (StreamSpecification: UpdateTableCommandInput['StreamSpecification']) =>
      client.updateTable({ TableName: 'fixed', StreamSpecification })
    await refused(
      stream({ StreamEnabled: false }),
      'ValidationException',
      'One or more parameter values were invalid: Disabling Stream is not allowed for a Global Table replica.',
    )
    await refused(
      stream({ StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' }),
      'ValidationException',
      'Table already has an enabled stream: TableName: fixed',
    )
  },
}

/** For the `aws` CLI, whose cloud has all at once. */
export const isReplicated = (cloud: TestCloud, name: string, region = VIRGINIA) =>
  until('the replica', async () => (await described(cloud, name, region)).TableStatus === 'ACTIVE')
