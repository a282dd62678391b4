// Tables of one region: made, shown, listed, deleted.
import assert from 'node:assert/strict'
import type { TableDescription } from '@aws-sdk/client-dynamodb'
import { IRELAND, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import {
  arnOf,
  CREATED,
  cli,
  DELETED,
  described,
  dynamodb,
  globalTable,
  key,
  removing,
  table,
  tableByCli,
  tableInput,
} from './tables.js'

const INVALID = 'One or more parameter values were invalid: '
const busy = (state: string, name: string) =>
  `Attempt to change a resource which is still in use: Table is being ${state}: ${name}`
const notFound = (name: string) => `Requested resource not found: Table: ${name} not found`

const createTable: OperationSuite = {
  happy: {
    'a new table is CREATING for some seconds, then ACTIVE': async (cloud) => {
      const client = dynamodb(cloud)
      const { TableDescription } = await client.createTable(tableInput('created'))
      assert.equal(TableDescription?.TableStatus, 'CREATING')
      assert.equal((await described(cloud, 'created')).TableStatus, 'CREATING')
      await cloud.pass(CREATED)
      assert.equal((await described(cloud, 'created')).TableStatus, 'ACTIVE')
    },
    'tags of the call are there as soon as the table is ACTIVE': async (cloud) => {
      const Tags = [{ Key: 'owner', Value: 'me' }]
      const client = await table(cloud, 'tagged', { Tags })
      assert.deepEqual((await client.listTagsOfResource({ ResourceArn: arnOf('tagged') })).Tags, Tags)
    },
    'each region has tables of its own': async (cloud) => {
      await table(cloud, 'regional')
      await refused(
        dynamodb(cloud, VIRGINIA).describeTable({ TableName: 'regional' }),
        'ResourceNotFoundException',
      )
    },
  },
  validation: {
    'PROVISIONED needs its capacity': async (cloud) =>
      refused(
        dynamodb(cloud).createTable(tableInput('none', { BillingMode: undefined })),
        'ValidationException',
        `${INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`,
      ),
    'PAY_PER_REQUEST takes no capacity': async (cloud) =>
      refused(
        dynamodb(cloud).createTable(
          tableInput('none', { ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } }),
        ),
        'ValidationException',
        `${INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`,
      ),
    'attributes that are no key are refused': async (cloud) => {
      const AttributeDefinitions = ['id', 'name'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      }))
      await refused(
        dynamodb(cloud).createTable(tableInput('none', { AttributeDefinitions })),
        'ValidationException',
        /Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions/,
      )
    },
    'a stream needs its view type': async (cloud) =>
      refused(
        dynamodb(cloud).createTable(tableInput('none', { StreamSpecification: { StreamEnabled: true } })),
        'ValidationException',
        `${INVALID}Table is being created with a stream enabled, UpdateViewType is required`,
      ),
    'one bad tag fails the whole creation': async (cloud) => {
      const Tags = [{ Key: 'aws:x', Value: '' }]
      await refused(
        dynamodb(cloud).createTable(tableInput('untagged', { Tags })),
        'ValidationException',
        'Tag Key cannot be prefixed with aws:, Key: aws:x',
      )
      await refused(
        dynamodb(cloud).describeTable({ TableName: 'untagged' }),
        'ResourceNotFoundException',
        notFound('untagged'),
      )
    },
  },
  state: {
    'again while CREATING: ResourceInUseException, being created': async (cloud) => {
      await dynamodb(cloud).createTable(tableInput('again'))
      await refused(
        dynamodb(cloud).createTable(tableInput('again')),
        'ResourceInUseException',
        busy('created', 'again'),
      )
    },
    'again in any other state: ResourceInUseException, already exists, whatever the parameters': async (
      cloud,
    ) => {
      const client = await table(cloud, 'twice')
      const other = tableInput('twice', { DeletionProtectionEnabled: true })
      await refused(client.createTable(other), 'ResourceInUseException', 'Table already exists: twice')
      await client.deleteTable({ TableName: 'twice' })
      await refused(client.createTable(other), 'ResourceInUseException', 'Table already exists: twice')
      await cloud.pass(DELETED)
      await client.createTable(other)
    },
    'while CREATING its items cannot be found': async (cloud) => {
      await dynamodb(cloud).createTable(tableInput('early'))
      await refused(
        dynamodb(cloud).getItem({ TableName: 'early', Key: key('a') }),
        'ResourceNotFoundException',
        'Requested resource not found',
      )
    },
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-create')
    const { Table } = await cli<{ Table: TableDescription }>(aws, 'describe-table', 'cli-create')
    assert.equal(Table.TableStatus, 'ACTIVE')
  },
}

