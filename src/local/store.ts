// The durable memory of the local cloud: collections of JSON values, all held in memory and kept in one LevelDB.
// Values are held as JSON text: what a service reads is what it would read after a restart, and no two share a value.
// What is written is the operating system's at once: a kill -9 loses none of it. Nobody waits for the disk itself, so a
// power cut may take the last moments, here as in the engines of DynamoDB's items.
import { ClassicLevel } from 'classic-level'
import type { Collection, Store } from './world.js'

/** Writes the changed keys, all or none of them; undefined deletes. */
type Write = (changes: ReadonlyMap<string, string | undefined>) => Promise<void>

/** Keys on disk are the collection's name, this, and the key. */
const SEPARATOR = '\u0000'
// What nobody waits for (a timer's own change) is on disk this much later at most.
const IDLE_FLUSH_MS = 200

/**
 * Opens the store in that folder, made if absent. Everything that was flushed before a crash is there.
 * Rejects when another process has it open (`LEVEL_LOCKED` in the cause).
 */
export async function openStore(dir: string): Promise<Store> {
  const level = new ClassicLevel<string, string>(dir, { keyEncoding: 'utf8', valueEncoding: 'utf8' })
  await level.open()
  const known = new Map<string, Map<string, string>>()
  for await (const [key, text] of level.iterator()) {
    const [name, own] = splitKey(key)
    valuesOf(known, name).set(own, text)
  }
  let failed = false
  const write: Write = async (changes) => {
    if (failed) {
      // A write that failed, as on a full disk, leaves a torn record in LevelDB's log, and what comes after it would be lost.
      await level.close()
      await level.open()
      failed = false
    }
    const batch = [...changes].map(([key, value]) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    )
    try {
      await level.batch(batch)
    } catch (error) {
      failed = true
      throw error
    }
  }
  return createStore(known, write, () => level.close())
}

/** A store that is gone with the process. */
export function memoryStore(): Store {
  return createStore(
    new Map(),
    async () => {},
    async () => {},
  )
}

function splitKey(key: string): [name: string, own: string] {
  const at = key.indexOf(SEPARATOR)
  return [key.slice(0, at), key.slice(at + 1)]
}

function valuesOf(known: Map<string, Map<string, string>>, name: string): Map<string, string> {
  const values = known.get(name) ?? new Map<string, string>()
  known.set(name, values)
  return values
}

function createStore(known: Map<string, Map<string, string>>, write: Write, end: () => Promise<void>): Store {
  const journal = createJournal(write)
  return {
    collection: <T>(name: string) => collectionOf<T>(name, valuesOf(known, name), journal.note),
    flush: journal.flush,
    async close() {
      await journal.flush()
      await end()
    },
  }
}

function collectionOf<T>(
  name: string,
  values: Map<string, string>,
  note: (key: string, value: string | undefined) => void,
): Collection<T> {
  const onDisk = (key: string) => `${name}${SEPARATOR}${key}`
  const read = (text: string) => JSON.parse(text) as T
  return {
    get: (key) => {
      const text = values.get(key)
      return text === undefined ? undefined : read(text)
    },
    has: (key) => values.has(key),
    set(key, value) {
      const text = JSON.stringify(value)
      if (text === undefined) throw new TypeError(`${name}/${key}: undefined is no JSON value`)
      if (values.get(key) === text) return
      values.set(key, text)
      note(onDisk(key), text)
    },
    delete(key) {
      const had = values.delete(key)
      if (had) note(onDisk(key), undefined)
      return had
    },
    // Iterations go over what was there when they began, so that a loop may set and delete.
    keys: () => [...values.keys()].values(),
    values: () => [...values.values()].map(read).values(),
    entries: () => [...values].map(([key, text]): [string, T] => [key, read(text)]).values(),
    get size() {
      return values.size
    },
  }
}

/** Collects changes; callers of `flush` who come while a batch is being written share the next one. */
function createJournal(write: Write) {
  let pending = new Map<string, string | undefined>()
  let writing: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  let idle: NodeJS.Timeout | undefined

  async function writePending(): Promise<void> {
    next = undefined
    clearTimeout(idle)
    idle = undefined
    const batch = pending
    pending = new Map()
    try {
      if (batch.size) await write(batch)
    } catch (error) {
      // Not on disk: kept for the next flush, unless it was changed again.
      pending = new Map([...batch, ...pending])
      throw error
    }
  }

  function flush(): Promise<void> {
    if (!pending.size) return writing
    next ??= writing
      .catch(() => {})
      .then(() => {
        writing = writePending()
        return writing
      })
    return next
  }

  return {
    note(key: string, value: string | undefined): void {
      pending.set(key, value)
      idle ??= setTimeout(() => {
        // Whoever waits for a flush is told of a failure; here nobody does, and the changes are kept.
        flush().catch(() => {})
      }, IDLE_FLUSH_MS).unref()
    },
    flush,
  }
}
