// Traffic policies and their versions. Documents are read by `policy-document.ts`; records come of a policy only
// through its instances, in `policy-instance.ts`.
import { randomUUID } from 'node:crypto'
import type {
  CreateTrafficPolicyRequest,
  CreateTrafficPolicyResponse,
  CreateTrafficPolicyVersionRequest,
  CreateTrafficPolicyVersionResponse,
  DeleteTrafficPolicyRequest,
  DeleteTrafficPolicyResponse,
  GetTrafficPolicyRequest,
  GetTrafficPolicyResponse,
  ListTrafficPoliciesRequest,
  ListTrafficPoliciesResponse,
  ListTrafficPolicyVersionsRequest,
  ListTrafficPolicyVersionsResponse,
  TrafficPolicy,
  UpdateTrafficPolicyCommentRequest,
  UpdateTrafficPolicyCommentResponse,
} from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.js'
import type { Context } from './context.js'
import { invalidInput, pageOf, startAt } from './input.js'
import { enforceLimit } from './limit.js'
import { parsePolicyDocument } from './policy-document.js'
import { instancesOf } from './policy-root.js'
import type { InstanceState, PolicyState } from './state.js'

const MOST_POLICIES_A_PAGE = 100
const MOST_VERSIONS = 1000

const keyOf = (id: string, version: number) => `${id}/${version}`

export const noSuchPolicy = (id: string, version?: number) =>
  new AwsError(
    'NoSuchTrafficPolicy',
    `No traffic policy exists with the ID ${id}${version === undefined ? '' : ` and the version ${version}`}.`,
    404,
  )

/** A version of a policy, deleted or not. Throws NoSuchTrafficPolicy. */
export function policyOf(
  { state }: Context,
  givenId: string | undefined,
  givenVersion: number | undefined,
): PolicyState {
  const id = givenId!
  const version = givenVersion!
  const policy = state.policies.get(keyOf(id, version))
  if (!policy) throw noSuchPolicy(id, version)
  return policy
}

/** A version that is not deleted. Throws NoSuchTrafficPolicy. */
export function livePolicyOf(
  context: Context,
  id: string | undefined,
  version: number | undefined,
): PolicyState {
  const policy = policyOf(context, id, version)
  if (policy.deletedAt !== undefined) throw noSuchPolicy(policy.id, policy.version)
  return policy
}

const describe = ({ id, version, name, type, document, comment }: PolicyState): TrafficPolicy => ({
  Id: id,
  Version: version,
  Name: name,
  Type: type,
  Document: document,
  ...(comment !== undefined && { Comment: comment }),
})

const locationOf = ({ id, version }: PolicyState) =>
  `https://route53.amazonaws.com/2013-04-01/trafficpolicy/${id}/${version}`

/** Versions of all policies, or of one, that are not deleted: by number. */
function liveVersions({ state }: Context, id?: string): PolicyState[] {
  return [...state.policies.values()]
    .filter((policy) => policy.deletedAt === undefined && (id === undefined || policy.id === id))
    .sort((a, b) => a.version - b.version)
}

/** Those that the lists show: a fresh one is not among them for some moments. */
const listedVersions = (context: Context, id?: string) =>
  liveVersions(context, id).filter(({ listedAt = 0 }) => context.world.clock.now() >= listedAt)

/** AWS: a policy that is deleted may hold its name for a while. */
const holdsName = ({ deletedAt, nameTakenUntil = 0 }: PolicyState, now: number) =>
  deletedAt === undefined || now < nameTakenUntil

/** The listed versions of each policy, in the order in which the policies were made: by their first versions, deleted or not. */
function policiesByAge(context: Context): PolicyState[][] {
  const byId = new Map<string, PolicyState[]>()
  for (const policy of listedVersions(context)) byId.set(policy.id, [...(byId.get(policy.id) ?? []), policy])
  const madeAt = ([first]: PolicyState[]) => context.state.policies.get(keyOf(first!.id, 1))!.createdAt
  return [...byId.values()].sort((a, b) => madeAt(a) - madeAt(b))
}

