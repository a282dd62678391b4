// The one item of a lease, and the conditional writes that take it and give it back. Who waits, renews and loses it is
// `lease.ts`.
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { type ControlTable, type Item, keyOf, type Term, tell, told } from './control-table.js'
import { type Owner, ownerSchema } from './owner.js'

export interface Lock {
  readonly fence: number
  readonly beat: number
  readonly leaseSeconds: number
  readonly owner?: Owner
  readonly closed?: string
}

interface Taking {
  readonly table: ControlTable
  readonly term: Term
  readonly leaseSeconds: number
}

export async function readLock(
  table: ControlTable,
  term: Term,
  region = term.region,
): Promise<Lock | undefined> {
  const get = new GetItemCommand({
    TableName: table.name,
    Key: keyOf('lock', term.id),
    ConsistentRead: true,
  })
  const { Item } = await told(table.dynamodb(region).send(get), table.name, region)
  return Item && lockIn(Item)
}

function lockIn({ nonce, fence, beat, leaseSeconds, holder, closed }: Item): Lock {
  return {
    fence: Number(fence?.N ?? 0),
    beat: Number(beat?.N ?? 0),
    leaseSeconds: Number(leaseSeconds?.N ?? 30),
    ...(nonce?.S && { owner: ownerIn(nonce.S, holder?.S) }),
    ...(closed?.S && { closed: closed.S }),
  }
}

/** Whatever a holder of another version says of himself, his nonce and his beat are what count. */
function ownerIn(nonce: string, holder = '{}'): Owner {
  const unknown = { host: '?', boot: '', pid: 0, processStart: '', user: '?', command: '?', since: '?' }
  const said = holder.startsWith('{') ? (JSON.parse(holder) as object) : {}
  return ownerSchema.safeParse({ ...unknown, ...said, nonce }).data ?? { ...unknown, nonce }
}

/** Takes what is free, or stood still. Whether it came true, the next look tells: an answer may be lost. */
export async function take(
  { table, term, leaseSeconds }: Taking,
  me: Owner,
  from: Lock | undefined,
): Promise<void> {
  const free = from
    ? 'fence = :was AND attribute_not_exists(closed) AND attribute_not_exists(nonce)'
    : 'attribute_not_exists(pk)'
  const still = 'fence = :was AND nonce = :theirs AND (beat = :seen OR attribute_not_exists(beat))'
  const update = new UpdateItemCommand({
    TableName: table.name,
    Key: keyOf('lock', term.id),
    UpdateExpression:
      'SET nonce = :nonce, fence = :fence, beat = :zero, leaseSeconds = :seconds, holder = :holder',
    ConditionExpression: from?.owner ? still : free,
    ExpressionAttributeValues: {
      ':nonce': { S: me.nonce },
      ':fence': { N: String((from?.fence ?? 0) + 1) },
      ':zero': { N: '0' },
      ':seconds': { N: String(leaseSeconds) },
      ':holder': { S: JSON.stringify(me) },
      ...(from && { ':was': { N: String(from.fence) } }),
      ...(from?.owner && { ':theirs': { S: from.owner.nonce }, ':seen': { N: String(from.beat) } }),
    },
  })
  try {
    await table.dynamodb(term.region).send(update)
  } catch (error) {
    if (!isRefusedLease(error) && !isConflict(error)) throw tell(error, table.name, term.region)
  }
}

export async function free(table: ControlTable, term: Term, nonce: string): Promise<void> {
  const update = new UpdateItemCommand({
    TableName: table.name,
    Key: keyOf('lock', term.id),
    UpdateExpression: 'REMOVE nonce, holder',
    ConditionExpression: 'nonce = :nonce',
    ExpressionAttributeValues: { ':nonce': { S: nonce } },
  })
  try {
    await table.dynamodb(term.region).send(update)
  } catch (error) {
    // Another has it by now, or an answer was lost and this was the second try.
    if (!isRefusedLease(error)) throw tell(error, table.name, term.region)
  }
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '')
const reasonsOf = (error: unknown) =>
  ((error as { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? []).map(({ Code }) => Code)

/** AWS: the reasons of a transaction are in the order of its items; the lease is always the first. */
export const isRefusedLease = (error: unknown) =>
  nameOf(error) === 'ConditionalCheckFailedException' ||
  (nameOf(error) === 'TransactionCanceledException' && reasonsOf(error)[0] === 'ConditionalCheckFailed')

export const isConflict = (error: unknown) =>
  nameOf(error) === 'TransactionConflictException' ||
  nameOf(error) === 'TransactionInProgressException' ||
  (nameOf(error) === 'TransactionCanceledException' &&
    reasonsOf(error).some((code) => code === 'TransactionConflict' || code === 'ThrottlingError') &&
    !reasonsOf(error).includes('ConditionalCheckFailed'))
