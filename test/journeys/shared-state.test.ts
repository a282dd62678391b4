// Two machines (two project folders) share one stack through the control table, under the printed operator's policy: they
// see each other's work, keep each other out, take over from the dead, survive the loss of the state's home, move the
// state back to a file, and leave nothing. The parts build on each other; one cloud serves them all.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type {
  PlanResult,
  PolicyResult,
  ShowResult,
  StatusResult,
  TakeoverResult,
  UpResult,
} from '../../src/commands/result.js'
import { setOperatorPolicy } from '../../src/local/door.js'
import { type Census, censusOf, NOTHING, WHOLE } from './census.js'
import { Project } from './project.js'

const HOME = 'eu-west-1'
const OTHER = 'us-east-1'
const { items: _proofItems, ...RESOURCES } = WHOLE
const SHARED: Census = { ...RESOURCES, tables: 4 }

let laptop: Project
let ci: Project
let census: () => Promise<Census>

const shareIn = (project: Project, backend = 'global-table') =>
  project.edit((config) => {
    config.state = { backend, leaseSeconds: 5 }
  })

before(async () => {
  laptop = new Project()
  ci = new Project()
  for (const project of [laptop, ci]) shareIn(project)
  const { code, stderr } = await laptop.run('local', 'start', '--profile', 'instant', '--enforce-iam')
  assert.equal(code, 0, stderr)
  ci.joinCloudOf(laptop)
  const dataDir = path.join(laptop.folder, '.multiregion/local/cloud')
  const { policy } = await laptop.json<PolicyResult>('policy', '--local')
  const count = await censusOf(laptop)
  // Who counts may see everything.
  census = async () => {
    const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }]
    await setOperatorPolicy(dataDir, JSON.stringify({ ...policy, Statement }))
    const counted = await count()
    await setOperatorPolicy(dataDir, JSON.stringify(policy))
    return counted
  }
})
after(async () => {
  await laptop.remove()
  await ci.remove()
})

const show = (project: Project) => project.json<ShowResult>('state', 'show', '--local')
const filesOf = ({ folder }: Project) =>
  readdirSync(path.join(folder, '.multiregion/local')).filter((name) => name !== 'cloud')

/** Starts a verb and resolves when it has said something that matches. */
async function under(project: Project, says: RegExp, ...args: string[]) {
  const child = project.start(...args, '--local')
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  await new Promise<void>((resolve, reject) => {
    let told = ''
    child.stderr?.on('data', (chunk) => {
      told += chunk
      if (says.test(told)) resolve()
    })
    void ended.then(() => reject(new Error(`it ended and had said only:\n${told}`)))
  })
  return { child, ended }
}

test('a machine that has begun and is gone: the other is told, and takes over by a rebuild', async () => {
  const { child, ended } = await under(laptop, /creating control-replica/, 'up', '--yes', '--no-proof')
  child.kill('SIGKILL')
  await ended
  const refused = await ci.run('up', '--local', '--yes', '--no-proof')
  assert.equal(refused.code, 4, refused.stderr)
  assert.match(refused.stderr, /no state is in it: another machine has begun/)
  assert.equal((await ci.run('state', 'rebuild', '--local', '--yes')).code, 0)
  const down = await ci.run('down', '--local', '--yes')
  assert.equal(down.code, 0, down.stderr)
  assert.deepEqual(await census(), NOTHING)
})

test('what one has put up, the other sees', async () => {
  const plan = await laptop.json<PlanResult>('plan', '--local')
  assert.ok(plan.changes.some(({ address }) => address === `control-table/${HOME}`))
  const up = await laptop.json<UpResult>('up', '--local', '--yes')
  assert.equal(up.created[0], `control-table/${HOME}`)
  assert.equal(up.proof?.ok, true)
  assert.deepEqual((await ci.json<PlanResult>('plan', '--local')).changes, [])
  const [mine, theirs] = [await show(laptop), await show(ci)]
  assert.match(mine.file, /table multiregion-dev-control in eu-west-1/)
  assert.deepEqual(theirs.state, mine.state)
  assert.deepEqual(await ci.json<UpResult>('up', '--local', '--yes').then(({ created }) => created), [])
})

/** A failover that stops at Route 53, which does not answer, and so lives as long as it is wanted to. */
async function stuckFailover() {
  const fault = ['local', 'fault', 'add', 'black-hole', '--service', 'route53']
  assert.equal((await laptop.run(...fault)).code, 0)
  return under(laptop, /updating function/, 'failover', '--region', HOME)
}
const goOn = async () => assert.equal((await laptop.run('local', 'fault', 'clear', '--all')).code, 0)

test('one at a time: the second exits 4 and names the first', async () => {
  const { child, ended } = await stuckFailover()
  const second = await ci.run('up', '--local', '--yes')
  await goOn()
  assert.equal(second.code, 4, second.stderr)
  assert.match(second.stderr, new RegExp(`\\(pid ${child.pid}\\) running "multiregion failover --local"`))
  const nonce = /state unlock ([\w-]+)/.exec(second.stderr)![1]!
  assert.equal(await ended, 0)
  const unlock = await ci.run('state', 'unlock', nonce, '--local')
  assert.match(unlock.stderr, /No run holds/)
  assert.ok((await show(ci)).state?.drained[HOME])
})

