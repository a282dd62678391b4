// One process of a function's runtime: started with bootstrap.mjs, spoken to through the Runtime API, one event at a
// time. Time limits, log lines and reuse are execution-environment.ts's.
import { type ChildProcess, spawn } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { MAX_RESPONSE_BYTES, type RuntimeApi, type RuntimeClient } from './runtime-api.js'

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url))

export interface ProcessSpec {
  /** Where the function's files are, and the process's working directory. */
  readonly taskRoot: string
  readonly memoryMb: number
  /** The whole environment but AWS_LAMBDA_RUNTIME_API. Nothing of the daemon's own is passed on. */
  readonly environment: Readonly<Record<string, string>>
}

export interface RuntimeEvent {
  readonly requestId: string
  /** JSON. */
  readonly payload: string
  /** Epoch milliseconds. */
  readonly deadline: number
  readonly functionArn: string
}

/** What came of an event, or of the initialization. */
export interface Failure {
  readonly errorType: string
  /** The error document that the caller gets. */
  document(requestId: string): string
  /** The process ended by itself, so nothing has been logged by it. */
  readonly exited?: string
}

export type Answer = { readonly payload: string } | { readonly failure: Failure }

interface Pending {
  readonly event: RuntimeEvent
  readonly settle: (answer: Answer) => void
  sent: boolean
  answer?: Answer
}

// A runtime that has answered asks for its next event at once, unless its handler left work behind.
const NEXT_WITHIN_MS = 100

// What the process needs besides the function: the thread that watches it.
const WATCH_MB = 16
// AWS: the part of the memory that Node.js may use for its heap.
const HEAP_SHARE = 0.9

export class RuntimeProcess implements RuntimeClient {
  /** Resolves when the runtime asks for its first event, or has failed before. It never rejects. */
  readonly initialized: Promise<Failure | undefined>
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>
  maxMemoryMb: number | undefined

  private readonly child: ChildProcess
  private readonly registration: { readonly address: string; unregister(): void }
  private settleInit: (failure: Failure | undefined) => void = () => {}
  private waiting: ServerResponse | undefined
  private pending: Pending | undefined

  /** Starts the process. `on.line` gets its output with the line ends, `on.ready` is told when it waits for an event. */
  constructor(
    api: RuntimeApi,
    spec: ProcessSpec,
    private readonly on: { line(message: string): void; ready(): void },
  ) {
    this.initialized = new Promise((resolve) => {
      this.settleInit = resolve
    })
    this.registration = api.register(this)
    this.child = start(spec, this.registration.address)
    readLines(this.child.stdout!, on.line)
    readLines(this.child.stderr!, on.line)
    this.child.once('error', ({ message }) => on.line(`The process could not be started: ${message}\n`))
    this.exited = exitOf(this.child).then(({ code, signal }) => this.ended(code, signal))
  }

  /** Whether it waits for an event. */
  get isReady(): boolean {
    return this.waiting !== undefined && !this.waiting.destroyed
  }

  /** Gives the runtime an event. One at a time; resolves with the answer, or a failure when the process ends. */
  run(event: RuntimeEvent): Promise<Answer> {
    return new Promise((settle) => {
      this.pending = { event, settle, sent: false }
      this.deliver()
    })
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }

  next(response: ServerResponse): void {
    this.waiting = response
    this.settleInit(undefined)
    if (this.pending?.answer) this.finish(this.pending)
    else this.deliver()
    this.on.ready()
  }

  respond(requestId: string, body: string | undefined, maxMemoryMb: number | undefined): void {
    this.maxMemoryMb = maxMemoryMb
    this.settle(requestId, body === undefined ? { failure: tooLarge() } : { payload: body })
  }

  fail(requestId: string, body: string, maxMemoryMb: number | undefined): void {
    this.maxMemoryMb = maxMemoryMb
    this.settle(requestId, { failure: reported(body) })
  }

  failInit(body: string): void {
    this.settleInit(reported(body))
  }

