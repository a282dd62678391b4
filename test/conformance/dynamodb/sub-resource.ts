// Point-in-time recovery and time to live of tables.
import assert from 'node:assert/strict'
import type { ContinuousBackupsDescription } from '@aws-sdk/client-dynamodb'
import { VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { cli, dynamodb, globalTable, item, key, table, tableByCli, tableInput, until } from './tables.js'

const recovery = (TableName: string, PointInTimeRecoveryEnabled: boolean, more: object = {}) => ({
  TableName,
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled, ...more },
})

const updateContinuousBackups: OperationSuite = {
  happy: {
    'recovery is on and off at once, as often as one likes': async (cloud) => {
      const client = await table(cloud, 'recovery')
      await cloud.pass(3)
      for (const enabled of [true, true, false, false]) {
        const { ContinuousBackupsDescription } = await client.updateContinuousBackups(
          recovery('recovery', enabled),
        )
        const { PointInTimeRecoveryDescription: shown, ContinuousBackupsStatus } =
          ContinuousBackupsDescription!
        assert.equal(shown?.PointInTimeRecoveryStatus, enabled ? 'ENABLED' : 'DISABLED')
        assert.equal(ContinuousBackupsStatus, 'ENABLED', 'which is no switch')
      }
    },
  },
  validation: {
    'a period is refused when recovery is turned off': async (cloud) =>
      refused(
        dynamodb(cloud).updateContinuousBackups(recovery('nowhere', false, { RecoveryPeriodInDays: 7 })),
        'ValidationException',
        'Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.',
      ),
  },
  state: {
    'while CREATING: TableNotFoundException; up to 2.7 s after ACTIVE: ContinuousBackupsUnavailableException':
      async (cloud) => {
        const client = dynamodb(cloud)
        await client.createTable(tableInput('early'))
        const turnOn = () => client.updateContinuousBackups(recovery('early', true))
        await refused(turnOn(), 'TableNotFoundException', 'Table not found: early')
        await cloud.pass(7)
        await refused(
          turnOn(),
          'ContinuousBackupsUnavailableException',
          'Backups are being enabled for the table: early. Please retry later',
        )
        await cloud.pass(3)
        await turnOn()
      },
    'a replica has recovery of its own': async (cloud) => {
      const client = await globalTable(cloud, 'own', VIRGINIA)
      await client.updateContinuousBackups(recovery('own', true))
      const { ContinuousBackupsDescription } = await dynamodb(cloud, VIRGINIA).describeContinuousBackups({
        TableName: 'own',
      })
      const { PointInTimeRecoveryStatus } = ContinuousBackupsDescription!.PointInTimeRecoveryDescription!
      assert.equal(PointInTimeRecoveryStatus, 'DISABLED')
    },
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-recovery')
    const on = ['--point-in-time-recovery-specification', 'PointInTimeRecoveryEnabled=true']
    const { ContinuousBackupsDescription: shown } = await cli<{
      ContinuousBackupsDescription: ContinuousBackupsDescription
    }>(aws, 'update-continuous-backups', 'cli-recovery', ...on)
    assert.equal(shown.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus, 'ENABLED')
  },
}

const describeContinuousBackups: OperationSuite = {
  happy: {
    'a recoverable table has a window, of 35 days by default': async (cloud) => {
      const client = await table(cloud, 'window')
      await cloud.pass(3)
      await client.updateContinuousBackups(recovery('window', true))
      const { ContinuousBackupsDescription } = await client.describeContinuousBackups({ TableName: 'window' })
      const shown = ContinuousBackupsDescription!.PointInTimeRecoveryDescription!
      assert.equal(shown.RecoveryPeriodInDays, 35)
      assert.ok(shown.EarliestRestorableDateTime && shown.LatestRestorableDateTime)
    },
  },
  state: {
    'an absent table: TableNotFoundException': async (cloud) =>
      refused(
        dynamodb(cloud).describeContinuousBackups({ TableName: 'absent' }),
        'TableNotFoundException',
        'Table not found: absent',
      ),
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-backups')
    const shown = await cli(aws, 'describe-continuous-backups', 'cli-backups')
    assert.deepEqual(shown.ContinuousBackupsDescription, {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    })
  },
}

const live = (TableName: string, AttributeName: string, Enabled = true) => ({
  TableName,
  TimeToLiveSpecification: { AttributeName, Enabled },
})

