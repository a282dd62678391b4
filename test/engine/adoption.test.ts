// Taking over what stands under our name and is not ours: only where it was asked for, never another stack's, nothing that
// could not be what is wanted; and a process that dies anywhere on the way.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { plan } from '../../src/engine/plan.js'
import { findStrangers } from '../../src/engine/stranger.js'
import { walkDown, walkUp } from '../../src/engine/walk.js'
import { config, Disk, died, type FakeStep, fake, life, Mortal, nodesOf, World } from './fixture.js'
import { ok } from './scene.js'

const ADDRESS = 'table/eu-west-1'

/** A cloud in which somebody else's table stands, and lives with and without `--adopt`. */
function adoption(options: Partial<FakeStep> = {}, by: { lineage?: string; stack?: string } = {}) {
  const world = new World()
  const disk = new Disk()
  let mortal = new Mortal()
  const step = fake(world, () => mortal, {
    kind: 'table',
    sites: () => [{ region: 'eu-west-1' }],
    fields: () => ({ key: 'id', billing: 'on demand' }),
    immutable: ['key'],
    adoptable: 0,
    ...options,
  })
  const nodes = nodesOf([step])
  const theirs = world.add(ADDRESS, { key: 'id', billing: 'provisioned', items: 7 }, by)
  const begin = (adopts: readonly string[], dieAt = -1) => {
    mortal = new Mortal(dieAt)
    return life(world, disk, mortal, undefined, {}, adopts)
  }
  return {
    world,
    disk,
    theirs,
    plan: (...adopts: string[]) => plan(nodes, config(), begin(adopts).run),
    async up(adopts: readonly string[], dieAt?: number) {
      const { run, events } = begin(adopts, dieAt)
      const [outcome] = await walkUp(nodes, config(), run)
      const moves = events.flatMap((event) => (event.type === 'step.moved' ? [event.move] : []))
      return { outcome: outcome!, moves, error: outcome!.state === 'failed' ? outcome!.error : undefined }
    },
    async down() {
      const { run } = begin([])
      const recorded = nodes.filter(({ address }) => disk.state.entries[address])
      const strangers = await findStrangers(recorded, run)
      const outcomes = strangers.length > 0 ? [] : await walkDown(recorded, run)
      return { strangers, outcomes }
    },
  }
}

describe('what is not ours', () => {
  test('is refused without --adopt, and the hint has the words to type', async () => {
    const { world, up, plan } = adoption()
    const { error } = await up([])
    assert.match(error!.hint, /multiregion down removes it: multiregion up --adopt table\/eu-west-1$/)
    assert.deepEqual((await plan()).errors[0]?.hint, error!.hint)
    assert.deepEqual(world.calls, [])
  })

  test('is marked, changed and kept; then it is ours, and goes with down', async () => {
    const { world, theirs, up, down, disk, plan } = adoption()
    const change = { field: 'billing', from: 'provisioned', to: 'on demand' }
    assert.deepEqual((await plan(ADDRESS)).changes, [{ address: ADDRESS, action: 'adopt', fields: [change] }])
    assert.deepEqual([world.calls, disk.saves], [[], 0], 'a plan changes nothing')
    const { moves, outcome } = await up([ADDRESS])
    assert.equal(outcome.state, 'ready')
    assert.deepEqual(moves, ['adopt', 'update'])
    assert.deepEqual([theirs.lineage, theirs.fields.billing], [disk.state.lineage, 'on demand'])
    const { id, settled, intent } = disk.state.entries[ADDRESS]!
    assert.deepEqual({ id, settled, intent }, { id: theirs.id, settled: true, intent: undefined })
    assert.deepEqual((await plan(ADDRESS)).changes, [])
    assert.deepEqual((await up([ADDRESS])).moves, [], 'once more changes nothing')
    ok((await down()).outcomes, 'removed')
    assert.deepEqual(world.alive(), [])
  })

  test('of another state of this stack is adopted just so', async () => {
    const { up, theirs, disk } = adoption({}, { lineage: 'gone' })
    assert.equal((await up([ADDRESS])).outcome.state, 'ready')
    assert.equal(theirs.lineage, disk.state.lineage)
  })

  test("of another stack is never adopted, and said to be that stack's", async () => {
    const { world, up, plan } = adoption({}, { lineage: 'x', stack: 'other-dev' })
    for (const error of [(await up([ADDRESS])).error!, (await plan(ADDRESS)).errors[0]!]) {
      assert.match(error.message, /carries the owner marks of the stack other-dev/)
      assert.match(error.hint, /never adopted/)
      assert.doesNotMatch(error.hint, /--adopt/)
    }
    assert.deepEqual(world.calls, [])
  })

  test('with another key is refused before it is marked', async () => {
    const { world, up, plan, theirs } = adoption()
    theirs.fields.key = 'name'
    for (const error of [(await up([ADDRESS])).error!, (await plan(ADDRESS)).errors[0]!]) {
      assert.match(error.message, /key cannot change in place \(name -> id\)/)
      assert.match(error.hint, /not adopted/)
    }
    assert.deepEqual(world.calls, [])
  })

  test('that is going away or has failed is refused; what is not ready is waited for', async () => {
    const leaving = adoption()
    leaving.theirs.goneAt = leaving.world.clock.now() + 1e6
    assert.match((await leaving.up([ADDRESS])).error!.message, /cannot be adopted: it is going/)
    const broken = adoption()
    broken.theirs.failed = true
    assert.match((await broken.up([ADDRESS])).error!.message, /it failed/)
    assert.deepEqual([leaving.world.calls, broken.world.calls], [[], []])
    const slow = adoption()
    slow.theirs.readyAt = slow.world.clock.now() + 60
    assert.deepEqual(
      (await slow.plan(ADDRESS)).changes.map(({ action, fields }) => [action, fields]),
      [['adopt', []]],
    )
    assert.equal((await slow.up([ADDRESS])).outcome.state, 'ready')
  })

  test('that has no such move is refused without an offer', async () => {
    const { up } = adoption({ adoptable: undefined })
    assert.doesNotMatch((await up([ADDRESS])).error!.hint, /--adopt/)
  })
})

