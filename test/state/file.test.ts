// The state file: what is written comes back, what is damaged is refused with an error of ours, and a save is whole or
// not at all, however many come at once.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { MultiregionError } from '../../src/base/errors.js'
import { Ledger, type StackState } from '../../src/engine/ledger.js'
import { readState, StateFile } from '../../src/state/file.js'
import { anyState, folder, stateFileIn } from './fixture.js'

const backupOf = (file: string) => file.replace(/\.json$/, '.backup.json')
const saved = async (state = anyState()) => {
  const file = stateFileIn(folder())
  await new StateFile(file, state).save(state)
  return file
}
const refused = (work: Promise<unknown>, says: RegExp) =>
  assert.rejects(work, (error) => {
    assert.ok(error instanceof MultiregionError, `not ours: ${error}`)
    // What a newer version wrote is no damage: `state rebuild` makes nothing anew over it.
    assert.equal(error.code, /newer/.test(error.message) ? 'newer-state' : 'state')
    assert.match(error.message, says)
    assert.ok(error.hint.length > 0)
    return true
  })

test('what is saved is read again; the serial rises with every save', async () => {
  const file = stateFileIn(folder())
  assert.equal(await readState(file), undefined)
  const state = anyState()
  const store = new StateFile(file, state)
  await store.save(state)
  assert.deepEqual(await readState(file), { ...state, serial: 1 })
  await store.save(store.read())
  assert.equal((await readState(file))?.serial, 2)
  assert.equal(store.read().serial, 2)
})

test('only the owner can read it, and nothing is left beside it', async () => {
  const file = await saved()
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700)
  assert.deepEqual(readdirSync(path.dirname(file)), ['shop-dev.json'])
})

test('saves of the same moment share one write and all are durable', async () => {
  const file = stateFileIn(folder())
  const ledger = new Ledger(new StateFile(file, anyState()))
  const addresses = Array.from({ length: 50 }, (_, index) => `role/eu-west-1/f${index}`)
  await Promise.all(addresses.map((address) => ledger.created(address, `id of ${address}`)))
  const state = (await readState(file))!
  for (const address of addresses) assert.equal(state.entries[address]?.id, `id of ${address}`)
})

test('a save resolves when its state is on disk, while others save all the time', async () => {
  const file = stateFileIn(folder())
  const ledger = new Ledger(new StateFile(file, anyState()))
  const worker = async (name: string, index: number) => {
    for (let turn = 0; turn < 15; turn++) {
      // Some come while a write is under way, some together.
      await new Promise((later) => setTimeout(later, (turn * 3 + index * 2) % 5))
      const address = `role/eu-west-1/${name}`
      await ledger.created(address, `${turn}`)
      const onDisk = JSON.parse(readFileSync(file, 'utf8')) as StackState
      assert.ok(Number(onDisk.entries[address]?.id) >= turn, `${name} ${turn} is not on disk`)
      // Two saves with nothing in between, as the engine makes them before a create.
      await ledger.lost(address)
      await ledger.intend(address, 'create', {})
    }
  }
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map(worker))
  assert.deepEqual(readdirSync(path.dirname(file)), ['shop-dev.json'])
  assert.ok(await readState(file))
})

test('the state before a run is kept beside it; a damaged one never replaces it', async () => {
  const file = await saved()
  const store = new StateFile(file, (await readState(file))!)
  await store.backup()
  assert.deepEqual(await readState(backupOf(file)), await readState(file))
  await store.save(store.read())
  assert.equal((await readState(backupOf(file)))?.serial, 1)
})

test('so are those of a few runs before it, the newest first; a run that changed nothing ages none', async () => {
  const file = await saved()
  for (let run = 1; run <= 6; run++) {
    const store = new StateFile(file, (await readState(file))!)
    await store.backup()
    await store.backup()
    await store.save(store.read())
  }
  const kept = ['backup', 'backup-2', 'backup-3', 'backup-4']
  const serials = kept.map(async (name) => (await readState(file.replace('.json', `.${name}.json`)))?.serial)
  assert.deepEqual(await Promise.all(serials), [6, 5, 4, 3])
  assert.equal(readdirSync(path.dirname(file)).length, 1 + kept.length)
})

test('a first run has nothing to keep; a removed state leaves nothing', async () => {
  const file = stateFileIn(folder())
  const store = new StateFile(file, anyState())
  await store.backup()
  await store.save(store.read())
  await store.backup()
  await store.remove()
  assert.deepEqual(readdirSync(path.dirname(file)), [])
})

test('who has lost the lock neither writes nor removes what is another’s by now', async () => {
  const file = await saved()
  const lost = new Error('lost')
  const store = new StateFile(file, anyState(), undefined, () => Promise.reject(lost))
  for (const move of [() => store.save(anyState()), () => store.remove(), () => store.leave()])
    await assert.rejects(move, lost)
  assert.equal((await readState(file))?.serial, 1)
})

