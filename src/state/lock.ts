// The lock of one stack's state file: made whole or not at all, says who holds it, and is taken over only where its
// owner is provably gone: same machine, same boot, no such process. Another machine's is never taken.
import path from 'node:path'
import { EXIT, LockedError, MultiregionError } from '../base/errors.js'
import { machine, type World } from '../base/world.js'
import {
  describeOwner,
  heldBy,
  newOwner,
  type Owner,
  ownerSchema,
  refuseNonce,
  refuseRunning,
} from './owner.js'
import { remedyFor } from './remedy.js'

export interface Lock {
  /** Throws LockedError where somebody has freed it: another run may have it by now. */
  check(): Promise<void>
  release(): Promise<void>
}

const lockOf = (stateFile: string) => `${stateFile}.lock`

/** Throws LockedError (exit 4) naming the owner, MultiregionError where no lock can be made. */
export async function acquireLock(stateFile: string, command: string, world: World = machine): Promise<Lock> {
  const file = lockOf(stateFile)
  try {
    return await take(file, command, world)
  } catch (error) {
    throw error instanceof MultiregionError ? error : notMade(file, error as Error)
  }
}

async function take(file: string, command: string, world: World): Promise<Lock> {
  const { files, processes } = world
  await files.makeFolder(path.dirname(file))
  const me = newOwner(command, world)
  const beside = `${file}.${me.nonce}`
  await files.writeFile(beside, JSON.stringify(me, null, 1))
  try {
    // Else a power cut may leave the name without its content, and nobody could tell whose it was.
    await files.sync(beside)
    for (let tries = 0; tries < 5; tries++) {
      try {
        // A link is exclusive and arrives with its content; a reader never sees half a lock.
        await files.link(beside, file)
        return {
          check: () => refuseLost(file, me, world),
          release: () => removeIf(file, me.nonce, world),
        }
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error
      }
      const owner = await readOwner(file, world)
      if (owner && !processes.isGone(owner)) throw heldBy(owner, { file })
      if (owner) await removeIf(file, owner.nonce, world)
    }
    throw new LockedError(`The lock ${file} changes hands too fast.`, 'Run the same command again.', { file })
  } finally {
    await files.remove(beside)
  }
}

async function refuseLost(file: string, { nonce }: Owner, world: World): Promise<void> {
  const owner = await readOwner(file, world)
  if (owner?.nonce === nonce) return
  const by = owner ? `${describeOwner(owner)} has it now` : 'it was freed by hand, or its folder removed'
  throw new LockedError(
    `This run has lost the lock ${file}: ${by}.`,
    'What was done until then is saved. When no other run is under way, run the same command again.',
    { file, ...(owner && { owner }) },
  )
}

/** Frees a lock by hand. Throws MultiregionError if there is none, the nonce is another's, or its run goes on. */
export async function unlock(stateFile: string, nonce: string, world: World = machine): Promise<void> {
  const file = lockOf(stateFile)
  const owner = await readOwner(file, world)
  refuseNonce(owner, nonce, 'The lock', stateFile)
  refuseRunning(owner, world)
  await removeIf(file, nonce, world)
}

async function readOwner(file: string, { files }: World): Promise<Owner | undefined> {
  let found: unknown
  try {
    found = JSON.parse(await files.readFile(file))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw unreadable(file, (error as Error).message)
  }
  const { success, data, error } = ownerSchema.safeParse(found)
  if (success) return data
  const [issue] = error.issues
  throw unreadable(
    file,
    issue?.path.length ? `it has no ${issue.path.join('.')} as a lock has it` : 'it names no owner',
  )
}

const unreadable = (file: string, why: string) =>
  new MultiregionError(
    'lock',
    `The lock file ${file} is not readable as one: ${why}`,
    `If no other run is under way, remove ${file} by hand.`,
  )

/**
 * Removes the lock of that nonce and no other. Removing is done by one process at a time: of several that found the same
 * dead owner, a slow one would else remove the lock that a quick one has taken since.
 */
async function removeIf(file: string, nonce: string, world: World): Promise<void> {
  try {
    await alone(`${file}.removing`, world, async () => {
      if ((await readOwner(file, world))?.nonce === nonce) await world.files.remove(file)
    })
  } catch (error) {
    throw error instanceof MultiregionError ? error : notRemoved(file, error as Error)
  }
}

/** A removal takes milliseconds; what is older was left by a process that died in the middle of one. */
const LONGEST_REMOVAL_MS = 5_000

async function alone(claim: string, world: World, work: () => Promise<void>): Promise<void> {
  const { files, clock } = world
  for (;;) {
    try {
      await files.writeFile(claim, '', { exclusive: true })
      break
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
    }
    const now = () => world.date().getTime()
    const since = await files.modifiedAt(claim).catch(now)
    if (now() - since > LONGEST_REMOVAL_MS) await files.remove(claim)
    else await clock.sleep(0.002 * clock.scale)
  }
  try {
    await work()
  } finally {
    await files.remove(claim)
  }
}

const isCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code

const notMade = (file: string, cause: Error) =>
  new MultiregionError(
    'lock',
    `The lock ${file} cannot be made: ${cause.message}`,
    `Nothing was changed. ${remedyFor(cause, file)}`,
    EXIT.error,
    { file },
    { cause },
  )

const notRemoved = (file: string, cause: Error) =>
  new MultiregionError(
    'lock',
    `The lock ${file} cannot be removed: ${cause.message}`,
    `What was done is saved. If no other run is under way, remove ${file} and ${file}.removing by hand.`,
    EXIT.error,
    { file },
    { cause },
  )
