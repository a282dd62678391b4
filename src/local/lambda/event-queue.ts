// Invocations of type Event: kept before they are answered, run afterwards, and tried again as AWS does. What waits
// goes on after a restart; what was running is run again. Running one is invoke.ts's.
import { randomUUID } from 'node:crypto'
import { AwsError } from '../wire/errors.js'
import type { Collection, World } from '../world.js'
import type { InvocationRequest, Outcome } from './execution-environment.js'
import type { FunctionRecord } from './function.js'

// AWS: lambda/latest/dg/invocation-async-error-handling, in virtual seconds.
const RETRY_AFTER = [60, 120]
const THROTTLED_FIRST = 1
const THROTTLED_MOST = 300
const MAX_AGE = 6 * 3600

interface EventRecord {
  readonly region: string
  readonly name: string
  readonly request: InvocationRequest
  /** Epoch milliseconds. */
  readonly addedAt: number
  /** The instant of its next attempt. */
  readonly dueAt: number
  /** Attempts that ended in the function's error. */
  readonly failures: number
  /** Virtual seconds until the next attempt, should Lambda itself refuse this one. */
  readonly throttledWait: number
}

export class EventQueue {
  private readonly closing = new AbortController()
  private readonly events: Collection<EventRecord>

  /** `find` gives a function as it is now, `run` runs it. */
  constructor(
    private readonly world: World,
    private readonly find: (region: string, name: string) => FunctionRecord | undefined,
    private readonly run: (fn: FunctionRecord, request: InvocationRequest) => Promise<Outcome>,
  ) {
    this.events = world.store.collection('lambda.event')
  }

  /** Goes on with the events that an earlier process has left. */
  start(): void {
    for (const id of this.events.keys()) this.deliver(id)
  }

  /** Keeps an event; it survives once the store is flushed. */
  add({ region, name }: FunctionRecord, request: InvocationRequest): void {
    const now = this.world.clock.now()
    const id = randomUUID()
    const waits = { addedAt: now, dueAt: now, failures: 0, throttledWait: THROTTLED_FIRST }
    this.events.set(id, { region, name, request, ...waits })
    this.deliver(id)
  }

  /** Starts no more attempts; what is not done stays kept. */
  close(): void {
    this.closing.abort()
  }

  private deliver(id: string): void {
    this.deliverAll(id).catch((error) => this.world.log(`lambda event ${id} broke: ${String(error)}`))
  }

  /** Makes attempts until the event is done, dropped, or this process ends. */
  private async deliverAll(id: string): Promise<void> {
    const { clock } = this.world
    const { signal } = this.closing
    for (let event = this.events.get(id); event; event = this.events.get(id)) {
      await clock.sleep(-clock.since(event.dueAt), signal)
      if (signal.aborted) return
      const next = await this.afterAttempt(event)
      // An attempt that the end of this process has cut off says nothing of the function.
      if (signal.aborted) return
      if (next) this.events.set(id, next)
      else this.events.delete(id)
    }
  }

  /** The event as it waits for its next attempt; undefined when it is done, or AWS drops it. */
  private async afterAttempt(event: EventRecord): Promise<EventRecord | undefined> {
    const { clock } = this.world
    const fn = this.find(event.region, event.name)
    if (!fn || clock.since(event.addedAt) >= MAX_AGE) return undefined
    const outcome = await this.attempt(fn, event.request)
    if (outcome && !outcome.error) return undefined
    if (outcome) {
      const wait = RETRY_AFTER[event.failures]
      if (wait === undefined) return undefined
      return { ...event, failures: event.failures + 1, dueAt: clock.after(wait) }
    }
    const throttledWait = Math.min(2 * event.throttledWait, THROTTLED_MOST)
    return { ...event, throttledWait, dueAt: clock.after(event.throttledWait) }
  }

  /** Undefined when Lambda itself refused. */
  private async attempt(fn: FunctionRecord, request: InvocationRequest): Promise<Outcome | undefined> {
    try {
      return await this.run(fn, request)
    } catch (error) {
      if (error instanceof AwsError || this.closing.signal.aborted) return undefined
      throw error
    }
  }
}
