// A clock that nobody waits for: when all work has come to rest, it jumps to the next sleeper. Only for work that waits
// on this clock and on promises; files and sockets are slower than its jumps.
import type { Clock } from '../src/base/clock.js'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export class FakeClock implements Clock {
  readonly scale = 1
  #now: number
  #sleepers: Sleeper[] = []
  #ticking = false

  constructor(start = 1_000_000) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  sleep(seconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const sleeper: Sleeper = { at: this.#now + seconds, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', stop)
      this.#tick()
    })
  }

  #tick(): void {
    if (this.#ticking) return
    this.#ticking = true
    // By then every promise that can settle without the clock has settled.
    setImmediate(() => {
      this.#ticking = false
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (a, b) => (a && a.at <= b.at ? a : b),
        undefined,
      )
      if (!next) return
      this.#sleepers = this.#sleepers.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
      this.#tick()
    })
  }
}
