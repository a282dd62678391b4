// The health route: what the variable says, and a table that is looked at only when it matters.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { ApiAnswer } from '../../src/handlers/http.js'
import { type FakeTable, startFakeTable } from './fake-table.js'

let table: FakeTable
let health: (event: object) => Promise<ApiAnswer>

before(async () => {
  table = await startFakeTable()
  health = (await import('../../src/handlers/health.js')).handler
})
after(() => table.close())
afterEach(() => {
  table.mood = 'well'
  table.asked.length = 0
  for (const name of ['status', 'SORT_KEY_NAME', 'SORT_KEY_TYPE']) delete process.env[name]
  Object.assign(process.env, { TABLE_NAME: 'MyGlobalTable', KEY_NAME: 'id', KEY_TYPE: 'N' })
})

test('answers 200 after one look at the table', async () => {
  const answer = await health({})
  assert.equal(answer.statusCode, 200)
  assert.deepEqual(JSON.parse(answer.body), { message: 'all done', region: 'eu-west-1' })
  assert.deepEqual(table.asked, [
    { operation: 'GetItem', input: { TableName: 'MyGlobalTable', Key: { id: { N: '-1' } } } },
  ])
})

test('answers another good status of the variable', async () => {
  process.env.status = '204'
  assert.equal((await health({})).statusCode, 204)
})

test('answers a bad status of the variable at once, as a number', async () => {
  process.env.status = '404'
  table.mood = 'silent'
  const answer = await health({})
  assert.equal(answer.statusCode, 404)
  assert.deepEqual(JSON.parse(answer.body), { message: 'told to answer 404', region: 'eu-west-1' })
  assert.equal(table.asked.length, 0)
})

for (const status of ['done', '20', '1000', '200.5', '-200', '0x1f4f']) {
  test(`is not healthy with the status ${status}`, async (t) => {
    t.mock.method(console, 'error', () => undefined)
    process.env.status = status
    assert.equal((await health({})).statusCode, 500)
  })
}

for (const mood of ['broken', 'silent', 'stuck'] as const) {
  test(`answers 503 for a table that is ${mood}`, { timeout: 20_000 }, async (t) => {
    t.mock.method(console, 'error', () => undefined)
    table.mood = mood
    const answer = await health({})
    assert.equal(answer.statusCode, 503)
    assert.deepEqual(JSON.parse(answer.body), { message: 'the table does not answer', region: 'eu-west-1' })
    assert.ok(table.asked.length > 0)
  })
}

test('tries once more when one request is lost', async () => {
  table.mood = 'lossy'
  assert.equal((await health({})).statusCode, 200)
  assert.equal(table.asked.length, 2)
})

test('asks a table with other keys by those', async () => {
  Object.assign(process.env, { KEY_NAME: 'pk', KEY_TYPE: 'S', SORT_KEY_NAME: 'sk', SORT_KEY_TYPE: 'B' })
  assert.equal((await health({})).statusCode, 200)
  assert.deepEqual(table.asked[0]?.input.Key, {
    pk: { S: 'multiregion#health' },
    sk: { B: Buffer.from('multiregion#health').toString('base64') },
  })
})

test('is not healthy without its table', async (t) => {
  t.mock.method(console, 'error', () => undefined)
  delete process.env.TABLE_NAME
  assert.equal((await health({})).statusCode, 503)
})
