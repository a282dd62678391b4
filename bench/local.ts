// How fast the local cloud is beside a bare dynalite, both over HTTP, both on disk, in one run: `npm run bench`. The
// machine decides the figures, so that only their ratios say something. The daemon is the built one.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { IAM } from '@aws-sdk/client-iam'
import { Lambda } from '@aws-sdk/client-lambda'
import { strToU8, zipSync } from 'fflate'
import { find, type RunningCloud, stop } from '../src/local/door.js'
import { type Caller, itemCaller } from './item-caller.js'

const ROOT = path.resolve(import.meta.dirname, '..')
const REGIONS = (
  'eu-west-1 us-east-1 us-west-2 eu-central-1 ap-southeast-2 ap-northeast-1 ca-central-1 sa-east-1 eu-north-1 ' +
  'us-east-2'
).split(' ')
const [HOME = '', OTHER = ''] = REGIONS
const { values } = parseArgs({
  options: {
    /** Calls of each kind in a round. */
    calls: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '16' },
  },
})
const CALLS = Number(values.calls)
const ROUNDS = Number(values.rounds)
const CONCURRENCY = Number(values.concurrency)

const folders: string[] = []
const children: ChildProcess[] = []

function folder(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'multiregion-bench-'))
  folders.push(made)
  return made
}

function run(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  children.push(child)
  return child
}

/** Starts the built daemon on a folder of its own; how long it takes until a client has its first answer. */
async function startCloud(): Promise<{ dataDir: string; cloud: RunningCloud; startMs: number }> {
  const dataDir = folder()
  const begun = performance.now()
  const options = { profile: 'instant', scale: 20, regions: [], version: 'bench' }
  run(path.join(ROOT, 'dist/local/daemon.js'), dataDir, JSON.stringify(options))
  let cloud: RunningCloud | undefined
  while (!cloud) {
    if (performance.now() - begun > 60_000) throw new Error(`the daemon in ${dataDir} does not come up`)
    await sleep(5)
    cloud = await find(dataDir).catch(() => undefined)
  }
  const first = dynamodb(cloud, HOME)
  await first.listTables({})
  first.destroy()
  return { dataDir, cloud, startMs: performance.now() - begun }
}

async function startDynalite(): Promise<string> {
  const code = `
    const server = require('dynalite')({ path: process.argv[1], createTableMs: 0 })
    server.listen(0, '127.0.0.1', () => console.log(server.address().port))`
  const child = run('-e', code, folder())
  const port = await new Promise((resolve) =>
    child.stdout!.once('data', (text) => resolve(String(text).trim())),
  )
  return `http://127.0.0.1:${port}`
}

const dynamodb = ({ endpointUrl: endpoint, credentials }: RunningCloud, region: string) =>
  new DynamoDB({ region, endpoint, credentials })

async function createTable(client: DynamoDB, TableName: string): Promise<void> {
  await client.createTable({
    TableName,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
    BillingMode: 'PAY_PER_REQUEST',
  })
  await isActive(client, TableName)
}

async function isActive(client: DynamoDB, TableName: string): Promise<void> {
  for (;;) {
    const { Table } = await client.describeTable({ TableName })
    const members = Table?.Replicas?.map(({ ReplicaStatus }) => ReplicaStatus) ?? []
    if ([Table?.TableStatus, ...members].every((status) => status === 'ACTIVE')) return
    await sleep(10)
  }
}

/** The article's table in so many regions. */
async function globalTable(
  cloud: RunningCloud,
  TableName: string,
  regions: readonly string[],
): Promise<void> {
  const client = dynamodb(cloud, HOME)
  await createTable(client, TableName)
  for (const RegionName of regions.slice(1)) {
    await client.updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName } }] })
    await isActive(client, TableName)
  }
  client.destroy()
}

/** Calls a second, `CONCURRENCY` at a time. */
async function rate(call: (number: number) => Promise<void>): Promise<number> {
  let number = 0
  const begun = performance.now()
  const lane = async () => {
    while (number < CALLS) await call(number++)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, lane))
  return (CALLS * 1000) / (performance.now() - begun)
}

const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!

async function compareItems(cloud: RunningCloud, dataDir: string, dynaliteUrl: string) {
  const { credentials, endpointUrl } = cloud
  const bare = new DynamoDB({ region: HOME, endpoint: dynaliteUrl, credentials })
  await createTable(bare, 'items')
  bare.destroy()
  const plain = dynamodb(cloud, HOME)
  await createTable(plain, 'plain')
  plain.destroy()
  await globalTable(cloud, 'global', [HOME, OTHER])
  const callers: Record<string, Caller> = {
    dynalite: itemCaller({ endpointUrl: dynaliteUrl, credentials, region: HOME, table: 'items' }),
    plain: itemCaller({ endpointUrl, credentials, region: HOME, table: 'plain' }),
    replicated: itemCaller({ endpointUrl, credentials, region: HOME, table: 'global' }),
  }
  const rates = Object.fromEntries(
    Object.keys(callers).map((name) => [name, { puts: [] as number[], gets: [] as number[] }]),
  )
  // One after the other in each round, so that a busy moment of the machine meets them alike. The first one is warming.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, caller] of Object.entries(callers)) {
      const puts = await rate(caller.put)
      await settled(dataDir)
      const gets = await rate(caller.get)
      if (round) rates[name]!.puts.push(puts)
      if (round) rates[name]!.gets.push(gets)
    }
  }
  for (const caller of Object.values(callers)) caller.close()
  return Object.fromEntries(
    Object.entries(rates).map(([name, { puts, gets }]) => [name, { puts: median(puts), gets: median(gets) }]),
  )
}

