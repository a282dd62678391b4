// Custom domain names: made with a certificate, pending, available, updated, deleted.
import assert from 'node:assert/strict'
import { APIGateway, paginateGetDomainNames } from '@aws-sdk/client-api-gateway'
import { request } from '../acm/certificate.js'
import { type TestCloud, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import { answers, gateway, LISTED, REGIONAL, replace } from './api.js'
import { AVAILABLE, availableDomain, certificate, mappedDomain, newDomain, PAUSE, UPDATED } from './domain.js'

const NO_DOMAIN = 'nowhere.example.com'
const UNKNOWN = 'Invalid domain name identifier specified'

const createDomainName: OperationSuite = {
  happy: {
    'a regional domain has a target and the hosted zone of its region': async (cloud) => {
      const made = await newDomain(cloud)
      assert.match(made.regionalDomainName!, /^d-[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com$/)
      assert.equal(made.regionalHostedZoneId, 'ZLY8HYME6SFDD')
      assert.deepEqual([made.securityPolicy, made.endpointConfiguration?.types], ['TLS_1_2', ['REGIONAL']])
      assert.equal(made.distributionDomainName, undefined)
    },
    'the same name may be there once in each region': async (cloud) => {
      const domainName = await availableDomain(cloud)
      const there = cloud.client(APIGateway, VIRGINIA)
      await refused(there.getDomainName({ domainName }), 'NotFoundException', UNKNOWN)
    },
  },
  validation: {
    'a certificate of another region is refused': async (cloud) => {
      const { domainName, certificateArn } = await certificate(cloud)
      const there = cloud.client(APIGateway, VIRGINIA)
      await refused(
        there.createDomainName({
          domainName,
          regionalCertificateArn: certificateArn,
          endpointConfiguration: REGIONAL,
        }),
        'BadRequestException',
        `Invalid certificate ARN: ${certificateArn}. Certificate must be in 'us-east-1'.`,
      )
    },
    'an enhanced security policy needs an endpoint access mode': async (cloud) => {
      const { domainName, certificateArn } = await certificate(cloud)
      await cloud.pass(PAUSE)
      await refused(
        gateway(cloud).createDomainName({
          domainName,
          regionalCertificateArn: certificateArn,
          endpointConfiguration: REGIONAL,
          securityPolicy: 'SecurityPolicy_TLS13_1_2_2021_06',
        }),
        'BadRequestException',
        'Endpoint access mode is required for the specified security policy',
      )
    },
    'a regional domain needs a regional certificate': async (cloud) => {
      await cloud.pass(PAUSE)
      await refused(
        gateway(cloud).createDomainName({ domainName: NO_DOMAIN, endpointConfiguration: REGIONAL }),
        'BadRequestException',
      )
    },
  },
  state: {
    'a certificate that is not issued yet is refused': async (cloud) => {
      const pending = await request(cloud, { DomainName: NO_DOMAIN })
      await cloud.pass(PAUSE)
      await refused(
        gateway(cloud).createDomainName({
          domainName: NO_DOMAIN,
          regionalCertificateArn: pending,
          endpointConfiguration: REGIONAL,
        }),
        'BadRequestException',
        /not yet issued/,
      )
    },
    'a domain that is there already is refused': async (cloud) => {
      const { domainName, certificateArn } = await newDomain(cloud)
      await cloud.pass(PAUSE)
      await refused(
        gateway(cloud).createDomainName({
          domainName,
          regionalCertificateArn: certificateArn,
          endpointConfiguration: REGIONAL,
        }),
        'BadRequestException',
        'The domain name you provided already exists.',
      )
    },
    'it is available after some time, and answers a handshake only then': async (cloud) => {
      const { domainName, domainNameStatus } = await newDomain(cloud)
      assert.notEqual(domainNameStatus, 'AVAILABLE')
      await assert.rejects(answers(cloud, domainName, '/', 403))
      await cloud.pass(AVAILABLE)
      assert.equal((await gateway(cloud).getDomainName({ domainName })).domainNameStatus, 'AVAILABLE')
      await answers(cloud, domainName, '/', 403, '{"message":"Forbidden"}')
    },
    '/ping and /sping at its root are the health check of API Gateway itself': async (cloud) => {
      const { domainName } = await mappedDomain(cloud)
      await answers(cloud, domainName, '/hello', 200, 'hello')
      await answers(cloud, domainName, '/ping', 200, 'Healthy Connection')
      await answers(cloud, domainName, '/sping', 200, 'Healthy Connection')
    },
    'a second one within 30 s is throttled': async (cloud) => {
      const { domainName, certificateArn } = await newDomain(cloud)
      const again = { domainName, regionalCertificateArn: certificateArn }
      await refused(gateway(cloud).createDomainName(again), 'TooManyRequestsException')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { domainName, certificateArn } = await certificate(cloud)
    const made = await aws.run([
      ...['apigateway', 'create-domain-name', '--domain-name', domainName],
      ...['--regional-certificate-arn', certificateArn, '--endpoint-configuration', '{"types":["REGIONAL"]}'],
    ])
    assert.equal((made as { domainName: string }).domainName, domainName)
  },
}

const getDomainName: OperationSuite = {
  happy: {
    'a domain shows its certificate and when that was set': async (cloud) => {
      const { domainName, certificateArn } = await newDomain(cloud)
      const got = await gateway(cloud).getDomainName({ domainName })
      assert.equal(got.regionalCertificateArn, certificateArn)
      assert.ok(got.certificateUploadDate instanceof Date)
    },
  },
  state: {
    'an unknown domain is not found': (cloud) =>
      refused(gateway(cloud).getDomainName({ domainName: NO_DOMAIN }), 'NotFoundException', UNKNOWN),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { domainName } = await newDomain(cloud)
    const got = await aws.run(['apigateway', 'get-domain-name', '--domain-name', domainName])
    assert.equal((got as { domainNameStatus: string }).domainNameStatus, 'AVAILABLE')
  },
}

const namesOf = async (cloud: TestCloud) =>
  (await gateway(cloud).getDomainNames({ limit: 500 })).items?.map(({ domainName }) => domainName)

const getDomainNames: OperationSuite = {
  happy: {
    'domains are listed': async (cloud) => {
      const domainName = await availableDomain(cloud)
      assert.ok((await namesOf(cloud))?.includes(domainName))
    },
  },
  state: {
    'a new domain is listed some seconds later': async (cloud) => {
      const { domainName } = await newDomain(cloud)
      assert.ok(!(await namesOf(cloud))?.includes(domainName))
      await cloud.pass(LISTED)
      assert.ok((await namesOf(cloud))?.includes(domainName))
    },
  },
  pagination: {
    'pages of one hold every domain once': async (cloud) => {
      const made = [await availableDomain(cloud), await availableDomain(cloud)]
      const seen: string[] = []
      for await (const page of paginateGetDomainNames({ client: gateway(cloud) }, { limit: 1 })) {
        assert.ok(page.items!.length <= 1)
        seen.push(...page.items!.map(({ domainName }) => domainName!))
      }
      assert.equal(new Set(seen).size, seen.length)
      assert.ok(made.every((name) => seen.includes(name)))
    },
  },
  cli: async (cloud, aws) => {
    const { domainName } = await newDomain(cloud)
    const { items } = (await aws.run(['apigateway', 'get-domain-names'])) as {
      items: { domainName: string }[]
    }
    assert.ok(items.some((each) => each.domainName === domainName))
  },
}

const updateDomainName: OperationSuite = {
  happy: {
    'a certificate is exchanged, the old one held until then': async (cloud) => {
      const domainName = await availableDomain(cloud)
      const next = await certificate(cloud, domainName)
      await cloud.pass(PAUSE)
      const patchOperations = [replace('/regionalCertificateArn', next.certificateArn)]
      const updating = await gateway(cloud).updateDomainName({ domainName, patchOperations })
      assert.equal(updating.domainNameStatus, 'UPDATING')
      assert.equal(updating.regionalCertificateArn, next.certificateArn)
      await cloud.pass(UPDATED)
      assert.equal((await gateway(cloud).getDomainName({ domainName })).domainNameStatus, 'AVAILABLE')
    },
  },
  validation: {
    'an enhanced security policy needs an endpoint access mode': async (cloud) => {
      const domainName = await availableDomain(cloud)
      await cloud.pass(PAUSE)
      const patchOperations = [replace('/securityPolicy', 'SecurityPolicy_TLS13_1_3_2025_09')]
      await refused(
        gateway(cloud).updateDomainName({ domainName, patchOperations }),
        'BadRequestException',
        'Endpoint access mode is required for the specified security policy',
      )
    },
  },
  state: {
    'a domain that is UPDATING is changed no further, and served as before': async (cloud) => {
      const { domainName } = await mappedDomain(cloud)
      await cloud.pass(PAUSE)
      const update = (policy: string) =>
        gateway(cloud).updateDomainName({ domainName, patchOperations: [replace('/securityPolicy', policy)] })
      await update('TLS_1_0')
      await answers(cloud, domainName, '/hello', 200)
      await cloud.pass(PAUSE)
      await refused(update('TLS_1_2'), 'ConflictException')
      await cloud.pass(UPDATED)
      assert.equal((await update('TLS_1_2')).domainNameStatus, 'UPDATING')
    },
    'an unknown domain is not found': async (cloud) => {
      await cloud.pass(PAUSE)
      const patchOperations = [replace('/securityPolicy', 'TLS_1_2')]
      const call = gateway(cloud).updateDomainName({ domainName: NO_DOMAIN, patchOperations })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const domainName = await availableDomain(cloud)
    const updated = await aws.run([
      ...['apigateway', 'update-domain-name', '--domain-name', domainName],
      ...['--patch-operations', 'op=replace,path=/securityPolicy,value=TLS_1_0'],
    ])
    assert.equal((updated as { securityPolicy: string }).securityPolicy, 'TLS_1_0')
  },
}

const deleteDomainName: OperationSuite = {
  happy: {
    'a domain is gone at once, and its name is free': async (cloud) => {
      const { domainName, certificateArn } = await newDomain(cloud)
      await cloud.pass(AVAILABLE)
      await gateway(cloud).deleteDomainName({ domainName })
      await refused(gateway(cloud).getDomainName({ domainName }), 'NotFoundException', UNKNOWN)
      await assert.rejects(answers(cloud, domainName, '/', 403))
      await cloud.pass(PAUSE)
      await gateway(cloud).createDomainName({
        domainName,
        regionalCertificateArn: certificateArn,
        endpointConfiguration: REGIONAL,
      })
    },
  },
  state: {
    'an unknown domain is not found': async (cloud) => {
      await cloud.pass(PAUSE)
      const call = gateway(cloud).deleteDomainName({ domainName: NO_DOMAIN })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
    'a second deletion within 30 s is throttled': async (cloud) => {
      await cloud.pass(PAUSE)
      await refused(gateway(cloud).deleteDomainName({ domainName: NO_DOMAIN }), 'NotFoundException')
      await refused(gateway(cloud).deleteDomainName({ domainName: NO_DOMAIN }), 'TooManyRequestsException')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { domainName } = await newDomain(cloud)
    await aws.run(['apigateway', 'delete-domain-name', '--domain-name', domainName])
    await assert.rejects(
      aws.run(['apigateway', 'delete-domain-name', '--domain-name', domainName]),
      /\(NotFoundException\)/,
    )
  },
}

export const domainNameCases: ServiceSuite['operations'] = {
  CreateDomainName: createDomainName,
  GetDomainName: getDomainName,
  GetDomainNames: getDomainNames,
  UpdateDomainName: updateDomainName,
  DeleteDomainName: deleteDomainName,
}
