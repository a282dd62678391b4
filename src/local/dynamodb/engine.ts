// What an item store of one region must do, and the stores of all regions, opened at their first use. An engine knows
// tables and items; states, times, replicas and tags stand in front of it. `dynalite-engine.ts` is one.
import { join } from 'node:path'
import type { World } from '../world.js'
import { openDynalite } from './dynalite-engine.js'
import type { TableSchema, WireItem } from './shape.js'

/** One region's tables and items, in the shapes of DynamoDB's JSON. A table exists at once, and is gone at once. */
export interface Engine {
  /** Any item operation, CreateTable or DeleteTable. Throws AwsError as DynamoDB would. */
  call<O = Record<string, unknown>>(operation: string, input: object): Promise<O>
  /** Throws AwsError for a request that is wrong whatever tables and items there are. */
  check(operation: string, input: object): void
  tableNames(): Promise<string[]>
  close(): Promise<void>
}

/** The item as it stands, or undefined. */
export async function readItem(engine: Engine, table: string, key: WireItem): Promise<WireItem | undefined> {
  const input = { TableName: table, Key: key, ConsistentRead: true }
  return (await engine.call<{ Item?: WireItem }>('GetItem', input)).Item
}

/** Makes the item what it is told, or absent. */
export async function setItem(
  engine: Engine,
  table: string,
  key: WireItem,
  item: WireItem | null,
): Promise<void> {
  if (item) await engine.call('PutItem', { TableName: table, Item: item })
  else await engine.call('DeleteItem', { TableName: table, Key: key })
}

/** All items, page by page. */
export async function* scanItems(engine: Engine, table: string): AsyncGenerator<readonly WireItem[]> {
  let ExclusiveStartKey: WireItem | undefined
  do {
    const page = await engine.call<{ Items: WireItem[]; LastEvaluatedKey?: WireItem }>('Scan', {
      TableName: table,
      ExclusiveStartKey,
    })
    yield page.Items
    ExclusiveStartKey = page.LastEvaluatedKey
  } while (ExclusiveStartKey)
}

/** The engine's own table: capacity is not its business. */
export const createInput = (table: string, schema: TableSchema) => ({
  ...schema,
  GlobalSecondaryIndexes: schema.GlobalSecondaryIndexes?.map(
    ({ ProvisionedThroughput: _, ...index }) => index,
  ),
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
})

export interface Engines {
  /** The region's store. */
  of(region: string): Promise<Engine>
  close(): Promise<void>
}

/** An error of LevelDB's own, as its codes tell. */
export const isDiskFailure = (error: unknown) => /^LEVEL_/.test((error as { code?: string }).code ?? '')

/** `reconcile` is run on each region's store before its first use. */
export function createEngines(
  world: Pick<World, 'dataDir'>,
  reconcile: (region: string, engine: Engine) => Promise<void>,
  openEngine: (folder: string) => Promise<Engine> = openDynalite,
): Engines {
  const opened = new Map<string, Promise<Engine>>()
  /** Engines that were given up. */
  const retired = new WeakSet<Engine>()

  async function open(region: string): Promise<Engine> {
    const engine = await openEngine(join(world.dataDir, 'dynamodb', region))
    await reconcile(region, engine)
    return {
      ...engine,
      call: (operation, input) =>
        engine.call<never>(operation, input).catch((error: unknown) => {
          if (isDiskFailure(error)) reopen(region, engine)
          throw error
        }),
    }
  }

  /** A write that failed, as on a full disk, leaves a torn record in LevelDB's log, and what comes after it would be lost. */
  function reopen(region: string, engine: Engine): void {
    if (retired.has(engine)) return
    retired.add(engine)
    const closed = engine.close().catch(() => undefined)
    const fresh = closed.then(() => open(region))
    opened.set(region, fresh)
    fresh.catch(() => opened.delete(region))
  }

  return {
    of(region) {
      let engine = opened.get(region)
      if (!engine) {
        engine = open(region)
        opened.set(region, engine)
        // A store that could not be opened is tried again at the next call.
        engine.catch(() => opened.delete(region))
      }
      return engine
    },
    async close() {
      const engines = await Promise.allSettled(opened.values())
      for (const engine of engines) if (engine.status === 'fulfilled') await engine.value.close()
      opened.clear()
    },
  }
}
