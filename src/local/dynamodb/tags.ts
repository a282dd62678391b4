// Tags of tables: per region, never replicated. AWS writes them in the background: a write locks the table's tags for a
// moment, and reads show the former tags a little longer.
import type { ListTagsOfResourceCommandInput, Tag, TagResourceCommandInput } from '@aws-sdk/client-dynamodb'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { nameInResourceArn } from './arn.js'
import { type DynamoDb, isPast, nameLock, pause } from './context.js'
import { validation } from './error.js'
import type { TableRecord } from './table-state.js'

type TagSet = Readonly<Record<string, string>>

interface TagRecord {
  readonly tags: TagSet
  /** What ListTagsOfResource shows until `shownAt`. */
  readonly before: TagSet
  readonly shownAt: number
  readonly lockedUntil: number
}

// AWS: measured.
const LOCK_SECONDS = 1.6
const LIMIT = 50

const records = ({ world }: DynamoDb) => world.store.collection<TagRecord>('dynamodb.tag')

/** The tags of a new table, checked. AWS: one bad tag fails the whole creation. */
export function initialTags(tags: readonly (Tag | null)[] | undefined): TagSet {
  const set = tagSet(tags ?? [])
  refuseTooMany(Object.keys(set).length)
  return set
}

/** AWS: a new table's tags are there as soon as the table is ACTIVE. */
export function putTags(db: DynamoDb, table: TableRecord, tags: TagSet): void {
  records(db).set(table.id, { tags, before: tags, shownAt: 0, lockedUntil: 0 })
}

export const dropTags = (db: DynamoDb, table: TableRecord) => void records(db).delete(table.id)

export const areTagsLocked = (db: DynamoDb, table: TableRecord) =>
  !isPast(db, records(db).get(table.id)?.lockedUntil ?? 0)

function tagSet(tags: readonly (Tag | null)[]): TagSet {
  const set: Record<string, string> = {}
  for (const tag of tags) {
    const { Key, Value } = tag ?? {}
    checkKey(Key)
    if (typeof Value !== 'string' || Value.length > 256 || !isTagText(Value)) {
      throw validation(`The Tag Value provided is invalid, Value: ${Value ?? null}`)
    }
    if (Object.hasOwn(set, Key)) {
      throw validation(`Duplicate Tag Keys provided as input: Duplicate Tag Key found ${Key}`)
    }
    set[Key] = Value
  }
  return set
}

// AWS: letters, digits and spaces of any script, and + - = . _ : / @.
const isTagText = (text: string) => /^[\p{L}\p{N}\p{Z}+\-=._:/@]*$/u.test(text)

function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string' || !key || key.length > 128 || !isTagText(key)) {
    throw validation(`The Tag Key provided is invalid, Key: ${key ?? null}`)
  }
  if (key.startsWith('aws:')) throw validation(`Tag Key cannot be prefixed with aws:, Key: ${key}`)
}

function refuseTooMany(count: number): void {
  if (count > LIMIT) throw validation('Number of Tags exceed the current limit for the provided ResourceArn')
}

/** AWS: the tags of a table that is CREATING or DELETING cannot be found. */
function taggedTable(db: DynamoDb, call: Call, arn: string | undefined): TableRecord {
  const table = db.tables.find(call.region, nameInResourceArn(arn, call, db.world.account))
  const status = table && db.tables.status(table)
  if (!table || status === 'CREATING' || status === 'DELETING') {
    const message = `Requested resource not found: ResourceArn: ${arn} not found`
    throw new AwsError('ResourceNotFoundException', message)
  }
  return table
}

export async function tagResource(db: DynamoDb, input: TagResourceCommandInput, call: Call) {
  if (!input.Tags?.length) throw validation('Atleast one Tag needs to be provided as Input.')
  const added = tagSet(input.Tags)
  return changeTags(db, call, input.ResourceArn, (tags, inFlight) => {
    // AWS: while a write is under way, one that contains all its tags passes.
    const covers = Object.entries(inFlight).every(([key, value]) => added[key] === value)
    return { tags: { ...tags, ...added }, passesLock: covers }
  })
}

interface UntagInput {
  readonly ResourceArn?: string
  readonly TagKeys?: readonly string[]
}

export async function untagResource(db: DynamoDb, input: UntagInput, call: Call) {
  const { TagKeys } = input
  if (!TagKeys?.length) throw validation('Atleast one Tag Key needs to be provided as Input.')
  refuseTooMany(TagKeys.length)
  for (const key of TagKeys) checkKey(key)
  return changeTags(db, call, input.ResourceArn, (tags) => ({
    tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
    passesLock: false,
  }))
}

/** `change` is given all tags, and of these the ones that a write under way has set. */
async function changeTags(
  db: DynamoDb,
  call: Call,
  arn: string | undefined,
  change: (tags: TagSet, inFlight: TagSet) => { tags: TagSet; passesLock: boolean },
): Promise<object> {
  const { name } = taggedTable(db, call, arn)
  return db.locks.run([nameLock(name)], async () => {
    const table = taggedTable(db, call, arn)
    const now = records(db).get(table.id) ?? { tags: {}, before: {}, shownAt: 0, lockedUntil: 0 }
    const inFlight = Object.fromEntries(
      Object.entries(now.tags).filter(([key, value]) => now.before[key] !== value),
    )
    const { tags, passesLock } = change(now.tags, inFlight)
    refuseTooMany(Object.keys(tags).length)
    if (areTagsLocked(db, table) && !passesLock) {
      const message = `Subscriber limit exceeded: Table tags are being updated: ${name}`
      throw new AwsError('LimitExceededException', message)
    }
    // AWS: a write that changes nothing takes no lock.
    if (isSame(tags, now.tags)) return {}
    const before = isPast(db, now.shownAt) ? now.tags : now.before
    const shownAt = db.world.clock.after(db.world.takes('dynamodb.tag-write'))
    records(db).set(table.id, { tags, before, shownAt, lockedUntil: pause(db, LOCK_SECONDS) })
    return {}
  })
}

const isSame = (one: TagSet, other: TagSet) =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([key, value]) => other[key] === value)

export async function listTagsOfResource(db: DynamoDb, input: ListTagsOfResourceCommandInput, call: Call) {
  const table = taggedTable(db, call, input.ResourceArn)
  const record = records(db).get(table.id)
  const shown = record && (isPast(db, record.shownAt) ? record.tags : record.before)
  return { Tags: Object.entries(shown ?? {}).map(([Key, Value]) => ({ Key, Value })) }
}
