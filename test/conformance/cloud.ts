// The whole local cloud in this process, on profile `realistic`, with time that moves only when a test says so: what the
// conformance suites ask. Everything takes as long as AWS's range says at most.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cloud, openCloud } from '../../src/local/cloud.js'
import type { Profile } from '../../src/local/profile.js'
import { manualClock } from './manual-clock.js'

export const OPERATOR = { accessKeyId: 'AKIALOCALOPERATOR000', secretAccessKey: 'operator-secret' }
export const ACCOUNT = '000000000000'
export const IRELAND = 'eu-west-1'
export const VIRGINIA = 'us-east-1'
export const OREGON = 'us-west-2'

export interface ClientConfig {
  readonly region: string
  readonly endpoint: string
  readonly credentials: typeof OPERATOR
  readonly maxAttempts: 1
}

export interface TestCloud {
  readonly cloud: Cloud
  readonly url: string
  /** Lines that the cloud logged: bugs among them. */
  readonly logged: string[]
  /** An SDK client with the operator's key and one attempt: `cloud.client(ACM)`. Ended with the cloud. */
  client<C extends { destroy(): void }>(Client: new (config: ClientConfig) => C, region?: string): C
  /** Lets that many virtual seconds pass. */
  pass(virtualSeconds: number): Promise<void>
  close(): Promise<void>
}

/** `enforceIam`: the operator, who has no policy, is checked as well. */
export async function startTestCloud(
  profile: Profile = 'realistic',
  { enforceIam = false }: { enforceIam?: boolean } = {},
): Promise<TestCloud> {
  const dataDir = await mkdtemp(join(tmpdir(), 'conformance-'))
  const clock = manualClock()
  const logged: string[] = []
  const clients: { destroy(): void }[] = []
  const cloud = await openCloud({
    dataDir,
    profile,
    enforceIam,
    scale: clock.scale,
    clock,
    jitter: () => 1,
    seed: 1,
    operator: OPERATOR,
    regions: [],
    log: (line) => logged.push(line),
  })
  return {
    cloud,
    url: cloud.endpointUrl,
    logged,
    client(Client, region = IRELAND) {
      const client = new Client({
        region,
        endpoint: cloud.endpointUrl,
        credentials: OPERATOR,
        maxAttempts: 1,
      })
      clients.push(client)
      return client
    },
    pass: (virtualSeconds) => clock.pass(virtualSeconds),
    async close() {
      for (const client of clients) client.destroy()
      await cloud.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
