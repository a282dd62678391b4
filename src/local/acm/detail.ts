// Certificates as DescribeCertificate and ListCertificates show them.
import type {
  CertificateDetail,
  CertificateSummary,
  DomainValidation,
  ExtendedKeyUsage,
  KeyAlgorithm,
  KeyUsageName,
} from '@aws-sdk/client-acm'
import type { LeafKey } from './authority.js'
import { type CertificateRecord, statusOf, validationRecord } from './record.js'

/** What the record alone does not say. */
export interface View {
  readonly account: string
  readonly now: number
}

// AWS: shown so whoever signed in truth; here that is the local authority, on P-256.
const ISSUER = 'Amazon'
const SIGNATURES: Readonly<Record<LeafKey, string>> = {
  RSA_2048: 'SHA256WITHRSA',
  EC_prime256v1: 'SHA256WITHECDSA',
  EC_secp384r1: 'SHA384WITHECDSA',
}
const SERVER: ExtendedKeyUsage = { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }

/** AWS: answers write key algorithms with a hyphen where requests have an underscore (`RSA-2048`). */
const shown = (algorithm: KeyAlgorithm) => algorithm.replace('_', '-') as KeyAlgorithm

function keyUsagesOf({ issued, keyAlgorithm }: CertificateRecord): KeyUsageName[] {
  if (!issued) return []
  return keyAlgorithm === 'RSA_2048' ? ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT'] : ['DIGITAL_SIGNATURE']
}

export function detail(record: CertificateRecord, view: View): CertificateDetail {
  const { issued } = record
  return {
    CertificateArn: record.arn,
    DomainName: record.domainName,
    SubjectAlternativeNames: [...record.names],
    DomainValidationOptions: record.validations.map((validation) => validationOf(record, validation, view)),
    Subject: `CN=${record.domainName}`,
    Issuer: ISSUER,
    CreatedAt: new Date(record.requestedAt),
    Status: statusOf(record, view.now),
    ...(record.failure && { FailureReason: record.failure }),
    KeyAlgorithm: shown(record.keyAlgorithm),
    SignatureAlgorithm: SIGNATURES[record.keyAlgorithm],
    InUseBy: [...(record.use?.holders ?? [])],
    Type: 'AMAZON_ISSUED',
    KeyUsages: keyUsagesOf(record).map((Name) => ({ Name })),
    ExtendedKeyUsages: issued ? [SERVER] : [],
    RenewalEligibility: record.use ? 'ELIGIBLE' : 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' },
    CertificateKeyPairOrigin: 'AWS_MANAGED',
    ...(issued && {
      Serial: issued.serial.match(/../g)!.join(':'),
      IssuedAt: new Date(issued.at),
      NotBefore: new Date(issued.notBefore),
      NotAfter: new Date(issued.notAfter),
    }),
  }
}

function validationOf(
  record: CertificateRecord,
  { domain, validatedAt }: CertificateRecord['validations'][number],
  { account, now }: View,
): DomainValidation {
  const timedOut = statusOf(record, now) === 'VALIDATION_TIMED_OUT'
  return {
    DomainName: domain,
    ValidationDomain: domain,
    ValidationMethod: 'DNS',
    ValidationStatus: validatedAt ? 'SUCCESS' : timedOut ? 'FAILED' : 'PENDING_VALIDATION',
    ...(record.recordNamedAt <= now && { ResourceRecord: validationRecord(account, domain) }),
  }
}

export function summary(record: CertificateRecord, now: number): CertificateSummary {
  const { issued } = record
  return {
    CertificateArn: record.arn,
    DomainName: record.domainName,
    SubjectAlternativeNameSummaries: [...record.names],
    HasAdditionalSubjectAlternativeNames: false,
    Status: statusOf(record, now),
    Type: 'AMAZON_ISSUED',
    KeyAlgorithm: shown(record.keyAlgorithm),
    KeyUsages: keyUsagesOf(record),
    ExtendedKeyUsages: issued ? ['TLS_WEB_SERVER_AUTHENTICATION'] : [],
    Exported: false,
    ExportOption: 'DISABLED',
    InUse: record.use !== undefined,
    RenewalEligibility: record.use ? 'ELIGIBLE' : 'INELIGIBLE',
    CreatedAt: new Date(record.requestedAt),
    CertificateKeyPairOrigin: 'AWS_MANAGED',
    ...(issued && {
      NotBefore: new Date(issued.notBefore),
      NotAfter: new Date(issued.notAfter),
      IssuedAt: new Date(issued.at),
    }),
  }
}