test('nothing there to adopt: the plan says so, and nothing new is made by mistake', async () => {
  const { theirs, plan, world } = adoption()
  theirs.goneAt = world.clock.now()
  assert.match((await plan(ADDRESS)).errors[0]!.message, /nothing stands there that could be adopted/)
  assert.deepEqual(
    (await plan()).changes.map(({ action }) => action),
    ['create'],
  )
})

test('marks that show only after a while are waited for', async () => {
  const { up, world } = adoption({ adoptable: 40 })
  assert.equal((await up([ADDRESS])).outcome.state, 'ready')
  assert.deepEqual(world.calls, [`adopt ${ADDRESS}`, `update ${ADDRESS}`])
})

test('a process that dies anywhere: the same command goes on, down takes only what was marked', async () => {
  for (const lag of [0, 20])
    for (let dieAt = 0; ; dieAt++) {
      const scene = adoption({ adoptable: lag })
      const first = await died(scene.up([ADDRESS], dieAt))
      const marked = scene.world.calls.includes(`adopt ${ADDRESS}`)
      const again = adoption({ adoptable: lag })
      await died(again.up([ADDRESS], dieAt))
      const { strangers, outcomes } = await again.down()
      assert.deepEqual(strangers, [], `lag ${lag}, point ${dieAt}`)
      ok(outcomes, 'removed')
      assert.deepEqual(again.disk.state.entries, {})
      const left = again.world.alive()
      assert.equal(left.length, again.world.calls.includes(`adopt ${ADDRESS}`) ? 0 : 1, `point ${dieAt}`)
      // Ours by its marks, it needs no word of ours any more.
      const { outcome } = await scene.up(marked ? [] : [ADDRESS])
      assert.equal(outcome.state, 'ready', `lag ${lag}, point ${dieAt}`)
      assert.equal(scene.world.alive().length, 1)
      assert.equal(scene.theirs.fields.billing, 'on demand')
      if (!first) break
    }
})

test('one of ours that lost its marks is taken back', async () => {
  const { up, theirs, disk } = adoption()
  await up([ADDRESS])
  Object.assign(theirs, { lineage: undefined })
  assert.equal((await up([])).error?.code, 'foreign-resource')
  assert.equal((await up([ADDRESS])).outcome.state, 'ready')
  assert.equal(theirs.lineage, disk.state.lineage)
})
