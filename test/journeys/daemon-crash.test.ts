// kill -9 of the local cloud itself in the middle of a `down`: the verb ends with an error that says what to do, and the
// rerun, on a cloud that came up again with all it had acknowledged, leaves nothing behind.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DownResult, UpResult } from '../../src/commands/result.js'
import type { LocalStatus } from '../../src/local/door.js'
import { censusOf, NOTHING, WHOLE } from './census.js'
import { Project } from './project.js'

let project: Project

before(async () => {
  project = new Project()
  await project.json('local', 'start', '--profile', 'instant')
})
after(() => project.remove())

test('kill -9 of the daemon during down: the rerun finishes', { timeout: 300_000 }, async () => {
  await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
  assert.deepEqual(await (await censusOf(project))(), WHOLE)
  const { pid } = await project.json<LocalStatus>('local', 'status')
  const removals = 1 + Math.floor(Math.random() * 30)
  const down = project.start('down', '--local', '--yes')
  let seen = 0
  let told = ''
  down.stderr!.on('data', (chunk) => {
    told += chunk
    seen += String(chunk).match(/ removing /g)?.length ?? 0
    if (seen < removals) return
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It is dead already.
    }
  })
  const code = await new Promise((resolve) => down.once('close', resolve))
  assert.notEqual(code, 0, `it was not killed after ${removals} removals`)
  assert.match(told, /next: \S/)
  assert.doesNotMatch(told, /bug/)
  await project.json<DownResult>('down', '--local', '--yes')
  assert.deepEqual(await (await censusOf(project))(), NOTHING)
  assert.equal(project.readState(), undefined)
})
