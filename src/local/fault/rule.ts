// A fault: what it does, to which calls, how often and for how long; and which calls match. What an operator wrote is
// checked by `read-fault.ts`; which faults there are, and what they do to a call, is `faults.ts`'s.
import type { FaultyCall } from '../ports.js'
import type { Plane } from './plane.js'

const SELECT = ['plane', 'region', 'service', 'operation'] as const
const LIMIT = ['count', 'rate'] as const

/** What each kind takes beside `forSeconds`; what it cannot do without is marked by `!`. */
export const TAKES = {
  throttle: [...SELECT, ...LIMIT],
  error: [...SELECT, ...LIMIT, 'after', 'status'],
  lost: [...SELECT, ...LIMIT],
  reset: [...SELECT, ...LIMIT],
  'black-hole': [...SELECT, ...LIMIT],
  latency: [...SELECT, ...LIMIT, 'latencyMs!', 'jitterMs'],
  'region-out': ['region!', 'plane', 'how'],
  'service-out': ['service!', 'region', 'plane', 'how'],
  'replication-paused': ['from', 'to'],
  'replication-lag': ['from', 'to', 'seconds!'],
} as const satisfies Record<string, readonly string[]>

export type FaultKind = keyof typeof TAKES
export const FAULT_KINDS = Object.keys(TAKES) as FaultKind[]

/** What an operator asks for. Seconds are virtual, as all durations of the cloud; latencies are real, as clients' timeouts. */
export interface FaultInput {
  readonly kind: FaultKind
  readonly plane?: Plane
  readonly region?: string
  readonly service?: string
  readonly operation?: string
  /** The region that wrote, and the one that is to get it. */
  readonly from?: string
  readonly to?: string
  /** So many hits, then it is over. */
  readonly count?: number
  /** Share of the calls that it hits: over 0, at most 1. */
  readonly rate?: number
  /** So long, then it is over. */
  readonly forSeconds?: number
  /** The effect stays, the answer is an error all the same. */
  readonly after?: boolean
  readonly status?: 500 | 503
  readonly latencyMs?: number
  /** The latency is so much more or less. */
  readonly jitterMs?: number
  /** Of `replication-lag`: on top of the usual. */
  readonly seconds?: number
  readonly how?: 'refuse' | 'hang'
}

export interface FaultRule extends FaultInput {
  /** A number, counted up. */
  readonly id: string
  /** Instants, the second one that at which it is over. */
  readonly addedAt: number
  readonly until?: number
  readonly hits: number
}

/** A rule as it stands now. */
export interface FaultView extends FaultRule {
  readonly active: boolean
  /** Hits until it is over; absent where they do not end it. */
  readonly hitsLeft?: number
  /** Virtual seconds until it is over; absent where time does not end it. */
  readonly secondsLeft?: number
}

/** AWS: the name in the ARNs of API Gateway's data plane; its one operation is Invoke. */
export const EXECUTE_API = 'execute-api'

export const isOutage = ({ kind }: FaultInput) => kind === 'region-out' || kind === 'service-out'

export function matches(rule: FaultInput, call: FaultyCall): boolean {
  const { kind, plane, region, service, operation } = rule
  if (kind === 'replication-lag' || kind === 'replication-paused') return false
  // API Gateway asks Lambda without leaving its region: only who names Lambda means that call.
  if (call.within && service !== call.service) return false
  return (
    (plane ?? call.plane) === call.plane &&
    (region ?? call.region) === call.region &&
    (service ?? call.service) === call.service &&
    (operation ?? call.operation) === call.operation
  )
}

/** Replication is DynamoDB's own data plane: it goes down with its region, or with DynamoDB there. */
export const isolates = (rule: FaultInput, region: string) =>
  isOutage(rule) && matches(rule, { plane: 'data', region, service: 'dynamodb', operation: 'PutItem' })
