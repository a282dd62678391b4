// `plan`: the walk without moves, and what it would cost.
import { EXIT } from '../base/errors.js'
import { plan as look } from '../engine/plan.js'
import { monthlyCost } from './cost.js'
import { failWith } from './failure.js'
import { preflight } from './preflight.js'
import { type PlanResult, SCHEMA_VERSION } from './result.js'
import { runOf, type Session } from './session.js'
import { planPlace } from './settle.js'
import { staleNodes, wantedNodes } from './stack.js'

/** Reads only. `adopt`: addresses, as for `up`. Throws MultiregionError for what would also stop `up`. */
export async function plan(session: Session, adopt: readonly string[] = []): Promise<PlanResult> {
  const { config, calls } = session
  const { env } = await preflight(session)
  const found = await look(wantedNodes(session), config, runOf(session, env, adopt))
  const place = await planPlace(session, env)
  const errors = [...place.errors, ...found.errors]
  if (errors.length > 0) throw failWith(errors, 'plan', errors[0]!.exit ?? EXIT.error)
  const removals = staleNodes(session).map(({ address }) => ({
    address,
    action: 'remove' as const,
    fields: [],
  }))
  const cost = monthlyCost(config)
  return {
    schemaVersion: SCHEMA_VERSION,
    verb: 'plan',
    stack: config.stack,
    changes: [...place.changes, ...found.changes, ...removals],
    drained: Object.keys(session.ledger.state.drained),
    monthlyCost: cost.total,
    costItems: cost.items,
    costBesides: cost.besides,
    calls,
  }
}
