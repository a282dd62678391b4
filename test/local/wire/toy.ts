// A front door with toy services, for the tests of the wire: what a service is told can be seen, what it answers set.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWorld } from '../../../src/local/create-world.js'
import type { LocalService, Operation } from '../../../src/local/ports.js'
import type { Profile } from '../../../src/local/profile.js'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import { type Front, type FrontOptions, startFront } from '../../../src/local/wire/front.js'
import { createQuotas } from '../../../src/local/wire/quota.js'
import type { Credential } from '../../../src/local/wire/sigv4.js'
import type { Store } from '../../../src/local/world.js'

export const OPERATOR: Keys = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' }
export const SESSION: Keys = {
  accessKeyId: 'LOCALSESSION',
  secretAccessKey: 'session-secret',
  sessionToken: 'token/+=',
}

export const EXPIRED: Keys = {
  accessKeyId: 'EXPIRED',
  secretAccessKey: 'expired-secret',
  sessionToken: 'old',
}

const CREDENTIALS: Record<string, Credential> = {
  [OPERATOR.accessKeyId]: {
    secretAccessKey: OPERATOR.secretAccessKey,
    principal: { arn: 'arn:aws:iam::000000000000:user/operator' },
  },
  [SESSION.accessKeyId]: {
    secretAccessKey: SESSION.secretAccessKey,
    sessionToken: SESSION.sessionToken,
    principal: { arn: 'arn:aws:sts::000000000000:assumed-role/reader/one', roleName: 'reader' },
  },
  [EXPIRED.accessKeyId]: {
    secretAccessKey: EXPIRED.secretAccessKey,
    sessionToken: EXPIRED.sessionToken,
    expiresAt: 1,
    principal: { arn: 'arn:aws:sts::000000000000:assumed-role/reader/old', roleName: 'reader' },
  },
}

/** Operations by service name, loosely typed: these tests look at the wire and not at shapes. */
export type Toys = Readonly<Record<string, Readonly<Record<string, (input: never, call: never) => unknown>>>>

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

interface ClientConfig {
  readonly endpoint: string
  readonly region: string
  readonly credentials: Keys
  readonly maxAttempts: 1
}

export interface Toy {
  readonly front: Front
  readonly regions: string[]
  readonly logged: string[]
  /** For an SDK client; by default the operator in eu-west-1, one attempt only. */
  config(credentials?: Keys, region?: string): ClientConfig
  close(): Promise<void>
}

export interface ToyOptions extends Partial<FrontOptions> {
  readonly profile?: Profile
  readonly store?: Store
  /** What a service has beside its operations. */
  readonly extra?: Readonly<Record<string, Partial<LocalService>>>
}

export async function startToy(toys: Toys, more: ToyOptions = {}): Promise<Toy> {
  const { profile = 'instant', store, extra = {}, ...options } = more
  const dataDir = await mkdtemp(join(tmpdir(), 'wire-'))
  const logged: string[] = []
  const regions: string[] = []
  const world = createWorld({ dataDir, scale: 1, profile, seed: 1, store, log: (line) => logged.push(line) })
  const services = Object.entries(toys).map(([name, operations]) => ({
    name,
    operations: operations as Record<string, Operation>,
    ...extra[name],
  }))
  const remove = () => rm(dataDir, { recursive: true, force: true })
  const front = await startFront({
    world,
    services,
    clients: WIRE_CLIENTS,
    credentials: (accessKeyId) => CREDENTIALS[accessKeyId],
    authorize: () => ({ allowed: true }),
    quotas: createQuotas(world),
    onRegion: async (region) => {
      regions.push(region)
    },
    ...options,
  }).catch(async (error: unknown) => {
    await remove()
    throw error
  })
  return {
    front,
    regions,
    logged,
    config: (credentials = OPERATOR, region = 'eu-west-1') => ({
      endpoint: front.url,
      region,
      credentials,
      maxAttempts: 1,
    }),
    async close() {
      await front.close()
      await remove()
    },
  }
}
