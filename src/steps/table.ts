// The table, in the home region. `replica.ts` makes it global, `table-protection.ts` guards it in every region.
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  type TableDescription,
  TagResourceCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import { orAbsent } from '../aws/errors.js'
import { belongs, ownership, type Tags, tagList } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, once } from '../engine/step.js'

export interface Key {
  readonly name: string
  readonly type: 'S' | 'N' | 'B'
  readonly keyType: 'HASH' | 'RANGE'
}

export const table = defineStep({
  kind: 'table',
  sites: once,
  needs: {},
  patience: { everySeconds: 2, forMinutes: 15 },
  data: true,

  desired: ({ config: { table } }) => ({
    tableName: table.name,
    keys: [
      { ...table.partitionKey, keyType: 'HASH' },
      ...(table.sortKey ? [{ ...table.sortKey, keyType: 'RANGE' }] : []),
    ] as Key[],
    billingMode: 'PAY_PER_REQUEST' as const,
  }),

  async observe({ dynamodb, tags }, desired, id) {
    const TableName = id ?? desired.tableName
    const found = (await orAbsent(dynamodb.send(new DescribeTableCommand({ TableName }))))?.Table
    if (!found) return undefined
    // AWS: a table that is CREATING has no readable tags yet; it is waited for, and judged once it is ACTIVE.
    const list = new ListTagsOfResourceCommand({ ResourceArn: found.TableArn })
    const listed = await orAbsent(dynamodb.send(list))
    const marks = ownership(listed?.Tags, tags)
    return {
      id: TableName,
      ...marks,
      owned: found.TableStatus !== 'ACTIVE' || marks.owned,
      leaving: found.TableStatus === 'DELETING' ? 'the table is being deleted' : undefined,
      held: found.TableStatus === 'ACTIVE' ? undefined : `the table is ${found.TableStatus}`,
      tableName: TableName,
      arn: found.TableArn!,
      status: found.TableStatus!,
      keys: keysOf(found),
      billingMode: found.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
      replicas: (found.Replicas ?? []).map(({ RegionName }) => RegionName!),
    }
  },

  diff: (desired, observed) =>
    compare(desired, observed, { tableName: 'immutable', keys: 'immutable', billingMode: 'mutable' }),

  readiness: ({ status }) =>
    status === 'ACTIVE'
      ? { state: 'ready' }
      : status === 'CREATING' || status === 'UPDATING'
        ? { state: 'pending', reason: `the table is ${status}` }
        : { state: 'failed', reason: `the table is ${status}` },

  // AWS: the first replica gives a table that has no stream one of both images; another stream stays as it is, and serves
  // replication as well. So nothing is asked of the stream of a table that is taken over.
  async create({ dynamodb, tags }, { tableName, keys, billingMode }) {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: tableName,
        KeySchema: keys.map(({ name, keyType }) => ({ AttributeName: name, KeyType: keyType })),
        AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
        BillingMode: billingMode,
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
        Tags: tagList(tags),
      }),
    )
    return tableName
  },

  async adopt({ dynamodb, tags }, _desired, { arn }) {
    await dynamodb.send(new TagResourceCommand({ ResourceArn: arn, Tags: tagList(tags) }))
  },

  async update({ dynamodb }, { billingMode }, { id }) {
    await dynamodb.send(new UpdateTableCommand({ TableName: id, BillingMode: billingMode }))
  },

  async remove({ dynamodb }, { id }) {
    await dynamodb.send(new DeleteTableCommand({ TableName: id }))
  },

  usedBy: async ({ region }, { tableName }, { replicas }) =>
    replicas
      .filter((other) => other !== region)
      .map((other) => ({ id: replicaId(tableName, other), what: `its replica in ${other}` })),

  // AWS: the source of a replica refuses deletion until the replicas that it sourced are gone; no 24 hours then.
  transient: (error) => /acted as a source region/.test(error.message),
})

export const replicaId = (tableName: string, region: string) => `${tableName}/${region}`

/** Whether a table carries the marks of our stack and state, at whatever address. */
export async function tableBelongs(
  dynamodb: DynamoDBClient,
  ResourceArn: string,
  tags: Tags,
): Promise<boolean> {
  const listed = await orAbsent(dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn })))
  return belongs(listed?.Tags, tags)
}

function keysOf({ KeySchema = [], AttributeDefinitions = [] }: TableDescription): Key[] {
  return KeySchema.map(({ AttributeName, KeyType }) => ({
    name: AttributeName!,
    type: AttributeDefinitions.find((definition) => definition.AttributeName === AttributeName)!
      .AttributeType as Key['type'],
    keyType: KeyType!,
  }))
}
