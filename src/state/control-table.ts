// The items of the control table, in which several machines share the state of a stack: who is its home, who holds it,
// and its generations. `lease.ts` keeps others out, `table-store.ts` saves; here is what they read, and from where.
//
//   home          <term>                       one item per time in which a region was the state's home; the highest is now
//   lock          <term>                       the lease of that time
//   state#<term>  <fence>#<serial>#<chunk>     the generations, sealed; the highest whole one is the state
//   note          <when>#<uuid>                what could not be saved while the home did not answer
//
// AWS: between regions the last writer of an item wins and nothing comes in order, so no item is ever written in two
// regions: all keys carry the term, and what a former home still sends lies beside what its successor wrote.
// Anybody with the rights can write into the table: an item that has not this shape is passed over.
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { paginateQuery } from '@aws-sdk/client-dynamodb'
import { z } from 'zod'
import { callOf, kindOf, outcomeOf, permissionHint } from '../aws/errors.js'
import { CloudError, MultiregionError } from '../base/errors.js'

export interface ControlTable {
  readonly name: string
  dynamodb(region: string): DynamoDBClient
}

export type Item = Record<string, AttributeValue>

/** The time in which one region is the home. The higher id is the later one, whoever looks from where. */
export interface Term {
  readonly id: string
  readonly number: number
  readonly region: string
  /** By the ids of former terms: up to where their generations were taken into account. */
  readonly seen: Readonly<Record<string, string>>
}

export const termOf = (number: number, region: string, seen: Term['seen'] = {}): Term => ({
  id: `${String(number).padStart(6, '0')}#${region}`,
  number,
  region,
  seen,
})

export const itemOfTerm = ({ id, seen }: Term, at: string): Item => ({
  pk: { S: 'home' },
  sk: { S: id },
  at: { S: at },
  seen: { M: Object.fromEntries(Object.entries(seen).map(([term, mark]) => [term, { S: mark }])) },
})

// Numbers that begin with a 9 no run comes to, so that there is a next one of the same length to whatever is read.
const TERM = /^([0-8]\d{5})#([a-z]{2}(?:-[a-z]+)+-\d+)$/
const MARK = /^[0-8]\d{7}#[0-8]\d{9}$/
const CHUNK = /^([0-8]\d{7}#[0-8]\d{9})#\d{3}$/

/** Undefined for what is no id of a term. */
export function termNamed(id: string | undefined, seen?: Term['seen']): Term | undefined {
  const [, number, region] = TERM.exec(id ?? '') ?? []
  return region === undefined ? undefined : termOf(Number(number), region, seen)
}

function termIn({ sk, seen }: Item): Term | undefined {
  const marks = Object.entries(seen?.M ?? {}).filter(([, mark]) => MARK.test(mark.S ?? ''))
  return termNamed(sk?.S, Object.fromEntries(marks.map(([term, mark]) => [term, mark.S!])))
}

export const keyOf = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } })

/** For people. */
export const nameOf = ({ pk, sk }: Item) => `pk ${pk?.S} sk ${sk?.S}`

export async function itemsOf(
  { name, dynamodb }: ControlTable,
  region: string,
  pk: string,
  backward = false,
): Promise<Item[]> {
  const pages = paginateQuery(
    { client: dynamodb(region) },
    {
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
      ScanIndexForward: !backward,
    },
  )
  const items: Item[] = []
  for await (const { Items = [] } of pages) items.push(...Items)
  return items
}

/** What the regions say of the state's homes. */
export interface Sighting {
  /** Oldest first. */
  readonly terms: readonly Term[]
  /** Regions in which the table can be read. */
  readonly readable: readonly string[]
  /** Regions that do not answer. */
  readonly silent: readonly string[]
  /** Keys of what is no item of ours. */
  readonly strange: readonly string[]
}

