// Which IAM actions on which resources a call to Route 53 needs. Resources are those that its input names; what has
// none in AWS's reference is `*`. They are evaluated by IAM.
//
// AWS: service authorization reference "Amazon Route 53"; developer guide, conditions of ChangeResourceRecordSets.
import type { LocalService, Want } from '../ports.js'
import { tagKeys, wantOf } from '../wire/want.js'

type Input = Readonly<Record<string, unknown>>

const arn = (kind: string, id: unknown) => `arn:aws:route53:::${kind}/${idOf(id)}`

/** Ids may come with the path that answers give them. */
const idOf = (id: unknown) => String(id ?? '').replace(/^\/?[a-z]+\//, '')

const zone = ({ HostedZoneId, Id }: Input) => [arn('hostedzone', HostedZoneId ?? Id)]
const check = ({ HealthCheckId }: Input) => [arn('healthcheck', HealthCheckId)]
const policy = ({ Id, TrafficPolicyId }: Input) => [arn('trafficpolicy', Id ?? TrafficPolicyId)]
const instance = ({ Id }: Input) => [arn('trafficpolicyinstance', Id)]
const tagged = ({ ResourceType, ResourceId }: Input) => [arn(String(ResourceType), ResourceId)]

const RESOURCES: Readonly<Record<string, (input: Input) => string[]>> = {
  GetChange: ({ Id }) => [arn('change', Id)],
  GetHostedZone: zone,
  DeleteHostedZone: zone,
  ChangeResourceRecordSets: zone,
  ListResourceRecordSets: zone,
  // Not in the reference that was read: unconfirmed.
  ListResourceRecordSetProtections: zone,
  ListTrafficPolicyInstancesByHostedZone: zone,
  GetHealthCheck: check,
  UpdateHealthCheck: check,
  DeleteHealthCheck: check,
  GetHealthCheckStatus: check,
  GetHealthCheckLastFailureReason: check,
  ChangeTagsForResource: tagged,
  ListTagsForResource: tagged,
  ListTagsForResources: ({ ResourceType, ResourceIds }) =>
    (Array.isArray(ResourceIds) ? ResourceIds : []).map((id) => arn(String(ResourceType), id)),
  GetTrafficPolicy: policy,
  CreateTrafficPolicyVersion: policy,
  DeleteTrafficPolicy: policy,
  UpdateTrafficPolicyComment: policy,
  ListTrafficPolicyVersions: policy,
  ListTrafficPolicyInstancesByPolicy: policy,
  CreateTrafficPolicyInstance: (input) => [
    arn('hostedzone', input.HostedZoneId),
    arn('trafficpolicy', input.TrafficPolicyId),
  ],
  GetTrafficPolicyInstance: instance,
  UpdateTrafficPolicyInstance: instance,
  DeleteTrafficPolicyInstance: instance,
}

export const permissionsOf: NonNullable<LocalService['authorize']> = (operation, input) => {
  const resources = RESOURCES[operation]?.(input) ?? ['*']
  const context = { ...tagKeys(input.AddTags), ...recordKeys(input) }
  return resources.map((resource) => wantOf(`route53:${operation}`, resource, context))
}

interface Change {
  readonly Action?: string
  readonly ResourceRecordSet?: { readonly Name?: string; readonly Type?: string }
}

/** AWS: names are normalized: lower case, without the last dot, other characters than letters, digits, - _ . escaped. */
function recordKeys({ ChangeBatch }: Input): NonNullable<Want['context']> {
  const changes = (ChangeBatch as { Changes?: Change[] } | undefined)?.Changes
  if (!Array.isArray(changes)) return {}
  const distinct = (values: readonly (string | undefined)[]) => [
    ...new Set(values.filter((value) => value !== undefined)),
  ]
  return {
    'route53:ChangeResourceRecordSetsActions': distinct(changes.map(({ Action }) => Action)),
    'route53:ChangeResourceRecordSetsNormalizedRecordNames': distinct(
      changes.map(({ ResourceRecordSet: record }) => record?.Name && normalized(record.Name)),
    ),
    'route53:ChangeResourceRecordSetsRecordTypes': distinct(
      changes.map(({ ResourceRecordSet: record }) => record?.Type),
    ),
  }
}

const normalized = (name: string) =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[^a-z0-9_.\\-]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
