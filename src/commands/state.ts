// `state show` and `state unlock`: what the state says, and freeing the lock of a run that is certainly dead. For a file
// they make no call; a shared state is asked for in its table. `rebuild.ts` makes a state anew, `takeover.ts` moves its home.
import { MultiregionError } from '../base/errors.js'
import type { Emit } from '../base/events.js'
import { machine, type World } from '../base/world.js'
import type { Config } from '../config/schema.js'
import { lookAround } from '../state/control-table.js'
import { readState } from '../state/file.js'
import { unlockLease } from '../state/lease.js'
import { unlock } from '../state/lock.js'
import { readPointer } from '../state/pointer.js'
import { goneShare } from './lost.js'
import { openPlace, tableOf } from './place.js'
import { SCHEMA_VERSION, type ShowResult, type UnlockResult } from './result.js'
import { whoAmI } from './session.js'
import { stateFileOf, type Target } from './target.js'

/** Makes no call. Throws MultiregionError if the state is damaged or newer than this version. */
export async function stateShow(config: Config, local: boolean, world?: World): Promise<ShowResult> {
  const file = stateFileOf(config, local)
  const state = (await readState(file, world)) ?? null
  return { schemaVersion: SCHEMA_VERSION, verb: 'state show', stack: config.stack, file, state }
}

/**
 * Makes no call. It needs the nonce that the refusal printed, so nobody frees a lock that has changed hands meanwhile.
 * Throws MultiregionError if there is no lock or the nonce is another's.
 */
export async function stateUnlock(
  config: Config,
  local: boolean,
  nonce: string,
  world?: World,
): Promise<UnlockResult> {
  await unlock(stateFileOf(config, local), nonce, world)
  return { schemaVersion: SCHEMA_VERSION, verb: 'state unlock', stack: config.stack, unlocked: nonce }
}

/** True if the state is to be looked for in the control table, too. */
export async function isShared(config: Config, local: boolean, world: World = machine): Promise<boolean> {
  if (config.state.backend === 'global-table') return true
  return (await readPointer(stateFileOf(config, local), world)) !== undefined
}

/** The state as it counts, wherever it is. Reads only. */
export async function sharedShow(config: Config, target: Target, emit: Emit): Promise<ShowResult> {
  const caller = await whoAmI(config, target)
  const reading = { anew: false, detachable: true, onLost: () => undefined }
  const { state, fresh, shared } = await openPlace({ ...reading, ...caller, config, target, emit })
  const gone = goneShare({ config, fresh, shared })
  return {
    schemaVersion: SCHEMA_VERSION,
    verb: 'state show',
    stack: config.stack,
    file: state.where,
    state: fresh ? null : state.read(),
    ...(gone && { gone }),
  }
}

/** The lease with that nonce, or this machine's own lock. Throws MultiregionError as `stateUnlock` does. */
export async function sharedUnlock(config: Config, target: Target, nonce: string): Promise<UnlockResult> {
  const table = tableOf(config, target)
  const unlocked = {
    schemaVersion: SCHEMA_VERSION,
    verb: 'state unlock',
    stack: config.stack,
    unlocked: nonce,
  } as const
  const term = (await lookAround(table, config.regions)).terms.at(-1)
  const refused = term && (await refusal(unlockLease(table, term, nonce, target.world)))
  if (term && !refused) return unlocked
  const refusedToo = await refusal(unlock(target.stateFile, nonce, target.world))
  if (!refusedToo) return unlocked
  throw refusedToo.code === 'wrong-nonce' || !refused ? refusedToo : refused
}

/** What says that the lock is not of that nonce. */
async function refusal(work: Promise<void>): Promise<MultiregionError | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof MultiregionError && ['not-locked', 'wrong-nonce'].includes(error.code)) return error
    throw error
  }
}
