// `failover` and `failback`, the article's way: the health function of a region answers 404, the checkers see it, DNS
// moves, and an item posted under the public name comes back stamped with the other region. A rehearsal of a sick
// endpoint: it needs the Lambda control plane of that region. The drain is recorded, so `up` and `plan` leave it alone.
import { kindOf } from '../aws/errors.js'
import { EXIT, MultiregionError } from '../base/errors.js'
import { reconcile } from '../engine/reconcile.js'
import { lookAfterDrains } from './drain.js'
import { healthFunction, lookForHealth, refuseForeign, refuseLast, refuseNotUp } from './drainable.js'
import { healthOf, regionFor } from './outside.js'
import { explained, ifAnswered } from './preflight.js'
import { check, settleSeconds } from './proof.js'
import { type Proof, SCHEMA_VERSION, type SwitchResult } from './result.js'
import { recordedEnv, runOf, type Session } from './session.js'
import { functionAddress, recordedNodes } from './stack.js'
import { articleProof, refuseDeaf } from './switch-proof.js'
import type { Tally } from './tally.js'
import { zoneFor } from './zone.js'

export interface SwitchOptions {
  readonly region: string
  /** Drains the last serving region too. */
  readonly forceLast?: boolean
}

/** Takes a region out of traffic and proves that another serves. Throws MultiregionError. */
export async function failover(
  session: Session,
  tally: Tally,
  options: SwitchOptions,
): Promise<SwitchResult> {
  const { region } = options
  await lookAfterDrains(session)
  await lookForHealth(session, region)
  const was = session.ledger.state.drained[region]
  refuseNotUp(session, region)
  await refuseForeign(session, region)
  if (!options.forceLast) await refuseLast(session, region)
  session.signal.throwIfAborted()
  const seconds = stopwatch(session)
  if (!was)
    await session.ledger.drain(region, { mode: 'article', since: session.target.world.date().toISOString() })
  try {
    await setHealthStatus(session, region, '404')
  } catch (error) {
    throw was ? error : await notDrained(session, region, error)
  }
  session.emit({ type: 'region.drained', region, mode: 'article' })
  await refuseDeaf(session, region)
  return finish(session, tally, 'failover', region, !was, seconds, {
    verdict: 'unhealthy',
    undo: `failback --region ${region}`,
    // AWS: with no healthy region left, Route 53 answers as if all were.
    settled: (_location, answer) => answer !== undefined && (answer !== region || isAlone(session, region)),
  })
}

/** Gives a drained region its traffic back, once its checkers agree. Throws MultiregionError. */
export async function failback(
  session: Session,
  tally: Tally,
  { region }: SwitchOptions,
): Promise<SwitchResult> {
  await lookAfterDrains(session)
  await lookForHealth(session, region)
  refuseNotUp(session, region)
  const was = session.ledger.state.drained[region]
  const seconds = stopwatch(session)
  if (was) await session.ledger.restore(region)
  const { environment } = session.config.functions.find(
    ({ key }) => key === session.config.healthCheck.function,
  )!
  await setHealthStatus(session, region, environment.status)
  session.emit({ type: 'region.restored', region })
  return finish(session, tally, 'failback', region, was !== undefined, seconds, {
    verdict: 'healthy',
    undo: `failover --region ${region}`,
    settled: (location, answer) =>
      answer !== undefined && (location !== region || answer === region || !session.target.local),
  })
}

interface Goal {
  readonly verdict: 'healthy' | 'unhealthy'
  /** The words of the verb that takes it back. */
  readonly undo: string
  settled(location: string, answer: string | undefined): boolean
}

async function finish(
  session: Session,
  tally: Tally,
  verb: 'failover' | 'failback',
  region: string,
  changed: boolean,
  seconds: () => number,
  goal: Goal,
): Promise<SwitchResult> {
  const { config } = session
  const { nameServers } = await explained(zoneFor(session))
  const detected = (await checkersAgree(session, region, goal)) ? seconds() : null
  const servedBy = await dnsMoves(session, nameServers, goal)
  const moved = seconds()
  const proof = await articleProof(session, region, servedBy)
  if (!proof.ok) throw notProven(verb, proof)
  session.emit({ type: 'run.finished', verb, seconds: session.seconds() })
  return {
    schemaVersion: SCHEMA_VERSION,
    verb,
    stack: config.stack,
    region,
    mode: 'article',
    changed,
    seconds: { detected, dns: detected === null ? null : rounded(moved - detected), total: moved },
    servedBy,
    proof,
    calls: tally.calls,
  }
}

