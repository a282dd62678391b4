// Alias targets: what an alias record may point to. The local cloud knows API Gateway names and record sets of the
// same zone; AWS's other targets (load balancers, CloudFront, S3) are refused.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import { stripId, unsupported } from './input.js'
import { isWithin, normaliseName } from './name.js'
import type { Zone } from './state.js'

const EXECUTE_API = /^[a-z0-9-]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com\.$/

/** Whether a normalised name is one that API Gateway gives out. */
export const isExecuteApiName = (name: string) => EXECUTE_API.test(name)

/** What is wrong with the target of an alias in that zone; `all` holds the zone after the whole batch. */
export function aliasTargetProblem(
  { Type, AliasTarget }: ResourceRecordSet,
  zone: Zone,
  all: readonly ResourceRecordSet[],
): string | undefined {
  if (!AliasTarget) return undefined
  const target = normaliseName(AliasTarget.DNSName ?? '')
  const targetZone = stripId(AliasTarget.HostedZoneId)
  const tried = `Tried to create an alias that targets ${target}, type ${Type} in zone ${targetZone}`
  if (targetZone === zone.id) {
    if (!isWithin(target, zone.name))
      return `${tried}, but the alias target name does not lie within the target zone`
    const found = all.some((other) => other.Name === target && other.Type === Type)
    return found ? undefined : `${tried}, but that target was not found`
  }
  if (isExecuteApiName(target)) {
    // AWS: an API has addresses of both families only where it is dualstack; here all are ipv4.
    return Type === 'A' ? undefined : `${tried}, but that target was not found`
  }
  throw unsupported(`An alias to ${target} (only API Gateway names and record sets of the same zone are)`)
}
