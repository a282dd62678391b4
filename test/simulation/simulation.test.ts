// Programs of several commands at once break no invariant, and a seed's trace is the same each time. Those of one command
// after another are `random-programs.test.ts`'s.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROGRAMS } from './seed.js'

test('several commands at once on one stack, again and again, break no invariant either', async () => {
  for (let seed = 1; seed <= 2; seed++) {
    const { violation, trace } = await PROGRAMS.contended.simulate(seed)
    assert.equal(violation, undefined, `${violation?.stack}\n${trace.join('\n')}`)
  }
})

test('the same seed gives the same trace, whatever ran before it', async () => {
  const seeds = [7, 8, 9]
  const first = []
  for (const seed of seeds) first.push(await PROGRAMS.random.simulate(seed))
  for (const [index, seed] of [...seeds.entries()].reverse()) {
    const again = await PROGRAMS.random.simulate(seed)
    assert.deepEqual(again.trace, first[index]!.trace, `seed ${seed}`)
    assert.equal(again.hash, first[index]!.hash)
  }
  assert.equal(new Set(first.map(({ hash }) => hash)).size, seeds.length)
})
