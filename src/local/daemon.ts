// The process of the local cloud: started by `door.ts`, detached, one per data folder. It says where it is in
// `daemon.json` once it serves, keeps its port over restarts, and ends when it is told to or its folder is gone.
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { type Cloud, openCloud } from './cloud.js'
import { type DaemonOptions, type DaemonRecord, RECORD_FILE, type Settings } from './daemon-record.js'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

const [, , dataDir = '', optionsText = '{}'] = process.argv
const options: DaemonOptions = JSON.parse(optionsText)
const log = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`)

/** What outlives a restart: the port, the operator's key, the seed of the jitter. */
function settings(): Settings {
  const file = path.join(dataDir, 'settings.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  return {
    seed: randomBytes(4).readUInt32BE(),
    operator: {
      // AWS: a long-term access key id is AKIA and 16 more; this one says what it is.
      accessKeyId: 'AKIALOCALMULTIREGION',
      secretAccessKey: randomBytes(30).toString('base64url'),
    },
  }
}

function keep(name: string, value: unknown): void {
  const file = path.join(dataDir, name)
  writeFileSync(`${file}.tmp`, JSON.stringify(value, null, 1), { mode: 0o600 })
  renameSync(`${file}.tmp`, file)
}

async function main(): Promise<void> {
  const kept = settings()
  const instance = randomUUID()
  const token = randomBytes(24).toString('base64url')
  let cloud: Cloud | undefined
  const open = (port: number | undefined) =>
    openCloud({ ...options, dataDir, log, seed: kept.seed, operator: kept.operator, port, admin })

  // Written before anything is made with them: a key that was handed out once stays valid.
  keep('settings.json', kept)
  cloud = await open(kept.port)
  keep('settings.json', { ...kept, port: cloud.port })
  const record: DaemonRecord = {
    instance,
    token,
    pid: process.pid,
    endpointUrl: cloud.endpointUrl,
    operator: kept.operator,
  }
  keep(RECORD_FILE, record)
  log(`serving at ${cloud.endpointUrl}, scale ${options.scale}, profile ${options.profile}`)

  let stopping = false
  async function stop(why: string): Promise<void> {
    if (stopping) return
    stopping = true
    log(`stopping: ${why}`)
    rmSync(path.join(dataDir, RECORD_FILE), { force: true })
    await cloud?.close()
    process.exit(0)
  }

  async function admin(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.headers['x-multiregion-token'] !== token) return void answer(403, { message: 'Forbidden' })
    if (!cloud) return void answer(503, { message: 'starting' })
    if (url.pathname === '/_local/status') return void answer(200, { instance, ...statusOf(cloud) })
    if (url.pathname === '/_local/logs') return void answer(200, linesOf(cloud, url.searchParams))
    if (url.pathname === '/_local/stop' && request.method === 'POST') {
      answer(200, {})
      return stop('asked to')
    }
    answer(404, { message: 'Not Found' })
  }

  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // Who removes the folder does not want the process either.
  setInterval(() => {
    if (!existsSync(path.join(dataDir, RECORD_FILE))) void stop('the data folder is gone')
  }, 2_000).unref()
}

function statusOf(cloud: Cloud) {
  return {
    pid: process.pid,
    endpointUrl: cloud.endpointUrl,
    dns: cloud.dns,
    edgeUrl: cloud.edgeUrl,
    caFile: cloud.caFile,
    dataDir,
    timeScale: options.scale,
    profile: options.profile,
    calls: cloud.calls(),
    memoryMb: Math.round(process.memoryUsage().rss / 1_048_576),
    regions: Object.fromEntries(
      cloud
        .places()
        .map(({ region, address, httpsPort, clientSubnet }) => [
          region,
          { address, httpsPort, clientSubnet },
        ]),
    ),
  }
}

function linesOf(cloud: Cloud, query: URLSearchParams) {
  const since = Number(query.get('since') ?? 0)
  const region = query.get('region')
  const name = query.get('function')
  return cloud
    .logGroups()
    .filter((one) => !region || one.region === region)
    .filter((one) => !name || one.group.endsWith(`-${name}`) || one.group.endsWith(`/${name}`))
    .flatMap(({ region, group }) =>
      cloud.logs.read(region, group, since).map(({ at, message }) => ({ region, group, at, message })),
    )
    .sort((a, b) => a.at - b.at)
}

process.on('unhandledRejection', (error) =>
  log(`bug: ${error instanceof Error ? error.stack : String(error)}`),
)
main().catch((error: Error) => {
  log(`cannot start: ${error.stack}`)
  process.exit(1)
})
