// `plan`: the walk without moves, and what it would cost.
import { kindOf } from '../aws/errors.js'
import { EXIT, type MultiregionError } from '../base/errors.js'
import { type Look, plan as look } from '../engine/plan.js'
import { monthlyCost } from './cost.js'
import { lookAfterDrains } from './drain.js'
import { failWith, reasonOf } from './failure.js'
import { refuseGoneShare } from './lost.js'
import { preflight } from './preflight.js'
import { type PlanResult, SCHEMA_VERSION } from './result.js'
import { runOf, type Session } from './session.js'
import { noteMove, planPlace } from './settle.js'
import { recordedNodes, staleNodes, wantedNodes } from './stack.js'
import { noteUsed } from './used.js'

/** Reads only. `adopt`: addresses, as for `up`. Throws MultiregionError for what would also stop `up`. */
export async function plan(session: Session, adopt: readonly string[] = []): Promise<PlanResult> {
  const { config, calls } = session
  await refuseGoneShare(session)
  await lookAfterDrains(session)
  const { env } = await preflight(session)
  const found = await look(wantedNodes(session), config, runOf(session, env, adopt))
  const place = await planPlace(session, env)
  const errors = [...place.errors, ...found.errors]
  const isUnseen = ({ cause }: Error) => kindOf(cause) === 'unavailable'
  const reasons = errors.filter((error) => !isUnseen(error))
  if (reasons.length > 0) throw failWith(reasons, 'plan', reasons[0]!.exit ?? EXIT.error)
  noteMove(session)
  await noteUsed(session, runOf(session, env), recordedNodes(session))
  // No state tells of the control table, so what hangs on one that does not answer seems not to be there.
  const [silent] = place.errors
  const placed = place.changes.map((change) =>
    silent ? { ...change, after: String(silent.data.address) } : change,
  )
  const { changes, unseen } = sorted([...placed, ...found.changes], found.looks, errors)
  const homeOut = homeOutOf(session)
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
    changes: [...changes, ...removals],
    unseen,
    ...(homeOut && { homeOut }),
    drained: Object.keys(session.ledger.state.drained),
    monthlyCost: cost.total,
    costItems: cost.items,
    costBesides: cost.besides,
    calls,
  }
}

/** What would be known only after something that does not answer is no change that was found. */
function sorted(found: PlanResult['changes'], looks: readonly Look[], errors: readonly MultiregionError[]) {
  const unseen = new Map<string, string>()
  for (const error of errors) unseen.set(String(error.data.address), reasonOf(error))
  const known = (address: string, after: string | undefined) => {
    if (after !== undefined && unseen.has(after) && !unseen.has(address))
      unseen.set(address, `is known only with ${after}`)
  }
  // What others need comes before them.
  for (const { node, after } of looks) known(node.address, after)
  for (const { address, after } of found) known(address, after)
  const changes = found.filter(({ address }) => !unseen.has(address))
  return { changes, unseen: [...unseen].map(([address, reason]) => ({ address, reason })) }
}

/** The home of a shared state that does not answer, and a region that could take its place. */
function homeOutOf({ shared }: Session): PlanResult['homeOut'] {
  const home = shared?.sighting.terms.at(-1)?.region
  const to = shared?.sighting.readable[0]
  return home && to && !shared.sighting.readable.includes(home) ? { home, to } : undefined
}
