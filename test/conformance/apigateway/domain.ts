// Custom domains for the cases of this suite: with a certificate of their own, available, mapped.
import type { DomainName } from '@aws-sdk/client-api-gateway'
import { issued } from '../acm/certificate.js'
import type { TestCloud } from '../cloud.js'
import { gateway, REGIONAL, servedApi } from './api.js'

/** At most, in seconds: until a new domain is served, until a change of one is. */
export const AVAILABLE = 60
export const UPDATED = 900
/** AWS: one CreateDomainName each 30 s, and as many of UpdateDomainName and DeleteDomainName. */
export const PAUSE = 30

/** A certificate that the domain of its name may present. */
export async function certificate(cloud: TestCloud, domainName?: string) {
  const { arn, domain } = await issued(cloud, {
    KeyAlgorithm: 'EC_prime256v1',
    ...(domainName && { DomainName: domainName }),
  })
  return { certificateArn: arn, domainName: domain }
}

/** A domain that was made just now. */
export async function newDomain(
  cloud: TestCloud,
): Promise<DomainName & { domainName: string; certificateArn: string }> {
  const { certificateArn, domainName } = await certificate(cloud)
  await cloud.pass(PAUSE)
  const made = await gateway(cloud).createDomainName({
    domainName,
    regionalCertificateArn: certificateArn,
    endpointConfiguration: REGIONAL,
    securityPolicy: 'TLS_1_2',
  })
  return { ...made, domainName, certificateArn }
}

/** A domain that is available, its name. */
export async function availableDomain(cloud: TestCloud): Promise<string> {
  const { domainName } = await newDomain(cloud)
  await cloud.pass(AVAILABLE)
  return domainName
}

/** A domain whose root, or the path given, leads to the stage `dev` of an API. */
export async function mappedDomain(cloud: TestCloud, basePath = '') {
  const served = await servedApi(cloud)
  const domainName = await availableDomain(cloud)
  const { restApiId, stageName } = served
  await gateway(cloud).createBasePathMapping({ domainName, restApiId, stage: stageName, basePath })
  return { ...served, domainName }
}
