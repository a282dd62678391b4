// What happens during a run, as data. The engine and the AWS clients emit; `ui/` subscribes. A subscriber is
// synchronous, cannot delay or veto a run, and no event carries a function, a class or a secret.

export interface FieldChange {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

export type Move = 'create' | 'adopt' | 'update' | 'replace' | 'remove'

export type Event =
  | { type: 'run.started'; verb: string; stack: string; regions: readonly string[]; nodes: number }
  | { type: 'run.noted'; text: string }
  | { type: 'step.started'; address: string; region: string }
  | { type: 'step.moved'; address: string; region: string; move: Move; changes: readonly FieldChange[] }
  | {
      type: 'step.waiting'
      address: string
      region: string
      reason: string
      waitedSeconds: number
      limitSeconds: number
    }
  | { type: 'step.ready'; address: string; region: string }
  | { type: 'step.removed'; address: string; region: string }
  | { type: 'step.failed'; address: string; region: string; message: string }
  /** `because` of another, which is not as it was to be: not done yet, standing still, or out of sight. */
  | {
      type: 'step.skipped'
      address: string
      region: string
      because: string
      is: 'undone' | 'standing' | 'unseen'
    }
  | {
      type: 'aws.call'
      service: string
      operation: string
      region: string
      mutating: boolean
      ms: number
      attempts: number
      error?: string
    }
  | { type: 'probe.answered'; what: string; region: string; ok: boolean; detail: string }
  | { type: 'region.drained'; region: string; mode: string }
  | { type: 'region.restored'; region: string }
  | { type: 'run.finished'; verb: string; seconds: number }

export type Emit = (event: Event) => void
