// `npm run mutants [-- word ...]`: plants one bug after another in a copy of the tree and runs the tests of its
// neighbourhood, then, where they notice nothing, the simulation. Ends with the count of those that were caught.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { MUTANTS, type Mutant } from './mutants.js'

const ROOT = path.resolve(import.meta.dirname, '../..')
const SEEDS = '300'
/** A mutant that never ends is caught, too: after so many times what the sound tree needs, and some minutes. */
const PATIENCE = 4
let patienceMs: number | undefined

const words = process.argv.slice(2)
const chosen = MUTANTS.filter(({ name, file }) => words.every((word) => `${name} ${file}`.includes(word)))
const tree = mkdtempSync(path.join(tmpdir(), 'mutants-'))
for (const name of [
  'src',
  'test',
  'config',
  'scripts',
  'bin',
  'dist',
  'package.json',
  'tsconfig.json',
  'docs',
])
  cpSync(path.join(ROOT, name), path.join(tree, name), { recursive: true })
symlinkSync(path.join(ROOT, 'node_modules'), path.join(tree, 'node_modules'))

const run = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, ['--import', 'tsx', ...args], {
    cwd: tree,
    encoding: 'utf8',
    timeout: patienceMs,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
  })
const test = (tests: readonly string[]) => run('scripts/test.mjs', ...tests)
const simulate = () => run('test/simulation/run.ts', '--seeds', SEEDS)

/** What noticed it, or undefined. */
function noticedBy(mutant: Mutant): string | undefined {
  const { status, stdout } = mutant.tests.length > 0 ? test(mutant.tests) : { status: 0, stdout: '' }
  if (status !== 0) return /^ *not ok \d+ - (.*)$/m.exec(stdout)?.[1] ?? 'a test that did not end'
  const simulated = simulate()
  if (simulated.status === 0) return undefined
  return /^seed \d+ breaks .*$/m.exec(simulated.stdout)?.[0] ?? 'a simulation that did not end'
}

let caught = 0
try {
  const began = Date.now()
  const sound = [test([...new Set(chosen.flatMap(({ tests }) => tests))]), simulate()]
  if (sound.some(({ status }) => status !== 0)) throw new Error('without any mutant the tests are not green')
  patienceMs = 300_000 + PATIENCE * (Date.now() - began)
  for (const mutant of chosen) {
    const file = path.join(tree, mutant.file)
    const text = readFileSync(file, 'utf8')
    if (text.split(mutant.find).length !== 2)
      throw new Error(`${mutant.name}: ${mutant.file} does not have its text exactly once`)
    writeFileSync(
      file,
      text.replace(mutant.find, () => mutant.replace),
    )
    const by = noticedBy(mutant)
    writeFileSync(file, text)
    if (by) caught++
    console.log(
      `${by ? 'caught ' : 'MISSED '} ${mutant.name}${by ? `: ${by.slice(0, 160)}` : ` (${mutant.file})`}`,
    )
  }
} finally {
  rmSync(tree, { recursive: true, force: true })
}
console.log(`${caught} of ${chosen.length} mutants caught`)
process.exit(caught === chosen.length ? 0 : 1)
