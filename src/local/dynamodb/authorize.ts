// Which IAM actions on which resources a call needs: the tables that it names, of the call's own region.
// Whether they are granted is decided by the front door.
import type { Call } from '../ports.js'
import { tableArn } from './arn.js'

export interface Permission {
  readonly action: string
  readonly resource: string
}

type Input = Readonly<Record<string, unknown>>

// AWS: a transaction needs the actions of the single items; each needs its own.
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
}

// AWS: operations without a table.
const ANY = new Set(['ListTables', 'ListGlobalTables', 'DescribeLimits', 'DescribeEndpoints'])

/** `account` owns all tables here. */
export function permissionsOf(account: string, operation: string, input: Input, call: Call): Permission[] {
  const arnOf = (table: unknown) => {
    const name = typeof table === 'string' ? table : '*'
    return name.startsWith('arn:') ? name : tableArn(account, call.region, name)
  }
  const needs = (resource: string, action = operation) => ({ action: `dynamodb:${action}`, resource })

  if (ANY.has(operation)) return [needs('*')]
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    const needed = transactionActions(input).map(([kind, { TableName }]) =>
      needs(arnOf(TableName), TRANSACTION_ACTIONS[kind] ?? operation),
    )
    return distinct(needed)
  }
  if (input.RequestItems && typeof input.RequestItems === 'object') {
    return Object.keys(input.RequestItems).map((table) => needs(arnOf(table)))
  }
  if (typeof input.ResourceArn === 'string') return [needs(input.ResourceArn)]
  if (input.GlobalTableName)
    return [needs(`arn:aws:dynamodb::${account}:global-table/${input.GlobalTableName}`)]
  const table = arnOf(input.TableName)
  return [needs(typeof input.IndexName === 'string' ? `${table}/index/${input.IndexName}` : table)]
}

function transactionActions({ TransactItems: items }: Input): [string, { TableName?: unknown }][] {
  if (!Array.isArray(items)) return []
  return items.flatMap((item: Readonly<Record<string, { TableName?: unknown }>> | null) =>
    Object.entries(item ?? {}).filter(([, action]) => action !== null && typeof action === 'object'),
  )
}

const distinct = (permissions: readonly Permission[]): Permission[] => [
  ...new Map(permissions.map((one) => [`${one.action} ${one.resource}`, one])).values(),
]
