// Builds the world that the local services stand on. What a world is says `world.ts`; how long things take, `profile.ts`.
import { cloudClock } from './clock.js'
import { type Profile, rangeOf } from './profile.js'
import { seededRandom } from './random.js'
import { memoryStore } from './store.js'
import type { Store, World } from './world.js'

/** The local account: no real account has this number. */
export const LOCAL_ACCOUNT = '000000000000'

export interface WorldOptions {
  /** Folder of this cloud's data; the caller makes it. */
  readonly dataDir: string
  /** Virtual seconds in one real second. */
  readonly scale: number
  readonly profile: Profile
  /** The same seed gives the same jitter. */
  readonly seed: number
  /** Default: a store that is gone with the process. */
  readonly store?: Store
  /** Default: nothing is logged. */
  readonly log?: (line: string) => void
}

export function createWorld(options: WorldOptions): World {
  const { dataDir, scale, profile, seed, store = memoryStore(), log = () => {} } = options
  const random = seededRandom(seed)
  return {
    account: LOCAL_ACCOUNT,
    clock: cloudClock(scale),
    profile,
    random,
    takes(what) {
      const [least, most] = rangeOf(profile, what)
      return least + random() * (most - least)
    },
    store,
    dataDir,
    log,
  }
}
