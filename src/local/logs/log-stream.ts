// Log streams, and events that are put into them through the API. Functions' own lines come through service.ts's
// port; reading is log-event.ts's.
import type {
  CreateLogStreamCommandInput,
  DescribeLogStreamsCommandInput,
  DescribeLogStreamsCommandOutput,
  InputLogEvent,
  LogStream,
  PutLogEventsCommandInput,
  PutLogEventsCommandOutput,
  RejectedLogEventsInfo,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { LogEvent } from './event-file.js'
import { invalid, pageOf } from './input.js'
import { visibleEvents } from './log-event.js'
import {
  addEvents,
  addStream,
  groupArn,
  groupNamed,
  groupOf,
  hasStream,
  type LogGroupRecord,
  type LogStreamRecord,
  type LogsState,
  noSuchStream,
  streamsOf,
} from './state.js'

// AWS: DescribeLogStreams never returns more.
const MAX_PAGE = 50
// AWS: limits of one PutLogEvents; each event counts 26 bytes more than its message.
const MAX_BATCH_BYTES = 1_048_576
const HOUR_MS = 3_600_000

type Described = Omit<DescribeLogStreamsCommandOutput, '$metadata'>
type Put = Omit<PutLogEventsCommandOutput, '$metadata'>

/** The operations on log streams. */
export function logStreamOperations(state: LogsState) {
  return {
    CreateLogStream(input: CreateLogStreamCommandInput, call: Call) {
      const group = groupNamed(state, call, input.logGroupName)
      if (hasStream(state, group, input.logStreamName!)) {
        throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists')
      }
      addStream(state, group, input.logStreamName!)
      return {}
    },

    DescribeLogStreams: (input: DescribeLogStreamsCommandInput, call: Call) => describe(state, input, call),

    PutLogEvents(input: PutLogEventsCommandInput, call: Call): Put {
      const group = groupNamed(state, call, input.logGroupName)
      const stream = input.logStreamName!
      if (!hasStream(state, group, stream)) throw noSuchStream()
      return put(state, group, stream, input.logEvents!)
    },
  }
}

interface Ends {
  first: LogEvent
  last: LogEvent
}

function describe(state: LogsState, input: DescribeLogStreamsCommandInput, call: Call): Described {
  const group = groupOf(state, call, input)
  const byTime = input.orderBy === 'LastEventTime'
  if (byTime && input.logStreamNamePrefix) {
    throw invalid('Cannot order by LastEventTime with a logStreamNamePrefix.')
  }
  const ends = endsOf(visibleEvents(state, group))
  const order = (a: LogStreamRecord, b: LogStreamRecord) => {
    if (!byTime) return a.name < b.name ? -1 : 1
    return (ends.get(a.name)?.last.at ?? 0) - (ends.get(b.name)?.last.at ?? 0)
  }
  const streams = streamsOf(state, group)
    .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ''))
    .sort(order)
  if (input.descending) streams.reverse()
  const limit = input.limit ?? MAX_PAGE
  const { page, nextToken } = pageOf(streams, {
    nextToken: input.nextToken,
    limit,
    nameOf: ({ name }) => name,
  })
  const arn = groupArn(state.world, group)
  return {
    logStreams: page.map((stream) => describeStream(arn, stream, ends)),
    ...(nextToken && { nextToken }),
  }
}

/** First and last event of each stream. */
function endsOf(events: readonly LogEvent[]): Map<string, Ends> {
  const ends = new Map<string, Ends>()
  for (const event of events) {
    const known = ends.get(event.stream)
    if (known) known.last = event
    else ends.set(event.stream, { first: event, last: event })
  }
  return ends
}

function describeStream(
  arn: string,
  { name, createdAt }: LogStreamRecord,
  ends: Map<string, Ends>,
): LogStream {
  const found = ends.get(name)
  return {
    logStreamName: name,
    creationTime: createdAt,
    arn: `${arn}:log-stream:${name}`,
    storedBytes: 0,
    ...(found && {
      firstEventTimestamp: found.first.at,
      lastEventTimestamp: found.last.at,
      lastIngestionTime: Math.ceil(found.last.ingestedAt),
    }),
  }
}

function put(state: LogsState, group: LogGroupRecord, stream: string, events: readonly InputLogEvent[]): Put {
  checkBatch(events)
  const now = state.world.clock.now()
  const days = Math.min(14, group.retentionInDays ?? 14)
  const tooOld = events.filter(({ timestamp }) => timestamp! < now - days * 24 * HOUR_MS).length
  const tooNew = events.findIndex(({ timestamp }) => timestamp! > now + 2 * HOUR_MS)
  const taken = events.slice(tooOld, tooNew < 0 ? undefined : tooNew)
  if (taken.length && taken.at(-1)!.timestamp! - taken[0]!.timestamp! > 24 * HOUR_MS) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.')
  }
  const lines = taken.map(({ timestamp, message }) => ({ at: timestamp!, message: message! }))
  addEvents(state, group, stream, lines)
  state.events.flush()
  const rejected: RejectedLogEventsInfo = {
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
  }
  // AWS: the token is still given, and no longer asked for.
  const nextSequenceToken = String(now).padStart(56, '0')
  return { nextSequenceToken, ...(Object.keys(rejected).length && { rejectedLogEventsInfo: rejected }) }
}

function checkBatch(events: readonly InputLogEvent[]): void {
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message!) + 26, 0)
  if (bytes > MAX_BATCH_BYTES) {
    throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${MAX_BATCH_BYTES}`)
  }
  if (events.some(({ timestamp }, index) => index > 0 && timestamp! < events[index - 1]!.timestamp!)) {
    throw invalid('Log events in a single PutLogEvents request must be in chronological order.')
  }
}
