// The local Route 53: hosted zones, records, health checks and traffic policies over the API, name servers that
// answer from them, and checkers that probe. Each noun has its own file; here they are put together.

import type { HealthCheckConfig } from '@aws-sdk/client-route-53'
import type { DnsPort, LocalService, PlacesPort } from '../ports.js'
import type { World } from '../world.js'
import { createAnswerer } from './answer.js'
import { changeOperations } from './change.js'
import { changeBatchOperations } from './change-batch.js'
import type { Health } from './checker.js'
import { openContext } from './context.js'
import type { Responder } from './dns-message.js'
import { type DnsServer, startDnsServer } from './dns-server.js'
import { dnsTestOperations } from './dns-test.js'
import { type Dial, endpointFinder } from './endpoint.js'
import { Fleet } from './fleet.js'
import { healthCheckOperations } from './health-check.js'
import { limitOperations } from './limit.js'
import { locationOfClient } from './location.js'
import { bareName } from './name.js'
import { permissionsOf } from './permission.js'
import { policyInstanceOperations } from './policy-instance.js'
import { policyInstanceListOperations } from './policy-instance-list.js'
import { defaultPort, type HealthProber, Prober } from './prober.js'
import { recordListOperations } from './record-list.js'
import { characterStrings, type TextRecord } from './record-value.js'
import { tagOperations } from './tag.js'
import { policyOperations } from './traffic-policy.js'
import { ensureZone, zoneOperations } from './zone.js'

export interface Route53Options {
  readonly places: PlacesPort
  readonly dial: Dial
  /** Default: by UDP and TCP on this machine. */
  readonly startDns?: (port: number | undefined, responder: Responder) => Promise<DnsServer>
  /** Default: over this machine's sockets. */
  readonly prober?: HealthProber
}

export interface Route53Service extends LocalService, DnsPort {
  /** Where the name servers listen, by UDP and TCP; the same after a restart. */
  readonly dns: { readonly address: string; readonly port: number }
  /** Starts the health checkers, once what they probe can answer. DNS and the API answer before. */
  start(): Promise<void>
  close(): Promise<void>
  /** The id of the public hosted zone of that name; makes it when there is none. */
  ensureZone(name: string): Promise<string>
  /** Every check with its health now, for people. */
  healthChecks(): HealthView[]
  /** The health of a check as DNS sees it now; undefined for a check that is not there. */
  healthOf(healthCheckId: string): Health | undefined
}

export interface HealthView {
  readonly id: string
  /** What it probes, or of how many others it is made. */
  readonly target: string
  readonly healthy: boolean
  readonly reason: string
}

/** Opens the local Route 53 on the world's store. Its name servers answer when this resolves. */
export async function route53Service(world: World, options: Route53Options): Promise<Route53Service> {
  const { places } = options
  const context = openContext(world, places)
  // The answers depend on the checkers' verdicts, and the checkers on the answers: the endpoints that they probe.
  const answer = createAnswerer(context, (id) => fleet.isHealthy(id))
  const fleet = new Fleet(
    context,
    endpointFinder(options.dial, places, answer),
    options.prober ?? new Prober(),
  )
  const locate = (address: string) => locationOfClient(places, address)
  const storedPort = context.state.dns.get('port')
  const server = await (options.startDns ?? startDnsServer)(storedPort, { answer, locate })
  if (storedPort !== undefined && storedPort !== server.port) {
    world.log(`route53: the DNS port ${storedPort} is taken by another process; now ${server.port}`)
  }
  context.state.dns.set('port', server.port)

  return {
    name: 'route53',
    operations: {
      ...zoneOperations(context),
      ...changeBatchOperations(context),
      ...recordListOperations(context),
      ...changeOperations(context),
      ...dnsTestOperations(context, answer),
      ...tagOperations(context),
      ...healthCheckOperations(context, fleet),
      ...limitOperations(context),
      ...policyOperations(context),
      ...policyInstanceOperations(context),
      ...policyInstanceListOperations(context),
    },
    authorize: permissionsOf,
    dns: { address: server.address, port: server.port },
    start: async () => fleet.start(),
    async close() {
      fleet.close()
      await server.close()
    },
    ensureZone: async (name) => ensureZone(context, name),
    healthOf: (id) => fleet.healthOf(id),
    healthChecks: () =>
      [...context.state.healthChecks.values()]
        .map(({ id, config }) => ({
          id,
          target: targetOf(config),
          healthy: fleet.isHealthy(id),
          reason: fleet.healthOf(id)?.reason ?? '',
        }))
        .sort((one, other) => (one.id < other.id ? -1 : 1)),
    resolve(name, type, clientIp) {
      const client = locationOfClient(places, clientIp)
      return answer({ name, type, client }).answers.map(plainRecord)
    },
  }
}

function targetOf(config: HealthCheckConfig): string {
  if (config.Type === 'CALCULATED') return `calculated from ${config.ChildHealthChecks?.length ?? 0} checks`
  const host = config.FullyQualifiedDomainName ?? config.IPAddress ?? ''
  return `${config.Type} ${host}:${config.Port ?? defaultPort(config)}${config.ResourcePath ?? ''}`
}

/** A record for the other services: names without their last dot, TXT without its quotes. */
function plainRecord({ name, type, value }: TextRecord): { name: string; type: string; data: string } {
  const data =
    type === 'TXT'
      ? Buffer.concat(characterStrings(value) ?? []).toString()
      : type === 'A'
        ? value
        : bareName(value)
  return { name: bareName(name), type, data }
}
