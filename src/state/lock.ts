// The lock of one stack's state file: made whole or not at all, says who holds it, and is taken over only where its
// owner is provably gone: same machine, same boot, no such process. Another machine's is never taken.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { clockAt } from '../base/clock.js'
import { EXIT, LockedError, MultiregionError } from '../base/errors.js'

const ownerSchema = z.object({
  nonce: z.string(),
  host: z.string(),
  boot: z.string(),
  pid: z.number(),
  /** Tells a process from a later one of the same pid. */
  processStart: z.string(),
  user: z.string(),
  command: z.string(),
  /** ISO 8601. */
  since: z.string(),
})
type Owner = z.infer<typeof ownerSchema>

export interface Lock {
  release(): Promise<void>
}

const lockOf = (stateFile: string) => `${stateFile}.lock`

/** Throws LockedError (exit 4) naming the owner, MultiregionError where no lock can be made. */
export async function acquireLock(stateFile: string, command: string): Promise<Lock> {
  const file = lockOf(stateFile)
  try {
    return await take(file, command)
  } catch (error) {
    throw error instanceof MultiregionError ? error : notMade(file, error as Error)
  }
}

async function take(file: string, command: string): Promise<Lock> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const me: Owner = { nonce: randomUUID(), ...thisProcess(), command, since: new Date().toISOString() }
  const beside = `${file}.${me.nonce}`
  await writeFile(beside, JSON.stringify(me, null, 1), { mode: 0o600 })
  try {
    for (let tries = 0; tries < 5; tries++) {
      try {
        // A link is exclusive and arrives with its content; a reader never sees half a lock.
        await link(beside, file)
        return { release: () => removeIf(file, me.nonce) }
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error
      }
      const owner = await readOwner(file)
      if (owner && !isStale(owner)) throw heldBy(owner, file)
      if (owner) await removeIf(file, owner.nonce)
    }
    throw new LockedError(`The lock ${file} changes hands too fast.`, 'Run the same command again.', { file })
  } finally {
    await rm(beside, { force: true })
  }
}

/** Frees a lock by hand. Throws MultiregionError if there is none or the nonce is another's. */
export async function unlock(stateFile: string, nonce: string): Promise<void> {
  const file = lockOf(stateFile)
  const owner = await readOwner(file)
  if (!owner)
    throw new MultiregionError('not-locked', `No run holds ${stateFile}.`, 'Nothing to do; run your command.')
  if (owner.nonce !== nonce)
    throw new MultiregionError(
      'wrong-nonce',
      `The lock is held by ${describe(owner)}, under another nonce.`,
      `If that run is certainly dead: multiregion state unlock ${owner.nonce}`,
    )
  await removeIf(file, nonce)
}

async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw new MultiregionError(
      'lock',
      `The lock file ${file} is not readable as one: ${(error as Error).message}`,
      `If no other run is under way, remove ${file} by hand.`,
    )
  }
}

/**
 * Removes the lock of that nonce and no other. Removing is done by one process at a time: of several that found the same
 * dead owner, a slow one would else remove the lock that a quick one has taken since.
 */
async function removeIf(file: string, nonce: string): Promise<void> {
  await alone(`${file}.removing`, async () => {
    if ((await readOwner(file))?.nonce === nonce) await rm(file, { force: true })
  })
}

/** A removal takes milliseconds; what is older was left by a process that died in the middle of one. */
const LONGEST_REMOVAL_MS = 5_000

async function alone(claim: string, work: () => Promise<void>): Promise<void> {
  const clock = clockAt(1)
  for (;;) {
    try {
      await writeFile(claim, '', { flag: 'wx', mode: 0o600 })
      break
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
    }
    const since = await stat(claim).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    )
    if (Date.now() - since > LONGEST_REMOVAL_MS) await rm(claim, { force: true })
    else await clock.sleep(0.002)
  }
  try {
    await work()
  } finally {
    await rm(claim, { force: true })
  }
}

const isCode = (error: unknown, code: string) => (error as NodeJS.ErrnoException).code === code

const describe = (owner: Owner) =>
  `${owner.user}@${owner.host} (pid ${owner.pid}) running "${owner.command}" since ${owner.since}`

const heldBy = (owner: Owner, file: string) =>
  new LockedError(
    `Another run holds this stack: ${describe(owner)}.`,
    `Wait for it to end. If it is certainly dead: multiregion state unlock ${owner.nonce}`,
    { file, owner },
  )

const notMade = (file: string, cause: Error) =>
  new MultiregionError(
    'lock',
    `The lock ${file} cannot be made: ${cause.message}`,
    'Nothing was changed. Make room or mend the permissions of its folder, then run the same command again.',
    EXIT.error,
    { file },
    { cause },
  )

function thisProcess(): Pick<Owner, 'host' | 'boot' | 'pid' | 'processStart' | 'user'> {
  return {
    host: os.hostname(),
    boot: bootId(),
    pid: process.pid,
    processStart: startOf(process.pid) ?? '',
    user: userName(),
  }
}

function isStale(owner: Owner): boolean {
  if (owner.host !== os.hostname()) return false
  if (owner.boot !== bootId()) return true
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    return isCode(error, 'ESRCH')
  }
  const start = startOf(owner.pid)
  return start !== undefined && owner.processStart !== '' && start !== owner.processStart
}

/** Linux tells; elsewhere the pid alone must do, and a reused pid keeps the lock held until `state unlock`. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function userName(): string {
  try {
    return os.userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
