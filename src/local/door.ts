// The door of the local cloud, for the CLI: starts the daemon on demand, finds it, asks it, stops it. It loads nothing
// of the cloud itself, so that a verb which only looks stays quick.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import lockfile from 'proper-lockfile'
import { type DaemonOptions, type DaemonRecord, RECORD_FILE } from './daemon-record.js'
import type { Profile } from './profile.js'

export type { DaemonOptions } from './daemon-record.js'
export type { Profile } from './profile.js'

export interface LocalStatus {
  readonly running: true
  readonly pid: number
  readonly endpointUrl: string
  readonly dns: { readonly address: string; readonly port: number }
  readonly edgeUrl: string
  readonly caFile: string
  readonly dataDir: string
  readonly timeScale: number
  readonly profile: Profile
  readonly calls: { readonly total: number; readonly perSecond: number }
  readonly memoryMb: number
  readonly regions: Readonly<Record<string, { address: string; httpsPort: number; clientSubnet: string }>>
}

export interface RunningCloud extends LocalStatus {
  /** PEM of the local authority. */
  readonly ca: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** True if this call started it. */
  readonly started: boolean
}

export interface LogLine {
  readonly region: string
  readonly group: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly message: string
}

const START_SECONDS = 20

/** The running cloud of that folder, or undefined. */
export async function find(dataDir: string): Promise<RunningCloud | undefined> {
  const record = await readRecord(dataDir)
  if (!record) return undefined
  const status = await call<LocalStatus & { instance: string }>(record, 'GET', '/_local/status').catch(
    () => undefined,
  )
  if (status?.instance !== record.instance) return undefined
  const { instance: _instance, ...rest } = status
  const ca = await readFile(rest.caFile, 'utf8')
  return { ...rest, running: true, ca, credentials: record.operator, started: false }
}

/** Starts it if it does not run; two at once start one. Rejects with the end of its log if it does not come up. */
export async function ensure(dataDir: string, options: DaemonOptions): Promise<RunningCloud> {
  const running = await find(dataDir)
  if (running) return running
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const release = await lockfile.lock(dataDir, {
    retries: { retries: 120, factor: 1, minTimeout: 250 },
    stale: 30_000,
  })
  try {
    return (await find(dataDir)) ?? (await start(dataDir, options))
  } finally {
    await release()
  }
}

async function start(dataDir: string, options: DaemonOptions): Promise<RunningCloud> {
  const logFile = path.join(dataDir, 'daemon.log')
  const out = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, [...loader(), daemonFile(), dataDir, JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', out, out],
    cwd: dataDir,
    env: cleanEnvironment(),
  })
  closeSync(out)
  child.unref()
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  const deadline = Date.now() + START_SECONDS * 1000
  while (Date.now() < deadline && !ended) {
    const running = await find(dataDir)
    if (running) return { ...running, started: true }
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  const tail = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-5).join('\n')
  throw new Error(
    `${ended ? 'it ended' : `it did not serve within ${START_SECONDS} s`}; its log ${logFile} ends:\n${tail}`,
  )
}

/** False if none was running. */
export async function stop(dataDir: string): Promise<boolean> {
  const record = await readRecord(dataDir)
  if (!record || !(await find(dataDir))) return false
  await call(record, 'POST', '/_local/stop').catch(() => undefined)
  for (let tries = 0; tries < 200 && isAlive(record.pid); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  if (isAlive(record.pid)) process.kill(record.pid, 'SIGKILL')
  return true
}

/** Stops it and removes all that it keeps. */
export async function reset(dataDir: string): Promise<void> {
  await stop(dataDir)
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
}

/** Lines of the functions' logs since an instant, by time. */
export async function logs(
  dataDir: string,
  query: { since: number; region?: string; function?: string },
): Promise<LogLine[]> {
  const record = await readRecord(dataDir)
  if (!record) return []
  const parameters = new URLSearchParams({ since: String(query.since) })
  if (query.region) parameters.set('region', query.region)
  if (query.function) parameters.set('function', query.function)
  return call<LogLine[]>(record, 'GET', `/_local/logs?${parameters}`)
}

async function readRecord(dataDir: string): Promise<DaemonRecord | undefined> {
  try {
    return JSON.parse(await readFile(path.join(dataDir, RECORD_FILE), 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function call<T>(record: DaemonRecord, method: string, route: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${record.endpointUrl}${route}`,
      { method, timeout: 5_000, agent: false, headers: { 'x-multiregion-token': record.token } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (response.statusCode === 200) resolve(JSON.parse(text))
          else reject(new Error(`${route} answered ${response.statusCode}`))
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end()
  })
}

/** Built, the daemon is beside us in dist/; in the sources it needs the loader that runs us. */
function daemonFile(): string {
  const built = fileURLToPath(new URL('./local/daemon.js', import.meta.url))
  return existsSync(built) ? built : fileURLToPath(new URL('./daemon.ts', import.meta.url))
}

const loader = () => (daemonFile().endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [])

/** The cloud has its own credentials and endpoints; none of the caller's may leak in. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')))
}
