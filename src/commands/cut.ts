// How long an interrupted run still waits for its calls: the engine starts nothing new, what is under way gets some time to
// be answered, and the state a little more to be saved and unlocked. So a region that hangs keeps no run from its end.
import { setMaxListeners } from 'node:events'
import type { Clock } from '../base/clock.js'
import { CancelledError, MultiregionError } from '../base/errors.js'
import { OWN_CALLS } from '../state/lease.js'

/** Real seconds after Ctrl-C. */
const CALLS_SECONDS = 10
const STATE_SECONDS = 15

/** Of each call the signal that it is no longer waited for. */
export function cutAfter(interrupted: AbortSignal, clock: Clock): (call: string) => AbortSignal {
  const calls = new AbortController()
  const saves = new AbortController()
  for (const { signal } of [calls, saves]) setMaxListeners(0, signal)
  const begin = () => {
    const { reason } = interrupted
    const error = reason instanceof MultiregionError ? reason : new CancelledError()
    void clock.sleep(CALLS_SECONDS * clock.scale).then(() => calls.abort(error))
    void clock.sleep(STATE_SECONDS * clock.scale).then(() => saves.abort(unsaved()))
  }
  if (interrupted.aborted) begin()
  else interrupted.addEventListener('abort', begin, { once: true })
  return (call) => (OWN_CALLS.has(call) ? saves : calls).signal
}

const unsaved = () =>
  new CancelledError(
    'Interrupted; the home of the shared state did not answer, so what was done last may not be saved.',
    'Run the same command again to go on from here: it looks for what the state does not know.',
    { unsaved: true },
  )
