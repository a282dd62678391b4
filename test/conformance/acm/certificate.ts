// Certificates for the cases of this suite: asked for, proven in a zone of their own, issued.
import {
  ACM,
  type CertificateDetail,
  type RequestCertificateRequest,
  type ResourceRecord,
} from '@aws-sdk/client-acm'
import { Route53, type RRType } from '@aws-sdk/client-route-53'
import type { TestCloud } from '../cloud.js'

/** At most, in seconds: until reads find it, its record has a name, listings show it; from record to issue. */
export const DESCRIBABLE = 3
export const NAMED = 10
export const LISTED = 8
export const ISSUE = 300
export const IN_USE_AFTER_DOMAIN = 900
const INSYNC = 60

let domains = 0

/** A domain that no other case has. */
export function freshDomain(): string {
  domains += 1
  return `case${domains}.example.com`
}

/** An ARN of no certificate. */
export const NOWHERE = 'arn:aws:acm:eu-west-1:000000000000:certificate/00000000-0000-4000-8000-000000000000'

export async function request(
  cloud: TestCloud,
  more: Partial<RequestCertificateRequest> = {},
  region?: string,
): Promise<string> {
  // AWS: five requests a second.
  await cloud.pass(1)
  const input = { DomainName: freshDomain(), ValidationMethod: 'DNS' as const, ...more }
  return (await cloud.client(ACM, region).requestCertificate(input)).CertificateArn!
}

export async function describe(cloud: TestCloud, arn: string, region?: string): Promise<CertificateDetail> {
  await cloud.pass(0.2)
  return (await cloud.client(ACM, region).describeCertificate({ CertificateArn: arn })).Certificate!
}

/** The validation record of each name. */
export async function recordsOf(cloud: TestCloud, arn: string, region?: string): Promise<ResourceRecord[]> {
  const { DomainValidationOptions = [] } = await describe(cloud, arn, region)
  return DomainValidationOptions.flatMap(({ ResourceRecord }) => ResourceRecord ?? [])
}

/** The zones that were made, by cloud and domain. */
const zones = new WeakMap<TestCloud, Map<string, string>>()

async function zoneOf(cloud: TestCloud, domain: string): Promise<string> {
  const known = zones.get(cloud) ?? new Map<string, string>()
  zones.set(cloud, known)
  const before = known.get(domain)
  if (before) return before
  const input = { Name: domain, CallerReference: `zone ${domain}` }
  const id = (await cloud.client(Route53).createHostedZone(input)).HostedZone!.Id!
  known.set(domain, id)
  await cloud.pass(INSYNC)
  return id
}

/** Puts those records into a zone of that domain, in sync. */
export async function zoneWith(
  cloud: TestCloud,
  domain: string,
  records: readonly { name: string; type: RRType; value: string }[],
): Promise<void> {
  const HostedZoneId = await zoneOf(cloud, domain)
  const Changes = records.map(({ name, type, value }) => ({
    Action: 'UPSERT' as const,
    ResourceRecordSet: { Name: name, Type: type, TTL: 300, ResourceRecords: [{ Value: value }] },
  }))
  await cloud.client(Route53).changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } })
  await cloud.pass(INSYNC)
}

/** Proves all names of a certificate for that domain and names below it, other records beside; waits till ACM believes it. */
export async function prove(
  cloud: TestCloud,
  arn: string,
  domain: string,
  beside: Parameters<typeof zoneWith>[2] = [],
): Promise<void> {
  await cloud.pass(NAMED)
  const proofs = (await recordsOf(cloud, arn)).map(({ Name, Value }) => [Name!, Value!] as const)
  const records = [...new Map(proofs)].map(([name, value]) => ({ name, type: 'CNAME' as const, value }))
  await zoneWith(cloud, domain, [...records, ...beside])
  await describe(cloud, arn)
  await cloud.pass(ISSUE)
  await describe(cloud, arn)
}

/** An issued certificate for a domain of its own. */
export async function issued(
  cloud: TestCloud,
  more: Partial<RequestCertificateRequest> = {},
): Promise<{ arn: string; domain: string }> {
  const domain = more.DomainName ?? freshDomain()
  const arn = await request(cloud, { ...more, DomainName: domain })
  await prove(cloud, arn, domain)
  return { arn, domain }
}
