// Reading events: of one stream page by page in both directions, or of a whole group through a filter, which is what
// `aws logs tail` calls. Writing is log-stream.ts's and service.ts's.
import type {
  FilterLogEventsCommandInput,
  FilterLogEventsCommandOutput,
  GetLogEventsCommandInput,
  GetLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Call } from '../ports.js'
import type { LogEvent } from './event-file.js'
import { filterOf } from './filter-pattern.js'
import { invalid, invalidToken } from './input.js'
import { groupOf, hasStream, type LogGroupRecord, type LogsState, noSuchStream } from './state.js'

// AWS: events of one answer.
const MAX_EVENTS = 10_000
const DAY_MS = 86_400_000

type Got = Omit<GetLogEventsCommandOutput, '$metadata'>
type Filtered = Omit<FilterLogEventsCommandOutput, '$metadata'>

/** The operations that read events. */
export function logEventOperations(state: LogsState) {
  return {
    GetLogEvents: (input: GetLogEventsCommandInput, call: Call) => get(state, input, call),
    FilterLogEvents: (input: FilterLogEventsCommandInput, call: Call) => filter(state, input, call),
  }
}

/** The events that a caller is shown now. AWS: one can be read some seconds after it was written. */
export function visibleEvents(state: LogsState, group: LogGroupRecord): LogEvent[] {
  const now = state.world.clock.now()
  return eventsOf(state, group).filter(({ ingestedAt }) => ingestedAt <= now)
}

/** The events of a group by time, without those that its retention has taken. */
export function eventsOf(state: LogsState, { id, retentionInDays }: LogGroupRecord): LogEvent[] {
  const events = state.events.events(id)
  if (!retentionInDays) return events
  const oldest = state.world.clock.now() - retentionInDays * DAY_MS
  return events.filter(({ at }) => at >= oldest)
}

/** AWS: ids are 56 digits; they sort as the events do. */
const idOf = ({ at, seq }: LogEvent) => String(at).padStart(16, '0') + String(seq).padStart(40, '0')
const FIRST = '0'.repeat(56)
const LAST = '9'.repeat(56)

function get(state: LogsState, input: GetLogEventsCommandInput, call: Call): Got {
  const limit = input.limit ?? MAX_EVENTS
  const group = groupOf(state, call, input)
  const stream = input.logStreamName!
  if (!hasStream(state, group, stream)) throw noSuchStream()
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY } = input
  const events = visibleEvents(state, group).filter(
    (event) => event.stream === stream && event.at >= startTime && event.at < endTime,
  )
  const { page, position } = windowOf(events, limit, input)
  return {
    events: page.map(({ at, message, ingestedAt }) => ({
      timestamp: at,
      message,
      ingestionTime: Math.ceil(ingestedAt),
    })),
    nextForwardToken: `f/${page.length ? idOf(page.at(-1)!) : position.after}/s`,
    nextBackwardToken: `b/${page.length ? idOf(page[0]!) : position.before}/s`,
  }
}

interface Position {
  /** The id after which the forward token goes on, and before which the backward one does, when a page is empty. */
  readonly after: string
  readonly before: string
}

/** AWS: without a token the newest events, or the oldest with startFromHead; at an end its token stays the same. */
function windowOf(
  events: readonly LogEvent[],
  limit: number,
  { nextToken, startFromHead }: GetLogEventsCommandInput,
): { page: LogEvent[]; position: Position } {
  if (nextToken === undefined) {
    const page = startFromHead ? events.slice(0, limit) : events.slice(-limit)
    return { page, position: { after: FIRST, before: LAST } }
  }
  const [, direction, id] = /^([fb])\/(\d{56})\/s$/.exec(nextToken) ?? []
  if (!direction || !id) throw invalidToken()
  const page =
    direction === 'f'
      ? events.filter((event) => idOf(event) > id).slice(0, limit)
      : events.filter((event) => idOf(event) < id).slice(-limit)
  const next = String(BigInt(id) + 1n).padStart(56, '0')
  const previous = String(BigInt(id) - (BigInt(id) > 0n ? 1n : 0n)).padStart(56, '0')
  return { page, position: direction === 'f' ? { after: id, before: next } : { after: previous, before: id } }
}

function filter(state: LogsState, input: FilterLogEventsCommandInput, call: Call): Filtered {
  const limit = input.limit ?? MAX_EVENTS
  const group = groupOf(state, call, input)
  const passes = filterOf(input.filterPattern)
  const ofStream = streamFilter(state, group, input)
  const after = input.nextToken === undefined ? FIRST : decodeToken(input.nextToken)
  // AWS: endTime is within the range here, and outside of it in GetLogEvents.
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY } = input
  const found = visibleEvents(state, group).filter(
    (event) =>
      event.at >= startTime &&
      event.at <= endTime &&
      idOf(event) > after &&
      ofStream(event.stream) &&
      passes(event.message),
  )
  const page = found.slice(0, limit)
  return {
    events: page.map((event) => ({
      logStreamName: event.stream,
      timestamp: event.at,
      message: event.message,
      ingestionTime: Math.ceil(event.ingestedAt),
      eventId: idOf(event),
    })),
    // AWS: always empty since 2019, when answers became interleaved for everyone.
    searchedLogStreams: [],
    ...(found.length > limit && { nextToken: encodeToken(idOf(page.at(-1)!)) }),
  }
}

function streamFilter(
  state: LogsState,
  group: LogGroupRecord,
  { logStreamNames: names, logStreamNamePrefix: prefix }: FilterLogEventsCommandInput,
): (stream: string) => boolean {
  if (names && prefix) {
    throw invalid('logStreamNamePrefix and logStreamNames are mutually exclusive parameters.')
  }
  if (!names) return (stream) => stream.startsWith(prefix ?? '')
  if (!names.every((name) => hasStream(state, group, name))) throw noSuchStream()
  return (stream) => names.includes(stream)
}

const encodeToken = (id: string) => Buffer.from(id).toString('base64url')

function decodeToken(token: string): string {
  const id = Buffer.from(token, 'base64url').toString()
  if (!/^\d{56}$/.test(id)) throw invalidToken()
  return id
}
