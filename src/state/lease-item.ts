// The one item of a lease, and the conditional writes that take it and give it back. Who waits, renews and loses it is
// `lease.ts`. What somebody wrote into it by hand is read as well as it can be, and gives way to the next holder.
import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { kindOf } from '../aws/errors.js'
import {
  type ControlTable,
  fenceOf,
  type Item,
  itemOfTerm,
  itemsOf,
  keptIn,
  keyOf,
  statePk,
  type Term,
  tell,
  termNamed,
  told,
} from './control-table.js'
import { type Owner, ownerSchema } from './owner.js'

export interface Lock {
  readonly fence: number
  /** Differs with every beat, and whatever else is done to it. */
  readonly beat: string
  readonly leaseSeconds: number
  readonly owner?: Owner
  /** The term that came after. */
  readonly closed?: Term
  /** As it was read: it is taken only if it is the same still. */
  readonly item: Item
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

/** As a config may have it. */
const LEASE_SECONDS = { least: 5, most: 600 }
const HIGHEST_FENCE = 89_999_999

function lockIn(item: Item): Lock {
  const { nonce, fence, beat, leaseSeconds, holder, closed } = item
  const seconds = Number(leaseSeconds?.N)
  const next = termNamed(closed?.S)
  return {
    fence: isFence(Number(fence?.N)) ? Number(fence?.N) : 0,
    beat: JSON.stringify(beat ?? null),
    leaseSeconds: seconds >= LEASE_SECONDS.least ? Math.min(seconds, LEASE_SECONDS.most) : 30,
    ...(nonce?.S && { owner: ownerIn(nonce.S, holder?.S) }),
    ...(next && { closed: next }),
    item,
  }
}

const isFence = (fence: number) => Number.isInteger(fence) && fence >= 0 && fence < HIGHEST_FENCE

/** Whatever a holder of another version says of himself, his nonce and his beat are what count. */
function ownerIn(nonce: string, holder = ''): Owner {
  const unknown = { host: '?', boot: '', pid: 0, processStart: '', user: '?', command: '?', since: '?' }
  return ownerSchema.safeParse({ ...unknown, ...objectIn(holder), nonce }).data ?? { ...unknown, nonce }
}

function objectIn(text: string): object {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

/** Whether there is that term, as far as its region tells: a lock may say anything. */
export async function isBegun(table: ControlTable, term: Term, at: string): Promise<boolean> {
  const { name, dynamodb } = table
  try {
    if ((await itemsOf(table, term.region, 'home')).some(({ sk }) => sk?.S === term.id)) return true
    if ((await itemsOf(table, term.region, statePk(term))).length === 0) return false
    // Its state is there, so its item went by hand: without it no run would ever find the way.
    await dynamodb(term.region).send(new PutItemCommand({ TableName: name, Item: itemOfTerm(term, at) }))
    return true
  } catch (error) {
    if (kindOf(error) === 'absent') return false
    if (kindOf(error) === 'unavailable') return true
    throw tell(error, name, term.region)
  }
}

/** Of what is saved: a lock that was removed by hand must not begin below it, as nobody would read what comes then. */
async function highestFence(table: ControlTable, term: Term): Promise<number> {
  const { generations } = await keptIn(table, term.region, term)
  return Number(generations[0] ? fenceOf(generations[0].mark) : 0)
}

const PARTS = ['nonce', 'fence', 'beat', 'closed'] as const

/** Takes what is free, or stood still. Whether it came true, the next look tells: an answer may be lost. */
export async function take(
  { table, term, leaseSeconds }: Taking,
  me: Owner,
  from: Lock | undefined,
): Promise<void> {
  const was = PARTS.flatMap((name) => (from?.item[name] ? [[name, from.item[name]] as const] : []))
  const isSame = PARTS.map((name) =>
    from?.item[name] ? `${name} = :was_${name}` : `attribute_not_exists(${name})`,
  )
  const fence = Math.max(from?.fence ?? 0, await highestFence(table, term)) + 1
  const update = new UpdateItemCommand({
    TableName: table.name,
    Key: keyOf('lock', term.id),
    UpdateExpression:
      'SET nonce = :nonce, fence = :fence, beat = :zero, leaseSeconds = :seconds, holder = :holder REMOVE closed',
    ConditionExpression: isSame.join(' AND '),
    ExpressionAttributeValues: {
      ':nonce': { S: me.nonce },
      ':fence': { N: String(fence) },
      ':zero': { N: '0' },
      ':seconds': { N: String(leaseSeconds) },
      ':holder': { S: JSON.stringify(me) },
      ...Object.fromEntries(was.map(([name, value]) => [`:was_${name}`, value])),
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
