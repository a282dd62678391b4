// Writing and reading items through the handlers, and everything that a client can get wrong.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import type { ApiAnswer, ApiEvent } from '../../src/handlers/http.js'
import { type FakeTable, startFakeTable } from './fake-table.js'

type Handler = (event: ApiEvent) => Promise<ApiAnswer>
let table: FakeTable
let put: Handler
let get: Handler

before(async () => {
  table = await startFakeTable()
  put = (await import('../../src/handlers/put-item.js')).handler
  get = (await import('../../src/handlers/get-item.js')).handler
})
after(() => table.close())
beforeEach(() => {
  table.mood = 'well'
  table.items.clear()
  table.asked.length = 0
})

const post = (value: unknown) => put({ body: JSON.stringify(value) })
const read = (itemId: string) => get({ pathParameters: { itemId } })
const bodyOf = ({ body }: ApiAnswer) => JSON.parse(body)

describe('an item', () => {
  test('is stored with the region and the time of the write', async () => {
    const before = Date.now()
    const answer = await post({ id: 7, name: 'postman7' })
    assert.equal(answer.statusCode, 201)
    const { updatedAt, ...rest } = bodyOf(answer)
    assert.deepEqual(rest, { id: 7, name: 'postman7', region: 'eu-west-1' })
    assert.equal(new Date(updatedAt).toISOString(), updatedAt)
    assert.ok(Date.parse(updatedAt) >= before)
    assert.deepEqual(table.asked[0], {
      operation: 'PutItem',
      input: {
        TableName: 'MyGlobalTable',
        Item: {
          id: { N: '7' },
          name: { S: 'postman7' },
          region: { S: 'eu-west-1' },
          updatedAt: { S: updatedAt },
        },
      },
    })
  })

  test('comes back as it was answered', async () => {
    const written = await post({ id: 7, name: 'postman7' })
    const answer = await read('7')
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(bodyOf(answer), bodyOf(written))
    assert.deepEqual(answer.headers, {
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'false',
    })
  })

  test('may have its id as digits, its body in base64, and members that are not stored', async () => {
    const body = Buffer.from(JSON.stringify({ id: '-12', name: 'ü', colour: 'red' })).toString('base64')
    const answer = await put({ body, isBase64Encoded: true })
    assert.equal(answer.statusCode, 201)
    assert.deepEqual(Object.keys(bodyOf(answer)), ['id', 'name', 'region', 'updatedAt'])
    assert.equal(bodyOf(await read('-12')).name, 'ü')
  })

  test('of another writer is shown with all its attributes', async () => {
    table.items.set(JSON.stringify({ N: '1' }), {
      id: { N: '1' },
      yes: { BOOL: true },
      nothing: { NULL: true },
      list: { L: [{ N: '1.5' }, { M: { a: { S: 'b' } } }] },
      bytes: { B: 'AQI=' },
      sets: { M: { s: { SS: ['a'] }, n: { NS: ['1', '2'] }, b: { BS: ['AQI='] } } },
    })
    assert.deepEqual(bodyOf(await read('1')), {
      id: 1,
      yes: true,
      nothing: null,
      list: [1.5, { a: 'b' }],
      bytes: 'AQI=',
      sets: { s: ['a'], n: [1, 2], b: ['AQI='] },
    })
  })

  test('that is not there is 404', async () => {
    const answer = await read('8')
    assert.equal(answer.statusCode, 404)
    assert.deepEqual(bodyOf(answer), { message: 'there is no item 8' })
  })
})

