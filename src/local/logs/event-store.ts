// The events of all log groups, one file each below the cloud's data folder. Health checks write here all the time,
// so a write only appends in memory and the disk follows a moment later. What a file does is event-file.ts's.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { EventFile, type EventLimits, type LogEvent } from './event-file.js'

const LIMITS: EventLimits = { events: 10_000, bytes: 16 * 1024 * 1024 }
const WRITE_BEHIND_MS = 250

export class EventStore {
  private readonly files = new Map<string, EventFile>()
  private timer: NodeJS.Timeout | undefined

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

  append(groupId: string, events: Iterable<Omit<LogEvent, 'seq'>>): void {
    const file = this.fileOf(groupId)
    for (const event of events) file.append(event)
    this.timer ??= setTimeout(() => this.flush(), WRITE_BEHIND_MS).unref()
  }

  remove(groupId: string): void {
    this.fileOf(groupId).remove()
    this.files.delete(groupId)
  }

  /** Writes everything that is not on disk yet. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
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
