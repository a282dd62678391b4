// Events that were acknowledged: none is lost with its daemon, and their attempts are counted over restarts.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createWorld } from '../../../src/local/create-world.js'
import { EventQueue } from '../../../src/local/lambda/event-queue.js'
import type { Outcome } from '../../../src/local/lambda/execution-environment.js'
import type { FunctionRecord } from '../../../src/local/lambda/function.js'
import { openStore } from '../../../src/local/store.js'
import { AwsError } from '../../../src/local/wire/errors.js'
import { manualClock } from '../../conformance/manual-clock.js'
import { startFunctionCloud } from './function-cloud.js'

const FUNCTION = { region: 'eu-west-1', name: 'f' } as FunctionRecord
const FAILED: Outcome = { payload: '{}', error: 'Unhandled', logTail: '' }
const DONE: Outcome = { payload: 'null', logTail: '' }

/** Queues one after the other over the same store, as a daemon has them that is started again. */
function restartable(answer: () => Outcome | Promise<Outcome>) {
  const clock = manualClock()
  const start = clock.now()
  const world = createWorld({ dataDir: '', scale: clock.scale, profile: 'instant', seed: 1, clock })
  const state = { found: true as boolean, attempts: [] as number[] }
  const kept = world.store.collection('lambda.event')
  const open = () => {
    const queue = new EventQueue(
      world,
      () => (state.found ? FUNCTION : undefined),
      async () => {
        state.attempts.push(Math.round((clock.now() - start) * 2))
        return answer()
      },
    )
    queue.start()
    return queue
  }
  return { clock, state, kept, open }
}
const EVENT = { requestId: 'r', payload: '{}' }

describe('events over restarts', () => {
  test('retries go on where they were: after one minute, and after two more', async () => {
    const { clock, state, kept, open } = restartable(() => FAILED)
    const first = open()
    first.add(FUNCTION, EVENT)
    await clock.pass(0)
    await clock.pass(30)
    first.close()
    const second = open()
    await clock.pass(29)
    assert.deepEqual(state.attempts, [0])
    await clock.pass(1)
    second.close()
    const third = open()
    await clock.pass(1000)
    assert.deepEqual(state.attempts, [0, 60, 180])
    assert.equal(kept.size, 0)
    third.close()
  })

  test('an attempt that the end cut off does not count', async () => {
    let end = () => {}
    const running = new Promise<Outcome>((resolve) => {
      end = () => resolve(FAILED)
    })
    let attempts = 0
    const { clock, state, kept, open } = restartable(() => (attempts++ ? DONE : running))
    const first = open()
    first.add(FUNCTION, EVENT)
    await clock.pass(0)
    first.close()
    end()
    await clock.pass(0)
    assert.equal(kept.size, 1)
    const second = open()
    await clock.pass(1)
    assert.deepEqual([state.attempts.length, kept.size], [2, 0])
    second.close()
  })

  test('throttled ones are tried again ever later, for six hours', async () => {
    const { clock, state, kept, open } = restartable(() => {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429)
    })
    const queue = open()
    queue.add(FUNCTION, EVENT)
    await clock.pass(0)
    await clock.pass(20)
    assert.deepEqual(state.attempts, [0, 1, 3, 7, 15])
    await clock.pass(6 * 3600 + 300)
    assert.equal(kept.size, 0)
    queue.close()
  })

  test('they go with their function', async () => {
    const { clock, state, kept, open } = restartable(() => FAILED)
    const queue = open()
    queue.add(FUNCTION, EVENT)
    await clock.pass(0)
    await clock.pass(1)
    state.found = false
    await clock.pass(100)
    assert.deepEqual([state.attempts, kept.size], [[0], 0])
    queue.close()
  })
})

test('an event that was answered 202 runs again after a kill -9 in the middle of it', {
  timeout: 60_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'event-queue-'))
  const script = fileURLToPath(new URL('./killed-queue.ts', import.meta.url))
  const note = join(folder, 'runs')
  const runs = () => (existsSync(note) ? readFileSync(note, 'utf8') : '')
  const daemon = spawn(process.execPath, ['--import', 'tsx', script, folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  while (!runs()) await pause()
  daemon.kill('SIGKILL')
  await new Promise((resolve) => daemon.once('close', resolve))
  const store = await openStore(join(folder, 'store'))
  const cloud = await startFunctionCloud({ dataDir: folder, store })
  t.after(async () => {
    await cloud.close()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  while (runs().split('\n').length < 3) await pause()
  const [first, second] = runs().split('\n')
  assert.deepEqual([first, second], ['{"n":7}', '{"n":7}'])
})

const pause = () => new Promise((resolve) => setTimeout(resolve, 10))