const describeTable: OperationSuite = {
  happy: {
    'a table without replicas has no member that speaks of replicas': async (cloud) => {
      await table(cloud, 'plain')
      const shown = await described(cloud, 'plain')
      for (const member of [
        'Replicas',
        'GlobalTableVersion',
        'MultiRegionConsistency',
        'GlobalTableWitnesses',
        'StreamSpecification',
      ]) {
        assert.equal(Object.hasOwn(shown, member), false, member)
      }
    },
    'Replicas never lists the region that is asked': async (cloud) => {
      await globalTable(cloud, 'both', VIRGINIA)
      for (const [region, other] of [
        [IRELAND, VIRGINIA],
        [VIRGINIA, IRELAND],
      ] as const) {
        const shown = await described(cloud, 'both', region)
        assert.deepEqual(
          shown.Replicas?.map(({ RegionName }) => RegionName),
          [other],
        )
        assert.equal(shown.GlobalTableVersion, '2019.11.21')
      }
    },
    'ItemCount is brought up to date about every six hours': async (cloud) => {
      const client = await table(cloud, 'counted')
      await client.putItem({ TableName: 'counted', Item: key('a') })
      assert.equal((await described(cloud, 'counted')).ItemCount, 0)
      await cloud.pass(6 * 3600)
      assert.equal((await described(cloud, 'counted')).ItemCount, 1)
    },
    'the name may be an ARN': async (cloud) => {
      await table(cloud, 'by-arn')
      assert.equal((await described(cloud, arnOf('by-arn'))).TableName, 'by-arn')
    },
  },
  validation: {
    'an ARN of another region is refused': async (cloud) =>
      refused(
        dynamodb(cloud, VIRGINIA).describeTable({ TableName: arnOf('by-arn') }),
        'ValidationException',
        `1 validation error detected: Invalid AWS region in '${arnOf('by-arn')}'`,
      ),
  },
  state: {
    'an absent table: ResourceNotFoundException': async (cloud) =>
      refused(
        dynamodb(cloud).describeTable({ TableName: 'absent' }),
        'ResourceNotFoundException',
        notFound('absent'),
      ),
    'DELETING until it is gone': async (cloud) => {
      const client = await table(cloud, 'going')
      await client.deleteTable({ TableName: 'going' })
      await cloud.pass(DELETED / 2)
      assert.equal((await described(cloud, 'going')).TableStatus, 'DELETING')
      await cloud.pass(DELETED / 2)
      await refused(
        client.describeTable({ TableName: 'going' }),
        'ResourceNotFoundException',
        notFound('going'),
      )
    },
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-describe')
    const { Table } = await cli<{ Table: TableDescription }>(aws, 'describe-table', 'cli-describe')
    assert.equal(Table.TableArn, arnOf('cli-describe'))
  },
}

