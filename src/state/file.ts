// The state file of one stack: sealed by a checksum, replaced atomically, never holding a secret. It is a cache of the
// cloud and the durable home of intents. `lock.ts` keeps others out; `engine/ledger.ts` decides what is written.
import { createHash } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import { EXIT, MultiregionError } from '../base/errors.js'
import { machine, type World } from '../base/world.js'
import type { StackState } from '../engine/ledger.js'
import { remedyFor } from './remedy.js'
import { Saves, type StatePlace } from './saves.js'

const entrySchema = z.strictObject({
  id: z.string().optional(),
  settled: z.boolean().optional(),
  desired: z.record(z.string(), z.unknown()).optional(),
  observed: z.looseObject({ id: z.string(), owned: z.boolean() }).optional(),
  intent: z
    .strictObject({
      action: z.enum(['create', 'adopt', 'update', 'remove']),
      token: z.string(),
      at: z.string(),
    })
    .optional(),
  superseded: z.array(z.string()).optional(),
})

const stateSchema = z.strictObject({
  format: z.literal('multiregion-state'),
  version: z.literal(1),
  stack: z.string(),
  lineage: z.uuid(),
  serial: z.int().nonnegative(),
  account: z.string(),
  partition: z.string(),
  home: z.string(),
  regions: z.array(z.string()),
  drained: z.record(z.string(), z.strictObject({ mode: z.literal('article'), since: z.string() })),
  // The region becomes a part of host names.
  entries: z.record(z.string().regex(/^[a-z-]+\/[a-z0-9-]+(\/[A-Za-z0-9]+)?$/, 'is no address'), entrySchema),
})

const DEEPEST = 64
const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1)))

const seal = (state: object) => createHash('sha256').update(JSON.stringify(state)).digest('hex')

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

/** As it is written: the whole state and its checksum. */
export const sealed = (state: StackState) => JSON.stringify({ ...state, sha256: seal(state) }, null, 1)

/**
 * The state that a sealed text says. Throws what `refuse` makes of what is wrong with it, MultiregionError `newer-state` if
 * a later version wrote it. `what` begins a sentence.
 */
export function unseal(text: string, what: string, refuse: (why: string) => MultiregionError): StackState {
  let document: Record<string, unknown>
  try {
    document = JSON.parse(text)
  } catch {
    throw refuse('is not whole JSON')
  }
  if (isDeeper(document, DEEPEST)) throw refuse('is nested more deeply than any state')
  if (document?.format === 'multiregion-state' && Number(document.version) > 1)
    throw newer(what, Number(document.version))
  const { sha256, ...body } = document ?? {}
  const parsed = stateSchema.safeParse(body)
  if (!parsed.success) {
    const { path: where, message } = parsed.error.issues[0]!
    throw refuse(
      `does not have the shape of a state: ${[where.join('.'), message].filter(Boolean).join(': ')}`,
    )
  }
  if (seal(body) !== sha256) throw refuse('does not match its checksum: it was changed by hand or damaged')
  return parsed.data as StackState
}

const unusable = (file: string, { files }: World, what: string) => {
  const backup = backupOf(file)
  // An up that began without a state leaves the backup of a former stack.
  const copy = files.exists(backup)
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

const newer = (what: string, version: number) =>
  new MultiregionError(
    'newer-state',
    `${what} was written by a newer multiregion (state version ${version})`,
    'Nothing was changed. Run the same command with that version of multiregion.',
    EXIT.error,
    { version },
  )

const backupOf = (file: string) => file.replace(/\.json$/, '.backup.json')

/** The first state of a stack; nothing is written until the first save. */
export function newState(
  of: Pick<StackState, 'stack' | 'account' | 'partition' | 'home' | 'regions'>,
  world: World = machine,
): StackState {
  return {
    format: 'multiregion-state',
    version: 1,
    lineage: world.uuid(),
    serial: 0,
    drained: {},
    entries: {},
    ...of,
  }
}

/** For a rebuild: what stands and what is drained, the cloud tells. */
export const emptied = (state: StackState): StackState => ({ ...state, entries: {}, drained: {} })

export class StateFile extends Saves implements StatePlace {
  readonly #world: World

  constructor(
    readonly file: string,
    state: StackState,
    world: World = machine,
  ) {
    super(state)
    this.#world = world
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
    const leftover = new RegExp(`^${stem}(\\.backup)?\\.json\\.\\d+\\.tmp$`)
    const { files } = this.#world
    const names = await files.names(folder).catch(() => [])
    for (const name of names.filter((name) => leftover.test(name)))
      await files.remove(path.join(folder, name)).catch((error: Error) => {
        throw notWritable(this.file, error)
      })
  }

  /** Keeps the state as it is now beside it, for the day on which the next run's goes bad. */
  async backup(): Promise<void> {
    try {
      await replaceFile(backupOf(this.file), await this.#world.files.readFile(this.file), this.#world)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw notWritable(this.file, error as Error)
    }
  }

  /** Nothing of the stack is left, so nothing of its state is. */
  async remove(): Promise<void> {
    await this.idle()
    try {
      await this.#world.files.remove(this.file)
      await this.#world.files.remove(backupOf(this.file))
    } catch (error) {
      throw notRemovable(this.file, error as Error)
    }
  }

  /** The state is kept elsewhere from now on: what was here stays as a backup, which no run takes for the state. */
  async leave(): Promise<void> {
    await this.idle()
    const { files } = this.#world
    try {
      await files.rename(this.file, backupOf(this.file))
      await files.syncFolder(path.dirname(this.file))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw notWritable(this.file, error as Error)
    }
  }

  protected async write(state: StackState): Promise<void> {
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
