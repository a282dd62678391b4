// The disk of a simulated computer: what a process wrote survives its end, but a power cut takes what was not synced, in
// any way that a file system may: contents torn or empty, a prefix of the renames. It also fills up and fails on request.
import path from 'node:path'
import type { Files } from '../../src/base/files.js'

interface Inode {
  text: string
  /** What is on the disk itself; undefined: nothing yet. */
  synced?: string
  modifiedAt: number
}

/** Names that were given or taken away (undefined) at once, since their folder was synced. */
type NameChange = readonly (readonly [file: string, inode: Inode | undefined])[]

export type DiskFault = 'full' | 'read-only' | 'fsync-fails'

export class Disk {
  #names = new Map<string, Inode>()
  #durable = new Map<string, Inode>()
  #changes: NameChange[] = []
  /** What goes wrong now. */
  fault: DiskFault | undefined

  constructor(readonly now: () => number) {}

  read(file: string): string | undefined {
    return this.#names.get(file)?.text
  }

  /** What is on the disk itself, whatever was renamed since; undefined where that is nothing. */
  durable(file: string): string | undefined {
    const inode = this.#durable.get(file)
    return inode?.text === inode?.synced ? inode?.synced : undefined
  }

  /** All that a power cut now may leave of a file; undefined: nothing, or what was not synced. */
  images(file: string): (string | undefined)[] {
    const sure = (inode: Inode | undefined) => (inode?.text === inode?.synced ? inode?.synced : undefined)
    const changed = this.#changes.flatMap((change) => change.filter(([name]) => name === file))
    return [sure(this.#durable.get(file)), ...changed.map(([, inode]) => sure(inode))]
  }

  list(): string[] {
    return [...this.#names.keys()].sort()
  }

  /** By hand, and durable. */
  put(file: string, text: string): void {
    const inode = { text, synced: text, modifiedAt: this.now() }
    this.#names.set(file, inode)
    this.#durable.set(file, inode)
  }

  /** By hand, and durable. */
  drop(file: string): void {
    this.#names.delete(file)
    this.#durable.delete(file)
    this.#changes = this.#changes.map((change) => change.filter(([name]) => name !== file))
  }

  /** The power goes: `random` chooses among all that may be left. */
  cut(random: () => number): void {
    const kept = Math.floor(random() * (this.#changes.length + 1))
    const names = new Map(this.#durable)
    for (const change of this.#changes.slice(0, kept)) apply(names, change)
    for (const inode of new Set(names.values())) inode.text = afterCut(inode, random)
    for (const inode of names.values()) inode.synced = inode.text
    this.#names = names
    this.#durable = new Map(names)
    this.#changes = []
  }

  /** The disk as a process uses it; `step` is called before and after whatever changes something, and may never return. */
  files(step: (what: string, file: string) => Promise<void>): Files {
    const changing = async (what: string, file: string, change: () => void) => {
      await step(`${what}`, file)
      this.#refuse(what)
      change()
      await step(`${what} done`, file)
    }
    return {
      readFile: async (file) => this.#existing(file).text,
      writeFile: async (file, text, { exclusive = false } = {}) => {
        await step('write', file)
        if (this.fault === 'read-only') throw systemError('EROFS', file)
        if (exclusive && this.#names.has(file)) throw systemError('EEXIST', file)
        const inode = this.#names.get(file) ?? { text: '', modifiedAt: this.now() }
        inode.text = ''
        if (this.#names.get(file) !== inode) this.#name([file, inode])
        await step('write begun', file)
        inode.text = text.slice(0, text.length >> 1)
        inode.modifiedAt = this.now()
        await step('write half done', file)
        if (this.fault === 'full' && text !== '') throw systemError('ENOSPC', file)
        inode.text = text
        await step('write done', file)
      },
      sync: (file) =>
        changing('fsync', file, () => {
          if (this.fault === 'fsync-fails') throw systemError('EIO', file)
          const inode = this.#existing(file)
          inode.synced = inode.text
        }),
      syncFolder: (folder) =>
        changing('fsync', folder, () => {
          if (this.fault === 'fsync-fails') throw systemError('EIO', folder)
          this.#durable = new Map(this.#names)
          this.#changes = []
        }),
      link: (file, other) =>
        changing('link', other, () => {
          if (this.#names.has(other)) throw systemError('EEXIST', other)
          this.#name([other, this.#existing(file)])
        }),
      rename: (file, other) =>
        changing('rename', other, () => {
          this.#name([other, this.#existing(file)], [file, undefined])
        }),
      remove: (file) =>
        changing('remove', file, () => {
          if (this.#names.has(file)) this.#name([file, undefined])
        }),
      makeFolder: async () => undefined,
      names: async (folder) =>
        this.list()
          .filter((file) => path.dirname(file) === folder)
          .map((file) => path.basename(file)),
      modifiedAt: async (file) => this.#existing(file).modifiedAt,
      exists: (file) => this.#names.has(file),
    }
  }

  #refuse(what: string): void {
    if (this.fault === 'read-only' && what !== 'fsync') throw systemError('EROFS', what)
  }

  #existing(file: string): Inode {
    const inode = this.#names.get(file)
    if (!inode) throw systemError('ENOENT', file)
    return inode
  }

  #name(...change: NameChange): void {
    apply(this.#names, change)
    this.#changes.push(change)
  }
}

function apply(names: Map<string, Inode>, change: NameChange): void {
  for (const [file, inode] of change)
    if (inode) names.set(file, inode)
    else names.delete(file)
}

/** Whole, torn, empty or as it was: only what was synced is sure. */
function afterCut({ text, synced }: Inode, random: () => number): string {
  if (text === synced) return text
  const choice = Math.floor(random() * 4)
  if (choice === 0) return synced ?? ''
  if (choice === 1) return ''
  return choice === 2 ? text.slice(0, Math.floor(random() * text.length)) : text
}

function systemError(code: string, file: string): Error {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or directory',
    EEXIST: 'file already exists',
    ENOSPC: 'no space left on device',
    EROFS: 'read-only file system',
    EIO: 'i/o error',
  }
  return Object.assign(new Error(`${code}: ${words[code]}, '${file}'`), { code })
}
