// The clients against a server that answers as told: how often a call is sent, what is told of it, what is made of errors.
import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { ListCertificatesCommand } from '@aws-sdk/client-acm'
import {
  CreateDeploymentCommand,
  CreateRestApiCommand,
  GetRestApisCommand,
} from '@aws-sdk/client-api-gateway'
import { GetFunctionCommand } from '@aws-sdk/client-lambda'
import {
  CreateTrafficPolicyCommand,
  CreateTrafficPolicyVersionCommand,
  ListHealthChecksCommand,
} from '@aws-sdk/client-route-53'
import type { SdkError } from '@smithy/types'
import { clientsFor, isMutating } from '../../src/aws/clients.js'
import { callOf, kindOf } from '../../src/aws/errors.js'
import { retriesOn } from '../../src/aws/retry.js'
import { clockAt } from '../../src/base/clock.js'
import type { Event } from '../../src/base/events.js'

type Answer = 'reset' | { status: number; type?: string; error?: string; body?: string }
type Call = Extract<Event, { type: 'aws.call' }>

let answers: Answer[] = []
let requests = 0
let calls: Call[] = []

const server = http.createServer((request, response) => {
  requests++
  const answer = answers.length > 1 ? answers.shift()! : answers[0]!
  request.resume()
  request.on('end', () => {
    if (answer === 'reset') return request.socket.destroy()
    const { status, type = 'application/json', error, body = '{}' } = answer
    response
      .writeHead(status, { 'content-type': type, ...(error && { 'x-amzn-errortype': error }) })
      .end(body)
  })
})
let clients: ReturnType<typeof clientsFor>
before(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  clients = clientsFor({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
    // The paces are tested in pace.test.ts; here they only take time.
    clock: clockAt(10_000),
    emit: (event) => calls.push(event as Call),
  })
})
after(() => {
  server.close()
  server.closeAllConnections()
})
beforeEach(() => {
  requests = 0
  calls = []
})

const west = () => clients('eu-west-1')
const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => assert.fail('the call succeeded'),
    (error: Error) => error,
  )

test('one event tells of a call: service, operation, region, attempts', async () => {
  answers = [{ status: 200, body: '{"item":[]}' }]
  await west().apigateway.send(new GetRestApisCommand({}))
  assert.equal(calls.length, 1)
  const { ms, ...told } = calls[0]!
  assert.deepEqual(told, {
    ...{ type: 'aws.call', service: 'apigateway', operation: 'GetRestApis', region: 'eu-west-1' },
    ...{ mutating: false, attempts: 1 },
  })
  assert.ok(ms >= 0)
})

test('a throttle is tried again, and is one event with two attempts', async () => {
  answers = [
    { status: 429, error: 'TooManyRequestsException', body: '{"message":"slow down"}' },
    { status: 200, body: '{"item":[]}' },
  ]
  await west().apigateway.send(new GetRestApisCommand({}))
  assert.equal(requests, 2)
  assert.equal(calls.length, 1)
  assert.equal(calls[0]!.attempts, 2)
  assert.equal(calls[0]!.error, undefined)
})

test('an error keeps its call: name, region, status, request id', async () => {
  answers = [{ status: 404, error: 'ResourceNotFoundException', body: '{"Message":"no such function"}' }]
  const error = await failure(west().lambda.send(new GetFunctionCommand({ FunctionName: 'f' })))
  assert.equal(requests, 1)
  assert.equal(kindOf(error), 'absent')
  const { requestId: _none, ...call } = callOf(error)!
  assert.deepEqual(call, {
    ...{ service: 'lambda', operation: 'GetFunction', region: 'eu-west-1', status: 404 },
    ...{ code: 'ResourceNotFoundException', message: 'no such function' },
  })
  assert.equal(calls[0]!.error, 'ResourceNotFoundException')
  assert.equal(calls[0]!.attempts, 1)
})

describe('what takes no token is sent once', () => {
  const once = {
    CreateRestApi: () => west().apigateway.send(new CreateRestApiCommand({ name: 'n' })),
    CreateDeployment: () => west().apigateway.send(new CreateDeploymentCommand({ restApiId: 'a' })),
    CreateTrafficPolicy: () =>
      west().route53.send(new CreateTrafficPolicyCommand({ Name: 'n', Document: '{}' })),
    CreateTrafficPolicyVersion: () =>
      west().route53.send(new CreateTrafficPolicyVersionCommand({ Id: 'i', Document: '{}' })),
  }
  for (const [name, send] of Object.entries(once)) {
    for (const answer of ['reset', { status: 500 }, { status: 503 }] as const)
      test(`${name} after ${answer === 'reset' ? 'a reset' : answer.status}`, async () => {
        answers = [answer]
        const error = await failure(send())
        assert.equal(requests, 1)
        assert.equal(kindOf(error), 'lost-answer')
        assert.equal(callOf(error)?.operation, name)
        assert.equal(calls.length, 1)
      })
  }

  test('but a throttle of it is tried again, as it did nothing', async () => {
    answers = [
      { status: 429, error: 'TooManyRequestsException', body: '{"message":"slow down"}' },
      { status: 201, body: '{"id":"api1"}' },
    ]
    const { id } = (await once.CreateRestApi()) as { id?: string }
    assert.equal(id, 'api1')
    assert.equal(requests, 2)
  })
})

