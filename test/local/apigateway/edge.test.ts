// The edge: who is let in by server name, where regions stand after a restart, and the plain door for browsers.
import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { connect, type PeerCertificate, type SecureVersion } from 'node:tls'
import { clientSubnetOf } from '../../../src/local/apigateway/edge.js'
import { memoryStore } from '../../../src/local/store.js'
import {
  deployApi,
  edgePort,
  type GatewayCloud,
  IRELAND,
  startGatewayCloud,
  VIRGINIA,
} from './gateway-cloud.js'

const DOMAIN = 'api.example.com'
const REGIONAL = { endpointConfiguration: { types: ['REGIONAL' as const] } }

/** The names of the certificate that is presented, or the error of the handshake. */
function handshake(
  cloud: GatewayCloud,
  region: string,
  servername?: string,
  maxVersion: SecureVersion = 'TLSv1.3',
) {
  const place = cloud.edge.places.list().find((each) => each.region === region)!
  return new Promise<string>((resolve) => {
    const socket = connect(
      {
        host: place.address,
        port: place.httpsPort,
        maxVersion,
        minVersion: 'TLSv1',
        ca: cloud.authority.caPem,
        ...(servername && { servername }),
        checkServerIdentity: () => undefined,
      },
      () => {
        const { subjectaltname } = socket.getPeerCertificate() as PeerCertificate
        resolve(`${subjectaltname} ${socket.getProtocol()}`)
        socket.destroy()
      },
    )
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

/** A custom domain that is mapped to an API in a region, both made here. */
async function serveDomain(cloud: GatewayCloud, region: string): Promise<string> {
  const client = cloud.client(region)
  const restApiId = await deployApi(client)
  const regionalCertificateArn = await cloud.certificates.issue(region, DOMAIN)
  const { regionalDomainName } = await client.createDomainName({
    domainName: DOMAIN,
    regionalCertificateArn,
    ...REGIONAL,
  })
  await client.createBasePathMapping({ domainName: DOMAIN, restApiId, stage: 'dev' })
  return regionalDomainName!
}

describe('the edge of a region', () => {
  let cloud: GatewayCloud
  beforeEach(async () => {
    cloud = await startGatewayCloud()
  })
  afterEach(() => cloud.close())

  it('presents the certificate of the name that is asked for', async () => {
    await serveDomain(cloud, IRELAND)
    assert.equal(await handshake(cloud, IRELAND, DOMAIN), `DNS:${DOMAIN} TLSv1.3`)
    assert.equal(
      await handshake(cloud, IRELAND, `any.execute-api.${IRELAND}.amazonaws.com`),
      `DNS:*.execute-api.${IRELAND}.amazonaws.com TLSv1.3`,
    )
  })

  it('refuses any other name, and none, by an alert', async () => {
    await serveDomain(cloud, IRELAND)
    await cloud.edge.ensure(VIRGINIA)
    const strangers = [
      'other.example.com',
      undefined,
      `any.execute-api.${VIRGINIA}.amazonaws.com`,
      `a.b.execute-api.${IRELAND}.amazonaws.com`,
    ]
    for (const name of strangers) {
      assert.match(await handshake(cloud, IRELAND, name), /UNRECOGNIZED_NAME/, String(name))
    }
    // The domain is of the other region only.
    assert.match(await handshake(cloud, VIRGINIA, DOMAIN), /UNRECOGNIZED_NAME/)
  })

  it('speaks TLS 1.2 and 1.3', async () => {
    const name = `any.execute-api.${IRELAND}.amazonaws.com`
    await cloud.edge.ensure(IRELAND)
    assert.match(await handshake(cloud, IRELAND, name, 'TLSv1.2'), /TLSv1\.2$/)
    assert.doesNotMatch(await handshake(cloud, IRELAND, name, 'TLSv1.1'), /TLSv1/)
  })

  it('serves no domain before it is available', async () => {
    await cloud.close()
    cloud = await startGatewayCloud({ profile: 'realistic' })
    const regionalCertificateArn = await cloud.certificates.issue(IRELAND, DOMAIN)
    await cloud.client().createDomainName({ domainName: DOMAIN, regionalCertificateArn, ...REGIONAL })
    assert.match(await handshake(cloud, IRELAND, DOMAIN), /UNRECOGNIZED_NAME/)
    cloud.pass(60)
    assert.equal(await handshake(cloud, IRELAND, DOMAIN), `DNS:${DOMAIN} TLSv1.3`)
  })

  it('cuts off who speaks no TLS', async () => {
    await cloud.edge.ensure(IRELAND)
    const [place] = cloud.edge.places.list()
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = []
      const socket = connectTcp({ host: place!.address, port: place!.httpsPort }, () =>
        socket.write('GET / HTTP/1.1\r\n\r\n'),
      )
      socket.on('data', (chunk) => chunks.push(chunk))
      socket.on('error', reject)
      socket.on('close', () => resolve(Buffer.concat(chunks)))
    })
    assert.deepEqual([...answer], [21, 3, 1, 0, 2, 2, 112])
  })

  it('presents a renewed certificate under the same ARN', async () => {
    await serveDomain(cloud, IRELAND)
    await handshake(cloud, IRELAND, DOMAIN)
    const { chainPem, keyPem } = await cloud.authority.issue([DOMAIN, 'renewed.example.com'])
    const { certificateArn } = cloud.service.tlsOf(IRELAND, DOMAIN) as { certificateArn: string }
    cloud.certificates.set(certificateArn, { chainPem, keyPem })
    assert.match(await handshake(cloud, IRELAND, DOMAIN), /renewed\.example\.com/)
  })
})

describe('the places of regions', () => {
  it('are the same after a restart, where the port is free', async () => {
    const store = memoryStore()
    const first = await startGatewayCloud({ store })
    // Both at once: neither takes the other's number.
    await Promise.all([first.edge.ensure(IRELAND), first.edge.ensure(VIRGINIA), first.edge.ensure(IRELAND)])
    const before = first.edge.places.list()
    const { edgeUrl } = first.edge
    await first.close()
    const second = await startGatewayCloud({ store })
    assert.deepEqual(second.edge.places.list(), before)
    assert.equal(second.edge.edgeUrl, edgeUrl)
    const third = await startGatewayCloud({ store })
    assert.deepEqual(
      third.edge.places.list().map(({ address }) => address),
      before.map(({ address }) => address),
    )
    assert.notDeepEqual(third.edge.places.list(), before)
    assert.notEqual(third.edge.edgeUrl, edgeUrl)
    await Promise.all([second.close(), third.close()])
    assert.deepEqual(
      before.map(({ region, clientSubnet }) => [region, clientSubnet]),
      [
        [IRELAND, '192.0.2.0/28'],
        [VIRGINIA, '198.51.100.0/28'],
      ],
    )
  })

  it('have client subnets that do not overlap', () => {
    const subnets = Array.from({ length: 48 }, (_, index) => clientSubnetOf(index))
    assert.equal(new Set(subnets).size, 48)
    assert.equal(subnets[2], '203.0.113.0/28')
    assert.equal(subnets[47], '203.0.113.240/28')
  })

  it('are found by AWS host names while these exist', async () => {
    const cloud = await startGatewayCloud()
    const target = await serveDomain(cloud, IRELAND)
    const { items } = await cloud.client().getRestApis({})
    const apiHost = `${items![0]!.id}.execute-api.${IRELAND}.amazonaws.com`
    assert.equal(cloud.edge.places.placeOfHost(target)?.region, IRELAND)
    assert.equal(cloud.edge.places.placeOfHost(`${apiHost.toUpperCase()}.`)?.region, IRELAND)
    for (const host of [
      `no.execute-api.${IRELAND}.amazonaws.com`,
      target.replace(IRELAND, VIRGINIA),
      DOMAIN,
    ]) {
      assert.equal(cloud.edge.places.placeOfHost(host), undefined, host)
    }
    await cloud.client().deleteDomainName({ domainName: DOMAIN })
    assert.equal(cloud.edge.places.placeOfHost(target), undefined)
    await cloud.close()
  })
})

describe('the edge port', () => {
  let cloud: GatewayCloud
  let targets: Record<string, string>
  beforeEach(async () => {
    cloud = await startGatewayCloud()
    targets = { [IRELAND]: await serveDomain(cloud, IRELAND), [VIRGINIA]: await serveDomain(cloud, VIRGINIA) }
    cloud.publicName = DOMAIN
    // Each client gets the region of its own subnet.
    cloud.dns = {
      resolve: (name, type, clientIp) => {
        if (name !== DOMAIN || type !== 'A') return []
        const place = cloud.edge.places.list().find(({ clientSubnet }) => clientSubnet.startsWith(clientIp!))!
        return [
          { name, type: 'CNAME', data: targets[place.region]! },
          { name: targets[place.region]!, type: 'A', data: place.address },
        ]
      },
    }
  })
  afterEach(() => cloud.close())
  const ask = (headers: Record<string, string> = {}, path = '/health') =>
    edgePort(cloud.edge.edgeUrl, path, headers)

  it('is a client near the region that the header names, by default the first', async () => {
    assert.equal((await ask()).headers['x-served-by-region'], IRELAND)
    const far = await ask({ 'x-client-location': VIRGINIA }, '/item/7?x=1')
    assert.equal(far.status, 200)
    assert.equal(far.headers['x-served-by-region'], VIRGINIA)
    const event = JSON.parse(far.body)
    assert.equal(event.path, '/item/7')
    assert.deepEqual(event.queryStringParameters, { x: '1' })
    assert.equal(event.headers.Host, DOMAIN)
    assert.equal(event.headers['x-client-location'], undefined)
  })

  it('passes bodies on', async () => {
    const { status, body } = await edgePort(cloud.edge.edgeUrl, '/item', {}, '{"id":7}')
    assert.equal(status, 200)
    assert.equal(JSON.parse(body).body, '{"id":7}')
  })

  it('goes by the Host where DNS knows it', async () => {
    cloud.publicName = undefined
    assert.equal((await ask({ host: `${DOMAIN}:8080` })).status, 200)
    const unknown = await ask({ host: 'other.example.com' })
    assert.equal(unknown.status, 503)
    assert.match(JSON.parse(unknown.body).message, /No domain is configured/)
  })

  it('goes by the address where that is of one region', async () => {
    const [, virginia] = cloud.edge.places.list()
    cloud.dns = { resolve: (name) => [{ name, type: 'A', data: virginia!.address }] }
    assert.equal((await ask()).headers['x-served-by-region'], VIRGINIA)
  })

  it('answers clearly where it cannot go on', async () => {
    const wrong = await ask({ 'x-client-location': 'eu-west-9' })
    assert.equal(wrong.status, 400)
    assert.match(
      JSON.parse(wrong.body).message,
      /eu-west-9 is no region of this cloud \(eu-west-1, us-east-1\)/,
    )
    const { dns } = cloud
    cloud.dns = { resolve: () => [] }
    const silent = await ask()
    assert.equal(silent.status, 503)
    assert.match(
      JSON.parse(silent.body).message,
      /no answer for api.example.com \(to a client near eu-west-1\)/,
    )
    cloud.dns = { resolve: (name) => [{ name, type: 'A', data: '192.0.2.77' }] }
    assert.equal((await ask()).status, 503)
    cloud.dns = dns
    const wrongCertificate = await cloud.certificates.issue(IRELAND, 'wrong.example.com')
    const { certificateArn } = cloud.service.tlsOf(IRELAND, DOMAIN) as { certificateArn: string }
    const { chainPem, keyPem } = cloud.certificates.find(wrongCertificate)!
    cloud.certificates.set(certificateArn, { chainPem, keyPem })
    const untrusted = await ask()
    assert.equal(untrusted.status, 502)
    assert.match(JSON.parse(untrusted.body).message, /eu-west-1 does not answer for api.example.com/)
  })
})
