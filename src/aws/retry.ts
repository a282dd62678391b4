// How often a call that failed in passing is sent again, and after how long: full jitter, waits on the run's clock, so that
// they shrink with a scaled cloud and a simulation needs no timers. Patience beyond that is the engine's.
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types'
import type { Clock } from '../base/clock.js'
import type { World } from '../base/world.js'

/** Tries of a call that AWS answers with 5xx or a throttle: it is there, and one of so many goes through. */
export const MAX_ATTEMPTS = 8
/** Tries of a call that is not answered at all, as its region may be down; one that takes its whole timeout counts twice. */
const SILENT_ATTEMPTS = 4

// AWS: the SDKs' standard mode: 0.1 s doubled with each try, 0.5 s after a throttle, 20 s at most; and up to 5 s more
// where an answer's Retry-After asks for it.
const BASE_SECONDS = 0.1
const THROTTLED_SECONDS = 0.5
const LONGEST_SECONDS = 20
const HINTED_SECONDS = 5

export interface RetryWorld extends Pick<World, 'random' | 'date'> {
  readonly clock: Clock
}

/** Who did not answer a whole call, and where this client asks: a region, and one service of it. */
export interface Silence {
  readonly places: Set<string>
  readonly service: string
  readonly region: string
}

const placesOf = ({ service, region }: Silence) => [region, `${service} ${region}`]

export const isSilent = (silence: Silence): boolean =>
  placesOf(silence).some((place) => silence.places.has(place))

/**
 * For one client, which tries at most that often. `silence` is shared by all that ask the same places: what did not answer
 * a whole call keeps the next ones waiting for one timeout only, until it answers. Says no by rejecting, as the SDK wants it.
 */
export function retriesOn(
  { clock, random, date }: RetryWorld,
  attempts = MAX_ATTEMPTS,
  silence: Silence = { places: new Set(), service: '', region: '' },
): RetryStrategyV2 {
  const here = placesOf(silence)
  const answered = () => {
    for (const place of here) silence.places.delete(place)
  }
  return {
    acquireInitialRetryToken: async () => tokenOf(0, 0),
    async refreshRetryTokenForRetry(token, info) {
      const tries = token.getRetryCount() + 1
      const passes = info.errorType === 'THROTTLING' || info.errorType === 'TRANSIENT'
      const silent = silentOf(token) + silenceOf(info)
      if (isAnswered(info)) answered()
      else if (silent >= SILENT_ATTEMPTS) for (const place of here) silence.places.add(place)
      if (!passes || tries >= attempts || silent >= SILENT_ATTEMPTS) throw new Error('no more tries')
      const base = info.errorType === 'THROTTLING' ? THROTTLED_SECONDS : BASE_SECONDS
      const seconds = random() * Math.min(LONGEST_SECONDS, base * 2 ** token.getRetryCount())
      await clock.sleep(Math.max(seconds, Math.min(hinted(info), seconds + HINTED_SECONDS)))
      return tokenOf(tries, silent)
    },
    recordSuccess: answered,
  }

  function silenceOf(info: RetryErrorInfo): number {
    if (isAnswered(info)) return 0
    if (!isTimeout(info)) return 1
    return isSilent(silence) ? SILENT_ATTEMPTS : 2
  }

  /** Retry-After is in the server's seconds, which a scaled cloud does not scale. */
  function hinted({ retryAfterHint }: RetryErrorInfo): number {
    return retryAfterHint ? ((retryAfterHint.getTime() - date().getTime()) / 1000) * clock.scale : 0
  }
}

const isAnswered = ({ error }: RetryErrorInfo) =>
  (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode !== undefined

/** Of the wait for a connection or an answer; the SDK calls a connection that was cut a timeout, too. */
const isTimeout = ({ error }: RetryErrorInfo) => {
  const { name, code = 'ETIMEDOUT' } = (error ?? {}) as { name?: string; code?: string }
  return name === 'TimeoutError' && code === 'ETIMEDOUT'
}

interface Token extends RetryToken {
  /** Of the tries so far, those without an answer, a timeout twice. */
  readonly silent: number
}
const tokenOf = (count: number, silent: number): Token => ({
  getRetryCount: () => count,
  getRetryDelay: () => 0,
  silent,
})
const silentOf = (token: RetryToken) => (token as Token).silent
