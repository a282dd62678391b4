// The fuzz, shortly: once with a seed that is always the same and once with a new one, which is printed. A million requests
// are for `npm run fuzz -- --requests 1000000`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz.js'

const FIXED = { seed: 20261123, requests: 2500 }
const NEW = { seed: Date.now() % 1_000_000, requests: 1000 }

for (const { seed, requests } of [FIXED, NEW]) {
  test(`${requests} random requests are answered as AWS would, seed ${seed === FIXED.seed ? 'fixed' : 'new'}`, async (context) => {
    context.diagnostic(`npm run fuzz -- --seed ${seed} --requests ${requests}`)
    const { problems, statuses, neverFine, served } = await fuzz({ seed, requests })
    assert.deepEqual(problems, [])
    assert.ok((statuses['200'] ?? 0) > requests / 10, JSON.stringify(statuses))
    if (seed === FIXED.seed) assert.ok(neverFine.length < served / 2, `never fine: ${neverFine.join(' ')}`)
  })
}
