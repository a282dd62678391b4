// The way out of a failed resource, tried once a run; and what an unanswered create has made twice, which goes again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awsError, REGIONS } from './fixture.js'
import { ok, stage, states } from './scene.js'

const EU = REGIONS[0]

/** A record in every region, made, and then failed in the first. */
async function failing() {
  const scene = stage((step) => [step({ kind: 'record', mendable: true })])
  ok((await scene.up()).outcomes, 'ready')
  scene.world.alive(`record/${EU}`)[0]!.failed = true
  return scene
}

test('what failed is mended, and told as a change', async () => {
  const scene = await failing()
  const { outcomes, events } = await scene.up()
  ok(outcomes, 'ready')
  const moved = events.flatMap((event) => (event.type === 'step.moved' ? [event] : []))
  assert.deepEqual(
    moved.map(({ address, move, changes }) => [address, move, changes?.[0]?.from]),
    [[`record/${EU}`, 'update', 'it failed']],
  )
  assert.equal(scene.disk.state.entries[`record/${EU}`]?.intent, undefined)
})

test('what fails again stops with its reason, after one try', async () => {
  const scene = await failing()
  scene.world.failsAgain = true
  scene.world.calls.length = 0
  const { outcomes } = await scene.up()
  assert.equal(states(outcomes)[`record/${EU}`], 'failed')
  const failed = outcomes.find(({ state }) => state === 'failed')
  assert.match(failed?.state === 'failed' ? failed.error.message : '', /it failed/)
  assert.deepEqual(scene.world.calls, [`update record/${EU}`])
})

test('without a way out it stops at once', async () => {
  const scene = stage((step) => [step({ kind: 'record' })])
  await scene.up()
  scene.world.alive(`record/${EU}`)[0]!.failed = true
  scene.world.calls.length = 0
  assert.equal(states((await scene.up()).outcomes)[`record/${EU}`], 'failed')
  assert.deepEqual(scene.world.calls, [])
})

test('a lost answer and a list that lags longer than the doubt: the twin goes in the same run', async () => {
  const scene = stage((step) => [
    step({ kind: 'api', several: true, sites: ({ home }) => [{ region: home }] }),
  ])
  const { world } = scene
  let lost = 0
  world.fault = (operation, _address, when) =>
    operation === 'create' && when === 'after' && lost++ === 0
      ? awsError('TimeoutError', 'lost', 0)
      : undefined
  world.findLag = 90
  world.readySeconds = 100
  const { outcomes, errors } = await scene.up()
  ok(outcomes, 'ready')
  assert.deepEqual(errors, [])
  assert.equal(world.things.length, 2, 'the case is made: two were created')
  assert.equal(world.alive(`api/${EU}`).length, 1)
  assert.equal(scene.disk.state.entries[`api/${EU}`]?.id, world.alive()[0]!.id)
  assert.equal(scene.disk.state.entries[`api/${EU}`]?.superseded, undefined)
})
