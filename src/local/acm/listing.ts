// ListCertificates: which certificates a listing shows, in which order, page by page. AWS: listings lag behind, both
// for new certificates and for deleted ones.
import type { CertificateSummary, KeyAlgorithm, ListCertificatesRequest } from '@aws-sdk/client-acm'
import { AwsError } from '../wire/errors.js'
import { summary } from './detail.js'
import { unsupported } from './input.js'
import { type CertificateRecord, statusOf } from './record.js'

// AWS: what a listing shows when `Includes.keyTypes` is not set.
const DEFAULT_KEY_TYPES: readonly KeyAlgorithm[] = ['RSA_1024', 'RSA_2048']
const PAGE = 100

interface Page {
  readonly CertificateSummaryList: CertificateSummary[]
  readonly NextToken?: string
}

/** One page of those records. Throws ValidationException, or 501 for filters that this cloud lacks. */
export function listing(
  records: readonly CertificateRecord[],
  input: ListCertificatesRequest,
  now: number,
): Page {
  checkListing(input)
  const { CertificateStatuses: statuses, SortOrder, NextToken, MaxItems = PAGE } = input
  const keyTypes = input.Includes?.keyTypes?.length ? input.Includes.keyTypes : DEFAULT_KEY_TYPES
  const sorted = records
    .filter((record) => keyTypes.includes(record.keyAlgorithm))
    .filter((record) => !statuses?.length || statuses.includes(statusOf(record, now)))
    .map((record) => ({ record, place: placeOf(record) }))
    .sort((one, other) => (one.place < other.place ? -1 : 1))
  if (SortOrder === 'DESCENDING') sorted.reverse()
  const after = NextToken === undefined ? undefined : placeIn(NextToken)
  const rest = after === undefined ? sorted : sorted.filter(({ place }) => isBehind(place, after, SortOrder))
  const shown = rest.slice(0, MaxItems)
  const last = shown.at(-1)
  return {
    CertificateSummaryList: shown.map(({ record }) => summary(record, now)),
    ...(last && shown.length < rest.length && { NextToken: Buffer.from(last.place).toString('base64') }),
  }
}

function checkListing(input: ListCertificatesRequest): void {
  if ((input.SortBy === undefined) !== (input.SortOrder === undefined)) {
    throw new AwsError('ValidationException', 'SortBy and SortOrder must be specified together.')
  }
  const { keyTypes: _, ...filters } = input.Includes ?? {}
  const [filter] = Object.entries(filters).find(([, value]) => value !== undefined) ?? []
  if (filter) throw unsupported(`the filter ${filter} of ListCertificates`)
  if (input.CertificateKeyPairOrigins) throw unsupported('the filter CertificateKeyPairOrigins')
}

/** Sorts by time of request; unique by id. */
const placeOf = ({ requestedAt, id }: CertificateRecord) =>
  `${String(Math.floor(requestedAt)).padStart(15, '0')} ${id}`

function placeIn(token: string): string {
  const place = Buffer.from(token, 'base64').toString()
  if (/^\d{15} /.test(place)) return place
  throw new AwsError('ValidationException', 'The NextToken is not valid.')
}

function isBehind(place: string, after: string, order: ListCertificatesRequest['SortOrder']): boolean {
  return order === 'DESCENDING' ? place < after : place > after
}
