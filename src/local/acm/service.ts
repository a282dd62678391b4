// ACM: public certificates by DNS validation, for all regions. It proves names through the local DNS and signs with
// the local authority, so clients must trust its root. Imported, exported and private certificates are not here.
//
// Unlike AWS, leaf keys are on P-256 whatever algorithm was requested (and reported), and nothing is renewed.
import type {
  AddTagsToCertificateRequest,
  DeleteCertificateRequest,
  DescribeCertificateRequest,
  GetCertificateRequest,
  ListCertificatesRequest,
  ListTagsForCertificateRequest,
  RemoveTagsFromCertificateRequest,
  RequestCertificateRequest,
} from '@aws-sdk/client-acm'
import type { Call, CertificateHoldersPort, CertificatesPort, DnsPort, LocalService } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { Collection, World } from '../world.js'
import type { Authority } from './authority.js'
import { detail } from './detail.js'
import { checkArn, checkTags, withoutTags, withTags } from './input.js'
import { issuanceOf } from './issuance.js'
import { leafKeysIn } from './leaf-key.js'
import { listing } from './listing.js'
import { type CertificateRecord, keyOf, statusOf } from './record.js'
import { checkRequest, newCertificate } from './request.js'

export interface AcmService extends LocalService, CertificatesPort {
  /** From now on certificates are validated and issued by themselves. */
  start(): void
  close(): Promise<void>
}

export interface AcmOptions {
  readonly authority: Authority
  readonly holders: CertificateHoldersPort
  readonly dns: DnsPort
}

// AWS: an idempotency token is remembered for an hour.
const TOKEN_SECONDS = 3600
// AWS: quota of certificates per region.
const CERTIFICATES_PER_REGION = 2500

