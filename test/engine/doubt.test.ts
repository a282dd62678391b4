// Absence, and when it is believed: AWS's listings and looks lag, answers are lost, and the process dies at every point.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CloudError } from '../../src/base/errors.js'
import { awsError, died, type FakeStep } from './fixture.js'
import { ADDRESS, single, thrown } from './single.js'

describe('absence', () => {
  test('one missed look at what stood is not believed', async () => {
    const { world, up, down } = single()
    await up()
    const hiddenFor = (seconds: number) => {
      world.describeLag = Infinity
      void world.clock.sleep(seconds).then(() => {
        world.describeLag = 0
      })
    }
    hiddenFor(4)
    await up()
    assert.deepEqual(world.calls, [`create ${ADDRESS}`])
    hiddenFor(4)
    await down()
    assert.equal(world.alive().length, 0)
  })

  test('of what stood is believed after ten seconds, and it is made again with another token', async () => {
    const { world, up } = single()
    await up()
    const [old] = world.things
    old!.goneAt = world.clock.now()
    const before = world.clock.now()
    await up()
    assert.ok(world.clock.now() - before >= 10)
    assert.equal(world.alive().length, 1)
    assert.notEqual(world.alive()[0]!.token, old!.token)
  })

  test('of what was never there is believed at once', async () => {
    const { world, up } = single()
    const before = world.clock.now()
    const work = up()
    await new Promise((later) => setImmediate(later))
    assert.deepEqual(world.calls, [`create ${ADDRESS}`])
    assert.equal(world.clock.now() - before, 0)
    await work
  })

  test('after a lost answer of a create is doubted for a minute', async () => {
    const { world, up } = single()
    world.findLag = 40
    let lost = 1
    world.fault = (operation, _address, when) =>
      operation === 'create' && when === 'after' && lost-- > 0
        ? Object.assign(new Error('socket hang up'), { name: 'TimeoutError' })
        : undefined
    await up()
    assert.equal(world.alive().length, 1)
    assert.equal(world.calls.length, 1)
  })

  test('a create that AWS refused after an unanswered one keeps its token', async () => {
    const { world, disk, up } = single({ tokens: true })
    world.findLag = 1e6
    // Dies after the call and before its id is on disk.
    for (let k = 0; !world.things.length; k++) assert.ok(await died(up({ size: 1 }, k)), `${k}`)
    assert.equal(disk.state.entries[ADDRESS]?.id, undefined)
    let refusals = 1
    world.fault = (operation) =>
      operation === 'create' && refusals-- > 0 ? awsError('AccessDeniedException') : undefined
    assert.ok((await thrown(up())) instanceof CloudError)
    await up()
    assert.equal(world.alive().length, 1)
  })

  test('of what was made and never ready: it is made with a new token, as the old one stands for what is gone', async () => {
    const { world, up } = single({ tokens: true, patience: { everySeconds: 5, forMinutes: 4 } })
    world.readySeconds = 1e6
    await thrown(up())
    const [old] = world.alive()
    old!.goneAt = world.clock.now()
    world.readySeconds = 0
    await up()
    assert.equal(world.alive().length, 1)
    assert.notEqual(world.alive()[0]!.token, old!.token)
  })
})

describe('died at every point', () => {
  // What a step can lean on when it is asked again: AWS's token, or a unique name.
  const KINDS: Readonly<Record<string, Partial<FakeStep>>> = {
    'by token': { tokens: true, replayable: true },
    'by name': { unique: true },
    'by owner marks': {},
  }
  for (const [what, options] of Object.entries(KINDS))
    for (const findLag of [0, 20])
      test(`${what}, found after ${findLag} s: up, an update and down leave one, one and none`, async () => {
        const scene = () => {
          const made = single(options)
          Object.assign(made.world, { findLag, describeLag: findLag / 2, readySeconds: 12, goneSeconds: 12 })
          return made
        }
        const standing = async () => {
          const made = scene()
          await made.up({ size: 1 })
          return made
        }
        for (let k = 0, dead = true; dead; k++) {
          const { world, up, down, entry } = scene()
          dead = await died(up({ size: 1 }, k))
          await up({ size: 1 })
          assert.equal(world.alive().length, 1, `up, died at ${k}`)
          assert.equal(entry()?.intent, undefined)
          await down()
          assert.equal(world.alive().length, 0)
        }
        for (let k = 0, dead = true; dead; k++) {
          const { world, up, entry } = await standing()
          dead = await died(up({ size: 2 }, k))
          await up({ size: 2 })
          assert.deepEqual(
            world.alive().map(({ fields }) => fields),
            [{ size: 2 }],
            `update, died at ${k}`,
          )
          assert.equal(entry()?.intent, undefined)
        }
        for (let k = 0, dead = true; dead; k++) {
          const { world, down, disk } = await standing()
          dead = await died(down(k))
          await down()
          assert.equal(world.alive().length, 0, `down, died at ${k}`)
          assert.deepEqual(disk.state.entries, {})
        }
      })
})
