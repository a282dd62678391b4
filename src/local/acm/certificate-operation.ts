// ACM's operations on certificates: request, describe, get, list, delete. What becomes of a certificate between two
// calls is issuance.ts's; each call here first lets that catch up.
import type {
  DeleteCertificateRequest,
  DescribeCertificateRequest,
  GetCertificateRequest,
  ListCertificatesRequest,
  RequestCertificateRequest,
} from '@aws-sdk/client-acm'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import type { Authority } from './authority.js'
import { detail } from './detail.js'
import type { Issuance } from './issuance.js'
import type { LeafKeys } from './leaf-key.js'
import { listing } from './listing.js'
import type { CertificateRecord } from './record.js'
import { checkRequest, newCertificate } from './request.js'
import type { Shelf } from './shelf.js'

// AWS: quota of certificates per region.
const CERTIFICATES_PER_REGION = 2500

export interface OperationContext {
  readonly world: World
  readonly shelf: Shelf
  readonly issuance: Issuance
  readonly authority: Authority
  readonly keys: LeafKeys
}

export function certificateOperations({ world, shelf, issuance, authority, keys }: OperationContext) {
  async function current(arn: string | undefined, call: Call): Promise<CertificateRecord> {
    await issuance.advance(shelf.readable(arn, call).key)
    return shelf.existing(arn, call).record
  }

  return {
    RequestCertificate(input: RequestCertificateRequest, { region }: Call) {
      checkRequest(input)
      const token = input.IdempotencyToken
      // AWS: the token alone decides, whatever else differs, even if its certificate was deleted meanwhile.
      const same = token === undefined ? undefined : shelf.arnOf(region, token)
      if (same) return { CertificateArn: same }
      if (shelf.countIn(region) >= CERTIFICATES_PER_REGION) {
        throw new AwsError('LimitExceededException', 'You have reached the maximum number of certificates.')
      }
      const record = newCertificate(world, region, input)
      shelf.certificates.set(`${region}/${record.id}`, record)
      if (token !== undefined) shelf.remember(region, token, record.arn)
      return { CertificateArn: record.arn }
    },

    async DescribeCertificate({ CertificateArn }: DescribeCertificateRequest, call: Call) {
      const record = await current(CertificateArn, call)
      const view = { account: world.account, now: world.clock.now() }
      return { Certificate: detail(record, view) }
    },

    async GetCertificate({ CertificateArn }: GetCertificateRequest, call: Call) {
      const { issued } = await current(CertificateArn, call)
      if (issued) return { Certificate: issued.certPem, CertificateChain: authority.caPem }
      const message =
        'The certificate request is in process and the certificate in your account has not yet been issued.'
      throw new AwsError('RequestInProgressException', message)
    },

    ListCertificates: (input: ListCertificatesRequest, { region }: Call) =>
      listing(shelf.listed(region), input, world.clock.now()),

    async DeleteCertificate({ CertificateArn }: DeleteCertificateRequest, call: Call) {
      await issuance.advance(shelf.existing(CertificateArn, call).key)
      const { key, record } = shelf.existing(CertificateArn, call)
      if (record.use) {
        const message = `Certificate ${record.arn} in account ${world.account} is in use.`
        throw new AwsError('ResourceInUseException', message)
      }
      shelf.delete(key)
      keys.delete(record.id)
      return {}
    },
  }
}
