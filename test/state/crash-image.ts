// A disk that remembers every operation, and all that a crash may leave of them: any prefix of the operations; of what was
// not synced any part, in any order; contents lost, torn or zeroed. What must hold of the images is said in the test.
import path from 'node:path'
import type { Files } from '../../src/base/files.js'

interface Inode {
  readonly number: number
}

type Operation =
  /** The content becomes this; `begun` is a write that is under way. */
  | { type: 'data'; inode: Inode; text: string }
  | { type: 'synced'; inode: Inode }
  /** Names given and taken away (undefined) at once. */
  | { type: 'names'; folder: string; changes: readonly (readonly [file: string, inode: Inode | undefined])[] }
  | { type: 'folder-synced'; folder: string }
  /** Not of the disk: from here on that much is promised. */
  | { type: 'promise'; serial: number }

export interface Image {
  readonly files: ReadonlyMap<string, string>
  /** The highest serial whose save had resolved before the crash. */
  readonly promised: number
}

/** Records while it works as a disk does that never crashes. */
export class Recorder {
  readonly operations: Operation[] = []
  readonly #names = new Map<string, Inode>()
  readonly #texts = new Map<Inode, string>()
  #inodes = 0

  promise(serial: number): void {
    this.operations.push({ type: 'promise', serial })
  }

  files(): Files {
    const existing = (file: string): Inode => {
      const inode = this.#names.get(file)
      if (!inode) throw Object.assign(new Error(`ENOENT: ${file}`), { code: 'ENOENT' })
      return inode
    }
    const free = (file: string) => {
      if (this.#names.has(file)) throw Object.assign(new Error(`EEXIST: ${file}`), { code: 'EEXIST' })
    }
    return {
      readFile: async (file) => this.#texts.get(existing(file))!,
      writeFile: async (file, text, { exclusive = false } = {}) => {
        if (exclusive) free(file)
        const inode = this.#names.get(file) ?? { number: this.#inodes++ }
        this.#data(inode, '')
        if (!this.#names.has(file)) this.#name(file, [[file, inode]])
        this.#data(inode, text.slice(0, text.length >> 1))
        this.#data(inode, text)
      },
      sync: async (file) => void this.operations.push({ type: 'synced', inode: existing(file) }),
      syncFolder: async (folder) => void this.operations.push({ type: 'folder-synced', folder }),
      link: async (file, other) => {
        free(other)
        this.#name(other, [[other, existing(file)]])
      },
      rename: async (file, other) =>
        this.#name(other, [
          [other, existing(file)],
          [file, undefined],
        ]),
      remove: async (file) => {
        if (this.#names.has(file)) this.#name(file, [[file, undefined]])
      },
      // As on the machine, durable when it resolves.
      makeFolder: async () => undefined,
      names: async (folder) =>
        [...this.#names.keys()]
          .filter((file) => path.dirname(file) === folder)
          .map((file) => path.basename(file)),
      modifiedAt: async (file) => existing(file).number,
      exists: (file) => this.#names.has(file),
    }
  }

  #data(inode: Inode, text: string): void {
    this.#texts.set(inode, text)
    this.operations.push({ type: 'data', inode, text })
  }

  #name(file: string, changes: readonly (readonly [string, Inode | undefined])[]): void {
    for (const [name, inode] of changes)
      if (inode) this.#names.set(name, inode)
      else this.#names.delete(name)
    this.operations.push({ type: 'names', folder: path.dirname(file), changes })
  }
}

/**
 * What a crash after every operation may leave of the files that `about` names, each image once. Groups of files that have
 * nothing to do with each other are looked at one after the other, as all of them at once are too many.
 */
export function* crashImages(all: readonly Operation[], about: (file: string) => boolean): Generator<Image> {
  const operations = all.filter((one) => one.type !== 'names' || one.changes.some(([file]) => about(file)))
  const seen = new Set<string>()
  for (let end = 0; end <= operations.length; end++)
    for (const image of imagesAt(operations.slice(0, end))) {
      const key = JSON.stringify([image.promised, [...image.files].sort()])
      if (seen.has(key)) continue
      seen.add(key)
      yield image
    }
}

function* imagesAt(operations: readonly Operation[]): Generator<Image> {
  const durable = new Map<string, Inode>()
  let pending: Extract<Operation, { type: 'names' }>[] = []
  const synced = new Map<Inode, string>()
  const unsynced = new Map<Inode, string[]>()
  let promised = 0
  for (const operation of operations)
    if (operation.type === 'names') pending.push(operation)
    else if (operation.type === 'folder-synced') {
      for (const one of pending) if (one.folder === operation.folder) apply(durable, one.changes)
      pending = pending.filter((one) => one.folder !== operation.folder)
    } else if (operation.type === 'data') {
      const texts = unsynced.get(operation.inode) ?? []
      unsynced.set(operation.inode, [...texts, operation.text])
    } else if (operation.type === 'synced') {
      const last = unsynced.get(operation.inode)?.at(-1)
      if (last !== undefined) synced.set(operation.inode, last)
      unsynced.delete(operation.inode)
    } else promised = Math.max(promised, operation.serial)
  for (const kept of subsets(pending)) {
    const names = new Map(durable)
    for (const { changes } of kept) apply(names, changes)
    const inodes = [...new Set(names.values())]
    for (const contents of choices(
      inodes.map((inode) => contentsOf(synced.get(inode), unsynced.get(inode) ?? [])),
    )) {
      const textOf = new Map(inodes.map((inode, index) => [inode, contents[index]!]))
      yield { files: new Map([...names].map(([file, inode]) => [file, textOf.get(inode)!])), promised }
    }
  }
}

/** What was synced last, each of the states since, and the whole length in zeros, as delayed allocation leaves it. */
function contentsOf(synced: string | undefined, since: readonly string[]): string[] {
  if (since.length === 0) return [synced ?? '']
  return [...new Set([synced ?? '', ...since, '\0'.repeat(since.at(-1)!.length)])]
}

const apply = (names: Map<string, Inode>, changes: readonly (readonly [string, Inode | undefined])[]) => {
  for (const [file, inode] of changes)
    if (inode) names.set(file, inode)
    else names.delete(file)
}

function* subsets<T>(list: readonly T[]): Generator<T[]> {
  for (let mask = 0; mask < 2 ** list.length; mask++) yield list.filter((_, index) => mask & (1 << index))
}

function* choices<T>(lists: readonly (readonly T[])[]): Generator<T[]> {
  const [first, ...rest] = lists
  if (!first) return void (yield [])
  for (const others of choices(rest)) for (const one of first) yield [one, ...others]
}
