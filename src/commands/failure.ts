// One error for a run in which several nodes failed: all are told, the exit says that the rest is done and saved.
import {
  CancelledError,
  EXIT,
  type Exit,
  LockedError,
  MultiregionError,
  PartialError,
} from '../base/errors.js'
import { wayOutOfAll } from '../engine/refusal.js'
import { silentIn, untilAnswered } from '../engine/runner.js'

/** Of an error at an address, what is wrong there. */
export const reasonOf = ({ message, data }: MultiregionError) => message.replace(`${data.address}: `, '')

/** Interrupted wins over failed, and so does a lease that another has by now. A single failure keeps its own words and hint. */
export function failWith(
  all: readonly MultiregionError[],
  verb: string,
  exit: Exit = EXIT.partial,
): MultiregionError {
  // What stopped all of them is told once.
  const errors = [...new Map(all.map((error) => [error.message, error])).values()]
  const cancelled = errors.filter((error) => error instanceof CancelledError)
  const interrupted = cancelled.find(({ data }) => data.unsaved) ?? cancelled[0]
  const overtaken = errors.find((error) => error instanceof LockedError)
  if (interrupted ?? overtaken) return (interrupted ?? overtaken)!
  const [first] = errors
  const data = {
    address: first!.data.address,
    errors: errors.map(({ code, message, hint, data }) => ({ code, message, hint, address: data.address })),
  }
  const silent = silentAmong(errors)
  const message =
    errors.length === 1
      ? first!.message
      : `${errors.length} things failed${silent ? `; ${silent} did not answer` : ''}:\n${errors.map((error) => `  - ${error.message}`).join('\n')}`
  const isPartial = exit === EXIT.partial
  const saved = errors.length > 1 && isPartial ? 'What is done is saved. ' : ''
  const loud = errors.find((error) => !silentIn(error))
  const later = `${untilAnswered(silent)} Then run multiregion ${verb} again: it goes on from here.`
  // Last, as a hint may end with what is to be typed.
  const hint = saved + (wayOutOfAll(errors) ?? loud?.hint ?? later)
  if (isPartial) return new PartialError(message, hint, data)
  return new MultiregionError(first!.code, message, hint, exit, data)
}

/** Who did not answer: a service, or the region where several of them did not. */
function silentAmong(errors: readonly MultiregionError[]): string {
  const services = new Map<string, Set<string>>()
  for (const error of errors) {
    const call = silentIn(error)
    if (call) services.set(call.region, (services.get(call.region) ?? new Set()).add(call.service))
  }
  const places = [...services].map(([region, of]) => (of.size > 1 ? region : `${[...of]} in ${region}`))
  return places.join(' and ')
}