  private deliver(): void {
    const { pending, waiting } = this
    if (!pending || pending.sent || !waiting) return
    pending.sent = true
    this.waiting = undefined
    const { event } = pending
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': event.requestId,
      'lambda-runtime-deadline-ms': String(event.deadline),
      'lambda-runtime-invoked-function-arn': event.functionArn,
    })
    waiting.end(event.payload)
  }

  /** AWS: an environment takes its next invocation when its runtime asks for one, so that is waited for. */
  private settle(requestId: string, answer: Answer): void {
    const { pending } = this
    if (pending?.event.requestId !== requestId || pending.answer) return
    pending.answer = answer
    setTimeout(() => this.finish(pending), NEXT_WITHIN_MS).unref()
  }

  private finish(pending: Pending): void {
    if (this.pending !== pending || !pending.answer) return
    this.pending = undefined
    pending.settle(pending.answer)
  }

  private ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.registration.unregister()
    const failure = exitFailure(code, signal)
    this.settleInit(failure)
    if (!this.pending) return
    this.settle(this.pending.event.requestId, { failure })
    this.finish(this.pending)
  }
}

interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const LAST_LINES_MS = 200

/**
 * Resolves after the process's end and its last line of output. A process of its own that it left behind may keep
 * the output open: that is not waited for.
 */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    // Only this one comes when the process could not be started.
    child.once('error', () => resolve({ code: null, signal: null }))
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('exit', (code, signal) => setTimeout(() => resolve({ code, signal }), LAST_LINES_MS))
  })
}

function start({ taskRoot, memoryMb, environment }: ProcessSpec, address: string): ChildProcess {
  const options = environment.NODE_OPTIONS ?? ''
  // AWS: lambda/latest/dg/lambda-nodejs: Lambda turns these two off; NODE_OPTIONS can turn them on.
  const off = ['detect-module', 'require-module'].filter(
    (name) => !options.includes(`--experimental-${name}`),
  )
  const flags = [
    `--max-old-space-size=${Math.floor(memoryMb * HEAP_SHARE)}`,
    ...off.map((name) => `--no-experimental-${name}`),
  ]
  const maxBytes = (memoryMb + WATCH_MB) * 1024 * 1024
  return spawn(process.execPath, [...flags, BOOTSTRAP, String(maxBytes)], {
    cwd: taskRoot,
    env: { ...environment, AWS_LAMBDA_RUNTIME_API: address },
    // The fourth is the lifeline: it closes when this process ends, however it ends.
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
}

// AWS: the size of a log event.
const MAX_LINE = 262_144

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) onLine(`${line.replaceAll('\r', '\n').slice(0, MAX_LINE)}\n`)
    if (rest.length > MAX_LINE) {
      onLine(rest)
      rest = ''
    }
  })
  stream.on('end', () => rest && onLine(`${rest}\n`))
}

/** An error document that the runtime has posted. */
function reported(body: string): Failure {
  return { errorType: errorTypeOf(body), document: () => body }
}

function errorTypeOf(body: string): string {
  try {
    return String((JSON.parse(body) as { errorType?: unknown }).errorType)
  } catch {
    return 'Runtime.Unknown'
  }
}

function tooLarge(): Failure {
  const errorType = 'Function.ResponseSizeTooLarge'
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`
  return { errorType, document: () => JSON.stringify({ errorMessage, errorType }) }
}

const SIGNALS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGABRT: 'aborted',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
}

/** AWS's words for a process that ended while it was needed. Killed, and not by us, means out of memory. */
function exitFailure(code: number | null, signal: NodeJS.Signals | null): Failure {
  const errorType = signal === 'SIGKILL' ? 'Runtime.OutOfMemory' : 'Runtime.ExitError'
  const how = signal ? `signal: ${SIGNALS[signal] ?? signal}` : `exit status ${code ?? 'unknown'}`
  const exited =
    code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${how}`
  const document = (requestId: string) =>
    JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${exited}` })
  return { errorType, document, exited }
}