describe('POST is refused with', () => {
  const name = 'x'
  const cases: [what: string, event: ApiEvent, message: RegExp][] = [
    ['no body', { body: null }, /body is missing/],
    ['an empty body', { body: '' }, /body is missing/],
    ['bad JSON', { body: '{"id": 7,' }, /not valid JSON/],
    ['bytes that are no text', { body: '/w==', isBase64Encoded: true }, /not valid JSON/],
    ['a list', { body: '[]' }, /must be a JSON object/],
    ['null', { body: 'null' }, /must be a JSON object/],
    ['no id', { body: JSON.stringify({ name }) }, /id is missing/],
    ['a null id', { body: JSON.stringify({ id: null, name }) }, /id must be a whole number/],
    ['a word as id', { body: JSON.stringify({ id: '7up', name }) }, /id must be a whole number/],
    ['an empty id', { body: JSON.stringify({ id: '', name }) }, /id must be a whole number/],
    ['half an id', { body: JSON.stringify({ id: 1.5, name }) }, /id must be a whole number/],
    ['an id beyond JSON', { body: '{"id": 1e999, "name": "x"}' }, /id must be a whole number/],
    [
      'an id beyond exactness',
      { body: JSON.stringify({ id: '9007199254740993', name }) },
      /id must be a whole number/,
    ],
    ['no name', { body: JSON.stringify({ id: 7 }) }, /name is missing/],
    ['an empty name', { body: JSON.stringify({ id: 7, name: '' }) }, /name must be a text/],
    ['a number as name', { body: JSON.stringify({ id: 7, name: 7 }) }, /name must be a text/],
    ['a long name', { body: JSON.stringify({ id: 7, name: 'x'.repeat(1025) }) }, /longer than 1024/],
    ['half a sign', { body: JSON.stringify({ id: 7, name: '\ud800' }) }, /not well-formed/],
    ['a large body', { body: JSON.stringify({ id: 7, name, pad: 'x'.repeat(65536) }) }, /larger than 65536/],
  ]
  for (const [what, event, message] of cases) {
    test(what, async () => {
      const answer = await put(event)
      assert.equal(answer.statusCode, 400)
      assert.match(bodyOf(answer).message, message)
      assert.equal(table.asked.length, 0)
    })
  }
})

describe('GET is refused with', () => {
  for (const itemId of ['seven', '7up', '1.5', ' 7', '+7', '0x7', '', '99999999999999999999']) {
    test(JSON.stringify(itemId), async () => {
      assert.equal((await read(itemId)).statusCode, 400)
      assert.equal(table.asked.length, 0)
    })
  }
  test('no id', async () => assert.equal((await get({})).statusCode, 400))
})

test('an error of the table is 500, logged, and says nothing of our insides', async (t) => {
  const log = t.mock.method(console, 'error', () => undefined)
  table.mood = 'broken'
  for (const answer of [await read('7'), await post({ id: 7, name: 'x' })]) {
    assert.equal(answer.statusCode, 500)
    assert.deepEqual(bodyOf(answer), { message: 'Internal server error' })
  }
  assert.match(String(log.mock.calls[0]?.arguments[0]), /AccessDeniedException/)
})

test('a function without its variables answers 500', async (t) => {
  t.mock.method(console, 'error', () => undefined)
  delete process.env.TABLE_NAME
  try {
    assert.equal((await read('7')).statusCode, 500)
  } finally {
    process.env.TABLE_NAME = 'MyGlobalTable'
  }
})

test('whatever the event, the answer is one that API Gateway takes', async (t) => {
  t.mock.method(console, 'error', () => undefined)
  const event = fc.oneof(
    fc.anything(),
    fc.record(
      {
        body: fc.oneof(
          fc.json(),
          fc.string(),
          fc.anything(),
          fc.record({ id: fc.anything(), name: fc.anything() }),
        ),
        isBase64Encoded: fc.anything(),
        pathParameters: fc.oneof(fc.anything(), fc.record({ itemId: fc.oneof(fc.string(), fc.anything()) })),
      },
      { requiredKeys: [] },
    ),
  )
  await fc.assert(
    fc.asyncProperty(event, async (any) => {
      for (const handler of [put, get]) {
        const answer = await handler(any as ApiEvent)
        assert.ok([200, 201, 400, 404, 500].includes(answer.statusCode))
        assert.equal(typeof JSON.parse(answer.body), 'object')
        assert.equal(answer.headers['access-control-allow-origin'], '*')
      }
    }),
    { numRuns: 200 },
  )
})
