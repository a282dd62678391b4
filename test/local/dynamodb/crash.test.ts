// The process is killed while it writes. Whatever was acknowledged is there afterwards, in both regions alike, and of a
// transaction all or nothing.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { addReplica, createTable, EU, type Harness, open, TABLE, temporaryDir, US, until } from './harness.js'

const WRITER = fileURLToPath(new URL('./killed-writer.ts', import.meta.url))

/** Runs the writer until it has acknowledged that many items, kills it, and gives their numbers. */
async function killAfter(count: number, dir: string, first: number): Promise<number[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', WRITER, dir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line))
    if (acknowledged.length === count) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL', 'the writer ended by itself')
  return acknowledged
}

async function namesById(cloud: Harness, region: string): Promise<Map<number, string>> {
  const { Items } = await cloud.ok(region, 'Scan', { TableName: TABLE })
  const named = Items.map((item: { id: { N: string }; name: { S: string } }) => [
    Number(item.id.N),
    item.name.S,
  ])
  return new Map(named.sort())
}

test('kill -9 at several moments', async (t) => {
  const dir = await temporaryDir(t)
  const before = await open(t, { dir })
  await createTable(before, EU)
  await addReplica(before, EU, US)
  await before.close()
  const acknowledged: number[] = []
  for (const count of [1, 17, 90]) {
    acknowledged.push(...(await killAfter(count, dir, 1 + 1000 * acknowledged.length)))
  }
  assert.ok(acknowledged.length >= 108)

  const after = await open(t, { dir })
  await until('all to be delivered', async () => !after.service.replicationLag().length)
  const [eu, us] = [await namesById(after, EU), await namesById(after, US)]
  assert.deepEqual(us, eu)
  for (const id of acknowledged) assert.ok(eu.has(id), `item ${id} was acknowledged`)
  for (const id of eu.keys()) {
    if (id % 3 === 0) assert.ok(eu.has(-id), `the other half of transaction ${Math.abs(id)}`)
  }
})

test('a crash between a table’s record and its engine leaves a table that is whole, or none', async (t) => {
  const dir = await temporaryDir(t)
  const write = (cloud: Harness) =>
    cloud.ok(EU, 'PutItem', { TableName: TABLE, Item: { id: { N: '1' }, name: { S: 'x' } } })
  const first = await open(t, { dir })
  await createTable(first, EU)
  await write(first)
  await first.close()

  await rm(join(dir, 'dynamodb', EU), { recursive: true })
  const recordOnly = await open(t, { dir })
  assert.equal((await namesById(recordOnly, EU)).size, 0)
  await write(recordOnly)
  recordOnly.world.store.collection('dynamodb.table').delete(`${EU}/${TABLE}`)
  await recordOnly.close()

  const engineOnly = await open(t, { dir })
  assert.equal((await engineOnly.call(EU, 'DescribeTable', { TableName: TABLE })).status, 400)
  await createTable(engineOnly, EU)
  assert.equal((await namesById(engineOnly, EU)).size, 0)
})
