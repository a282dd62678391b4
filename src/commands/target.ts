// Where a command works: AWS, or the local cloud of this project. Everything that differs between the two is decided
// here, once; what comes after cannot tell them apart.
import { devNull } from 'node:os'
import path from 'node:path'
import { type ClientOptions, type ClientsOf, clientsFor } from '../aws/clients.js'
import type { Clock } from '../base/clock.js'
import type { Emit } from '../base/events.js'
import { followed } from '../base/files.js'
import { machine, machineAt, type World } from '../base/world.js'
import type { Config } from '../config/schema.js'
import { ask, askAny } from '../probe/dns.js'
import { pinned } from '../probe/https.js'
import { caaOf, type Network, publicNetwork, regionOfHost } from '../probe/network.js'

/** What `local/` tells of a running cloud; the commands know no more of it. */
export interface LocalCloud {
  readonly endpointUrl: string
  readonly edgeUrl: string
  readonly dns: { readonly address: string; readonly port: number }
  readonly ca: string
  readonly timeScale: number
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly regions: LocalRegions
  /** The same as it is by now: a region is opened when it is first called. */
  regionsNow(): Promise<LocalRegions>
}

type LocalRegions = Readonly<Record<string, { address: string; httpsPort: number; clientSubnet: string }>>

/** What a session says of the calls that may leave, once it is open. */
export interface Fence {
  /** Asked before every call that may change something; rejects where another run may be at work by now. */
  check?: (call: string) => Promise<void> | undefined
  /** Aborts where that call, or a probe, is no longer waited for. */
  cut?: (call: string) => AbortSignal
}

export interface Target {
  readonly local?: LocalCloud
  readonly world: World
  /** The world's own. */
  readonly clock: Clock
  readonly network: Network
  readonly stateFile: string
  /** True where calls go to an endpoint that is not AWS's own. */
  readonly customEndpoint: boolean
  /** Where a session says whether it may still change anything; unset means always. */
  readonly fence?: Fence
  readonly clients: ClientsOf
}

export const stateFileOf = ({ root, stack }: Config, local: boolean): string =>
  followed(path.join(root, '.multiregion', ...(local ? ['local'] : []), `${stack}.json`))

/** AWS by the SDK's own rules: its credential chain, its `AWS_ENDPOINT_URL*`. */
export function awsTarget(config: Config, emit: Emit): Target {
  const { clock } = machine
  const fence: Fence = {}
  return {
    fence,
    world: machine,
    clock,
    network: publicNetwork,
    stateFile: stateFileOf(config, false),
    customEndpoint: Object.keys(process.env).some((name) => name.startsWith('AWS_ENDPOINT_URL')),
    clients: clientsFor({ clock, emit, ...asking(fence) }),
  }
}

const asking = (fence: Fence): Pick<ClientOptions, 'mayChange' | 'cut'> => ({
  mayChange: async (call) => fence.check?.(call),
  cut: (call) => fence.cut?.(call),
})

/** The local cloud; its calls go to `AWS_ENDPOINT_URL` where that is set, as to a recording proxy in front of it. */
export function localTarget(config: Config, cloud: LocalCloud, emit: Emit): Target {
  seal()
  const world = machineAt(cloud.timeScale)
  const { clock } = world
  const fence: Fence = {}
  const options: ClientOptions = {
    clock,
    emit,
    ...asking(fence),
    endpoint: process.env.AWS_ENDPOINT_URL || cloud.endpointUrl,
    credentials: cloud.credentials,
  }
  return {
    local: cloud,
    fence,
    world,
    clock,
    network: localNetwork(cloud),
    stateFile: stateFileOf(config, true),
    customEndpoint: false,
    clients: clientsFor(options),
  }
}

/**
 * Beside what its clients are given, the SDK reads variables and files: FIPS and dual-stack names, modes, retries, profiles.
 * None of them is meant for the local cloud.
 */
function seal(): void {
  for (const name of Object.keys(process.env))
    if (/^AWS_(?!SDK_JS_|ENDPOINT_URL$)/.test(name)) delete process.env[name]
  Object.assign(process.env, { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull })
}

function localNetwork(cloud: LocalCloud): Network {
  let { regions } = cloud
  const placeOf = async (region: string) => {
    if (!regions[region]) regions = await cloud.regionsNow()
    return regions[region]
  }
  const network: Network = {
    ask: askAny,
    async send(request) {
      await placeOf(regionOfHost(request.target) ?? '')
      return pinned(network, request)
    },
    ca: cloud.ca,
    servers: async () => [cloud.dns],
    clientSubnet: async (region) => (await placeOf(region))?.clientSubnet,
    // Never to the internet: a host of that name may be somebody's.
    dial: (host) => {
      const place = regions[regionOfHost(host) ?? '']
      if (!place) throw new Error(`the local cloud has no host ${host}`)
      return { host: place.address, port: place.httpsPort }
    },
    delegation: async (zone) =>
      (await ask(cloud.dns, { name: zone, type: 'NS' }))
        .filter((answer) => answer.type === 'NS')
        .map((answer) => answer.data),
    caa: async (name) => caaOf(await ask(cloud.dns, { name, type: 'CAA' })),
  }
  return network
}