/** Asks every region, as one of them may not know yet that the home has moved. Throws MultiregionError if none answers. */
export async function lookAround(table: ControlTable, regions: readonly string[]): Promise<Sighting> {
  const terms = new Map<string, Term>()
  const readable: string[] = []
  const silent: string[] = []
  const strange = new Set<string>()
  const look = async (region: string) => {
    try {
      for (const item of await itemsOf(table, region, 'home')) {
        const term = termIn(item)
        if (!term) {
          strange.add(nameOf(item))
          continue
        }
        // What a former term was seen up to is written in its own region alone; any copy will do, the later is better.
        terms.set(term.id, later(terms.get(term.id), term))
      }
      readable.push(region)
    } catch (error) {
      if (kindOf(error) === 'absent') return
      if (kindOf(error) !== 'unavailable') throw tell(error, table.name, region)
      silent.push(region)
    }
  }
  await Promise.all(regions.map(look))
  if (silent.length === regions.length) throw stateHomeOut(table.name, regions[0]!, regions)
  const sorted = [...terms.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const home = sorted.at(-1)?.region ?? regions[0]!
  // A config may have lost the region that is the home.
  if (!regions.includes(home)) await look(home)
  const inOrder = (some: string[]) =>
    [...new Set([...regions, home])].filter((region) => some.includes(region))
  return { terms: sorted, readable: inOrder(readable), silent: inOrder(silent), strange: [...strange] }
}

function later(a: Term | undefined, b: Term): Term {
  if (!a) return b
  const seen = { ...a.seen }
  for (const [term, mark] of Object.entries(b.seen)) if (!seen[term] || seen[term] < mark) seen[term] = mark
  return { ...b, seen }
}

export const statePk = (term: Term) => `state#${term.id}`
/** Sorts as the lease's fence and the state's serial do. */
export const markOf = (fence: number, serial: number) =>
  `${String(fence).padStart(8, '0')}#${String(serial).padStart(10, '0')}`
export const serialOf = (mark: string) => Number(mark.split('#')[1])
export const fenceOf = (mark: string) => mark.split('#')[0]!
export const isMark = (mark: string) => MARK.test(mark)
/** Sorts after all generations. */
export const MOVED = '~moved'

/** One save. */
export interface Generation {
  readonly mark: string
  /** Sort keys of its chunks. */
  readonly keys: readonly string[]
  /** The sealed state; undefined where chunks are missing or damaged. */
  readonly text?: string
}

const movedSchema = z.object({
  host: z.string(),
  file: z.string(),
  lineage: z.string(),
  serial: z.int().nonnegative(),
  at: z.string(),
})
/** Where the state has gone, when it was moved out of the table. */
export type Moved = Readonly<z.infer<typeof movedSchema>>

export interface Kept {
  /** Newest first. */
  readonly generations: readonly Generation[]
  /** The state has gone out of the table; without `to` nobody can tell where. */
  readonly moved?: { readonly to?: Moved }
  /** Keys of what is no item of ours. */
  readonly strange: readonly string[]
}

function movedTo({ to }: Item): Moved | undefined {
  try {
    return movedSchema.safeParse(JSON.parse(to?.S ?? '')).data
  } catch {
    return undefined
  }
}

export async function keptIn(table: ControlTable, region: string, term: Term): Promise<Kept> {
  const chunks = new Map<string, Item[]>()
  const strange: string[] = []
  let moved: Kept['moved']
  for (const item of await told(itemsOf(table, region, statePk(term), true), table.name, region)) {
    const sk = item.sk!.S!
    if (sk === MOVED) {
      moved = { to: movedTo(item) }
      continue
    }
    const mark = CHUNK.exec(sk)?.[1]
    if (mark) chunks.set(mark, [item, ...(chunks.get(mark) ?? [])])
    else strange.push(nameOf(item))
  }
  const generations = [...chunks].map(([mark, items]) => ({
    mark,
    keys: items.map(({ sk }) => sk!.S!),
    text: textOf(items),
  }))
  return { generations, strange, ...(moved && { moved }) }
}

/** AWS: another region may have got some chunks of a save and not yet the others. */
function textOf(items: readonly Item[]): string | undefined {
  const [{ count, sha256 } = {}] = items
  if (items.length !== Number(count?.N)) return undefined
  try {
    const text = gunzipSync(Buffer.concat(items.map(({ body }) => body!.B!))).toString('utf8')
    return createHash('sha256').update(text).digest('hex') === sha256?.S ? text : undefined
  } catch {
    return undefined
  }
}

/** What to say where the region does not answer that alone may write. */
export const stateHomeOut = (table: string, home: string, others: readonly string[]) =>
  new MultiregionError(
    'state-home',
    `The home region of the shared state (table ${table} in ${home}) does not answer`,
    `Nothing was changed. Wait for it, or give the state another home: multiregion state takeover --to ${others.find((region) => region !== home) ?? 'REGION'}`,
    1,
    { table, region: home },
  )

/** What to say where that region answers, and has no such table. */
export const stateHomeGone = (table: string, home: string, other: string) =>
  new MultiregionError(
    'state-home',
    `The table ${table} is gone from ${home}, the home region of the shared state, and stands elsewhere`,
    `Nothing was changed. It was removed there by hand. Give the state another home: multiregion state takeover --to ${other}`,
    1,
    { table, region: home },
  )

/** The answer of a call to the table; rejects in the words of `tell`. */
export const told = <T>(call: Promise<T>, table: string, region: string): Promise<T> =>
  call.catch((error) => Promise.reject(tell(error, table, region)))

/** The words for what a call to the table threw. */
export function tell(error: unknown, table: string, region: string): Error {
  if (error instanceof MultiregionError || !(error instanceof Error)) return error as Error
  const call = callOf(error)
  if (kindOf(error) === 'unavailable') return stateHomeOut(table, region, [])
  if (!call) return error
  const hint =
    kindOf(error) === 'credentials'
      ? 'Renew the credentials (for example: aws sso login), then run the same command again.'
      : kindOf(error) === 'denied'
        ? permissionHint(call)
        : `See that the table ${table} is this stack's and stands in ${region}: multiregion plan`
  return new CloudError(
    `The shared state in table ${table}: ${outcomeOf(call, kindOf(error))}`,
    hint,
    { ...call },
    error,
  )
}
