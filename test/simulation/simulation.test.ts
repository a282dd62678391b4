// Random programs on the simulated world: no invariant breaks, and a seed's trace is the same each time. That the auditor
// sees what breaks is `auditor.test.ts`'s. Many more seeds: npm run simulate -- --seeds 10000
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROGRAMS, simulateSeed } from './seed.js'

const SEEDS = Number(process.env.SIMULATE_SEEDS ?? 200)

test(`${SEEDS} random programs break no invariant`, async () => {
  let writes = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violation, trace, calls } = await simulateSeed(seed)
    const replay = `npm run simulate -- --seed ${seed} --verbose`
    assert.equal(violation, undefined, `${violation?.stack}\n${trace.join('\n')}\nReplay: ${replay}`)
    writes += calls
  }
  assert.ok(writes > 40 * SEEDS, `the programs hardly did anything: ${writes} writes`)
})

test('several commands at once on one stack, again and again, break no invariant either', async () => {
  for (let seed = 1; seed <= 3; seed++) {
    const { violation, trace } = await simulateSeed(seed, PROGRAMS.contended)
    assert.equal(violation, undefined, `${violation?.stack}\n${trace.join('\n')}`)
  }
})

test('the same seed gives the same trace, whatever ran before it', async () => {
  const seeds = [7, 8, 9]
  const first = []
  for (const seed of seeds) first.push(await simulateSeed(seed))
  for (const [index, seed] of [...seeds.entries()].reverse()) {
    const again = await simulateSeed(seed)
    assert.deepEqual(again.trace, first[index]!.trace, `seed ${seed}`)
    assert.equal(again.hash, first[index]!.hash)
  }
  assert.equal(new Set(first.map(({ hash }) => hash)).size, seeds.length)
})
