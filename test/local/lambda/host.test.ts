// The host of functions by itself: how many processes there are, when they go, and that none outlives its daemon.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CreateFunctionCommand, InvokeCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda'
import { createWorld } from '../../../src/local/create-world.js'
import { CodeStore } from '../../../src/local/lambda/code-store.js'
import type { FunctionRecord } from '../../../src/local/lambda/function.js'
import { LambdaHost } from '../../../src/local/lambda/host.js'
import type { IamPort } from '../../../src/local/ports.js'
import { openStore } from '../../../src/local/store.js'
import { functionInput, startFunctionCloud, zipOf } from './function-cloud.js'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambda-host-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const pause = (ms = 10) => new Promise((resolve) => setTimeout(resolve, ms))
async function gone(pid: number) {
  while (isAlive(pid)) await pause()
}

const roleOf = (name: string) => `arn:aws:iam::000000000000:role/${name}`
const SLEEP = `export const handler = async ({ ms = 0 }) => {
  await new Promise((resolve) => setTimeout(resolve, ms)); return process.pid }`

async function startHost(limits: { environments: number; idleMs: number }) {
  const world = createWorld({ dataDir: folder, scale: 1, profile: 'instant', seed: 1 })
  const code = new CodeStore(join(folder, `code-${limits.environments}-${limits.idleMs}`))
  const denied = new Set<string>()
  const iam: IamPort = {
    lambdaRole: (arn) => (denied.has(arn) ? 'absent' : 'assumable'),
    session: () => ({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' }),
  }
  const ports = { iam, logs: { write: () => {} }, code, endpointUrl: () => 'http://127.0.0.1', caFile: '' }
  const host = await LambdaHost.start(world, ports, limits)
  const kept = await code.keep(zipOf({ 'index.mjs': SLEEP }))
  const functionNamed = (name: string): FunctionRecord => ({
    region: 'eu-west-1',
    name,
    arn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
    settings: {
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      roleArn: roleOf(name),
      description: '',
      timeoutSeconds: 10,
      memoryMb: 128,
      architecture: 'arm64',
      logGroup: `/aws/lambda/${name}`,
      ...kept,
    },
    change: { kind: 'create', endsAt: 0, revisionId: '' },
    modifiedAt: 0,
    revisionId: '',
    tags: {},
    policy: [],
  })
  let requests = 0
  return {
    deny: (name: string) => denied.add(roleOf(name)),
    async invoke(name: string, ms = 0): Promise<number> {
      const payload = JSON.stringify({ ms })
      const outcome = await host.invoke(functionNamed(name), [], { requestId: `r${requests++}`, payload })
      return Number(outcome.payload)
    },
    async close() {
      await host.close()
      code.close()
    },
  }
}

describe('processes', { timeout: 30_000 }, () => {
  test('beyond the limit, invocations wait for one that is free, or take an idle one’s place', async () => {
    const { invoke, close } = await startHost({ environments: 2, idleMs: 60_000 })
    const pids = await Promise.all([1, 2, 3, 4, 5].map(() => invoke('a', 20)))
    assert.equal(new Set(pids).size, 2)
    const other = await invoke('b')
    assert.ok(!pids.includes(other))
    while (pids.every(isAlive)) await pause()
    assert.equal(new Set(pids.filter(isAlive)).size, 1)
    await close()
    assert.deepEqual([...pids, other].filter(isAlive), [])
  })

  test('an idle one goes after a while, a busy one does not', async () => {
    const { invoke, close } = await startHost({ environments: 4, idleMs: 120 })
    const idle = await invoke('a')
    const busy = invoke('b', 600)
    await gone(idle)
    assert.ok(isAlive(await busy))
    await close()
  })

  test('a process that ended while it was idle is replaced', async () => {
    const { invoke, close } = await startHost({ environments: 1, idleMs: 60_000 })
    const first = await invoke('a')
    process.kill(first, 'SIGKILL')
    await gone(first)
    const second = await invoke('a')
    assert.ok(isAlive(second))
    await close()
  })

  test('a host that closes ends what is starting, and starts no more', async () => {
    const { invoke, close } = await startHost({ environments: 1, idleMs: 60_000 })
    const starting = invoke('a')
    await pause(20)
    await close()
    await assert.rejects(starting)
  })

  test('a role that cannot be assumed stops a new process, and takes no place', async () => {
    const { invoke, deny, close } = await startHost({ environments: 1, idleMs: 60_000 })
    deny('b')
    await assert.rejects(invoke('b'), { code: 'AccessDeniedException', status: 403 })
    assert.ok(isAlive(await invoke('a')))
    await close()
  })
})

describe('restarts', { timeout: 30_000 }, () => {
  test('functions run again from their zips, and what was unpacked before is cleared away', async () => {
    const dataDir = join(folder, 'restart')
    // What others unpack on this machine at the same time is not looked at.
    const before = process.env.TMPDIR
    process.env.TMPDIR = join(folder, 'unpacked')
    await mkdir(process.env.TMPDIR)
    const unpacked = () => readdir(join(folder, 'unpacked'))
    const open = async () => {
      const store = await openStore(join(dataDir, 'store'))
      const cloud = await startFunctionCloud({ dataDir, store })
      return { cloud, close: () => cloud.close().then(() => store.close()) }
    }
    await mkdir(dataDir)
    const first = await open()
    await first.cloud.lambda.send(
      new CreateFunctionCommand(functionInput('f', 'export const handler = async () => 1')),
    )
    const ZipFile = zipOf({ 'index.mjs': 'export const handler = async () => 2' })
    await first.cloud.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile }))
    await first.close()
    const second = await open()
    const { Payload } = await second.cloud.lambda.send(new InvokeCommand({ FunctionName: 'f' }))
    assert.equal(Payload!.transformToString(), '2')
    assert.equal((await unpacked()).length, 1)
    await second.close()
    assert.deepEqual(await unpacked(), [])
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    const zips = (await readdir(join(dataDir, 'lambda'))).filter((name) => name.endsWith('.zip'))
    assert.equal(zips.length, 2)
  })

  test('a daemon that is killed takes its processes along, even one that never yields', async () => {
    const script = fileURLToPath(new URL('./killed-daemon.ts', import.meta.url))
    const daemon = spawn(process.execPath, ['--import', 'tsx', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pids: number[] = []
    for await (const line of createInterface({ input: daemon.stdout })) {
      pids.push(Number(line))
      if (pids.length === 2) break
    }
    assert.deepEqual(pids.map(isAlive), [true, true])
    daemon.kill('SIGKILL')
    await Promise.all(pids.map(gone))
    const left = (await readFile(join(folder, 'lambda', 'tasks-folder'), 'utf8')).trim()
    assert.ok(existsSync(left))
    const next = await startFunctionCloud({ dataDir: folder })
    assert.ok(!existsSync(left))
    await next.close()
  })
})
