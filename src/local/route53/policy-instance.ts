// Traffic policy instances (the console's policy records): a policy version put to a name of a zone. Its states are
// derived from instants; what it answers is `policy-answer.ts`'s, where its root stands `policy-root.ts`'s.
import { randomUUID } from 'node:crypto'
import type {
  CreateTrafficPolicyInstanceRequest,
  CreateTrafficPolicyInstanceResponse,
  DeleteTrafficPolicyInstanceRequest,
  DeleteTrafficPolicyInstanceResponse,
  GetTrafficPolicyInstanceCountResponse,
  GetTrafficPolicyInstanceRequest,
  GetTrafficPolicyInstanceResponse,
  TrafficPolicyInstance,
  UpdateTrafficPolicyInstanceRequest,
  UpdateTrafficPolicyInstanceResponse,
} from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.js'
import { priorRequestNotComplete } from './change.js'
import type { Context } from './context.js'
import { checkRange, invalidInput, required, stripId } from './input.js'
import { enforceLimit } from './limit.js'
import { isWithin, nameProblem, normaliseName } from './name.js'
import { healthChecksOf, parsePolicyDocument } from './policy-document.js'
import { instancesOf, rootRecord, rootsOf } from './policy-root.js'
import { groupProblems } from './record-group.js'
import type { InstanceState, PolicyState, Zone } from './state.js'
import { livePolicyOf, noSuchPolicy } from './traffic-policy.js'
import { zoneOf } from './zone.js'

/** AWS: Creating or Updating until applied everywhere, then Applied; Deleting until it is gone. */
export function stateOf(instance: InstanceState, now: number): string {
  if (instance.goneAt !== undefined) return 'Deleting'
  if (now >= instance.appliedAt) return 'Applied'
  return instance.servingBefore ? 'Updating' : 'Creating'
}

export const describeInstance = (instance: InstanceState, now: number): TrafficPolicyInstance => ({
  Id: instance.id,
  HostedZoneId: instance.zoneId,
  Name: instance.name,
  TTL: instance.serving.ttl,
  State: stateOf(instance, now),
  Message: '',
  TrafficPolicyId: instance.serving.policyId,
  TrafficPolicyVersion: instance.serving.policyVersion,
  TrafficPolicyType: instance.type,
})

/** The policy version, if instances can be made of it by now. Throws NoSuchTrafficPolicy. */
function usablePolicy(context: Context, id: string | undefined, version: number | undefined): PolicyState {
  const policy = livePolicyOf(context, id, version)
  // AWS: for some moments a fresh policy is not known to those who make instances.
  if (context.world.clock.now() < policy.usableAt) throw noSuchPolicy(policy.id, policy.version)
  const missing = healthChecksOf(parsePolicyDocument(policy.document)).find(
    (check) => !context.state.healthChecks.has(check),
  )
  if (missing)
    throw invalidInput(`The health check ${missing}, which the traffic policy names, does not exist.`)
  return policy
}

/** Refuses a name that the instance's root cannot stand at. */
function checkRoot(context: Context, zone: Zone, root: InstanceState): void {
  const { name, type } = root
  if (nameProblem(name)) throw invalidInput(`${name} is not a valid name: ${nameProblem(name)!.text}.`)
  if (!isWithin(name, zone.name)) {
    throw invalidInput(`RRSet with DNS name ${name} is not permitted in zone ${zone.name}`)
  }
  if (type === 'CNAME' && name === zone.name) {
    throw invalidInput(
      `RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone.name}`,
    )
  }
  const roots = rootsOf(context, zone.id)
  if (
    instancesOf(context).some(
      (other) => other.zoneId === zone.id && other.name === name && other.type === type,
    )
  ) {
    const message = `There is already a traffic policy instance of type ${type} with the name ${name}.`
    throw new AwsError('TrafficPolicyInstanceAlreadyExists', message, 409)
  }
  const records = context.records.list(zone.id)
  if (records.some((record) => record.Name === name && record.Type === type)) {
    throw invalidInput(`RRSet with DNS name ${name}, type ${type} already exists in zone ${zone.name}`)
  }
  const [problem] = groupProblems(rootRecord(root), [...records, ...roots.map(rootRecord)], zone.name)
  if (problem) throw invalidInput(problem)
}

