// Faults and status of the local cloud as an operator handles them: the verbs, their words and JSON, over a stop and a
// kill -9 of the daemon. What the faults do to calls is told in test/local/fault.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FaultView, LocalStatus } from '../../src/local/door.js'
import { Project } from '../journeys/project.js'

let project: Project

before(async () => {
  project = new Project()
  await project.json('local', 'start', '--profile', 'instant')
})
after(() => project.remove())

const fault = (...args: string[]) => project.run('local', 'fault', ...args)
const added = (...args: string[]) => project.json<FaultView>('local', 'fault', 'add', ...args)
const list = async () => (await project.json<{ faults: FaultView[] }>('local', 'fault', 'list')).faults
const status = () => project.json<LocalStatus>('local', 'status')

test('add, list, clear: in words and in JSON', async () => {
  assert.match((await fault('list')).stdout, /^There are no faults\.$/m)
  const words = await fault('add', 'throttle', '--service', 'route53', '--rate', '0.5', '--count', '3')
  assert.equal(words.code, 0, words.stderr)
  assert.match(words.stdout, /^1 +throttle +route53, 50 % of the calls {2}\(0 hits, 3 left\)$/m)
  assert.match(words.stdout, /^Mend it: multiregion local fault clear 1$/m)
  const second = await added(
    ...['latency', '--region', 'eu-west-1', '--latency', '200ms', '--jitter', '50ms', '--for', '5m'],
  )
  assert.deepEqual(
    [second.id, second.kind, second.latencyMs, second.jitterMs, second.forSeconds, second.active],
    ['2', 'latency', 200, 50, 300, true],
  )
  const after_ = await added(
    'error',
    '--operation',
    'PutItem',
    '--after',
    '--status',
    '503',
    '--plane',
    'data',
  )
  assert.deepEqual([after_.after, after_.status, after_.plane], [true, 503, 'data'])
  assert.deepEqual(
    (await list()).map(({ id }) => id),
    ['1', '2', '3'],
  )
  assert.match((await fault('list')).stdout, /^3 +error +PutItem, data plane, 503 after the effect/m)
  assert.match((await fault('clear', '2')).stdout, /One fault is cleared/)
  assert.deepEqual(await project.json('local', 'fault', 'clear', '--all'), { schemaVersion: 1, cleared: 2 })
  assert.deepEqual(await list(), [])
})

describe('what makes no sense is refused with a hint, and nothing is made', () => {
  const cases: readonly [args: string[], message: RegExp, hint: RegExp][] = [
    [['add', 'slow'], /slow is no kind of fault/, /throttle, error, lost/],
    [['add', 'region-out'], /region-out needs --region/, /--region eu-west-1/],
    [['add', 'region-out', '--region', 'eu-west-9'], /eu-west-9 is no region/, /eu-west-1/],
    [['add', 'throttle', '--operation', 'put-item'], /put-item/, /Did you mean PutItem\?/],
    [['add', 'throttle', '--for', '90'], /90 is not a time such as 200ms, 90s or 5m/, /--help/],
    [['add', 'throttle', '--count', 'many'], /many is not a number/, /--help/],
    [['add', 'throttle', '--wrong'], /unknown option/, /--help/],
    [['add'], /missing required argument 'kind'/, /--help/],
    [['clear'], /Which fault is not said/, /fault list, .* clear --all/],
    [['clear', '1', '--all'], /Either the fault 1 or --all/, /clear 1/],
  ]
  for (const [args, message, hint] of cases)
    test(args.join(' '), async () => {
      const { code, stderr } = await fault(...args)
      assert.equal(code, 64, stderr)
      assert.match(stderr, message)
      assert.match(stderr, new RegExp(`next: .*${hint.source}`))
      assert.deepEqual(await list(), [])
    })

  test('one that is not there', async () => {
    const { code, stderr } = await fault('clear', '99')
    assert.equal(code, 1)
    assert.match(stderr, /There is no fault 99[\s\S]*next: .*fault list/)
  })
})

test('status tells at a glance what is wrong, and where', async () => {
  assert.match((await project.run('local', 'status')).stdout, /^all well$/m)
  await fault('add', 'region-out', '--region', 'eu-west-1')
  await fault('add', 'throttle', '--service', 'acm', '--region', 'us-east-1', '--count', '2')
  const { faults, regions, resources, uptimeSeconds, healthChecks, replication, calls } = await status()
  assert.deepEqual(
    faults.map(({ kind, hits, hitsLeft }) => [kind, hits, hitsLeft]),
    [
      ['region-out', 0, undefined],
      ['throttle', 0, 2],
    ],
  )
  assert.deepEqual([regions['eu-west-1']?.health, regions['us-east-1']?.health], ['isolated', 'faulted'])
  assert.deepEqual(resources, { tables: 0, functions: 0, apis: 0 })
  assert.deepEqual([healthChecks, replication], [[], []])
  assert.ok(uptimeSeconds >= 0 && calls.total >= 0 && Array.isArray(calls.of))
  const { stdout } = await project.run('local', 'status')
  assert.match(
    stdout,
    /^NOT WELL +eu-west-1 is out; 2 faults \(mend: multiregion local fault clear --all\)$/m,
  )
  assert.match(stdout, /^eu-west-1 +isolated/m)
  assert.match(stdout, /^fault +\d+ +throttle +acm, us-east-1 {2}\(0 hits, 2 left\)$/m)
})

test('faults outlive a stop and a kill -9, and so do their hits', async () => {
  const refused = async () => {
    const { code, stderr } = await project.run('plan', '--local')
    assert.equal(code, 1, stderr)
  }
  await fault('clear', '--all')
  await added('throttle', '--service', 'sts', '--count', '40')
  await refused()
  assert.ok((await status()).calls.of.some(({ service, total }) => service === 'sts' && total > 0))
  const [before] = await list()
  assert.ok(before!.hits > 0 && before!.hitsLeft === 40 - before!.hits)
  process.kill((await status()).pid, 'SIGKILL')
  await project.json('local', 'start')
  assert.deepEqual(await list(), [before])
  await project.run('local', 'stop')
  await project.json('local', 'start')
  assert.deepEqual(await list(), [before])
})

test('without a cloud, faults say how to start one', async () => {
  await project.run('local', 'stop')
  for (const args of [['add', 'throttle'], ['list'], ['clear', '--all']]) {
    const { code, stderr } = await fault(...args)
    assert.equal(code, 1)
    assert.match(stderr, /not running[\s\S]*next: .*multiregion local start/)
  }
})
