// One execution environment: a function's process kept warm between invocations, its log stream, and the time limits
// of its initialization and of each invocation. Which environment takes an invocation is host.ts's.
import { randomUUID } from 'node:crypto'
import type { Clock } from '../world.js'
import { type FunctionRecord, runtimeVersionArn, type Settings } from './function.js'
import { InvocationLog, initReport, initStart } from './invocation-log.js'
import type { RuntimeApi } from './runtime-api.js'
import { type Answer, type Failure, type ProcessSpec, RuntimeProcess } from './runtime-process.js'

// AWS: an initialization that takes longer is broken off, and made again within the first invocation.
const INIT_LIMIT_MS = 10_000

export interface InvocationRequest {
  readonly requestId: string
  /** JSON. */
  readonly payload: string
}

export interface Outcome {
  /** The function's answer or error document, JSON. */
  readonly payload: string
  readonly error?: 'Unhandled'
  /** The end of the invocation's log, base64. */
  readonly logTail: string
}

export interface EnvironmentParts {
  readonly api: RuntimeApi
  readonly clock: Clock
  readonly fn: FunctionRecord
  readonly settings: Settings
  /** Given the log stream's name. */
  readonly spec: (logStream: string) => ProcessSpec
  write(logStream: string, at: number, message: string): void
  /** Called whenever this environment becomes idle or is gone. */
  changed(): void
}

/** AWS: a day, the version, and a name of its own. */
const logStreamName = (at: number) =>
  `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`

export class ExecutionEnvironment {
  state: 'busy' | 'idle' | 'gone' = 'busy'
  /** When it became idle, real milliseconds of `performance.now()`. */
  idleSince = 0

  private readonly logStream: string
  private process: RuntimeProcess | undefined
  private log: InvocationLog
  private running = true
  private stopWhenIdle = false

  /** It is busy from the start: it is made for an invocation. */
  constructor(private readonly parts: EnvironmentParts) {
    this.logStream = logStreamName(parts.clock.now())
    this.log = new InvocationLog((message) => this.write(message))
  }

  /** Whether it can be reserved: an idle process may have ended a moment ago. */
  get isFree(): boolean {
    return this.state === 'idle' && this.process?.isReady === true
  }

  /** Takes this idle environment for an invocation. */
  reserve(): this {
    this.state = 'busy'
    this.running = true
    return this
  }

  /** Runs one invocation. What goes wrong in the function is the outcome; it rejects when no process can be had. */
  async invoke(request: InvocationRequest): Promise<Outcome> {
    try {
      return await this.runOnce(request)
    } catch (error) {
      this.stop()
      throw error
    } finally {
      this.running = false
      this.rest()
    }
  }

  private async runOnce(request: InvocationRequest): Promise<Outcome> {
    this.log = new InvocationLog((message) => this.write(message))
    const initMs = this.process ? undefined : await this.initialize()
    const limit = timeLimit(this.parts.settings.timeoutSeconds * 1000)
    const startedAt = performance.now()
    const answer = await this.answer(request, limit.passed)
    limit.clear()
    return this.conclude(request, answer, { durationMs: performance.now() - startedAt, initMs })
  }

  /** Ends the process, after the invocation that is under way. */
  retire(): void {
    this.stopWhenIdle = true
    if (this.state === 'idle') this.stop()
  }

  /** Ends the process now. */
  stop(): void {
    this.process?.kill()
    this.gone()
  }

  /** Resolves when its process is gone. */
  async ended(): Promise<void> {
    await this.process?.exited
  }

  private write(message: string): void {
    this.parts.write(this.logStream, this.parts.clock.now(), message)
  }

  private startProcess(): RuntimeProcess {
    if (this.state === 'gone') throw new Error('This execution environment was stopped.')
    const process = new RuntimeProcess(this.parts.api, this.parts.spec(this.logStream), {
      line: (message) => this.log.line(message),
      ready: () => this.rest(),
    })
    this.process = process
    void process.exited.then(() => process === this.process && this.gone())
    return process
  }

