// The door of the local cloud, for the CLI: starts the daemon on demand, finds it, asks it, stops it. It loads nothing
// of the cloud itself, so that a verb which only looks stays quick. How it asks is
// `door-call.ts`'s, what it is answered `admin.ts`'s.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import lockfile from 'proper-lockfile'
import {
  type DaemonOptions,
  type DaemonRecord,
  FAILURE_FD,
  RECORD_FILE,
  SETTINGS_FILE,
} from './daemon-record.js'
import { call, NoReply } from './door-call.js'
import { LocalFailure } from './failure.js'
import type { FaultInput, FaultView } from './fault/rule.js'
import type { LocalStatus } from './status.js'

export type { DaemonOptions } from './daemon-record.js'
export { LocalFailure } from './failure.js'
export type { FaultInput, FaultKind, FaultView } from './fault/rule.js'
export type { Profile } from './profile.js'
export type { LocalStatus } from './status.js'

export interface RunningCloud extends LocalStatus {
  /** PEM of the local authority. */
  readonly ca: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** True if this call started it. */
  readonly started: boolean
  /** True if it had no data before. */
  readonly fresh: boolean
}

export interface LogLine {
  readonly region: string
  readonly group: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly message: string
}

const START_SECONDS = 20
const GRACE_SECONDS = 10

/** The running cloud of that folder, or undefined. Throws LocalFailure when its process is there and does not answer. */
export async function find(dataDir: string): Promise<RunningCloud | undefined> {
  const record = await readRecord(dataDir)
  if (!record) return undefined
  const status = await statusOf(record)
  if (status === 'silent' && (await isDaemon(record.pid, dataDir))) throw notAnswering(record.pid)
  if (status === 'silent' || status?.instance !== record.instance) return undefined
  const { instance: _instance, ...rest } = status
  const ca = await readFile(rest.caFile, 'utf8')
  return { ...rest, running: true, ca, credentials: record.operator, started: false, fresh: false }
}

/** `silent`: something takes our connection and says nothing. Undefined: there is no daemon. */
async function statusOf(
  record: DaemonRecord,
): Promise<(LocalStatus & { instance: string }) | 'silent' | undefined> {
  try {
    return await call(record, 'GET', '/_local/status')
  } catch (error) {
    return error instanceof NoReply ? 'silent' : undefined
  }
}

const notAnswering = (pid: number) =>
  new LocalFailure(
    'local-not-answering',
    `The local cloud is there (pid ${pid}), but it does not answer: it is stopped, or too busy.`,
    'Give it a moment, or end it: multiregion local stop (what it acknowledged is on disk)',
    { pid },
  )

/** Starts it if it does not run; two at once start one. Throws LocalFailure if it does not come up or does not answer. */
export async function ensure(dataDir: string, options: DaemonOptions): Promise<RunningCloud> {
  const running = await find(dataDir)
  if (running) return running
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  return alone(dataDir, async () => (await find(dataDir)) ?? (await start(dataDir, options)))
}

/** One at a time starts, stops or removes a cloud. Its folder is there. */
async function alone<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const release = await lockfile.lock(dataDir, {
    retries: { retries: 120, factor: 1, minTimeout: 250 },
    stale: 30_000,
  })
  try {
    return await work()
  } finally {
    await release()
  }
}

async function start(dataDir: string, options: DaemonOptions): Promise<RunningCloud> {
  const fresh = !existsSync(path.join(dataDir, SETTINGS_FILE))
  const logFile = path.join(dataDir, 'daemon.log')
  const out = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, [...loader(), daemonFile(), dataDir, JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', out, out, 'pipe'],
    cwd: dataDir,
    env: cleanEnvironment(),
  })
  closeSync(out)
  child.unref()
  const failure = failureOf(child)
  const deadline = Date.now() + START_SECONDS * 1000
  try {
    while (Date.now() < deadline && !failure.ended) {
      const running = await find(dataDir)
      if (running) return { ...running, started: true, fresh }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } finally {
    failure.close()
  }
  // Nobody would find it: it has said nothing of where it is.
  if (!failure.ended) child.kill('SIGKILL')
  if (failure.text) throw failure.read()
  throw new LocalFailure(
    'local-cloud',
    `The local cloud does not come up: ${failure.ended ? 'it ended' : `it did not serve within ${START_SECONDS} s`}.`,
    `Its log says more: ${logFile}. If its data are damaged, multiregion local reset begins anew.`,
  )
}

