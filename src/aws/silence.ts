// Of regions that keep us waiting: who does is told while he does, as a call into a black hole would be a minute of silence
// otherwise; and how long is waited.
import type { Clock } from '../base/clock.js'
import type { Emit } from '../base/events.js'

/** Real seconds; an answer of AWS's control planes takes hardly more than one. */
const SILENT_SECONDS = 4

/** Real seconds that a read gets where a whole call was not answered: a walk through a region that hangs asks many. */
const PATIENT_SECONDS = 10

/** Ends a wait. Made once: an `abort()` without a reason makes an exception with a stack, at each call. */
const ANSWERED = new Error('answered')

/** The attempt's end, or a timeout as the SDK's own. */
export async function impatient<T>(attempt: Promise<T>, clock: Clock): Promise<T> {
  const answered = new AbortController()
  const late = clock.sleep(PATIENT_SECONDS * clock.scale, answered.signal).then(() => {
    const message = `no answer within ${PATIENT_SECONDS} s, after a call without any`
    throw Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' })
  })
  try {
    return await Promise.race([attempt, late])
  } finally {
    answered.abort(ANSWERED)
    late.catch(() => undefined)
    attempt.catch(() => undefined)
  }
}

/** The work's end, or what the signal aborts with; nobody hears how work ends that was left alone. */
export function unlessCut<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Waits for one attempt of a call. The first of each region that is not answered in time is told. */
export type Listening = <T>(call: string, region: string, attempt: Promise<T>) => Promise<T>

export function listening(clock: Clock, emit: Emit): Listening {
  const told = new Set<string>()
  return async (call, region, attempt) => {
    if (told.has(region)) return attempt
    const answered = new AbortController()
    const tell = () => {
      if (told.has(region)) return
      told.add(region)
      const text = `${region} has not answered ${call} for ${SILENT_SECONDS} s; it is waited for, and asked again`
      emit({ type: 'run.noted', text })
    }
    void clock.sleep(SILENT_SECONDS * clock.scale, answered.signal).then(tell, () => undefined)
    try {
      return await attempt
    } finally {
      answered.abort(ANSWERED)
    }
  }
}
