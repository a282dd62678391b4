// The certificates of custom domains: which one may stand for a name, and which resources hold one.
// They are made by ACM; handshakes with them are `edge.ts`'s.
import { X509Certificate } from 'node:crypto'
import type { CertificateHoldersPort } from '../ports.js'
import { type ControlPlane, domainKey } from './record.js'
import { badRequest } from './refusal.js'
import { inEffect } from './transition.js'

/** Throws BadRequestException unless the certificate is issued, of this region, and covers the name. */
export function checkCertificate(
  { certificates, world }: ControlPlane,
  arn: string,
  region: string,
  domainName: string,
): void {
  const [, , service, certificateRegion] = arn.split(':')
  if (service !== 'acm') throw badRequest(`Invalid certificate ARN: ${arn}.`)
  if (certificateRegion !== region) {
    throw badRequest(`Invalid certificate ARN: ${arn}. Certificate must be in '${region}'.`)
  }
  const certificate = certificates.find(arn)
  // AWS: the texts for an unknown certificate and for one of another name are unconfirmed.
  if (!certificate) throw badRequest(`Invalid certificate ARN: ${arn}. Certificate does not exist.`)
  if (certificate.status !== 'ISSUED') {
    throw badRequest(`Certificate ${arn} in account ${world.account} not yet issued`)
  }
  const names = namesOf(certificate.chainPem)
  if (!names.some((name) => covers(name, domainName))) {
    throw badRequest(`Certificate ${arn} does not cover ${domainName}: it is for ${names.join(', ')}`)
  }
}

/** The DNS names of the first certificate in the chain. */
function namesOf(chainPem: string): string[] {
  const { subjectAltName = '' } = new X509Certificate(chainPem)
  return subjectAltName.split(', ').flatMap((each) => /^DNS:(.+)$/.exec(each)?.[1] ?? [])
}

/** A wildcard stands for exactly one label, the first. */
export function covers(name: string, domainName: string): boolean {
  if (name === domainName) return true
  return name.startsWith('*.') && domainName.slice(domainName.indexOf('.')) === name.slice(1)
}

export const domainArn = (region: string, domainName: string) =>
  `arn:aws:apigateway:${region}::/domainnames/${domainName}`

/**
 * Answers ACM: the domains that hold a certificate, one on its way out too. AWS: `InUseBy` shows a load balancer of
 * API Gateway's own there; the domain's ARN says more.
 */
export function certificateHolders({ kept, world }: ControlPlane): CertificateHoldersPort {
  return {
    holdersOf: (certificateArn) =>
      [...kept.domainNames.values()]
        .filter(({ tls }) =>
          [inEffect(world, tls), tls.coming?.value].some((each) => each?.certificateArn === certificateArn),
        )
        .map(({ region, name }) => domainArn(region, name)),
  }
}

/** The custom domain that answers for a host in a region: of that name, or a wildcard's. */
export function domainOfHost({ kept }: Pick<ControlPlane, 'kept'>, region: string, host: string) {
  const wildcard = `*${host.slice(host.indexOf('.'))}`
  return kept.domainNames.get(domainKey(region, host)) ?? kept.domainNames.get(domainKey(region, wildcard))
}
