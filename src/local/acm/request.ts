// RequestCertificate: what a request may ask for, and the record of a new certificate. Same token, same certificate:
// shelf.ts remembers.
import { randomUUID } from 'node:crypto'
import type { KeyAlgorithm, RequestCertificateRequest } from '@aws-sdk/client-acm'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import type { LeafKey } from './authority.js'
import { checkTags, unsupported } from './input.js'
import type { CertificateRecord } from './record.js'

const LONGEST_COMMON_NAME = 64
// AWS: quota of names, the first one included.
const NAMES_PER_CERTIFICATE = 10
const GIVES_UP_AFTER_HOURS = 72

// AWS: all others are for imported certificates only.
const REQUESTABLE: readonly LeafKey[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1']

/** Throws AWS's error for a request that cannot be served, before anything is made of it. */
export function checkRequest(input: RequestCertificateRequest): void {
  const { DomainName, KeyAlgorithm } = input
  if (input.Tags) checkTags(input.Tags)
  if (DomainName!.length > LONGEST_COMMON_NAME) {
    const message = `The first domain name can be no longer than ${LONGEST_COMMON_NAME} characters.`
    throw new AwsError('InvalidParameterException', message)
  }
  if (KeyAlgorithm && !isRequestable(KeyAlgorithm)) {
    throw new AwsError('InvalidParameterException', `The key algorithm ${KeyAlgorithm} is not supported.`)
  }
  if (namesOf(input).length > NAMES_PER_CERTIFICATE) {
    throw new AwsError('LimitExceededException', 'Certificate has too many domains.')
  }
  checkSupported(input)
}

const isRequestable = (key: KeyAlgorithm): key is LeafKey => (REQUESTABLE as KeyAlgorithm[]).includes(key)

function checkSupported(input: RequestCertificateRequest): void {
  // AWS: EMAIL is the default.
  if (input.ValidationMethod !== 'DNS') {
    throw unsupported(`validation method ${input.ValidationMethod ?? 'EMAIL (the default)'}: use DNS`)
  }
  if (input.DomainValidationOptions) throw unsupported('DomainValidationOptions, which are for email')
  if (input.CertificateAuthorityArn) throw unsupported('private certificate authorities')
  if (input.ManagedBy) throw unsupported('certificates that are managed by other services')
  if (input.Options?.Export === 'ENABLED') throw unsupported('exportable certificates')
  if (input.Options?.CertificateTransparencyLoggingPreference === 'DISABLED') {
    const message = 'Opting out of certificate transparency logging is no longer available.'
    throw new AwsError('InvalidParameterException', message)
  }
}

/** All names once, in lower case, the first one first. */
function namesOf({ DomainName, SubjectAlternativeNames }: RequestCertificateRequest): string[] {
  const names = [DomainName!, ...(SubjectAlternativeNames ?? [])].map((name) => name.toLowerCase())
  return [...new Set(names)]
}

/** The record of a certificate that was asked for just now, by a request that passed `checkRequest`. */
export function newCertificate(
  world: World,
  region: string,
  input: RequestCertificateRequest,
): CertificateRecord {
  const id = randomUUID()
  const names = namesOf(input)
  const { clock, takes } = world
  return {
    id,
    arn: `arn:aws:acm:${region}:${world.account}:certificate/${id}`,
    region,
    domainName: names[0]!,
    names,
    keyAlgorithm: (input.KeyAlgorithm ?? 'RSA_2048') as LeafKey,
    tags: input.Tags ?? [],
    requestedAt: clock.now(),
    describableAt: clock.after(takes('acm.describable')),
    recordNamedAt: clock.after(takes('acm.record-named')),
    listedAt: clock.after(takes('acm.listing-lag')),
    givesUpAt: clock.after(GIVES_UP_AFTER_HOURS * 3600),
    validations: names.map((domain) => ({ domain })),
  }
}
