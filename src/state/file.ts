// The state file of one stack: sealed by a checksum, replaced atomically, never holding a secret. It is a cache of the
// cloud and the durable home of intents. `lock.ts` keeps others out; `engine/ledger.ts` decides what is written.
import path from 'node:path'
import { EXIT, MultiregionError } from '../base/errors.js'
import { machine, type World } from '../base/world.js'
import type { StackState } from '../engine/ledger.js'
import { sealed, unseal } from './document.js'
import { remedyFor } from './remedy.js'
import { Saves, type StatePlace } from './saves.js'
import { isOlder, VERSION } from './version.js'

/** The state on disk, or undefined if there is none. Throws MultiregionError `state` if it is damaged or newer than us. */
export async function readState(file: string, world: World = machine): Promise<StackState | undefined> {
  let text: string
  try {
    text = await world.files.readFile(file)
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (isAbsent && !(await isListed(file, world))) return undefined
    throw unusable(
      file,
      world,
      isAbsent ? 'is a link to nothing' : `cannot be read: ${(error as Error).message}`,
    )
  }
  return unseal(text, `The state file ${file}`, (what) => unusable(file, world, what))
}

const isListed = async (file: string, { files }: World) =>
  (await files.names(path.dirname(file)).catch((): string[] => [])).includes(path.basename(file))

const unusable = (file: string, { files }: World, what: string) => {
  const backup = backupsOf(file).find((one) => files.exists(one))
  // An up that began without a state leaves the backup of a former stack.
  const copy = backup
    ? `${backup} back, if its lineage is that of what stands (tag multiregion:lineage)`
    : 'a copy of your own back, as there is no backup beside it'
  return new MultiregionError(
    'state',
    `The state file ${file} ${what}`,
    `Nothing was changed. Make it anew from what stands: multiregion state rebuild. Or put ${copy}, then run multiregion plan.`,
    EXIT.error,
    { file },
  )
}

/** How many of the states before a run are kept beside it. */
const BACKUPS = 4

/** The newest first. */
const backupsOf = (file: string) =>
  Array.from({ length: BACKUPS }, (_, age) =>
    file.replace(/\.json$/, age === 0 ? '.backup.json' : `.backup-${age + 1}.json`),
  )
const backupOf = (file: string) => backupsOf(file)[0]!

/** Of the text that a version before today's wrote. */
const formerOf = (file: string, version: number) => file.replace(/\.json$/, `.version-${version}.json`)

/** Undefined where today's version wrote it, or nobody can tell. */
function olderVersion(text: string): number | undefined {
  try {
    const { version } = JSON.parse(text) as { version?: unknown }
    return isOlder(version) ? version : undefined
  } catch {
    return undefined
  }
}

/** The first state of a stack; nothing is written until the first save. */
export function newState(
  of: Pick<StackState, 'stack' | 'account' | 'partition' | 'home' | 'regions'>,
  world: World = machine,
): StackState {
  return {
    format: 'multiregion-state',
    version: VERSION,
    lineage: world.uuid(),
    serial: 0,
    configHash: '',
    drained: {},
    entries: {},
    ...of,
  }
}

/** For a rebuild: what stands and what is drained, the cloud tells. */
export const emptied = (state: StackState): StackState => ({ ...state, entries: {}, drained: {} })

export class StateFile extends Saves implements StatePlace {
  readonly #world: World
  readonly #guard: () => Promise<void>

  /** `guard` rejects where the file is no longer this run's to write. */
  constructor(
    readonly file: string,
    state: StackState,
    world: World = machine,
    guard: () => Promise<void> = async () => undefined,
  ) {
    super(state)
    this.#world = world
    this.#guard = guard
  }

  get where(): string {
    return this.file
  }

