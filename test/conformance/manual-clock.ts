// A clock of the local cloud that moves only when a test says so: waits are exact and cost nothing. Who sleeps on it is
// woken in order.
import type { Clock } from '../../src/local/world.js'

// A virtual second is half a millisecond: exact in floating point, and three days stay within the skew of signatures.
const SCALE = 2000

export interface ManualClock extends Clock {
  /** Lets that many virtual seconds pass; resolves when those who were woken have had their turn. */
  pass(virtualSeconds: number): Promise<void>
}

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

export function manualClock(): ManualClock {
  const start = Date.now()
  const sleepers = new Set<Sleeper>()
  let passed = 0
  const now = () => start + (passed * 1000) / SCALE

  const nextUntil = (limit: number): Sleeper | undefined =>
    [...sleepers]
      .filter(({ until }) => until <= limit)
      .reduce<Sleeper | undefined>((a, b) => (a && a.until <= b.until ? a : b), undefined)

  return {
    scale: SCALE,
    now,
    after: (virtualSeconds) => now() + (virtualSeconds * 1000) / SCALE,
    since: (instant) => ((now() - instant) / 1000) * SCALE,
    sleep(virtualSeconds, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted || virtualSeconds <= 0) return resolve()
        const wake = () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const sleeper: Sleeper = { until: passed + virtualSeconds, wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', wake, { once: true })
      })
    },
    async pass(virtualSeconds) {
      const end = passed + virtualSeconds
      for (let next = nextUntil(end); next; next = nextUntil(end)) {
        passed = Math.max(passed, next.until)
        next.wake()
        await turns()
      }
      passed = end
      await turns()
    },
  }
}

/** Some turns of the event loop, for work that is only promises and quick files. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
