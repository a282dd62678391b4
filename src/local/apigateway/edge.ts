// Where the regions stand on this machine: an address and an HTTPS server each, kept in the store so that they come back
// to the same place. A region's server is `region-server.ts`'s, the plain door for browsers `edge-port.ts`'s.
import type { CertificatesPort, DnsPort, EdgeFaults, Place, PlacesPort } from '../ports.js'
import type { World } from '../world.js'
import { openEdgePort } from './edge-port.js'
import type { Gateway } from './gateway.js'
import { createRegionServer, type KeyedCertificate, type RegionServer } from './region-server.js'

/** What the edge asks of the local certificate authority. */
export interface CertificateIssuer {
  issue(names: readonly string[]): Promise<KeyedCertificate>
}

export interface EdgeOptions {
  readonly world: World
  readonly authority: CertificateIssuer
  readonly certificates: CertificatesPort
  readonly gateway: Gateway
  readonly dns: DnsPort
  /** Default: none. */
  readonly faults?: EdgeFaults
  /** The authority's own certificate: the edge port trusts nothing else. */
  readonly caPem: string
  /** The domain that the edge port serves when a request's Host is none that DNS knows. */
  publicName(): string | undefined
}

export interface Edge {
  /** Opens a region's HTTPS where it is not open yet. */
  ensure(region: string): Promise<void>
  readonly places: PlacesPort
  /** Plain HTTP on 127.0.0.1: `http://127.0.0.1:<port>`. */
  readonly edgeUrl: string
  close(): Promise<void>
}

/** A region's number, from 0 in the order of appearance, and the port it had last. */
interface SiteRecord {
  readonly index: number
  readonly port: number
}

interface Open {
  readonly place: Place
  readonly server: RegionServer
}

/** Opens the regions that were there before, and the edge port. */
export async function openEdge(options: EdgeOptions): Promise<Edge> {
  const { world, gateway } = options
  const sites = world.store.collection<SiteRecord>('edge.site')
  const opening = new Map<string, Promise<Open>>()
  const open = new Map<string, Open>()

  async function openRegion(region: string): Promise<Open> {
    const known = sites.get(region)
    const index = known?.index ?? sites.size
    // Kept before anything is awaited, so that no two regions get one number.
    if (!known) sites.set(region, { index, port: 0 })
    const ownCertificate = await options.authority.issue([`*.execute-api.${region}.amazonaws.com`])
    const server = createRegionServer({ ...options, region, ownCertificate })
    const address = addressOf(index)
    const httpsPort = await server.listen(address, known?.port ?? 0)
    sites.set(region, { index, port: httpsPort })
    const opened = { place: { region, address, httpsPort, clientSubnet: clientSubnetOf(index) }, server }
    open.set(region, opened)
    return opened
  }

  async function ensure(region: string): Promise<void> {
    const already = opening.get(region) ?? openRegion(region)
    opening.set(region, already)
    try {
      await already
    } catch (error) {
      opening.delete(region)
      throw error
    }
  }

  const places: PlacesPort = {
    list: () => [...open.values()].map(({ place }) => place).sort((a, b) => indexOf(a) - indexOf(b)),
    placeOfHost: (host) => open.get(gateway.regionOf(host.toLowerCase().replace(/\.$/, '')) ?? '')?.place,
  }
  const indexOf = ({ region }: Place) => sites.get(region)!.index

  await Promise.all([...sites.keys()].map(ensure))
  const port = await openEdgePort({ ...options, places })
  return {
    ensure,
    places,
    edgeUrl: port.url,
    async close() {
      await Promise.allSettled(opening.values())
      await Promise.all([port.close(), ...[...open.values()].map(({ server }) => server.close())])
    },
  }
}

/** Linux has all of 127/8 on its loopback, so that each region has an address; elsewhere they share one, by port. */
const addressOf = (index: number) => (process.platform === 'linux' ? `127.77.0.${index + 1}` : '127.0.0.1')

// RFC 5737: networks for documentation, which no client has.
const DOCUMENTATION_NETS = ['192.0.2', '198.51.100', '203.0.113']
const SLICE = 16

/** A slice of a documentation network for each region: room for 48. */
export function clientSubnetOf(index: number): string {
  const net = DOCUMENTATION_NETS[index % DOCUMENTATION_NETS.length]
  return `${net}.${SLICE * Math.floor(index / DOCUMENTATION_NETS.length)}/28`
}
