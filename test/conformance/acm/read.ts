// DescribeCertificate, GetCertificate and ListCertificates: what is seen of a certificate on its way.
import assert from 'node:assert/strict'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { ACM, type ListCertificatesRequest, paginateListCertificates } from '@aws-sdk/client-acm'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { Cases, OperationSuite } from '../suite.js'
import {
  DESCRIBABLE,
  describe,
  freshDomain,
  issued,
  LISTED,
  NAMED,
  NOWHERE,
  prove,
  request,
  zoneWith,
} from './certificate.js'

const GIVES_UP_HOURS = 72

interface CaaCase {
  /** What stands before the zone's name, and the value there. */
  readonly records: readonly (readonly [before: string, value: string])[]
  readonly wildcard?: boolean
  readonly fails: boolean
}

/** Cases of CAA records beside a proven name `api.<zone>`. */
const caaCases = (cases: Readonly<Record<string, CaaCase>>): Cases =>
  Object.fromEntries(
    Object.entries(cases).map(([sentence, { records, wildcard, fails }]) => [
      sentence,
      async (cloud: TestCloud) => {
        const zone = freshDomain()
        const arn = await request(cloud, { DomainName: `${wildcard ? '*.' : ''}api.${zone}` })
        const caa = records.map(([before, value]) => ({
          name: `${before}${zone}`,
          type: 'CAA' as const,
          value,
        }))
        await prove(cloud, arn, zone, caa)
        const { Status, FailureReason, DomainValidationOptions } = await describe(cloud, arn)
        assert.equal(Status, fails ? 'FAILED' : 'ISSUED')
        assert.equal(FailureReason, fails ? 'CAA_ERROR' : undefined)
        assert.equal(DomainValidationOptions![0]!.ValidationStatus, 'SUCCESS')
      },
    ]),
  )

