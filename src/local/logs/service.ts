// The local CloudWatch Logs: its operations, the port through which Lambda writes, and the reader behind
// `local logs`. Groups, streams and events have a file each; what is kept where is state.ts's.
import { join } from 'node:path'
import type { Call, LocalService, LogsPort, Want } from '../ports.js'
import { turnstile } from '../turnstile.js'
import { hasTags, keysOrTags, wantOf } from '../wire/want.js'
import type { World } from '../world.js'
import { EventStore } from './event-store.js'
import { eventsOf, logEventOperations } from './log-event.js'
import { logGroupOperations } from './log-group.js'
import { logStreamOperations } from './log-stream.js'
import {
  addEvents,
  addStream,
  groupKey,
  hasStream,
  type LogGroupRecord,
  type LogStreamRecord,
  type LogsState,
  operationAborted,
} from './state.js'
import { tagOperations } from './tag.js'

export interface LogLine {
  readonly stream: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly message: string
}

export interface LogsReader {
  /**
   * The lines of a group since an instant (epoch milliseconds), by time and without their line ends. None when there
   * is no such group.
   */
  read(region: string, group: string, sinceMs: number): readonly LogLine[]
}

export type LogsService = LocalService & LogsPort & LogsReader & { close(): Promise<void> }

/** CloudWatch Logs of all regions. `close` writes what is not on disk yet. */
export function logsService(world: World): LogsService {
  const state: LogsState = {
    world,
    groups: world.store.collection<LogGroupRecord>('logs.group'),
    streams: world.store.collection<LogStreamRecord>('logs.stream'),
    events: new EventStore(join(world.dataDir, 'logs')),
    change: turnstile(operationAborted),
  }
  return {
    name: 'logs',
    operations: {
      ...logGroupOperations(state),
      ...tagOperations(state),
      ...logStreamOperations(state),
      ...logEventOperations(state),
    },
    authorize: (operation, input, call) => wantsOf(world, operation, input, call),

    write(region, name, stream, lines) {
      const group = state.groups.get(groupKey(region, name))
      if (!group) return
      if (!hasStream(state, group, stream)) addStream(state, group, stream)
      addEvents(state, group, stream, lines)
    },

    read(region, name, sinceMs) {
      const group = state.groups.get(groupKey(region, name))
      if (!group) return []
      return eventsOf(state, group)
        .filter(({ at }) => at >= sinceMs)
        .map(({ stream, at, message }) => ({ stream, at, message: message.replace(/\n$/, '') }))
    },

    async close() {
      state.events.flush()
    },
  }
}

/** AWS: service authorization reference "Amazon CloudWatch Logs". The refusal of a group with tags has words of its own. */
function wantsOf(world: World, operation: string, input: Record<string, unknown>, call: Call): Want[] {
  const resource = resourceOf(world, input, call)
  const context = keysOrTags(input.tagKeys, input.tags)
  const main = wantOf(`logs:${operation}`, resource, context)
  if (operation !== 'CreateLogGroup' || !hasTags(input.tags)) return [main]
  const message =
    `User with accountId: ${world.account} is not authorized to perform CreateLogGroup with Tags. ` +
    'An additional permission "logs:TagResource" is required.'
  const refusal = { code: 'AccessDeniedException', message, status: 400 }
  return [main, { ...wantOf('logs:TagResource', resource, context), refusal }]
}

/** AWS: what a call is checked against ends in `log-stream:`, with the stream where it names one. */
function resourceOf({ account }: World, input: Record<string, unknown>, { region }: Call): string {
  if (typeof input.resourceArn === 'string') return input.resourceArn
  const identifier = String(input.logGroupName ?? input.logGroupIdentifier ?? '')
  const name = identifier.startsWith('arn:') ? identifier.split(':')[6] : identifier
  return `arn:aws:logs:${region}:${account}:log-group:${name}:log-stream:${input.logStreamName ?? ''}`
}
