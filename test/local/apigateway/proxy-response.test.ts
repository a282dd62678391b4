// What a function returns, and what becomes of it: the cases that were measured on AWS, and that nothing breaks it.
import assert from 'node:assert/strict'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isBinary, readProxyResponse } from '../../../src/local/apigateway/proxy-response.js'

const TEXT = { binaryMediaTypes: [], accept: undefined }
const read = (output: unknown) => readProxyResponse(JSON.stringify(output), TEXT)

describe('the output of a proxied function', () => {
  const MALFORMED: [string, unknown][] = [
    ['nothing', {}],
    ['null', null],
    ['a text', 'justAString'],
    ['a list', []],
    ['a number', 1],
    ['an unknown member', { statusCode: 200, wrongValue: 'value' }],
    ['a status that is no number', { statusCode: 'test' }],
    ['a status with a fraction', { statusCode: 200.5 }],
    ['a status out of range', { statusCode: 600 }],
    ['an informational status', { statusCode: 101 }],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }],
    ['headers that are a list', { statusCode: 200, headers: [] }],
    ['a header with an object', { statusCode: 200, headers: { a: {} } }],
    ['a multi-value header that is no list', { statusCode: 200, multiValueHeaders: { a: 'value1' } }],
    ['a header name with a blank', { statusCode: 200, headers: { 'a b': '1' } }],
    ['a header value with a line break', { statusCode: 200, headers: { a: '1\r\nb: 2' } }],
    ['a flag that is a text', { statusCode: 200, isBase64Encoded: 'true' }],
  ]
  for (const [what, output] of MALFORMED) {
    it(`is malformed: ${what}`, () => assert.equal(read(output), undefined))
  }

  it('is malformed: no JSON', () => assert.equal(readProxyResponse('{', TEXT), undefined))

  it('needs no member in particular', () => {
    assert.equal(read({ headers: { a: '1' } })!.status, 200)
    assert.equal(read({ body: 'x' })!.body.toString(), 'x')
    assert.deepEqual(read({ statusCode: 204, headers: null, body: null })!.headers, {})
  })

  it('may have its status as a text', () => assert.equal(read({ statusCode: '201' })!.status, 201))

  it('has its headers merged, whatever their case', () => {
    const answer = read({
      statusCode: 200,
      multiValueHeaders: { 'tesT-Multi': ['value-multi'] },
      headers: { 'test-multi': 'value-solo', 'x-bool': true, 'x-number': 1, 'x-null': null },
    })!
    assert.deepEqual(answer.headers, {
      'tesT-Multi': ['value-multi', 'value-solo'],
      'x-bool': ['true'],
      'x-number': ['1'],
    })
  })

  it('does not frame the answer itself', () => {
    const answer = read({
      statusCode: 200,
      headers: { 'Content-Length': '9', 'transfer-encoding': 'chunked', Trailer: 'x', Date: 'x' },
    })!
    assert.deepEqual(Object.keys(answer.headers), ['x-amzn-Remapped-Content-Length', 'x-amzn-Remapped-Date'])
  })

  it('is sent as bytes only to who accepts a binary type first', () => {
    const output = JSON.stringify({
      statusCode: 200,
      body: Buffer.from([1, 2]).toString('base64'),
      isBase64Encoded: true,
    })
    const sent = (binaryMediaTypes: string[], accept?: string) =>
      readProxyResponse(output, { binaryMediaTypes, accept })!.body.toString('latin1')
    assert.equal(sent(['image/png'], 'image/png, text/html'), '\u0001\u0002')
    assert.equal(sent(['image/png'], 'text/html, image/png'), 'AQI=')
    assert.equal(sent([], 'image/png'), 'AQI=')
    assert.equal(sent(['*/*']), '\u0001\u0002')
  })

  it('matches media types without their parameters', () => {
    assert.ok(isBinary(['image/*'], 'IMAGE/png; q=1'))
    assert.ok(!isBinary(['image/*'], 'imagex/png'))
    assert.ok(!isBinary(['image/png'], undefined))
  })

  it('never throws, and what it makes of anything can be sent', () => {
    const member = fc.oneof(fc.jsonValue(), fc.integer({ min: 100, max: 999 }), fc.string())
    const output = fc.record(
      {
        statusCode: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 200, max: 599 }) }, member),
        headers: fc.oneof(fc.dictionary(fc.string(), fc.string()), member),
        multiValueHeaders: fc.oneof(fc.dictionary(fc.string(), fc.array(fc.string())), member),
        body: fc.oneof({ weight: 4, arbitrary: fc.string() }, member),
        isBase64Encoded: fc.oneof({ weight: 4, arbitrary: fc.boolean() }, member),
      },
      { requiredKeys: [] },
    )
    const asJson = output.map((each) => JSON.stringify(each))
    const payload = fc.oneof(fc.string(), fc.json(), { weight: 4, arbitrary: asJson })
    let sendable = 0
    fc.assert(
      fc.property(payload, (each) => {
        const answer = readProxyResponse(each, { binaryMediaTypes: ['*/*'], accept: '*/*' })
        if (!answer) return
        const response = new ServerResponse(new IncomingMessage(new Socket()))
        for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
        response.writeHead(answer.status)
        sendable += 1
      }),
      { numRuns: 2000 },
    )
    assert.ok(sendable > 20, `only ${sendable} of 2000 could be sent`)
  })
})
