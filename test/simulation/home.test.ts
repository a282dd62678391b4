// The home of a shared state whose table is no longer there, though the region answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controlTableName } from '../../src/base/names.js'
import { simulate } from './life.js'
import { converges, leavesNothing } from './liveness.js'
import type { Simulation } from './simulation.js'
import { scenario, share } from './story.js'

const REGIONS = { regions: ['eu-west-1', 'us-east-1', 'ap-southeast-2'] }

async function livesIn(world: Simulation, to: string): Promise<void> {
  share(world)
  await world.run({ verb: 'up' })
  assert.equal((await world.run({ verb: 'state takeover', to })).exit, 0)
}

test("down ends on any machine, wherever it broke off with the state far from its table's home", async () => {
  let instants = 0
  await simulate({ seed: 1, ...REGIONS }, async (world) => {
    await livesIn(world, 'ap-southeast-2')
    instants = (await world.run({ verb: 'down' })).instants
  })
  for (const fromEnd of [16, 19]) {
    const { violation, trace } = await simulate({ seed: 1, ...REGIONS }, async (world) => {
      await livesIn(world, 'ap-southeast-2')
      await world.run({ verb: 'down' }, { at: instants - fromEnd, what: 'kill' })
      const { exit, error } = await world.run({ verb: 'down', on: 'desktop' })
      assert.equal(exit, 0, error?.message)
      await leavesNothing(world)
    })
    assert.equal(violation, undefined, `${fromEnd}: ${violation?.stack}\n${trace.join('\n')}`)
  }
})

scenario(
  "who removed the replica of the state's home by hand is told so, and goes on elsewhere",
  async (world) => {
    await livesIn(world, 'us-east-1')
    const { stack } = world.config
    const own = world.auditor
      .ours()
      .find((one) => one.name === controlTableName(stack) && one.region === 'us-east-1')
    await world.removeByHand(own!)
    for (const verb of ['up', 'down', 'state rebuild'] as const) {
      const { error } = await world.run({ verb })
      assert.equal(error?.code, 'state-home')
      assert.match(error.message, /is gone from us-east-1/)
      assert.match(error.hint, /state takeover --to eu-west-1/)
    }
    assert.equal((await world.run({ verb: 'plan' })).exit, 0)
    assert.equal((await world.run({ verb: 'state takeover', to: 'eu-west-1' })).exit, 0)
    await converges(world)
    await leavesNothing(world)
  },
)

scenario(
  "where the config has lost the region of the state's home, up says that, and down ends",
  async (world) => {
    await livesIn(world, 'ap-southeast-2')
    world.editBadly('a region less', ({ regions }) => void regions.pop())
    const { error } = await world.run({ verb: 'up' })
    assert.match(error?.message ?? '', /ap-southeast-2 .*config|config.* ap-southeast-2/)
    await leavesNothing(world)
  },
  REGIONS,
)
