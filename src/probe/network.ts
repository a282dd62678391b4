// How the outside of the backend is reached: the DNS servers that answer for its zone, a subnet near each region, and
// the way to a region's host. On AWS this is the internet; for the local cloud its own ports and CA.
import dns from 'node:dns/promises'
import { askAny, type DnsAnswer, type Question, type Server } from './dns.js'
import { type PinnedAnswer, type PinnedRequest, pinned } from './https.js'

export interface Network {
  /** Asks one server after another until one answers. Rejects where none does. */
  ask(servers: readonly Server[], question: Question): Promise<DnsAnswer[]>
  /** One HTTPS request with the region pinned. Rejects where no HTTP answer comes. */
  send(request: PinnedRequest): Promise<PinnedAnswer>
  /** The zone's authoritative servers, ready to be asked. */
  servers(nameServers: readonly string[]): Promise<Server[]>
  /** A subnet that counts as near a region, CIDR; undefined if none can be found. */
  clientSubnet(region: string): Promise<string | undefined>
  /** Where a regional host such as `d-abc.execute-api.eu-west-1.amazonaws.com` is to be connected to. */
  dial(host: string): { host: string; port: number }
  /** What to trust besides the system's authorities. */
  readonly ca?: string
  /** Who the public DNS says is authoritative for a zone; undefined if it cannot be asked. */
  delegation(zone: string): Promise<string[] | undefined>
  /** Who may sign certificates, as the public DNS says at this very name; undefined if it cannot be asked. */
  caa(name: string): Promise<CaaProperty[] | undefined>
}

/** RFC 8659. */
export interface CaaProperty {
  /** `issue`, `issuewild`, `iodef`, ...; lower case. */
  readonly tag: string
  readonly value: string
  /** An authority that does not know the tag must not sign. */
  readonly critical: boolean
}

/** The internet. */
export const publicNetwork: Network = {
  ask: askAny,
  send: (request) => pinned(publicNetwork, request),

  async servers(nameServers) {
    const found = await Promise.allSettled(nameServers.map((name) => dns.resolve4(name)))
    return found.flatMap((one) =>
      one.status === 'fulfilled' ? one.value.map((address) => ({ address, port: 53 })) : [],
    )
  },

  // The region's own DynamoDB endpoint stands in the region, so its address is as near as a client can be.
  async clientSubnet(region) {
    const addresses = await dns.resolve4(`dynamodb.${region}.amazonaws.com`).catch(() => [])
    return addresses[0]?.replace(/\.\d+$/, '.0/24')
  },

  dial: (host) => ({ host, port: 443 }),

  async delegation(zone) {
    return ifThere(dns.resolveNs(zone))
  },

  async caa(name) {
    const found = await ifThere(dns.resolveCaa(name))
    return found?.flatMap(({ critical, ...tags }) =>
      Object.entries(tags).map(([tag, value]) => ({ tag: tag.toLowerCase(), value, critical: critical > 0 })),
    )
  },
}

/** Nothing where the DNS says that there is nothing; undefined where it does not say. */
async function ifThere<T>(asked: Promise<T[]>): Promise<T[] | undefined> {
  try {
    return await asked
  } catch (error) {
    const { code } = error as { code?: string }
    return code === 'ENOTFOUND' || code === 'ENODATA' ? [] : undefined
  }
}

/** Of the CAA records among them, as a zone file has them, such as `0 issue "amazon.com"`. Pure. */
export function caaOf(records: readonly DnsAnswer[]): CaaProperty[] {
  return records.flatMap(({ type, data }) => {
    if (type !== 'CAA') return []
    const [, flags, tag, value] = /^(\d+) (\w+) "(.*)"$/.exec(data) ?? []
    return tag ? [{ tag: tag.toLowerCase(), value: value!, critical: Number(flags) > 0 }] : []
  })
}

/** The region in an execute-api host name. */
export const regionOfHost = (host: string): string | undefined =>
  /\.execute-api\.([a-z0-9-]+)\./.exec(host)?.[1]
