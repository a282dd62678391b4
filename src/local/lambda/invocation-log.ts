// The lines that AWS writes around an invocation: INIT_START, START, END, REPORT. Where lines go is the caller's.

export interface Report {
  readonly requestId: string
  readonly durationMs: number
  readonly memoryMb: number
  readonly maxMemoryMb: number | undefined
  /** Set for the first invocation of an environment. */
  readonly initMs?: number
  readonly status?: 'timeout' | 'error'
  readonly errorType?: string
}

// AWS: LogResult is the last 4 KB of the log.
const TAIL_BYTES = 4096

/** Writes an invocation's lines and keeps its tail. */
export class InvocationLog {
  private text = ''

  constructor(private readonly write: (message: string) => void) {}

  /** A line of the runtime or of the function. */
  line(message: string): void {
    this.write(message)
    this.text = (this.text + message).slice(-TAIL_BYTES)
  }

  start(requestId: string): void {
    this.line(`START RequestId: ${requestId} Version: $LATEST\n`)
  }

  /** What happened to a process that could not say so itself. */
  exited(requestId: string, errorType: string, reason: string): void {
    this.line(`RequestId: ${requestId} Error: ${reason}\n${errorType}\n`)
  }

  timedOut(at: number, requestId: string, seconds: string): void {
    this.line(`${new Date(at).toISOString()} ${requestId} Task timed out after ${seconds} seconds\n\n`)
  }

  end(report: Report): void {
    this.line(`END RequestId: ${report.requestId}\n`)
    this.line(reportLine(report))
  }

  /** The last 4 KB, base64. */
  tail(): string {
    return Buffer.from(this.text).subarray(-TAIL_BYTES).toString('base64')
  }
}

function reportLine(report: Report): string {
  const { durationMs, initMs = 0, memoryMb } = report
  const fields = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    // AWS: the initialization is billed, too, since August 2025.
    `Billed Duration: ${Math.ceil(durationMs + initMs)} ms`,
    `Memory Size: ${memoryMb} MB`,
    `Max Memory Used: ${Math.min(memoryMb, report.maxMemoryMb ?? memoryMb)} MB`,
    ...(report.initMs === undefined ? [] : [`Init Duration: ${report.initMs.toFixed(2)} ms`]),
    ...(report.status ? [`Status: ${report.status}`] : []),
    ...(report.errorType ? [`Error Type: ${report.errorType}`] : []),
  ]
  return `${fields.join('\t')}\t\n`
}

export const initStart = (runtime: string, versionArn: string) =>
  `INIT_START Runtime Version: ${runtime.replace('.x', '').replace('nodejs', 'nodejs:')}.local (Node.js ${process.version})\t` +
  `Runtime Version ARN: ${versionArn}\n`

export const initReport = (ms: number, phase: 'init' | 'invoke', errorType: string | undefined) =>
  `INIT_REPORT Init Duration: ${ms.toFixed(2)} ms\tPhase: ${phase}\tStatus: ` +
  `${errorType ? `error\tError Type: ${errorType}` : 'timeout'}\n`
