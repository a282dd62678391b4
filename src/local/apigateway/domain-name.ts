// Regional custom domain names: made with a certificate of the region, served once they are available.
// What they map to is in `base-path-mapping.ts`; their certificates are checked in `certificate.ts`.
import { createHash } from 'node:crypto'
import type {
  CreateDomainNameRequest,
  DeleteDomainNameRequest,
  DomainName,
  DomainNames,
  GetDomainNameRequest,
  GetDomainNamesRequest,
  UpdateDomainNameRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import { checkCertificate, domainArn } from './certificate.js'
import { checkEndpoint, checkSecurityPolicy, readSecurityPolicy } from './endpoint.js'
import { pageOf } from './page.js'
import { applyPatch, notHere, type PatchRule } from './patch.js'
import {
  type ControlPlane,
  type DomainNameRecord,
  type DomainTls,
  domainKey,
  freshId,
  mappingKey,
  withPrefix,
} from './record.js'
import { badRequest, conflict, limitExceeded, noSuchDomain, unsupported } from './refusal.js'
import { checkTags } from './tags.js'
import { inEffect, isPending, moveTo } from './transition.js'

// AWS: general reference "API Gateway endpoints": Route 53 zones of the regional endpoints.
const HOSTED_ZONES: Readonly<Record<string, string>> = {
  'us-east-1': 'Z1UJRXOUMOOFQ8',
  'us-east-2': 'ZOJJZC49E0EPZ',
  'us-west-1': 'Z2MUQ32089INYE',
  'us-west-2': 'Z2OJLYMUO9EFXC',
  'af-south-1': 'Z2DHW2332DAMTN',
  'ap-east-1': 'Z3FD1VL90ND7K5',
  'ap-northeast-1': 'Z1YSHQZHG15GKL',
  'ap-northeast-2': 'Z20JF4UZKIW1U8',
  'ap-northeast-3': 'Z2YQB5RD63NC85',
  'ap-south-1': 'Z3VO1THU9YC4UR',
  'ap-southeast-1': 'ZL327KTPIQFUL',
  'ap-southeast-2': 'Z2RPCDW04V8134',
  'ca-central-1': 'Z19DQILCV0OWEC',
  'eu-central-1': 'Z1U9ULNL0V5AJ3',
  'eu-north-1': 'Z3UWIKFBOOGXPP',
  'eu-south-1': 'Z3BT4WSQ9TDYZV',
  'eu-south-2': 'Z02499852UI5HEQ5JVWX3',
  'eu-west-1': 'ZLY8HYME6SFDD',
  'eu-west-2': 'ZJ5UAJN8Y3Z2Q',
  'eu-west-3': 'Z3KY65QIEKYHQQ',
  'me-central-1': 'Z08780021BKYYY8U0YHTV',
  'me-south-1': 'Z20ZBPC0SS8806',
  'sa-east-1': 'ZCMLWB8V5SYIT',
}

/** For a region that is not listed above, an id that no zone of AWS has. */
const hostedZoneOf = (region: string) =>
  HOSTED_ZONES[region] ??
  `ZLOCAL${createHash('sha256').update(region).digest('hex').slice(0, 8).toUpperCase()}`

/** What was asked for last, in effect or not. */
const latest = ({ tls }: DomainNameRecord): DomainTls => (tls.coming?.value ?? tls.live)!

function describeDomain({ world }: ControlPlane, domain: DomainNameRecord): DomainName {
  const { region, name, regionalDomainName, ipAddressType, tags, tls } = domain
  // AWS: a status before AVAILABLE is PENDING while nothing is served yet, UPDATING when something is.
  const pending = inEffect(world, tls) ? 'UPDATING' : 'PENDING'
  return {
    domainName: name,
    domainNameArn: domainArn(region, name),
    certificateUploadDate: new Date(domain.certificateUploadedAt),
    regionalDomainName,
    regionalHostedZoneId: hostedZoneOf(region),
    regionalCertificateArn: latest(domain).certificateArn,
    endpointConfiguration: { types: ['REGIONAL'], ipAddressType },
    domainNameStatus: isPending(world, tls) ? pending : 'AVAILABLE',
    securityPolicy: latest(domain).securityPolicy,
    routingMode: 'BASE_PATH_MAPPING_ONLY',
    tags,
  }
}

const NO_LINKED_ROLE = 'Caller does not have permissions to create a Service Linked Role.'

const DOMAIN_NAME = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]{2,63}$/

function checkCreate(input: CreateDomainNameRequest): void {
  if (!DOMAIN_NAME.test(input.domainName ?? '') || input.domainName!.length > 253) {
    throw badRequest(`Invalid domain name specified: ${input.domainName}`)
  }
  const refused = [
    'certificateName',
    'certificateBody',
    'certificatePrivateKey',
    'certificateChain',
    'regionalCertificateName',
    'mutualTlsAuthentication',
    'ownershipVerificationCertificateArn',
    'policy',
  ] as const
  const given = refused.find((name) => input[name] !== undefined)
  if (given) throw unsupported(`${given} of a domain name`)
  if ((input.routingMode ?? 'BASE_PATH_MAPPING_ONLY') !== 'BASE_PATH_MAPPING_ONLY') {
    throw unsupported('routing rules')
  }
}

// AWS: docs "Quotas": public custom domains per account and region.
const MOST_DOMAINS = 120

