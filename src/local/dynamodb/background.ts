// Work that goes on by itself, beside the calls, until it is done or the service closes.
// What it is, is said by those who start it: `backfill.ts`, `expiry.ts`.
import type { World } from '../world.js'

export interface Background {
  /** Starts the work; when it fails it is begun again after a short while. */
  untilDone(what: string, work: (signal: AbortSignal) => Promise<void>): void
  /** Aborts all work and resolves when it has ended. */
  close(): Promise<void>
}

const RETRY_REAL_SECONDS = 0.2

export function createBackground({ clock, log }: Pick<World, 'clock' | 'log'>): Background {
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()
  const { signal } = stopping

  async function persist(what: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        return await work(signal)
      } catch (error) {
        log(`dynamodb: ${what} failed and is tried again: ${error instanceof Error ? error.message : error}`)
        await clock.sleep(RETRY_REAL_SECONDS * clock.scale, signal)
      }
    }
  }

  return {
    untilDone(what, work) {
      const end = persist(what, work).finally(() => running.delete(end))
      running.add(end)
    },
    async close() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}