export function acmService(world: World, { authority, holders, dns }: AcmOptions): AcmService {
  const certificates: Collection<CertificateRecord> = world.store.collection('acm.certificate')
  const tokens: Collection<{ arn: string; until: number }> = world.store.collection('acm.token')
  /** Deleted, but not yet gone from listings. */
  const lingering: Collection<{ record: CertificateRecord; until: number }> =
    world.store.collection('acm.lingering-certificate')
  const keys = leafKeysIn(world.dataDir)
  const issuance = issuanceOf({ world, certificates, authority, keys, holders, dns })

  function notFound(arn: string | undefined): AwsError {
    const message = `Could not find certificate ${arn} in account ${world.account}.`
    return new AwsError('ResourceNotFoundException', message)
  }

  /** The certificate of an ARN in the region of the call. Throws ValidationException, ResourceNotFoundException. */
  function existing(arn: string | undefined, { region }: Call): { key: string; record: CertificateRecord } {
    const key = keyOf(world.account, checkArn(arn))
    const record = key === undefined ? undefined : certificates.get(key)
    if (key === undefined || record?.region !== region) throw notFound(arn)
    return { key, record }
  }

  /** The same for reads, which do not find a fresh certificate, with what has become of it by now. */
  async function readable(arn: string | undefined, call: Call): Promise<CertificateRecord> {
    const { key, record } = existing(arn, call)
    if (record.describableAt > world.clock.now()) throw notFound(arn)
    await issuance.advance(key)
    return existing(arn, call).record
  }

  const operations = {
    RequestCertificate(input: RequestCertificateRequest, { region }: Call) {
      checkRequest(input)
      prune(tokens, world)
      const tokenKey = `${region}/${input.IdempotencyToken}`
      // AWS: the token alone decides, whatever else differs, even if its certificate was deleted meanwhile.
      const same = input.IdempotencyToken === undefined ? undefined : tokens.get(tokenKey)
      if (same) return { CertificateArn: same.arn }
      if (inRegion(certificates.values(), region).length >= CERTIFICATES_PER_REGION) {
        throw new AwsError('LimitExceededException', 'You have reached the maximum number of certificates.')
      }
      const record = newCertificate(world, region, input)
      certificates.set(`${region}/${record.id}`, record)
      if (input.IdempotencyToken !== undefined) {
        tokens.set(tokenKey, { arn: record.arn, until: world.clock.after(TOKEN_SECONDS) })
      }
      return { CertificateArn: record.arn }
    },

    async DescribeCertificate({ CertificateArn }: DescribeCertificateRequest, call: Call) {
      const record = await readable(CertificateArn, call)
      const { name: issuer } = authority
      return { Certificate: detail(record, { account: world.account, now: world.clock.now(), issuer }) }
    },

    async GetCertificate({ CertificateArn }: GetCertificateRequest, call: Call) {
      const { issued } = await readable(CertificateArn, call)
      if (issued) return { Certificate: issued.certPem, CertificateChain: authority.caPem }
      const message =
        'The certificate request is in process and the certificate in your account has not yet been issued.'
      throw new AwsError('RequestInProgressException', message)
    },

    ListCertificates(input: ListCertificatesRequest, { region }: Call) {
      prune(lingering, world)
      const now = world.clock.now()
      const listed = [...certificates.values()].filter(({ listedAt }) => listedAt <= now)
      const deleted = [...lingering.values()].map(({ record }) => record)
      return listing(inRegion([...listed, ...deleted], region), input, now)
    },

    async DeleteCertificate({ CertificateArn }: DeleteCertificateRequest, call: Call) {
      const { key } = existing(CertificateArn, call)
      await issuance.advance(key)
      const { record } = existing(CertificateArn, call)
      if (record.use) {
        const message = `Certificate ${record.arn} in account ${world.account} is in use.`
        throw new AwsError('ResourceInUseException', message)
      }
      certificates.delete(key)
      keys.delete(record.id)
      if (record.listedAt <= world.clock.now()) {
        lingering.set(key, { record, until: world.clock.after(world.takes('acm.listing-lag')) })
      }
      return {}
    },

    AddTagsToCertificate({ CertificateArn, Tags }: AddTagsToCertificateRequest, call: Call) {
      const { key, record } = existing(CertificateArn, call)
      checkTags(Tags!)
      certificates.set(key, { ...record, tags: withTags(record.tags, Tags!) })
      return {}
    },

    RemoveTagsFromCertificate({ CertificateArn, Tags }: RemoveTagsFromCertificateRequest, call: Call) {
      const { key, record } = existing(CertificateArn, call)
      checkTags(Tags!)
      certificates.set(key, { ...record, tags: withoutTags(record.tags, Tags!) })
      return {}
    },

    async ListTagsForCertificate({ CertificateArn }: ListTagsForCertificateRequest, call: Call) {
      const { tags } = await readable(CertificateArn, call)
      return { Tags: [...tags] }
    },
  }

  return {
    name: 'acm',
    operations,
    authorize: (operation, { CertificateArn }, { region }) => [
      { action: `acm:${operation}`, resource: resourceOf(world, operation, region, CertificateArn) },
    ],
    find(arn) {
      const key = keyOf(world.account, arn)
      const record = key === undefined ? undefined : certificates.get(key)
      if (!record) return undefined
      const { region, domainName, issued, id } = record
      const status = statusOf(record, world.clock.now())
      const pems = issued
        ? { chainPem: issued.chainPem, keyPem: keys.read(id) }
        : { chainPem: '', keyPem: '' }
      return { region, domainName, status, ...pems }
    },
    start: issuance.start,
    close: issuance.close,
  }
}

function inRegion(records: Iterable<CertificateRecord>, region: string): CertificateRecord[] {
  return [...records].filter((record) => record.region === region)
}

/** Forgets what is over. */
function prune(collection: Collection<{ until: number }>, { clock }: World): void {
  for (const [key, { until }] of [...collection.entries()]) {
    if (until <= clock.now()) collection.delete(key)
  }
}

function resourceOf(world: World, operation: string, region: string, arn: unknown): string {
  if (typeof arn === 'string') return arn
  return operation === 'RequestCertificate' ? `arn:aws:acm:${region}:${world.account}:certificate/*` : '*'
}
