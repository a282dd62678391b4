// Opens the local cloud for the verbs: the one place that knows where a project keeps it and how it is started. The cloud
// is behind `local/door.ts`, which is loaded when a verb needs it.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { EXIT, MultiregionError } from './base/errors.js'
import type { Emit } from './base/events.js'
import type { LocalCloud } from './commands/target.js'
import type { Config } from './config/schema.js'
import type { DaemonOptions, RunningCloud } from './local/door.js'
import { version } from './version.js'

/** What an operator may ask for at the start; it stays so until asked for anew. */
export type StartWish = Pick<DaemonOptions, 'profile' | 'scale' | 'enforceIam' | 'seed' | 'policy'>

type Door = typeof import('./local/door.js')

/** The door's functions, whose refusals are errors of ours. */
export async function throughDoor<T>(work: (door: Door) => Promise<T>): Promise<T> {
  const door = await import('./local/door.js')
  try {
    return await work(door)
  } catch (error) {
    if (!(error instanceof door.LocalFailure)) throw error
    const { code, message, hint, data } = error
    const exit = code === 'fault-refused' ? EXIT.usage : EXIT.error
    throw new MultiregionError(code, message, hint, exit, data, { cause: error })
  }
}

/** Without reading the config: the project root is the folder above the config's. */
export const dataDirOf = (configFile: string) =>
  path.join(path.dirname(path.dirname(path.resolve(configFile))), '.multiregion', 'local', 'cloud')

/** The running cloud of this project, started if it is not. Throws MultiregionError if it does not come up. */
export async function ensureLocal(config: Config, wish: StartWish = {}): Promise<RunningCloud & LocalCloud> {
  const zone = config.domain.split('.').slice(1).join('.')
  const { regions, domain } = config
  const running = () =>
    throughDoor(({ ensure }) =>
      ensure(dataDirOf(config.file), { ...wish, regions, domain, zone, version: version() }),
    )
  return { ...(await running()), regionsNow: async () => (await running()).regions }
}

/** A state outlives its cloud when somebody removes the cloud's folder: nothing is wrong with that, but it is said. */
export function noteLostCloud({ fresh }: RunningCloud, stateFile: string, emit: Emit): void {
  if (!fresh || !existsSync(stateFile)) return
  const text =
    'The data of the local cloud are gone, the state of the stack is not: what it names is made again. ' +
    'To begin without it: multiregion local reset'
  emit({ type: 'run.noted', text })
}
