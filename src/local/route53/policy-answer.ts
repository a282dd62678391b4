// What a traffic policy answers to a client: walks the tree from its start, choosing at each rule by the health of
// the branches. `choose.ts` has the choice itself, `answer.ts` asks.
import { type Candidate, choose } from './choose.js'
import type { Location } from './location.js'
import type { PolicyDocument } from './policy-document.js'
import type { Entry, Reference } from './policy-rule.js'

/** What the walk asks of the rest: the health of a check, and a random number in 0..1. */
export interface Walk {
  readonly client: Location
  isHealthy(healthCheckId: string): boolean
  random(): number
}

/** The values of the endpoints that the policy gives to this client; none where a geolocation rule matches nothing. */
export function policyAnswer(document: PolicyDocument, walk: Walk): string[] {
  const from = (reference: Reference): string[] => {
    if ('endpoint' in reference) return [document.endpoints[reference.endpoint]!.value]
    const { rule, entries } = document.rules[reference.rule]!
    const candidates = entries.map((entry): Candidate<Entry> => {
      const { reference: _, healthCheck, evaluateTargetHealth, ...particulars } = entry
      return { ...particulars, target: entry, healthy: isHealthy(document, entry, walk) }
    })
    return choose(rule, candidates, walk.client, walk.random).flatMap((entry) => from(entry.reference))
  }
  return from(document.start)
}

/**
 * AWS: an entry is healthy by its health check; one that leads to a rule also by whether any of that rule's entries
 * is, but only with EvaluateTargetHealth, else a branch whose endpoints are all unhealthy is still chosen.
 */
function isHealthy(document: PolicyDocument, entry: Entry, walk: Walk): boolean {
  if (entry.healthCheck && !walk.isHealthy(entry.healthCheck)) return false
  if ('endpoint' in entry.reference || !entry.evaluateTargetHealth) return true
  return document.rules[entry.reference.rule]!.entries.some((child) => isHealthy(document, child, walk))
}
