// Who holds a stack: written into every lock, of a file or of the shared state, and named to who is refused.
import { z } from 'zod'
import { LockedError, MultiregionError } from '../base/errors.js'
import type { World } from '../base/world.js'

export const ownerSchema = z.object({
  nonce: z.string().min(1),
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
export type Owner = z.infer<typeof ownerSchema>

/** This process, under a nonce of its own. */
export const newOwner = (command: string, { uuid, processes, date }: World): Owner => ({
  nonce: uuid(),
  ...processes.self(),
  command,
  since: date().toISOString(),
})

export const describeOwner = (owner: Owner) =>
  `${owner.user}@${owner.host} (pid ${owner.pid}) running "${owner.command}" since ${owner.since}`

/** Refuses a run while that one goes on; `data` tells which lock. */
export const heldBy = (owner: Owner, data: object) =>
  new LockedError(
    `Another run holds this stack: ${describeOwner(owner)}.`,
    `Wait for it to end. If it is certainly dead: multiregion state unlock ${owner.nonce}`,
    { ...data, owner },
  )

/** Throws MultiregionError unless the lock of that name is held under this nonce. */
export function refuseNonce(
  owner: Owner | undefined,
  nonce: string,
  lock: string,
  held: string,
): asserts owner is Owner {
  if (!owner)
    throw new MultiregionError('not-locked', `No run holds ${held}.`, 'Nothing to do; run your command.')
  if (owner.nonce === nonce) return
  throw new MultiregionError(
    'wrong-nonce',
    `${lock} is held by ${describeOwner(owner)}, under another nonce.`,
    `If that run is certainly dead: multiregion state unlock ${owner.nonce}`,
  )
}

/** Who can be seen to run on this machine is not certainly dead. Throws LockedError. */
export function refuseRunning(owner: Owner, { processes }: World): void {
  if (!processes.isRunning(owner)) return
  throw new LockedError(
    `It is held by a run that goes on here: ${describeOwner(owner)}.`,
    `Wait for it, or end it first: kill ${owner.pid}, or kill -9 ${owner.pid} if it hangs. The next run then takes the lock over by itself.`,
    { owner },
  )
}