  /** The milliseconds of the initialization; undefined when it failed, and the first invocation has to repeat it. */
  private async initialize(): Promise<number | undefined> {
    const { fn, settings } = this.parts
    this.write(initStart(settings.runtime, runtimeVersionArn(fn.region, settings.runtime)))
    const startedAt = performance.now()
    const limit = timeLimit(INIT_LIMIT_MS)
    const process = this.startProcess()
    const failure = await Promise.race([process.initialized, limit.passed])
    limit.clear()
    if (!failure) return performance.now() - startedAt
    const errorType = failure === TIMED_OUT ? undefined : failure.errorType
    this.write(initReport(performance.now() - startedAt, 'init', errorType))
    this.process = undefined
    process.kill()
    return undefined
  }

  private async answer(
    { requestId, payload }: InvocationRequest,
    passed: Promise<typeof TIMED_OUT>,
  ): Promise<Answer | typeof TIMED_OUT> {
    const deadline = Date.now() + this.parts.settings.timeoutSeconds * 1000
    const failure = this.process ? undefined : await this.initializeAgain(passed)
    this.log.start(requestId)
    if (failure) return failure === TIMED_OUT ? failure : { failure }
    const event = { requestId, payload, deadline, functionArn: this.parts.fn.arn }
    return Promise.race([this.process!.run(event), passed])
  }

  /** AWS: a failed initialization is made again at the cost of the invocation's time. */
  private async initializeAgain(
    passed: Promise<typeof TIMED_OUT>,
  ): Promise<Failure | typeof TIMED_OUT | undefined> {
    const startedAt = performance.now()
    const failure = await Promise.race([this.startProcess().initialized, passed])
    if (failure) {
      const errorType = failure === TIMED_OUT ? undefined : failure.errorType
      this.write(initReport(performance.now() - startedAt, 'invoke', errorType))
      this.stopWhenIdle = true
    }
    return failure
  }

  private conclude(
    { requestId }: InvocationRequest,
    answer: Answer | typeof TIMED_OUT,
    times: { durationMs: number; initMs: number | undefined },
  ): Outcome {
    const { timeoutSeconds, memoryMb } = this.parts.settings
    const { durationMs, initMs } = times
    const report = {
      requestId,
      durationMs,
      memoryMb,
      maxMemoryMb: this.process?.maxMemoryMb,
      ...(initMs !== undefined && { initMs }),
    }
    if (answer === TIMED_OUT) {
      const seconds = timeoutSeconds.toFixed(2)
      this.log.timedOut(this.parts.clock.now(), requestId, seconds)
      this.log.end({ ...report, durationMs: timeoutSeconds * 1000, status: 'timeout' })
      this.stop()
      return { payload: timeoutDocument(requestId, seconds), error: 'Unhandled', logTail: this.log.tail() }
    }
    if ('payload' in answer) {
      this.log.end(report)
      return { payload: answer.payload, logTail: this.log.tail() }
    }
    const { failure } = answer
    if (failure.exited) this.log.exited(requestId, failure.errorType, failure.exited)
    this.log.end({ ...report, ...(failure.exited && { status: 'error', errorType: failure.errorType }) })
    if (failure.exited || this.stopWhenIdle) this.stop()
    return { payload: failure.document(requestId), error: 'Unhandled', logTail: this.log.tail() }
  }

  /** Becomes idle once its invocation is over and its process waits for the next one. */
  private rest(): void {
    if (this.state === 'gone' || this.running || !this.process?.isReady) return
    if (this.stopWhenIdle) {
      this.stop()
      return
    }
    this.state = 'idle'
    this.idleSince = performance.now()
    this.parts.changed()
  }

  private gone(): void {
    if (this.state === 'gone') return
    this.state = 'gone'
    this.parts.changed()
  }
}

const TIMED_OUT = Symbol('timed out')

/** Real time: limits of functions are never scaled. */
function timeLimit(ms: number): { readonly passed: Promise<typeof TIMED_OUT>; clear(): void } {
  let timer: NodeJS.Timeout
  const passed = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), ms)
  })
  return { passed, clear: () => clearTimeout(timer) }
}

function timeoutDocument(requestId: string, seconds: string): string {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`
  return JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage })
}
