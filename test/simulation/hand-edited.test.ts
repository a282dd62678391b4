// Whole commands against a control table into which people reached with other tools, and one whose home is out while not
// all regions know the same. What each of its items may say is `state/hand-edited.test.ts`'s.
import assert from 'node:assert/strict'
import { controlTableName } from '../../src/base/names.js'
import type { ShowResult } from '../../src/commands/result.js'
import type { WireItem } from '../../src/local/dynamodb/shape.js'
import { converges, leavesNothing } from './liveness.js'
import { type Simulation, SPARE } from './simulation.js'
import { scenario, share } from './story.js'

/** A life with a shared state that must end well. */
const sharedScenario = (what: string, story: (world: Simulation) => Promise<void>) =>
  scenario(what, async (world) => {
    share(world)
    await story(world)
  })

const FIRST = '000001#eu-west-1'

/** By hand, in every region. */
async function put(world: Simulation, Item: WireItem): Promise<void> {
  const { engines } = world.cloud.wiring
  for (const region of world.config.regions)
    await engines.get(region)!.call('PutItem', { TableName: controlTableName(world.config.stack), Item })
}

async function remove(world: Simulation, pk: string, sk: string): Promise<void> {
  const { engines } = world.cloud.wiring
  const Key = { pk: { S: pk }, sk: { S: sk } }
  for (const region of world.config.regions)
    await engines.get(region)!.call('DeleteItem', { TableName: controlTableName(world.config.stack), Key })
}

const serialOf = async (world: Simulation) =>
  ((await world.run({ verb: 'state show' })).result as ShowResult).state?.serial

sharedScenario('a lock that was removed by hand hides nothing of what is saved afterwards', async (world) => {
  await world.run({ verb: 'up' })
  await world.run({ verb: 'failover', region: 'us-east-1' })
  await world.run({ verb: 'failback', region: 'us-east-1' })
  await remove(world, 'lock', FIRST)
  await world.removeByHand(world.auditor.ours().find(({ kind }) => kind === 'rest-api')!)
  await converges(world)
  await leavesNothing(world)
})

sharedScenario(
  'where the state went is told by nothing that can be read: a rebuild mends it',
  async (world) => {
    await world.run({ verb: 'up' })
    await put(world, { pk: { S: `state#${FIRST}` }, sk: { S: '~moved' }, to: { S: '{}' } })
    world.auditor.stateWasHarmed()
    for (const verb of ['plan', 'up', 'status', 'state show'] as const)
      assert.equal((await world.run({ verb })).error?.code, 'state', verb)
    assert.equal((await world.run({ verb: 'state takeover', to: 'us-east-1' })).error?.code, 'state')
    assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
    await converges(world)
    await leavesNothing(world)
  },
)

sharedScenario('what no run has written is in nobody’s way', async (world) => {
  await world.run({ verb: 'up' })
  const before = await serialOf(world)
  for (const [pk, sk] of [
    [`state#${FIRST}`, 'zzz'],
    ['home', 'zzz'],
    ['note', 'x'],
  ] as const)
    await put(world, { pk: { S: pk }, sk: { S: sk } })
  assert.equal(await serialOf(world), before)
  assert.equal((await world.run({ verb: 'up' })).exit, 0)
  assert.equal((await world.run({ verb: 'state rebuild' })).exit, 0)
  assert.ok((await serialOf(world))! > before!)
  await converges(world)
  await leavesNothing(world)
})

sharedScenario('a takeover goes on from what any region has, not only the new home', async (world) => {
  world.edit('a third region', ({ regions }) => regions.push(SPARE))
  await world.run({ verb: 'up' })
  await world.pass(60)
  world.fault({ kind: 'replication-paused', from: 'us-east-1', to: SPARE })
  assert.equal((await world.run({ verb: 'state takeover', to: 'us-east-1' })).exit, 0)
  const before = await serialOf(world)
  await world.pass(60)
  world.fault({ kind: 'service-out', service: 'dynamodb', region: 'us-east-1' })
  const { exit, error } = await world.run({ verb: 'state takeover', to: SPARE })
  assert.equal(exit, 0, error?.message)
  assert.ok((await serialOf(world))! > before!)
  world.mend()
  await converges(world)
  await leavesNothing(world)
})
