// Logs over a kill -9: the lines of an invocation that was answered, and events that were taken, are there.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openStore } from '../../../src/local/store.js'
import { startFunctionCloud } from '../lambda/function-cloud.js'

test('what was logged before an answer survives a kill right after it', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'logs-killed-'))
  const script = fileURLToPath(new URL('./killed-daemon.ts', import.meta.url))
  const daemon = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(daemon.stdout, 'data')
  daemon.kill('SIGKILL')
  await once(daemon, 'exit')
  const store = await openStore(join(dataDir, 'store'))
  const cloud = await startFunctionCloud({ dataDir, store })
  t.after(async () => {
    await cloud.close()
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const lines = cloud.logsService.read('eu-west-1', '/aws/lambda/f', 0).map(({ message }) => message)
  const kinds = ['START', 'from the function', 'END', 'REPORT', 'put']
  assert.deepEqual(
    kinds.filter((kind) => !lines.some((line) => line.includes(kind))),
    [],
  )
})
