// The data of the local cloud hold: writes to three regions that are cut off from each other at random, by a daemon that
// is killed again and again; after healing all replicas are equal, and nothing acknowledged is lost but to a later write.
// ACCEPTANCE_WRITES and ACCEPTANCE_SEED say how many and which (`npm run acceptance`: 10,000).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stop } from '../../../../src/local/door.js'
import { temporaryDir } from '../harness.js'
import { faultsIn } from './model.js'
import { run } from './run.js'
import type { Outcome, Write } from './write.js'

const WRITES = Number(process.env.ACCEPTANCE_WRITES ?? 500)
const SEED = Number(process.env.ACCEPTANCE_SEED ?? Math.floor(Math.random() * 1e9))
const KILLS = Math.max(3, Math.round(WRITES / 500))

test(`${WRITES} writes over three regions`, async (t) => {
  t.diagnostic(`ACCEPTANCE_SEED=${SEED}`)
  const dataDir = await temporaryDir(t)
  t.after(() => stop(dataDir))
  const { writes, kills, isolations, seconds, replicas, final } = await run({
    dataDir,
    seed: SEED,
    writes: WRITES,
    kills: KILLS,
  })
  const [first, ...others] = replicas
  for (const other of others) assert.deepEqual(other, first)
  assert.deepEqual(faultsIn(writes, final), [])
  const count = (outcome: Outcome) => writes.filter((write) => write.outcome === outcome).length
  t.diagnostic(
    JSON.stringify({
      seed: SEED,
      writes: writes.length,
      acknowledged: count('acknowledged'),
      refused: count('refused'),
      unknown: count('unknown'),
      kills,
      isolations,
      items: first?.size,
      seconds: Math.round(seconds),
      replicasEqual: true,
    }),
  )
  assert.equal(kills, KILLS)
  assert.ok(isolations > 0)
  assert.ok(count('acknowledged') > WRITES / 3)
})

const write = (start: number, effects: [string, string | null][], more: Partial<Write> = {}): Write => ({
  kind: 'put',
  isAtomic: false,
  outcome: 'acknowledged',
  start,
  end: start + 5,
  effects: new Map(effects),
  ...more,
})

const final = (...kept: [key: string, value: string | null, stamp: number][]) => ({
  items: new Map(kept.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))),
  stamps: new Map(kept.map(([key, , stamp]) => [key, stamp])),
})

test('the model: later writes win, unknown ones may, refused ones never do', () => {
  const [one, two] = [write(10, [['a', 'one']]), write(20, [['a', 'two']])]
  assert.deepEqual(faultsIn([one, two], final(['a', 'two', 22])), [])
  assert.equal(faultsIn([one, two], final(['a', 'one', 12])).length, 1, 'a lost write')
  assert.equal(faultsIn([one, two], final()).length, 1, 'all are lost')
  assert.equal(faultsIn([one], final(['a', 'one', 40])).length, 1, 'a stamp that no write has')
  assert.equal(faultsIn([one], final(['b', 'one', 12])).length, 2, 'an item that nobody wrote')
  const deleted = write(20, [['a', null]])
  assert.deepEqual(faultsIn([one, deleted], final(['a', null, 21])), [])
  assert.equal(faultsIn([one, deleted], final(['a', 'one', 12])).length, 1, 'a lost deletion')
  const unknown = write(20, [['a', 'two']], { outcome: 'unknown' })
  assert.deepEqual(faultsIn([one, unknown], final(['a', 'one', 12])), [])
  assert.deepEqual(faultsIn([one, unknown], final(['a', 'two', 23])), [])
  const refused = write(20, [['a', 'two']], { outcome: 'refused' })
  assert.equal(faultsIn([one, refused], final(['a', 'two', 23])).length, 1, 'a refused write was made')
})

test('the model: a transaction that left one item left them all', () => {
  const both: [string, string][] = [
    ['a', 'both'],
    ['b', 'both'],
  ]
  const before = write(10, [['b', 'before']])
  const transaction = write(20, both, { isAtomic: true, outcome: 'unknown' })
  const half = final(['a', 'both', 22], ['b', 'before', 12])
  assert.equal(faultsIn([before, transaction], half).length, 1)
  assert.deepEqual(faultsIn([before, { ...transaction, isAtomic: false }], half), [])
  const later = write(30, [['b', 'later']])
  const whole = final(['a', 'both', 22], ['b', 'later', 31])
  assert.deepEqual(faultsIn([before, transaction, later], whole), [])
})
