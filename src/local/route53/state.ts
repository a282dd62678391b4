// What Route 53 keeps: one durable collection per noun, all plain JSON, instants as epoch milliseconds.
// It decides nothing. Each noun's own file reads and writes its collection.
import type { HealthCheckConfig, ResourceRecordSet, RRType } from '@aws-sdk/client-route-53'
import type { Collection, World } from '../world.js'
import type { CheckerState } from './checker.js'

export interface Zone {
  readonly id: string
  /** Normalised, with its trailing dot. */
  readonly name: string
  readonly callerReference: string
  readonly comment?: string
  readonly createdAt: number
  /** From then on the DNS server answers for it. */
  readonly visibleAt: number
}

export interface ChangeState {
  readonly id: string
  readonly submittedAt: number
  readonly insyncAt: number
  readonly comment?: string
}

/** A record set, and what DNS answered before its latest change. Neither: it is gone. */
export interface StoredRecord {
  readonly zoneId: string
  readonly latest?: ResourceRecordSet
  readonly before?: ResourceRecordSet
  /** Until then DNS answers `before`. */
  readonly visibleAt: number
}

export interface HealthCheckState {
  readonly id: string
  readonly callerReference: string
  readonly createdAt: number
  readonly version: number
  readonly config: HealthCheckConfig
  /** What the checkers use until `effectiveAt`. */
  readonly configBefore?: HealthCheckConfig
  readonly effectiveAt: number
}

export interface PolicyState {
  readonly id: string
  readonly version: number
  readonly name: string
  readonly type: RRType
  readonly document: string
  readonly comment?: string
  readonly createdAt: number
  /** Until then instances cannot be made of it. */
  readonly usableAt: number
  /** Until then no list shows it. */
  readonly listedAt?: number
  readonly deletedAt?: number
  /** Until then a deleted policy still holds its name. */
  readonly nameTakenUntil?: number
}

/** The policy version and TTL by which an instance answers. */
export interface Serving {
  readonly ttl: number
  readonly policyId: string
  readonly policyVersion: number
}

export interface InstanceState {
  readonly id: string
  readonly zoneId: string
  readonly name: string
  readonly type: RRType
  readonly createdAt: number
  readonly serving: Serving
  /** What answers until `appliedAt`; absent for a new instance, which answers nothing until then. */
  readonly servingBefore?: Serving
  readonly appliedAt: number
  /** Why its records cannot be made: at `appliedAt` it is Failed, and what answered before goes on. */
  readonly failure?: string
  /** Set by DeleteTrafficPolicyInstance: from then on the instance is gone. */
  readonly goneAt?: number
  /** Set when the root record was deleted by hand: the instance stays, and answers nothing from then on. */
  readonly rootGoneAt?: number
}

export interface State {
  readonly zones: Collection<Zone>
  readonly changes: Collection<ChangeState>
  readonly records: Collection<StoredRecord>
  readonly healthChecks: Collection<HealthCheckState>
  /** By caller reference: when the check that had it was deleted. */
  readonly deletedReferences: Collection<number>
  /** By `health-check`: how many were asked for since that instant. */
  readonly creates: Collection<{ readonly since: number; readonly count: number }>
  /** By health check id: what each of its checkers last concluded. */
  readonly checkers: Collection<CheckerState[]>
  /** By `<id>/<version>`; deleted versions stay, as AWS keeps them. */
  readonly policies: Collection<PolicyState>
  readonly instances: Collection<InstanceState>
  /** By `<resource type>/<id>`. */
  readonly tags: Collection<Record<string, string>>
  /** By `port`: the port of the DNS server. */
  readonly dns: Collection<number>
}

/** The collections of Route 53 in this world's store. */
export function openState({ store }: World): State {
  return {
    zones: store.collection('route53.hosted-zone'),
    changes: store.collection('route53.change'),
    records: store.collection('route53.record-set'),
    healthChecks: store.collection('route53.health-check'),
    deletedReferences: store.collection('route53.deleted-caller-reference'),
    creates: store.collection('route53.create-count'),
    checkers: store.collection('route53.checker'),
    policies: store.collection('route53.traffic-policy'),
    instances: store.collection('route53.traffic-policy-instance'),
    tags: store.collection('route53.tag'),
    dns: store.collection('route53.dns'),
  }
}