test('an idempotent call is tried again after a 5xx and a reset', async () => {
  answers = [{ status: 500 }, 'reset', { status: 200, body: '{"CertificateSummaryList":[]}' }]
  await west().acm.send(new ListCertificatesCommand({}))
  assert.equal(requests, 3)
  assert.equal(calls[0]!.attempts, 3)
})

test('the page of a proxy that is down is no answer of AWS, in JSON and in XML services', async () => {
  answers = [{ status: 502, type: 'text/html', body: '<html>Bad Gateway</html>' }]
  assert.equal(
    kindOf(await failure(west().lambda.send(new GetFunctionCommand({ FunctionName: 'f' })))),
    'unavailable',
  )
  assert.equal(kindOf(await failure(west().route53.send(new ListHealthChecksCommand({})))), 'unavailable')
})

test('a closed port is no answer, and is told by its code', async () => {
  const closed = clientsFor({
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
    clock: clockAt(10_000),
    emit: (event) => calls.push(event as Call),
  })
  const error = await failure(closed('eu-west-1').acm.send(new ListCertificatesCommand({})))
  assert.equal(kindOf(error), 'unavailable')
  assert.equal(callOf(error)?.code, 'ECONNREFUSED')
  assert.equal(calls[0]!.attempts, 4)
})

test('a region that did not answer a whole call keeps the next ones waiting once, until it answers', async () => {
  const places = new Set<string>()
  const world = { clock: clockAt(10_000), random: () => 0, date: () => new Date() }
  const hung = Object.assign(new Error('late') as SdkError, { name: 'TimeoutError', code: 'ETIMEDOUT' })
  const reset = Object.assign(new Error('cut') as SdkError, { name: 'TimeoutError', code: 'ECONNRESET' })
  const triesAt = async (service: string, region: string, error: SdkError) => {
    const strategy = retriesOn(world, 8, { places, service, region })
    let token = await strategy.acquireInitialRetryToken('')
    for (let tries = 1; ; tries++)
      try {
        token = await strategy.refreshRetryTokenForRetry(token, { error, errorType: 'TRANSIENT' })
      } catch {
        return tries
      }
  }
  assert.equal(await triesAt('acm', 'us-west-2', hung), 2)
  assert.equal(await triesAt('lambda', 'us-west-2', hung), 1)
  assert.equal(await triesAt('lambda', 'us-west-2', reset), 4, 'a cut connection costs no time')
  assert.equal(await triesAt('lambda', 'ca-central-1', hung), 2)
  retriesOn(world, 8, { places, service: 'lambda', region: 'us-west-2' }).recordSuccess(
    await retriesOn(world).acquireInitialRetryToken(''),
  )
  assert.equal(await triesAt('lambda', 'us-west-2', hung), 2)
  assert.equal(await triesAt('acm', 'us-west-2', hung), 1)
})

test('an endpoint that does not know an operation is unsupported, not down', async () => {
  answers = [{ status: 501, body: '{"message":"The API action GetFunction is not yet implemented"}' }]
  assert.equal(
    kindOf(await failure(west().lambda.send(new GetFunctionCommand({ FunctionName: 'f' })))),
    'unsupported',
  )
})

test('clients are made once; Route 53 and IAM are the same in all regions', () => {
  assert.equal(west().acm, clients('eu-west-1').acm)
  assert.notEqual(west().acm, clients('us-east-1').acm)
  assert.equal(west().route53, clients('us-east-1').route53)
  assert.equal(west().iam, clients('ap-south-1').iam)
})

test('reads and writes are told apart by the operation', () => {
  for (const read of ['GetFunction', 'ListTagsForResource', 'DescribeTable', 'TestDNSAnswer', 'BatchGetItem'])
    assert.equal(isMutating(read), false, read)
  for (const write of [
    'CreateTable',
    'PutRestApi',
    'UpdateTable',
    'DeleteItem',
    'AddPermission',
    'TagResource',
  ])
    assert.equal(isMutating(write), true, write)
})

test('what is answered with 5xx is tried more often than what is not answered, and by `once` not again', async () => {
  const list = (client = west()) => client.acm.send(new ListCertificatesCommand({}))
  const calm = { status: 200, body: '{"CertificateSummaryList":[]}' }
  answers = [...Array(7).fill({ status: 503 }), calm]
  await list()
  assert.equal(requests, 8)
  answers = [...Array(4).fill('reset'), calm]
  assert.equal(kindOf(await failure(list())), 'unavailable')
  answers = [{ status: 503 }, calm]
  requests = 0
  assert.equal(kindOf(await failure(list(clients('eu-west-1', true)))), 'unavailable')
  assert.equal(requests, 1)
})