/** All replication has arrived: it is not to be paid by the next in turn. */
async function settled(dataDir: string): Promise<void> {
  while ((await find(dataDir))?.replication.length) await sleep(20)
}

const HANDLER = `export const handler = async (event) => ({ times: process.env.TIMES, event })`

async function invokes({ endpointUrl: endpoint, credentials }: RunningCloud) {
  const config = { region: HOME, endpoint, credentials }
  const [iam, lambda] = [new IAM({ ...config, region: 'us-east-1' }), new Lambda(config)]
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  }
  const { Role } = await iam.createRole({
    RoleName: 'bench',
    AssumeRolePolicyDocument: JSON.stringify(trust),
  })
  const FunctionName = 'bench'
  await lambda.createFunction({
    FunctionName,
    Role: Role!.Arn,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Code: { ZipFile: zipSync({ 'index.mjs': strToU8(HANDLER) }) },
  })
  const timed = async () => {
    const begun = performance.now()
    const { FunctionError } = await lambda.invoke({ FunctionName, Payload: strToU8('{"a":1}') })
    if (FunctionError) throw new Error(FunctionError)
    return performance.now() - begun
  }
  const cold: number[] = []
  const warm: number[] = []
  for (let times = 0; times < ROUNDS; times += 1) {
    // Another configuration: the environments of the one before are not used again.
    await lambda.updateFunctionConfiguration({
      FunctionName,
      Environment: { Variables: { TIMES: `${times}` } },
    })
    cold.push(await timed())
    for (let again = 0; again < 20; again += 1) warm.push(await timed())
  }
  for (const client of [iam, lambda]) client.destroy()
  return { coldMs: median(cold), warmMs: median(warm) }
}

/** Resident memory of a fresh cloud with the article's table in so many regions. */
async function memoryMb(regions: number): Promise<number> {
  const { cloud, dataDir } = await startCloud()
  await globalTable(cloud, 'MyGlobalTable', REGIONS.slice(0, regions))
  const { memoryMb } = (await find(dataDir))!
  await stop(dataDir)
  return memoryMb
}

async function measure() {
  const starts: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const { dataDir, startMs } = await startCloud()
    starts.push(startMs)
    await stop(dataDir)
  }
  const { cloud, dataDir } = await startCloud()
  const items = await compareItems(cloud, dataDir, await startDynalite())
  const invoked = await invokes(cloud)
  await stop(dataDir)
  const memory = { two: await memoryMb(2), ten: await memoryMb(10) }
  return { items, invokes: invoked, startMs: median(starts), memoryMb: memory }
}

function rows({
  items,
  invokes: { coldMs, warmMs },
  startMs,
  memoryMb,
}: Awaited<ReturnType<typeof measure>>) {
  const { dynalite, plain, replicated } = items
  const beside = (what: 'puts' | 'gets', { puts, gets }: { puts: number; gets: number }) => {
    const [own, bare] = what === 'puts' ? [puts, dynalite!.puts] : [gets, dynalite!.gets]
    return `${Math.round(own)}/s, ${(own / bare).toFixed(2)} of ${Math.round(bare)}/s`
  }
  return {
    'puts, replicated to a second region': beside('puts', replicated!),
    'puts, one region': beside('puts', plain!),
    'gets, replicated': beside('gets', replicated!),
    'gets, one region': beside('gets', plain!),
    'invoke, cold': `${Math.round(coldMs)} ms`,
    'invoke, warm': `${warmMs.toFixed(1)} ms`,
    'start to first answer': `${(startMs / 1000).toFixed(2)} s`,
    'memory, two regions': `${memoryMb.two} MB`,
    'memory, ten regions': `${memoryMb.ten} MB`,
  }
}

try {
  const figures = await measure()
  const wide = Object.entries(rows(figures)).map(([name, figure]) => `${name.padEnd(38)}${figure}`)
  console.log(['', `${''.padEnd(38)}local cloud, and its share of bare dynalite`, ...wide, ''].join('\n'))
  console.log(
    JSON.stringify(figures, (_key, value) => (typeof value === 'number' ? +value.toFixed(1) : value)),
  )
} finally {
  for (const child of children) child.kill()
  for (const made of folders) rmSync(made, { recursive: true, force: true, maxRetries: 5 })
}
