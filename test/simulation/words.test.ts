// What verbs say where they cannot do what they were asked: what is true, and what to type. Without a state, with only the
// mark of one that was shared, while a region is out, and of several things that are in the way.
import assert from 'node:assert/strict'
import { controlTableName } from '../../src/base/names.js'
import type {
  PlanResult,
  RebuildResult,
  Result,
  StatusResult,
  SwitchResult,
} from '../../src/commands/result.js'
import { paintFor } from '../../src/ui/paint.js'
import { report } from '../../src/ui/report.js'
import { FUNCTIONS } from './config.js'
import { converges, leavesNothing } from './liveness.js'
import type { Simulation } from './simulation.js'
import { scenario, share } from './story.js'

const text = (result: unknown) =>
  report(result as Result, {
    paint: paintFor({}, false),
    program: 'multiregion',
    local: false,
  })

/** Shared by both; then the desktop takes it into its file, and the operator is back at the laptop. */
async function takenByDesktop(world: Simulation): Promise<void> {
  const [laptop, desktop] = world.computers
  share(world)
  await world.run({ verb: 'up' })
  world.sitDown(desktop!)
  share(world, 'file')
  assert.equal((await world.run({ verb: 'up' })).exit, 0)
  world.sitDown(laptop!)
}

scenario(
  'who shared a state that another computer took into its file is told so by every verb',
  async (world) => {
    await takenByDesktop(world)
    for (const verb of ['up', 'plan', 'down'] as const) {
      const { error, mutatingCalls } = await world.run({ verb })
      assert.equal(error?.code, 'lost-state', verb)
      assert.match(error.message, /was shared in table shop-dev-control, which is gone: another machine/)
      assert.match(error.hint, /Work on the machine that has the state\. .*multiregion state rebuild/)
      assert.equal(mutatingCalls, 0)
    }
    const failover = await world.run({ verb: 'failover', region: 'eu-west-1' })
    assert.match(failover.error?.message ?? '', /was shared in table shop-dev-control, which is gone/)
    for (const verb of ['state show', 'status'] as const)
      assert.match(text((await world.run({ verb })).result), /was shared in table shop-dev-control.*is gone/)
    world.sitDown(world.computers[1]!)
    await converges(world)
    await leavesNothing(world)
  },
)

scenario('and goes on by itself where the other has removed the stack', async (world) => {
  await takenByDesktop(world)
  world.sitDown(world.computers[1]!)
  await leavesNothing(world)
  world.sitDown(world.computers[0]!)
  await converges(world)
  await leavesNothing(world)
})

