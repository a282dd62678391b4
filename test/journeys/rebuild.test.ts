// The state file is lost or damaged: `up` refuses and says what to do, `state rebuild` finds everything again, also after
// a kill -9 in the middle of up and of down, and the stack goes on as if nothing had happened.
import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type {
  DownResult,
  PlanResult,
  RebuildResult,
  ShowResult,
  UpResult,
} from '../../src/commands/result.js'
import { type Census, censusOf, NOTHING, WHOLE } from './census.js'
import { Project } from './project.js'

let project: Project
let census: () => Promise<Census>

const folder = () => path.join(project.folder, '.multiregion/local')
const stateFile = () => path.join(folder(), 'multiregion-dev.json')
function loseState(): void {
  for (const name of readdirSync(folder()))
    if (name.endsWith('.json')) rmSync(path.join(folder(), name), { force: true })
}
const up = () => project.json<UpResult>('up', '--local', '--yes', '--no-proof')
const down = () => project.json<DownResult>('down', '--local', '--yes')
const rebuild = (...more: string[]) =>
  project.json<RebuildResult>('state', 'rebuild', '--local', '--yes', ...more)
const plan = () => project.json<PlanResult>('plan', '--local')

before(async () => {
  project = new Project()
  const { code, stderr } = await project.run('local', 'start', '--profile', 'instant')
  assert.equal(code, 0, stderr)
  census = await censusOf(project)
})
after(() => project.remove())

test('with nothing in the cloud there is nothing to rebuild', async () => {
  const none = await project.run('state', 'rebuild', '--local', '--yes')
  assert.equal(none.code, 1)
  assert.match(none.stderr, /Nothing in eu-west-1, us-east-1 carries the owner tags of multiregion-dev/)
  assert.match((await project.run('state', 'show', '--local')).stdout, /has no state here/)
})

test('a lost state: up refuses and names the verb, rebuild finds all, and nothing is to do', async () => {
  await up()
  const before = (await project.json<ShowResult>('state', 'show', '--local')).state!
  loseState()
  const refused = await project.run('up', '--local', '--yes')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /state file is gone: multiregion state rebuild/)
  const { found, lineage } = await rebuild()
  assert.equal(lineage, before.lineage)
  assert.deepEqual(found.map(({ address }) => address).sort(), Object.keys(before.entries).sort())
  for (const { address, id } of found) assert.equal(id, before.entries[address]!.id, address)
  assert.deepEqual((await plan()).changes, [])
  assert.equal((await up()).calls.mutating, 0)
  assert.deepEqual(await census(), WHOLE)
})

test('a damaged state is set aside; a drained region and a function that left the config are found', async () => {
  project.edit((config) => {
    const functions = config.functions as Record<string, object>
    functions.readAgain = { ...functions.getItem, route: 'GET /again/{itemId}' }
  })
  await up()
  await project.json('failover', '--region', 'eu-west-1', '--local')
  project.edit((config) => {
    delete (config.functions as Record<string, object>).readAgain
  })
  writeFileSync(stateFile(), '{"format": "multiregion-state", "version": 1,')
  const broken = await project.run('plan', '--local')
  assert.match(broken.stderr, /is not whole JSON[\s\S]*multiregion state rebuild/)
  const rebuilt = await rebuild()
  assert.deepEqual(rebuilt.drained, ['eu-west-1'])
  assert.ok(rebuilt.aside?.startsWith(path.join(folder(), 'multiregion-dev.before-rebuild-')))
  const removed = (await plan()).changes
    .filter(({ action }) => action === 'remove')
    .map(({ address }) => address)
  const kinds = ['function', 'invoke-permission', 'log-group', 'role']
  const stale = kinds.flatMap((kind) =>
    ['eu-west-1', 'us-east-1'].map((region) => `${kind}/${region}/readAgain`),
  )
  assert.deepEqual(removed.sort(), stale.sort())
  await up()
  await project.json('failback', '--region', 'eu-west-1', '--local')
  assert.deepEqual(await census(), WHOLE)
  assert.deepEqual((await plan()).changes, [])
})

test('another lineage is never guessed', async () => {
  const wrong = await project.run(
    'state',
    'rebuild',
    '--local',
    '--yes',
    '--lineage',
    '00000000-0000-4000-8000-000000000000',
  )
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /Nothing that stands carries the lineage/)
  assert.deepEqual((await plan()).changes, [])
  await down()
  assert.deepEqual(await census(), NOTHING)
})

// The simulation does it at any moment.
test('kill -9 in the middle of up and of down, and the state is lost: rebuild, up, down', async () => {
  await project.killAfter(20, 5, 'up', '--local', '--yes', '--no-proof')
  loseState()
  const rebuilt = await project.run('state', 'rebuild', '--local', '--yes')
  // Killed before the first call was answered, there may be nothing.
  if (rebuilt.code !== 0) assert.match(rebuilt.stderr, /carries the owner tags/)
  await up()
  assert.deepEqual(await census(), WHOLE)
  await project.killAfter(20, 5, 'down', '--local', '--yes')
  loseState()
  if ((await project.run('state', 'rebuild', '--local', '--yes')).code === 0) await down()
  assert.deepEqual(await census(), NOTHING)
})
