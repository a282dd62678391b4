// Whether a region can be taken out of traffic or be given it back: it is up, its health function is ours, and it is not
// the last that serves.
import { MultiregionError } from '../base/errors.js'
import { isSought } from '../engine/ledger.js'
import { findStrangers } from '../engine/stranger.js'
import { goneShare } from './lost.js'
import { askHealth, isServing } from './outside.js'
import { recordedEnv, runOf, type Session } from './session.js'
import { functionAddress, recordedNodes } from './stack.js'
import { lookForSought } from './standing.js'

/** The health function as it was last put up, or as a rebuild found it; undefined where it is not known to stand. */
export function healthFunction({ config, ledger }: Session, region: string): HealthFunction | undefined {
  const entry = ledger.entry(functionAddress(config, region))
  const desired = entry?.desired as HealthFunction | { environment?: undefined } | undefined
  if (!entry?.id || !desired) return undefined
  if (desired.environment) return desired
  const observed = entry.observed as HealthFunction | undefined
  return observed?.environment && { ...observed, ...desired, environment: observed.environment }
}

export interface HealthFunction {
  readonly environment: Readonly<Record<string, string>>
}

const isSoughtIn = ({ config, ledger }: Session, region: string) => {
  const entry = ledger.entry(functionAddress(config, region))
  return entry !== undefined && isSought(entry)
}

/** What a rebuild could not see may answer by now. Throws MultiregionError. */
export async function lookForHealth(session: Session, region: string): Promise<void> {
  if (isSoughtIn(session, region)) await lookForSought(session)
}

/** Throws MultiregionError where the state does not know its health function. */
export function refuseNotUp(session: Session, region: string): void {
  const { config, fresh } = session
  if (fresh)
    throw new MultiregionError(
      'not-up',
      goneShare(session) ?? `There is no state of ${config.stack} here, so nothing is known of ${region}`,
      'If the stack stands and its state is lost: multiregion state rebuild. If another machine has the state, work there. If the stack was never up: multiregion up',
    )
  if (isSoughtIn(session, region))
    throw new MultiregionError(
      'not-up',
      `The health function in ${region} was not seen when the state was rebuilt, and does not answer now`,
      `If ${region} is out, its health check takes it out of traffic by itself: see multiregion status. Run the same command again once it answers.`,
    )
  if (!healthFunction(session, region))
    throw new MultiregionError(
      'not-up',
      `The stack ${config.stack} is not up in ${region}.`,
      'Run multiregion up first.',
    )
}

/** Before the drain is recorded: a function that is not ours by now is not touched. Throws ForeignResourceError. */
export async function refuseForeign(session: Session, region: string): Promise<void> {
  const address = functionAddress(session.config, region)
  const nodes = recordedNodes(session).filter((node) => node.address === address)
  const [stranger] = await findStrangers(nodes, runOf(session, recordedEnv(session)))
  if (stranger) throw stranger.error
}

/** The last region that serves is not drained: Route 53 would answer all regions, sick ones too. Throws MultiregionError. */
export async function refuseLast(session: Session, region: string): Promise<void> {
  const others = session.config.regions.filter(
    (other) => other !== region && !session.ledger.state.drained[other],
  )
  const answers = await Promise.allSettled(others.map((other) => askHealth(session, other)))
  if (answers.some((answer) => answer.status === 'fulfilled' && isServing(answer.value))) return
  throw new MultiregionError(
    'last-region',
    `No other region than ${region} is undrained and answers its health route now, so draining it would take the service down`,
    `See multiregion status. ${others.length > 0 ? `Mend ${others.join(', ')}` : `Run multiregion failback --region ${session.config.regions.find((other) => other !== region)}`} first, or insist with --force-last.`,
    1,
    { region, others },
  )
}