  /** Keeps the file beside it, whatever is in it, until the next save takes its place; tells where, if there was one. */
  async setAside(): Promise<string | undefined> {
    const since = this.#world.date().toISOString().slice(0, 19).replaceAll(':', '')
    const name = `.before-rebuild-${since}-${this.#world.uuid().slice(0, 4)}.json`
    const aside = this.file.replace(/\.json$/, name)
    const { files } = this.#world
    try {
      // A second name, so that there is a state at every instant; a folder can only be moved.
      await files.link(this.file, aside).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPERM') throw error
        return files.rename(this.file, aside)
      })
      return aside
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw notWritable(this.file, error as Error)
    }
  }

  /** Called with the lock held: removes what a killed run was writing. */
  async tidy(): Promise<void> {
    const folder = path.dirname(this.file)
    const stem = path.basename(this.file, '.json').replaceAll('.', '\\.')
    const leftover = new RegExp(`^${stem}(\\.(backup|version)(-\\d+)?)?\\.json\\.\\d+\\.tmp$`)
    const { files } = this.#world
    const names = await files.names(folder).catch(() => [])
    for (const name of names.filter((name) => leftover.test(name)))
      await files.remove(path.join(folder, name)).catch((error: Error) => {
        throw notWritable(this.file, error)
      })
  }

  /**
   * Keeps the state as it is now beside it, for the day on which the next run's goes bad, and what an older version wrote
   * until the stack is gone. What the last run left as it was is no newer.
   */
  async backup(): Promise<void> {
    const { files } = this.#world
    try {
      const text = await files.readFile(this.file)
      const older = olderVersion(text)
      if (older !== undefined) await replaceFile(formerOf(this.file, older), text, this.#world)
      if (text === (await files.readFile(backupOf(this.file)).catch(() => undefined))) return
      await this.#age()
      await replaceFile(backupOf(this.file), text, this.#world)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw notWritable(this.file, error as Error)
    }
  }

  /** Each backup becomes the next older one, and the oldest goes. */
  async #age(): Promise<void> {
    const { files } = this.#world
    const all = backupsOf(this.file)
    for (let age = all.length - 1; age > 0; age--)
      if (files.exists(all[age - 1]!)) await files.rename(all[age - 1]!, all[age]!)
  }

  /** Nothing of the stack is left, so nothing of its state is. */
  async remove(): Promise<void> {
    await this.idle()
    await this.#guard()
    const { files } = this.#world
    const beside = Array.from({ length: VERSION - 1 }, (_, version) => formerOf(this.file, version + 1))
    try {
      await files.remove(this.file)
      for (const one of [...backupsOf(this.file), ...beside]) if (files.exists(one)) await files.remove(one)
    } catch (error) {
      throw notRemovable(this.file, error as Error)
    }
  }

  /** The state is kept elsewhere from now on: what was here stays as a backup, which no run takes for the state. */
  async leave(): Promise<void> {
    await this.idle()
    await this.#guard()
    const { files } = this.#world
    try {
      if (files.exists(this.file)) await this.#age()
      await files.rename(this.file, backupOf(this.file))
      await files.syncFolder(path.dirname(this.file))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw notWritable(this.file, error as Error)
    }
  }

  protected async write(state: StackState): Promise<void> {
    await this.#guard()
    try {
      await replaceFile(this.file, sealed(state), this.#world)
    } catch (error) {
      throw notWritable(this.file, error as Error)
    }
  }
}

/** Whole or not at all, and on the disk itself when it resolves. Rejects with the system's error. */
export async function replaceFile(file: string, text: string, { files, processes }: World): Promise<void> {
  const folder = path.dirname(file)
  const beside = `${file}.${processes.self().pid}.tmp`
  try {
    await files.makeFolder(folder)
    await files.writeFile(beside, text)
    await files.sync(beside)
    await files.rename(beside, file)
    await files.syncFolder(folder)
  } catch (error) {
    await files.remove(beside).catch(() => undefined)
    throw error
  }
}

const notRemovable = (file: string, cause: Error) =>
  new MultiregionError(
    'state',
    `Nothing of the stack is left, but its state file ${file}, or the backup beside it, cannot be removed: ${cause.message}`,
    remedyFor(cause, file),
    EXIT.error,
    { file },
    { cause },
  )

const notWritable = (file: string, cause: Error) =>
  new MultiregionError(
    'state',
    `The state file ${file} cannot be written: ${cause.message}`,
    `No call was made without its intent on disk. ${remedyFor(cause, file)}`,
    EXIT.error,
    { file },
    { cause },
  )
