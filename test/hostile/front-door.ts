// A share of the random configs and arguments through the built CLI as a process of its own, with credentials and an
// endpoint where nobody answers: an exit code of the contract, a clear word, no stack, no state and no lock.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { Project, type Ran } from '../journeys/project.js'
import { words } from './argument.js'
import { edited } from './config.js'

const CLOSED = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ACCESS_KEY_ID: 'AKIATEST',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_MAX_ATTEMPTS: '1',
}
const VERBS = [['up', '--yes'], ['plan'], ['status'], ['down', '--yes'], ['state', 'show']]
/** The local cloud would start, and stay. */
const startsIt = (argv: readonly string[]) => argv.some((word) => /local|-f/.test(word))

/** Runs that many of each; throws the first that is treated wrongly. */
export async function throughTheDoor({ runs, seed }: { runs: number; seed: number }): Promise<void> {
  const project = new Project()
  try {
    const lists = fc
      .sample(words, { numRuns: runs * 2, seed })
      .filter((argv) => argv.every((word) => !word.includes('\0')))
    for (const argv of lists.filter((argv) => !startsIt(argv)).slice(0, runs)) await treat(project, argv)
    const file = path.join(project.folder, 'config/regions.json')
    for (const [index, text] of fc.sample(edited, { numRuns: runs, seed }).entries()) {
      writeFileSync(file, text)
      await treat(project, VERBS[index % VERBS.length]!)
    }
  } finally {
    rmSync(project.folder, { recursive: true, force: true })
  }
}

async function treat(project: Project, argv: readonly string[]): Promise<void> {
  const ran = await project.runWith(CLOSED, ...argv)
  try {
    assertClear(ran)
    const folder = path.join(project.folder, '.multiregion')
    assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], [])
  } catch (cause) {
    throw new Error(`${JSON.stringify(argv)}: ${(cause as Error).message}`, { cause })
  }
}

function assertClear({ code, signal, stdout, stderr }: Ran): void {
  assert.equal(signal, null)
  assert.ok(code === 0 || code === 1 || code === 64, `exit ${code}`)
  assert.doesNotMatch(stdout + stderr, /This is a bug|\n\s+at .*[:(]\d+|\[object Object\]/)
  if (code !== 0 && !stdout.includes('Usage: multiregion')) assert.match(stderr, /^next: \S/m)
}
