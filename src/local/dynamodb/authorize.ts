// Which IAM actions on which resources a call needs: the tables that it names, of the call's own region, and for
// replicas those of the other. Whether they are granted is decided by the front door.
//
// AWS: service authorization reference "Amazon DynamoDB"; developer guide "Using IAM with global tables".
import type { Call, Want } from '../ports.js'
import { hasTags, keysOrTags, tagKeys, wantOf } from '../wire/want.js'
import { tableArn } from './arn.js'

type Input = Readonly<Record<string, unknown>>

// AWS: a transaction needs the actions of the single items; each needs its own.
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
}

/** `account` owns all tables here. */
export function permissionsOf(account: string, operation: string, input: Input, call: Call): readonly Want[] {
  const arnOf = (table: unknown, region = call.region) => {
    const name = typeof table === 'string' ? table : '*'
    return name.startsWith('arn:') ? name : tableArn(account, region, name)
  }
  const needs = (resource: string, action = operation) => wantOf(`dynamodb:${action}`, resource)

  if (operation === 'DescribeEndpoints') return []
  if (operation === 'DescribeLimits') return [needs('*')]
  // AWS: refusals of lists name all tables, or all global tables.
  if (operation === 'ListTables') return [needs(tableArn(account, call.region, '*'))]
  if (operation === 'ListGlobalTables') return [needs(`arn:aws:dynamodb::${account}:global-table/*`)]
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    const needed = transactionActions(input).map(([kind, { TableName }]) =>
      needs(arnOf(TableName), TRANSACTION_ACTIONS[kind] ?? operation),
    )
    return distinct(needed)
  }
  if (input.RequestItems && typeof input.RequestItems === 'object') {
    return Object.keys(input.RequestItems).map((table) => needs(arnOf(table)))
  }
  if (typeof input.ResourceArn === 'string')
    return [wantOf(`dynamodb:${operation}`, input.ResourceArn, keysOrTags(input.TagKeys, input.Tags))]
  if (input.GlobalTableName)
    return [needs(`arn:aws:dynamodb::${account}:global-table/${input.GlobalTableName}`)]
  const table = arnOf(input.TableName)
  if (operation === 'CreateTable') return createWants(table, input)
  if (operation === 'UpdateTable')
    return [needs(table), ...replicaWants(input, (region) => arnOf(input.TableName, region))]
  return [needs(typeof input.IndexName === 'string' ? `${table}/index/${input.IndexName}` : table)]
}

function createWants(resource: string, { Tags }: Input): Want[] {
  const context = tagKeys(Tags)
  const create = wantOf('dynamodb:CreateTable', resource, context)
  return hasTags(Tags) ? [create, wantOf('dynamodb:TagResource', resource, context)] : [create]
}

// AWS: what the caller must be allowed on the table in the replica's region; DynamoDB fills and follows it in his name.
const REPLICA_ACTIONS = [
  'CreateTable',
  'CreateTableReplica',
  'Query',
  'Scan',
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
]

function replicaWants({ ReplicaUpdates: updates }: Input, arnIn: (region: string) => string): Want[] {
  if (!Array.isArray(updates)) return []
  return updates.flatMap((update: Readonly<Record<string, { RegionName?: unknown }>> | null) =>
    Object.entries(update ?? {}).flatMap(([kind, action]) => {
      const region = action?.RegionName
      if (typeof region !== 'string') return []
      const on = (names: string[]) => names.map((name) => wantOf(`dynamodb:${name}`, arnIn(region)))
      if (kind === 'Create') return [describeLimits(region), ...on(REPLICA_ACTIONS)]
      return kind === 'Delete' ? on(['DeleteTable', 'DeleteTableReplica']) : []
    }),
  )
}

/** AWS: not in the guide, but its refusal is known (aws-cdk#12113), as is the grant that CDK's own replicas are given. */
function describeLimits(region: string): Want {
  const where = region.toUpperCase().replaceAll('-', '_')
  const message = `Failed to describe limits in region: '${where}'. User is missing the following permissions: 'dynamodb:DescribeLimits'.`
  const refusal = { code: 'ValidationException', message, status: 400 }
  return { action: 'dynamodb:DescribeLimits', resource: '*', refusal }
}

function transactionActions({ TransactItems: items }: Input): [string, { TableName?: unknown }][] {
  if (!Array.isArray(items)) return []
  return items.flatMap((item: Readonly<Record<string, { TableName?: unknown }>> | null) =>
    Object.entries(item ?? {}).filter(([, action]) => action !== null && typeof action === 'object'),
  )
}

const distinct = (wants: readonly Want[]): Want[] => [
  ...new Map(wants.map((one) => [`${one.action} ${one.resource}`, one])).values(),
]
