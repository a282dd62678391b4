// Replacement by a successor: the new one is made, what points to the old one moves, the old one is removed after. The
// process dies at every point, and exactly the new one is left.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { here } from '../../src/engine/step.js'
import { awsError, died, REGIONS } from './fixture.js'
import { idOf, ok, stage } from './scene.js'

describe('what is immutable and holds no data is replaced by a successor', () => {
  /** A deployment per region, a stage that points to it, and a version of what the config says. */
  function deployments(findLag = 0) {
    let document = 'v1'
    let pointedAt = 0
    const scene = stage((step) => {
      const deployment = step({
        ...{ kind: 'deployment', replace: 'create-first', immutable: ['document'] },
        fields: () => ({ document }),
      })
      const pointer = step({
        ...{ kind: 'stage', needs: { deployment: here(deployment) } },
        fields: ({ needs }) => ({ deployment: idOf(needs.deployment) }),
      })
      return [deployment, pointer]
    })
    const { world } = scene
    world.findLag = findLag
    world.fault = (operation, address, when) => {
      if (operation !== 'remove' || when !== 'after' || !address.startsWith('deployment')) return undefined
      const there = new Set(world.alive().map(({ id }) => id))
      const region = address.split('/')[1]
      const [pointer] = world.alive(`stage/${region}`)
      if (pointer && !there.has(pointer.fields.deployment as string)) pointedAt++
      return undefined
    }
    return {
      ...scene,
      change: () => {
        document = 'v2'
      },
      dangling: () => pointedAt,
      assertNew(what: string) {
        for (const region of REGIONS) {
          const all = world.alive(`deployment/${region}`)
          assert.deepEqual(
            all.map(({ fields }) => fields.document),
            ['v2'],
            what,
          )
          assert.equal(world.alive(`stage/${region}`)[0]?.fields.deployment, all[0]!.id, what)
        }
        assert.equal(pointedAt, 0, `${what}: a stage pointed to what was removed`)
        for (const [address, entry] of Object.entries(scene.disk.state.entries))
          assert.deepEqual([entry.intent, entry.superseded], [undefined, undefined], `${what}: ${address}`)
      },
    }
  }

  test('the new one is made, the others move, the old one goes; it is told as a replacement', async () => {
    const scene = deployments()
    await scene.up()
    scene.change()
    const planned = await scene.plan()
    assert.deepEqual(
      planned.changes
        .filter(({ address }) => address.endsWith('/eu-west-1'))
        .map(({ address, action }) => [address, action]),
      [
        ['deployment/eu-west-1', 'replace'],
        ['stage/eu-west-1', 'update'],
      ],
    )
    const { outcomes, errors, events } = await scene.up()
    ok(outcomes, 'ready')
    assert.deepEqual(errors, [])
    scene.assertNew('without an accident')
    const moves = events.flatMap((event) =>
      event.type === 'step.moved' ? [`${event.move} ${event.address}`] : [],
    )
    assert.ok(moves.includes('replace deployment/eu-west-1'))
  })

  for (const findLag of [0, 20])
    test(`died at every point, found after ${findLag} s: exactly the new one is left`, async () => {
      for (let k = 0, dead = true; dead; k++) {
        const scene = deployments(findLag)
        await scene.up()
        scene.change()
        dead = await died(scene.up({ dieAt: k }))
        const { outcomes, errors } = await scene.up()
        ok(outcomes, 'ready')
        assert.deepEqual(errors, [])
        scene.assertNew(`died at ${k}`)
      }
    })

  test('died at every point, then down: nothing is left', async () => {
    for (let k = 0, dead = true; dead; k += 2) {
      const scene = deployments()
      await scene.up()
      scene.change()
      dead = await died(scene.up({ dieAt: k }))
      ok((await scene.down()).outcomes, 'removed')
      assert.deepEqual(scene.world.alive(), [], `died at ${k}`)
      assert.deepEqual(scene.disk.state.entries, {})
    }
  })

  test('the old one stays while one that points to it has not moved', async () => {
    const scene = deployments()
    await scene.up()
    scene.change()
    const { fault } = scene.world
    scene.world.fault = (operation, address, when) =>
      operation === 'update' && address === 'stage/us-east-1' && when === 'before'
        ? awsError('AccessDeniedException')
        : fault(operation, address, when)
    await scene.up()
    assert.equal(scene.world.alive('deployment/us-east-1').length, 2)
    assert.equal(scene.world.alive('deployment/eu-west-1').length, 1)
    scene.world.fault = fault
    await scene.up()
    scene.assertNew('once it has moved')
  })

  test('an old one that AWS still shows after its removal is not removed in a hurry', async () => {
    const scene = deployments()
    await scene.up()
    scene.change()
    scene.world.goneSeconds = 100
    await scene.up()
    const removals = scene.world.calls.filter((call) => call === 'remove deployment/eu-west-1')
    assert.equal(removals.length, 1)
    scene.assertNew('after its time')
  })

  test('an old one that a look misses once is not forgotten', async () => {
    const scene = deployments()
    await scene.up()
    scene.change()
    const { world } = scene
    const { fault } = world
    // Hidden from looks by id from the moment when the stages have moved, for a few seconds.
    let moved = 0
    world.fault = (operation, address, when) => {
      if (operation === 'update' && when === 'after' && ++moved === REGIONS.length)
        void world.clock.sleep(7).then(() => {
          world.describeLag = Infinity
          void world.clock.sleep(4).then(() => {
            world.describeLag = 0
          })
        })
      return fault(operation, address, when)
    }
    await scene.up()
    scene.assertNew('after a miss')
  })
})