/** The instance of that id. Throws NoSuchTrafficPolicyInstance. */
function instanceOf(context: Context, givenId: string | undefined): InstanceState {
  const id = required(givenId, 'Id')
  const instance = instancesOf(context).find((candidate) => candidate.id === id)
  if (instance) return instance
  throw new AwsError(
    'NoSuchTrafficPolicyInstance',
    `No traffic policy instance exists with the ID ${id}.`,
    404,
  )
}

export function policyInstanceOperations(context: Context) {
  const { state, world } = context
  const { clock } = world

  /** An instance that no earlier request is still at work on. */
  const settled = (id: string | undefined) => {
    const instance = instanceOf(context, stripId(id))
    if (stateOf(instance, clock.now()) !== 'Applied') throw priorRequestNotComplete()
    return instance
  }
  const ttlOf = (ttl: number | undefined) => {
    checkRange(required(ttl, 'TTL'), 'ttl', 0, 2147483647)
    return ttl!
  }

  return {
    CreateTrafficPolicyInstance(
      input: CreateTrafficPolicyInstanceRequest,
    ): CreateTrafficPolicyInstanceResponse {
      const zone = zoneOf(context, input.HostedZoneId)
      const name = normaliseName(required(input.Name, 'Name'))
      const ttl = ttlOf(input.TTL)
      const policy = usablePolicy(context, input.TrafficPolicyId, input.TrafficPolicyVersion)
      const instance: InstanceState = {
        id: randomUUID(),
        zoneId: zone.id,
        name,
        type: policy.type,
        createdAt: clock.now(),
        serving: { ttl, policyId: policy.id, policyVersion: policy.version },
        appliedAt: clock.after(world.takes('route53.policy-instance-applied')),
      }
      checkRoot(context, zone, instance)
      enforceLimit(context, 'MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER')
      state.instances.set(instance.id, instance)
      return {
        TrafficPolicyInstance: describeInstance(instance, clock.now()),
        Location: `https://route53.amazonaws.com/2013-04-01/trafficpolicyinstance/${instance.id}`,
      }
    },

    GetTrafficPolicyInstance: ({
      Id,
    }: GetTrafficPolicyInstanceRequest): GetTrafficPolicyInstanceResponse => ({
      TrafficPolicyInstance: describeInstance(instanceOf(context, Id), clock.now()),
    }),

    GetTrafficPolicyInstanceCount: (): GetTrafficPolicyInstanceCountResponse => ({
      TrafficPolicyInstanceCount: instancesOf(context).length,
    }),

    UpdateTrafficPolicyInstance(
      input: UpdateTrafficPolicyInstanceRequest,
    ): UpdateTrafficPolicyInstanceResponse {
      const instance = settled(input.Id)
      const ttl = ttlOf(input.TTL)
      const policy = usablePolicy(context, input.TrafficPolicyId, input.TrafficPolicyVersion)
      if (policy.type !== instance.type) {
        const message = `The traffic policy instance has the type ${instance.type}, the traffic policy ${policy.type}.`
        throw new AwsError('ConflictingTypes', message, 400)
      }
      const updated: InstanceState = {
        ...instance,
        serving: { ttl, policyId: policy.id, policyVersion: policy.version },
        // AWS: the old records answer until the new tree is there everywhere.
        servingBefore: instance.serving,
        appliedAt: clock.after(world.takes('route53.policy-instance-applied')),
      }
      state.instances.set(instance.id, updated)
      return { TrafficPolicyInstance: describeInstance(updated, clock.now()) }
    },

    DeleteTrafficPolicyInstance({
      Id,
    }: DeleteTrafficPolicyInstanceRequest): DeleteTrafficPolicyInstanceResponse {
      const instance = settled(Id)
      const goneAt = clock.after(world.takes('route53.policy-instance-gone'))
      state.instances.set(instance.id, { ...instance, goneAt })
      return {}
    },
  }
}
