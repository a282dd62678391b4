// The three lists of traffic policy instances: all, those of a zone, those of a policy version.
// The instances themselves are in `policy-instance.ts`.
import type {
  ListTrafficPolicyInstancesByHostedZoneRequest,
  ListTrafficPolicyInstancesByHostedZoneResponse,
  ListTrafficPolicyInstancesByPolicyRequest,
  ListTrafficPolicyInstancesByPolicyResponse,
  ListTrafficPolicyInstancesRequest,
  ListTrafficPolicyInstancesResponse,
} from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.js'
import type { Context } from './context.js'
import { pageOf, stripId } from './input.js'
import { normaliseName } from './name.js'
import { describeInstance } from './policy-instance.js'
import { instancesOf } from './policy-root.js'
import type { InstanceState } from './state.js'
import { livePolicyOf } from './traffic-policy.js'
import { zoneOf } from './zone.js'

const MOST_INSTANCES_A_PAGE = 100

export function policyInstanceListOperations(context: Context) {
  const page = (instances: readonly InstanceState[], input: ListTrafficPolicyInstancesRequest) => {
    const now = context.world.clock.now()
    const { items, next, maxItems } = pageOf(
      instances,
      startOf(instances, input),
      input.MaxItems,
      MOST_INSTANCES_A_PAGE,
    )
    return {
      TrafficPolicyInstances: items.map((instance) => describeInstance(instance, now)),
      ...(next && {
        HostedZoneIdMarker: next.zoneId,
        TrafficPolicyInstanceNameMarker: next.name,
        TrafficPolicyInstanceTypeMarker: next.type,
      }),
      IsTruncated: next !== undefined,
      MaxItems: maxItems,
    }
  }

  return {
    ListTrafficPolicyInstances: (
      input: ListTrafficPolicyInstancesRequest,
    ): ListTrafficPolicyInstancesResponse => page(instancesOf(context), input),

    ListTrafficPolicyInstancesByHostedZone(
      input: ListTrafficPolicyInstancesByHostedZoneRequest,
    ): ListTrafficPolicyInstancesByHostedZoneResponse {
      const zone = zoneOf(context, input.HostedZoneId)
      const { HostedZoneIdMarker, ...answer } = page(
        instancesOf(context).filter(({ zoneId }) => zoneId === zone.id),
        input,
      )
      return answer
    },

    ListTrafficPolicyInstancesByPolicy(
      input: ListTrafficPolicyInstancesByPolicyRequest,
    ): ListTrafficPolicyInstancesByPolicyResponse {
      const { id, version } = livePolicyOf(context, input.TrafficPolicyId, input.TrafficPolicyVersion)
      const ofPolicy = ({ serving }: InstanceState) =>
        serving.policyId === id && serving.policyVersion === version
      return page(instancesOf(context).filter(ofPolicy), input)
    },
  }
}

/** AWS: the markers name the first instance of the page. */
function startOf(instances: readonly InstanceState[], input: ListTrafficPolicyInstancesRequest): number {
  const {
    HostedZoneIdMarker,
    TrafficPolicyInstanceNameMarker: name,
    TrafficPolicyInstanceTypeMarker: type,
  } = input
  const zoneId = stripId(HostedZoneIdMarker)
  if (!zoneId && !name && !type) return 0
  const start = instances.findIndex(
    (instance) =>
      (!zoneId || instance.zoneId === zoneId) &&
      (!name || instance.name === normaliseName(name)) &&
      (!type || instance.type === type),
  )
  if (start >= 0) return start
  throw new AwsError(
    'NoSuchTrafficPolicyInstance',
    'The markers name no traffic policy instance of this list.',
    404,
  )
}