const updateTimeToLive: OperationSuite = {
  happy: {
    'an expired item is deleted within some time, in every region; others stay': async (cloud) => {
      const client = await globalTable(cloud, 'expiring', VIRGINIA)
      await client.updateTimeToLive(live('expiring', 'until'))
      const put = (id: string, seconds: number) =>
        client.putItem({
          TableName: 'expiring',
          Item: { ...item(id, 'x'), until: { N: String(Math.round(Date.now() / 1000) + seconds) } },
        })
      await put('over', -3600)
      await put('lasting', 3600)
      const left = async (region?: string) =>
        (await dynamodb(cloud, region).scan({ TableName: 'expiring' })).Items
      for (const region of [undefined, VIRGINIA]) {
        await until('the item to expire', async () => {
          await cloud.pass(2000)
          return JSON.stringify((await left(region))?.map(({ id }) => id?.S)) === '["lasting"]'
        })
      }
    },
    'it holds for all replicas': async (cloud) => {
      await globalTable(cloud, 'shared', VIRGINIA)
      await dynamodb(cloud, VIRGINIA).updateTimeToLive(live('shared', 'until'))
      await cloud.pass(3)
      const { TimeToLiveDescription } = await dynamodb(cloud).describeTimeToLive({ TableName: 'shared' })
      assert.deepEqual(TimeToLiveDescription, { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' })
    },
  },
  state: {
    'what it is already: ValidationException': async (cloud) => {
      const client = await table(cloud, 'already')
      await refused(
        client.updateTimeToLive(live('already', 'until', false)),
        'ValidationException',
        'TimeToLive is already disabled',
      )
      await client.updateTimeToLive(live('already', 'until'))
      await refused(
        client.updateTimeToLive(live('already', 'until')),
        'ValidationException',
        'TimeToLive is already enabled',
      )
      await refused(
        client.updateTimeToLive(live('already', 'other')),
        'ValidationException',
        'TimeToLive is active on a different AttributeName: current AttributeName is until',
      )
    },
    'a second change within 31 minutes: ValidationException': async (cloud) => {
      const client = await table(cloud, 'twice')
      await client.updateTimeToLive(live('twice', 'until'))
      await cloud.pass(1860)
      await refused(
        client.updateTimeToLive(live('twice', 'until', false)),
        'ValidationException',
        'Time to live has been modified multiple times within a fixed interval',
      )
      await cloud.pass(10)
      await client.updateTimeToLive(live('twice', 'until', false))
    },
    'an absent table: ResourceNotFoundException; one that is CREATING: ResourceInUseException': async (
      cloud,
    ) => {
      const client = dynamodb(cloud)
      await refused(client.updateTimeToLive(live('absent', 'until')), 'ResourceNotFoundException')
      await client.createTable(tableInput('early'))
      await refused(client.updateTimeToLive(live('early', 'until')), 'ResourceInUseException')
    },
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-ttl')
    const on = ['--time-to-live-specification', 'Enabled=true,AttributeName=until']
    const { TimeToLiveSpecification } = await cli(aws, 'update-time-to-live', 'cli-ttl', ...on)
    assert.deepEqual(TimeToLiveSpecification, { Enabled: true, AttributeName: 'until' })
  },
}

const describeTimeToLive: OperationSuite = {
  happy: {
    'DISABLED at first': async (cloud) => {
      const client = await table(cloud, 'fresh')
      await client.putItem({ TableName: 'fresh', Item: key('a') })
      const { TimeToLiveDescription } = await client.describeTimeToLive({ TableName: 'fresh' })
      assert.deepEqual(TimeToLiveDescription, { TimeToLiveStatus: 'DISABLED' })
    },
  },
  state: {
    'while CREATING: ValidationException': async (cloud) => {
      await dynamodb(cloud).createTable(tableInput('early'))
      await refused(
        dynamodb(cloud).describeTimeToLive({ TableName: 'early' }),
        'ValidationException',
        'Cannot describe time to live while table is in CREATING state: Current table state is CREATING',
      )
    },
    'an absent table: ResourceNotFoundException': async (cloud) =>
      refused(dynamodb(cloud).describeTimeToLive({ TableName: 'absent' }), 'ResourceNotFoundException'),
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-ttl-shown')
    const { TimeToLiveDescription } = await cli(aws, 'describe-time-to-live', 'cli-ttl-shown')
    assert.deepEqual(TimeToLiveDescription, { TimeToLiveStatus: 'DISABLED' })
  },
}

export const subResourceOperations = {
  UpdateContinuousBackups: updateContinuousBackups,
  DescribeContinuousBackups: describeContinuousBackups,
  UpdateTimeToLive: updateTimeToLive,
  DescribeTimeToLive: describeTimeToLive,
}
