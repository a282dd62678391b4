// Global tables of version 2017.11.29, which AWS no longer makes: all that is left of them is how it says so.
import assert from 'node:assert/strict'
import { IRELAND, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { dynamodb, globalTable, table } from './tables.js'

const NOT_SUPPORTED =
  'One or more parameter values were invalid: DynamoDB global tables version 2017.11.29 is not supported. We recommend ' +
  'using DynamoDB global tables version 2019.11.21, instead of version 2017.11.29 (Legacy).'
const BOTH = [{ RegionName: IRELAND }, { RegionName: VIRGINIA }]
const adding = { ReplicaUpdates: [{ Create: { RegionName: VIRGINIA } }] }

const createGlobalTable: OperationSuite = {
  happy: {
    'it is refused everywhere, whatever the tables are: ValidationException': async (cloud) => {
      await table(cloud, 'old')
      for (const region of [IRELAND, VIRGINIA]) {
        const call = dynamodb(cloud, region).createGlobalTable({
          GlobalTableName: 'old',
          ReplicationGroup: BOTH,
        })
        await refused(call, 'ValidationException', NOT_SUPPORTED)
      }
    },
  },
  state: 'has no state: nothing can be made',
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    const group = ['--replication-group', `RegionName=${IRELAND}`]
    const call = aws.run(['dynamodb', 'create-global-table', '--global-table-name', 'old', ...group])
    await assert.rejects(call, /\(ValidationException\).*version 2017\.11\.29 is not supported/)
  },
}

const updateGlobalTable: OperationSuite = {
  happy: {
    'adding a replica is refused as creating one is: ValidationException': async (cloud) =>
      refused(
        dynamodb(cloud).updateGlobalTable({ GlobalTableName: 'old', ...adding }),
        'ValidationException',
        NOT_SUPPORTED,
      ),
  },
  state: {
    'removing one: GlobalTableNotFoundException, also for tables of version 2019.11.21': async (cloud) => {
      const client = await globalTable(cloud, 'new', VIRGINIA)
      const ReplicaUpdates = [{ Delete: { RegionName: VIRGINIA } }]
      await refused(
        client.updateGlobalTable({ GlobalTableName: 'new', ReplicaUpdates }),
        'GlobalTableNotFoundException',
      )
    },
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    const updates = ['--replica-updates', `Create={RegionName=${VIRGINIA}}`]
    const call = aws.run(['dynamodb', 'update-global-table', '--global-table-name', 'old', ...updates])
    await assert.rejects(call, /\(ValidationException\).*version 2017\.11\.29 is not supported/)
  },
}

const describeGlobalTable: OperationSuite = {
  happy: {
    'tables of version 2019.11.21 are none of it: GlobalTableNotFoundException': async (cloud) => {
      const client = await globalTable(cloud, 'new', VIRGINIA)
      const call = client.describeGlobalTable({ GlobalTableName: 'new' })
      await refused(call, 'GlobalTableNotFoundException')
    },
  },
  state: 'has no state: nothing can be made',
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    const call = aws.run(['dynamodb', 'describe-global-table', '--global-table-name', 'old'])
    await assert.rejects(call, /\(GlobalTableNotFoundException\)/)
  },
}

const listGlobalTables: OperationSuite = {
  happy: {
    'there are none': async (cloud) => {
      const client = await globalTable(cloud, 'new', VIRGINIA)
      assert.deepEqual((await client.listGlobalTables({})).GlobalTables, [])
    },
  },
  state: 'has no state: nothing can be made',
  pagination: 'nothing to page through',
  cli: async (_cloud, aws) =>
    assert.deepEqual(await aws.run(['dynamodb', 'list-global-tables']), { GlobalTables: [] }),
}

export const globalTableOperations = {
  CreateGlobalTable: createGlobalTable,
  UpdateGlobalTable: updateGlobalTable,
  DescribeGlobalTable: describeGlobalTable,
  ListGlobalTables: listGlobalTables,
}
