// Looking, with doubt: AWS's listings and describes lag, so a resource that should be there counts as absent only
// after several misses with time between them. Used by the way up, the way down and the plan alike.
import { EXIT, MultiregionError } from '../base/errors.js'
import type { Node } from './graph.js'
import type { Entry } from './ledger.js'
import { act, checkpoint, type Run, sleep } from './runner.js'
import type { Identity } from './step.js'

// AWS: listings and tags lag for seconds; a certificate's Describe does for up to several.
const DOUBT = {
  /** Was ready once, so a describe by id misses it only if it is gone. */
  settled: { misses: 3, seconds: 10 },
  /** A create may have left us without an answer, or was answered a moment ago. */
  fresh: { misses: 4, seconds: 60 },
}

export interface How {
  /** The id of a superseded one, which is looked at instead. */
  readonly old?: string
  /** A call that fails is not sent again: the next look comes anyway. */
  readonly once?: boolean
}

/**
 * The resource as it is now, or undefined once its absence is certain. Owner marks lag like the rest, so what seems to
 * be another's is doubted alike.
 */
export async function look(
  node: Node,
  desired: unknown,
  run: Run,
  how: How = {},
): Promise<Identity | undefined> {
  let misses = 0
  const since = run.clock.now()
  for (;;) {
    checkpoint(run)
    const observed = await observe(node, desired, run, how)
    if (observed?.owned) return observed
    const doubt = how.old ? DOUBT.settled : doubtOf(run.ledger.entry(node.address))
    misses++
    if (!doubt || (misses >= doubt.misses && run.clock.now() - since >= doubt.seconds)) return observed
    await sleep(run, doubt.seconds / doubt.misses)
  }
}

/** By its own marks, or by those of what it hangs on. */
export async function isOurs(node: Node, desired: unknown, observed: Identity, run: Run): Promise<boolean> {
  const { inherits } = node.step
  if (!observed.owned || !inherits) return observed.owned
  return act(run, () => inherits(run.context(node, ''), desired, observed))
}

/** A crash came before it was marked as ours: the state only tells that it was to be adopted. */
export const wasNeverOurs = (entry: Entry | undefined) => entry?.intent?.action === 'adopt' && !entry.settled

/** One look, no doubt. */
export function observe(
  node: Node,
  desired: unknown,
  run: Run,
  { old, once }: How = {},
): Promise<Identity | undefined> {
  if (desired === undefined) throw unsaid(node)
  const entry = run.ledger.entry(node.address)
  const token = entry?.intent?.token ?? ''
  return act(run, () => node.step.observe(run.context(node, token, once), desired, old ?? entry?.id))
}

/** Nothing is saved without what it should be, so somebody else wrote this. */
const unsaid = ({ address }: Node) =>
  new MultiregionError(
    'state',
    `${address}: the state does not say what it is`,
    'Make it anew from what stands: multiregion state rebuild.',
    EXIT.error,
    { address },
  )

function doubtOf(entry: Entry | undefined) {
  if (!entry || entry.intent?.action === 'remove') return undefined
  if (entry.id) return entry.settled ? DOUBT.settled : DOUBT.fresh
  return entry.intent?.action === 'create' ? DOUBT.fresh : undefined
}
