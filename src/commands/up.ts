// `up`: looks first (preflight and plan), asks if there is something to do, walks, retires what left the config, and
// ends by proving every region. Nothing is written before the look has found nothing against it.
import { kindOf } from '../aws/errors.js'
import { type MultiregionError, PartialError } from '../base/errors.js'
import { configHashOf } from '../config/hash.js'
import type { Config } from '../config/schema.js'
import type { Plan } from '../engine/plan.js'
import { plan } from '../engine/plan.js'
import type { Run } from '../engine/runner.js'
import { type Outcome, sweepSuperseded, walkDown, walkUp } from '../engine/walk.js'
import { type MonthlyCost, monthlyCost } from './cost.js'
import { lookAfterDrains } from './drain.js'
import { failWith } from './failure.js'
import { refuseGoneShare } from './lost.js'
import { checkQuotas, preflight } from './preflight.js'
import { prove } from './proof.js'
import { SCHEMA_VERSION, type UpResult } from './result.js'
import { runOf, type Session } from './session.js'
import { noteMove, planPlace, settlePlace } from './settle.js'
import { staleNodes, wantedNodes } from './stack.js'
import { lookForSought } from './standing.js'
import type { Tally } from './tally.js'

export interface UpOptions {
  /** False with `--no-proof`. */
  readonly proof: boolean
  /** Addresses of what is taken over although it is not ours. */
  readonly adopt?: readonly string[]
  /** Asked with what would be done; false ends the run before the first write. */
  confirm(plan: Plan, removals: readonly string[], cost: MonthlyCost): Promise<boolean>
}

/** Undefined if the user said no. Throws MultiregionError; PartialError once something was done. */
export async function up(session: Session, tally: Tally, options: UpOptions): Promise<UpResult | undefined> {
  const { config } = session
  await refuseGoneShare(session)
  await lookAfterDrains(session)
  await lookForSought(session)
  const { env, zone } = await preflight(session)
  const run = runOf(session, env, options.adopt)
  const nodes = wantedNodes(session)
  const stale = staleNodes(session)
  session.emit({
    type: 'run.started',
    verb: 'up',
    stack: config.stack,
    regions: config.regions,
    nodes: nodes.length,
  })
  const found = await plan(nodes, config, run)
  const place = await planPlace(session, env)
  refuse([...place.errors, ...found.errors])
  noteMove(session)
  const cost = monthlyCost(config)
  if (place.hasWork || hasWork(found, session) || stale.length > 0) {
    await checkQuotas(session, found.changes)
    const removals = stale.map(({ address }) => address)
    const changes = [...place.changes, ...found.changes]
    if (!(await options.confirm({ ...found, changes }, removals, cost))) return undefined
    const unsettled = place.hasWork ? await settlePlace(session, env) : []
    await noteConfig(session)
    await walkAll(session, run, nodes, unsettled)
  } else if (session.ledger.state.configHash !== configHashOf(config)) await noteConfig(session)
  const moves = tally.moves()
  const changed = Object.values(moves).some((addresses) => addresses.length > 0)
  const proof = options.proof ? await prove(session, zone.nameServers, changed) : null
  if (proof && !proof.ok) throw notProven(proof.checks.filter(({ ok }) => !ok))
  session.emit({ type: 'run.finished', verb: 'up', seconds: session.seconds() })
  return {
    schemaVersion: SCHEMA_VERSION,
    verb: 'up',
    stack: config.stack,
    changed,
    ...moves,
    calls: tally.calls,
    seconds: session.seconds(),
    regions: config.regions,
    url: `https://${config.domain}`,
    examples: examplesOf(config),
    drained: Object.keys(session.ledger.state.drained),
    proof,
    monthlyCost: cost.total,
  }
}

function examplesOf({
  proof,
  table: { partitionKey },
  functions,
  healthCheck,
}: Config): UpResult['examples'] {
  if (!proof)
    return [{ method: 'GET', path: functions.find(({ key }) => key === healthCheck.function)!.path }]
  const id = partitionKey.type === 'N' ? 7 : '7'
  const { write, read } = proof
  return [
    { ...write, body: { [partitionKey.name]: id, id, name: 'postman7' } },
    { method: read.method, path: read.path.replace(/\{[^}]+\}/, '7') },
  ]
}

/** A change, something that is not ready yet, an intent that a crash left open, or what a replacement left behind. */
function hasWork({ changes, looks, errors }: Plan, { ledger }: Session): boolean {
  const unfinished = Object.values(ledger.state.entries).some((entry) => entry.intent || entry.superseded)
  const unsettled = looks.some(
    ({ node, pending, failed }) => pending || failed || !ledger.entry(node.address)?.settled,
  )
  return changes.length > 0 || errors.length > 0 || unfinished || unsettled
}

/** What stands is of this config from here on, as far as the run comes. */
async function noteConfig({ config, ledger, state }: Session): Promise<void> {
  await state.save({ ...ledger.state, regions: [...config.regions], configHash: configHashOf(config) })
}

/** `unsettled`: what went wrong before it, and did not stop it. */
async function walkAll(
  session: Session,
  run: Run,
  nodes: ReturnType<typeof wantedNodes>,
  unsettled: readonly MultiregionError[],
): Promise<void> {
  const outcomes = await walkUp(nodes, session.config, run)
  const wellUp = outcomes.every(({ state }) => state === 'ready')
  const retired = wellUp ? await walkDown(staleNodes(session), run) : []
  const swept = await sweepSuperseded(outcomes, run)
  const errors = [...unsettled, ...errorsOf([...outcomes, ...retired]), ...swept]
  if (errors.length > 0) throw failWith(errors, 'up')
}

export const errorsOf = (outcomes: readonly Outcome[]): MultiregionError[] =>
  outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []))

/**
 * Found before the first write, so nothing is half made. A region that does not answer is no reason: the others go on,
 * and the walk tells of it.
 */
function refuse(errors: readonly MultiregionError[]): void {
  const reasons = errors.filter((error) => kindOf(error.cause) !== 'unavailable')
  const [first] = reasons
  if (!first) return
  if (reasons.length === 1) throw first
  throw failWith(reasons, 'up', first.exit)
}

/** As an item with an id that the handlers do not take. */
const REFUSED = /answered 4\d\d/

const notProven = (failed: readonly { region: string; what: string; detail: string }[]) =>
  new PartialError(
    `Everything stands, but the proof failed: ${failed.map(({ region, what, detail }) => `${region}: ${what}: ${detail}`).join('; ')}`,
    failed.some(({ detail }) => REFUSED.test(detail))
      ? 'A 4xx says that the functions do not take what the config says: see table.partitionKey (an id is a number or a string by its type) and proof. Mend one of them, then run multiregion up again.'
      : 'Look with multiregion status; the functions’ own words are in their logs. Then run multiregion up again.',
    { failed },
  )
