// Opens the local cloud for the verbs: the one place that knows where a project keeps it and how it is started. The cloud
// is behind `local/door.ts`, which is loaded when a verb needs it.
import path from 'node:path'
import { MultiregionError } from './base/errors.js'
import type { Config } from './config/schema.js'
import type { Profile, RunningCloud } from './local/door.js'

/** One real second is 20 of the cloud's: brings the article up within a minute. */
const DEFAULT_SCALE = 20
/** `instant` has no waits but the checkers' intervals. */
const INSTANT_SCALE = 60

export const door = () => import('./local/door.js')

/** Without reading the config: the project root is the folder above the config's. */
export const dataDirOf = (configFile: string) =>
  path.join(path.dirname(path.dirname(path.resolve(configFile))), '.multiregion', 'local', 'cloud')

/** The running cloud of this project, started if it is not. Throws MultiregionError if it does not come up. */
export async function ensureLocal(
  config: Config,
  wish: { readonly profile?: Profile; readonly timeScale?: number } = {},
): Promise<RunningCloud> {
  const { ensure } = await door()
  const profile = wish.profile ?? 'realistic'
  const scale = wish.timeScale ?? (profile === 'instant' ? INSTANT_SCALE : DEFAULT_SCALE)
  const zone = config.domain.split('.').slice(1).join('.')
  const { regions, domain } = config
  try {
    return await ensure(dataDirOf(config.file), { profile, scale, regions, domain, zone })
  } catch (error) {
    throw new MultiregionError(
      'local-cloud',
      `The local cloud does not come up: ${(error as Error).message}`,
      'If its data is damaged, multiregion local reset begins anew.',
    )
  }
}
