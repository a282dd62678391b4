// Invocations of type Event: answered at once, run afterwards, and tried again as AWS does. The queue lives in memory:
// what waits is lost with the daemon.
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import type { InvocationRequest, Outcome } from './execution-environment.js'
import type { FunctionRecord } from './function.js'

// AWS: lambda/latest/dg/invocation-async-error-handling, in virtual seconds.
const RETRY_AFTER = [60, 120]
const THROTTLED_FIRST = 1
const THROTTLED_MOST = 300
const MAX_AGE = 6 * 3600

export class EventQueue {
  private readonly closing = new AbortController()

  /** `find` gives the function as it is now, `run` runs it. */
  constructor(
    private readonly world: World,
    private readonly find: (event: FunctionRecord) => FunctionRecord | undefined,
    private readonly run: (fn: FunctionRecord, request: InvocationRequest) => Promise<Outcome>,
  ) {}

  add(fn: FunctionRecord, request: InvocationRequest): void {
    this.deliver(fn, request).catch((error) => this.world.log(`lambda event of ${fn.arn}: ${String(error)}`))
  }

  close(): void {
    this.closing.abort()
  }

  private async deliver(addedFor: FunctionRecord, request: InvocationRequest): Promise<void> {
    const { clock } = this.world
    const { signal } = this.closing
    const addedAt = clock.now()
    let failures = 0
    let throttledWait = THROTTLED_FIRST
    while (!signal.aborted && clock.since(addedAt) < MAX_AGE) {
      const fn = this.find(addedFor)
      if (!fn) return
      const outcome = await this.attempt(fn, request)
      if (outcome && !outcome.error) return
      if (outcome) {
        const wait = RETRY_AFTER[failures++]
        if (wait === undefined) return
        await clock.sleep(wait, signal)
      } else {
        await clock.sleep(throttledWait, signal)
        throttledWait = Math.min(2 * throttledWait, THROTTLED_MOST)
      }
    }
  }

  /** Undefined when Lambda itself refused. */
  private async attempt(fn: FunctionRecord, request: InvocationRequest): Promise<Outcome | undefined> {
    try {
      return await this.run(fn, request)
    } catch (error) {
      if (error instanceof AwsError) return undefined
      throw error
    }
  }
}
