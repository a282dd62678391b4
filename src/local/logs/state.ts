// What CloudWatch Logs keeps about groups and streams, and how a call names them. The events themselves, which are
// many, are event-file.ts's.
import type { Call } from '../ports.js'
import type { Turnstile } from '../turnstile.js'
import { AwsError } from '../wire/errors.js'
import type { Collection, World } from '../world.js'
import type { EventStore } from './event-store.js'

export interface LogGroupRecord {
  /** Names the events of this group on disk: a group made anew under the same name has another id. */
  readonly id: string
  readonly region: string
  readonly name: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** The instant from which DescribeLogGroups shows it. */
  readonly listedAt: number
  readonly retentionInDays?: number
  readonly tags: Readonly<Record<string, string>>
}

export interface LogStreamRecord {
  readonly name: string
  /** Epoch milliseconds. */
  readonly createdAt: number
}

export interface LogsState {
  readonly world: World
  /** By `region/name`. */
  readonly groups: Collection<LogGroupRecord>
  /** By `group id/name`. */
  readonly streams: Collection<LogStreamRecord>
  readonly events: EventStore
  /** By the groups' keys. */
  readonly change: Turnstile
}

/** AWS: of two changes of one group at the same time, the later one. */
export const operationAborted = () =>
  new AwsError(
    'OperationAbortedException',
    'A conflicting operation is currently in progress against this resource. Please try again.',
  )

export const groupKey = (region: string, name: string) => `${region}/${name}`
const streamKey = (group: LogGroupRecord, name: string) => `${group.id}/${name}`

/** The group's ARN without the `:*` that some answers add. */
export const groupArn = (world: World, { region, name }: Pick<LogGroupRecord, 'region' | 'name'>) =>
  `arn:aws:logs:${region}:${world.account}:log-group:${name}`

export const noSuchGroup = () =>
  new AwsError('ResourceNotFoundException', 'The specified log group does not exist.')
export const noSuchStream = () =>
  new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.')

/** The group of that name in the call's region. Throws ResourceNotFoundException. */
export function groupNamed(state: LogsState, call: Call, name: string | undefined): LogGroupRecord {
  const group = state.groups.get(groupKey(call.region, name ?? ''))
  if (!group) throw noSuchGroup()
  return group
}

/** The group of a log group's ARN, with or without `:*`. Throws ResourceNotFoundException. */
export function groupOfArn(state: LogsState, call: Call, arn: string): LogGroupRecord {
  const prefix = groupArn(state.world, { region: call.region, name: '' })
  if (!arn.startsWith(prefix)) throw noSuchGroup()
  return groupNamed(state, call, arn.slice(prefix.length).replace(/:\*$/, ''))
}

interface GroupReference {
  logGroupName?: string | undefined
  logGroupIdentifier?: string | undefined
}

/** The group that a call names by `logGroupName`, or by name or ARN in `logGroupIdentifier`. */
export function groupOf(state: LogsState, call: Call, reference: GroupReference): LogGroupRecord {
  const { logGroupName, logGroupIdentifier } = reference
  if (logGroupName && logGroupIdentifier) {
    const message = 'LogGroup name and LogGroup ARN are mutually exclusive parameters.'
    throw new AwsError('ValidationException', message)
  }
  if (logGroupIdentifier?.startsWith('arn:')) return groupOfArn(state, call, logGroupIdentifier)
  return groupNamed(state, call, logGroupName ?? logGroupIdentifier)
}

/** The streams of a group in the order of their creation. */
export function streamsOf(state: LogsState, group: LogGroupRecord): LogStreamRecord[] {
  const found: LogStreamRecord[] = []
  for (const [key, stream] of state.streams.entries()) if (key.startsWith(`${group.id}/`)) found.push(stream)
  return found.sort((a, b) => a.createdAt - b.createdAt)
}

export const hasStream = (state: LogsState, group: LogGroupRecord, name: string) =>
  state.streams.has(streamKey(group, name))

// A function under steady load starts a stream with every execution environment, for as long as the cloud lives.
const MAX_STREAMS = 1000

/** Adds a stream; the oldest ones go where a group has very many. */
export function addStream(state: LogsState, group: LogGroupRecord, name: string): void {
  state.streams.set(streamKey(group, name), { name, createdAt: Math.floor(state.world.clock.now()) })
  const streams = streamsOf(state, group)
  for (const old of streams.slice(0, Math.max(0, streams.length - MAX_STREAMS))) {
    state.streams.delete(streamKey(group, old.name))
  }
}

/** Adds lines to a stream. They can be read in the order in which they came, some seconds later. */
export function addEvents(
  state: LogsState,
  group: LogGroupRecord,
  stream: string,
  lines: readonly { at: number; message: string }[],
): void {
  const { clock, takes } = state.world
  const visibleAt = clock.after(takes('logs.event-visible'))
  const ingestedAt = Math.max(visibleAt, state.events.lastVisibleAt(group.id))
  state.events.append(
    group.id,
    lines.map(({ at, message }) => ({ stream, at: Math.floor(at), ingestedAt, message })),
  )
}

/** Forgets a group, its streams and its events. */
export function removeGroup(state: LogsState, group: LogGroupRecord): void {
  for (const { name } of streamsOf(state, group)) state.streams.delete(streamKey(group, name))
  state.groups.delete(groupKey(group.region, group.name))
  state.events.remove(group.id)
}