test('a killed one’s lease is taken over, and its work is finished', async () => {
  const { child, ended } = await under(laptop, /updating function/, 'failback', '--region', HOME)
  child.kill('SIGKILL')
  await ended
  const { code, stderr } = await ci.run('failback', '--region', HOME, '--local')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /holds the shared state; looking for 5 s at most whether it lives/)
  assert.deepEqual((await show(laptop)).state?.drained, {})
  assert.deepEqual((await laptop.json<PlanResult>('plan', '--local')).changes, [])
})

test('a lease is freed by its nonce alone', async () => {
  const { child, ended } = await stuckFailover()
  const refused = await ci.run('up', '--local', '--yes')
  const nonce = /state unlock ([\w-]+)/.exec(refused.stderr)?.[1] ?? assert.fail(refused.stderr)
  child.kill('SIGKILL')
  await goOn()
  await ended
  assert.equal((await ci.run('state', 'unlock', 'another', '--local')).code, 1)
  assert.equal((await ci.run('state', 'unlock', nonce, '--local')).code, 0)
  const { code, stderr } = await ci.run('failback', '--region', HOME, '--local')
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /looking for/)
})

test('with the home of the state out: failover moves traffic, up waits for a home', async () => {
  const fault = ['local', 'fault', 'add', 'service-out', '--service', 'dynamodb', '--region', HOME]
  assert.equal((await laptop.run(...fault)).code, 0)
  const refused = await ci.run('up', '--local', '--yes', '--no-proof')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /home region of the shared state .* does not answer/)
  assert.match(refused.stderr, /state takeover --to us-east-1/)
  const status = await ci.run('status', '--local')
  assert.equal(status.code, 0)
  assert.match(status.stderr, /read in us-east-1 as of serial \d+/)
  const failover = await ci.run('failover', '--region', HOME, '--local')
  assert.equal(failover.code, 0, failover.stderr)
  assert.match(failover.stderr, /what this run does is noted there for the next one/)
})

test('after a takeover the state lives on, and knows of the drain that it could not be told', async () => {
  const taken = await ci.json<TakeoverResult>('state', 'takeover', '--to', OTHER, '--local')
  assert.deepEqual([taken.from, taken.to, taken.changed, taken.forced], [HOME, OTHER, true, true])
  assert.equal((await laptop.run('local', 'fault', 'clear', '--all')).code, 0)
  const { code, stderr } = await laptop.run('up', '--local', '--yes', '--no-proof')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /eu-west-1 was drained while the state could not be written/)
  assert.match((await show(ci)).file, /in us-east-1/)
  const status = await ci.json<StatusResult>('status', '--local')
  assert.equal(status.regions[HOME]?.drained, true)
  assert.equal((await ci.run('failback', '--region', HOME, '--local')).code, 0)
  // The shared state is items, too.
  const { items: _items, ...standing } = await census()
  assert.deepEqual(standing, SHARED)
})

test('a rebuild makes the shared state anew, drained regions included', async () => {
  assert.equal((await laptop.run('failover', '--region', OTHER, '--local')).code, 0)
  const { code, stderr } = await ci.run('state', 'rebuild', '--local', '--yes')
  assert.equal(code, 0, stderr)
  assert.deepEqual((await laptop.json<PlanResult>('plan', '--local')).changes, [])
  assert.deepEqual(Object.keys((await show(laptop)).state!.drained), [OTHER])
  assert.equal((await ci.run('failback', '--region', OTHER, '--local')).code, 0)
})

test('back to a file: one machine has it, the other is refused; and shared again', async () => {
  shareIn(laptop, 'file')
  const up = await laptop.json<UpResult>('up', '--local', '--yes', '--no-proof')
  assert.ok(up.removed.includes(`control-table/${HOME}`))
  assert.deepEqual(filesOf(laptop), ['multiregion-dev.json'])
  assert.deepEqual(await census(), WHOLE)
  const refused = await ci.run('up', '--local', '--yes', '--no-proof')
  assert.equal(refused.code, 1, 'another machine takes nothing that is not in its state')
  assert.deepEqual(await census(), WHOLE)
  shareIn(laptop)
  await laptop.json<UpResult>('up', '--local', '--yes', '--no-proof')
  assert.deepEqual((await ci.json<PlanResult>('plan', '--local')).changes, [])
})

test('down leaves nothing, the table of the state included', async () => {
  const { code, stderr } = await ci.run('down', '--local', '--yes')
  assert.equal(code, 0, stderr)
  assert.deepEqual(await census(), NOTHING)
  assert.deepEqual(filesOf(ci), [])
  assert.equal((await show(laptop)).state, null)
})
