// `state unlock`: frees the lock of a run that is certainly dead. It needs the nonce that the refusal printed, so nobody
// frees a lock that has changed hands meanwhile.
import path from 'node:path'
import type { Config } from '../config/schema.js'
import { unlock } from '../state/lock.js'
import { SCHEMA_VERSION, type UnlockResult } from './result.js'

/** Makes no call. Throws MultiregionError if there is no lock or the nonce is another's. */
export async function stateUnlock(config: Config, local: boolean, nonce: string): Promise<UnlockResult> {
  const folder = path.join(config.root, '.multiregion', ...(local ? ['local'] : []))
  await unlock(path.join(folder, `${config.stack}.json`), nonce)
  return { schemaVersion: SCHEMA_VERSION, verb: 'state unlock', stack: config.stack, unlocked: nonce }
}
