// TransactWriteItems and TransactGetItems: all or nothing, inside one region. Every write is tried out in memory first;
// if all would do, what they leave is put on disk as an intent and then made so. `journal.ts` finishes it after a crash.
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { DynamoDb } from './context.js'
import { readItem, setItem } from './engine.js'
import type { Intended } from './journal.js'
import type { Claim } from './lock.js'
import type { Trial } from './scratch.js'
import type { WireItem } from './shape.js'
import { type Action, actionsOf, checkAction, isProper, type TransactInput } from './transaction-input.js'
import { rememberToken, type Token, tokenOf, wasMade } from './transaction-token.js'
import { isConditionFailure, lockOf } from './writes.js'

/** The engine's operation that does the same to one item. A check is a deletion that only the scratch table sees. */
const OPERATIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
}

export async function transactWriteItems(db: DynamoDb, input: TransactInput, call: Call): Promise<object> {
  const prepare = () =>
    actionsOf(
      db,
      input,
      call,
      Object.keys(OPERATIONS),
      'TransactItems can only contain one of Check, Put, Update or Delete',
    )
  const first = prepare()
  first.forEach(checkAction)
  const { ClientRequestToken: given, TransactItems } = input
  const token = given ? tokenOf(db.world, `${call.region}/${given}`, TransactItems) : undefined
  const keys = first.filter(isProper).map(lockOf)
  if (token) {
    if (wasMade(db.world, token)) return {}
    // AWS: the first request of a token may still be under way when its repeat comes.
    if (db.locks.claims(tokenLock(token)).length) {
      const message = 'The transaction with the given request token is already in progress.'
      throw new AwsError('TransactionInProgressException', message)
    }
    keys.push(tokenLock(token))
  }
  refuseConflict(db, first, ['transaction'])
  const work = async () => {
    // The tables may have changed while this transaction waited for its turn.
    const actions = prepare()
    const trials: Trial[] = []
    const befores: (WireItem | null)[] = []
    const engine = await db.engines.of(call.region)
    for (const action of actions) {
      const { table, key } = action
      const before = key ? ((await readItem(engine, table.name, key)) ?? null) : null
      befores.push(before)
      trials.push(await db.scratch.attempt(table, key && { key, before }, operationOf(action)))
    }
    refuse(actions, befores, trials)
    await commit(db, call.region, writesOf(db, actions, trials), token)
    return {}
  }
  return db.locks.run(keys, work, 'transaction')
}

const tokenLock = (token: Token) => `token/${token.id}`

/** AWS: a transaction does not wait for others at work on its items, it is cancelled. */
function refuseConflict(db: DynamoDb, actions: readonly Action[], claims: readonly Claim[]): void {
  const reasons = actions.map((action): Reason => {
    const isFree = !isProper(action) || !db.locks.claims(lockOf(action)).some((one) => claims.includes(one))
    return isFree ? NONE : { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
  })
  cancel(reasons)
}

function operationOf({ kind, input, table }: Action) {
  const { ReturnValuesOnConditionCheckFailure: _, ...rest } = input
  return { name: OPERATIONS[kind]!, input: { ...rest, TableName: table.name } }
}

/** Throws when one of the writes would be refused. AWS: a reason for every action, in their order. */
function refuse(
  actions: readonly Action[],
  befores: readonly (WireItem | null)[],
  trials: readonly Trial[],
): void {
  const reasons = trials.map((trial, index): Reason => {
    if (!('refusal' in trial)) return NONE
    const { refusal } = trial
    if (isConditionFailure(refusal)) {
      const isAsked = actions[index]!.input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
      const shown = isAsked ? befores[index] : undefined
      return { Code: 'ConditionalCheckFailed', Message: refusal.message, ...(shown && { Item: shown }) }
    }
    // AWS: a request that is wrong whatever the items are is refused as such.
    if (refusal.code !== 'ValidationException' || isAboutTheRequest(refusal.message)) throw refusal
    return { Code: 'ValidationError', Message: refusal.message }
  })
  cancel(reasons)
}

interface Reason {
  readonly Code: string
  readonly Message?: string
  readonly Item?: WireItem
}

const NONE: Reason = { Code: 'None' }

/** Throws unless there is no reason at all. */
function cancel(reasons: readonly Reason[]): void {
  if (reasons.every((reason) => reason === NONE)) return
  const codes = reasons.map((reason) => reason.Code).join(', ')
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`
  throw new AwsError('TransactionCanceledException', message, 400, { CancellationReasons: reasons })
}

const isAboutTheRequest = (message: string) =>
  /^(Invalid [A-Za-z]+Expression|ExpressionAttribute|Value provided in Expression|\d+ validation error)/.test(
    message,
  )

/** What is to be written, once nothing has been refused. */
function writesOf(db: DynamoDb, actions: readonly Action[], trials: readonly Trial[]): Intended[] {
  return actions.flatMap((action, index) => {
    const trial = trials[index]!
    if (action.kind === 'ConditionCheck' || !isProper(action) || 'refusal' in trial) return []
    const { table, key } = action
    const { name, id } = table
    return [{ table: name, tableId: id, key, ts: db.replication.stamp(), after: trial.after }]
  })
}

async function commit(
  { world, engines, tables, journal, replication }: DynamoDb,
  region: string,
  items: readonly Intended[],
  token: Token | undefined,
): Promise<void> {
  const engine = await engines.of(region)
  const intent = await journal.open({ region, items, token })
  for (const { table, key, after } of items) await setItem(engine, table, key, after ?? null)
  // One turn: the store brings these to disk together, or none of them. The intent must be off the disk before the items
  // are free: done again after a crash it would undo later writes.
  for (const { table, tableId, key, after, ts } of items) {
    const now = tables.stored(region, table)
    if (now?.id === tableId && now.membership) replication.publish(now, key, after ?? null, ts)
  }
  if (token) rememberToken(world, token)
  intent.close()
  await world.store.flush()
}

export async function transactGetItems(db: DynamoDb, input: TransactInput, call: Call): Promise<object> {
  const actions = actionsOf(db, input, call, ['Get'], 'TransactItems can only contain Get')
  const engine = await db.engines.of(call.region)
  refuseConflict(db, actions, ['transaction', 'write'])
  return db.locks.run(actions.filter(isProper).map(lockOf), async () => {
    const Responses: { Item?: WireItem }[] = []
    for (const { input: get, table } of actions) {
      const found = await engine.call<{ Item?: WireItem }>('GetItem', {
        ...get,
        TableName: table.name,
        ConsistentRead: true,
      })
      Responses.push(found.Item ? { Item: found.Item } : {})
    }
    return { Responses }
  })
}
