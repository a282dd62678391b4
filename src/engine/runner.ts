// What every part of the engine is handed: the world it acts in, and three small helpers that keep the loops readable.
import type { Context } from '../aws/context.js'
import { callOf, type ErrorKind, type FailedCall, kindOf, outcomeOf, permissionHint } from '../aws/errors.js'
import type { Clock } from '../base/clock.js'
import { CancelledError, CloudError, MultiregionError } from '../base/errors.js'
import type { Emit } from '../base/events.js'
import type { Env } from './env.js'
import type { Node } from './graph.js'
import type { Ledger } from './ledger.js'

export interface Run {
  readonly clock: Clock
  /** 0 <= x < 1. */
  random(): number
  readonly ledger: Ledger
  readonly env: Env
  readonly emit: Emit
  /** Aborts on Ctrl-C, or when the lease is lost: nothing new starts, what is under way finishes. */
  readonly signal: AbortSignal
  /** Addresses of what is taken over where it stands and is not ours. */
  readonly adopts?: ReadonlySet<string>
  /** With `once`, its clients send nothing a second time. */
  context(node: Node, token: string, once?: boolean): Context
  /** At most so many looks and moves at once; a node that sleeps holds no place. */
  limit<T>(work: () => Promise<T>): Promise<T>
  /** The steps that stand once at a time queue up here. */
  turn<T>(kind: string, work: () => Promise<T>): Promise<T>
}

const cancelled = ({ signal }: Run) =>
  signal.reason instanceof MultiregionError ? signal.reason : new CancelledError()

/** Throws what Ctrl-C or a lost lease asks for, before anything new starts. */
export function checkpoint(run: Run): void {
  if (run.signal.aborted) throw cancelled(run)
}

export async function sleep(run: Run, seconds: number): Promise<void> {
  try {
    await run.clock.sleep(seconds, run.signal)
  } catch {
    throw cancelled(run)
  }
}

/** One look or move when its place is free; none starts after Ctrl-C. */
export function act<T>(run: Run, work: () => Promise<T>): Promise<T> {
  return run.limit(async () => {
    checkpoint(run)
    return work()
  })
}

/** At most `places` of them run at once, in the order in which they came. */
export function limiter(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = places
  return async (work) => {
    if (free === 0) await new Promise<void>((go) => waiting.push(go))
    else free--
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** One queue per kind. */
export function turns(): Run['turn'] {
  const queues = new Map<string, ReturnType<typeof limiter>>()
  return (kind, work) => {
    const queue = queues.get(kind) ?? limiter(1)
    queues.set(kind, queue)
    return queue(work)
  }
}

/** True for what passes by itself: AWS is busy, throttles, is down for a moment, or its answer was lost. */
export function passes(error: unknown, node: Node): error is Error {
  const waits: readonly ErrorKind[] = ['busy', 'throttled', 'unavailable', 'lost-answer']
  return waits.includes(kindOf(error)) || (error instanceof Error && node.step.transient?.(error) === true)
}

/** The call that was not answered, where that is why. */
export const silentIn = ({ cause }: MultiregionError): FailedCall | undefined =>
  kindOf(cause) === 'unavailable' ? callOf(cause) : undefined

/** `places`: a region, or a service in it. */
export const untilAnswered = (places: string) =>
  `Wait until ${places} can be reached again; multiregion status tells who serves meanwhile.`

/** The one place that turns an error of the SDK into ours, with the address that no step knows. */
export function explain(error: unknown, node: Node): MultiregionError {
  if (error instanceof MultiregionError) return error
  const call = callOf(error)
  if (!call) throw error
  return new CloudError(
    `${node.address}: ${outcomeOf(call, kindOf(error))}`,
    hintFor(
      kindOf(error),
      call,
      'See what is there with multiregion plan, mend the cause, then run the same command again.',
    ),
    { address: node.address, ...call },
    error,
  )
}

/** What to do about a call that failed; `otherwise` where its kind does not tell. */
export function hintFor(kind: ErrorKind, call: FailedCall, otherwise: string): string {
  if (kind === 'denied') return `${permissionHint(call)} Then run the same command again.`
  if (kind === 'credentials')
    return 'Renew the credentials (for example: aws sso login), then run the same command again.'
  if (kind === 'unavailable')
    return `${untilAnswered(`${call.service} in ${call.region}`)} Then run the same command again.`
  if (kind === 'unsupported')
    return `The endpoint does not know ${call.operation}. Against another emulator than multiregion's own, use one that has it, or --local.`
  return otherwise
}
