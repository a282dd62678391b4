// The wire of a service by itself: operations that do not exist, bodies that cannot be read, and limits of length.
import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { before, describe, test } from 'node:test'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import type { HttpRequest } from '../../../src/local/wire/codec.js'
import { AwsError } from '../../../src/local/wire/errors.js'
import { readRequest } from '../../../src/local/wire/http.js'
import { openWire, type ServiceWire } from '../../../src/local/wire/service.js'

const request = (given: Partial<Omit<HttpRequest, 'body'>> & { body?: string }): HttpRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers: {},
  ...given,
  body: Buffer.from(given.body ?? ''),
})

/** The error of what is thrown, as one line. */
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    assert.ok(error instanceof AwsError, String(error))
    return `${error.status} ${error.code}: ${error.message}`
  }
  return assert.fail('not refused')
}

describe('the wire of a service', () => {
  const wires = new Map<string, ServiceWire>()
  before(async () => {
    for (const descriptor of WIRE_CLIENTS) wires.set(descriptor.name, await openWire(descriptor))
  })
  const wire = (name: string) => wires.get(name)!
  const refused = (name: string, given: HttpRequest) => refusal(() => wire(name).resolve(given))
  const decode = (name: string, given: HttpRequest) => wire(name).decode(wire(name).resolve(given), given)

  test('an operation that AWS does not have', async () => {
    const target = (value: string) => request({ headers: { 'x-amz-target': value } })
    assert.match(
      await refused('acm', target('CertificateManager.Nothing')),
      /^400 UnknownOperationException: /,
    )
    assert.match(await refused('acm', target('Logs_20140328.ListTags')), /^400 UnknownOperationException: /)
    assert.match(await refused('acm', request({})), /^400 UnknownOperationException: /)
    assert.equal(
      await refused('iam', request({ body: 'Action=Nothing&Version=2010-05-08' })),
      '400 InvalidAction: Could not find operation Nothing for version 2010-05-08',
    )
    assert.equal(
      await refused('iam', request({ body: 'Action=GetRole&Version=2001-01-01' })),
      '400 InvalidAction: Could not find operation GetRole for version 2001-01-01',
    )
    assert.match(await refused('iam', request({})), /^400 MissingAction: /)
    assert.match(await refused('lambda', request({ path: '/nowhere' })), /^404 UnknownOperationException: /)
    assert.equal(
      await refused('apigateway', request({ path: '/nowhere' })),
      '403 MissingAuthenticationTokenException: Missing Authentication Token',
    )
  })

  test('a query of the URI pattern decides between operations of one path', () => {
    const named = (search: string) =>
      wire('apigateway').resolve(request({ path: '/restapis', query: new URLSearchParams(search) })).operation
        .name
    assert.equal(named(''), 'CreateRestApi')
    assert.equal(named('mode=import'), 'ImportRestApi')
    assert.equal(named('mode=import&failonwarnings=true'), 'ImportRestApi')
  })

  test('a body that cannot be read', async () => {
    const headers = { 'x-amz-target': 'CertificateManager.ListCertificates' }
    assert.match(
      await refusal(() => decode('acm', request({ headers, body: '{"a":' }))),
      /^400 SerializationException: /,
    )
    const path = '/2015-03-31/functions'
    assert.match(
      await refusal(() => decode('lambda', request({ path, body: '{"a":' }))),
      /^400 InvalidRequestContentException: Could not parse request body into json: /,
    )
    assert.match(
      await refusal(() => decode('apigateway', request({ path: '/restapis', body: '{"a":' }))),
      /^400 BadRequestException: /,
    )
    assert.match(
      await refusal(() => decode('route53', request({ path: '/2013-04-01/hostedzone', body: '<a><b></a>' }))),
      /^400 MalformedInput: /,
    )
  })

  test('a form whose parameters have another structure than the operation', async () => {
    const role = (parameters: string) =>
      refusal(() => decode('iam', request({ body: `Action=CreateRole&Version=2010-05-08&${parameters}` })))
    assert.match(await role('Tags=a'), /^400 MalformedInput: .* Tags /)
    assert.match(await role('Tags.member.one.Key=a'), /^400 MalformedInput: .* Tags\.one /)
    assert.match(await role('RoleName=a&RoleName.b=c'), /^400 MalformedInput: .* RoleName\.b /)
    assert.match(await role('RoleName.b=c'), /^400 MalformedInput: .* RoleName /)
  })

  test('a form names nothing that is not an own parameter', async () => {
    const body = 'Action=CreateRole&Version=2010-05-08&__proto__.x=1&constructor.prototype.y=2&RoleName=r'
    assert.deepEqual(await decode('iam', request({ body })), { RoleName: 'r' })
    assert.equal(({} as { x?: string }).x, undefined)
  })

  test('the items of a form come in the order of their numbers', async () => {
    const tags = [10, 9, 1].map((at) => `Tags.member.${at}.Key=k${at}&Tags.member.${at}.Value=v`).join('&')
    const body = `Action=CreateRole&Version=2010-05-08&${tags}`
    const { Tags } = (await decode('iam', request({ body }))) as { Tags: { Key: string }[] }
    assert.deepEqual(
      Tags.map(({ Key }) => Key),
      ['k1', 'k9', 'k10'],
    )
  })
})

test('a body over the limit is dropped, and read to its end', async () => {
  const incoming = (chunks: string[]) =>
    Object.assign(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), {
      url: '/a%2Fb?c=d',
      method: 'PUT',
      headers: { host: 'h' },
    }) as unknown as IncomingMessage
  const whole = await readRequest(incoming(['12345', '67890']), 10)
  assert.equal(whole.complete, true)
  assert.equal(Buffer.from(whole.request.body).toString(), '1234567890')
  assert.deepEqual([whole.request.path, whole.request.query.get('c')], ['/a%2Fb', 'd'])
  const tooLong = incoming(['12345', '67890', '1'])
  const dropped = await readRequest(tooLong, 10)
  assert.deepEqual([dropped.complete, dropped.request.body.length, tooLong.readableEnded], [false, 0, true])
})
