// The policy record (a traffic policy instance): puts the traffic policy at the public name. Billing starts here, at $50
// a month. Its root record is never touched by ChangeResourceRecordSets: the instance would stay, and be charged.
import {
  CreateTrafficPolicyInstanceCommand,
  DeleteTrafficPolicyInstanceCommand,
  GetTrafficPolicyInstanceCommand,
  ListTrafficPolicyInstancesByHostedZoneCommand,
  type TrafficPolicyInstance,
  UpdateTrafficPolicyInstanceCommand,
} from '@aws-sdk/client-route-53'
import type { Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import { compare } from '../engine/diff.js'
import { defineStep, here, once, type Readiness } from '../engine/step.js'
import { isPolicyOurs, trafficPolicy } from './traffic-policy.js'

export const policyRecord = defineStep({
  kind: 'policy-record',
  sites: once,
  needs: { policy: here(trafficPolicy) },
  // AWS: applied in half a minute to four.
  patience: { everySeconds: 5, forMinutes: 15 },

  desired: ({ config, env, needs }) => ({
    zoneId: env.hostedZone.id,
    name: `${config.domain}.`,
    ttlSeconds: config.routing.ttlSeconds,
    policyId: needs.policy.policyId,
    version: needs.policy.version,
  }),

  async observe(ctx, desired, id) {
    const found = id
      ? (await orAbsent(ctx.route53.send(new GetTrafficPolicyInstanceCommand({ Id: id }))))
          ?.TrafficPolicyInstance
      : await find(ctx, desired.zoneId, desired.name)
    return (
      found && {
        id: found.Id!,
        owned: id !== undefined || found.TrafficPolicyId === desired.policyId,
        leaving: found.State === 'Deleting' ? 'the policy record is being deleted' : undefined,
        state: found.State,
        message: found.Message,
        zoneId: found.HostedZoneId,
        name: found.Name,
        ttlSeconds: found.TTL,
        policyId: found.TrafficPolicyId,
        version: found.TrafficPolicyVersion,
      }
    )
  },

  diff: (desired, observed) =>
    compare(desired, observed, {
      zoneId: 'immutable',
      name: 'immutable',
      ttlSeconds: 'mutable',
      policyId: 'mutable',
      version: 'mutable',
    }),

  readiness: ({ id, state, message }): Readiness => {
    if (state === 'Applied') return { state: 'ready' }
    if (state === 'Failed')
      return { state: 'failed', reason: `the policy record ${id} is Failed: ${message}` }
    return { state: 'pending', reason: `the policy record is ${state}` }
  },

  async create({ route53 }, { zoneId, name, ttlSeconds, policyId, version }) {
    const made = await route53.send(
      new CreateTrafficPolicyInstanceCommand({
        HostedZoneId: zoneId,
        Name: name,
        TTL: ttlSeconds,
        TrafficPolicyId: policyId,
        TrafficPolicyVersion: version,
      }),
    )
    return made.TrafficPolicyInstance!.Id!
  },

  async update(ctx, desired, { id }) {
    await update(ctx, desired, id)
  },

  // AWS: a failed instance stays as it is; an update, also to the same, builds it anew.
  mend: (ctx, desired, { id }) => update(ctx, desired, id),

  inherits: (ctx, _desired, { policyId }) => isPolicyOurs(ctx, policyId!),

  async remove({ route53 }, { id }) {
    await route53.send(new DeleteTrafficPolicyInstanceCommand({ Id: id }))
  },

  // AWS: a fresh policy is not known to the instances' side for a moment.
  transient: ({ name }) => name === 'NoSuchTrafficPolicy',
})

async function update(
  { route53 }: Context,
  { ttlSeconds, policyId, version }: { ttlSeconds: number; policyId: string; version: number },
  Id: string,
): Promise<void> {
  await route53.send(
    new UpdateTrafficPolicyInstanceCommand({
      Id,
      TTL: ttlSeconds,
      TrafficPolicyId: policyId,
      TrafficPolicyVersion: version,
    }),
  )
}

async function find({ route53 }: Context, HostedZoneId: string, name: string) {
  let marker: Pick<TrafficPolicyInstance, 'Name' | 'TrafficPolicyType'> | undefined
  do {
    const list = new ListTrafficPolicyInstancesByHostedZoneCommand({
      HostedZoneId,
      TrafficPolicyInstanceNameMarker: marker?.Name,
      TrafficPolicyInstanceTypeMarker: marker?.TrafficPolicyType as 'CNAME' | undefined,
    })
    const page = await orAbsent(route53.send(list))
    const found = page?.TrafficPolicyInstances?.find((instance) => instance.Name === name)
    if (found) return found
    marker = page?.IsTruncated
      ? {
          Name: page.TrafficPolicyInstanceNameMarker,
          TrafficPolicyType: page.TrafficPolicyInstanceTypeMarker,
        }
      : undefined
  } while (marker)
  return undefined
}
