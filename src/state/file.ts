// The state file of one stack: sealed by a checksum, replaced atomically, never holding a secret. It is a cache of the
// cloud and the durable home of intents. `lock.ts` keeps others out; `engine/ledger.ts` decides what is written.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { EXIT, MultiregionError } from '../base/errors.js'
import type { StackState, StateStore } from '../engine/ledger.js'

const entrySchema = z.strictObject({
  id: z.string().optional(),
  settled: z.boolean().optional(),
  desired: z.unknown().optional(),
  observed: z.unknown().optional(),
  intent: z
    .strictObject({ action: z.enum(['create', 'update', 'remove']), token: z.string(), at: z.string() })
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
  entries: z.record(z.string(), entrySchema),
})

const seal = (state: object) => createHash('sha256').update(JSON.stringify(state)).digest('hex')

/** The state on disk, or undefined if there is none. Throws MultiregionError `state` if it is damaged or newer than us. */
export async function readState(file: string): Promise<StackState | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(file, `cannot be read: ${(error as Error).message}`)
  }
  let document: Record<string, unknown>
  try {
    document = JSON.parse(text)
  } catch {
    throw unusable(file, 'is not whole JSON')
  }
  if (document?.format === 'multiregion-state' && Number(document.version) > 1)
    throw newer(file, Number(document.version))
  const { sha256, ...body } = document ?? {}
  const parsed = stateSchema.safeParse(body)
  if (!parsed.success)
    throw unusable(file, `does not have the shape of a state: ${parsed.error.issues[0]?.message}`)
  if (seal(body) !== sha256)
    throw unusable(file, 'does not match its checksum: it was changed by hand or damaged')
  return parsed.data as StackState
}

const unusable = (file: string, what: string) => {
  const backup = backupOf(file)
  const where = existsSync(backup)
    ? `The state before the last run is in ${backup}; put it back`
    : 'There is no backup beside it; put a copy of your own back'
  return new MultiregionError(
    'state',
    `The state file ${file} ${what}`,
    `Nothing was changed. ${where}, then run multiregion plan. Or make it anew from what stands: multiregion state rebuild.`,
    EXIT.error,
    { file },
  )
}

const newer = (file: string, version: number) =>
  new MultiregionError(
    'newer-state',
    `The state file ${file} was written by a newer multiregion (state version ${version})`,
    'Nothing was changed. Run the same command with that version of multiregion.',
    EXIT.error,
    { file, version },
  )

const backupOf = (file: string) => file.replace(/\.json$/, '.backup.json')

/** The first state of a stack; nothing is written until the first save. */
export function newState(
  of: Pick<StackState, 'stack' | 'account' | 'partition' | 'home' | 'regions'>,
): StackState {
  return {
    format: 'multiregion-state',
    version: 1,
    lineage: randomUUID(),
    serial: 0,
    drained: {},
    entries: {},
    ...of,
  }
}

/** Saves that come while a write is under way share the next one; each resolves when its state, or a later one, is durable. */
export class StateFile implements StateStore {
  #state: StackState
  /** The write that has not begun yet and will take whatever is saved until then. */
  #next: Promise<void> | undefined
  /** Settles, never rejects, when the write before it has ended: two never run at once. */
  #last: Promise<void> = Promise.resolve()

  constructor(
    readonly file: string,
    state: StackState,
  ) {
    this.#state = state
  }

  read(): StackState {
    return this.#state
  }

  save(state: StackState): Promise<void> {
    this.#state = { ...state, serial: this.#state.serial + 1 }
    if (!this.#next) {
      this.#next = this.#last.then(() => {
        this.#next = undefined
        return this.#write()
      })
      this.#last = this.#next.catch(() => undefined)
    }
    return this.#next
  }

  /** From here on this is the state; it is on disk with the next save. */
  assume(state: StackState): void {
    this.#state = state
  }

  /** Moves the file away, whatever is in it, so that a new one can take its place; tells where to, if there was one. */
  async setAside(): Promise<string | undefined> {
    const aside = this.file.replace(/\.json$/, `.before-rebuild-${Date.now()}.json`)
    try {
      await rename(this.file, aside)
      return aside
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw notWritable(this.file, error as Error)
    }
  }

  /** Called with the lock held: removes what a killed run was writing. */
  async tidy(): Promise<void> {
    const folder = path.dirname(this.file)
    const leftover = new RegExp(`^${path.basename(this.file).replaceAll('.', '\\.')}\\.\\d+\\.tmp$`)
    const names = await readdir(folder).catch(() => [])
    for (const name of names) if (leftover.test(name)) await rm(path.join(folder, name), { force: true })
  }

  /** Keeps the state as it is now beside it, for the day on which the next run's goes bad. */
  async backup(): Promise<void> {
    await copyFile(this.file, backupOf(this.file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw notWritable(this.file, error)
    })
  }

  /** Nothing of the stack is left, so nothing of its state is. */
  async remove(): Promise<void> {
    await this.#last
    await rm(this.file, { force: true })
    await rm(backupOf(this.file), { force: true })
  }

  async #write(): Promise<void> {
    const state = this.#state
    const body = JSON.stringify({ ...state, sha256: seal(state) }, null, 1)
    const beside = `${this.file}.${process.pid}.tmp`
    try {
      await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 })
      const handle = await open(beside, 'w', 0o600)
      try {
        await handle.writeFile(body)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(beside, this.file)
      await syncFolder(path.dirname(this.file))
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined)
      throw notWritable(this.file, error as Error)
    }
  }
}

/** A rename is durable once its folder is; Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const notWritable = (file: string, cause: Error) =>
  new MultiregionError(
    'state',
    `The state file ${file} cannot be written: ${cause.message}`,
    'No call was made without its intent on disk. Make room or mend the permissions, then run the same command again.',
    EXIT.error,
    { file },
    { cause },
  )
