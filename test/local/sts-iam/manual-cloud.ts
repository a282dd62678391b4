// A front door over real services whose time moves only when a test says so: waits are exact and cost nothing.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWorld } from '../../../src/local/create-world.js'
import type { LocalService } from '../../../src/local/ports.js'
import { rangeOf } from '../../../src/local/profile.js'
import { type IamService, iamService } from '../../../src/local/sts-iam/iam.js'
import { stsService } from '../../../src/local/sts-iam/sts.js'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import type { Decision } from '../../../src/local/wire/dispatch.js'
import { startFront } from '../../../src/local/wire/front.js'
import { createQuotas } from '../../../src/local/wire/quota.js'
import type { World } from '../../../src/local/world.js'

export const OPERATOR = { accessKeyId: 'AKIALOCALOPERATOR000', secretAccessKey: 'operator-secret' }

// A virtual second is half a millisecond: exact in floating point, and three days stay within the skew of signatures.
const SCALE = 2000

export interface ManualWorld extends World {
  /** Lets that many virtual seconds pass. */
  pass(virtualSeconds: number): void
}

/** Everything takes as long as AWS's range says at most, and not a moment passes by itself. */
export function manualWorld(dataDir: string): ManualWorld {
  const world = createWorld({ dataDir, scale: SCALE, profile: 'instant', seed: 1 })
  const start = Date.now()
  let passed = 0
  const now = () => start + (passed * 1000) / SCALE
  return {
    ...world,
    clock: {
      ...world.clock,
      now,
      after: (virtualSeconds) => now() + (virtualSeconds * 1000) / SCALE,
      since: (instant) => ((now() - instant) / 1000) * SCALE,
    },
    takes: (what) => rangeOf('realistic', what)[1],
    pass(virtualSeconds) {
      passed += virtualSeconds
    },
  }
}

export interface ManualCloud {
  readonly world: ManualWorld
  readonly iam: IamService
  /** For an SDK client: endpoint, the operator's key, one attempt only. */
  config(region?: string): {
    region: string
    endpoint: string
    credentials: typeof OPERATOR
    maxAttempts: 1
  }
  close(): Promise<void>
}

/** IAM and STS, and what `more` makes of the world. */
export async function startManualCloud(
  more: (world: ManualWorld) => LocalService[] | Promise<LocalService[]> = () => [],
): Promise<ManualCloud> {
  const dataDir = await mkdtemp(join(tmpdir(), 'manual-cloud-'))
  const world = manualWorld(dataDir)
  const iam = iamService(world, OPERATOR)
  const services = [iam, stsService(world), ...(await more(world))]
  const front = await startFront({
    world,
    services,
    clients: WIRE_CLIENTS,
    credentials: iam.credentialsOf,
    authorize(principal, _service, wants): Decision {
      for (const want of wants) {
        const decision = iam.decide(principal, want.action, want.resource)
        if (!decision.allowed) return { ...want, ...decision }
      }
      return { allowed: true }
    },
    quotas: createQuotas(world),
    onRegion: async () => {},
  })
  return {
    world,
    iam,
    config: (region = 'eu-west-1') => ({
      region,
      endpoint: front.url,
      credentials: OPERATOR,
      maxAttempts: 1,
    }),
    async close() {
      await front.close()
      await Promise.all(services.map((service) => service.close?.()))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
