// Hosted zones: public ones only, each with its SOA and NS records from the start.
// Records are changed by `change-batch.ts` and listed by `record-list.ts`.
import type {
  CreateHostedZoneRequest,
  CreateHostedZoneResponse,
  DelegationSet,
  DeleteHostedZoneRequest,
  DeleteHostedZoneResponse,
  GetHostedZoneCountResponse,
  GetHostedZoneRequest,
  GetHostedZoneResponse,
  HostedZone,
  ListHostedZonesByNameRequest,
  ListHostedZonesByNameResponse,
  ListHostedZonesRequest,
  ListHostedZonesResponse,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.js'
import { claimZone, submitChange } from './change.js'
import type { Context } from './context.js'
import { pageOf, startAt, stripId, unsupported } from './input.js'
import { enforceLimit } from './limit.js'
import { compareAscii, nameProblem, normaliseName, sortKeyOf } from './name.js'
import { newId } from './new-id.js'
import { rootsOf } from './policy-root.js'
import { keyOf } from './record-store.js'
import type { Zone } from './state.js'

/** AWS: a delegation set has four name servers. Here the same four serve every zone. */
export const NAME_SERVERS = [1, 2, 3, 4].map((number) => `ns-${number}.multiregion-local.test`)

// AWS: the SOA and NS records that a new zone starts with, and their TTLs.
const SOA_VALUE = `${NAME_SERVERS[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`
const SOA_TTL = 900
const NS_TTL = 172800
const MOST_ZONES_A_PAGE = 100

const delegationSet = (): DelegationSet => ({ NameServers: [...NAME_SERVERS] })
const locationOf = (id: string) => `https://route53.amazonaws.com/2013-04-01/hostedzone/${id}`

/** The zone of that id, with or without its path. Throws NoSuchHostedZone. */
export function zoneOf({ state }: Context, givenId: string | undefined): Zone {
  const id = stripId(givenId!)
  const zone = state.zones.get(id)
  if (!zone) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404)
  return zone
}

/** Zones in the order of their creation. */
const zonesByAge = ({ state }: Context) => [...state.zones.values()].sort((a, b) => a.createdAt - b.createdAt)

function hostedZoneOf(context: Context, zone: Zone): HostedZone {
  const count = context.records.list(zone.id).length + rootsOf(context, zone.id).length
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: { ...(zone.comment !== undefined && { Comment: zone.comment }), PrivateZone: false },
    ResourceRecordSetCount: count,
  }
}

/** The id of the public zone of that name; makes it when there is none, answering from this moment on. */
export function ensureZone(context: Context, name: string): string {
  const kept = normaliseName(name)
  const existing = zonesByAge(context).find((zone) => zone.name === kept)
  return existing?.id ?? addZone(context, { name: kept, callerReference: newId('C') }, true).zone.id
}

function addZone(
  context: Context,
  given: Pick<Zone, 'name' | 'callerReference' | 'comment'>,
  atOnce = false,
) {
  const { info, visibleAt } = submitChange(context, undefined, atOnce)
  const zone: Zone = { ...given, id: newId('Z'), createdAt: context.world.clock.now(), visibleAt }
  context.state.zones.set(zone.id, zone)
  const servers = NAME_SERVERS.map((server) => ({ Value: `${server}.` }))
  const defaults: ResourceRecordSet[] = [
    { Name: zone.name, Type: 'NS', TTL: NS_TTL, ResourceRecords: servers },
    { Name: zone.name, Type: 'SOA', TTL: SOA_TTL, ResourceRecords: [{ Value: SOA_VALUE }] },
  ]
  for (const record of defaults) context.records.put(zone.id, keyOf(record), record, visibleAt)
  return { zone, info }
}

function checkName(given: string): string {
  const problem = nameProblem(given)
  if (problem) {
    throw new AwsError('InvalidDomainName', `${given} is not a valid domain name: ${problem.text}`)
  }
  const name = normaliseName(given)
  // AWS: a zone cannot be a top-level domain, nor begin with an asterisk.
  if (name.split('.').length < 3) throw new AwsError('InvalidDomainName', `${given} is reserved by AWS!`)
  if (name.startsWith('\\052.')) {
    throw new AwsError('InvalidDomainName', `${given} is not a valid domain name: it begins with an asterisk`)
  }
  return name
}

