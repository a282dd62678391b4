// A state of every version that was ever written is read, and means what it meant: one golden file each, as that version
// wrote it. What an older one wrote is kept beside the state for as long as the stack stands.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { MultiregionError } from '../../src/base/errors.js'
import { sealed } from '../../src/state/document.js'
import { readState, StateFile } from '../../src/state/file.js'
import { migrated, VERSION } from '../../src/state/version.js'
import { anyState, folder, stateFileIn } from './fixture.js'

const GOLDEN = path.join(import.meta.dirname, 'golden')
const textOf = (version: number) => readFileSync(path.join(GOLDEN, `version-${version}.json`), 'utf8')
const VERSIONS = Array.from({ length: VERSION }, (_, index) => index + 1)
const LINEAGE = 'b6a3b0a4-5a0b-4c1e-9a53-0d3f5c1d2e4f'

/** What all of them say, and the config's hash, which no version before the second noted. */
const meant = (version: number) => ({
  ...anyState(),
  lineage: LINEAGE,
  serial: 41,
  configHash: version < 2 ? '' : 'c0ffee',
})

function put(text: string): string {
  const file = stateFileIn(folder())
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

test('there is a golden file of every version', () => {
  assert.deepEqual(
    readdirSync(GOLDEN).sort(),
    VERSIONS.map((version) => `version-${version}.json`),
  )
})

test('the newest is written as its golden file says', () => {
  assert.equal(sealed(meant(VERSION)), textOf(VERSION))
})

for (const version of VERSIONS)
  describe(`version ${version}`, () => {
    test('is read, and means what it meant', async () => {
      assert.deepEqual(await readState(put(textOf(version))), meant(version))
    })

    test('is refused where it was changed by hand', async () => {
      const file = put(textOf(version).replace('"d2"', '"d3"'))
      await assert.rejects(
        readState(file),
        (error) => error instanceof MultiregionError && /checksum/.test(error.message),
      )
    })

    test('is kept beside the state by the first run that writes, until the stack is gone', async () => {
      const file = put(textOf(version))
      const store = new StateFile(file, (await readState(file))!)
      await store.backup()
      await store.save(store.read())
      await store.backup()
      assert.equal((await readState(file))?.serial, 42)
      const names = readdirSync(path.dirname(file)).sort()
      const kept = version < VERSION ? [`shop-dev.version-${version}.json`] : []
      assert.deepEqual(names, ['shop-dev.backup-2.json', 'shop-dev.backup.json', 'shop-dev.json', ...kept])
      for (const name of kept)
        assert.equal(readFileSync(path.join(path.dirname(file), name), 'utf8'), textOf(version))
      await store.remove()
      assert.deepEqual(readdirSync(path.dirname(file)), [])
    })
  })

test('a migration changes nothing of what it is given, and none is made of what has no version', () => {
  const before = JSON.parse(textOf(1))
  const copy = structuredClone(before)
  assert.equal(migrated(before).version, VERSION)
  assert.deepEqual(before, copy)
  for (const odd of [{}, { version: 0 }, { version: '1' }, { version: 1.5 }, { version: VERSION + 1 }])
    assert.equal(migrated(odd), odd)
})
