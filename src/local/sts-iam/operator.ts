// What the account's own user may do: everything, or, where IAM is enforced for him, what one policy allows. Each decision is
// counted, so that a policy can be compared with what was really needed. How policies are evaluated is evaluate.ts's.

import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import type { Policy } from './evaluate.js'
import { parseIdentityPolicy } from './policy.js'

/** How often each action was decided on, since this process began or the policy was set. */
export type Decisions = Readonly<Record<string, { readonly allowed: number; readonly denied: number }>>

export interface Operator {
  readonly arn: string
  /** The policies that his calls are checked against; undefined: he may do everything. */
  readonly policies: readonly Policy[] | undefined
  /**
   * Gives him that one policy, from now on and over restarts; undefined leaves him with none, which allows nothing.
   * It counts where IAM is enforced for him. Throws MalformedPolicyDocument, LimitExceeded, and NotImplemented for what
   * this cloud cannot evaluate.
   */
  setPolicy(document: string | undefined): void
  count(action: string, allowed: boolean): void
  decisions(): Decisions
}

// AWS: characters of a managed policy; white space does not count.
export const LONGEST_MANAGED_POLICY = 6144

/** The operator of that world, with the policy that he was left with; `enforced` makes it count. */
export function operatorOf(world: World, enforced: boolean): Operator {
  const kept = world.store.collection<{ document: string }>('iam.operator')
  const counts = new Map<string, { allowed: number; denied: number }>()
  const left = kept.get('policy')
  let policies = left ? [parseIdentityPolicy(left.document)] : []

  return {
    arn: `arn:aws:iam::${world.account}:user/operator`,
    get policies() {
      return enforced ? policies : undefined
    },
    setPolicy(document) {
      policies = document === undefined ? [] : [checkPolicy(document)]
      if (document === undefined) kept.delete('policy')
      else kept.set('policy', { document })
      counts.clear()
    },
    count(action, allowed) {
      const { allowed: yes, denied: no } = counts.get(action) ?? { allowed: 0, denied: 0 }
      counts.set(action, allowed ? { allowed: yes + 1, denied: no } : { allowed: yes, denied: no + 1 })
    },
    decisions: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** Throws as `setPolicy` does. */
export function checkPolicy(document: string): Policy {
  const policy = parseIdentityPolicy(document)
  if (document.replace(/\s/g, '').length <= LONGEST_MANAGED_POLICY) return policy
  throw new AwsError('LimitExceeded', `Cannot exceed quota for PolicySize: ${LONGEST_MANAGED_POLICY}`, 409)
}
