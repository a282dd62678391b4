// Custom domains and base path mappings over the wire: certificates, states, refusals, and what holds a certificate.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { APIGateway } from '@aws-sdk/client-api-gateway'
import { covers } from '../../../src/local/apigateway/certificate.js'
import {
  deployApi,
  type GatewayCloud,
  IRELAND,
  refused,
  startGatewayCloud,
  VIRGINIA,
} from './gateway-cloud.js'

const DOMAIN = 'api.example.com'
const REGIONAL = { endpointConfiguration: { types: ['REGIONAL' as const] } }

describe('custom domains', () => {
  let cloud: GatewayCloud
  let client: APIGateway
  let certificate: string
  const start = async (profile: 'instant' | 'realistic') => {
    cloud = await startGatewayCloud({ profile })
    client = cloud.client()
    certificate = await cloud.certificates.issue(IRELAND, DOMAIN)
  }
  beforeEach(() => start('instant'))
  afterEach(() => cloud.close())

  const create = (regionalCertificateArn = certificate, domainName = DOMAIN) =>
    client.createDomainName({ domainName, regionalCertificateArn, ...REGIONAL })

  it('is shown as AWS shows it', async () => {
    const made = await client.createDomainName({
      domainName: DOMAIN,
      regionalCertificateArn: certificate,
      securityPolicy: 'TLS_1_2',
      tags: { owner: 'me' },
      ...REGIONAL,
    })
    assert.match(made.regionalDomainName!, /^d-[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com$/)
    assert.equal(made.regionalHostedZoneId, 'ZLY8HYME6SFDD')
    assert.equal(made.regionalCertificateArn, certificate)
    assert.equal(made.securityPolicy, 'TLS_1_2')
    assert.equal(made.domainNameStatus, 'AVAILABLE')
    assert.deepEqual(made.tags, { owner: 'me' })
    assert.deepEqual(made.endpointConfiguration, { types: ['REGIONAL'], ipAddressType: 'ipv4' })
    assert.deepEqual(
      (await client.getDomainNames({})).items!.map(({ domainName }) => domainName),
      [DOMAIN],
    )
    assert.deepEqual((await cloud.client(VIRGINIA).getDomainNames({})).items, [])
  })

  it('is there once in a region', async () => {
    await create()
    await assert.rejects(
      create(),
      refused('BadRequestException', 'The domain name you provided already exists.'),
    )
    const there = await cloud.certificates.issue(VIRGINIA, DOMAIN)
    await cloud
      .client(VIRGINIA)
      .createDomainName({ domainName: DOMAIN, regionalCertificateArn: there, ...REGIONAL })
  })

  it('wants an issued certificate of its region that covers it', async () => {
    const pending = await cloud.certificates.issue(IRELAND, DOMAIN)
    cloud.certificates.set(pending, { status: 'PENDING_VALIDATION', chainPem: '', keyPem: '' })
    const elsewhere = await cloud.certificates.issue(VIRGINIA, DOMAIN)
    const refusals: [string, string | RegExp][] = [
      [pending, `Certificate ${pending} in account 000000000000 not yet issued`],
      [elsewhere, `Invalid certificate ARN: ${elsewhere}. Certificate must be in 'eu-west-1'.`],
      [await cloud.certificates.issue(IRELAND, 'other.example.com'), /does not cover api.example.com/],
      [`arn:aws:acm:${IRELAND}:000000000000:certificate/absent`, /does not exist/],
      ['nonsense', /Invalid certificate ARN/],
    ]
    for (const [arn, message] of refusals) {
      await assert.rejects(create(arn), refused('BadRequestException', message))
    }
    await assert.rejects(
      client.createDomainName({ domainName: DOMAIN, ...REGIONAL }),
      refused('BadRequestException', 'A certificate was not provided for the endpoint type REGIONAL.'),
    )
    await create(await cloud.certificates.issue(IRELAND, 'x.example.com', '*.example.com'))
  })

  it('is covered by a wildcard of one label', () => {
    assert.ok(covers('*.example.com', 'a.example.com'))
    assert.ok(covers('*.example.com', '*.example.com'))
    assert.ok(!covers('*.example.com', 'example.com'))
    assert.ok(!covers('*.example.com', 'a.b.example.com'))
    assert.ok(!covers('a.example.com', 'b.example.com'))
  })

  const REFUSED: [string, object, RegExp][] = [
    ['no endpoint type, which is EDGE', { endpointConfiguration: undefined }, /EDGE/],
    [
      'a certificate for CloudFront',
      { certificateArn: 'arn:x' },
      /Cannot import certificates for EDGE while REGIONAL is active/,
    ],
    [
      'an enhanced policy without an access mode',
      { securityPolicy: 'SecurityPolicy_TLS13_1_2_2021_06' },
      /^Endpoint access mode is required for the specified security policy$/,
    ],
    [
      'an enhanced policy',
      { securityPolicy: 'SecurityPolicy_TLS13_1_2_2021_06', endpointAccessMode: 'STRICT' },
      /does not support the security policy SecurityPolicy_TLS13_1_2_2021_06/,
    ],
    ['an access mode', { endpointAccessMode: 'STRICT' }, /endpointAccessMode/],
    ['mutual TLS', { mutualTlsAuthentication: { truststoreUri: 's3://a/b' } }, /mutualTlsAuthentication/],
    ['routing rules', { routingMode: 'ROUTING_RULE_ONLY' }, /routing rules/],
    ['a name in capitals', { domainName: 'API.example.com' }, /Invalid domain name/],
    ['a name of one label', { domainName: 'localhost' }, /Invalid domain name/],
  ]
  for (const [what, input, message] of REFUSED) {
    it(`refuses ${what}`, async () => {
      const base = { domainName: DOMAIN, regionalCertificateArn: certificate, ...REGIONAL }
      await assert.rejects(
        client.createDomainName({ ...base, ...input }),
        refused('BadRequestException', message),
      )
      assert.deepEqual((await client.getDomainNames({})).items, [])
    })
  }

  it('becomes available some time after it was made, and is updated without an interruption', async () => {
    await cloud.close()
    await start('realistic')
    assert.equal((await create()).domainNameStatus, 'PENDING')
    assert.equal(cloud.service.tlsOf(IRELAND, DOMAIN), undefined)
    cloud.pass(60)
    assert.equal((await client.getDomainName({ domainName: DOMAIN })).domainNameStatus, 'AVAILABLE')
    const second = await cloud.certificates.issue(IRELAND, DOMAIN)
    const update = (value: string) =>
      client.updateDomainName({
        domainName: DOMAIN,
        patchOperations: [{ op: 'replace', path: '/regionalCertificateArn', value }],
      })
    const updating = await update(second)
    assert.equal(updating.domainNameStatus, 'UPDATING')
    assert.equal(updating.regionalCertificateArn, second)
    const presented = () =>
      (cloud.service.tlsOf(IRELAND, DOMAIN) as { certificateArn: string }).certificateArn
    assert.equal(presented(), certificate)
    assert.equal(cloud.service.holdersOf(certificate).length, 1)
    await assert.rejects(
      update(certificate),
      refused('ConflictException', 'There is already an update in progress.'),
    )
    cloud.pass(900)
    assert.equal(presented(), second)
    assert.deepEqual(cloud.service.holdersOf(second), [
      `arn:aws:apigateway:${IRELAND}::/domainnames/${DOMAIN}`,
    ])
  })

  it('changes its policy, and nothing else', async () => {
    await create()
    const patch = (path: string, value: string) =>
      client.updateDomainName({ domainName: DOMAIN, patchOperations: [{ op: 'replace', path, value }] })
    assert.equal((await patch('/securityPolicy', 'TLS_1_0')).securityPolicy, 'TLS_1_0')
    await assert.rejects(
      patch('/securityPolicy', 'SecurityPolicy_TLS13_1_3_2025_09'),
      refused('BadRequestException'),
    )
    await assert.rejects(
      patch('/domainName', 'x'),
      refused('BadRequestException', 'Invalid patch path /domainName'),
    )
    await assert.rejects(
      client.updateDomainName({ domainName: 'no.example.com', patchOperations: [] }),
      refused('NotFoundException', 'Invalid domain name identifier specified'),
    )
  })

  it('holds its certificate until it is deleted', async () => {
    assert.deepEqual(cloud.service.holdersOf(certificate), [])
    await create()
    assert.equal(cloud.service.holdersOf(certificate).length, 1)
    await client.deleteDomainName({ domainName: DOMAIN })
    assert.deepEqual(cloud.service.holdersOf(certificate), [])
    await assert.rejects(client.getDomainName({ domainName: DOMAIN }), refused('NotFoundException'))
  })
})

describe('base path mappings', () => {
  let cloud: GatewayCloud
  let client: APIGateway
  let restApiId: string
  const start = async (profile: 'instant' | 'realistic') => {
    cloud = await startGatewayCloud({ profile })
    client = cloud.client()
    restApiId = await deployApi(client)
    const regionalCertificateArn = await cloud.certificates.issue(IRELAND, DOMAIN)
    await client.createDomainName({ domainName: DOMAIN, regionalCertificateArn, ...REGIONAL })
  }
  beforeEach(() => start('instant'))
  afterEach(() => cloud.close())

  const map = (basePath?: string, stage: string | undefined = 'dev', api = restApiId) =>
    client.createBasePathMapping({ domainName: DOMAIN, restApiId: api, stage, basePath })

  it('writes the empty path as (none)', async () => {
    assert.deepEqual((await map('')).basePath, '(none)')
    const found = await client.getBasePathMapping({ domainName: DOMAIN, basePath: '(none)' })
    assert.equal(found.restApiId, restApiId)
    assert.equal(found.stage, 'dev')
    const { items } = await client.getBasePathMappings({ domainName: DOMAIN })
    assert.deepEqual(
      items!.map(({ basePath }) => basePath),
      ['(none)'],
    )
    await client.deleteBasePathMapping({ domainName: DOMAIN, basePath: '(none)' })
    await assert.rejects(
      client.getBasePathMapping({ domainName: DOMAIN, basePath: '(none)' }),
      refused('NotFoundException', 'Invalid base path mapping identifier specified'),
    )
  })

  it('lets the empty path stand alone, and maps a path once', async () => {
    const alone = refused(
      'ConflictException',
      'Only one base path mapping is allowed if the base path is empty.',
    )
    await map()
    await assert.rejects(map('v1'), alone)
    await assert.rejects(map(), refused('ConflictException', 'Base path already exists for this domain name'))
    await client.updateBasePathMapping({
      domainName: DOMAIN,
      basePath: '(none)',
      patchOperations: [{ op: 'replace', path: '/basePath', value: 'v1' }],
    })
    await map('v2')
    await assert.rejects(map(), alone)
    await assert.rejects(
      client.updateBasePathMapping({
        domainName: DOMAIN,
        basePath: 'v2',
        patchOperations: [{ op: 'replace', path: '/basePath', value: 'v1' }],
      }),
      refused('ConflictException', 'Base path already exists for this domain name'),
    )
    const { items } = await client.getBasePathMappings({ domainName: DOMAIN, limit: 1 })
    assert.deepEqual(
      items!.map(({ basePath }) => basePath),
      ['v1'],
    )
  })

  it('wants a domain, an API and a stage that are there', async () => {
    await assert.rejects(
      map('', 'prod'),
      refused('BadRequestException', 'Invalid stage identifier specified'),
    )
    await assert.rejects(
      map('', 'dev', 'no'),
      refused('BadRequestException', 'Invalid REST API identifier specified'),
    )
    await assert.rejects(map('a/b'), refused('BadRequestException', /doesn't support the slash/))
    await assert.rejects(
      client.createBasePathMapping({ domainName: 'no.example.com', restApiId, stage: 'dev' }),
      refused('NotFoundException', 'Invalid domain name identifier specified'),
    )
  })

  it('moves to another stage', async () => {
    await map()
    await client.createDeployment({ restApiId, stageName: 'next' })
    const patch = (value: string) =>
      client.updateBasePathMapping({
        domainName: DOMAIN,
        basePath: '(none)',
        patchOperations: [{ op: 'replace', path: '/stage', value }],
      })
    assert.equal((await patch('next')).stage, 'next')
    await assert.rejects(patch('none'), refused('BadRequestException', 'Invalid stage identifier specified'))
  })

  it('keeps its API and its stage from being deleted', async () => {
    await map()
    await assert.rejects(
      client.deleteRestApi({ restApiId }),
      refused(
        'BadRequestException',
        `Deleting RestApi ${restApiId} failed. Please remove all base path mappings related to the RestApi in your domains: ${DOMAIN}`,
      ),
    )
    await assert.rejects(
      client.deleteStage({ restApiId, stageName: 'dev' }),
      refused('BadRequestException', /^Deleting stage dev failed/),
    )
    await client.deleteDomainName({ domainName: DOMAIN })
    await client.deleteRestApi({ restApiId })
  })

  it('is refused for some seconds after the domain was made', async () => {
    await cloud.close()
    await start('realistic')
    await assert.rejects(map(), refused('BadRequestException', 'Invalid stage identifier specified'))
    cloud.pass(30)
    await map()
  })
})