export const describeCertificate: OperationSuite = {
  happy: {
    'an issued certificate shows its serial, dates and key usages': async (cloud) => {
      const { arn, domain } = await issued(cloud)
      const shown = await describe(cloud, arn)
      assert.equal(shown.Status, 'ISSUED')
      assert.equal(shown.DomainValidationOptions![0]!.ValidationStatus, 'SUCCESS')
      assert.deepEqual([shown.Subject, shown.Issuer], [`CN=${domain}`, 'Amazon'])
      assert.deepEqual([shown.KeyAlgorithm, shown.SignatureAlgorithm], ['RSA-2048', 'SHA256WITHRSA'])
      assert.deepEqual(shown.KeyUsages, [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }])
      assert.match(shown.Serial!, /^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/)
      assert.ok(shown.NotBefore! < shown.NotAfter!)
      assert.deepEqual([shown.InUseBy, shown.RenewalEligibility], [[], 'INELIGIBLE'])
    },
    'a wildcard is proven by the record of its parent': async (cloud) => {
      const domain = freshDomain()
      const arn = await request(cloud, { DomainName: domain, SubjectAlternativeNames: [`*.${domain}`] })
      await prove(cloud, arn, domain)
      const { Status, DomainValidationOptions } = await describe(cloud, arn)
      assert.equal(Status, 'ISSUED')
      assert.deepEqual(
        DomainValidationOptions?.map((one) => one.ValidationStatus),
        ['SUCCESS', 'SUCCESS'],
      )
    },
  },
  state: {
    'a certificate is not found at first, then pending without its record, then names it': async (cloud) => {
      const arn = await request(cloud)
      await refused(describe(cloud, arn), 'ResourceNotFoundException')
      await cloud.pass(DESCRIBABLE)
      const early = await describe(cloud, arn)
      assert.equal(early.Status, 'PENDING_VALIDATION')
      assert.equal(early.DomainValidationOptions![0]!.ResourceRecord, undefined)
      await cloud.pass(NAMED)
      const [option] = (await describe(cloud, arn)).DomainValidationOptions!
      assert.match(option!.ResourceRecord!.Name!, /^_[0-9a-f]{32}\.case\d+\.example\.com\.$/)
      assert.match(option!.ResourceRecord!.Value!, /\.acm-validations\.aws\.$/)
      assert.deepEqual(
        [option!.ResourceRecord!.Type, option!.ValidationStatus],
        ['CNAME', 'PENDING_VALIDATION'],
      )
    },
    'it stays pending until every name is proven': async (cloud) => {
      const domain = freshDomain()
      const other = freshDomain()
      const arn = await request(cloud, { DomainName: domain, SubjectAlternativeNames: [other] })
      await cloud.pass(NAMED)
      const options = (await describe(cloud, arn)).DomainValidationOptions!
      const { Name, Value } = options[0]!.ResourceRecord!
      await zoneWith(cloud, domain, [{ name: Name!, type: 'CNAME', value: Value! }])
      await describe(cloud, arn)
      await cloud.pass(300)
      const { Status, DomainValidationOptions } = await describe(cloud, arn)
      assert.equal(Status, 'PENDING_VALIDATION')
      assert.deepEqual(
        DomainValidationOptions?.map((one) => one.ValidationStatus),
        ['SUCCESS', 'PENDING_VALIDATION'],
      )
    },
    'validation times out after 72 hours': async (cloud) => {
      const arn = await request(cloud)
      await cloud.pass(GIVES_UP_HOURS * 3600)
      const { Status, DomainValidationOptions } = await describe(cloud, arn)
      assert.equal(Status, 'VALIDATION_TIMED_OUT')
      assert.equal(DomainValidationOptions![0]!.ValidationStatus, 'FAILED')
    },
    ...caaCases({
      'CAA records that name only others make it FAILED with CAA_ERROR, its validation a success': {
        records: [['', '0 issue "letsencrypt.org"']],
        fails: true,
      },
      'CAA records that name Amazon let it be issued': {
        records: [['', '0 issue "amazon.com; policy=ev"']],
        fails: false,
      },
      'the CAA records nearest to the name decide': {
        records: [
          ['', '0 issue ";"'],
          ['api.', '0 issue "amazontrust.com"'],
        ],
        fails: false,
      },
      'issuewild forbids wildcards': {
        records: [['', '0 issuewild ";"']],
        wildcard: true,
        fails: true,
      },
      'issuewild says nothing of other names': { records: [['', '0 issuewild ";"']], fails: false },
    }),
    'an unknown certificate is not found': (cloud) =>
      refused(
        describe(cloud, NOWHERE),
        'ResourceNotFoundException',
        `Could not find certificate ${NOWHERE} in account 000000000000.`,
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const arn = await request(cloud)
    const { Certificate } = (await aws.run(['acm', 'describe-certificate', '--certificate-arn', arn])) as {
      Certificate: { Status: string; CreatedAt: unknown; Options: object }
    }
    assert.equal(Certificate.Status, 'PENDING_VALIDATION')
    assert.ok(Certificate.CreatedAt)
  },
}

export const getCertificate: OperationSuite = {
  happy: {
    'the leaf is for the names, on the key that was asked for, and signed by its chain': async (cloud) => {
      for (const [KeyAlgorithm, type, bits] of [
        ['RSA_2048', 'rsa', 2048],
        ['EC_prime256v1', 'ec', 'prime256v1'],
        ['EC_secp384r1', 'ec', 'secp384r1'],
      ] as const) {
        const { arn, domain } = await issued(cloud, { KeyAlgorithm })
        const got = await cloud.client(ACM).getCertificate({ CertificateArn: arn })
        const leaf = new X509Certificate(got.Certificate!)
        assert.equal(leaf.subjectAltName, `DNS:${domain}`)
        assert.ok(leaf.verify(createPublicKey(got.CertificateChain!)))
        const { asymmetricKeyType, asymmetricKeyDetails } = leaf.publicKey
        const size = asymmetricKeyDetails?.modulusLength ?? asymmetricKeyDetails?.namedCurve
        assert.deepEqual([asymmetricKeyType, size], [type, bits])
      }
    },
  },
  state: {
    'a certificate that is not issued yet is in progress': async (cloud) => {
      const arn = await request(cloud)
      await cloud.pass(DESCRIBABLE)
      await refused(cloud.client(ACM).getCertificate({ CertificateArn: arn }), 'RequestInProgressException')
    },
    'an unknown certificate is not found': (cloud) =>
      refused(cloud.client(ACM).getCertificate({ CertificateArn: NOWHERE }), 'ResourceNotFoundException'),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { arn } = await issued(cloud)
    const got = (await aws.run(['acm', 'get-certificate', '--certificate-arn', arn])) as {
      Certificate: string
    }
    assert.match(got.Certificate, /BEGIN CERTIFICATE/)
  },
}

