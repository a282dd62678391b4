// Random programs, by the command that runs any number of them: npm run simulate -- --seeds 10000. That the
// auditor sees what breaks is `auditor.test.ts`'s.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { setPriority } from 'node:os'
import { test } from 'node:test'
import { promisify } from 'node:util'

const SEEDS = Number(process.env.SIMULATE_SEEDS ?? 200)
/** The other programs are longer. */
const PROGRAMS = { random: SEEDS, blind: Math.ceil(SEEDS / 10), boundary: Math.ceil(SEEDS / 10) }

for (const [program, count] of Object.entries(PROGRAMS))
  test(`${count} ${program} programs break no invariant`, async () => {
    const { scripts } = (await import('../../package.json', { with: { type: 'json' } })).default
    const [node, ...words] = scripts.simulate.split(' ')
    assert.equal(node, 'node')
    const args = [...words, '--program', program, '--seeds', String(count)]
    const run = promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })
    // They wait for nobody, and others have clients that do.
    setPriority(run.child.pid!, 10)
    const { stdout } = await run.catch((error) => assert.fail(`${error.stdout}${error.stderr}`))
    const [, seeds, writes, violations] =
      /^(\d+) seeds, (\d+) writes .* (\d+) violations$/m.exec(stdout) ?? []
    assert.deepEqual([seeds, violations], [String(count), '0'], stdout)
    assert.ok(Number(writes) > 40 * count, `the programs hardly did anything: ${writes} writes`)
  })