function newDomain(plane: ControlPlane, { region }: Call, input: CreateDomainNameRequest): DomainNameRecord {
  const { world, kept } = plane
  const ipAddressType = checkEndpoint(input.endpointConfiguration)
  if (input.certificateArn) throw badRequest('Cannot import certificates for EDGE while REGIONAL is active.')
  const certificateArn = input.regionalCertificateArn
  if (!certificateArn) throw badRequest('A certificate was not provided for the endpoint type REGIONAL.')
  const securityPolicy = readSecurityPolicy(input) ?? 'TLS_1_2'
  checkCertificate(plane, certificateArn, region, input.domainName!)
  if (withPrefix(kept.domainNames, domainKey(region, '')).length >= MOST_DOMAINS) {
    throw limitExceeded('Domain names', 'account')
  }
  const targets = new Set([...kept.domainNames.values()].map((each) => each.regionalDomainName))
  const targetOf = (id: string) => `d-${id}.execute-api.${region}.amazonaws.com`
  const now = world.clock.now()
  return {
    region,
    name: input.domainName!,
    regionalDomainName: targetOf(freshId(world, 10, (id) => targets.has(targetOf(id)))),
    createdAt: now,
    listedAt: world.clock.after(world.takes('apigateway.listing-lag')),
    certificateUploadedAt: now,
    ipAddressType,
    tls: moveTo(world, {}, { certificateArn, securityPolicy }, world.takes('apigateway.domain-available')),
    mappableAt: world.clock.after(world.takes('apigateway.mapping-refused-after-domain')),
    tags: checkTags(input.tags),
  }
}

const TLS_RULES: readonly PatchRule<{ -readonly [K in keyof DomainTls]: DomainTls[K] }>[] = [
  {
    path: '/regionalCertificateArn',
    ops: ['replace'],
    apply(tls, { value }) {
      tls.certificateArn = value
    },
  },
  {
    path: '/securityPolicy',
    ops: ['replace'],
    apply(tls, { value }) {
      tls.securityPolicy = checkSecurityPolicy(value)
    },
  },
  ...notHere<DomainTls>(
    '/certificateArn',
    '/certificateName',
    '/regionalCertificateName',
    '/endpointAccessMode',
    '/endpointConfiguration/ipAddressType',
    '/endpointConfiguration/types/*',
    '/mutualTlsAuthentication/truststoreUri',
    '/mutualTlsAuthentication/truststoreVersion',
    '/ownershipVerificationCertificateArn',
    '/routingMode',
    '/policy',
  ),
]

/** The domain with its new certificate or policy on the way. */
function updateDomain(plane: ControlPlane, domain: DomainNameRecord, input: UpdateDomainNameRequest) {
  const { world } = plane
  const { region, name } = domain
  // AWS: "If the status is UPDATING, the domain cannot be modified further".
  if (isPending(world, domain.tls)) throw conflict('There is already an update in progress.')
  const before = latest(domain)
  const tls = applyPatch(before, input.patchOperations, TLS_RULES)
  const isNewCertificate = tls.certificateArn !== before.certificateArn
  if (isNewCertificate) {
    checkCertificate(plane, tls.certificateArn, region, name)
  }
  return {
    ...domain,
    ...(isNewCertificate && { certificateUploadedAt: world.clock.now() }),
    tls: moveTo(world, domain.tls, tls, world.takes('apigateway.domain-updated')),
  }
}

export function domainNameOperations(plane: ControlPlane): Record<string, Operation> {
  const { kept, world } = plane
  const isListed = ({ listedAt }: DomainNameRecord) => listedAt <= world.clock.now()

  function read(
    { region }: Call,
    input: { domainName?: string | undefined; domainNameId?: string | undefined },
  ) {
    if (input.domainNameId) throw unsupported('ids of private domain names')
    const domain = kept.domainNames.get(domainKey(region, input.domainName))
    if (!domain) throw noSuchDomain()
    return domain
  }
  function keep(domain: DomainNameRecord): DomainName {
    kept.domainNames.set(domainKey(domain.region, domain.name), domain)
    return describeDomain(plane, domain)
  }

  return {
    CreateDomainName(input: CreateDomainNameRequest, call: Call): DomainName {
      checkCreate(input)
      if (kept.domainNames.has(domainKey(call.region, input.domainName))) {
        // AWS: reported with this code, though the operation knows ConflictException.
        throw badRequest('The domain name you provided already exists.')
      }
      const domain = newDomain(plane, call, input)
      // AWS: the first custom domain of an account makes this role (serverless-domain-manager#112).
      plane.linkedRoles?.ensure('ops.apigateway.amazonaws.com', call.principal, NO_LINKED_ROLE)
      return keep(domain)
    },

    GetDomainName: (input: GetDomainNameRequest, call: Call): DomainName =>
      describeDomain(plane, read(call, input)),

    // AWS: a listing lags behind what was just made.
    GetDomainNames(input: GetDomainNamesRequest, { region }: Call): DomainNames {
      const all = withPrefix(kept.domainNames, `${region}/`)
      const page = pageOf(all.filter(isListed), ({ name }) => name, input)
      return { ...page, items: page.items.map((each) => describeDomain(plane, each)) }
    },

    UpdateDomainName: (input: UpdateDomainNameRequest, call: Call): DomainName =>
      keep(updateDomain(plane, read(call, input), input)),

    // AWS: whether mappings are dropped with their domain is unconfirmed; here they are.
    DeleteDomainName(input: DeleteDomainNameRequest, call: Call): void {
      const { region, name } = read(call, input)
      for (const { basePath } of withPrefix(kept.mappings, `${domainKey(region, name)}/`)) {
        kept.mappings.delete(mappingKey(region, name, basePath))
      }
      kept.domainNames.delete(domainKey(region, name))
    },
  }
}
