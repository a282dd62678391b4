// Taking over what stands under our name and is not ours, where its address was given with `--adopt`: whether it may be,
// and why not. The move is the step's; `reconcile.ts` makes it, and `plan.ts` tells of it.
import { ForeignResourceError, type MultiregionError } from '../base/errors.js'
import type { Node } from './graph.js'
import { failed, foreign, immutable } from './refusal.js'
import type { Run } from './runner.js'
import type { Change, Identity } from './step.js'

export const isToAdopt = ({ step, address }: Node, { adopts }: Run): boolean =>
  step.adopt !== undefined && adopts?.has(address) === true

/**
 * Why it must stay as it is, or undefined. Another stack's is never taken, and nothing is that could then not be what
 * the config says. `desired` is undefined where that has to wait for the needs: then the way up asks again.
 */
export function againstAdoption(
  node: Node,
  observed: Identity,
  run: Run,
  desired?: unknown,
): MultiregionError | undefined {
  if (!isToAdopt(node, run) || observed.stack !== undefined)
    return foreign(node, observed, run.ledger.entry(node.address), true, [...(run.adopts ?? [])])
  if (observed.leaving) return leaving(node, observed)
  if (desired === undefined) return undefined
  const readiness = node.step.readiness(observed, desired)
  if (readiness.state === 'failed') return failed(node, readiness.reason)
  if (readiness.state === 'pending') return undefined
  const changes: Change[] = node.step.diff(desired, observed)
  const fixed = changes.filter((change) => change.immutable)
  return fixed.length > 0 ? immutable(node, fixed, UNFIT) : undefined
}

const UNFIT =
  'So it is not adopted. Write the config as the resource is, or choose another name or stage in the config.'

const leaving = ({ address, site }: Node, { id, leaving }: Identity) =>
  new ForeignResourceError(
    `${address}: ${id} cannot be adopted: ${leaving}`,
    'Once it is gone, multiregion up makes a new one.',
    { address, region: site.region, id },
  )

export const nothingToAdopt = ({ address, site }: Node) =>
  new ForeignResourceError(
    `${address}: nothing stands there that could be adopted`,
    'See that account, region and names are right. To have it made, leave it out of --adopt.',
    { address, region: site.region },
  )
