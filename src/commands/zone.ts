// The hosted zone of the domain: the longest public zone that holds it, found, never made. And whether the public DNS
// really leads to it, as a zone that is not delegated lets ACM hang for three days.
import {
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53'
import { kindOf } from '../aws/errors.js'
import { ConfigError, ForeignResourceError, MultiregionError } from '../base/errors.js'
import type { Config } from '../config/schema.js'
import { recordedEnv, type Session } from './session.js'

export interface Zone {
  /** Without the `/hostedzone/` prefix. */
  readonly id: string
  /** Without the final dot. */
  readonly name: string
  readonly nameServers: readonly string[]
  /** Route 53 does not answer: this is what the state and the public DNS know of it. */
  readonly silent?: true
}

/**
 * As Route 53 says. AWS: its control plane is in us-east-1 alone and may be out, while its name servers and checkers go on.
 * Throws as `findZone`, and where nothing is known of the zone either.
 */
export async function zoneFor(session: Session): Promise<Zone> {
  const { config, target } = session
  try {
    return await findZone(config, target.clients(config.home).route53, target.local && LOCAL_SHELL)
  } catch (error) {
    const id = kindOf(error) === 'unavailable' ? recordedEnv(session).hostedZone.id : ''
    if (id === '') throw error
    for (const name of parents(config.domain).slice(1)) {
      const nameServers = (await target.network.delegation(name)) ?? []
      if (nameServers.length > 0) return { id, name, nameServers: nameServers.map(bare), silent: true }
    }
    throw error
  }
}

/** Without it `aws` would ask AWS. */
const LOCAL_SHELL = 'eval "$(multiregion local env)" && '

/** Throws ConfigError for an apex, MultiregionError where there is no zone or more than one. `shell`: what comes before `aws`. */
export async function findZone({ domain, file }: Config, route53: Route53Client, shell = ''): Promise<Zone> {
  const hidden: string[] = []
  for (const name of parents(domain)) {
    const { zones, privates } = await zonesNamed(route53, name)
    hidden.push(...privates.map((id) => `${name} (${id})`))
    if (zones.length > 1) throw twice(name, zones)
    const [id] = zones
    if (!id) continue
    if (name === domain) throw apex(domain, file)
    const { DelegationSet } = await route53.send(new GetHostedZoneCommand({ Id: id }))
    return { id, name, nameServers: (DelegationSet?.NameServers ?? []).map(bare) }
  }
  const local = domain.split('.').slice(1).join('.')
  throw new MultiregionError(
    'no-zone',
    `No public hosted zone in this account holds ${domain}${hidden.length > 0 ? `; ${hidden.join(', ')} is private, which the internet does not see` : ''}`,
    `Make one (${shell}aws route53 create-hosted-zone --name ${local} --caller-reference "$(date +%s)") and delegate it, or set domain in ${file} to a name below a zone that you have.`,
    1,
    { domain, privateZones: hidden },
  )
}

/** Compares what the public DNS says with the zone's own name servers. Throws MultiregionError naming both. */
export async function checkDelegation({ target, emit }: Session, zone: Zone): Promise<void> {
  if (target.customEndpoint) {
    emit({ type: 'run.noted', text: 'AWS_ENDPOINT_URL is set: the delegation of the zone is not looked at.' })
    return
  }
  const delegated = await target.network.delegation(zone.name)
  if (!delegated) {
    emit({ type: 'run.noted', text: `The public DNS could not be asked whether ${zone.name} is delegated.` })
    return
  }
  if (delegated.map(bare).some((name) => zone.nameServers.includes(name))) return
  throw new MultiregionError(
    'not-delegated',
    `The zone ${zone.name} (${zone.id}) is not what the public DNS uses: it answers ${delegated.join(', ') || 'nothing'}, the zone has ${zone.nameServers.join(', ')}`,
    `Set the NS records of ${zone.name} at its registrar or parent zone to ${zone.nameServers.join(' ')}, then run the same command again.`,
    1,
    { zone: zone.name, delegated, nameServers: zone.nameServers },
  )
}

/** Refuses a public name that other records hold. Ours is the policy record that the state knows. */
export async function checkNameIsFree(
  { config, ledger }: Session,
  zone: Zone,
  route53: Route53Client,
): Promise<void> {
  if (ledger.entry(`policy-record/${config.home}`)) return
  const name = `${config.domain}.`
  const { ResourceRecordSets = [] } = await route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zone.id, StartRecordName: name }),
  )
  const taken = ResourceRecordSets.filter((record) => record.Name === name)
  if (taken.length === 0) return
  const what = taken.map(({ Type, TrafficPolicyInstanceId, ResourceRecords }) =>
    TrafficPolicyInstanceId
      ? `a policy record (${TrafficPolicyInstanceId})`
      : `${Type} ${(ResourceRecords ?? []).map(({ Value }) => Value).join(' ')}`.trim(),
  )
  throw new ForeignResourceError(
    `${config.domain} has records already that this stack did not make: ${what.join(', ')}`,
    `If ${config.stack} made them and another machine has its state, work there; if its state file is gone: multiregion state rebuild. Else remove them, or set domain to another name: a policy record cannot stand beside others.`,
    { zone: zone.name, records: what },
  )
}

const bare = (name: string) => name.toLowerCase().replace(/\.$/, '')

/** `a.b.example.com` -> itself, `b.example.com`, `example.com`, `com`. Pure. */
export function parents(domain: string): string[] {
  const labels = domain.split('.')
  return labels.map((_, index) => labels.slice(index).join('.'))
}

/** AWS: the listing starts at the name and filters nothing; one name may have several zones. */
async function zonesNamed(
  route53: Route53Client,
  name: string,
): Promise<{ zones: string[]; privates: string[] }> {
  const zones: string[] = []
  const privates: string[] = []
  let from: { DNSName?: string; HostedZoneId?: string } | undefined = { DNSName: `${name}.` }
  while (from) {
    const page: Awaited<ReturnType<typeof listZones>> = await listZones(route53, from)
    const listed = page.HostedZones ?? []
    const same = listed.filter((zone) => zone.Name === `${name}.`)
    for (const { Id, Config } of same)
      (Config?.PrivateZone ? privates : zones).push(Id!.replace('/hostedzone/', ''))
    const more = page.IsTruncated && same.length === listed.length
    from = more ? { DNSName: page.NextDNSName, HostedZoneId: page.NextHostedZoneId } : undefined
  }
  return { zones, privates }
}

const listZones = (route53: Route53Client, from: { DNSName?: string; HostedZoneId?: string }) =>
  route53.send(new ListHostedZonesByNameCommand(from))

const apex = (domain: string, file: string) =>
  new ConfigError(
    `domain: ${domain} is the apex of its zone, where DNS allows no CNAME and so no policy record`,
    `Use a name below it, such as api.${domain}.`,
    { file, path: 'domain' },
  )

const twice = (name: string, ids: readonly string[]) =>
  new MultiregionError(
    'zone-ambiguous',
    `There are ${ids.length} public hosted zones named ${name}: ${ids.join(', ')}`,
    'Delete the ones that nothing is delegated to, then run the same command again.',
    1,
    { zones: ids },
  )
