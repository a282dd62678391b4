// CAA: whether the DNS lets Amazon's authority sign for a name. When that is asked says issuance.ts.
import type { DnsPort } from '../ports.js'

// AWS: acm/latest/userguide/setup-caa: the authority goes by these names.
const AMAZON = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com']
const KNOWN_TAGS = ['issue', 'issuewild', 'iodef']
// RFC 8659: an authority that does not know a property with this flag must not issue.
const CRITICAL = 128

interface Property {
  readonly flags: number
  readonly tag: string
  readonly value: string
}

/** False where the records nearest to the name allow others only. No record allows everybody. */
export function caaAllows(dns: DnsPort, name: string): boolean {
  const isWildcard = name.startsWith('*.')
  const properties = nearest(dns, isWildcard ? name.slice(2) : name)
  if (properties.some(({ flags, tag }) => flags & CRITICAL && !KNOWN_TAGS.includes(tag))) return false
  const tagged = (wanted: string) => properties.filter(({ tag }) => tag === wanted)
  // RFC 8659: `issuewild` wins for wildcards, and says nothing for other names.
  const wild = isWildcard ? tagged('issuewild') : []
  const deciding = wild.length ? wild : tagged('issue')
  return !deciding.length || deciding.some(({ value }) => AMAZON.includes(authorityIn(value)))
}

/** AWS: the lookup climbs the tree from the name on and stops at the first records, CNAMEs followed. */
function nearest(dns: DnsPort, name: string): Property[] {
  for (let at = name; at; at = at.split('.').slice(1).join('.')) {
    const found = dns.resolve(at, 'CAA').filter(({ type }) => type === 'CAA')
    if (found.length) return found.map(({ data }) => read(data))
  }
  return []
}

function read(data: string): Property {
  const [, flags = '0', tag = '', value = ''] = /^(\d+) (\w+) "(.*)"$/.exec(data) ?? []
  return { flags: Number(flags), tag: tag.toLowerCase(), value }
}

/** `amazon.com; account=1` is `amazon.com`; `;` is nobody. */
const authorityIn = (value: string) => value.split(';')[0]!.trim().toLowerCase()
