// A region that was named on the command line, and is none of the stack's.
import { UsageError } from '../base/errors.js'
import type { Config } from '../config/schema.js'

/** Told before anything is opened or called. `like` is a verb with its option, as an example. Throws UsageError. */
export function refuseUnknown({ regions }: Config, option: string, region: string, like: string): void {
  if (regions.some((known) => known === region)) return
  throw new UsageError(
    `${option} ${region} is no region of this stack, which has ${regions.join(', ')}`,
    `For example: multiregion ${like}`,
  )
}
