// The clock of the local cloud: real instants, and durations that run `scale` times as fast as the machine's.
// `world.ts` says what it promises.
import type { Clock } from './world.js'

// A timer of Node's that is longer fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's clock; `scale` virtual seconds pass in one real second. */
export function cloudClock(scale: number): Clock {
  const realMs = (virtualSeconds: number) => (virtualSeconds * 1000) / scale
  return {
    scale,
    now: () => Date.now(),
    after: (virtualSeconds) => Date.now() + realMs(virtualSeconds),
    since: (instant) => ((Date.now() - instant) / 1000) * scale,
    async sleep(virtualSeconds, signal) {
      const end = Date.now() + realMs(virtualSeconds)
      for (let left = end - Date.now(); left > 0 && !signal?.aborted; left = end - Date.now()) {
        await pause(Math.min(left, LONGEST_TIMER_MS), signal)
      }
    },
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
