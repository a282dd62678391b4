// The engine on dynalite: its validations and actions on LevelDB, called in process. No HTTP stands between, so there is
// no socket to name, no port to find, and a table that a crash left half made can be finished from here.
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { AwsError } from '../wire/errors.js'
import type { Engine } from './engine.js'
import { mendParsers } from './expression-parser.js'
import { type Rule, unfit } from './item-limit.js'

// dynalite 4.0.0, as far as it is used. Its errors carry the answer's body and status.
interface Store {
  readonly tableDb: {
    put(key: string, table: StoredTable, done: (error?: Error | null) => void): void
  }
  readonly db: { open(): Promise<void>; close(done: (error?: Error | null) => void): void }
}
interface StoredTable {
  TableStatus: string
  GlobalSecondaryIndexes?: { IndexStatus: string }[]
}
interface Failure {
  readonly statusCode?: number
  readonly body?: { readonly __type: string; readonly message?: string; readonly Message?: string }
}
type Action = (store: Store, input: object, done: (error: Failure | null, output?: object) => void) => void
interface Operation {
  readonly types: object
  readonly custom?: unknown
  readonly action: Action
}
type Done = (error?: Failure | null) => void
/** Its own functions, as its actions call them. */
interface Library {
  create(options: object): Store
  /** Called before an item is written, last of all. */
  updateIndexes(
    store: Store,
    table: object,
    before: object | undefined,
    after: object | null,
    done: Done,
  ): void
  validationError(message: string): Failure
}
interface Dynalite extends Pick<Library, 'create'> {
  checkTypes(input: object, types: object): object
  checkValidations(input: object, types: object, custom: unknown, store: Store): void
  operation(name: string): Operation
}

let loaded: Dynalite | undefined

/** Loaded at the first use: it takes a tenth of a second. */
function load(): Dynalite {
  if (loaded) return loaded
  const require = createRequire(import.meta.url)
  mendParsers(require)
  const library = require('dynalite/db') as Library
  const validations = require('dynalite/validations') as Omit<Dynalite, 'create' | 'operation'> & {
    validateAttributeValue: Rule
  }
  refuseUnfit(library, validations.validateAttributeValue)
  const operations = new Map<string, Operation>()
  const operation = (name: string) => {
    const file = name.charAt(0).toLowerCase() + name.slice(1)
    const found = operations.get(name) ?? {
      ...(require(`dynalite/validations/${file}`) as Omit<Operation, 'action'>),
      action: require(`dynalite/actions/${file}`) as Action,
    }
    operations.set(name, found)
    return found
  }
  loaded = { create: library.create, ...validations, operation }
  return loaded
}

/** dynalite checks what it is given, but not what an update makes of it. */
function refuseUnfit(library: Library, rule: Rule): void {
  const { updateIndexes } = library
  library.updateIndexes = (store, table, before, after, done) => {
    const refusal = after ? unfit(after, rule) : undefined
    if (refusal) done(library.validationError(refusal))
    else updateIndexes(store, table, before, after, done)
  }
}

/** The error as DynamoDB's, or as it is where dynalite itself broke. */
function asAwsError(failure: unknown): unknown {
  const { statusCode, body } = failure as Failure
  if (!statusCode || !body) return failure
  const { __type, message, Message, ...extra } = body
  return new AwsError(__type.split('#').at(-1)!, message ?? Message ?? '', statusCode, extra)
}

/** A call whose reading of the disk failed is never answered by dynalite. */
const CLOSING_MS = 5_000

function after(ms: number): { promise: Promise<void>; cancel: () => void } {
  let cancel = () => {}
  const promise = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    cancel = () => clearTimeout(timer)
  })
  return { promise, cancel }
}

/** A store in this folder, or in memory. Throws when another process has it open. */
export async function openDynalite(path?: string): Promise<Engine> {
  if (path) await mkdir(path, { recursive: true, mode: 0o700 })
  const dynalite = load()
  const store = dynalite.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  const running = new Set<Promise<unknown>>()

  async function perform<O>(operation: string, input: object): Promise<O> {
    const { action, ...rules } = dynalite.operation(operation)
    // dynalite keeps and changes what it is given.
    const checked = check(structuredClone(input), rules)
    return new Promise<O>((resolve, reject) => {
      action(store, checked, (failure, output) => {
        if (failure) reject(asAwsError(failure))
        else resolve(output as O)
      })
    })
  }

  /** Throws DynamoDB's error for a request that is wrong whatever the tables and items are. */
  function check(input: object, { types, custom }: Pick<Operation, 'types' | 'custom'>): object {
    try {
      const checked = dynalite.checkTypes(input, types)
      dynalite.checkValidations(checked, types, custom, store)
      return checked
    } catch (failure) {
      // dynalite stumbles over members that are null where a structure has to be.
      if (failure instanceof TypeError)
        throw new AwsError('SerializationException', 'Unexpected null in the request')
      throw asAwsError(failure)
    }
  }

  async function describe(table: string): Promise<StoredTable | undefined> {
    try {
      return (await perform<{ Table: StoredTable }>('DescribeTable', { TableName: table })).Table
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined
      throw error
    }
  }

  /** dynalite ends a creation and a deletion some turns after its answer. */
  async function settle(table: string, status: string | undefined): Promise<void> {
    for (let turn = 0; (await describe(table))?.TableStatus !== status; turn++) {
      if (turn > 1000) throw new Error(`the engine's table ${table} did not become ${status ?? 'absent'}`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  async function call<O>(operation: string, input: object): Promise<O> {
    const output = await perform<O>(operation, input)
    const table = (input as { TableName: string }).TableName
    if (operation === 'CreateTable') await settle(table, 'ACTIVE')
    if (operation === 'DeleteTable') await settle(table, undefined)
    return output
  }

  async function tableNames(): Promise<string[]> {
    const names: string[] = []
    let last: string | undefined
    do {
      const input = { ExclusiveStartTableName: last }
      const page = await perform<{ TableNames: string[]; LastEvaluatedTableName?: string }>(
        'ListTables',
        input,
      )
      names.push(...page.TableNames)
      last = page.LastEvaluatedTableName
    } while (last)
    return names
  }

  /** A table that was being created when the process died stays so for ever in dynalite: it is finished here. */
  async function finishCreations(): Promise<void> {
    for (const name of await tableNames()) {
      const table = await describe(name)
      if (table?.TableStatus !== 'CREATING') continue
      table.TableStatus = 'ACTIVE'
      for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = 'ACTIVE'
      await new Promise<void>((resolve, reject) => {
        store.tableDb.put(name, table, (error) => (error ? reject(error) : resolve()))
      })
    }
  }

  // Nothing is asked of a store that did not open: some of dynalite's answers would never come.
  await store.db.open()
  if (path) await finishCreations()
  return {
    call<O>(operation: string, input: object): Promise<O> {
      const answer = call<O>(operation, input)
      running.add(answer)
      const forget = () => running.delete(answer)
      answer.then(forget, forget)
      return answer
    },
    check: (operation, input) => void check(structuredClone(input), dynalite.operation(operation)),
    tableNames,
    async close() {
      const { promise: overdue, cancel } = after(CLOSING_MS)
      await Promise.race([Promise.allSettled(running), overdue])
      cancel()
      await new Promise<void>((resolve, reject) => {
        store.db.close((error) => (error ? reject(error) : resolve()))
      })
    },
  }
}
