// A damaged log of a store is told from one that a kill has torn: each byte flipped is found, each end cut off is none.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { refuseDamage } from '../../../src/local/data-check.js'
import { findDamage } from '../../../src/local/leveldb-log.js'
import { seededRandom } from '../../../src/local/random.js'
import { openStore } from '../../../src/local/store.js'

async function dataDirOf(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'damage-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** The log that so many entries leave, as a kill would find it. */
async function logOf(t: TestContext, entries: number, bytes: number): Promise<Buffer> {
  const dir = await dataDirOf(t)
  const store = await openStore(join(dir, 'store'))
  t.after(() => store.close())
  for (let n = 0; n < entries; n++) {
    store.collection('things').set(String(n), 'x'.repeat(bytes))
    await store.flush()
  }
  const name = readdirSync(join(dir, 'store')).find((one) => one.endsWith('.log'))!
  return readFileSync(join(dir, 'store', name))
}

test('a whole log is whole, and so is one cut off anywhere', async (t) => {
  for (const log of [await logOf(t, 20, 30), await logOf(t, 5, 40_000)]) {
    assert.equal(findDamage(log), undefined)
    const step = Math.ceil(log.length / 400)
    for (let end = 0; end < log.length; end += step)
      assert.equal(findDamage(log.subarray(0, end)), undefined, `cut at ${end} of ${log.length}`)
    assert.equal(findDamage(Buffer.concat([log, Buffer.alloc(5000)])), undefined, 'zeros of a power cut')
  }
})

test('any flipped byte is found', async (t) => {
  const random = seededRandom(5)
  for (const log of [await logOf(t, 20, 30), await logOf(t, 5, 40_000)])
    for (let turn = 0; turn < 300; turn++) {
      const at = log.length < 2000 ? turn % log.length : Math.floor(random() * log.length)
      // The last bytes of a block may be too few for a record: nobody reads them.
      if (32_768 - (at % 32_768) < 7) continue
      const flipped = Buffer.from(log)
      flipped[at]! ^= 1 + Math.floor(random() * 255)
      assert.notEqual(findDamage(flipped), undefined, `byte ${at} of ${log.length}`)
    }
})

test('the file is named, and stays as it is', async (t) => {
  const dir = await dataDirOf(t)
  const log = await logOf(t, 3, 30)
  for (const folder of ['store', 'dynamodb/eu-west-1']) {
    mkdirSync(join(dir, folder), { recursive: true })
    writeFileSync(join(dir, folder, '000003.log'), log)
    writeFileSync(join(dir, folder, 'CURRENT'), 'MANIFEST-000002\n')
  }
  refuseDamage(dir, true)
  const file = join(dir, 'dynamodb/eu-west-1/000003.log')
  writeFileSync(file, Buffer.from(log).fill(7, 20, 60))
  assert.throws(() => refuseDamage(dir, true), {
    code: 'local-data-damaged',
    message: /dynamodb\/eu-west-1\/000003\.log is damaged: the record at byte 0 is not as it was written/,
  })
  cpSync(join(dir, 'store/000003.log'), file)
  rmSync(join(dir, 'store'), { recursive: true })
  assert.throws(() => refuseDamage(dir, true), { message: /store is damaged: it is missing/ })
  refuseDamage(dir, false)
})
