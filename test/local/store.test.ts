// The durable store: what a restart finds, what a kill -9 leaves, and that flushes share their batches.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { ClassicLevel } from 'classic-level'
import { memoryStore, openStore } from '../../src/local/store.js'

describe('the store on disk', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'store-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  test('a restart finds what was set, and not what was deleted', async () => {
    const first = await openStore(dir)
    const tables = first.collection<{ status: string }>('dynamodb.table')
    tables.set('eu-west-1/a', { status: 'CREATING' })
    tables.set('eu-west-1/a', { status: 'ACTIVE' })
    tables.set('eu-west-1/b', { status: 'ACTIVE' })
    await first.flush()
    assert.equal(tables.delete('eu-west-1/b'), true)
    assert.equal(tables.delete('eu-west-1/b'), false)
    first.collection('lambda.function').set('eu-west-1/a', 7)
    await first.close()

    const second = await openStore(dir)
    assert.deepEqual(
      [...second.collection('dynamodb.table').entries()],
      [['eu-west-1/a', { status: 'ACTIVE' }]],
    )
    assert.deepEqual([...second.collection('lambda.function').entries()], [['eu-west-1/a', 7]])
    await second.close()
  })

  test('after a kill -9 everything that was flushed is there', async () => {
    const flushed = await runUntilKilled(dir, FLUSH_FOR_EVER, 50)
    assert.ok(flushed.length >= 50, `only ${flushed.length} flushes before the kill`)
    const store = await openStore(dir)
    const values = store.collection<number>('test.value')
    assert.deepEqual(
      flushed.filter((key) => values.get(key) !== Number(key)),
      [],
    )
    await store.close()
  })

  test('a second process is refused while the first has it open', async () => {
    const store = await openStore(dir)
    await assert.rejects(openStore(dir), { code: 'LEVEL_DATABASE_NOT_OPEN' })
    await store.close()
  })

  test('callers who flush at once share their batches', async (t) => {
    const batch = t.mock.method(ClassicLevel.prototype, 'batch')
    const store = await openStore(dir)
    const values = store.collection('test.value')
    const set = (key: string) => {
      values.set(key, 1)
      return store.flush()
    }
    await Promise.all(Array.from({ length: 100 }, (_, index) => set(String(index))))
    assert.ok(batch.mock.callCount() <= 2, `${batch.mock.callCount()} batches`)
    await store.flush()
    assert.ok(batch.mock.callCount() <= 2, 'a flush without changes writes nothing')
    await store.close()
    const again = await openStore(dir)
    assert.equal(again.collection('test.value').size, 100)
    await again.close()
  })

  test('a batch that fails is told to its callers, and written by the next flush', async (t) => {
    const batch = t.mock.method(ClassicLevel.prototype, 'batch')
    const store = await openStore(dir)
    const values = store.collection('test.value')
    batch.mock.mockImplementationOnce((() => Promise.reject(new Error('no space left'))) as never)
    values.set('a', 1)
    await assert.rejects(store.flush(), /no space left/)
    values.set('b', 2)
    await store.flush()
    await store.close()
    const again = await openStore(dir)
    assert.deepEqual(
      [...again.collection('test.value').entries()],
      [
        ['a', 1],
        ['b', 2],
      ],
    )
    await again.close()
  })

  test('what nobody flushes is on disk soon', async () => {
    await runUntilKilled(
      dir,
      "values.set('a', 1); setInterval(() => process.stdout.write('waited\\n'), 1000)",
      1,
    )
    const store = await openStore(dir)
    assert.equal(store.collection('test.value').get('a'), 1)
    await store.close()
  })
})

describe('a collection', () => {
  test('gives copies: a change is kept only when it is set', () => {
    const things = memoryStore().collection<{ tags: string[] }>('test.thing')
    const mine = { tags: ['a'] }
    things.set('x', mine)
    mine.tags.push('b')
    things.get('x')?.tags.push('c')
    assert.deepEqual(things.get('x'), { tags: ['a'] })
  })

  test('reads what a restart would read', () => {
    const things = memoryStore().collection<unknown>('test.thing')
    things.set('x', { absent: undefined, at: new Date(0) })
    assert.deepEqual(things.get('x'), { at: '1970-01-01T00:00:00.000Z' })
    assert.throws(() => things.set('y', undefined), /test\.thing\/y: undefined is no JSON value/)
  })

  test('may be changed while it is iterated', () => {
    const things = memoryStore().collection<number>('test.thing')
    for (const key of ['a', 'b']) things.set(key, 1)
    for (const key of things.keys()) {
      things.delete(key)
      things.set(`${key}2`, 2)
    }
    assert.deepEqual(
      [...things.entries()],
      [
        ['a2', 2],
        ['b2', 2],
      ],
    )
    assert.deepEqual([...things.values()], [2, 2])
    assert.equal(things.size, 2)
  })

  test('is the same one under the same name, and apart from others', () => {
    const store = memoryStore()
    store.collection('a').set('k', 1)
    assert.equal(store.collection('a').get('k'), 1)
    assert.equal(store.collection('b').has('k'), false)
  })
})

const FLUSH_FOR_EVER = `
  for (let count = 0; ; count += 1) {
    values.set(String(count), count)
    await store.flush()
    process.stdout.write(count + '\\n')
  }`

/** Runs that work on the collection `values` of a store, killed after so many lines of output; these lines. */
function runUntilKilled(dir: string, work: string, lines: number): Promise<string[]> {
  const program = `
    import { openStore } from '${new URL('../../src/local/store.ts', import.meta.url).href}'
    const store = await openStore(process.argv[1])
    const values = store.collection('test.value')
    ${work}`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, dir])
  return new Promise((resolve, reject) => {
    let output = ''
    // What stands after the last line's end was cut by the kill.
    const whole = () => output.split('\n').slice(0, -1)
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (whole().length >= lines) child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk))
    child.on('error', reject)
    child.on('close', () => resolve(whole()))
  })
}
