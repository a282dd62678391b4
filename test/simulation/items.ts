// A region's items in memory, for the local DynamoDB of a simulation: only what the house and its handlers ask for, and
// at once. Tables, replicas and their times are the service's own, in front of it; `expression.ts` reads expressions.
import type { Engine } from '../../src/local/dynamodb/engine.js'
import { keyOf, keyText } from '../../src/local/dynamodb/item-key.js'
import type { TableSchema, WireItem } from '../../src/local/dynamodb/shape.js'
import { AwsError } from '../../src/local/wire/errors.js'
import { holds, updated } from './expression.js'

interface Table {
  readonly schema: TableSchema
  readonly items: Map<string, WireItem>
}

interface Input {
  readonly TableName: string
  readonly Key?: WireItem
  readonly Item?: WireItem
  readonly ConditionExpression?: string
  readonly UpdateExpression?: string
  readonly KeyConditionExpression?: string
  readonly ProjectionExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues?: WireItem
  readonly ScanIndexForward?: boolean
}

/** With a look at the items as they are at this instant, for the auditor; empty where there is no such table. */
export interface Items extends Engine {
  all(table: string): WireItem[]
}

export async function openItems(): Promise<Items> {
  const tables = new Map<string, Table>()
  const tableOf = ({ TableName }: Input): Table => {
    const table = tables.get(TableName)
    if (!table) throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
    return table
  }
  const place = (table: Table, item: WireItem | undefined): string => {
    const key = keyOf(table.schema, item)
    if (!key) throw new AwsError('ValidationException', 'The provided key element does not match the schema')
    return keyText(table.schema, key)
  }
  const operations: Readonly<Record<string, (input: Input) => object>> = {
    CreateTable(input) {
      tables.set(input.TableName, { schema: input as unknown as TableSchema, items: new Map() })
      return {}
    },
    DeleteTable(input) {
      tables.delete(input.TableName)
      return {}
    },
    GetItem(input) {
      const table = tableOf(input)
      const Item = table.items.get(place(table, input.Key))
      return Item ? { Item } : {}
    },
    PutItem(input) {
      const table = tableOf(input)
      const at = place(table, input.Item)
      check(input, table.items.get(at))
      table.items.set(at, input.Item!)
      return {}
    },
    UpdateItem(input) {
      const table = tableOf(input)
      const at = place(table, input.Key)
      const before = table.items.get(at)
      check(input, before)
      const { UpdateExpression = '', ExpressionAttributeValues } = input
      table.items.set(at, updated(UpdateExpression, { ...before, ...input.Key }, ExpressionAttributeValues))
      return {}
    },
    DeleteItem(input) {
      const table = tableOf(input)
      const at = place(table, input.Key)
      check(input, table.items.get(at))
      table.items.delete(at)
      return {}
    },
    Query(input) {
      const { schema, items } = tableOf(input)
      const { ExpressionAttributeValues, ScanIndexForward = true } = input
      const condition = named(input.KeyConditionExpression ?? '', input)
      const sort = schema.KeySchema.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName ?? ''
      const by = (item: WireItem) => item[sort]?.S ?? ''
      const found = [...items.values()]
        .filter((item) => holds(condition, item, ExpressionAttributeValues))
        .sort((a, b) => (by(a) < by(b) ? -1 : 1))
        .map((item) => projected(item, input))
      return { Items: ScanIndexForward ? found : found.reverse() }
    },
    Scan: (input) => ({ Items: [...tableOf(input).items.values()] }),
  }
  return {
    async call<O>(operation: string, input: object): Promise<O> {
      const work = operations[operation]
      if (!work) throw new Error(`the simulation has no ${operation} of items`)
      return structuredClone(work(input as Input)) as O
    },
    all: (table) => [...(tables.get(table)?.items.values() ?? [])],
    check: () => undefined,
    tableNames: async () => [...tables.keys()],
    close: async () => undefined,
  }
}

const named = (expression: string, { ExpressionAttributeNames: names }: Input) =>
  expression.replace(/#\w+/g, (name) => names?.[name] ?? name)

function projected(item: WireItem, input: Input): WireItem {
  if (!input.ProjectionExpression) return item
  const names = named(input.ProjectionExpression, input).split(', ')
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)))
}

function check({ ConditionExpression, ExpressionAttributeValues }: Input, item: WireItem | undefined): void {
  if (ConditionExpression && !holds(ConditionExpression, item ?? {}, ExpressionAttributeValues))
    throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed')
}
