// Ctrl-C at every point of a walk: what is under way ends and is saved, nothing new begins, the next run goes on.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CancelledError } from '../../src/base/errors.js'
import { chain, ok } from './scene.js'

describe('Ctrl-C', () => {
  test('whenever it comes, no call begins after it and no intent is written', async () => {
    const total = await (async () => {
      const { world, up } = chain()
      let asked = 0
      world.fault = () => {
        asked++
        return undefined
      }
      await up()
      return asked
    })()
    for (let k = 0; k < total; k++) {
      const { world, disk, up } = chain()
      const controller = new AbortController()
      let asked = 0
      let begun = 0
      let intents = 0
      world.fault = (operation, _address, when) => {
        if (controller.signal.aborted && when === 'before' && operation !== 'observe') begun++
        if (asked++ === k) {
          controller.abort()
          intents = Object.values(disk.state.entries).filter(({ intent }) => intent).length
        }
        return undefined
      }
      const { outcomes } = await up({ signal: controller.signal })
      assert.equal(begun, 0, `at ${k}`)
      const open = Object.values(disk.state.entries).filter(({ intent }) => intent).length
      assert.ok(open <= intents, `at ${k}: ${open} intents, ${intents} before`)
      for (const outcome of outcomes)
        if (outcome.state === 'failed') assert.ok(outcome.error instanceof CancelledError)
      world.fault = () => undefined
      ok((await up()).outcomes, 'ready')
      assert.equal(world.alive().length, 10)
    }
  })

  test('on the way down too', async () => {
    for (let k = 0; k < 40; k += 3) {
      const { world, up, down } = chain()
      await up()
      const controller = new AbortController()
      let asked = 0
      let begun = 0
      world.fault = (operation, _address, when) => {
        if (controller.signal.aborted && when === 'before' && operation !== 'observe') begun++
        if (asked++ === k) controller.abort()
        return undefined
      }
      await down({ signal: controller.signal })
      assert.equal(begun, 0, `at ${k}`)
      world.fault = () => undefined
      ok((await down()).outcomes, 'removed')
      assert.deepEqual(world.alive(), [])
    }
  })
})