/** What a daemon says on its way out, as it comes in. */
function failureOf(child: ChildProcess) {
  const pipe = child.stdio[FAILURE_FD] as Socket
  const failure = {
    text: '',
    ended: false,
    read(): LocalFailure {
      const { code, message, hint, data } = JSON.parse(failure.text)
      return new LocalFailure(code, message, hint, data)
    },
    close: () => pipe.destroy(),
  }
  pipe.setEncoding('utf8')
  pipe.on('data', (text) => {
    failure.text += text
  })
  pipe.on('error', () => undefined)
  // All of the pipe has been read by then.
  child.once('close', () => {
    failure.ended = true
  })
  return failure
}

export interface Stopped {
  readonly stopped: boolean
  readonly pid?: number
  /** It did not answer, or took too long, and was killed. */
  readonly killed: boolean
}

/** Of a folder without a running cloud: the last one left its record behind, as no stop does. */
export const wasKilled = async (dataDir: string) => (await readRecord(dataDir)) !== undefined

const WAS_NOT_RUNNING: Stopped = { stopped: false, killed: false }

/** Ends the daemon, if there is one: in peace, else by force. One that comes up is waited for. */
export const stop = async (dataDir: string): Promise<Stopped> =>
  existsSync(dataDir) ? alone(dataDir, () => end(dataDir)) : WAS_NOT_RUNNING

async function end(dataDir: string): Promise<Stopped> {
  const record = await readRecord(dataDir)
  if (!record) return WAS_NOT_RUNNING
  const { pid } = record
  const status = await statusOf(record)
  const silent = status === 'silent' && (await isDaemon(pid, dataDir))
  if (!silent && (status === 'silent' || status?.instance !== record.instance)) return WAS_NOT_RUNNING
  if (!silent) await call(record, 'POST', '/_local/stop').catch(() => undefined)
  if (!silent && (await hasEnded(pid))) return { stopped: true, pid, killed: false }
  process.kill(pid, 'SIGKILL')
  await hasEnded(pid)
  await rm(path.join(dataDir, RECORD_FILE), { force: true })
  return { stopped: true, pid, killed: true }
}

async function hasEnded(pid: number): Promise<boolean> {
  for (let tries = 0; tries < GRACE_SECONDS * 20 && isAlive(pid); tries++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  return !isAlive(pid)
}

/** Stops it and removes all that it keeps. */
export async function reset(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return
  await alone(dataDir, async () => {
    await end(dataDir)
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
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

/** Adds a fault. Throws LocalFailure, as all below do when it is refused or no cloud runs. */
export const addFault = (dataDir: string, fault: FaultInput) =>
  ask<FaultView>(dataDir, 'POST', '/_local/fault', fault)

export const listFaults = (dataDir: string) => ask<FaultView[]>(dataDir, 'GET', '/_local/fault')

/** Clears one fault, or all. */
export const clearFaults = (dataDir: string, id?: string) =>
  ask<{ cleared: number }>(
    dataDir,
    'DELETE',
    `/_local/fault${id === undefined ? '' : `?${new URLSearchParams({ id })}`}`,
  )

/** Gives the operator that policy (its text), which he is held to where IAM is enforced for him. */
export const setOperatorPolicy = (dataDir: string, document: string) =>
  ask<object>(dataDir, 'PUT', '/_local/policy', document)

async function ask<T>(dataDir: string, method: string, route: string, body?: unknown): Promise<T> {
  if (!(await find(dataDir)))
    throw new LocalFailure(
      'not-running',
      'The local cloud is not running.',
      'Start it: multiregion local start',
    )
  return call<T>((await readRecord(dataDir))!, method, route, body)
}

/** A record that cannot be read is none: who wrote it writes it again, or is gone. */
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

/** A process id may have gone to another process since; Linux tells what it runs. */
async function isDaemon(pid: number, dataDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return command === undefined || command.includes(dataDir)
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
