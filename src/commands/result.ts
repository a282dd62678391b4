// What the verbs answer: the JSON of `--json`, and what `ui/report.ts` tells a person. `schemaVersion` rises when a
// field changes its meaning or goes; new fields may come without.
import type { FieldChange, Move } from '../base/events.js'
import type { StackState } from '../engine/ledger.js'
import type { PolicyDocument } from './operator-policy.js'

export const SCHEMA_VERSION = 1

export interface ProofCheck {
  readonly region: string
  readonly what: string
  readonly ok: boolean
  readonly detail: string
}

export interface Proof {
  readonly ok: boolean
  readonly checks: readonly ProofCheck[]
}

export interface Calls {
  readonly total: number
  readonly mutating: number
}

interface Changed {
  readonly schemaVersion: number
  readonly stack: string
  readonly changed: boolean
  readonly created: readonly string[]
  /** Made elsewhere, and taken over by `--adopt`. */
  readonly adopted: readonly string[]
  readonly updated: readonly string[]
  readonly removed: readonly string[]
  readonly calls: Calls
  /** Cloud seconds: on the local cloud, real seconds times its scale. */
  readonly seconds: number
}

export interface Example {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

export interface UpResult extends Changed {
  readonly verb: 'up'
  /** Home first. */
  readonly regions: readonly string[]
  readonly url: string
  /** Requests to try it with: of the proof's routes, or of the health route. */
  readonly examples: readonly Example[]
  /** Regions that failover took out of traffic, and that stay so. */
  readonly drained: readonly string[]
  readonly proof: Proof | null
  readonly monthlyCost: number
}

export interface DownResult extends Changed {
  readonly verb: 'down'
  /** Addresses that `--keep-data` left. */
  readonly kept: readonly string[]
}

export interface PlanResult {
  readonly schemaVersion: number
  readonly verb: 'plan'
  readonly stack: string
  readonly changes: readonly {
    readonly address: string
    readonly action: Move
    readonly fields: readonly FieldChange[]
    /** It stands, and whether it changes is known only after this one did. */
    readonly after?: string
  }[]
  /** What could not be looked at, as its region or service does not answer. */
  readonly unseen: readonly { readonly address: string; readonly reason: string }[]
  /** The home of the shared state that does not answer, and a region that could take its place. */
  readonly homeOut?: { readonly home: string; readonly to: string }
  /** Regions that failover took out of traffic; `up` leaves them so. */
  readonly drained: readonly string[]
  /** USD, before traffic. */
  readonly monthlyCost: number
  readonly costItems: readonly { readonly what: string; readonly usd: number }[]
  readonly costBesides: string
  readonly calls: Calls
}

export interface RegionStatus {
  /** Its health route answers 2xx over the public name's TLS, with the region pinned, just now. */
  readonly serving: boolean
  readonly health: { readonly status: 'healthy' | 'unhealthy' | 'unknown'; readonly reason: string }
  readonly url: string
  readonly drained: boolean
  /** End of the served certificate, ISO 8601. */
  readonly certificateUntil?: string
}

export interface StatusResult {
  readonly schemaVersion: number
  readonly verb: 'status'
  readonly stack: string
  readonly url: string
  /** False if there is no state here: what stands may be this stack's or another's. */
  readonly recorded: boolean
  /** The config is not the one that the last `up` worked with, on whatever machine. */
  readonly configChanged: boolean
  /** In a sentence: this machine shared the state in a table that is gone. */
  readonly gone?: string
  readonly regions: Readonly<Record<string, RegionStatus>>
  /** Which region a client near each region gets; null where there is no answer. */
  readonly dns: { readonly answers: Readonly<Record<string, string | null>> }
  readonly resources: readonly {
    readonly address: string
    readonly id: string | null
    /** `unknown`: its region or its service does not answer. */
    readonly state: 'ready' | 'pending' | 'failed' | 'absent' | 'unknown'
    readonly reason?: string
  }[]
  readonly calls: Calls
}

/**
 * True if every region serves and Route 53 agrees, drained or not, clients everywhere get one, and nothing is absent or
 * failed: what `status --fail` asks.
 */
export const isWell = ({ regions, dns, resources }: StatusResult) =>
  resources.every(({ state }) => state !== 'absent' && state !== 'failed') &&
  Object.values(regions).every(({ serving, health }) => serving && health.status === 'healthy') &&
  Object.values(dns.answers).every((region) => region !== null)

export interface SwitchResult {
  readonly schemaVersion: number
  readonly verb: 'failover' | 'failback'
  readonly stack: string
  readonly region: string
  readonly mode: 'article'
  readonly changed: boolean
  /**
   * Cloud seconds: until Route 53's checkers saw it, from then until every answer had moved (the failure threshold, and the
   * DNS servers), and in all; the first two are null where Route 53 did not tell what its checkers see. Clients that cached the old answer may keep it for the record's TTL from then on.
   */
  readonly seconds: { readonly detected: number | null; readonly dns: number | null; readonly total: number }
  /** Which region serves a client near each region. */
  readonly servedBy: Readonly<Record<string, string | null>>
  readonly proof: Proof
  readonly calls: Calls
}

export interface UnlockResult {
  readonly schemaVersion: number
  readonly verb: 'state unlock'
  readonly stack: string
  readonly unlocked: string
}

export interface TakeoverResult {
  readonly schemaVersion: number
  readonly verb: 'state takeover'
  readonly stack: string
  readonly from: string
  readonly to: string
  /** False if it was the home already. */
  readonly changed: boolean
  /** True if the old home did not answer. */
  readonly forced: boolean
  /** Of the state with which the new home begins. */
  readonly serial: number | null
}

export interface RebuildResult {
  readonly schemaVersion: number
  readonly verb: 'state rebuild'
  readonly stack: string
  readonly lineage: string
  readonly found: readonly { readonly address: string; readonly id: string }[]
  /** What stands under this stack's names and carries other owner marks or none. */
  readonly leftOut: readonly { readonly address: string; readonly id: string; readonly adoptable: boolean }[]
  /** What could not be looked at, as its region does not answer: recorded as to be looked for. */
  readonly unseen: PlanResult['unseen']
  readonly drained: readonly string[]
  readonly file: string
  /** Where the former file is, if there was one. */
  readonly aside?: string
}

export interface ShowResult {
  readonly schemaVersion: number
  readonly verb: 'state show'
  readonly stack: string
  readonly file: string
  readonly state: StackState | null
  /** In a sentence: this machine shared the state in a table that is gone. */
  readonly gone?: string
}

export interface PolicyResult {
  readonly schemaVersion: number
  readonly verb: 'policy'
  readonly stack: string
  readonly policy: PolicyDocument
  /** The same as JSON, laid out for people. */
  readonly text: string
  /** As AWS counts them; a managed policy may have 6,144. */
  readonly characters: number
}

export type Result =
  | UpResult
  | DownResult
  | PlanResult
  | StatusResult
  | SwitchResult
  | UnlockResult
  | TakeoverResult
  | RebuildResult
  | ShowResult
  | PolicyResult
