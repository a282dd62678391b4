// The events of one log group: the newest in memory, the same in a file that is appended to. Which group and who may
// read is not known here; event-store.ts decides when it is written.
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

export interface LogEvent {
  /** Order of arrival within the group. */
  readonly seq: number
  readonly stream: string
  /** When it happened, epoch milliseconds. */
  readonly at: number
  /** From when on it can be read, epoch milliseconds. */
  readonly ingestedAt: number
  readonly message: string
}

/** The oldest events go when either is passed. */
export interface EventLimits {
  readonly events: number
  readonly bytes: number
}

// AWS: each event counts 26 bytes more than its message.
const sizeOf = ({ message }: LogEvent) => message.length + 26

export class EventFile {
  private events: LogEvent[] = []
  private bytes = 0
  private unwritten: LogEvent[] = []
  private linesOnDisk = 0
  /** A crash has cut off the file's last line: the next one must not be taken for its end. */
  private isTorn = false

  constructor(
    private readonly path: string,
    private readonly limits: EventLimits,
  ) {
    if (!existsSync(path)) return
    const text = readFileSync(path, 'utf8')
    const lines = text.split('\n').filter(Boolean)
    this.isTorn = text !== '' && !text.endsWith('\n')
    this.linesOnDisk = lines.length
    for (const line of lines) {
      const event = parse(line)
      if (event) this.keep(event)
    }
  }

  /** All kept events by time, then by arrival. */
  sorted(): LogEvent[] {
    return this.events.toSorted((a, b) => a.at - b.at || a.seq - b.seq)
  }

  /** 0 where there is no event. */
  get lastIngestedAt(): number {
    return this.events.at(-1)?.ingestedAt ?? 0
  }

  append(event: Omit<LogEvent, 'seq'>): void {
    const numbered = { seq: (this.events.at(-1)?.seq ?? 0) + 1, ...event }
    this.keep(numbered)
    this.unwritten.push(numbered)
  }

  /** Writes what is new; writes all anew once the file holds twice the limit. */
  flush(): void {
    if (!this.unwritten.length) return
    this.linesOnDisk += this.unwritten.length
    if (this.linesOnDisk > 2 * this.limits.events) this.rewrite()
    else appendFileSync(this.path, (this.isTorn ? '\n' : '') + this.unwritten.map(format).join(''))
    this.unwritten = []
    this.isTorn = false
  }

  remove(): void {
    this.unwritten = []
    rmSync(this.path, { force: true })
  }

  private keep(event: LogEvent): void {
    this.events.push(event)
    this.bytes += sizeOf(event)
    let surplus = 0
    // Some slack, so that a full group does not move its whole array with every event.
    if (this.events.length > this.limits.events * 1.1) surplus = this.events.length - this.limits.events
    for (let left = this.bytes - this.limits.bytes; left > 0 && surplus < this.events.length; surplus++) {
      left -= sizeOf(this.events[surplus]!)
    }
    for (const gone of this.events.splice(0, surplus)) this.bytes -= sizeOf(gone)
  }

  private rewrite(): void {
    const next = `${this.path}.new`
    writeFileSync(next, this.events.map(format).join(''), { mode: 0o600 })
    renameSync(next, this.path)
    this.linesOnDisk = this.events.length
  }
}

const format = (event: LogEvent) => `${JSON.stringify(event)}\n`

/** Undefined for a line that a crash cut off. */
function parse(line: string): LogEvent | undefined {
  try {
    return JSON.parse(line) as LogEvent
  } catch {
    return undefined
  }
}
