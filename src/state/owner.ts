// Who holds a stack: written into every lock, of a file or of the shared state, and named to who is refused.
import { z } from 'zod'
import type { World } from '../base/world.js'

export const ownerSchema = z.object({
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
