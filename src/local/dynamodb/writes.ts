// Writing items outside of transactions: PutItem, UpdateItem, DeleteItem and BatchWriteItem. The engine decides; here an
// item is locked, and in a global table the write is made one with its replication. `journal.ts` says how.
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { type DynamoDb, itemLocks } from './context.js'
import { readItem } from './engine.js'
import { constraint, validation } from './error.js'
import { keyOf, keyText } from './item-key.js'
import { usableTable } from './item-table.js'
import type { Intended } from './journal.js'
import { type BatchInput, batchTables } from './reads.js'
import type { WireItem } from './shape.js'
import type { TableRecord } from './table-state.js'

interface Target {
  readonly table: TableRecord
  readonly key: WireItem
  /** What the write leaves, where its request alone says so. */
  readonly after?: WireItem | null
}

export const lockOf = ({ table, key }: Target) =>
  itemLocks(table.region, table.name) + keyText(table.schema, key)

interface WriteInput {
  readonly TableName?: unknown
  readonly Key?: WireItem
  readonly Item?: WireItem
  readonly ConditionExpression?: unknown
  /** The condition of old. */
  readonly Expected?: unknown
  readonly ReturnValues?: string
  readonly ReturnValuesOnConditionCheckFailure?: string
}

/** An item that a request writes. `after`: what it leaves, where the request alone says so. */
interface Named {
  readonly name: string
  readonly key: WireItem
  readonly after?: WireItem | null
}

/** PutItem, UpdateItem and DeleteItem. */
export function writeItem(operation: 'PutItem' | 'UpdateItem' | 'DeleteItem') {
  return async (db: DynamoDb, input: WriteInput, call: Call): Promise<object> => {
    const { ReturnValuesOnConditionCheckFailure: onFailure, ...rest } = input
    checkOnFailure(onFailure)
    if (operation === 'DeleteItem' && !['NONE', 'ALL_OLD'].includes(input.ReturnValues ?? 'NONE')) {
      throw validation('ReturnValues can only be ALL_OLD or NONE')
    }
    const { schema, name } = usableTable(db, call, input.TableName)
    const engine = await db.engines.of(call.region)
    const perform = () => engine.call(operation, { ...rest, TableName: name })
    const key = keyOf(schema, operation === 'PutItem' ? input.Item : input.Key)
    // Without a proper key there is nothing to lock: the engine says what is wrong.
    if (!key) return perform()
    const isDecided = operation !== 'UpdateItem' && !input.ConditionExpression && !input.Expected
    const after = operation === 'PutItem' ? input.Item : null
    const named = { name, key, ...(isDecided && { after }) }
    refuseInTransaction(db, call, named)
    return locked(db, call, [named], async () => {
      try {
        return await perform()
      } catch (error) {
        if (onFailure !== 'ALL_OLD' || !isConditionFailure(error)) throw error
        const Item = await readItem(engine, name, key)
        throw new AwsError(error.code, error.message, error.status, { Item })
      }
    })
  }
}

/** AWS: a write to an item that a transaction is writing now is refused, it does not wait. */
function refuseInTransaction(db: DynamoDb, call: Call, { name, key }: Named): void {
  const lock = lockOf({ table: usableTable(db, call, name), key })
  if (!db.locks.claims(lock).includes('transaction')) return
  throw new AwsError('TransactionConflictException', 'Transaction is ongoing for the item')
}

export const isConditionFailure = (
  error: unknown,
): error is AwsError & { readonly code: 'ConditionalCheckFailedException' } =>
  error instanceof AwsError && error.code === 'ConditionalCheckFailedException'

export function checkOnFailure(value: string | undefined): void {
  if (value === undefined || value === 'ALL_OLD' || value === 'NONE') return
  throw constraint(
    `Value '${value}' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: ` +
      'Member must satisfy enum value set: [ALL_OLD, NONE]',
  )
}

interface BatchRequest {
  readonly PutRequest?: { readonly Item?: WireItem }
  readonly DeleteRequest?: { readonly Key?: WireItem }
}

export async function batchWriteItem(db: DynamoDb, input: BatchInput, call: Call): Promise<object> {
  const engine = await db.engines.of(call.region)
  const perform = () => engine.call('BatchWriteItem', input)
  const named: (Omit<Named, 'key'> & { key: WireItem | undefined })[] = []
  for (const name of batchTables(input)) {
    const { schema } = usableTable(db, call, name)
    const requests = input.RequestItems?.[name] as readonly BatchRequest[] | null
    for (const request of Array.isArray(requests) ? requests : []) {
      const after = request?.PutRequest?.Item ?? null
      named.push({ name, key: keyOf(schema, after ?? request?.DeleteRequest?.Key), after })
    }
  }
  const proper = named.filter((one): one is Named => one.key !== undefined)
  if (proper.length < named.length) return perform()
  return locked(db, call, proper, perform)
}

/** Runs `perform` with these items locked; in a global table what it has written is published. */
async function locked(
  db: DynamoDb,
  call: Call,
  named: readonly Named[],
  perform: () => Promise<object>,
): Promise<object> {
  const targets = () => named.map(({ name, ...rest }) => ({ table: usableTable(db, call, name), ...rest }))
  const work = async () => {
    // The tables may have changed while this write waited for its turn.
    const items = targets()
    const intent = await intend(db, items)
    try {
      const answer = await perform()
      await publish(db, items, intent)
      return answer
    } catch (error) {
      // A refusal has written nothing. After anything else nobody knows: the next start looks.
      if (error instanceof AwsError) intent.close()
      throw error
    }
  }
  return db.locks.run(targets().map(lockOf), work, 'write')
}

interface OpenIntent {
  readonly items: readonly Intended[]
  close(): void
}

const itemOf = async ({ engines }: DynamoDb, { table, key }: Target): Promise<WireItem | null> =>
  (await readItem(await engines.of(table.region), table.name, key)) ?? null

/** Opens the intent of a write to global tables. Writes to other tables need none. */
async function intend(db: DynamoDb, targets: readonly Target[]): Promise<OpenIntent> {
  const items: Intended[] = []
  for (const target of targets) {
    const { table, key, after } = target
    if (!table.membership) continue
    const known = after === undefined ? { before: await itemOf(db, target) } : { after }
    items.push({ table: table.name, tableId: table.id, key, ts: db.replication.stamp(), ...known })
  }
  if (!items.length) return { items, close: () => {} }
  return { items, ...(await db.journal.open({ region: targets[0]!.table.region, items })) }
}

/** Gives the writes their versions and sends them to the other replicas, in one with the end of their intent. */
async function publish(db: DynamoDb, targets: readonly Target[], intent: OpenIntent): Promise<void> {
  const { tables, replication, world } = db
  const written: [Target, WireItem | null][] = []
  for (const target of targets) {
    const { table, after } = target
    // Looked up again: a table may have become global while its item was written.
    if (!tables.stored(table.region, table.name)?.membership) continue
    written.push([target, after === undefined ? await itemOf(db, target) : after])
  }
  if (!written.length) return
  // One turn: the store brings these to disk together, or none of them.
  for (const [{ table, key }, item] of written) {
    const ts = intent.items.find((one) => one.key === key)?.ts ?? replication.stamp()
    const now = tables.stored(table.region, table.name)
    if (now?.id === table.id) replication.publish(now, key, item, ts)
  }
  intent.close()
  await world.store.flush()
}
