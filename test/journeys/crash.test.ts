// kill -9 of `up` at random moments: the rerun finishes, and the cloud (not the state) is listed for duplicates. And two
// runs at once: the second is refused and names the first.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DownResult, UpResult } from '../../src/commands/result.js'
import { type Census, censusOf, NOTHING, WHOLE } from './census.js'
import { Project } from './project.js'

const MOVES_OF_AN_UP = 50

let project: Project
let census: () => Promise<Census>

before(async () => {
  project = new Project()
  const { code, stderr } = await project.run('local', 'start', '--profile', 'instant')
  assert.equal(code, 0, stderr)
  census = await censusOf(project)
})
after(() => project.remove())

const random = (below: number) => Math.floor(Math.random() * below)

test('kill -9 of up at five random moments: the rerun finishes with no duplicate', async () => {
  let killed = 0
  for (let life = 0; life < 5; life++) {
    const moves = 1 + random(MOVES_OF_AN_UP)
    const delayMs = random(30)
    if ((await project.killAfter(moves, delayMs, 'up', '--local', '--yes', '--no-proof')) === 'SIGKILL')
      killed++
    const up = await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
    assert.equal(up.proof, null)
    assert.deepEqual(await census(), WHOLE, `killed after ${moves} moves and ${delayMs} ms`)
    const second = await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
    assert.equal(second.calls.mutating, 0, `after ${moves} moves: ${JSON.stringify(second)}`)
    await project.json<DownResult>('down', '--local', '--yes')
    assert.deepEqual(await census(), NOTHING)
  }
  assert.ok(killed >= 3, `only ${killed} of 5 were killed in the middle`)
})

test('kill -9 of down: the rerun leaves nothing', async () => {
  await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
  await project.killAfter(1 + random(40), random(30), 'down', '--local', '--yes')
  await project.json<DownResult>('down', '--local', '--yes')
  assert.deepEqual(await census(), NOTHING)
  assert.equal(project.readState(), undefined)
})

test('two at once: the second exits 4 and names the first; Ctrl-C saves and exits 130', async () => {
  const first = project.start('up', '--local', '--yes', '--no-proof')
  await new Promise<void>((resolve) =>
    first.stderr?.on('data', (chunk) => /creating/.test(String(chunk)) && resolve()),
  )
  const second = await project.run('up', '--local', '--yes')
  assert.equal(second.code, 4, second.stderr)
  assert.match(second.stderr, new RegExp(`pid ${first.pid}\\) running "multiregion up --local"`))
  const ended = new Promise<number | null>((resolve) => first.on('close', (code) => resolve(code)))
  first.kill('SIGINT')
  assert.equal(await ended, 130)
  await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
  assert.deepEqual(await census(), WHOLE)
})
