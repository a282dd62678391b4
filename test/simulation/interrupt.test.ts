// Ctrl-C while a region hangs: nothing new starts, what is under way is cut after ten seconds, and the run ends in its own
// words, saved and unlocked, wherever it was.
import assert from 'node:assert/strict'
import { converges, leavesNothing } from './liveness.js'
import type { Command, Ending, Fate } from './process.js'
import { type Simulation, SPARE } from './simulation.js'
import { scenario, share } from './story.js'

/** It ends in its own words, with what it did saved and the state free, while a region hangs. */
async function endsInTime(world: Simulation, command: Command, fate: Fate): Promise<Ending> {
  const began = world.time.now
  const ending = await world.run(command, fate)
  const seconds = (world.time.now - began) / 1000
  assert.equal(ending.exit, 130, ending.error?.message)
  assert.match(ending.error?.hint ?? '', /Run the same command again/)
  const locks = world.computer.disk.list().filter((file) => file.includes('.lock'))
  assert.deepEqual(locks, [])
  if (typeof fate.at === 'object') assert.ok(seconds <= fate.at.seconds + 16, `${seconds} s`)
  return ending
}

const hangs = (world: Simulation, region: string) =>
  world.fault({ kind: 'region-out', region, how: 'hang', forSeconds: 36_000 })

for (const command of [
  { verb: 'up' },
  { verb: 'plan' },
  { verb: 'status' },
  { verb: 'failover', region: 'us-east-1' },
  { verb: 'down' },
  { verb: 'state rebuild' },
] as const)
  for (const [region, seconds] of [
    ['eu-west-1', 1],
    ['us-east-1', 40],
  ] as const)
    scenario(
      `${command.verb} while ${region} hangs, interrupted after ${seconds} s: it ends ten seconds later`,
      async (world) => {
        await world.run({ verb: 'up' })
        world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 640 }))
        hangs(world, region)
        const { error } = await endsInTime(world, command, { at: { seconds }, what: 'interrupt' })
        assert.equal(error?.message, 'Interrupted; everything up to here is saved.')
        world.mend()
        await converges(world)
        await leavesNothing(world)
      },
    )

scenario('an interrupted run whose call hangs in the middle of a walk', async (world) => {
  world.edit('a third region', ({ regions }) => regions.push(SPARE))
  await world.run({ verb: 'up' })
  world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 640 }))
  hangs(world, SPARE)
  const fate = { at: 'lambda:PUT', what: 'interrupt' } as const
  const { mutatingCalls } = await endsInTime(world, { verb: 'up' }, fate)
  assert.ok(mutatingCalls <= 2, `${mutatingCalls}`)
  world.mend()
  await converges(world)
})

scenario('an interrupted run with a shared state gives its lease back', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  hangs(world, 'us-east-1')
  await endsInTime(world, { verb: 'up' }, { at: { seconds: 5 }, what: 'interrupt' })
  const began = world.time.now
  world.mend()
  assert.equal((await world.run({ verb: 'up', on: 'desktop' })).exit, 0)
  assert.ok(world.time.now - began < 20_000, 'it waited for the lease')
  await leavesNothing(world)
})

scenario('an interrupted run says so where the home of the shared state hangs, too', async (world) => {
  share(world)
  await world.run({ verb: 'up' })
  world.edit('memory', ({ functions }) => Object.assign(functions.health, { memoryMb: 640 }))
  const up = endsInTime(world, { verb: 'up' }, { at: { seconds: 8 }, what: 'interrupt' })
  await world.pass(0.1)
  hangs(world, 'eu-west-1')
  const { error } = await up
  assert.match(error?.message ?? '', /may not be saved/)
  world.mend()
  await converges(world)
  await leavesNothing(world)
})
