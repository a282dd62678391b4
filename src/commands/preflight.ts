// What is looked at before the first write, so that a run that cannot end well does not begin: regions, zone and its
// delegation, who may sign certificates, the public name, quotas that can be read.
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda'
import { type AccountLimitType, GetAccountLimitCommand } from '@aws-sdk/client-route-53'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { callOf, kindOf, outcomeOf } from '../aws/errors.js'
import { CloudError, MultiregionError } from '../base/errors.js'
import type { Env } from '../engine/env.js'
import type { PlannedChange } from '../engine/plan.js'
import { hintFor } from '../engine/runner.js'
import { checkCaa } from './caa.js'
import { refuseLeftOut, type Session } from './session.js'
import { checkDelegation, checkNameIsFree, type Zone, zoneFor } from './zone.js'

export interface Preflight {
  readonly env: Env
  readonly zone: Zone
}

/** Reads only. Throws MultiregionError for the first thing that would stop the run. The code is bundled before. A rebuild expects records at the public name. */
export async function preflight(session: Session, isRebuild = false): Promise<Preflight> {
  const { config, target, account, partition, ledger, bundles, emit } = session
  refuseLeftOut(session)
  const { route53 } = target.clients(config.home)
  const [zone] = await Promise.all([
    explained(zoneFor(session)),
    ...config.regions.map((region) => checkRegion(session, region)),
  ])
  if (zone.silent) emit({ type: 'run.noted', text: 'Route 53 does not answer; what is not its goes on.' })
  else {
    await checkDelegation(session, zone)
    if (!isRebuild) {
      await checkCaa(session)
      await explained(checkNameIsFree(session, zone, route53))
    }
  }
  const { id, name } = zone
  return {
    zone,
    env: { account, partition, hostedZone: { id, name }, bundles, drained: ledger.state.drained },
  }
}

/** AWS: a region that is not enabled for the account does not know its credentials. One that is down is only noted. */
async function checkRegion({ config, target, emit }: Session, region: string): Promise<void> {
  try {
    await target.clients(region).sts.send(new GetCallerIdentityCommand({}))
  } catch (error) {
    const kind = kindOf(error)
    if (kind === 'unavailable') {
      emit({ type: 'run.noted', text: `${region} does not answer; the other regions go on.` })
      return
    }
    if (kind !== 'credentials') return explained(Promise.reject(error))
    throw new CloudError(
      `regions: ${region} does not know this account's credentials, so it is probably not enabled`,
      `Enable it (aws account enable-region --region-name ${region}), or take it out of regions in ${config.file}.`,
      { region, code: (error as Error).name },
      error,
    )
  }
}

/** Quotas that the planned creates would run into. Called when the plan is known. */
export async function checkQuotas(session: Session, changes: readonly PlannedChange[]): Promise<void> {
  const creates = (kind: string) =>
    changes.filter(({ address, action }) => action === 'create' && address.startsWith(`${kind}/`)).length
  await explained(
    Promise.all([
      route53Quota(
        session,
        'MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER',
        'traffic policy records',
        creates('policy-record'),
      ),
      route53Quota(session, 'MAX_TRAFFIC_POLICIES_BY_OWNER', 'traffic policies', creates('traffic-policy')),
      route53Quota(session, 'MAX_HEALTH_CHECKS_BY_OWNER', 'health checks', creates('health-check')),
    ]),
  )
  if (creates('function') > 0) await noteConcurrency(session)
}

async function route53Quota(
  { config, target }: Session,
  Type: AccountLimitType,
  what: string,
  wanted: number,
) {
  if (wanted === 0) return
  const asked = target.clients(config.home).route53.send(new GetAccountLimitCommand({ Type }))
  // What would be made there cannot be made now either.
  const limit = await ifAnswered(asked, undefined)
  if (!limit) return
  const { Limit, Count } = limit
  const left = Number(Limit!.Value) - Number(Count)
  if (left >= wanted) return
  throw new MultiregionError(
    'quota',
    `The account may have ${Limit!.Value} ${what} and has ${Count}; this stack needs ${wanted} more`,
    `Remove unused ones, or ask for more: Service Quotas console, Amazon Route 53, ${Type}.`,
    1,
    { quota: Type, limit: Limit!.Value, used: Number(Count), wanted },
  )
}

/** AWS: new accounts have 10 or 50 concurrent executions; checkers alone can use them up. */
async function noteConcurrency({ config, target, emit }: Session): Promise<void> {
  for (const region of config.regions) {
    const settings = await target
      .clients(region)
      .lambda.send(new GetAccountSettingsCommand({}))
      .catch((error: Error) => (kindOf(error) === 'denied' ? explained(Promise.reject(error)) : undefined))
    const limit = settings?.AccountLimit?.ConcurrentExecutions
    if (limit !== undefined && limit < 100)
      emit({
        type: 'run.noted',
        text: `${region} allows only ${limit} concurrent Lambda executions; ask for more before real traffic.`,
      })
  }
}

/** Calls made outside the engine fail with the same words as those inside. */
export async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const call = callOf(error)
    if (!call) throw error
    throw new CloudError(
      outcomeOf(call, kindOf(error)),
      hintFor(kindOf(error), call, 'Mend the cause, then run the same command again.'),
      { ...call },
      error,
    )
  }
}

/** The answer, or `instead` where a region does not answer. Rejects with all else, in words. */
export const ifAnswered = <T>(asked: Promise<T>, instead: T): Promise<T> =>
  explained(asked).catch((error: Error) => {
    if (kindOf(error.cause) === 'unavailable') return instead
    throw error
  })
