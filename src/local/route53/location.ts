// Where a client is, and how far that is from a region. A client is known by its address only: a documentation
// subnet of one of this cloud's regions, or else it counts as near the first of them. `region.ts` has the map.
import type { PlacesPort } from '../ports.js'
import { REGIONS, type RegionPlace } from './region.js'

/** A client's position, and the region that it is near. */
export interface Location extends RegionPlace {
  readonly region: string
}

// AWS: TestDNSAnswer without a resolver address asks as a resolver in us-east-1.
const FALLBACK = 'us-east-1'

/** The position of a client near that region. A region that is not on the map counts as us-east-1. */
export function locationOfRegion(region: string): Location {
  return { region, ...(REGIONS[region] ?? REGIONS[FALLBACK]!) }
}

/** The position of a client by its IPv4 or IPv6 address; undefined stands for no address at all. */
export function locationOfClient(places: PlacesPort, address: string | undefined): Location {
  const known = places.list()
  const near = address && known.find(({ clientSubnet }) => isInSubnet(address, clientSubnet))
  return locationOfRegion((near || known[0])?.region ?? FALLBACK)
}

function isInSubnet(address: string, subnet: string): boolean {
  const [network, prefix] = subnet.split('/') as [string, string | undefined]
  const [a, b] = [toNumber(address), toNumber(network)]
  if (a === undefined || b === undefined) return false
  const size = 2 ** (32 - Number(prefix ?? 32))
  return Math.floor(a / size) === Math.floor(b / size)
}

function toNumber(address: string): number | undefined {
  const bytes = address.split('.').map(Number)
  const isIpv4 =
    bytes.length === 4 && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)
  return isIpv4 ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : undefined
}

type Coordinates = Pick<RegionPlace, 'latitude' | 'longitude'>

/** Kilometres between two points of the globe, as the crow flies. Latency is taken to grow with them. */
export function distanceKm(a: Coordinates, b: Coordinates): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const [north, east] = [radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)]
  const chord =
    Math.sin(north / 2) ** 2 +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(east / 2) ** 2
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(chord)))
}
