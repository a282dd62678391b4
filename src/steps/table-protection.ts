// Deletion protection and point-in-time recovery, in every region: AWS replicates neither. Removing this is what lets
// `down` delete the tables.
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import type { Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import type { Config } from '../config/schema.js'
import { compare } from '../engine/diff.js'
import { defineStep, everywhere, inRegion, perRegion } from '../engine/step.js'
import { replica } from './replica.js'
import { table, tableBelongs } from './table.js'

export const tableProtection = defineStep({
  kind: 'table-protection',
  sites: (config: Config) =>
    config.table.deletionProtection || config.table.pointInTimeRecovery ? perRegion(config) : [],
  formerSites: perRegion,
  needs: { table: everywhere(table), replicas: inRegion(replica) },
  // AWS: with replicas, toggling deletion protection keeps the table UPDATING for over half a minute.
  patience: { everySeconds: 3, forMinutes: 15 },
  data: true,

  named: ({ config }) => ({ tableName: config.table.name }),

  desired: ({ config: { table } }) => ({
    tableName: table.name,
    deletionProtection: table.deletionProtection,
    pointInTimeRecovery: table.pointInTimeRecovery,
  }),

  async observe({ dynamodb }, { tableName }) {
    const TableName = tableName
    const found = (await orAbsent(dynamodb.send(new DescribeTableCommand({ TableName }))))?.Table
    if (!found) return undefined
    const backups = await orAbsent(dynamodb.send(new DescribeContinuousBackupsCommand({ TableName })))
    const recovery = backups?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription
    const deletionProtection = found.DeletionProtectionEnabled === true
    const pointInTimeRecovery = recovery?.PointInTimeRecoveryStatus === 'ENABLED'
    if (!deletionProtection && !pointInTimeRecovery) return undefined
    const held = found.TableStatus === 'ACTIVE' ? undefined : `the table is ${found.TableStatus}`
    return {
      id: tableName,
      owned: true,
      arn: found.TableArn!,
      held,
      status: found.TableStatus,
      deletionProtection,
      pointInTimeRecovery,
    }
  },

  diff: (desired, observed) =>
    compare(desired, observed, { deletionProtection: 'mutable', pointInTimeRecovery: 'mutable' }),

  readiness: ({ status }) =>
    status === 'ACTIVE' ? { state: 'ready' } : { state: 'pending', reason: `the table is ${status}` },

  async create(ctx, desired) {
    if (desired.deletionProtection) await protect(ctx, desired.tableName, true)
    else await recover(ctx, desired.tableName, true)
    return desired.tableName
  },

  async update(ctx, desired, observed) {
    if (desired.deletionProtection !== observed.deletionProtection)
      await protect(ctx, observed.id, desired.deletionProtection)
    else await recover(ctx, observed.id, desired.pointInTimeRecovery)
  },

  inherits: ({ dynamodb, tags }, _desired, { arn }) => tableBelongs(dynamodb, arn, tags),

  // AWS: a table that is deleted with recovery on leaves a system backup that nobody can delete for 35 days.
  async remove(ctx, observed) {
    if (observed.deletionProtection) await protect(ctx, observed.id, false)
    else await recover(ctx, observed.id, false)
  },
})

const protect = ({ dynamodb }: Context, TableName: string, DeletionProtectionEnabled: boolean) =>
  dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }))

const recover = ({ dynamodb }: Context, TableName: string, PointInTimeRecoveryEnabled: boolean) =>
  dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
    }),
  )