export function policyOperations(context: Context) {
  const { state, world } = context

  const add = (given: Pick<PolicyState, 'id' | 'version' | 'name' | 'document' | 'comment'>) => {
    const { recordType } = parsePolicyDocument(given.document)
    const policy: PolicyState = {
      ...given,
      type: recordType,
      createdAt: world.clock.now(),
      usableAt: world.clock.after(world.takes('route53.fresh-policy-usable')),
      listedAt: world.clock.after(world.takes('route53.policy-listing-lag')),
    }
    state.policies.set(keyOf(policy.id, policy.version), policy)
    return { TrafficPolicy: describe(policy), Location: locationOf(policy) }
  }

  return {
    CreateTrafficPolicy({
      Name,
      Document,
      Comment,
    }: CreateTrafficPolicyRequest): CreateTrafficPolicyResponse {
      const name = Name!
      const document = Document!
      const now = world.clock.now()
      if ([...state.policies.values()].some((policy) => policy.name === name && holdsName(policy, now))) {
        throw new AwsError(
          'TrafficPolicyAlreadyExists',
          `A traffic policy with the name ${name} already exists.`,
          409,
        )
      }
      enforceLimit(context, 'MAX_TRAFFIC_POLICIES_BY_OWNER')
      return add({
        id: randomUUID(),
        version: 1,
        name,
        document,
        ...(Comment !== undefined && { comment: Comment }),
      })
    },

    CreateTrafficPolicyVersion(input: CreateTrafficPolicyVersionRequest): CreateTrafficPolicyVersionResponse {
      const id = input.Id!
      const name = liveVersions(context, id)[0]?.name
      if (name === undefined) throw noSuchPolicy(id)
      // AWS: a version number is never used again.
      const all = [...state.policies.values()].filter((policy) => policy.id === id)
      const version = Math.max(...all.map((policy) => policy.version)) + 1
      if (version > MOST_VERSIONS) {
        const message = `The traffic policy ${id} has reached the limit of ${MOST_VERSIONS} versions.`
        throw new AwsError('TooManyTrafficPolicyVersionsForCurrentPolicy', message, 400)
      }
      const comment = input.Comment
      const document = input.Document!
      return add({ id, version, name, document, ...(comment !== undefined && { comment }) })
    },

    // AWS: deleted versions are still answered here, and only here.
    GetTrafficPolicy: ({ Id, Version }: GetTrafficPolicyRequest): GetTrafficPolicyResponse => ({
      TrafficPolicy: describe(policyOf(context, Id, Version)),
    }),

    ListTrafficPolicies(input: ListTrafficPoliciesRequest): ListTrafficPoliciesResponse {
      const policies = policiesByAge(context)
      const start = startAt(policies, input.TrafficPolicyIdMarker, ([first]) => first!.id)
      const { items, next, maxItems } = pageOf(policies, start, input.MaxItems, MOST_POLICIES_A_PAGE)
      return {
        TrafficPolicySummaries: items.map((versions) => {
          const { id, name, type, version } = versions.at(-1)!
          return {
            Id: id,
            Name: name,
            Type: type,
            LatestVersion: version,
            TrafficPolicyCount: versions.length,
          }
        }),
        IsTruncated: next !== undefined,
        TrafficPolicyIdMarker: next?.[0]?.id ?? '',
        MaxItems: maxItems,
      }
    },

    ListTrafficPolicyVersions(input: ListTrafficPolicyVersionsRequest): ListTrafficPolicyVersionsResponse {
      const id = input.Id!
      const versions = listedVersions(context, id)
      if (!versions.length) throw noSuchPolicy(id)
      const marker = input.TrafficPolicyVersionMarker
      const start = marker ? versions.findIndex(({ version }) => version >= Number(marker)) : 0
      if (start < 0 || Number.isNaN(Number(marker ?? 1)))
        throw invalidInput(`The marker ${marker} is not valid.`)
      const { items, next, maxItems } = pageOf(versions, start, input.MaxItems, MOST_POLICIES_A_PAGE)
      return {
        TrafficPolicies: items.map(describe),
        IsTruncated: next !== undefined,
        TrafficPolicyVersionMarker: next ? String(next.version) : '',
        MaxItems: maxItems,
      }
    },

    UpdateTrafficPolicyComment(input: UpdateTrafficPolicyCommentRequest): UpdateTrafficPolicyCommentResponse {
      const policy = livePolicyOf(context, input.Id, input.Version)
      const comment = input.Comment ?? ''
      const updated = { ...policy, comment }
      state.policies.set(keyOf(policy.id, policy.version), updated)
      return { TrafficPolicy: describe(updated) }
    },

    DeleteTrafficPolicy({ Id, Version }: DeleteTrafficPolicyRequest): DeleteTrafficPolicyResponse {
      const policy = livePolicyOf(context, Id, Version)
      const now = world.clock.now()
      if (instancesOf(context).some((instance) => serves(instance, policy, now))) {
        throw new AwsError('TrafficPolicyInUse', 'Policy is in use for at least one instance', 400)
      }
      const nameTakenUntil = world.clock.after(world.takes('route53.policy-name-taken'))
      state.policies.set(keyOf(policy.id, policy.version), { ...policy, deletedAt: now, nameTakenUntil })
      return {}
    },
  }
}

/** Whether an instance stands on that version, or still answers by it. */
function serves(
  { serving, servingBefore, appliedAt, failure }: InstanceState,
  policy: PolicyState,
  now: number,
) {
  const isBefore = servingBefore !== undefined && (now < appliedAt || failure !== undefined)
  return [serving, ...(isBefore ? [servingBefore] : [])].some(
    ({ policyId, policyVersion }) => policyId === policy.id && policyVersion === policy.version,
  )
}
