// The cloud's clock: real instants, scaled durations, and sleeps that end.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cloudClock } from '../../src/local/clock.js'
import { createWorld } from '../../src/local/create-world.js'
import { rangeOf } from '../../src/local/profile.js'
import { seededRandom } from '../../src/local/random.js'

describe('the clock', () => {
  test('a virtual minute at scale 20 is three real seconds', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 })
    const clock = cloudClock(20)
    const readyAt = clock.after(60)
    assert.equal(readyAt - clock.now(), 3000)
    assert.equal(clock.since(readyAt), -60)
    t.mock.timers.tick(4500)
    assert.equal(clock.since(readyAt), 30)
  })

  test('a sleep lasts as long as it says, even longer than one timer can', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    const clock = cloudClock(1)
    const days = 24 * 60 * 60
    let awake = false
    const slept = clock.sleep(30 * days).then(() => {
      awake = true
    })
    t.mock.timers.tick(2 ** 31)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(awake, false)
    t.mock.timers.tick(30 * days * 1000 - 2 ** 31)
    await slept
  })

  test('a sleep ends at once when its signal aborts', async () => {
    const clock = cloudClock(1)
    await clock.sleep(3600, AbortSignal.abort())
    const stop = new AbortController()
    const slept = clock.sleep(3600, stop.signal)
    stop.abort()
    await slept
  })
})

test('a seed gives the same numbers again, within 0 and 1', () => {
  const draw = (seed: number) => Array.from({ length: 1000 }, seededRandom(seed))
  assert.deepEqual(draw(1), draw(1))
  assert.notDeepEqual(draw(1), draw(2))
  assert.ok(draw(3).every((number) => number >= 0 && number < 1))
  assert.equal(new Set(draw(4)).size, 1000)
})

test('a world takes its times from the profile, with jitter', () => {
  const world = createWorld({ dataDir: '/nonexistent', scale: 20, profile: 'realistic', seed: 1 })
  const [least, most] = rangeOf('realistic', 'acm.issue')
  const times = Array.from({ length: 100 }, () => world.takes('acm.issue'))
  assert.ok(times.every((seconds) => seconds >= least && seconds <= most))
  assert.ok(new Set(times).size > 90)
  const instant = createWorld({ dataDir: '/nonexistent', scale: 20, profile: 'instant', seed: 1 })
  assert.equal(instant.takes('acm.issue'), 0)
})
