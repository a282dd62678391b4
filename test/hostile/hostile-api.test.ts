// `up` and `down` come to their end in a cloud where one call in four fails, with few calls more than in a quiet one. More
// seeds, and the figures: `npm run bench:hostile`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOSTILE_VERBS, measureHostile } from './hostile-api.js'

const SEEDS = [1, 2]

test('20 % 5xx, 5 % lost answers, real quotas: at most 1.3 times the calls', async () => {
  let [quiet, hostile] = [0, 0]
  for (const seed of SEEDS) {
    const measured = await measureHostile(seed)
    for (const verb of HOSTILE_VERBS) {
      assert.equal(measured.quiet[verb].exit, 0)
      assert.equal(measured.hostile[verb].exit, 0, `seed ${seed}, ${verb}: ${measured.hostile[verb].message}`)
      quiet += measured.quiet[verb].all
      hostile += measured.hostile[verb].all
    }
  }
  assert.ok(hostile / quiet <= 1.3, `${hostile} calls instead of ${quiet}`)
})
