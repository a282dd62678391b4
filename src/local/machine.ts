// What of a cloud stands on a machine: disks, keys, sockets, processes. The services are the same on any; `cloud.ts` puts
// them on this one, and a simulation on one that is memory and calls.
import { type Authority, openAuthority } from './acm/authority.js'
import type { LeafKeys } from './acm/leaf-key.js'
import { type Edge, type EdgeOptions, openEdge } from './apigateway/edge.js'
import type { Engine } from './dynamodb/engine.js'
import type { FunctionCode } from './lambda/code-store.js'
import type { FunctionHost, HostPorts } from './lambda/host.js'
import type { Responder } from './route53/dns-message.js'
import type { DnsServer } from './route53/dns-server.js'
import type { HealthProber } from './route53/prober.js'
import { openStore } from './store.js'
import { type Front, type FrontOptions, startFront } from './wire/front.js'
import type { Store, World } from './world.js'

/** What is left out is the service's own way: files, processes and sockets. */
export interface Machine {
  openStore(folder: string): Promise<Store>
  openAuthority(dataDir: string): Promise<Authority>
  openEdge(options: EdgeOptions): Promise<Edge>
  startFront(options: FrontOptions): Promise<Front>
  /** A region's items; without a folder in memory, to try writes out. */
  readonly openEngine?: (folder?: string) => Promise<Engine>
  /** The private keys of certificates. */
  readonly leafKeys?: (dataDir: string) => LeafKeys
  /** The zips of functions. */
  readonly openCode?: (folder: string) => FunctionCode
  /** What runs them. */
  readonly startHost?: (world: World, ports: HostPorts) => Promise<FunctionHost>
  readonly startDns?: (port: number | undefined, responder: Responder) => Promise<DnsServer>
  readonly prober?: HealthProber
}

export const thisMachine: Machine = { openStore, openAuthority, openEdge, startFront }