export function zoneOperations(context: Context) {
  const { state } = context
  return {
    CreateHostedZone(input: CreateHostedZoneRequest): CreateHostedZoneResponse {
      const name = checkName(input.Name!)
      const callerReference = input.CallerReference!
      const comment = input.HostedZoneConfig?.Comment
      if (input.VPC || input.HostedZoneConfig?.PrivateZone) throw unsupported('A private hosted zone')
      if (input.DelegationSetId) throw unsupported('A reusable delegation set')
      if ([...state.zones.values()].some((zone) => zone.callerReference === callerReference)) {
        const message = 'A hosted zone has already been created with the specified caller reference.'
        throw new AwsError('HostedZoneAlreadyExists', message, 409)
      }
      enforceLimit(context, 'MAX_HOSTED_ZONES_BY_OWNER')
      const { zone, info } = addZone(context, {
        name,
        callerReference,
        ...(comment !== undefined && { comment }),
      })
      return {
        HostedZone: hostedZoneOf(context, zone),
        ChangeInfo: info,
        DelegationSet: delegationSet(),
        Location: locationOf(zone.id),
      }
    },

    GetHostedZone({ Id }: GetHostedZoneRequest): GetHostedZoneResponse {
      return { HostedZone: hostedZoneOf(context, zoneOf(context, Id)), DelegationSet: delegationSet() }
    },

    GetHostedZoneCount: (): GetHostedZoneCountResponse => ({ HostedZoneCount: state.zones.size }),

    ListHostedZones(input: ListHostedZonesRequest): ListHostedZonesResponse {
      if (input.DelegationSetId) throw unsupported('A reusable delegation set')
      const zones = input.HostedZoneType === 'PrivateHostedZone' ? [] : zonesByAge(context)
      const start = startAt(zones, input.Marker, ({ id }) => id)
      const { items, next, maxItems } = pageOf(zones, start, input.MaxItems, MOST_ZONES_A_PAGE)
      return {
        HostedZones: items.map((zone) => hostedZoneOf(context, zone)),
        Marker: input.Marker ?? '',
        IsTruncated: next !== undefined,
        ...(next && { NextMarker: next.id }),
        MaxItems: maxItems,
      }
    },

    ListHostedZonesByName(input: ListHostedZonesByNameRequest): ListHostedZonesByNameResponse {
      // AWS: DNSName is where the list starts, no filter; the id orders zones of one name.
      const id = input.HostedZoneId && stripId(input.HostedZoneId)
      if (id && !input.DNSName) throw new AwsError('InvalidInput', 'HostedZoneId needs DNSName beside it.')
      const order = (name: string, zoneId: string) => [sortKeyOf(name), zoneId] as const
      const compare = (a: readonly [string, string], b: readonly [string, string]) =>
        compareAscii(a[0], b[0]) || compareAscii(a[1], b[1])
      const zones = [...state.zones.values()].sort((a, b) =>
        compare(order(a.name, a.id), order(b.name, b.id)),
      )
      const from = input.DNSName ? order(input.DNSName, id ?? '') : (['', ''] as const)
      const first = zones.findIndex((zone) => compare(order(zone.name, zone.id), from) >= 0)
      const start = first < 0 ? zones.length : first
      const { items, next, maxItems } = pageOf(zones, start, input.MaxItems, MOST_ZONES_A_PAGE)
      return {
        HostedZones: items.map((zone) => hostedZoneOf(context, zone)),
        ...(input.DNSName && { DNSName: input.DNSName }),
        ...(id && { HostedZoneId: id }),
        IsTruncated: next !== undefined,
        ...(next && { NextDNSName: next.name, NextHostedZoneId: next.id }),
        MaxItems: maxItems,
      }
    },

    DeleteHostedZone({ Id }: DeleteHostedZoneRequest): DeleteHostedZoneResponse {
      const zone = zoneOf(context, Id)
      const isDefault = (record: { Name?: string; Type?: string }) =>
        record.Name === zone.name && (record.Type === 'NS' || record.Type === 'SOA')
      if (!context.records.list(zone.id).every(isDefault) || rootsOf(context, zone.id).length) {
        const message =
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.'
        throw new AwsError('HostedZoneNotEmpty', message, 400)
      }
      claimZone(context, zone.id)
      const { info } = submitChange(context)
      context.records.drop(zone.id)
      state.zones.delete(zone.id)
      state.tags.delete(`hostedzone/${zone.id}`)
      return { ChangeInfo: info }
    },
  }
}
