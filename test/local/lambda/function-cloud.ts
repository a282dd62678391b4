// A front door over the real Lambda and CloudWatch Logs, with roles that a test sets and a clock that it may push.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { type CreateFunctionCommandInput, LambdaClient } from '@aws-sdk/client-lambda'
import { strToU8, zipSync } from 'fflate'
import { createWorld } from '../../../src/local/create-world.js'
import { type LambdaService, lambdaService } from '../../../src/local/lambda/service.js'
import { type LogsService, logsService } from '../../../src/local/logs/service.js'
import type { IamPort } from '../../../src/local/ports.js'
import { rangeOf } from '../../../src/local/profile.js'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import type { Want } from '../../../src/local/wire/dispatch.js'
import { startFront } from '../../../src/local/wire/front.js'
import { createQuotas } from '../../../src/local/wire/quota.js'
import type { Credential } from '../../../src/local/wire/sigv4.js'
import type { Store, World } from '../../../src/local/world.js'

export const ROLE = 'arn:aws:iam::000000000000:role/function'
const OPERATOR = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' }

export interface FunctionCloud {
  readonly world: World
  readonly dataDir: string
  readonly url: string
  readonly lambda: LambdaClient
  readonly logs: CloudWatchLogsClient
  readonly lambdaService: LambdaService
  readonly logsService: LogsService
  /** What Lambda is told about roles; absent ones are assumable. */
  readonly roles: Map<string, 'assumable' | 'not-yet' | 'absent'>
  /** What role sessions wanted to do, in order. */
  readonly wanted: Want[]
  /** Calls that the front door has had. */
  calls(): number
  /** Lets that many virtual seconds pass, where the clock is manual. */
  pass(virtualSeconds: number): void
  /** The environment of a client of another kind, such as the `aws` CLI. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

export interface FunctionCloudOptions {
  /** Nothing becomes ready by itself, and everything takes as long as AWS's range says at most. */
  readonly manual?: boolean
  /** Virtual seconds in a real one. Default: 1. */
  readonly scale?: number
  /** Default: a new folder, removed at the end. */
  readonly dataDir?: string
  readonly store?: Store
}

function pushed(world: World): { world: World; pass(virtualSeconds: number): void } {
  const start = Date.now()
  let passed = 0
  const now = () => start + passed * 1000
  const after = (virtualSeconds: number) => now() + virtualSeconds * 1000
  const clock = { ...world.clock, now, after, since: (instant: number) => (now() - instant) / 1000 }
  return {
    world: { ...world, clock, takes: (what) => rangeOf('realistic', what)[1] },
    pass(virtualSeconds) {
      passed += virtualSeconds
    },
  }
}

/** Lambda and Logs behind a front door. */
export async function startFunctionCloud(options: FunctionCloudOptions = {}): Promise<FunctionCloud> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'function-cloud-')))
  const store = options.store && { store: options.store }
  const base = createWorld({ dataDir, scale: options.scale ?? 1, profile: 'instant', seed: 1, ...store })
  const { world, pass } = options.manual ? pushed(base) : { world: base, pass: () => {} }
  const roles: FunctionCloud['roles'] = new Map()
  const credentials = new Map<string, Credential>([
    [
      OPERATOR.accessKeyId,
      { ...OPERATOR, principal: { arn: `arn:aws:iam::${world.account}:user/operator` } },
    ],
  ])
  const iam: IamPort = {
    lambdaRole: (arn) => roles.get(arn) ?? 'assumable',
    session(roleArn, name) {
      const keys = { accessKeyId: `ASIA${credentials.size}`, secretAccessKey: 's', sessionToken: 't' }
      const roleName = roleArn.split('/').at(-1)!
      const arn = `arn:aws:sts::${world.account}:assumed-role/${roleName}/${name}`
      credentials.set(keys.accessKeyId, { ...keys, principal: { arn, roleName } })
      return keys
    },
  }
  const logs = logsService(world)
  const doors: string[] = []
  const caFile = join(dataDir, 'ca.pem')
  await writeFile(caFile, rootCertificates[0]!)
  const lambda = await lambdaService(world, {
    iam,
    logs,
    endpointUrl: () => doors[0]!,
    caFile,
  })
  const wanted: Want[] = []
  const front = await startFront({
    world,
    services: [lambda, logs],
    clients: WIRE_CLIENTS,
    credentials: (id) => credentials.get(id),
    authorize(_principal, _service, wants) {
      wanted.push(...wants)
      return { allowed: true }
    },
    quotas: createQuotas(world),
    onRegion: async () => {},
  })
  doors.push(front.url)
  lambda.start()
  const config = { region: 'eu-west-1', endpoint: front.url, credentials: OPERATOR, maxAttempts: 1 }
  return {
    world,
    dataDir,
    url: front.url,
    lambda: new LambdaClient(config),
    logs: new CloudWatchLogsClient(config),
    lambdaService: lambda,
    logsService: logs,
    roles,
    wanted,
    calls: () => front.calls().total,
    pass,
    environment: {
      AWS_ENDPOINT_URL: front.url,
      AWS_ACCESS_KEY_ID: OPERATOR.accessKeyId,
      AWS_SECRET_ACCESS_KEY: OPERATOR.secretAccessKey,
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_MAX_ATTEMPTS: '1',
    },
    async close() {
      await front.close()
      await lambda.close()
      await logs.close()
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A zip of files with these texts. The same texts give the same bytes. */
export function zipOf(files: Record<string, string>): Uint8Array {
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const)
  return zipSync(Object.fromEntries(entries), { mtime: '1980-01-01' })
}

/** A CreateFunction of an ESM handler with this text, which AWS takes. */
export function functionInput(
  name: string,
  code = 'export const handler = async (event) => event',
  more: Partial<CreateFunctionCommandInput> = {},
): CreateFunctionCommandInput {
  return {
    FunctionName: name,
    Role: ROLE,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Architectures: ['arm64'],
    Code: { ZipFile: zipOf({ 'index.mjs': code }) },
    ...more,
  }
}