test('what a killed run was writing goes with the next run; what is not ours stays', async () => {
  const file = await saved()
  const besides = [
    'shop-dev.json.4711.tmp',
    'shop-dev.backup.json.12.tmp',
    'shop-dev.version-1.json.12.tmp',
    'shop-dev.json.mine.tmp',
    'other.json.4711.tmp',
  ]
  for (const name of besides) writeFileSync(path.join(path.dirname(file), name), '{')
  await new StateFile(file, anyState()).tidy()
  assert.deepEqual(readdirSync(path.dirname(file)).sort(), [
    'other.json.4711.tmp',
    'shop-dev.json',
    'shop-dev.json.mine.tmp',
  ])
})

test('a place that cannot be written to is refused before anything counts as saved', async () => {
  const file = stateFileIn(folder())
  writeFileSync(path.dirname(file), 'a file where the folder should be')
  await refused(new StateFile(file, anyState()).save(anyState()), /cannot be written/)
})

test('a save after one that failed is tried again', async () => {
  const file = stateFileIn(folder())
  const inTheWay = `${file}.${process.pid}.tmp`
  mkdirSync(inTheWay, { recursive: true })
  const store = new StateFile(file, anyState())
  await refused(store.save(store.read()), /cannot be written/)
  rmSync(inTheWay, { recursive: true, force: true })
  await store.save(store.read())
  assert.equal((await readState(file))?.serial, 2)
})

describe('what is no state of ours is refused', () => {
  const edited = async (edit: (text: string) => string) => {
    const file = await saved()
    writeFileSync(file, edit(readFileSync(file, 'utf8')))
    return file
  }
  const EDITS: readonly [what: string, edit: (text: string) => string, says: RegExp][] = [
    ['empty', () => '', /not whole JSON/],
    ['torn', (text) => text.slice(0, text.length / 2), /not whole JSON/],
    ['another document', () => '{"name": "shop"}', /shape of a state/],
    ['null', () => 'null', /shape of a state/],
    ['a list', () => '[]', /shape of a state/],
    ['a number', () => '42', /shape of a state/],
    ['no checksum', (text) => text.replace(/"sha256": "[0-9a-f]+"/, '"x": 1'), /shape of a state/],
    ['an edited id', (text) => text.replace('"d2"', '"d3"'), /checksum/],
    ['an edited account', (text) => text.replace('123456789012"', '210987654321"'), /checksum/],
    ['another checksum', (text) => text.replace(/"sha256": "./, '"sha256": "x'), /checksum/],
    ['an unknown action', (text) => text.replace('"create"', '"destroy"'), /shape of a state/],
    ['a newer version', (text) => text.replace('"version": 2', '"version": 3'), /newer multiregion/],
  ]
  for (const [what, edit, says] of EDITS) test(what, async () => refused(readState(await edited(edit)), says))

  test('a folder', async () => {
    const file = stateFileIn(folder())
    mkdirSync(file, { recursive: true })
    await refused(readState(file), /cannot be read/)
  })

  test('a backup is to be put back only if it is of the same stack as what stands', async () => {
    const file = await edited((text) => text.slice(0, 100))
    const hint = async () => ((await readState(file).catch((thrown) => thrown)) as MultiregionError).hint
    assert.match(await hint(), /state rebuild\. Or put a copy of your own back/)
    writeFileSync(backupOf(file), '')
    assert.match(await hint(), /backup\.json back, if its lineage is that of what stands/)
  })

  test('a newer version is not to be replaced by an old backup', async () => {
    const file = await edited((text) => text.replace('"version": 2', '"version": 3'))
    const error = (await readState(file).catch((thrown) => thrown)) as MultiregionError
    assert.doesNotMatch(error.hint, / back\b/)
  })
})

test('whatever happens to the bytes, it is read whole or refused by an error of ours', async () => {
  const file = await saved()
  const good = readFileSync(file)
  const state = await readState(file)
  const flip = fc.record({ at: fc.nat(good.length - 1), to: fc.nat(255) })
  const cut = fc.nat(good.length)
  await fc.assert(
    fc.asyncProperty(fc.array(flip, { maxLength: 4 }), fc.option(cut), async (flips, length) => {
      const bytes = Buffer.from(good)
      for (const { at, to } of flips) bytes[at] = to
      writeFileSync(file, bytes.subarray(0, length ?? bytes.length))
      try {
        assert.deepEqual(await readState(file), state)
      } catch (error) {
        assert.ok(error instanceof MultiregionError, `not ours: ${error}`)
      }
    }),
    { numRuns: 300 },
  )
})
