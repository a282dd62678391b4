// A front door over the real Route 53, with two made-up regions, for the tests beside this file. Time moves only
// when a test says so (`pass`), unless the test asks for a running clock.
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Change, ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53'
import { createWorld } from '../../../src/local/create-world.js'
import type { Place, PlacesPort } from '../../../src/local/ports.js'
import { type Profile, rangeOf } from '../../../src/local/profile.js'
import {
  type Route53Options,
  type Route53Service,
  route53Service,
} from '../../../src/local/route53/service.js'
import { memoryStore } from '../../../src/local/store.js'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import { startFront } from '../../../src/local/wire/front.js'
import type { Store, World } from '../../../src/local/world.js'

// A virtual second is a millisecond, so that hours stay within the skew that signatures allow.
const SCALE = 1000
export const OPERATOR = { accessKeyId: 'AKIALOCALOPERATOR000', secretAccessKey: 'operator-secret' }

export const IRELAND: Place = {
  region: 'eu-west-1',
  address: '127.77.0.1',
  httpsPort: 1,
  clientSubnet: '192.0.2.0/24',
}
export const VIRGINIA: Place = {
  region: 'us-east-1',
  address: '127.77.0.2',
  httpsPort: 1,
  clientSubnet: '198.51.100.0/24',
}

/** Hosts `*.execute-api.<region>.amazonaws.com` exist unless they begin with `absent`. */
export const PLACES: PlacesPort = {
  list: () => [IRELAND, VIRGINIA],
  placeOfHost: (host) =>
    host.startsWith('absent')
      ? undefined
      : [IRELAND, VIRGINIA].find(({ region }) => host.includes(`.${region}.`)),
}

export interface TestCloud {
  readonly client: Route53Client
  readonly service: Route53Service
  readonly world: World
  readonly url: string
  /** Lets that many virtual seconds pass. */
  pass(virtualSeconds: number): void
  /** Makes a zone that DNS answers at once; its id. */
  zone(name: string): Promise<string>
  /** Sends a batch. */
  change(zoneId: string, ...changes: Change[]): Promise<unknown>
  /** Environment for the `aws` CLI. */
  close(): Promise<void>
}

export interface TestCloudOptions {
  readonly profile?: Profile
  /** A clock that runs by itself, that many times as fast as the machine's. */
  readonly runningAt?: number
  readonly store?: Store
  readonly dial?: Route53Options['dial']
}

export async function startCloud(options: TestCloudOptions = {}): Promise<TestCloud> {
  const { profile = 'instant', runningAt, store = memoryStore(), dial = () => undefined } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'route53-'))
  const base = createWorld({ dataDir, scale: runningAt ?? SCALE, profile, seed: 1, store })
  let passed = 0
  const start = Date.now()
  const now = () => start + (passed * 1000) / SCALE
  const world: World = runningAt
    ? base
    : {
        ...base,
        takes: (what) => rangeOf(profile, what)[1],
        clock: {
          ...base.clock,
          now,
          after: (virtualSeconds) => now() + (virtualSeconds * 1000) / SCALE,
          since: (instant) => ((now() - instant) / 1000) * SCALE,
        },
      }
  const service = await route53Service(world, { places: PLACES, dial })
  const front = await startFront({
    world,
    services: [service],
    clients: WIRE_CLIENTS,
    credentials: (id) =>
      id === OPERATOR.accessKeyId
        ? { ...OPERATOR, principal: { arn: 'arn:aws:iam::000000000000:user/operator' } }
        : undefined,
    authorize: () => ({ allowed: true }),
    quotas: { take: () => {} },
    onRegion: async () => {},
  })
  const client = new Route53Client({
    endpoint: front.url,
    region: 'us-east-1',
    credentials: OPERATOR,
    maxAttempts: 1,
  })
  return {
    client,
    service,
    world,
    url: front.url,
    pass: (virtualSeconds) => {
      passed += virtualSeconds
    },
    zone: (name) => service.ensureZone(name),
    change: (HostedZoneId, ...Changes) =>
      client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } })),
    async close() {
      client.destroy()
      await front.close()
      await service.close()
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A plain record change. */
export const record = (
  Action: 'CREATE' | 'UPSERT' | 'DELETE',
  Name: string,
  Type: 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'MX' | 'NS' | 'SOA' | 'SRV' | 'TXT',
  values: string | string[],
  more: object = {},
): Change => ({
  Action,
  ResourceRecordSet: {
    Name,
    Type,
    TTL: 60,
    ResourceRecords: [values].flat().map((Value) => ({ Value })),
    ...more,
  },
})

const missing = (command: string, flag: string) =>
  spawnSync(command, [flag]).status === 0 ? false : `${command} is not installed`
export const NO_DIG = missing('dig', '-v')

/** What dig prints for arguments such as `+short`, `www.example.com`, `A`. */
export function dig(service: Route53Service, ...args: string[]): Promise<string> {
  const { address, port } = service.dns
  const all = [`@${address}`, '-p', String(port), '+time=2', '+tries=1', ...args]
  return new Promise((resolve, reject) => {
    execFile('dig', all, (error, stdout) => (error ? reject(error) : resolve(stdout)))
  })
}
