// Makes a write to items and its replication one thing, through any crash: an intent is on disk before the engine
// writes, and is settled at the next start if the process dies in between. Which writes need one the callers say.
import { isDeepStrictEqual } from 'node:util'
import { AwsError } from '../wire/errors.js'
import type { Collection, World } from '../world.js'
import { type Engines, readItem, setItem } from './engine.js'
import type { Replication } from './replication.js'
import type { WireItem } from './shape.js'
import type { TableRecord, Tables } from './table-state.js'
import { rememberToken, type Token } from './transaction-token.js'

export interface Intended {
  readonly table: string
  readonly tableId: string
  readonly key: WireItem
  readonly ts: number
  /** A write whose outcome the engine decides: the item before it. If it is still so after a crash, nothing was written. */
  readonly before?: WireItem | null
  /** A write whose outcome is known: the item after it. It is done again after a crash. */
  readonly after?: WireItem | null
}

export interface Intent {
  readonly region: string
  readonly items: readonly Intended[]
  /** Of a transaction. */
  readonly token?: Token
}

export interface Journal {
  /** Resolves when the intent is on disk. `close` forgets it, at the store's next flush. */
  open(intent: Intent): Promise<{ close(): void }>
  /** Settles what a former process has left. To be awaited before anything else is written. */
  recover(): Promise<void>
}

interface Parts {
  readonly world: World
  readonly tables: Tables
  readonly engines: Engines
  readonly replication: Replication
}

/** False where the engine refuses a write: it has done so before the crash, too. */
async function isTaken(write: Promise<void>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (error instanceof AwsError) return false
    throw error
  }
}

export function createJournal({ world, tables, engines, replication }: Parts): Journal {
  const intents: Collection<Intent> = world.store.collection('dynamodb.intent')

  /** The table that was meant, unless it is gone by now. */
  function tableOf(region: string, { table, tableId }: Intended): TableRecord | undefined {
    const record = tables.stored(region, table)
    return record?.id === tableId ? record : undefined
  }

  async function settle(region: string, intended: Intended): Promise<void> {
    const table = tableOf(region, intended)
    if (!table) return
    const { key, ts, before, after } = intended
    // An intent that outlived its write says nothing about the writes that came after it.
    const version = replication.versionOf(table, key)
    if (version && version.ts >= ts) return
    const engine = await engines.of(region)
    const now = after === undefined ? ((await readItem(engine, table.name, key)) ?? null) : after
    if (after === undefined && isDeepStrictEqual(now, before)) return
    if (after !== undefined && !(await isTaken(setItem(engine, table.name, key, after)))) return
    if (table.membership) replication.publish(table, key, now, ts)
  }

  return {
    async open(intent) {
      const id = String(replication.stamp()).padStart(16, '0')
      intents.set(id, intent)
      await world.store.flush()
      return { close: () => void intents.delete(id) }
    },

    async recover() {
      const left = [...intents.entries()].sort(([one], [other]) => (one < other ? -1 : 1))
      for (const [id, { region, items, token }] of left) {
        world.log(`dynamodb: settling a write of ${items.length} item(s) in ${region} that was interrupted`)
        for (const intended of items) await settle(region, intended)
        if (token) rememberToken(world, token)
        intents.delete(id)
      }
      await world.store.flush()
    },
  }
}
