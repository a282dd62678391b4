// UpdateTable: settings of a table, one kind of change per call. Its replicas are `replica.ts`'s.
import assert from 'node:assert/strict'
import type { TableDescription, UpdateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { isReplicated, replicaHappy, replicaState, replicaValidation } from './replica.js'
import { cli, described, dynamodb, globalTable, table, tableByCli, tableInput } from './tables.js'

const INVALID = 'One or more parameter values were invalid: '
const STREAM: Partial<UpdateTableCommandInput> = {
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
}

export const updateTable: OperationSuite = {
  happy: {
    'UPDATING for some seconds; the answer shows what was': async (cloud) => {
      const client = await table(cloud, 'stream')
      const { TableDescription } = await client.updateTable({ TableName: 'stream', ...STREAM })
      assert.deepEqual(
        [TableDescription?.TableStatus, TableDescription?.StreamSpecification],
        ['UPDATING', undefined],
      )
      await cloud.pass(3)
      const { TableStatus, StreamSpecification } = await described(cloud, 'stream')
      assert.deepEqual([TableStatus, StreamSpecification?.StreamViewType], ['ACTIVE', 'NEW_IMAGE'])
    },
    'deletion protection changes at once on a table without replicas': async (cloud) => {
      const client = await table(cloud, 'protected')
      const { TableDescription } = await client.updateTable({
        TableName: 'protected',
        DeletionProtectionEnabled: true,
      })
      assert.deepEqual(
        [TableDescription?.TableStatus, TableDescription?.DeletionProtectionEnabled],
        ['ACTIVE', true],
      )
    },
    'deletion protection of a replica holds all members UPDATING for 34 to 39 s, and is its own': async (
      cloud,
    ) => {
      await globalTable(cloud, 'guarded', VIRGINIA)
      const change = { TableName: 'guarded', DeletionProtectionEnabled: true }
      await dynamodb(cloud, VIRGINIA).updateTable(change)
      await cloud.pass(38)
      assert.equal((await described(cloud, 'guarded')).TableStatus, 'UPDATING')
      await cloud.pass(1)
      assert.equal((await described(cloud, 'guarded', VIRGINIA)).DeletionProtectionEnabled, true)
      assert.equal((await described(cloud, 'guarded')).DeletionProtectionEnabled, false)
    },
    ...replicaHappy,
  },
  validation: {
    'a call without a change names all that could be one': async (cloud) =>
      refused(
        dynamodb(cloud).updateTable({ TableName: 'nowhere' }),
        'ValidationException',
        'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, ' +
          'SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, ' +
          'MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is ' +
          'required',
      ),
    'deletion protection is the only change of its call': async (cloud) =>
      refused(
        dynamodb(cloud).updateTable({ TableName: 'nowhere', DeletionProtectionEnabled: true, ...STREAM }),
        'ValidationException',
        `${INVALID}DeletionProtection modification must be the only operation in the request`,
      ),
    ...replicaValidation,
  },
  state: {
    'an absent table: ResourceNotFoundException': async (cloud) =>
      refused(
        dynamodb(cloud).updateTable({ TableName: 'absent', DeletionProtectionEnabled: true }),
        'ResourceNotFoundException',
        'Requested resource not found: Table: absent not found',
      ),
    'a table that is not ACTIVE: ResourceInUseException': async (cloud) => {
      const client = dynamodb(cloud)
      await client.createTable(tableInput('early'))
      const change = () => client.updateTable({ TableName: 'early', ...STREAM })
      const inUse = 'Attempt to change a resource which is still in use: Table is being'
      await refused(change(), 'ResourceInUseException', `${inUse} created: early`)
      await cloud.pass(7)
      await change()
      const protect = { TableName: 'early', DeletionProtectionEnabled: true }
      await refused(client.updateTable(protect), 'ResourceInUseException', `${inUse} updated: early`)
    },
    'deletion protection twice within 15 s: ThrottlingException': async (cloud) => {
      const client = await table(cloud, 'toggled')
      const protect = (on: boolean) =>
        client.updateTable({ TableName: 'toggled', DeletionProtectionEnabled: on })
      await protect(true)
      await refused(
        protect(false),
        'ThrottlingException',
        /^Deletion protection setting for table toggled modified within the previous 15000 milliseconds\. Please try again after /,
      )
      await cloud.pass(15)
      await protect(false)
    },
    'a stream that is there, or is not: ValidationException': async (cloud) => {
      const client = await table(cloud, 'streams')
      const off = { TableName: 'streams', StreamSpecification: { StreamEnabled: false } }
      await refused(
        client.updateTable(off),
        'ValidationException',
        'Table has no stream to disable: TableName: streams',
      )
      await client.updateTable({ TableName: 'streams', ...STREAM })
      await cloud.pass(3)
      await refused(
        client.updateTable({ TableName: 'streams', ...STREAM }),
        'ValidationException',
        'Table already has an enabled stream: TableName: streams',
      )
    },
    'encryption that is there already: ValidationException': async (cloud) => {
      const client = await table(cloud, 'encrypted')
      await refused(
        client.updateTable({ TableName: 'encrypted', SSESpecification: { Enabled: false } }),
        'ValidationException',
        `${INVALID}Table is already encrypted by default`,
      )
    },
    ...replicaState,
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-update')
    const updates = ['--replica-updates', `[{"Create":{"RegionName":"${VIRGINIA}"}}]`]
    const { TableDescription } = await cli<{ TableDescription: TableDescription }>(
      aws,
      'update-table',
      'cli-update',
      ...updates,
    )
    assert.equal(TableDescription.TableStatus, 'UPDATING')
    await isReplicated(cloud, 'cli-update')
  },
}
