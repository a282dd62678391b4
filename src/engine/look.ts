// Looking, with doubt: AWS's listings and describes lag, so a resource that should be there counts as absent only
// after several misses with time between them. Used by the way up, the way down and the plan alike.
import type { Node } from './graph.js'
import type { Entry } from './ledger.js'
import { checkpoint, type Run, sleep } from './runner.js'
import type { Identity } from './step.js'

// AWS: listings and tags lag for seconds; a certificate's Describe does for up to several.
const DOUBT = {
  /** Was ready once, so a describe by id misses it only if it is gone. */
  settled: { misses: 3, seconds: 10 },
  /** A create may have left us without an answer, or was answered a moment ago. */
  fresh: { misses: 4, seconds: 60 },
}

/** The resource as it is now, or undefined once its absence is certain. */
export async function look(node: Node, desired: unknown, run: Run): Promise<Identity | undefined> {
  let misses = 0
  const since = run.clock.now()
  for (;;) {
    checkpoint(run)
    const entry = run.ledger.entry(node.address)
    const observed = await observe(node, desired, run)
    if (observed) return observed
    const doubt = doubtOf(entry)
    misses++
    if (!doubt || (misses >= doubt.misses && run.clock.now() - since >= doubt.seconds)) return undefined
    await sleep(run, doubt.seconds / doubt.misses)
  }
}

/** One look, no doubt. */
export function observe(node: Node, desired: unknown, run: Run): Promise<Identity | undefined> {
  const entry = run.ledger.entry(node.address)
  return run.limit(() => node.step.observe(run.context(node, entry?.intent?.token ?? ''), desired, entry?.id))
}

function doubtOf(entry: Entry | undefined) {
  if (!entry || entry.intent?.action === 'remove') return undefined
  if (entry.id) return entry.settled ? DOUBT.settled : DOUBT.fresh
  return entry.intent?.action === 'create' ? DOUBT.fresh : undefined
}
