// The state in the control table: every save is a new generation, written in one transaction with the beat of the lease,
// so that it is whole or not there, and refused where the lease is another's. `control-table.ts` knows the items.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { EXIT, MultiregionError } from '../base/errors.js'
import type { World } from '../base/world.js'
import type { StackState } from '../engine/ledger.js'
import {
  type ControlTable,
  fenceOf,
  type Generation,
  isMark,
  type Kept,
  keptIn,
  keyOf,
  MOVED,
  type Moved,
  markOf,
  type Sighting,
  statePk,
  type Term,
  tell,
} from './control-table.js'
import { sealed, unseal } from './document.js'
import type { Lease } from './lease.js'
import { Saves, type StatePlace } from './saves.js'

// AWS: an item holds 400 KB, a transaction 4 MB.
const CHUNK_BYTES = 350_000
const MOST_CHUNKS = 11

/** How many generations are kept: of the run's own, and of the runs before it the last one each. */
const OWN = 3
const FORMER = 4

const whereOf = ({ name }: ControlTable, { region }: Term) => `table ${name} in ${region}`

/** The newest generation as a state. With `whole`, the newest that is one: what is on its way between regions is not yet. */
export function stateIn(
  { generations, moved }: Kept,
  table: ControlTable,
  term: Term,
  { whole = false } = {},
): { state: StackState; mark: string } | undefined {
  const where = `The shared state in ${whereOf(table, term)}`
  const [newest] = generations
  if (!newest) return undefined
  const refuse = (why: string) =>
    new MultiregionError(
      'state',
      `${where} ${why}`,
      'Nothing was changed. Make it anew from what stands: multiregion state rebuild.',
      EXIT.error,
      { table: table.name, region: term.region },
    )
  const stateOf = ({ mark, text }: Generation) => {
    if (text === undefined) throw refuse('is damaged')
    return { state: unseal(text, where, refuse), mark }
  }
  if (!whole && moved && !moved.to) throw refuse(`is damaged: its item ${MOVED} does not say where to`)
  if (!whole) return stateOf(newest)
  for (const generation of generations) {
    try {
      return stateOf(generation)
    } catch (error) {
      if (!(error instanceof MultiregionError && error.code === 'state')) throw error
    }
  }
  return undefined
}

/** A generation as the writes of a transaction. Throws MultiregionError where it does not fit into one. */
export function writesOf(
  state: StackState,
  mark: string,
  term: Term,
  table: string,
  at: string,
): { puts: TransactWriteItem[]; keys: string[] } {
  if (!isMark(mark)) throw beyondAll(table, mark)
  const text = sealed(state)
  const body = gzipSync(text)
  const sha256 = createHash('sha256').update(text).digest('hex')
  const count = Math.ceil(body.length / CHUNK_BYTES)
  if (count > MOST_CHUNKS) throw tooLarge(table, body.length)
  const keys = Array.from({ length: count }, (_, chunk) => `${mark}#${String(chunk).padStart(3, '0')}`)
  const puts = keys.map((sk, chunk) => ({
    Put: {
      TableName: table,
      Item: {
        ...keyOf(statePk(term), sk),
        count: { N: String(count) },
        sha256: { S: sha256 },
        at: { S: at },
        body: { B: body.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES) },
      },
    },
  }))
  return { puts, keys }
}

export class TableStore extends Saves implements StatePlace {
  readonly #table: ControlTable
  readonly #world: World
  #generations: readonly Generation[]
  #isMoved: boolean

  constructor(
    table: ControlTable,
    readonly lease: Lease,
    state: StackState,
    kept: Kept,
    world: World,
  ) {
    super(state)
    this.#table = table
    this.#generations = kept.generations
    this.#isMoved = kept.moved !== undefined
    this.#world = world
  }

