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
import { invalidInput, stripId } from './input.js'
import { enforceLimit } from './limit.js'
import { isWithin, nameProblem, normaliseName } from './name.js'
import { healthChecksOf, parsePolicyDocument } from './policy-document.js'
import { instancesOf, rootRecord, rootsOf } from './policy-root.js'
import { groupProblems } from './record-group.js'
import type { InstanceState, PolicyState, Zone } from './state.js'
import { livePolicyOf, noSuchPolicy } from './traffic-policy.js'
import { zoneOf } from './zone.js'

/** AWS: Creating or Updating until applied everywhere, then Applied or Failed; Deleting until it is gone. */
export function stateOf(instance: InstanceState, now: number): string {
  if (instance.goneAt !== undefined) return 'Deleting'
  if (now >= instance.appliedAt) return instance.failure === undefined ? 'Applied' : 'Failed'
  return instance.servingBefore ? 'Updating' : 'Creating'
}

/** AWS: Message is empty unless the state is Failed. */
export const describeInstance = (instance: InstanceState, now: number): TrafficPolicyInstance => ({
  Id: instance.id,
  HostedZoneId: instance.zoneId,
  Name: instance.name,
  TTL: instance.serving.ttl,
  State: stateOf(instance, now),
  Message: (stateOf(instance, now) === 'Failed' && instance.failure) || '',
  TrafficPolicyId: instance.serving.policyId,
  TrafficPolicyVersion: instance.serving.policyVersion,
  TrafficPolicyType: instance.type,
})

/** The policy version, if instances can be made of it by now. Throws NoSuchTrafficPolicy. */
function usablePolicy(context: Context, id: string | undefined, version: number | undefined): PolicyState {
  const policy = livePolicyOf(context, id, version)
  // AWS: for some moments a fresh policy is not known to those who make instances.
  if (context.world.clock.now() < policy.usableAt) throw noSuchPolicy(policy.id, policy.version)
  return policy
}

/** Refuses a name that no instance can have. */
function checkName(context: Context, zone: Zone, { name, type }: InstanceState): void {
  const problem = nameProblem(name)
  if (problem) throw invalidInput(`${name} is not a valid name: ${problem.text}.`)
  if (!isWithin(name, zone.name)) {
    throw invalidInput(`RRSet with DNS name ${name} is not permitted in zone ${zone.name}`)
  }
  const isSame = (other: InstanceState) =>
    other.zoneId === zone.id && other.name === name && other.type === type
  if (instancesOf(context).some(isSame)) {
    const message = `There is already a traffic policy instance of type ${type} with the name ${name}.`
    throw new AwsError('TrafficPolicyInstanceAlreadyExists', message, 409)
  }
}

/**
 * Why the records of an instance cannot be made, if so. AWS: they are made after the call was answered, which has no
 * error for them: State becomes Failed. Which conflicts are found that way, and the words, are unconfirmed.
 */
function failureOf(context: Context, instance: InstanceState, policy: PolicyState): string | undefined {
  const { state, records } = context
  const { id, name, type, zoneId } = instance
  const missing = healthChecksOf(parsePolicyDocument(policy.document)).find(
    (check) => !state.healthChecks.has(check),
  )
  if (missing) return `A health check with id ${missing} does not exist.`
  const zone = state.zones.get(zoneId)
  if (!zone) return `No hosted zone found with ID: ${zoneId}`
  if (type === 'CNAME' && name === zone.name) {
    return `RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone.name}`
  }
  const kept = records.list(zoneId)
  if (kept.some((record) => record.Name === name && record.Type === type)) {
    return `Tried to create resource record set [name='${name}', type='${type}'] but it already exists`
  }
  const roots = rootsOf(context, zoneId).filter((other) => other.id !== id)
  return groupProblems(rootRecord(instance), [...kept, ...roots.map(rootRecord)], zone.name)[0]
}

const withFailure = (context: Context, instance: InstanceState, policy: PolicyState): InstanceState => {
  const failure = failureOf(context, instance, policy)
  return failure === undefined ? instance : { ...instance, failure }
}

/** The instance of that id. Throws NoSuchTrafficPolicyInstance. */
function instanceOf(context: Context, givenId: string | undefined): InstanceState {
  const id = givenId!
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
    if (['Applied', 'Failed'].includes(stateOf(instance, clock.now()))) return instance
    throw priorRequestNotComplete()
  }

  return {
    CreateTrafficPolicyInstance(
      input: CreateTrafficPolicyInstanceRequest,
    ): CreateTrafficPolicyInstanceResponse {
      const zone = zoneOf(context, input.HostedZoneId)
      const name = normaliseName(input.Name!)
      const ttl = input.TTL!
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
      checkName(context, zone, instance)
      enforceLimit(context, 'MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER')
      state.instances.set(instance.id, withFailure(context, instance, policy))
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
      const ttl = input.TTL!
      const policy = usablePolicy(context, input.TrafficPolicyId, input.TrafficPolicyVersion)
      if (policy.type !== instance.type) {
        const message = `The traffic policy instance has the type ${instance.type}, the traffic policy ${policy.type}.`
        throw new AwsError('ConflictingTypes', message, 400)
      }
      const { failure, servingBefore, ...settledInstance } = instance
      // AWS: the old records answer until the new tree is there everywhere.
      const before = failure === undefined ? instance.serving : servingBefore
      const asked: InstanceState = {
        ...settledInstance,
        serving: { ttl, policyId: policy.id, policyVersion: policy.version },
        ...(before && { servingBefore: before }),
        appliedAt: clock.after(world.takes('route53.policy-instance-applied')),
      }
      const updated = withFailure(context, asked, policy)
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
