// The writes of the acceptance test: what each of them leaves in which items, and how it ended. Every write leaves a
// value that no other one leaves, so that an item tells who wrote it.
import type { DynamoDB } from '@aws-sdk/client-dynamodb'

export const TABLE = 'accepted'

/** What a write leaves of an item: the attribute `v`, or null where it deletes it. */
export type Effects = ReadonlyMap<string, string | null>

/** Nobody knows whether an `unknown` write was made: its answer was lost. A refused one was not. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown'

export interface Write {
  readonly kind: string
  /** Together or not at all, in its region. */
  readonly isAtomic: boolean
  readonly effects: Effects
  readonly outcome: Outcome
  /** Epoch milliseconds. Its stamp was given between them. */
  readonly start: number
  readonly end: number
}

interface Request {
  readonly kind: string
  readonly isAtomic?: boolean
  readonly effects: Effects
  send(client: DynamoDB): Promise<unknown>
}

const id = (key: string) => ({ id: { S: key } })
const item = (key: string, v: string) => ({ ...id(key), v: { S: v } })
const TableName = TABLE

function put(key: string, v: string): Request {
  const send = (client: DynamoDB) => client.putItem({ TableName, Item: item(key, v) })
  return { kind: 'put', effects: new Map([[key, v]]), send }
}

function conditionalPut(key: string, v: string): Request {
  const ConditionExpression = 'attribute_not_exists(id)'
  const send = (client: DynamoDB) => client.putItem({ TableName, Item: item(key, v), ConditionExpression })
  return { kind: 'conditional put', effects: new Map([[key, v]]), send }
}

function update(key: string, v: string): Request {
  const send = (client: DynamoDB) =>
    client.updateItem({
      TableName,
      Key: id(key),
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: v } },
    })
  return { kind: 'update', effects: new Map([[key, v]]), send }
}

function remove(key: string): Request {
  const send = (client: DynamoDB) => client.deleteItem({ TableName, Key: id(key) })
  return { kind: 'delete', effects: new Map([[key, null]]), send }
}

function batch(keys: readonly string[], v: string): Request {
  const effects = effectsOf(keys, v)
  const requests = [...effects].map(([key, value]) =>
    value === null ? { DeleteRequest: { Key: id(key) } } : { PutRequest: { Item: item(key, value) } },
  )
  return {
    kind: 'batch',
    effects,
    send: (client) => client.batchWriteItem({ RequestItems: { [TABLE]: requests } }),
  }
}

function transaction(keys: readonly string[], v: string): Request {
  const effects = effectsOf(keys, v)
  const TransactItems = [...effects].map(([key, value]) =>
    value === null ? { Delete: { TableName, Key: id(key) } } : { Put: { TableName, Item: item(key, value) } },
  )
  return {
    kind: 'transaction',
    isAtomic: true,
    effects,
    send: (client) => client.transactWriteItems({ TransactItems }),
  }
}

/** All are put but the last one, which is deleted. */
const effectsOf = (keys: readonly string[], v: string): Effects =>
  new Map([...new Set(keys)].map((key, index, all) => [key, index === all.length - 1 && index ? null : v]))

const HOT_KEYS = 60

/** Some write; `number` is its own. Half of the keys are nobody else's, the others are fought for. */
export function someWrite(number: number, random: () => number): Request {
  const v = `w${number}`
  let own = 0
  const ownKey = () => {
    own += 1
    return `own${number}.${own}`
  }
  const key = () => (random() < 0.5 ? hot() : ownKey())
  const hot = () => `hot${Math.floor(random() * HOT_KEYS)}`
  const which = random()
  if (which < 0.35) return put(key(), v)
  if (which < 0.5) return update(key(), v)
  if (which < 0.65) return remove(hot())
  if (which < 0.75) return conditionalPut(key(), v)
  if (which < 0.88) return transaction([key(), key(), key()], v)
  return batch([key(), key(), key()], v)
}

/** Sends it and waits for what becomes of it. */
export async function made(
  client: DynamoDB,
  { kind, isAtomic = false, effects, send }: Request,
): Promise<Write> {
  const start = Date.now()
  const outcome = await send(client).then(
    (): Outcome => 'acknowledged',
    (error: Error & { $metadata?: { httpStatusCode?: number } }): Outcome => {
      const isRefused = REFUSALS.has(error.name)
      // What nobody reckons with is a bug.
      if (!isRefused && error.$metadata?.httpStatusCode === 400) throw error
      return isRefused ? 'refused' : 'unknown'
    },
  )
  return { kind, isAtomic, effects, outcome, start, end: Date.now() }
}

const REFUSALS = new Set([
  'ConditionalCheckFailedException',
  'TransactionCanceledException',
  'TransactionConflictException',
])