const deleteTable: OperationSuite = {
  happy: {
    'DELETING for some seconds, then gone; the next table of the name is empty': async (cloud) => {
      const client = await table(cloud, 'deleted')
      await client.putItem({ TableName: 'deleted', Item: key('a') })
      const { TableDescription } = await client.deleteTable({ TableName: 'deleted' })
      assert.equal(TableDescription?.TableStatus, 'DELETING')
      await cloud.pass(DELETED)
      await table(cloud, 'deleted')
      assert.deepEqual((await client.scan({ TableName: 'deleted' })).Items, [])
    },
  },
  state: {
    'an absent table: ResourceNotFoundException': async (cloud) =>
      refused(
        dynamodb(cloud).deleteTable({ TableName: 'absent' }),
        'ResourceNotFoundException',
        notFound('absent'),
      ),
    'while CREATING and while DELETING: ResourceInUseException': async (cloud) => {
      const client = dynamodb(cloud)
      await client.createTable(tableInput('twice'))
      const again = () => client.deleteTable({ TableName: 'twice' })
      await refused(again(), 'ResourceInUseException', busy('created', 'twice'))
      await cloud.pass(CREATED)
      await again()
      await refused(again(), 'ResourceInUseException', busy('deleted', 'twice'))
    },
    'while UPDATING: ResourceInUseException': async (cloud) => {
      const client = await table(cloud, 'changing')
      const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const }
      await client.updateTable({ TableName: 'changing', StreamSpecification })
      await refused(client.deleteTable({ TableName: 'changing' }), 'ResourceInUseException')
    },
    'for a moment after its tags were written: ResourceInUseException': async (cloud) => {
      const client = await table(cloud, 'tagging')
      await client.tagResource({ ResourceArn: arnOf('tagging'), Tags: [{ Key: 'a', Value: 'b' }] })
      await refused(client.deleteTable({ TableName: 'tagging' }), 'ResourceInUseException')
      await cloud.pass(2)
      await client.deleteTable({ TableName: 'tagging' })
    },
    'with deletion protection: ValidationException': async (cloud) => {
      const client = await table(cloud, 'kept', { DeletionProtectionEnabled: true })
      await refused(
        client.deleteTable({ TableName: 'kept' }),
        'ValidationException',
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
      )
    },
    'a source whose replica is still listed: ValidationException, until that is gone': async (cloud) => {
      const client = await globalTable(cloud, 'source', VIRGINIA)
      const sourced = () =>
        refused(
          client.deleteTable({ TableName: 'source' }),
          'ValidationException',
          'Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the ' +
            'table in the last 24 hours.',
        )
      await sourced()
      await client.updateTable(removing('source', VIRGINIA))
      await sourced()
      await cloud.pass(244)
      await client.deleteTable({ TableName: 'source' })
    },
    'a protected replica, in its own region: ValidationException': async (cloud) => {
      await globalTable(cloud, 'guarded', VIRGINIA)
      const there = dynamodb(cloud, VIRGINIA)
      await there.updateTable({ TableName: 'guarded', DeletionProtectionEnabled: true })
      await cloud.pass(39)
      await refused(
        there.deleteTable({ TableName: 'guarded' }),
        'ValidationException',
        'Cannot delete table guarded in region us-east-1 because it has deletion protection enabled. ' +
          'Disable deletion protection first.',
      )
    },
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-delete')
    const { TableDescription } = await cli<{ TableDescription: TableDescription }>(
      aws,
      'delete-table',
      'cli-delete',
    )
    assert.equal(TableDescription.TableStatus, 'DELETING')
  },
}

const listTables: OperationSuite = {
  happy: {
    'the tables of one region, in byte order, in every state': async (cloud) => {
      for (const name of ['bbb', 'aaa', 'CCC']) await dynamodb(cloud).createTable(tableInput(name))
      await dynamodb(cloud, VIRGINIA).createTable(tableInput('elsewhere'))
      assert.deepEqual((await dynamodb(cloud).listTables({})).TableNames, ['CCC', 'aaa', 'bbb'])
    },
  },
  state: 'has no state',
  pagination: {
    'a page has at most Limit names; the last one says no more': async (cloud) => {
      const first = await dynamodb(cloud).listTables({ Limit: 2 })
      assert.deepEqual([first.TableNames, first.LastEvaluatedTableName], [['CCC', 'aaa'], 'aaa'])
      const rest = await dynamodb(cloud).listTables({ Limit: 2, ExclusiveStartTableName: 'aaa' })
      assert.deepEqual([rest.TableNames, rest.LastEvaluatedTableName], [['bbb'], undefined])
    },
  },
  cli: async (_cloud, aws) => {
    for (const name of ['cli-list-1', 'cli-list-2', 'cli-list-3']) await tableByCli(aws, name)
    // botocore pages by itself.
    const all = (await aws.run(['dynamodb', 'list-tables', '--page-size', '1'])) as { TableNames: string[] }
    assert.equal(all.TableNames.filter((name) => name.startsWith('cli-list-')).length, 3)
  },
}

export const tableOperations = {
  CreateTable: createTable,
  DescribeTable: describeTable,
  DeleteTable: deleteTable,
  ListTables: listTables,
}
