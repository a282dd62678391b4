// RequestCertificate and DeleteCertificate: how certificates come and go.
import assert from 'node:assert/strict'
import { ACM } from '@aws-sdk/client-acm'
import { APIGateway } from '@aws-sdk/client-api-gateway'
import { ACCOUNT, IRELAND, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import {
  DESCRIBABLE,
  describe,
  freshDomain,
  IN_USE_AFTER_DOMAIN,
  issued,
  LISTED,
  NAMED,
  NOWHERE,
  recordsOf,
  request,
} from './certificate.js'

const names = (count: number) => Array.from({ length: count }, (_, at) => `n${at}.example.com`)

export const requestCertificate: OperationSuite = {
  happy: {
    'a request is answered with an ARN of its region and account': async (cloud) => {
      assert.match(
        await request(cloud),
        new RegExp(`^arn:aws:acm:${IRELAND}:${ACCOUNT}:certificate/[0-9a-f-]{36}$`),
      )
      assert.match(await request(cloud, {}, VIRGINIA), /^arn:aws:acm:us-east-1:/)
    },
    'the first name is repeated among ten names': async (cloud) => {
      const [DomainName, ...SubjectAlternativeNames] = names(10)
      const arn = await request(cloud, { DomainName: DomainName!, SubjectAlternativeNames })
      await cloud.pass(DESCRIBABLE)
      assert.deepEqual((await describe(cloud, arn)).SubjectAlternativeNames?.sort(), names(10))
    },
  },
  validation: {
    'an eleventh name exceeds the quota': (cloud) =>
      refused(
        request(cloud, { SubjectAlternativeNames: names(10) }),
        'LimitExceededException',
        'Certificate has too many domains.',
      ),
    'the first name has at most 64 characters': (cloud) =>
      refused(request(cloud, { DomainName: `${'a'.repeat(53)}.example.com` }), 'InvalidParameterException'),
    'a further name may be longer': (cloud) =>
      request(cloud, { SubjectAlternativeNames: [`${'a'.repeat(60)}.example.com`] }),
    'algorithms for imported keys are refused': (cloud) =>
      refused(request(cloud, { KeyAlgorithm: 'RSA_4096' }), 'InvalidParameterException'),
    'tag keys do not begin with aws:': (cloud) =>
      refused(request(cloud, { Tags: [{ Key: 'aws:mine', Value: '' }] }), 'InvalidTagException'),
  },
  state: {
    'a repeat without a token makes another certificate': async (cloud) => {
      const DomainName = freshDomain()
      assert.notEqual(await request(cloud, { DomainName }), await request(cloud, { DomainName }))
    },
    'a token gives the same certificate for an hour, whatever else differs': async (cloud) => {
      const IdempotencyToken = 'same_for_an_hour'
      const arn = await request(cloud, { IdempotencyToken })
      assert.equal(await request(cloud, { IdempotencyToken, KeyAlgorithm: 'EC_prime256v1' }), arn)
      await cloud.pass(3600)
      assert.notEqual(await request(cloud, { IdempotencyToken }), arn)
    },
    'a token may give a certificate that was deleted': async (cloud) => {
      const IdempotencyToken = 'deleted_meanwhile'
      const arn = await request(cloud, { IdempotencyToken })
      await cloud.client(ACM).deleteCertificate({ CertificateArn: arn })
      assert.equal(await request(cloud, { IdempotencyToken }), arn)
      await refused(describe(cloud, arn), 'ResourceNotFoundException')
    },
    'a token means nothing in another region': async (cloud) => {
      const IdempotencyToken = 'per_region'
      const here = await request(cloud, { IdempotencyToken })
      assert.notEqual(await request(cloud, { IdempotencyToken }, VIRGINIA), here)
    },
    'a name has one validation record, in all regions and for its wildcard': async (cloud) => {
      const DomainName = freshDomain()
      const SubjectAlternativeNames = [`*.${DomainName}`]
      const here = await request(cloud, { DomainName, SubjectAlternativeNames })
      const there = await request(cloud, { DomainName }, VIRGINIA)
      await cloud.pass(NAMED)
      const [record, ofWildcard] = await recordsOf(cloud, here)
      assert.deepEqual(ofWildcard, record)
      assert.deepEqual(await recordsOf(cloud, there, VIRGINIA), [record])
    },
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    const made = (await aws.run([
      ...['acm', 'request-certificate', '--domain-name', 'cli.example.com', '--validation-method', 'DNS'],
      ...['--idempotency-token', 'cli', '--tags', 'Key=owner,Value=me', '--key-algorithm', 'RSA_2048'],
    ])) as { CertificateArn: string }
    assert.match(made.CertificateArn, /^arn:aws:acm:/)
  },
}

export const deleteCertificate: OperationSuite = {
  happy: {
    'a certificate is gone at once, from listings later': async (cloud) => {
      const arn = await request(cloud)
      await cloud.pass(LISTED)
      await cloud.client(ACM).deleteCertificate({ CertificateArn: arn })
      await refused(
        describe(cloud, arn),
        'ResourceNotFoundException',
        `Could not find certificate ${arn} in account ${ACCOUNT}.`,
      )
    },
  },
  state: {
    'an unknown certificate is not found': (cloud) =>
      refused(cloud.client(ACM).deleteCertificate({ CertificateArn: NOWHERE }), 'ResourceNotFoundException'),
    'a certificate of another region is not found': async (cloud) => {
      const arn = await request(cloud, {}, VIRGINIA)
      await refused(cloud.client(ACM).deleteCertificate({ CertificateArn: arn }), 'ResourceNotFoundException')
    },
    'a certificate that a domain holds is in use, and for minutes after the domain is gone': async (
      cloud,
    ) => {
      const { arn, domain } = await issued(cloud)
      const gateway = cloud.client(APIGateway)
      const acm = cloud.client(ACM)
      const inUse = `Certificate ${arn} in account ${ACCOUNT} is in use.`
      await gateway.createDomainName({
        domainName: domain,
        regionalCertificateArn: arn,
        endpointConfiguration: { types: ['REGIONAL'] },
      })
      await refused(acm.deleteCertificate({ CertificateArn: arn }), 'ResourceInUseException', inUse)
      assert.equal((await describe(cloud, arn)).InUseBy?.length, 1)
      assert.equal((await describe(cloud, arn)).RenewalEligibility, 'ELIGIBLE')
      await gateway.deleteDomainName({ domainName: domain })
      await refused(acm.deleteCertificate({ CertificateArn: arn }), 'ResourceInUseException', inUse)
      await cloud.pass(IN_USE_AFTER_DOMAIN)
      assert.deepEqual((await describe(cloud, arn)).InUseBy, [])
      await acm.deleteCertificate({ CertificateArn: arn })
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const arn = await request(cloud)
    await aws.run(['acm', 'delete-certificate', '--certificate-arn', arn])
    await assert.rejects(
      aws.run(['acm', 'delete-certificate', '--certificate-arn', arn]),
      /\(ResourceNotFoundException\)/,
    )
  },
}
