// Certificates as DescribeCertificate and ListCertificates show them.
import type {
  CertificateDetail,
  CertificateSummary,
  DomainValidation,
  ExtendedKeyUsage,
  KeyAlgorithm,
} from '@aws-sdk/client-acm'
import { type CertificateRecord, statusOf, validationRecord } from './record.js'

/** What the record alone does not say. */
export interface View {
  readonly account: string
  readonly now: number
  /** Name of the authority. */
  readonly issuer: string
}

const SERVER: ExtendedKeyUsage = { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }

/** AWS: answers write key algorithms with a hyphen where requests have an underscore (`RSA-2048`). */
const shown = (algorithm: KeyAlgorithm) => algorithm.replace('_', '-') as KeyAlgorithm

export function detail(record: CertificateRecord, view: View): CertificateDetail {
  const { issued } = record
  return {
    CertificateArn: record.arn,
    DomainName: record.domainName,
    SubjectAlternativeNames: [...record.names],
    DomainValidationOptions: record.validations.map((validation) => validationOf(record, validation, view)),
    Subject: `CN=${record.domainName}`,
    Issuer: view.issuer,
    CreatedAt: new Date(record.requestedAt),
    Status: statusOf(record, view.now),
    // The leaf's own key is on P-256 whatever was asked for: issuing RSA keys would cost seconds and prove nothing.
    KeyAlgorithm: shown(record.keyAlgorithm),
    InUseBy: [...(record.use?.holders ?? [])],
    Type: 'AMAZON_ISSUED',
    KeyUsages: issued ? [{ Name: 'DIGITAL_SIGNATURE' }] : [],
    ExtendedKeyUsages: issued ? [SERVER] : [],
    RenewalEligibility: record.use ? 'ELIGIBLE' : 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' },
    CertificateKeyPairOrigin: 'AWS_MANAGED',
    ...(issued && {
      Serial: issued.serial.match(/../g)!.join(':'),
      SignatureAlgorithm: 'SHA256WITHECDSA',
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
    KeyUsages: issued ? ['DIGITAL_SIGNATURE'] : [],
    ExtendedKeyUsages: issued ? ['TLS_WEB_SERVER_AUTHENTICATION'] : [],
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
