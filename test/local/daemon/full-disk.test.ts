// A disk that takes no more: the calls that need it fail, the cloud goes on, and what it acknowledges after that is as safe
// as before. A limit on the size of files stands for the full disk: LevelDB's own log breaks off in the middle of a write.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openStore } from '../../../src/local/store.js'

const noLimits = spawnSync('which', ['prlimit']).status === 0 ? false : 'prlimit is not installed'

test('no acknowledged write is lost after others have failed', { skip: noLimits }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'full-disk-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const writer = join(import.meta.dirname, 'full-disk-writer.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', writer, dir])
  const { items, groups, failed } = JSON.parse(stdout) as Record<'items' | 'groups' | 'failed', string[]>
  assert.ok(failed!.length > 0, 'nothing failed: there was no limit')
  assert.ok(
    failed!.every((name) => /^Internal(ServerError|Failure) 500$/.test(name)),
    JSON.stringify(failed),
  )
  const last = Number(items!.at(-1))
  assert.equal(last, 199, 'it did not go on')
  const { stdout: found } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    writer,
    dir,
    'read',
  ])
  const there = JSON.parse(found) as { items: string[]; groups: string[] }
  assert.deepEqual(
    items!.filter((id) => !there.items.includes(id)),
    [],
    'items that were acknowledged are gone',
  )
  assert.deepEqual(
    groups!.filter((name) => !there.groups.includes(name)),
    [],
    'log groups that were acknowledged are gone',
  )
  await (await openStore(join(dir, 'store'))).close()
})