scenario('without a state nothing is said that is not known', async (world) => {
  await world.run({ verb: 'up' })
  await world.loseState()
  const failover = await world.run({ verb: 'failover', region: 'eu-west-1' })
  assert.equal(failover.error?.code, 'not-up')
  assert.match(failover.error.message, /There is no state of shop-dev here/)
  assert.match(failover.error.hint, /multiregion state rebuild/)
  const status = text((await world.run({ verb: 'status' })).result)
  assert.match(status, /eu-west-1 +unknown \(there is no state here/)
  assert.doesNotMatch(status, /NOT serving/)
  const show = text((await world.run({ verb: 'state show' })).result)
  assert.match(show, /or its state is lost[\s\S]*multiregion state rebuild/)
  await leavesNothing(world)
  const down = text((await world.run({ verb: 'down' })).result)
  assert.match(down, /Nothing of shop-dev is recorded .* nothing was found that carries its owner marks/)
})

const REGION_OUT = { kind: 'region-out', region: 'eu-west-1' } as const

for (const backend of ['file', 'global-table'] as const)
  scenario(`a plan shows what it can see while the home region is out: ${backend}`, async (world) => {
    share(world, backend)
    await world.run({ verb: 'up' })
    world.fault(REGION_OUT)
    assert.deepEqual(((await world.run({ verb: 'plan' })).result as PlanResult).changes, [])
    world.edit('putItem', ({ functions }) => Object.assign(functions, { putItem: FUNCTIONS.putItem }))
    const { exit, result, error } = await world.run({ verb: 'plan' })
    assert.equal(exit, 0, error?.message)
    const { changes, unseen, homeOut } = result as PlanResult
    assert.ok(changes.some(({ address }) => address === 'role/us-east-1/putItem'))
    assert.ok(unseen.some(({ address }) => address === 'table/eu-west-1'))
    const isShared = backend === 'global-table'
    assert.deepEqual(homeOut, isShared ? { home: 'eu-west-1', to: 'us-east-1' } : undefined)
    const said = text(result)
    assert.match(said, /resources in eu-west-1, the first[\s\S]*wait until they answer, then plan again/)
    assert.equal(/multiregion state takeover --to us-east-1/.test(said), isShared)
    world.mend()
    await converges(world)
  })

for (const [region, goesOn] of [
  ['eu-west-1', converges],
  ['us-east-1', leavesNothing],
] as const)
  scenario(`a rebuild while ${region} is out says what it could not see: ${goesOn.name}`, async (world) => {
    world.edit('putItem', ({ functions }) => Object.assign(functions, { putItem: FUNCTIONS.putItem }))
    await world.run({ verb: 'up' })
    assert.equal((await world.run({ verb: 'failover', region })).exit, 0)
    await world.loseState()
    // Route 53 and IAM are in us-east-1 and would be out with it.
    for (const service of ['lambda', 'apigateway', 'dynamodb', 'acm', 'logs'] as const)
      world.fault({ kind: 'service-out', service, region })
    const { exit, result, error } = await world.run({ verb: 'state rebuild' })
    assert.equal(exit, 0, error?.message)
    const { unseen, found, drained } = result as RebuildResult
    assert.ok(unseen.some(({ address }) => address === `function/${region}/health`))
    assert.ok(found.some(({ address }) => address === `role/${region}/health`))
    assert.deepEqual(drained, [])
    assert.match(
      text(result),
      /could not be looked at; the next up or down that gets an answer looks for it:\n +unknown/,
    )
    assert.equal((await world.run({ verb: 'up' })).exit, 3)
    world.mend()
    if (goesOn === converges) {
      await world.run({ verb: 'up' })
      const { regions } = (await world.run({ verb: 'status' })).result as StatusResult
      assert.equal(regions[region]?.drained, true)
    }
    await goesOn(world)
  })

scenario('a region that hangs keeps no verb for longer than ten minutes', async (world) => {
  await world.run({ verb: 'up' })
  await world.loseState()
  world.fault({ ...REGION_OUT, how: 'hang' })
  for (const verb of ['state rebuild', 'plan', 'status', 'up'] as const) {
    const since = Date.now()
    await world.run({ verb })
    assert.ok(Date.now() - since < 10 * 60_000, `${verb} takes ${Math.round((Date.now() - since) / 1000)} s`)
  }
  world.mend()
  await converges(world)
  await leavesNothing(world)
})

scenario(
  "while Route 53's control plane is out, failover and status work, and up does the rest",
  async (world) => {
    await world.run({ verb: 'up' })
    world.fault({ kind: 'service-out', service: 'route53', plane: 'control' })
    const failover = await world.run({ verb: 'failover', region: 'eu-west-1' })
    assert.equal(failover.exit, 0, failover.error?.message)
    const { servedBy, seconds } = failover.result as SwitchResult
    assert.deepEqual(servedBy, { 'eu-west-1': 'us-east-1', 'us-east-1': 'us-east-1' })
    assert.deepEqual([seconds.detected, seconds.dns], [null, null])
    assert.match(
      text(failover.result),
      /DNS has followed after \d+(\.\d)? s; what the checkers see Route 53 did not tell/,
    )
    const { dns } = (await world.run({ verb: 'status' })).result as StatusResult
    assert.deepEqual(dns.answers, { 'eu-west-1': 'us-east-1', 'us-east-1': 'us-east-1' })
    world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 640 }))
    const up = await world.run({ verb: 'up' })
    assert.equal(up.exit, 3)
    assert.ok(up.mutatingCalls >= 2)
    assert.equal((await world.run({ verb: 'failback', region: 'eu-west-1' })).exit, 0)
    world.mend()
    const plan = (await world.run({ verb: 'plan' })).result as PlanResult
    assert.deepEqual(plan.changes, [], 'the functions were changed while Route 53 was out')
    await converges(world)
    await leavesNothing(world)
  },
)

