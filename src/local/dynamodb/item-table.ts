// Which table an item operation means, and whether its items can be used now. Control operations have rules of their
// own; see `control.ts`.
import type { Call } from '../ports.js'
import { tableNameOf } from './arn.js'
import type { DynamoDb } from './context.js'
import { tableNotUsable } from './error.js'
import type { TableRecord } from './table-state.js'

/** AWS: items can be read and written while the table is ACTIVE or UPDATING; else it is as if it were not there. */
export function usableTable(db: DynamoDb, call: Call, tableName: unknown): TableRecord {
  const table = db.tables.find(call.region, tableNameOf(tableName, call, db.world.account))
  if (!table) throw tableNotUsable()
  const status = db.tables.status(table)
  if (status === 'CREATING' || status === 'DELETING') throw tableNotUsable()
  return table
}
