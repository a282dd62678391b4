// ACM: public certificates by DNS validation, for all regions. It proves names through the local DNS and signs with
// the local authority, so clients must trust its root. Imported, exported and private certificates are not here.
// Nothing is renewed.
import type { CertificateHoldersPort, CertificatesPort, DnsPort, LocalService, Want } from '../ports.js'
import { hasTags, tagKeys, wantOf } from '../wire/want.js'
import type { World } from '../world.js'
import type { Authority } from './authority.js'
import { certificateOperations } from './certificate-operation.js'
import { issuanceOf } from './issuance.js'
import { type LeafKeys, leafKeysIn } from './leaf-key.js'
import { keyOf, statusOf } from './record.js'
import { shelfOf } from './shelf.js'
import { tagOperations } from './tag-operation.js'

export interface AcmService extends LocalService, CertificatesPort {
  /** From now on certificates are validated and issued by themselves. */
  start(): void
  close(): Promise<void>
}

export interface AcmOptions {
  readonly authority: Authority
  readonly holders: CertificateHoldersPort
  readonly dns: DnsPort
  /** Default: files below the cloud's folder. */
  readonly leafKeys?: (dataDir: string) => LeafKeys
}

export function acmService(
  world: World,
  { authority, holders, dns, leafKeys = leafKeysIn }: AcmOptions,
): AcmService {
  const shelf = shelfOf(world)
  const { certificates } = shelf
  const keys = leafKeys(world.dataDir)
  const issuance = issuanceOf({ world, certificates, authority, keys, holders, dns })

  return {
    name: 'acm',
    operations: {
      ...certificateOperations({ world, shelf, issuance, authority, keys }),
      ...tagOperations(shelf),
    },
    authorize: (operation, input, { region }) => wantsOf(world, operation, input, region),
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

/** AWS: service authorization reference "AWS Certificate Manager". A request with tags is also their adding. */
function wantsOf(world: World, operation: string, input: Record<string, unknown>, region: string): Want[] {
  const resource = resourceOf(world, operation, region, input.CertificateArn)
  const context = tagKeys(input.Tags)
  const tags = operation === 'RequestCertificate' && hasTags(input.Tags)
  return [
    wantOf(`acm:${operation}`, resource, context),
    ...(tags ? [wantOf('acm:AddTagsToCertificate', resource, context)] : []),
  ]
}

function resourceOf(world: World, operation: string, region: string, arn: unknown): string {
  if (typeof arn === 'string') return arn
  return operation === 'RequestCertificate' ? `arn:aws:acm:${region}:${world.account}:certificate/*` : '*'
}