scenario("while IAM's control plane is out, a change of the functions goes on", async (world) => {
  await world.run({ verb: 'up' })
  world.fault({ kind: 'service-out', service: 'iam', plane: 'control' })
  world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 640 }))
  const { exit, mutatingCalls } = await world.run({ verb: 'up' })
  assert.equal(exit, 3)
  assert.equal(mutatingCalls, 2)
  world.edit('actions', ({ functions }) =>
    Object.assign(functions.health, { actions: ['dynamodb:Scan'], memoryMb: 512 }),
  )
  assert.equal((await world.run({ verb: 'up' })).mutatingCalls, 0, 'no code goes before the rights it needs')
  world.mend()
  await converges(world)
  await leavesNothing(world)
})

scenario('a failover of a region that is out says who takes it out of traffic', async (world) => {
  await world.run({ verb: 'up' })
  world.fault(REGION_OUT)
  const { error } = await world.run({ verb: 'failover', region: 'eu-west-1' })
  assert.match(error?.message ?? '', /eu-west-1 was not drained/)
  assert.match(error?.hint ?? '', /its health check takes it out of traffic by itself/)
  world.mend()
  await converges(world)
})

scenario('a run whose shared state has gone with its table stops, and says so', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  world.edit('code', (_, { code }) => Object.assign(code, { health: 1 }))
  const TableName = controlTableName(world.config.stack)
  setTimeout(() => {
    world.auditor.stateWasLost()
    void world.cloud.wiring.engines.get('eu-west-1')!.call('DeleteTable', { TableName })
  }, 2_000)
  const { error } = await world.run({ verb: 'up' })
  assert.equal(error?.code, 'locked')
  assert.match(error.message, /is gone from eu-west-1: while this run worked, another has/)
  assert.doesNotMatch(error.hint, /Nothing was changed|takeover/)
})

scenario('of several things in the way one command adopts all', async (world) => {
  await world.makeByHand('role', 'us-east-1')
  await world.makeByHand('log group', 'eu-west-1')
  for (const verb of ['up', 'plan'] as const) {
    const { error } = await world.run({ verb })
    assert.equal(error?.code, 'foreign-resource')
    assert.match(
      error.hint,
      /: multiregion up --adopt (role\/us-east-1\/health log-group\/eu-west-1|log-group\/eu-west-1\/health role\/us-east-1)\/health$/,
    )
    assert.doesNotMatch(error.hint, /saved|goes on from here/)
  }
  const adopt = ['role/us-east-1/health', 'log-group/eu-west-1/health']
  // Who follows hints to the letter comes to an end.
  for (const [given, other] of [adopt, [...adopt].reverse()]) {
    const { error } = await world.run({ verb: 'plan', adopt: [given!] })
    assert.ok(error?.hint.endsWith(`: multiregion up --adopt ${given} ${other}`), error?.hint)
  }
  assert.equal((await world.run({ verb: 'up', adopt })).exit, 0)
  await converges(world)
})

scenario('after a down that keeps the data a status says that only tables stand', async (world) => {
  await world.run({ verb: 'up' })
  assert.equal((await world.run({ verb: 'down', keepData: true })).exit, 0)
  const said = text((await world.run({ verb: 'status' })).result)
  assert.match(said, /Only its tables stand: table\/eu-west-1, replica\/us-east-1/)
  assert.doesNotMatch(said, /absent/)
  await converges(world)
  assert.match(text((await world.run({ verb: 'status' })).result), /Resources: (\d+) of \1 ready/)
})

scenario('what a rebuild left out is told with what brings it back', async (world) => {
  await world.run({ verb: 'up' })
  await world.untagByHand(world.auditor.ours().find(({ kind }) => kind === 'role')!)
  await world.loseState()
  const { result } = await world.run({ verb: 'state rebuild' })
  const { lineage, leftOut } = result as RebuildResult
  assert.match(text(result), new RegExp(`multiregion:stack=shop-dev, multiregion:lineage=${lineage}`))
  const adopt = leftOut.map(({ address }) => address)
  assert.match(text(result), new RegExp(`multiregion up --adopt ${adopt.join(' ')}\n`))
  assert.equal((await world.run({ verb: 'up', adopt })).exit, 0)
  await converges(world)
})
