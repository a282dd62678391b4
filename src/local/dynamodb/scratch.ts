// Tables in memory with the schemas of the real ones, to try a write out before it is made: what it would leave, or why
// it would be refused. Used by transactions, which must know about all their writes before they make one.
import { AwsError } from '../wire/errors.js'
import { openDynalite } from './dynalite-engine.js'
import { createInput, type Engine, readItem, setItem } from './engine.js'
import { createKeyedMutex } from './lock.js'
import type { WireItem } from './shape.js'
import type { TableRecord } from './table-state.js'

export type Trial = { readonly after: WireItem | null } | { readonly refusal: AwsError }

export interface Scratch {
  /**
   * Runs the operation on a copy of the item, whose lock the caller holds. No item: the request names none properly,
   * and is refused.
   */
  attempt(
    table: TableRecord,
    item: { readonly key: WireItem; readonly before: WireItem | null } | undefined,
    operation: { readonly name: string; readonly input: object },
  ): Promise<Trial>
  close(): Promise<void>
}

/** `open` gives an engine in memory. */
export function createScratch(open: (folder?: string) => Promise<Engine> = openDynalite): Scratch {
  const engines = new Map<string, Promise<Engine>>()
  /** TableId of each scratch table, by region and name. */
  const tables = new Map<string, string>()
  const locks = createKeyedMutex()

  /** The region's engine, with a table like this one. */
  async function engineFor(table: TableRecord): Promise<Engine> {
    const opening = engines.get(table.region) ?? open()
    engines.set(table.region, opening)
    const engine = await opening
    const name = `${table.region}/${table.name}`
    if (tables.get(name) === table.id) return engine
    await locks.run([name], async () => {
      if (tables.get(name) === table.id) return
      if (tables.delete(name)) await engine.call('DeleteTable', { TableName: table.name })
      await engine.call('CreateTable', createInput(table.name, table.schema))
      tables.set(name, table.id)
    })
    return engine
  }

  return {
    async attempt(table, item, operation) {
      const engine = await engineFor(table)
      if (item) await setItem(engine, table.name, item.key, item.before)
      try {
        await engine.call(operation.name, operation.input)
        if (!item) throw new Error(`${operation.name} took a key that ${table.name} does not have`)
        return { after: (await readItem(engine, table.name, item.key)) ?? null }
      } catch (error) {
        if (error instanceof AwsError) return { refusal: error }
        throw error
      } finally {
        if (item) await setItem(engine, table.name, item.key, null)
      }
    },
    async close() {
      for (const engine of await Promise.all(engines.values())) await engine.close()
    },
  }
}
