// The certificates of all regions as they are kept, and what callers find of them. What becomes of them by itself is
// issuance.ts's, what callers may do with them certificate-operation.ts's.
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { Collection, World } from '../world.js'
import { type CertificateRecord, keyOf } from './record.js'

export interface Shelf {
  /** By region and id. */
  readonly certificates: Collection<CertificateRecord>
  /** The certificate of an ARN in the region of the call. Throws ValidationException, ResourceNotFoundException. */
  existing(arn: string | undefined, call: Call): { readonly key: string; readonly record: CertificateRecord }
  /** The same for reads. AWS: they do not find a certificate that was requested a moment ago. */
  readable(arn: string | undefined, call: Call): { readonly key: string; readonly record: CertificateRecord }
  /** What a listing of that region knows of. AWS: it lags behind new certificates and deleted ones. */
  listed(region: string): CertificateRecord[]
  countIn(region: string): number
  delete(key: string): void
  /** The ARN that a request with this token got within the last hour. */
  arnOf(region: string, token: string): string | undefined
  remember(region: string, token: string, arn: string): void
}

// AWS: an idempotency token is remembered for an hour.
const TOKEN_SECONDS = 3600

export function shelfOf(world: World): Shelf {
  const certificates: Collection<CertificateRecord> = world.store.collection('acm.certificate')
  const tokens: Collection<{ arn: string; until: number }> = world.store.collection('acm.token')
  /** Deleted, but not yet gone from listings. */
  const lingering: Collection<{ record: CertificateRecord; until: number }> =
    world.store.collection('acm.lingering-certificate')

  function existing(arn: string | undefined, { region }: Call) {
    const key = keyOf(world.account, arn!)
    const record = key === undefined ? undefined : certificates.get(key)
    if (key === undefined || record?.region !== region) throw notFound(world, arn)
    return { key, record }
  }

  return {
    certificates,
    existing,
    readable(arn, call) {
      const found = existing(arn, call)
      if (found.record.describableAt > world.clock.now()) throw notFound(world, arn)
      return found
    },
    listed(region) {
      prune(lingering, world)
      const present = [...certificates.values()].filter(({ listedAt }) => listedAt <= world.clock.now())
      const deleted = [...lingering.values()].map(({ record }) => record)
      return [...present, ...deleted].filter((record) => record.region === region)
    },
    countIn: (region) => [...certificates.keys()].filter((key) => key.startsWith(`${region}/`)).length,
    delete(key) {
      const record = certificates.get(key)!
      certificates.delete(key)
      if (record.listedAt > world.clock.now()) return
      lingering.set(key, { record, until: world.clock.after(world.takes('acm.listing-lag')) })
    },
    arnOf(region, token) {
      prune(tokens, world)
      return tokens.get(`${region}/${token}`)?.arn
    },
    remember(region, token, arn) {
      tokens.set(`${region}/${token}`, { arn, until: world.clock.after(TOKEN_SECONDS) })
    },
  }
}

function notFound(world: World, arn: string | undefined): AwsError {
  const message = `Could not find certificate ${arn} in account ${world.account}.`
  return new AwsError('ResourceNotFoundException', message)
}

/** Forgets what is over. */
function prune(collection: Collection<{ until: number }>, { clock }: World): void {
  for (const [key, { until }] of [...collection.entries()]) {
    if (until <= clock.now()) collection.delete(key)
  }
}
