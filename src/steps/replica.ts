// Replicas: one in every region but the home, added to the table one at a time while it is empty (with a single item in
// it AWS takes ten minutes each). All are sourced from the home region, so they also leave before it.
import {
  DescribeTableCommand,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import { orAbsent } from '../aws/errors.js'
import { addressOf, belongs, ownership, tagList } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, everywhere, type Readiness } from '../engine/step.js'
import { replicaId, table, tableBelongs } from './table.js'

export const replica = defineStep({
  kind: 'replica',
  sites: (config) => config.regions.filter((region) => region !== config.home).map((region) => ({ region })),
  needs: { table: everywhere(table) },
  // AWS: 14-49 s while empty, 9-11 min with an item; leaving takes 2-4 min.
  patience: { everySeconds: 3, forMinutes: 30 },
  serial: true,
  data: true,

  named: ({ config, site }) => ({
    tableName: config.table.name,
    home: config.home,
    region: site.region,
  }),

  // The address of a home's own table says so.
  async otherConfig({ dynamodb, region, tags }, config) {
    const TableName = config.table.name
    const found = (await orAbsent(dynamodb.send(new DescribeTableCommand({ TableName }))))?.Table
    if (!found) return []
    const list = new ListTagsOfResourceCommand({ ResourceArn: found.TableArn })
    const marks = (await orAbsent(dynamodb.send(list)))?.Tags
    const isHome = belongs(marks, tags) && addressOf(marks) === `${table.kind}/${region}`
    return isHome ? [{ field: 'home', value: region, id: TableName }] : []
  },

  desired: ({ config, site }) => ({
    tableName: config.table.name,
    home: config.home,
    region: site.region,
    tagged: true,
  }),

  async observe(ctx, { tableName, home, region }) {
    const describe = new DescribeTableCommand({ TableName: tableName })
    const source = (await orAbsent(ctx.in(home).dynamodb.send(describe)))?.Table
    const here = (await orAbsent(ctx.dynamodb.send(describe)))?.Table
    const entry = source?.Replicas?.find(({ RegionName }) => RegionName === region)
    if (!entry && !here) return undefined
    const listed =
      here &&
      (await orAbsent(ctx.dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: here.TableArn }))))
    const marks = ownership(listed?.Tags, ctx.tags)
    const leaving = entry?.ReplicaStatus === 'DELETING' || here?.TableStatus === 'DELETING'
    return {
      id: replicaId(tableName, region),
      // A table of this name that is no replica of ours belongs to somebody else, unless it is just appearing or going.
      ...marks,
      owned: entry !== undefined || here?.TableStatus !== 'ACTIVE' || marks.owned,
      leaving: leaving ? 'the replica is being deleted' : undefined,
      held:
        source && source.TableStatus !== 'ACTIVE'
          ? `the table is ${source.TableStatus} in ${home}`
          : undefined,
      arn: here?.TableArn,
      replicaStatus: entry?.ReplicaStatus,
      tableStatus: here?.TableStatus,
      sourceStatus: source?.TableStatus,
      sourceArn: source?.TableArn,
      tagged: marks.owned,
    }
  },

  diff: (desired, observed) => compare(desired, observed, { tagged: 'mutable' }),

  readiness: ({ replicaStatus, tableStatus, sourceStatus }): Readiness => {
    if (replicaStatus === 'ACTIVE' && tableStatus === 'ACTIVE' && sourceStatus === 'ACTIVE')
      return { state: 'ready' }
    const busy = ['CREATING', 'UPDATING', 'ACTIVE', undefined]
    const all = [replicaStatus, tableStatus, sourceStatus]
    const reason = `the replica is ${replicaStatus ?? 'not listed yet'}, its table ${tableStatus ?? 'not there yet'}`
    return { state: all.every((status) => busy.includes(status)) ? 'pending' : 'failed', reason }
  },

  // AWS: exactly one replica action a call, and none while another runs (ResourceInUseException).
  async create(ctx, { tableName, home, region }) {
    const ReplicaUpdates = [{ Create: { RegionName: region } }]
    await ctx.in(home).dynamodb.send(new UpdateTableCommand({ TableName: tableName, ReplicaUpdates }))
    return replicaId(tableName, region)
  },

  // AWS: tags are never replicated.
  async update({ dynamodb, tags }, _desired, { arn }) {
    await dynamodb.send(new TagResourceCommand({ ResourceArn: arn, Tags: tagList(tags) }))
  },

  // A replica that has no tags yet is ours by its table.
  inherits: async (ctx, { home }, { tagged, sourceArn }) =>
    sourceArn ? tableBelongs(ctx.in(home).dynamodb, sourceArn, ctx.tags) : tagged,

  async remove(ctx, _observed, { tableName, home, region }) {
    const ReplicaUpdates = [{ Delete: { RegionName: region } }]
    await ctx.in(home).dynamodb.send(new UpdateTableCommand({ TableName: tableName, ReplicaUpdates }))
  },

  transient: (error) => /acted as a source region/.test(error.message),
})