const rounded = (seconds: number) => Math.round(seconds * 10) / 10

/** Cloud seconds since now. */
function stopwatch({ target: { clock } }: Session): () => number {
  const started = clock.now()
  return () => rounded(clock.now() - started)
}

const isAlone = ({ config, ledger }: Session, region: string) =>
  config.regions.every((other) => other === region || ledger.state.drained[other])

/** A drain that could not be made is not left for the next `up` to make. Ctrl-C is: the same command goes on from there. */
async function notDrained(session: Session, region: string, error: unknown): Promise<unknown> {
  if (!(error instanceof MultiregionError) || error.exit === EXIT.interrupted || error.exit === EXIT.locked)
    return error
  await session.ledger.restore(region)
  const isOut = error.code === 'not-ready' || kindOf(error.cause) === 'unavailable'
  return new MultiregionError(
    error.code,
    `${region} was not drained, and is not recorded as drained. ${error.message}`,
    isOut
      ? `If ${region} is out, its health check takes it out of traffic by itself: see multiregion status. If it only hangs, run the same command again.`
      : error.hint,
    EXIT.error,
    error.data,
    { cause: error },
  )
}

/** Only the variable changes: the code stays what was last put up, whatever the working tree holds now. */
async function setHealthStatus(session: Session, region: string, status: string | undefined): Promise<void> {
  const address = functionAddress(session.config, region)
  const node = recordedNodes(session).find((one) => one.address === address)!
  const recorded = healthFunction(session, region)!
  const { status: _old, ...others } = recorded.environment
  const environment = status === undefined ? others : { ...others, status }
  await reconcile(node, { ...recorded, environment }, runOf(session, recordedEnv(session)))
}

/** False where Route 53 does not tell: its checkers go on while its control plane is out, and DNS follows them. */
async function checkersAgree(session: Session, region: string, goal: Goal): Promise<boolean> {
  const { verdict } = goal
  const what = `Route 53's checkers find ${region} ${verdict}`
  let told = true
  const result = await check(session, region, what, async () => {
    const found = await ifAnswered(healthOf(session, region), undefined)
    told = found !== undefined
    if (!found) return 'not known, as Route 53 does not answer; DNS will tell'
    if (found.status !== verdict) throw new Error(`${found.status}: ${found.reason}`)
    return found.reason
  })
  if (!result.ok) throw notMoved(goal, what, result.detail)
  return told
}

async function dnsMoves(
  session: Session,
  nameServers: readonly string[],
  goal: Goal,
): Promise<SwitchResult['servedBy']> {
  const { regions, routing } = session.config
  const servedBy: Record<string, string | null> = {}
  for (const location of regions) {
    const what = `DNS has moved for clients near ${location}`
    const result = await check(
      session,
      location,
      what,
      async () => {
        const answer = await regionFor(session, nameServers, location)
        servedBy[location] = answer ?? null
        if (!goal.settled(location, answer)) throw new Error(`it gives ${answer ?? 'no answer'}`)
        return answer!
      },
      settleSeconds(session) + routing.ttlSeconds,
    )
    if (!result.ok) throw notMoved(goal, what, result.detail)
  }
  return servedBy
}

const notMoved = ({ undo }: Goal, what: string, detail: string) =>
  new MultiregionError(
    'not-moved',
    `This did not come true in time: ${what}; last seen: ${detail}`,
    `What was set stays set. See multiregion status; the same command goes on waiting, multiregion ${undo} undoes it.`,
  )

const notProven = (verb: string, { checks }: Proof) =>
  new MultiregionError(
    'not-proven',
    `DNS has moved, but the proof failed: ${checks.map(({ what, detail }) => `${what}: ${detail}`).join('; ')}`,
    `See multiregion status and the functions' logs, then run multiregion ${verb} again.`,
  )
