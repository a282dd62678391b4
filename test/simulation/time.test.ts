// Virtual time: the order of what happens, what is over at once, and work that never ends.
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Stuck, VirtualTime } from './time.js'

/** In a virtual time of its own. */
async function inTime<T>(seed: number, work: (time: VirtualTime) => Promise<T>): Promise<T> {
  const time = new VirtualTime(seed)
  time.install()
  try {
    return await time.run(work(time), 3600)
  } finally {
    time.uninstall()
  }
}

test('timers come in order of time, and of their setting where they are due together', async () => {
  const order = await inTime(1, async () => {
    const seen: string[] = []
    const began = Date.now()
    setTimeout(() => seen.push('late'), 60_000)
    setTimeout(() => seen.push('first'), 10)
    setTimeout(() => seen.push('second'), 10)
    clearTimeout(setTimeout(() => seen.push('never'), 5))
    const every = setInterval(() => seen.push('tick'), 25_000)
    await sleep(70_000)
    clearInterval(every)
    await sleep(70_000)
    return [...seen, Date.now() - began]
  })
  assert.deepEqual(order, ['first', 'second', 'tick', 'tick', 'late', 140_000])
})

test('chance is that of the seed', async () => {
  const draw = (seed: number) =>
    inTime(seed, async () => [crypto.randomUUID(), Math.random(), crypto.randomBytes(4).toString('hex')])
  assert.deepEqual(await draw(1), await draw(1))
  assert.notDeepEqual(await draw(1), await draw(2))
})

test('work that cannot end, or not in time, is told', async () => {
  await assert.rejects(
    inTime(1, () => new Promise(() => undefined)),
    Stuck,
  )
  await assert.rejects(
    inTime(1, async () => {
      for (;;) await sleep(1000)
    }),
    /not done within 3600/,
  )
})

test('afterwards the process has its own time and chance again', async () => {
  const before = Date.now()
  await inTime(1, () => sleep(1e6))
  assert.ok(Math.abs(Date.now() - before) < 60_000)
  assert.notEqual(crypto.randomUUID(), crypto.randomUUID())
})
