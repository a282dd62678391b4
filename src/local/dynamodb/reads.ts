// Reading items: the engine's own answers, where the table can be used. Each region reads its own replica.
// TransactGetItems is in `transactions.ts`.
import type { Call } from '../ports.js'
import type { DynamoDb } from './context.js'
import { constraint } from './error.js'
import { usableTable } from './item-table.js'

/** GetItem, Query and Scan. */
export function readTable(operation: string) {
  return async (db: DynamoDb, input: { readonly TableName?: unknown }, call: Call) => {
    const table = usableTable(db, call, input.TableName)
    const engine = await db.engines.of(call.region)
    return engine.call(operation, { ...input, TableName: table.name })
  }
}

export interface BatchInput {
  readonly RequestItems?: Readonly<Record<string, unknown>>
}

export async function batchGetItem(db: DynamoDb, input: BatchInput, call: Call) {
  for (const name of batchTables(input)) usableTable(db, call, name)
  const engine = await db.engines.of(call.region)
  return engine.call('BatchGetItem', input)
}

/** The tables of a batch, by the names that it uses. */
export function batchTables({ RequestItems }: BatchInput): string[] {
  if (typeof RequestItems !== 'object' || RequestItems === null || !Object.keys(RequestItems).length) {
    throw constraint(
      "Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    )
  }
  return Object.keys(RequestItems)
}
