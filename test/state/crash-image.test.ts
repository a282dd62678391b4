// Every disk that a crash may leave of a run's saves holds a whole state: the last that was promised, or a later one; and
// the next run can take the lock. A save that forgets one of its syncs is caught.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Files } from '../../src/base/files.js'
import { machine, type World } from '../../src/base/world.js'
import { Ledger, type StackState } from '../../src/engine/ledger.js'
import { readState, replaceFile, StateFile } from '../../src/state/file.js'
import { acquireLock } from '../../src/state/lock.js'
import { crashImages, type Image, Recorder } from './crash-image.js'
import { anyState } from './fixture.js'

const FILE = '/project/.multiregion/shop-dev.json'
/** What is kept of former states. */
const BESIDE = /\.(backup|version)(-\d+)?\.json$/

const worldOn = (files: Files): World => ({
  ...machine,
  files,
  processes: { self: machine.processes.self, isGone: () => true, isRunning: () => false },
})

interface Recording {
  readonly operations: Recorder['operations']
  /** Every state that was saved, by serial. */
  readonly saved: ReadonlyMap<number, StackState>
}

/**
 * A first run, a second one with its backup, and a state that is made anew; `plant` puts a bug into the disk's use. `older` is
 * what an older version has left.
 */
async function record(plant: (files: Files) => Files = (files) => files, older?: string): Promise<Recording> {
  const recorder = new Recorder()
  const world = worldOn(plant(recorder.files()))
  if (older !== undefined) await replaceFile(FILE, older, world)
  const saved = new Map<number, StackState>()
  const save = async (store: StateFile, work: (ledger: Ledger) => Promise<unknown>) => {
    await work(new Ledger(store, world))
    saved.set(store.read().serial, store.read())
    recorder.promise(store.read().serial)
  }
  const run = async (works: readonly ((ledger: Ledger) => Promise<unknown>)[]) => {
    const lock = await acquireLock(FILE, 'multiregion up', world)
    const store = new StateFile(FILE, (await readState(FILE, world)) ?? anyState(), world)
    await store.tidy()
    await store.backup()
    for (const work of works) await save(store, work)
    await lock.release()
  }
  const table = 'table/eu-west-1'
  await run([
    (ledger) => ledger.intend(table, 'create', { tableName: 'Items' }),
    (ledger) => ledger.created(table, 'Items'),
  ])
  await run([
    (ledger) => Promise.all([ledger.lost(table), ledger.intend(table, 'create', { tableName: 'Items' })]),
    (ledger) => ledger.created(table, 'Items'),
  ])
  const rebuilt = new StateFile(FILE, (await readState(FILE, world))!, world)
  await rebuilt.setAside()
  await save(rebuilt, (ledger) => ledger.forget(table))
  return { operations: recorder.operations, saved }
}

const isLock = (file: string) => file.includes('.lock')

/** The next machine, with that on its disk. */
async function worldAfter({ files }: Image): Promise<World> {
  const disk = new Recorder().files()
  for (const [file, text] of files) await disk.writeFile(file, text)
  return worldOn(disk)
}

/** What is wrong with the lock of an image; undefined where the next run can take it. */
async function lockFault(image: Image): Promise<string | undefined> {
  try {
    await (await acquireLock(FILE, 'multiregion up', await worldAfter(image))).release()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** What is wrong with the state of an image; undefined where the next run finds all that was promised. */
async function stateFault(image: Image, saved: Recording['saved']): Promise<string | undefined> {
  const { files, promised } = image
  const world = await worldAfter(image)
  try {
    const state = await readState(FILE, world)
    if (!state) return promised > 0 ? `serial ${promised} was promised, and there is no state` : undefined
    if (state.serial < promised) return `serial ${promised} was promised, and ${state.serial} is there`
    // A later save may have taken several with it, of which only the last is whole.
    const whole = saved.get(state.serial)
    if (whole) assert.deepEqual(state, JSON.parse(JSON.stringify(whole)))
    for (const file of files.keys()) if (BESIDE.test(file)) await readState(file, world)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

async function faults(recording: Recording): Promise<{ images: number; faults: unknown[] }> {
  const { operations, saved } = recording
  const found = new Set<string | undefined>()
  let images = 0
  for (const image of crashImages(operations, isLock)) {
    images++
    found.add(await lockFault(image))
  }
  for (const image of crashImages(operations, (file) => !isLock(file))) {
    images++
    found.add(await stateFault(image, saved))
  }
  found.delete(undefined)
  return { images, faults: [...found] }
}

test('every legal image of every crash loads, and none has less than was promised', async (t) => {
  const { images, faults: found } = await faults(await record())
  assert.deepEqual(found, [])
  assert.ok(images > 50, `${images} images are too few to prove anything`)
  t.diagnostic(`${images} images`)
})

test('and so does every one while a state of an older version is led to this one', async () => {
  const older = readFileSync(path.join(import.meta.dirname, 'golden/version-1.json'), 'utf8')
  const recording = await record(undefined, older)
  const { images, faults: found } = await faults(recording)
  assert.deepEqual(found, [])
  assert.ok(images > 50, `${images} images are too few to prove anything`)
  const world = await worldAfter([...crashImages(recording.operations, (file) => !isLock(file))].at(-1)!)
  assert.equal(await world.files.readFile(FILE.replace('.json', '.version-1.json')), older)
})

const PLANTED: Readonly<Record<string, (files: Files) => Files>> = {
  'the file is not synced': (files) => ({ ...files, sync: async () => undefined }),
  'the folder is not synced': (files) => ({ ...files, syncFolder: async () => undefined }),
  'it is renamed before it is synced'(files) {
    const late = new Set<string>()
    return {
      ...files,
      sync: async (file) => void late.add(file),
      async rename(file, other) {
        await files.rename(file, other)
        if (late.delete(file)) await files.sync(other)
      },
    }
  },
  'it is written in place'(files) {
    return {
      ...files,
      async rename(file, other) {
        await files.writeFile(other, await files.readFile(file))
        await files.sync(other)
        await files.remove(file)
      },
    }
  },
}

for (const [what, plant] of Object.entries(PLANTED))
  test(`a planted bug is caught: ${what}`, async () => {
    assert.notDeepEqual((await faults(await record(plant))).faults, [])
  })
