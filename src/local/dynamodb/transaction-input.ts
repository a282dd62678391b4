// What a transaction's request says, checked as far as that goes without looking at items: its actions, each with its
// table and key. `transactions.ts` carries them out.
import type { Call } from '../ports.js'
import type { DynamoDb } from './context.js'
import { constraint, unsupported, validation } from './error.js'
import { keyOf } from './item-key.js'
import { usableTable } from './item-table.js'
import type { WireItem } from './shape.js'
import type { TableRecord } from './table-state.js'
import { checkOnFailure, lockOf } from './writes.js'

export interface ActionInput {
  readonly TableName?: unknown
  readonly Key?: WireItem
  readonly Item?: WireItem
  readonly ReturnValuesOnConditionCheckFailure?: string
}

export interface Action {
  readonly kind: string
  readonly input: ActionInput
  readonly table: TableRecord
  /** Undefined where the request's key does not fit the table. */
  readonly key: WireItem | undefined
}

/** One member, named by the kind of action. */
type TransactItem = Readonly<Record<string, ActionInput | null>> | null

export interface TransactInput {
  readonly TransactItems?: readonly TransactItem[]
  readonly ClientRequestToken?: string
  readonly ReturnConsumedCapacity?: string
  readonly ReturnItemCollectionMetrics?: string
}

// AWS: up to 100 actions, no item twice.
const LIMIT = 100

/** The actions of a transaction. `kinds` are those it may have; `mixed` is said of any other. */
export function actionsOf(
  db: DynamoDb,
  input: TransactInput,
  call: Call,
  kinds: readonly string[],
  mixed: string,
): Action[] {
  if (input.ReturnConsumedCapacity && input.ReturnConsumedCapacity !== 'NONE') {
    throw unsupported('ReturnConsumedCapacity in a transaction')
  }
  if (input.ReturnItemCollectionMetrics && input.ReturnItemCollectionMetrics !== 'NONE') {
    throw unsupported('ReturnItemCollectionMetrics in a transaction')
  }
  const items: readonly TransactItem[] = Array.isArray(input.TransactItems) ? input.TransactItems : []
  const bound = !items.length ? 'greater than or equal to 1' : `less than or equal to ${LIMIT}`
  if (!items.length || items.length > LIMIT) {
    const value = items.length ? `[${items.length} items]` : '[]'
    throw constraint(
      `Value '${value}' at 'transactItems' failed to satisfy constraint: Member must have length ${bound}`,
    )
  }
  const actions = items.map((item) => {
    const given = Object.entries(item ?? {}).filter(([, value]) => value != null)
    const [kind = '', action] = given[0] ?? []
    if (given.length !== 1 || !kinds.includes(kind) || !action) throw validation(mixed)
    const table = usableTable(db, call, action.TableName)
    return { kind, input: action, table, key: keyOf(table.schema, kind === 'Put' ? action.Item : action.Key) }
  })
  const targets = actions.filter(isProper).map(lockOf)
  if (new Set(targets).size < targets.length) {
    throw validation('Transaction request cannot include multiple operations on one item')
  }
  return actions
}

export const isProper = (action: Action): action is Action & { key: WireItem } => action.key !== undefined

// AWS: these members are required, each by its kind of action.
export function checkAction({ kind, input }: Action, index: number): void {
  const action = input as Readonly<Record<string, unknown>>
  checkOnFailure(input.ReturnValuesOnConditionCheckFailure)
  const needed =
    kind === 'Update' ? 'UpdateExpression' : kind === 'ConditionCheck' ? 'ConditionExpression' : undefined
  if (!needed || action[needed] !== undefined) return
  const path = `${kind.charAt(0).toLowerCase()}${kind.slice(1)}.${needed.charAt(0).toLowerCase()}${needed.slice(1)}`
  throw constraint(
    `Value null at 'transactItems.${index + 1}.member.${path}' failed to satisfy constraint: Member must not be null`,
  )
}
