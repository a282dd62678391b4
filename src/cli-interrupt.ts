// Ctrl-C, from the first line of a verb to its last: what it ends at once, what it lets finish, and when it waits no longer.
// What a session does about it is `commands/cut.ts`'s.
import { setMaxListeners } from 'node:events'
import { unlessCut } from './aws/silence.js'
import { CancelledError, EXIT } from './base/errors.js'
import type { Progress } from './ui/progress.js'

/** Ctrl-C, a polite kill, a terminal that is closed. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls are cut before, and so is what saves and unlocks: only something else can hang so long, as a disk may. */
const OVERDUE_SECONDS = 20

export interface Interrupt {
  readonly signal: AbortSignal
  /** Rejects where the run has not ended long after the signal. */
  readonly overdue: Promise<never>
  stop(): void
}

/** The first Ctrl-C lets calls under way finish, for some seconds, and saves; the second ends at once. */
export function onInterrupt(progress: Progress): Interrupt {
  const controller = new AbortController()
  // Every node that waits listens.
  setMaxListeners(0, controller.signal)
  const leave = () => process.exit(EXIT.interrupted)
  const interrupted = () => {
    if (controller.signal.aborted) leave()
    progress.emit({
      type: 'run.noted',
      text: 'interrupted; finishing what is under way (once more to leave at once)',
    })
    controller.abort(new CancelledError())
  }
  const overdue = new Promise<never>((_, reject) => {
    const wait = () => setTimeout(() => reject(left()), OVERDUE_SECONDS * 1000).unref()
    controller.signal.addEventListener('abort', wait, { once: true })
  })
  for (const name of ENDINGS) process.on(name, interrupted)
  return {
    signal: controller.signal,
    overdue,
    stop: () => {
      for (const name of ENDINGS) process.off(name, interrupted)
    },
  }
}

const left = () =>
  new CancelledError(
    `Interrupted, and left at once: something did not end within ${OVERDUE_SECONDS} s. What was saved until then is kept.`,
    'Run the same command again, on this machine: it takes over the lock that may have stayed.',
  )

/** For what may be left alone at once. */
export const unlessInterrupted = <T>(work: Promise<T>, { signal }: Interrupt): Promise<T> =>
  unlessCut(work, signal)
