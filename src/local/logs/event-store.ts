// The events of all log groups, one file each below the cloud's data folder. Lines that come together are written
// together, at the end of the turn in which they came: whatever was answered after is not lost by a kill -9.
// What a file does is event-file.ts's.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { EventFile, type EventLimits, type LogEvent } from './event-file.js'

const LIMITS: EventLimits = { events: 10_000, bytes: 16 * 1024 * 1024 }

export class EventStore {
  private readonly files = new Map<string, EventFile>()
  private writing: NodeJS.Immediate | undefined

  /** Keeps its files in `folder`, which it makes. */
  constructor(
    private readonly folder: string,
    private readonly limits = LIMITS,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** All kept events of a group by time. */
  events(groupId: string): LogEvent[] {
    return this.fileOf(groupId).sorted()
  }

  /** When the last event that was appended to a group can be read, epoch milliseconds; 0 where there is none. */
  lastVisibleAt(groupId: string): number {
    return this.fileOf(groupId).lastIngestedAt
  }

  append(groupId: string, events: Iterable<Omit<LogEvent, 'seq'>>): void {
    const file = this.fileOf(groupId)
    for (const event of events) file.append(event)
    this.writing ??= setImmediate(() => this.flush())
  }

  remove(groupId: string): void {
    this.fileOf(groupId).remove()
    this.files.delete(groupId)
  }

  /** Writes everything that is not on disk yet. */
  flush(): void {
    clearImmediate(this.writing)
    this.writing = undefined
    for (const file of this.files.values()) file.flush()
  }

  private fileOf(groupId: string): EventFile {
    const known = this.files.get(groupId)
    if (known) return known
    const file = new EventFile(join(this.folder, `${groupId}.jsonl`), this.limits)
    this.files.set(groupId, file)
    return file
  }
}
