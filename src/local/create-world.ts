// Builds the world that the local services stand on. What a world is says `world.ts`; how long things take, `profile.ts`.
import { cloudClock } from './clock.js'
import { type Profile, rangeOf, type Takes } from './profile.js'
import { seededRandom, seedOf } from './random.js'
import { memoryStore } from './store.js'
import type { Clock, Store, World } from './world.js'

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
  /** Default: the machine's clock at `scale`. */
  readonly clock?: Clock
  /** Where in its range each duration falls, 0 to 1. Default: seeded, each kind of duration with a sequence of its own. */
  readonly jitter?: (what: Takes) => number
  /** Default: a store that is gone with the process. */
  readonly store?: Store
  /** Default: nothing is logged. */
  readonly log?: (line: string) => void
}

export function createWorld(options: WorldOptions): World {
  const { dataDir, scale, profile, seed, store = memoryStore(), log = () => {} } = options
  const jitter = options.jitter ?? seededJitter(seed)
  return {
    account: LOCAL_ACCOUNT,
    clock: options.clock ?? cloudClock(scale),
    profile,
    random: seededRandom(seed),
    takes(what) {
      const [least, most] = rangeOf(profile, what)
      return least + jitter(what) * (most - least)
    },
    store,
    dataDir,
    log,
  }
}

/** The n-th duration of a kind is the same in every run of a seed, whatever else happens between. */
function seededJitter(seed: number): (what: Takes) => number {
  const sequences = new Map<Takes, () => number>()
  return (what) => {
    const sequence = sequences.get(what) ?? seededRandom(seedOf(seed, what))
    sequences.set(what, sequence)
    return sequence()
  }
}
