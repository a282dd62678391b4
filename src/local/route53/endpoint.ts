// Where the endpoint of a health check stands on this machine: asked of the cloud by name, else resolved by the local
// DNS as a checker of some region would. `prober.ts` connects there. Nothing outside of this machine is ever probed.
import { isIPv4 } from 'node:net'
import type { HealthCheckConfig } from '@aws-sdk/client-route-53'
import type { PlacesPort } from '../ports.js'
import type { Answerer } from './answer.js'
import { locationOfRegion } from './location.js'
import { defaultPort, type Endpoint } from './prober.js'

/** Where a host's port stands on this machine: asked with a name or an address; undefined: not here. */
export type Dial = (host: string, port: number) => { address: string; port: number } | undefined

/** Where a check's endpoint stands for a checker of that region, or in a sentence why there is none. */
export type FindEndpoint = (config: HealthCheckConfig, checkerRegion: string) => Endpoint | string

const HTTPS_PORT = 443

/** Finds endpoints by `dial`, and by the addresses that the local DNS answers. */
export function endpointFinder(dial: Dial, places: PlacesPort, answer: Answerer): FindEndpoint {
  /** Port 443 of a region's address stands at another port, where this machine has no such address or right. */
  const placeAt = (address: string, port: number) => {
    const place = port === HTTPS_PORT && places.list().find((candidate) => candidate.address === address)
    return place ? { address, port: place.httpsPort } : undefined
  }
  return (config, checkerRegion) => {
    const port = config.Port ?? defaultPort(config)
    const host = config.IPAddress ?? config.FullyQualifiedDomainName ?? ''
    const known = dial(host, port)
    if (known) return { ...known, resolved: known.address }
    const address = config.IPAddress ?? addressOf(host, checkerRegion, answer)
    if (!address) return 'DNS resolution failed: Rcode NXDomain(3)'
    const target = dial(address, port) ?? placeAt(address, port)
    if (target) return { ...target, resolved: address }
    if (isIPv4(address) && address.startsWith('127.')) return { address, port, resolved: address }
    return `The local cloud has no endpoint at ${address}. Resolved IP: ${address}`
  }
}

/** AWS: checkers use an IPv4 address of the name. */
function addressOf(name: string, checkerRegion: string, answer: Answerer): string | undefined {
  const { answers } = answer({ name, type: 'A', client: locationOfRegion(checkerRegion) })
  return answers.find(({ type }) => type === 'A')?.value
}
