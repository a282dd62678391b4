// `state show` and `state unlock`: what the state file says, and freeing the lock of a run that is certainly dead. Both
// work on files alone. `rebuild.ts` makes a state anew.
import path from 'node:path'
import type { Config } from '../config/schema.js'
import { readState } from '../state/file.js'
import { unlock } from '../state/lock.js'
import { SCHEMA_VERSION, type ShowResult, type UnlockResult } from './result.js'

const fileOf = ({ root, stack }: Config, local: boolean) =>
  path.join(root, '.multiregion', ...(local ? ['local'] : []), `${stack}.json`)

/** Makes no call. Throws MultiregionError if the state is damaged or newer than this version. */
export async function stateShow(config: Config, local: boolean): Promise<ShowResult> {
  const file = fileOf(config, local)
  const state = (await readState(file)) ?? null
  return { schemaVersion: SCHEMA_VERSION, verb: 'state show', stack: config.stack, file, state }
}

/**
 * Makes no call. It needs the nonce that the refusal printed, so nobody frees a lock that has changed hands meanwhile.
 * Throws MultiregionError if there is no lock or the nonce is another's.
 */
export async function stateUnlock(config: Config, local: boolean, nonce: string): Promise<UnlockResult> {
  await unlock(fileOf(config, local), nonce)
  return { schemaVersion: SCHEMA_VERSION, verb: 'state unlock', stack: config.stack, unlocked: nonce }
}
