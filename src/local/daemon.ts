// The process of the local cloud: started by `door.ts`, detached, one per data folder. It says where it is in
// `daemon.json` once it serves, keeps its port over restarts, and ends when it is told to or its folder is gone.
// What it answers to the door is `admin.ts`'s, what it keeps for itself `settings.ts`'s.
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { adminOf, refusePolicy } from './admin.js'
import { type Cloud, openCloud } from './cloud.js'
import { type DaemonOptions, type DaemonRecord, FAILURE_FD, RECORD_FILE } from './daemon-record.js'
import { refuseDamage } from './data-check.js'
import { damaged, LocalFailure } from './failure.js'
import { choose, keepFile, keepSettings, openSettings } from './settings.js'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

const [, , dataDir = '', optionsText = '{}'] = process.argv
const LOOK_AFTER_RECORD_MS = 2_000
const UNLOCKED_WITHIN_SECONDS = 10

/** Never throws: a full disk costs lines of the log, and nothing else. */
function write(fd: number, text: string): void {
  try {
    writeSync(fd, text)
  } catch {
    // Nobody can be told.
  }
}
const log = (line: string) => write(1, `${new Date().toISOString()} ${line}\n`)
const wordsOf = (error: unknown) => (error instanceof Error ? error.stack : String(error))

async function main(): Promise<void> {
  const options: DaemonOptions = JSON.parse(optionsText)
  if (options.policy !== undefined) refusePolicy(options.policy)
  const kept = openSettings(dataDir, options.version)
  const { chosen, running } = choose(kept.chosen, options)
  const settings = { ...kept, seed: options.seed ?? kept.seed, chosen }
  // Written before anything is made with them: a key that was handed out once stays valid.
  keepSettings(dataDir, settings)
  const { regions, domain, zone } = options
  const { seed, operator, port } = settings
  const token = randomBytes(24).toString('base64url')
  const instance = randomUUID()
  let cloud: Cloud | undefined
  let stopping = false

  async function stop(why: string): Promise<void> {
    if (stopping) return
    stopping = true
    log(`stopping: ${why}`)
    rmSync(path.join(dataDir, RECORD_FILE), { force: true })
    await cloud?.close()
    process.exit(0)
  }

  const admin = adminOf({ token, instance, dataDir, seed, running, cloud: () => cloud, stop })
  const open = { ...running, dataDir, log, seed, operator, port, admin, regions, domain, zone }
  cloud = await whenUnlocked(async () => {
    refuseDamage(dataDir, port !== undefined)
    return openCloud(open)
  })
  if (options.policy !== undefined) {
    cloud.operator.setPolicy(options.policy)
    await cloud.flush()
  }
  keepSettings(dataDir, { ...settings, port: cloud.port })
  const record: DaemonRecord = {
    instance,
    token,
    pid: process.pid,
    endpointUrl: cloud.endpointUrl,
    operator,
  }
  keepFile(dataDir, RECORD_FILE, record)
  log(`serving at ${cloud.endpointUrl}, scale ${running.scale}, profile ${running.profile}`)

  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  setInterval(() => lookAfterRecord(record, stop), LOOK_AFTER_RECORD_MS).unref()
}

/** Who removes the folder does not want the process either. A record that is damaged would hide it, and is written again. */
function lookAfterRecord(record: DaemonRecord, stop: (why: string) => Promise<void>): void {
  try {
    const text = readFileSync(path.join(dataDir, RECORD_FILE), 'utf8')
    if (!text.includes(record.instance)) keepFile(dataDir, RECORD_FILE, record)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') void stop('the data folder is gone')
    else log(`${RECORD_FILE}: ${wordsOf(error)}`)
  }
}

/** A daemon before this one may still be closing its store. */
async function whenUnlocked(open: () => Promise<Cloud>): Promise<Cloud> {
  for (let tries = 1; ; tries++) {
    try {
      return await open()
    } catch (error) {
      const failure = failureOf(error)
      if (failure.code !== 'local-data-in-use' || tries > UNLOCKED_WITHIN_SECONDS * 5) throw failure
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** LevelDB says in the cause why a store does not open. */
function failureOf(error: unknown): LocalFailure {
  if (error instanceof LocalFailure) return error
  const { code, cause } = error as { code?: string; cause?: { code?: string; message?: string } }
  if (code === 'LEVEL_DATABASE_NOT_OPEN' && cause?.code === 'LEVEL_LOCKED')
    return new LocalFailure(
      'local-data-in-use',
      `Another process works on the data in ${dataDir}, and ${RECORD_FILE} there does not say which.`,
      'If it is a local cloud of this project, it tells again where it is within seconds: run the same command again.',
    )
  if (code?.startsWith('LEVEL_'))
    return damaged(path.join(dataDir, 'store'), cause?.message ?? (error as Error).message)
  return new LocalFailure(
    'local-cloud',
    `The local cloud does not come up: ${error instanceof Error ? error.message : String(error)}`,
    `Its log has more: ${path.join(dataDir, 'daemon.log')}`,
  )
}

// What breaks on its way, as by a full disk, breaks that call; the others are served.
process.on('unhandledRejection', (error) => log(`bug: ${wordsOf(error)}`))
process.on('uncaughtException', (error) => log(`bug: ${wordsOf(error)}`))
main().catch((error: unknown) => {
  log(`cannot start: ${wordsOf(error)}`)
  const { code, message, hint, data } = failureOf(error)
  write(FAILURE_FD, JSON.stringify({ code, message, hint, data }))
  process.exit(1)
})
