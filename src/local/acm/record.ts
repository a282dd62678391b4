// Certificates as they are kept, and what follows from that at an instant: status, validation record, ARN. Requests
// make them (request.ts), issuance.ts brings them on, detail.ts shows them.
import { createHash } from 'node:crypto'
import type { CertificateStatus, FailureReason, ResourceRecord, Tag } from '@aws-sdk/client-acm'
import type { LeafKey } from './authority.js'

/** The proof of one name. All instants are epoch milliseconds. */
export interface Validation {
  readonly domain: string
  /** When ACM will have believed the record; set when the record is first seen. */
  readonly dueAt?: number
  readonly validatedAt?: number
}

export interface CertificateRecord {
  readonly id: string
  readonly arn: string
  readonly region: string
  readonly domainName: string
  /** All names, `domainName` first. */
  readonly names: readonly string[]
  readonly keyAlgorithm: LeafKey
  readonly tags: readonly Tag[]
  readonly requestedAt: number
  /** From then on reads find it, its validation record has a name, and listings show it. */
  readonly describableAt: number
  readonly recordNamedAt: number
  readonly listedAt: number
  /** When validation times out. */
  readonly givesUpAt: number
  readonly validations: readonly Validation[]
  /** Why ACM gave up, though every name was proven. */
  readonly failure?: Extract<FailureReason, 'CAA_ERROR'>
  readonly issued?: {
    readonly at: number
    readonly certPem: string
    readonly chainPem: string
    /** Hexadecimal. */
    readonly serial: string
    readonly notBefore: number
    readonly notAfter: number
  }
  /** Who holds it, as ACM last saw; `freeAt` is set once they are gone and ACM is still to notice. */
  readonly use?: { readonly holders: readonly string[]; readonly freeAt?: number }
}

export function statusOf({ issued, failure, givesUpAt }: CertificateRecord, now: number): CertificateStatus {
  if (failure) return 'FAILED'
  if (issued) return issued.notAfter <= now ? 'EXPIRED' : 'ISSUED'
  return givesUpAt <= now ? 'VALIDATION_TIMED_OUT' : 'PENDING_VALIDATION'
}

/** The region and id of a certificate's ARN in this account, as the key of its record. */
export function keyOf(account: string, arn: string): string | undefined {
  const [, region, owner, id] = /^arn:aws:acm:([a-z0-9-]+):(\d+):certificate\/(.+)$/.exec(arn) ?? []
  return owner === account ? `${region}/${id}` : undefined
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/**
 * The CNAME that proves a name. AWS: it depends on account and name only, so that all regions and all later
 * certificates ask for the same one; a wildcard shares that of its parent.
 */
export function validationRecord(account: string, domain: string): ResourceRecord {
  const parent = domain.replace(/^\*\./, '')
  const hash = createHash('sha256').update(`${account} ${parent}`).digest()
  const zone = Array.from(hash.subarray(0, 10), (byte) => LETTERS[byte % LETTERS.length]).join('')
  return {
    Name: `_${hash.subarray(0, 16).toString('hex')}.${parent}.`,
    Type: 'CNAME',
    Value: `_${hash.subarray(16).toString('hex')}.${zone}.acm-validations.aws.`,
  }
}
