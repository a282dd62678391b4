// One probe against a real endpoint: what a health checker sends, and how it reports what it got.
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { HealthCheckConfig } from '@aws-sdk/client-route-53'
import { Prober } from '../../../src/local/route53/prober.js'
import { startEndpoint, type TestEndpoint } from './endpoint.js'

const HOST = 'abc.execute-api.eu-west-1.amazonaws.com'
const HTTPS: HealthCheckConfig = {
  Type: 'HTTPS',
  FullyQualifiedDomainName: HOST,
  Port: 443,
  ResourcePath: '/dev/health',
  EnableSNI: true,
}
const prober = new Prober()
const probe = (
  config: HealthCheckConfig,
  port: number,
  signal = new AbortController().signal,
  id = 'check',
) => prober.probe(id, config, { address: '127.0.0.1', port, resolved: '192.0.2.1' }, signal)

describe('HTTPS', () => {
  let endpoint: TestEndpoint
  before(async () => {
    endpoint = await startEndpoint('https')
  })
  beforeEach(() => {
    endpoint.answer = { status: 200 }
    endpoint.seen.length = 0
  })
  after(() => endpoint.close())

  test('sends host, SNI, path and its own name, by TLS 1.2; an untrusted certificate is fine', async () => {
    assert.deepEqual(await probe(HTTPS, endpoint.port), {
      success: true,
      status: 'Success: HTTP Status Code 200, OK',
    })
    const [seen] = endpoint.seen
    assert.equal(seen!.path, '/dev/health')
    assert.equal(seen!.host, HOST)
    assert.equal(seen!.sni, HOST)
    assert.equal(seen!.tls, 'TLSv1.2')
    assert.match(seen!.userAgent, /^Amazon-Route53-Health-Check-Service \(ref check; /)
  })

  test('the port is named when it is not 443; without SNI none is sent; the path gets its slash', async () => {
    await probe({ ...HTTPS, Port: 8443, EnableSNI: false, ResourcePath: 'health?a=b' }, endpoint.port)
    const [seen] = endpoint.seen
    assert.equal(seen!.host, `${HOST}:8443`)
    assert.equal(seen!.sni, false)
    assert.equal(seen!.path, '/health?a=b')
  })

  test('the TLS session is used again', async () => {
    await probe(HTTPS, endpoint.port, undefined, 'again')
    await probe(HTTPS, endpoint.port, undefined, 'again')
    assert.deepEqual(
      endpoint.seen.map(({ resumed }) => resumed),
      [false, true],
    )
  })

  for (const [status, success, text] of [
    [204, true, 'Success: HTTP Status Code 204, No Content'],
    [302, true, 'Success: HTTP Status Code 302, Found'],
    [404, false, 'Failure: HTTP Status Code 404, Not Found. Resolved IP: 192.0.2.1'],
    [503, false, 'Failure: HTTP Status Code 503, Service Unavailable. Resolved IP: 192.0.2.1'],
  ] as const) {
    test(`${status} is ${success ? 'healthy' : 'unhealthy'}`, async () => {
      endpoint.answer = { status, headers: { location: 'https://elsewhere.example/' } }
      assert.deepEqual(await probe(HTTPS, endpoint.port), { success, status: text })
    })
  }

  for (const [what, body, success] of [
    ['in the beginning', 'all is well', true],
    ['in other capitals', 'all is Well', false],
    ['nowhere', 'nothing', false],
    ['wholly within 5,120 bytes', `${'x'.repeat(5116)}well`, true],
    ['half beyond 5,120 bytes', `${'x'.repeat(5117)}well`, false],
  ] as const) {
    test(`a string match ${what}`, async () => {
      endpoint.answer = { status: 200, body }
      const result = await probe({ ...HTTPS, Type: 'HTTPS_STR_MATCH', SearchString: 'well' }, endpoint.port)
      assert.equal(result.success, success, result.status)
    })
  }

  test('a matching body does not help a failing status', async () => {
    endpoint.answer = { status: 500, body: 'well' }
    const result = await probe({ ...HTTPS, Type: 'HTTPS_STR_MATCH', SearchString: 'well' }, endpoint.port)
    assert.equal(result.success, false)
  })

  test('no answer within two seconds', async () => {
    endpoint.answer = 'hang'
    assert.deepEqual(await probe(HTTPS, endpoint.port), {
      success: false,
      status:
        'Failure: The endpoint did not respond with an HTTP status code within the timeout limit. Resolved IP: 192.0.2.1',
    })
  })

  test('an abort ends the probe', async () => {
    endpoint.answer = 'hang'
    const stop = new AbortController()
    const result = probe(HTTPS, endpoint.port, stop.signal)
    stop.abort()
    assert.equal((await result).success, false)
    assert.equal((await probe(HTTPS, endpoint.port, stop.signal)).success, false)
  })
})

test('an endpoint that speaks only TLS 1.3 is unhealthy', async () => {
  const endpoint = await startEndpoint('https', { minVersion: 'TLSv1.3' })
  assert.deepEqual(await probe(HTTPS, endpoint.port), {
    success: false,
    status: 'Failure: SSL alert protocol_version. Resolved IP: 192.0.2.1',
  })
  await endpoint.close()
})

test('an endpoint that knows no such name is unhealthy', async () => {
  const endpoint = await startEndpoint('https', { SNICallback: (_, done) => done(new Error('unknown name')) })
  const { success, status } = await probe(HTTPS, endpoint.port)
  assert.equal(success, false)
  assert.match(status, /^Failure: .*Resolved IP: 192\.0\.2\.1$/)
  await endpoint.close()
})

test('HTTP, TCP, and a port where nobody listens', async () => {
  const endpoint = await startEndpoint('http')
  const http: HealthCheckConfig = { Type: 'HTTP', FullyQualifiedDomainName: HOST, Port: 80 }
  const tcp: HealthCheckConfig = { Type: 'TCP', FullyQualifiedDomainName: HOST, Port: 80 }
  assert.equal((await probe(http, endpoint.port)).success, true)
  assert.equal(endpoint.seen[0]!.host, HOST)
  assert.deepEqual(await probe(tcp, endpoint.port), {
    success: true,
    status: 'Success: TCP connection established.',
  })
  await endpoint.close()
  for (const config of [http, tcp]) {
    assert.deepEqual(await probe(config, endpoint.port), {
      success: false,
      status: 'Failure: Connection refused. Resolved IP: 192.0.2.1',
    })
  }
})

test('an answer that is no HTTP', async () => {
  const server = createServer((socket) => socket.resume().end('220 mail.example.com ESMTP\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { success, status } = await probe({ Type: 'HTTP', FullyQualifiedDomainName: HOST, Port: 80 }, port)
  assert.equal(success, false)
  assert.match(status, /not valid HTTP/)
  await new Promise((resolve) => server.close(resolve))
})
