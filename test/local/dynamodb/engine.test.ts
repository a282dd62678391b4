// A region's store that does not open, or breaks while it is read: the calls that need it fail, none waits for ever, and
// once the disk is well it serves again.
import assert from 'node:assert/strict'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDynalite } from '../../../src/local/dynamodb/dynalite-engine.js'
import { createEngines, createInput, type Engine } from '../../../src/local/dynamodb/engine.js'
import { EU, tableInput, temporaryDir } from './harness.js'

test('a store that cannot be opened says so, and opens once it can', async (t) => {
  const dataDir = await temporaryDir(t)
  const folder = join(dataDir, 'dynamodb', EU)
  await mkdir(join(folder, 'CURRENT'), { recursive: true })
  const engines = createEngines({ dataDir }, async () => undefined)
  t.after(() => engines.close())
  await assert.rejects(engines.of(EU), { code: 'LEVEL_DATABASE_NOT_OPEN' })
  await assert.rejects(engines.of(EU), { code: 'LEVEL_DATABASE_NOT_OPEN' })
  await rm(join(folder, 'CURRENT'), { recursive: true })
  const engine = await engines.of(EU)
  await engine.call('CreateTable', createInput('Table', tableInput()))
  assert.deepEqual(await engine.tableNames(), ['Table'])
})

test('after a failed write the store is opened anew, and again until that succeeds', async (t) => {
  const dataDir = await temporaryDir(t)
  let isFull = false
  const failure = Object.assign(new Error('No space left on device'), { code: 'LEVEL_IO_ERROR' })
  const openEngine = async (folder: string): Promise<Engine> => {
    if (isFull) throw failure
    const engine = await openDynalite(folder)
    const call: Engine['call'] = (operation, input) =>
      isFull ? Promise.reject(failure) : engine.call(operation, input)
    return { ...engine, call }
  }
  const engines = createEngines({ dataDir }, async () => undefined, openEngine)
  t.after(() => engines.close())
  const write = async (id: string) => {
    const engine = await engines.of(EU)
    await engine.call('PutItem', { TableName: 'Table', Item: { id: { N: id } } })
  }
  await (await engines.of(EU)).call('CreateTable', createInput('Table', tableInput()))
  await write('1')
  isFull = true
  for (const id of ['2', '3', '4']) await assert.rejects(write(id), failure)
  isFull = false
  await write('5')
  const { Count } = await (await engines.of(EU)).call<{ Count: number }>('Scan', { TableName: 'Table' })
  assert.equal(Count, 2)
})
