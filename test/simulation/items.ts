// A region's items in memory, for the local DynamoDB of a simulation: only what the house and its handlers ask for, and
// at once. Tables, replicas and their times are the service's own, in front of it.
import type { Engine } from '../../src/local/dynamodb/engine.js'
import { keyOf, keyText } from '../../src/local/dynamodb/item-key.js'
import type { TableSchema, WireItem } from '../../src/local/dynamodb/shape.js'
import { AwsError } from '../../src/local/wire/errors.js'

interface Table {
  readonly schema: TableSchema
  readonly items: Map<string, WireItem>
}

interface Input {
  readonly TableName: string
  readonly Key?: WireItem
  readonly Item?: WireItem
}

export async function openItems(): Promise<Engine> {
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
      table.items.set(place(table, input.Item), input.Item!)
      return {}
    },
    DeleteItem(input) {
      const table = tableOf(input)
      table.items.delete(place(table, input.Key))
      return {}
    },
    Scan: (input) => ({ Items: [...tableOf(input).items.values()] }),
  }
  return {
    async call<O>(operation: string, input: object): Promise<O> {
      const work = operations[operation]
      if (!work) throw new Error(`the simulation has no ${operation} of items`)
      return structuredClone(work(input as Input)) as O
    },
    check: () => undefined,
    tableNames: async () => [...tables.keys()],
    close: async () => undefined,
  }
}