async function listed(cloud: TestCloud, input: ListCertificatesRequest = {}): Promise<string[]> {
  await cloud.pass(1)
  const { CertificateSummaryList = [] } = await cloud.client(ACM).listCertificates(input)
  return CertificateSummaryList.map((one) => one.CertificateArn!)
}

export const listCertificates: OperationSuite = {
  happy: {
    'a summary has the names, the status and the key of a certificate': async (cloud) => {
      const { arn, domain } = await issued(cloud)
      await cloud.pass(LISTED)
      const { CertificateSummaryList = [] } = await cloud.client(ACM).listCertificates({})
      const summary = CertificateSummaryList.find((one) => one.CertificateArn === arn)!
      assert.deepEqual([summary.DomainName, summary.SubjectAlternativeNameSummaries], [domain, [domain]])
      assert.deepEqual([summary.Status, summary.KeyAlgorithm, summary.InUse], ['ISSUED', 'RSA-2048', false])
      assert.deepEqual([summary.Type, summary.Exported], ['AMAZON_ISSUED', false])
    },
    'statuses filter': async (cloud) => {
      const arn = await request(cloud)
      await cloud.pass(LISTED)
      assert.ok((await listed(cloud, { CertificateStatuses: ['PENDING_VALIDATION'] })).includes(arn))
      assert.ok(!(await listed(cloud, { CertificateStatuses: ['ISSUED', 'EXPIRED'] })).includes(arn))
    },
  },
  validation: {
    'an order needs what to sort by': (cloud) =>
      refused(cloud.client(ACM).listCertificates({ SortOrder: 'ASCENDING' }), 'ValidationException'),
  },
  state: {
    'only RSA keys of 2048 bits are shown unless Includes.keyTypes is set': async (cloud) => {
      const rsa = await request(cloud)
      const ec = await request(cloud, { KeyAlgorithm: 'EC_prime256v1' })
      await cloud.pass(LISTED)
      const shown = await listed(cloud)
      assert.deepEqual([shown.includes(rsa), shown.includes(ec)], [true, false])
      const curves = await listed(cloud, { Includes: { keyTypes: ['EC_prime256v1'] } })
      assert.deepEqual([curves.includes(rsa), curves.includes(ec)], [false, true])
    },
    'it lags behind new and deleted certificates': async (cloud) => {
      const arn = await request(cloud)
      assert.ok(!(await listed(cloud)).includes(arn))
      await cloud.pass(LISTED)
      assert.ok((await listed(cloud)).includes(arn))
      await cloud.client(ACM).deleteCertificate({ CertificateArn: arn })
      assert.ok((await listed(cloud)).includes(arn))
      await cloud.pass(LISTED)
      assert.ok(!(await listed(cloud)).includes(arn))
    },
  },
  pagination: {
    'pages of two hold every certificate once': async (cloud) => {
      const made = [await request(cloud), await request(cloud), await request(cloud)]
      await cloud.pass(LISTED)
      const seen: string[] = []
      for await (const page of paginateListCertificates({ client: cloud.client(ACM), pageSize: 2 }, {})) {
        assert.ok(page.CertificateSummaryList!.length <= 2)
        seen.push(...page.CertificateSummaryList!.map((one) => one.CertificateArn!))
        await cloud.pass(1)
      }
      assert.equal(new Set(seen).size, seen.length)
      assert.deepEqual(
        made.filter((arn) => !seen.includes(arn)),
        [],
      )
    },
    'an unknown token is refused': (cloud) =>
      refused(cloud.client(ACM).listCertificates({ NextToken: 'unknown' }), 'ValidationException'),
  },
  cli: async (cloud, aws) => {
    const arn = await request(cloud)
    const arguments_ = [
      'acm',
      'list-certificates',
      '--certificate-statuses',
      'PENDING_VALIDATION',
      '--page-size',
      '1',
    ]
    const { CertificateSummaryList } = (await aws.run(arguments_)) as {
      CertificateSummaryList: { CertificateArn: string }[]
    }
    assert.ok(CertificateSummaryList.some((one) => one.CertificateArn === arn))
  },
}
