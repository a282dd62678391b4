// What a rebuild could not look at, as a region did not answer: it stays as it is until it is seen, no verb calls it absent,
// and `down` finds it wherever the state or the config says.
import assert from 'node:assert/strict'
import type { PlanResult, RebuildResult, StatusResult } from '../../src/commands/result.js'
import type { FaultInput } from '../../src/local/fault/rule.js'
import { FUNCTIONS } from './config.js'
import { converges, leavesNothing } from './liveness.js'
import { type Simulation, SPARE } from './simulation.js'
import { scenario, share } from './story.js'

/** Up, then the state is lost while that does not answer, and made anew from the rest. */
async function rebuiltWithout(world: Simulation, ...faults: readonly FaultInput[]): Promise<void> {
  await world.loseState()
  for (const fault of faults) world.fault(fault)
  const { exit, error } = await world.run({ verb: 'state rebuild' })
  assert.equal(exit, 0, error?.message)
}

const out = (service: string, region = 'us-east-1'): FaultInput =>
  ({ kind: 'service-out', service, region, plane: 'control' }) as FaultInput

const policyOf = (world: Simulation) =>
  world.auditor.ours().flatMap(({ kind, content }) => (kind === 'policy-version' ? [content] : []))

scenario(
  'a region that serves, and could not be looked at, keeps its place in the traffic policy',
  async (world) => {
    await world.run({ verb: 'up' })
    await world.run({ verb: 'failover', region: 'eu-west-1' })
    const policy = policyOf(world)
    await rebuiltWithout(world, out('apigateway'))
    const plan = (await world.run({ verb: 'plan' })).result as PlanResult
    assert.deepEqual(plan.changes, [])
    assert.ok(plan.unseen.some(({ address }) => address === 'stage/us-east-1'))
    const status = (await world.run({ verb: 'status' })).result as StatusResult
    assert.equal(status.regions['us-east-1']!.serving, true, status.regions['us-east-1']!.health.reason)
    assert.deepEqual(
      status.resources.filter(({ state }) => state === 'absent'),
      [],
    )
    assert.equal((await world.run({ verb: 'up' })).exit, 3)
    assert.deepEqual(policyOf(world), policy)
    world.mend()
    await converges(world)
    await leavesNothing(world)
  },
)

scenario('a region is drained as soon as its health function answers, without an up', async (world) => {
  await world.run({ verb: 'up' })
  await rebuiltWithout(world, out('lambda'))
  const early = await world.run({ verb: 'failover', region: 'us-east-1' })
  assert.match(early.error!.message, /was not seen when the state was rebuilt, and does not answer now/)
  world.mend()
  for (const verb of ['failover', 'failback'] as const) {
    const { exit, error } = await world.run({ verb, region: 'us-east-1' })
    assert.equal(exit, 0, error?.message)
  }
  await converges(world)
})

scenario(
  'a state that had moved out of its table is rebuilt while the home of that does not answer',
  async (world) => {
    for (const backend of ['global-table', 'file'] as const) {
      share(world, backend)
      const fate = { at: 'dynamodb:UpdateTable applied', what: 'kill' } as const
      await world.run({ verb: 'up' }, backend === 'file' ? fate : undefined)
    }
    world.sitDown(world.computers[1]!)
    world.fault(out('dynamodb', 'eu-west-1'))
    const { exit, error } = await world.run({ verb: 'state rebuild' })
    assert.equal(exit, 0, error?.message)
    world.mend()
    await converges(world)
    await leavesNothing(world)
  },
)

for (const goesOn of ['down', 'a file'] as const)
  scenario(`a control table with a replica that another machine has begun goes: ${goesOn}`, async (world) => {
    share(world)
    await world.run({ verb: 'up' })
    const third = (regions: string[]) =>
      world.edit(regions.join(), (written) => Object.assign(written, { regions }))
    third(['eu-west-1', 'us-east-1', SPARE])
    world.sitDown(world.computers[1]!)
    await world.run({ verb: 'up' }, { at: 'dynamodb:UpdateTable applied', what: 'kill' })
    third(['eu-west-1', 'us-east-1'])
    world.sitDown(world.computers[0]!)
    if (goesOn === 'down') await leavesNothing(world)
    else {
      share(world, 'file')
      await converges(world)
      assert.equal(world.auditor.ours().filter(({ name }) => name === 'shop-dev-control').length, 0)
    }
  })

scenario('what left the config in a region that left it too goes with the stack', async (world) => {
  world.edit('one more function', ({ functions }) => Object.assign(functions, { getItem: FUNCTIONS.getItem }))
  await world.run({ verb: 'up' })
  world.edit('it has another name', ({ functions }) => {
    delete functions.getItem
    Object.assign(functions, { readItem: FUNCTIONS.getItem })
  })
  await rebuiltWithout(world, out('lambda'), out('logs'), out('iam'))
  world.mend()
  world.edit('another region', (written) => Object.assign(written, { regions: ['eu-west-1', SPARE] }))
  assert.equal((await world.run({ verb: 'down' })).exit, 0)
  assert.deepEqual(
    world.auditor.ours().map(({ key }) => key),
    [],
  )
})

scenario('a down without a state knows of functions that have left the config', async (world) => {
  world.edit('one more function', ({ functions }) => Object.assign(functions, { getItem: FUNCTIONS.getItem }))
  await world.run({ verb: 'up' })
  world.edit('it leaves', ({ functions }) => delete functions.getItem)
  for (const one of world.auditor.ours())
    if (!/getItem/.test(one.name) || one.kind !== 'log-group') await world.removeByHand(one)
  await world.loseState()
  const { error } = await world.run({ verb: 'down' })
  assert.equal(error?.code, 'lost-state')
})

scenario(
  'what a run had just made when it died is found, though no list showed it at first',
  async (world) => {
    await world.run({ verb: 'up' }, { at: 6, among: 'calls', what: 'kill' })
    await world.loseState()
    const { result } = await world.run({ verb: 'state rebuild' })
    const made = world.auditor.ours().filter(({ kind }) => kind === 'log-group')
    const found = (result as RebuildResult).found.filter(({ address }) => address.startsWith('log-group/'))
    assert.ok(made.length > 0)
    assert.equal(found.length, made.length)
    await leavesNothing(world)
  },
  { regions: ['eu-west-1', 'us-east-1'] },
)
