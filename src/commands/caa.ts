// CAA: whether the public DNS lets Amazon sign certificates for the domain. Where it does not, ACM says so only after the
// request, and then no renewal succeeds either.
import { MultiregionError } from '../base/errors.js'
import type { CaaProperty } from '../probe/network.js'
import type { Session } from './session.js'
import { parents } from './zone.js'

// AWS: acm/latest/userguide/setup-caa: any of these names in `issue` lets ACM sign.
const AMAZON: readonly string[] = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com']
const KNOWN_TAGS: readonly string[] = ['issue', 'issuewild', 'iodef']

/** Throws MultiregionError naming the records in the way. Where every certificate is there already, only notes it. */
export async function checkCaa({ config, target, ledger, emit }: Session): Promise<void> {
  if (target.customEndpoint) return
  const found = await nearest(config.domain, (name) => target.network.caa(name))
  if (found === 'silent') {
    emit({
      type: 'run.noted',
      text: `The public DNS could not be asked for CAA records of ${config.domain}.`,
    })
    return
  }
  if (!found || isAllowed(found.properties)) return
  const { name, properties } = found
  const records = properties.map(({ tag, value }) => `${tag} "${value}"`)
  const what = `The CAA records at ${name} do not let Amazon sign certificates for ${config.domain}: ${records.join(', ')}`
  const isIssued = (region: string) => ledger.entry(`certificate-issued/${region}`)?.settled
  if (config.regions.every(isIssued)) {
    emit({ type: 'run.noted', text: `${what}. Those that there are will not be renewed.` })
    return
  }
  throw new MultiregionError(
    'caa',
    what,
    `Add 0 issue "amazon.com" to them, then run the same command again once the old ones have left the caches.`,
    1,
    { name, records },
  )
}

/** RFC 8659: the records nearest to the name decide alone. */
async function nearest(
  domain: string,
  caa: (name: string) => Promise<CaaProperty[] | undefined>,
): Promise<{ name: string; properties: CaaProperty[] } | 'silent' | undefined> {
  for (const name of parents(domain)) {
    const properties = await caa(name)
    if (!properties) return 'silent'
    if (properties.length > 0) return { name, properties }
  }
  return undefined
}

function isAllowed(properties: readonly CaaProperty[]): boolean {
  if (properties.some(({ critical, tag }) => critical && !KNOWN_TAGS.includes(tag))) return false
  const issuers = properties.filter(({ tag }) => tag === 'issue').map(({ value }) => authorityIn(value))
  return issuers.length === 0 || issuers.some((name) => AMAZON.includes(name))
}

/** `amazon.com; account=1` is `amazon.com`; `;` is nobody. */
const authorityIn = (value: string) => value.split(';')[0]!.trim().toLowerCase()