  get where(): string {
    return whereOf(this.#table, this.lease.term)
  }

  /** The generations before it stay, and no rebuild needs their place. */
  async setAside(): Promise<undefined> {
    return undefined
  }

  /** The last write: from here on the state is where it says. Throws LockedError if the lease is another's. */
  async leaveTo(to: Moved): Promise<void> {
    await this.idle()
    const Item = { ...keyOf(statePk(this.lease.term), MOVED), to: { S: JSON.stringify(to) } }
    await this.lease.write([{ Put: { TableName: this.#table.name, Item } }])
  }

  protected async write(state: StackState): Promise<void> {
    const { term, fence } = this.lease
    const { name } = this.#table
    const mark = markOf(fence, state.serial)
    const { puts, keys } = writesOf(state, mark, term, name, this.#world.date().toISOString())
    const generations = [{ mark, keys, text: '' }, ...this.#generations.filter((one) => one.mark !== mark)]
    const kept = keptOf(generations)
    const gone = generations.filter((one) => !kept.includes(one)).flatMap((one) => one.keys)
    if (this.#isMoved) gone.push(MOVED)
    const deletes = gone
      // AWS: 100 items in a transaction; what is left over goes with the next save.
      .slice(0, 80)
      .map((sk) => ({ Delete: { TableName: name, Key: keyOf(statePk(term), sk) } }))
    await this.lease.write([...puts, ...deletes])
    this.#generations = kept
    this.#isMoved = false
  }
}

/** The newest of this run, and the last one of each of the runs before it. Newest first, as they come. */
export function keptOf(generations: readonly Generation[]): Generation[] {
  const fences = [...new Set(generations.map(({ mark }) => fenceOf(mark)))]
  return fences
    .slice(0, FORMER + 1)
    .flatMap((fence, index) =>
      generations.filter(({ mark }) => fenceOf(mark) === fence).slice(0, index === 0 ? OWN : 1),
    )
}

/**
 * The state while its home does not answer, or for who only reads: what is saved stays in memory. Of who does more, the regions
 * that are drained or restored are noted where a region answers; the next run that holds the lease looks after them.
 */
export class DetachedState extends Saves implements StatePlace {
  readonly #noteDrain: (region: string) => Promise<void>
  #noted: StackState['drained']

  constructor(
    readonly where: string,
    state: StackState,
    noteDrain: (region: string) => Promise<void> = async () => undefined,
  ) {
    super(state)
    this.#noted = state.drained
    this.#noteDrain = noteDrain
  }

  async setAside(): Promise<undefined> {
    return undefined
  }

  protected async write({ drained }: StackState): Promise<void> {
    const regions = new Set([...Object.keys(drained), ...Object.keys(this.#noted)])
    for (const region of regions)
      if (Boolean(drained[region]) !== Boolean(this.#noted[region])) await this.#noteDrain(region)
    this.#noted = drained
  }
}

/** Says in the first region that answers that a region was drained or restored. Throws MultiregionError if none does. */
export async function noteDrain(
  table: ControlTable,
  regions: readonly string[],
  drained: string,
  { date, uuid }: World,
): Promise<void> {
  const Item = { ...keyOf('note', `${date().toISOString()}#${uuid()}`), region: { S: drained } }
  let last: unknown
  for (const region of regions) {
    try {
      await table.dynamodb(region).send(new PutItemCommand({ TableName: table.name, Item }))
      return
    } catch (error) {
      last = tell(error, table.name, region)
    }
  }
  throw last
}

const tooLarge = (table: string, bytes: number) =>
  new MultiregionError(
    'state',
    `The state takes ${bytes} bytes, more than one transaction of the table ${table} holds`,
    'Keep it in a file: set state.backend to "file" in the config and run multiregion up.',
    EXIT.error,
    { table, bytes },
  )

const beyondAll = (table: string, mark: string) =>
  new MultiregionError(
    'state',
    `The table ${table} has a save or a lock with a number that no run comes to, and ${mark} cannot follow it`,
    'It was written by hand. Remove that item, then run the same command again.',
    EXIT.error,
    { table, mark },
  )

/** Of all regions that answer, the newest generation that is whole, and where it went if that is known to have moved. */
export async function newestElsewhere(table: ControlTable, { terms, readable }: Sighting) {
  for (const term of [...terms].reverse()) {
    let newest: { state: StackState; mark: string; region: string; term: Term } | undefined
    let moved: Moved | undefined
    for (const region of readable) {
      const kept = await keptIn(table, region, term)
      const found = stateIn(kept, table, term, { whole: true })
      if (found && (!newest || found.mark > newest.mark)) newest = { ...found, region, term }
      moved = kept.moved?.to ?? moved
    }
    if (!newest) continue
    // After a later save the item that says so is only on its way out.
    return { ...newest, ...(moved && moved.serial > newest.state.serial && { moved }) }
  }
  return undefined
}
