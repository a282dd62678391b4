// Random programs, by the command that runs any number of them: npm run simulate -- --seeds 10000. That the
// auditor sees what breaks is `auditor.test.ts`'s.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const SEEDS = Number(process.env.SIMULATE_SEEDS ?? 40)

test(`${SEEDS} random programs break no invariant`, async () => {
  const { scripts } = (await import('../../package.json', { with: { type: 'json' } })).default
  const [node, ...args] = scripts.simulate.split(' ')
  assert.equal(node, 'node')
  const run = promisify(execFile)(process.execPath, [...args, '--seeds', String(SEEDS)], {
    maxBuffer: 2 ** 26,
  })
  const { stdout } = await run.catch((error) => assert.fail(`${error.stdout}${error.stderr}`))
  const [, seeds, writes, violations] = /^(\d+) seeds, (\d+) writes .* (\d+) violations$/m.exec(stdout) ?? []
  assert.deepEqual([seeds, violations], [String(SEEDS), '0'], stdout)
  assert.ok(Number(writes) > 40 * SEEDS, `the programs hardly did anything: ${writes} writes`)
})
