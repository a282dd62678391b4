// The simulated disk: a kill loses nothing, a power cut only what was not synced, and all that it may leave is legal.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { seededRandom } from '../../src/local/random.js'
import { Disk } from './disk.js'

const FILE = '/state/one.json'
const quiet = async () => undefined

/** What is left of the file after power cuts of many kinds. */
async function leftovers(work: (disk: Disk) => Promise<void>): Promise<Set<string | undefined>> {
  const left = new Set<string | undefined>()
  for (let seed = 0; seed < 200; seed++) {
    const disk = new Disk(() => 0)
    await work(disk)
    disk.cut(seededRandom(seed))
    left.add(disk.read(FILE))
  }
  return left
}

describe('after a power cut', () => {
  test('what was synced, with its folder, is there', async () => {
    const left = await leftovers(async (disk) => {
      const files = disk.files(quiet)
      await files.writeFile(FILE, 'new')
      await files.sync(FILE)
      await files.syncFolder('/state')
    })
    assert.deepEqual([...left], ['new'])
  })

  test('what was only written may be whole, torn, empty or gone', async () => {
    const left = await leftovers((disk) => disk.files(quiet).writeFile(FILE, 'abc'))
    assert.deepEqual([...left].sort(), ['', 'a', 'ab', 'abc', undefined])
  })

  test('a rename of a synced file gives the old content or the new, and never half of one', async () => {
    const left = await leftovers(async (disk) => {
      const files = disk.files(quiet)
      disk.put(FILE, 'old')
      await files.writeFile(`${FILE}.tmp`, 'new')
      await files.sync(`${FILE}.tmp`)
      await files.rename(`${FILE}.tmp`, FILE)
      assert.deepEqual(disk.images(FILE), ['old', 'new'])
    })
    assert.deepEqual([...left].sort(), ['new', 'old'])
  })

  test('a rename without a sync may leave nothing of either', async () => {
    const left = await leftovers(async (disk) => {
      const files = disk.files(quiet)
      disk.put(FILE, 'old')
      await files.writeFile(`${FILE}.tmp`, 'new')
      await files.rename(`${FILE}.tmp`, FILE)
      assert.deepEqual(disk.images(FILE), ['old', undefined])
    })
    assert.ok(left.has(''))
  })
})

describe('a disk that fails', () => {
  test('says so as the system does, and keeps what was there', async () => {
    const disk = new Disk(() => 0)
    const files = disk.files(quiet)
    disk.put(FILE, 'old')
    disk.fault = 'full'
    await assert.rejects(files.writeFile(`${FILE}.tmp`, 'new'), { code: 'ENOSPC' })
    disk.fault = 'read-only'
    await assert.rejects(files.rename(`${FILE}.tmp`, FILE), { code: 'EROFS' })
    await assert.rejects(files.writeFile(FILE, 'new'), { code: 'EROFS' })
    disk.fault = 'fsync-fails'
    await assert.rejects(files.sync(FILE), { code: 'EIO' })
    assert.equal(disk.read(FILE), 'old')
  })

  test('names are exclusive where asked for', async () => {
    const files = new Disk(() => 0).files(quiet)
    await files.writeFile(FILE, '1', { exclusive: true })
    await assert.rejects(files.writeFile(FILE, '2', { exclusive: true }), { code: 'EEXIST' })
    await assert.rejects(files.link(FILE, FILE), { code: 'EEXIST' })
    await assert.rejects(files.readFile('/none'), { code: 'ENOENT' })
  })
})
