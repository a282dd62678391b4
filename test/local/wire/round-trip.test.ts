// Every operation of the eight services, there and back: what the SDK's client writes is what the wire reads, and
// what the wire answers is what the client reads. Nothing is sent; the values are random and seeded.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NormalizedSchema } from '@smithy/core/schema'
import { seededRandom } from '../../../src/local/random.js'
import { WIRE_CLIENTS, type WireDescriptor, type WireRequest } from '../../../src/local/wire/clients.js'
import type { HttpRequest } from '../../../src/local/wire/codec.js'
import { checkInput } from '../../../src/local/wire/input.js'
import { type OperationSchema, operationsOf } from '../../../src/local/wire/schema.js'
import { openWire } from '../../../src/local/wire/service.js'
import { plain, sample } from './sample.js'

const ROUNDS = 5
const SEED = 7

// Operations of each client in package.json; a new version that adds some makes this fail, and is to be looked at.
const OPERATIONS: Readonly<Record<string, number>> = {
  dynamodb: 62,
  lambda: 88,
  apigateway: 124,
  route53: 74,
  acm: 40,
  iam: 180,
  sts: 11,
  logs: 118,
}

const STREAM = 'a stream: the wire has whole bodies only, and no local service implements this operation'
const PAYLOAD = 'the client sends {} for an absent payload structure, which is then there and empty'

/** What differs, and why that is right. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'InvokeAsync request': STREAM,
  'InvokeWithResponseStream answer': STREAM,
  'GetLogObject answer': STREAM,
  'StartLiveTail answer': STREAM,
  'SendDurableExecutionCallbackFailure request': PAYLOAD,
  'StopDurableExecution request': PAYLOAD,
}

for (const descriptor of WIRE_CLIENTS) {
  test(`round trips of ${descriptor.name}`, async () => {
    const trip = await travel(descriptor)
    const differences: string[] = []
    for (const operation of trip.operations) {
      for (let round = 0; round < ROUNDS; round += 1) {
        differences.push(...(await trip.request(operation)), ...(await trip.answer(operation)))
      }
    }
    assert.deepEqual(differences, [])
    assert.equal(trip.operations.length, OPERATIONS[descriptor.name])
  })
}

async function travel(descriptor: WireDescriptor) {
  const wire = await openWire(descriptor)
  const { module, client } = await descriptor.load()
  const random = seededRandom(SEED)
  const protocol = client.config.protocol
  protocol.setSerdeContext(client.config)
  const endpoint = { protocol: 'http:', hostname: 'x', path: '/', query: {}, headers: {} }
  const context = { ...client.config, endpoint: async () => endpoint }
  const sampleOf = (shape: OperationSchema['input']) => {
    const schema = NormalizedSchema.of(shape)
    return (schema.isUnitSchema() ? {} : sample(schema, random)) as Record<string, unknown>
  }

  async function request(operation: OperationSchema): Promise<string[]> {
    const input = sampleOf(operation.input)
    return compare(`${operation.name} request`, input, async () => {
      const sent = arriving((await protocol.serializeRequest(operation, input, context)) as WireRequest)
      const called = wire.resolve(sent)
      assert.equal(called.operation.name, operation.name)
      const read = await wire.decode(called, sent)
      // Types and required members only: random texts keep no model's patterns.
      checkInput(wire, operation, read, undefined)
      return withoutMadeTokens(read, input, operation)
    })
  }

  async function answer(operation: OperationSchema): Promise<string[]> {
    const output = sampleOf(operation.output)
    return compare(`${operation.name} answer`, output, async () => {
      const { status, headers, body } = await wire.encode({ operation }, output, 'request-id')
      const response = { statusCode: status, headers: { ...headers }, body: bytesOf(body) }
      return (await protocol.deserializeResponse(operation, client.config, response)) as unknown
    })
  }

  return { operations: [...operationsOf(module).values()], request, answer }
}

async function compare(what: string, expected: unknown, actual: () => Promise<unknown>): Promise<string[]> {
  if (EXPLAINED[what]) return []
  try {
    assert.deepEqual(plain((await actual()) ?? {}), plain(expected))
    return []
  } catch (error) {
    return [`${what}: ${(error as Error).message}`]
  }
}

function arriving({ method, path, query, headers, body }: WireRequest): HttpRequest {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) parameters.append(name, one ?? '')
  }
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])
  return {
    method,
    path,
    query: parameters,
    headers: Object.fromEntries(lower),
    body: bytesOf(body),
  }
}

const bytesOf = (body: string | Uint8Array = '') =>
  typeof body === 'string' ? Buffer.from(body) : new Uint8Array(body)

/** The client makes up idempotency tokens that the caller leaves out. */
function withoutMadeTokens(read: Record<string, unknown>, sent: object, operation: OperationSchema) {
  const members = NormalizedSchema.of(operation.input).structIterator()
  const made = [...members].filter(([name, member]) => member.isIdempotencyToken() && !(name in sent))
  const kept = { ...read }
  for (const [name] of made) delete kept[name]
  return kept
}
