// Random HTTP events, as API Gateway hands them on and as it never would, for the shipped handlers on a table that is
// well or broken: each answer is one that API Gateway takes, says nothing of our insides, and nothing is half stored.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ApiAnswer, ApiEvent } from '../../src/handlers/http.js'
import { type FakeTable, startFakeTable } from '../handlers/fake-table.js'
import { hostileText } from './text.js'

type Handler = (event: ApiEvent) => Promise<ApiAnswer>

/** Runs that many; throws fast-check's report of the first that is treated wrongly. */
export async function randomEvents(parameters: fc.Parameters<unknown>): Promise<void> {
  const table = await startFakeTable()
  const handlers = {
    put: (await import('../../src/handlers/put-item.js')).handler,
    get: (await import('../../src/handlers/get-item.js')).handler,
    health: (await import('../../src/handlers/health.js')).handler as Handler,
  }
  const log = console.error
  console.error = () => undefined
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('put', 'get', 'health'),
        event,
        isBroken,
        async (name, one, broken) => {
          table.mood = broken ? 'broken' : 'well'
          await treat(name, handlers[name], one, table)
        },
      ),
      parameters as fc.Parameters<['put' | 'get' | 'health', unknown, boolean]>,
    )
  } finally {
    console.error = log
    table.close()
  }
}

const STATUSES = { put: [201, 400], get: [200, 400, 404], health: [200] } as const
const BROKEN = { put: [400, 500], get: [400, 500], health: [503] } as const

async function treat(name: keyof typeof STATUSES, handler: Handler, event: unknown, table: FakeTable) {
  table.items.clear()
  const answer = await handler(event as ApiEvent)
  const statuses: readonly number[] = table.mood === 'well' ? STATUSES[name] : BROKEN[name]
  assert.ok(statuses.includes(answer.statusCode), `${answer.statusCode} ${answer.body}`)
  const said = JSON.parse(answer.body)
  assert.equal(typeof said, 'object')
  if (answer.statusCode >= 400) assert.equal(typeof said.message, 'string')
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.doesNotMatch(answer.body, /\n\s+at |node_modules|arn:aws|AccessDenied|TypeError/)
  const stored = [...table.items.values()]
  assert.equal(stored.length, answer.statusCode === 201 ? 1 : 0)
  for (const item of stored) {
    assert.deepEqual(Object.keys(item), ['id', 'name', 'region', 'updatedAt'])
    assert.equal(item.id!.N, String(said.id))
    assert.equal(item.name!.S, said.name)
  }
  table.asked.length = 0
}

const isBroken = fc.nat(9).map((number) => number === 0)
const id = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.maxSafeInteger().map(String),
  hostileText,
  fc.anything(),
)
const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 1200 }), hostileText, fc.anything())
const item = fc.record({ id, name, extra: fc.jsonValue() }, { requiredKeys: [] })
const body = fc.oneof(
  { weight: 6, arbitrary: item.map(json) },
  fc.json(),
  fc.anything(),
  hostileText,
  fc.constant(null),
  fc.nat(200).map((levels) => `${'{"id":'.repeat(levels)}1${'}'.repeat(levels)}`),
)

/** What JSON cannot say is left out of it. */
function json(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? Number(member) : member)) ??
      'null'
    )
  } catch {
    return '{}'
  }
}

const dictionary = fc.oneof(fc.dictionary(hostileText, hostileText), fc.constant(null), fc.anything())
const proxyEvent = fc.record(
  {
    resource: fc.constantFrom('/item', '/item/{itemId}', '/health'),
    path: hostileText,
    httpMethod: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'get', ''),
    headers: dictionary,
    multiValueHeaders: dictionary,
    queryStringParameters: dictionary,
    pathParameters: fc.oneof(fc.record({ itemId: id }), dictionary),
    stageVariables: dictionary,
    requestContext: fc.oneof(fc.record({ stage: fc.constant('dev'), identity: dictionary }), fc.anything()),
    body,
    isBase64Encoded: fc.oneof(fc.boolean(), fc.anything()),
  },
  { requiredKeys: [] },
)
const encoded = proxyEvent.map((one) => ({
  ...one,
  body: Buffer.from(String(json(one.body))).toString('base64'),
  isBase64Encoded: true,
}))
const event = fc.oneof({ weight: 6, arbitrary: proxyEvent }, encoded, fc.anything())
