// ACM through the front door with a real SDK client: the life of a certificate, its waits, and its refusals.
// The DNS and the holders of certificates are set by the tests.
import assert from 'node:assert/strict'
import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as acm from '@aws-sdk/client-acm'
import { type Authority, openAuthority } from '../../../src/local/acm/authority.js'
import { type AcmService, acmService } from '../../../src/local/acm/service.js'
import type { CertificateHoldersPort, DnsPort } from '../../../src/local/ports.js'
import { type ManualCloud, startManualCloud } from '../sts-iam/manual-cloud.js'

const DOMAIN = 'api.example.com'
const NEVER = 'arn:aws:acm:eu-west-1:000000000000:certificate/00000000-0000-4000-8000-000000000000'
const DESCRIBABLE = 3
const NAMED = 10
const LISTED = 8
const ISSUE = 300
const IN_USE_AFTER = 900

let cloud: ManualCloud
let service: AcmService
let authority: Authority
let client: acm.ACMClient
/** CNAMEs without trailing dots. */
const records = new Map<string, string>()
const held = new Map<string, string[]>()
const dns: DnsPort = {
  resolve(name, type) {
    const data = type === 'CNAME' ? records.get(name) : undefined
    return data === undefined ? [] : [{ name, type, data }]
  },
}
const holders: CertificateHoldersPort = { holdersOf: (arn) => held.get(arn) ?? [] }

beforeEach(async () => {
  records.clear()
  held.clear()
  cloud = await startManualCloud(async (world) => {
    authority = await openAuthority(world.dataDir)
    service = acmService(world, { authority, holders, dns })
    return [service]
  })
  client = new acm.ACMClient(cloud.config())
})
afterEach(async () => {
  client.destroy()
  await cloud.close()
})

async function request(more: Partial<acm.RequestCertificateRequest> = {}, from = client): Promise<string> {
  const input = { DomainName: DOMAIN, ValidationMethod: 'DNS' as const, ...more }
  return (await from.send(new acm.RequestCertificateCommand(input))).CertificateArn!
}
async function describeIt(CertificateArn: string, from = client): Promise<acm.CertificateDetail> {
  return (await from.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate!
}
const remove = (CertificateArn: string) => client.send(new acm.DeleteCertificateCommand({ CertificateArn }))
const list = async (input: acm.ListCertificatesRequest = {}) =>
  (await client.send(new acm.ListCertificatesCommand(input))).CertificateSummaryList!.map(
    (one) => one.CertificateArn!,
  )

/** Puts the validation records of a certificate into the DNS. */
async function prove(arn: string, from = client) {
  for (const { ResourceRecord } of (await describeIt(arn, from)).DomainValidationOptions!) {
    records.set(ResourceRecord!.Name!.slice(0, -1), ResourceRecord!.Value!.slice(0, -1))
  }
}

async function issued(more: Partial<acm.RequestCertificateRequest> = {}): Promise<string> {
  const arn = await request(more)
  cloud.world.pass(NAMED)
  await prove(arn)
  await describeIt(arn)
  cloud.world.pass(ISSUE)
  assert.equal((await describeIt(arn)).Status, 'ISSUED')
  return arn
}

describe('the life of a certificate', () => {
  it('is unknown to reads at first, then pending without a record, then names it', async () => {
    const arn = await request()
    assert.match(arn, /^arn:aws:acm:eu-west-1:000000000000:certificate\/[0-9a-f-]{36}$/)
    await assert.rejects(describeIt(arn), {
      name: 'ResourceNotFoundException',
      message: `Could not find certificate ${arn} in account 000000000000.`,
    })
    cloud.world.pass(DESCRIBABLE)
    const fresh = await describeIt(arn)
    assert.equal(fresh.Status, 'PENDING_VALIDATION')
    assert.equal(fresh.DomainValidationOptions![0]!.ResourceRecord, undefined)
    assert.equal(fresh.KeyAlgorithm, 'RSA-2048')
    cloud.world.pass(NAMED)
    const [option] = (await describeIt(arn)).DomainValidationOptions!
    assert.match(option!.ResourceRecord!.Name!, /^_[0-9a-f]{32}\.api\.example\.com\.$/)
    assert.match(option!.ResourceRecord!.Value!, /^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/)
    assert.deepEqual([option!.DomainName, option!.ValidationStatus], [DOMAIN, 'PENDING_VALIDATION'])
  })

  it('is issued some minutes after its record resolves, if it still does', async () => {
    const arn = await request()
    cloud.world.pass(NAMED + ISSUE)
    await prove(arn)
    const get = () => client.send(new acm.GetCertificateCommand({ CertificateArn: arn }))
    assert.equal((await describeIt(arn)).Status, 'PENDING_VALIDATION')
    await assert.rejects(get(), { name: 'RequestInProgressException' })
    assert.deepEqual(service.find(arn), {
      region: 'eu-west-1',
      domainName: DOMAIN,
      status: 'PENDING_VALIDATION',
      chainPem: '',
      keyPem: '',
    })

    const kept = [...records]
    records.clear()
    cloud.world.pass(ISSUE)
    assert.equal((await describeIt(arn)).Status, 'PENDING_VALIDATION')
    for (const [name, value] of kept) records.set(name, value)
    const done = await describeIt(arn)
    assert.equal(done.Status, 'ISSUED')
    assert.equal(done.DomainValidationOptions![0]!.ValidationStatus, 'SUCCESS')

    const { Certificate, CertificateChain } = await get()
    const leaf = new X509Certificate(Certificate!)
    assert.equal(leaf.subjectAltName, `DNS:${DOMAIN}`)
    assert.ok(leaf.verify(new X509Certificate(CertificateChain!).publicKey))
    assert.equal(done.Serial!.replaceAll(':', ''), leaf.serialNumber.toLowerCase())
    assert.equal(done.NotAfter!.getTime(), Date.parse(leaf.validTo))
    assert.ok(leaf.checkPrivateKey(createPrivateKey(service.find(arn)!.keyPem)))
  })

  it('ignores a record with another value', async () => {
    const arn = await request()
    cloud.world.pass(NAMED)
    await prove(arn)
    for (const name of records.keys()) records.set(name, '_other.acm-validations.aws')
    await describeIt(arn)
    cloud.world.pass(ISSUE)
    assert.equal((await describeIt(arn)).Status, 'PENDING_VALIDATION')
  })

  it("needs the record of each name; a wildcard has its parent's", async () => {
    const arn = await request({ SubjectAlternativeNames: [`*.${DOMAIN}`, 'b.example.com', DOMAIN] })
    cloud.world.pass(NAMED)
    await prove(arn)
    assert.equal(records.size, 2)
    const other = [...records].find(([name]) => name.endsWith('b.example.com'))!
    records.delete(other[0])
    await describeIt(arn)
    cloud.world.pass(ISSUE)
    const half = await describeIt(arn)
    const proven = half.DomainValidationOptions!.map((one) => one.ValidationStatus)
    assert.equal(half.Status, 'PENDING_VALIDATION')
    assert.deepEqual(half.SubjectAlternativeNames, [DOMAIN, `*.${DOMAIN}`, 'b.example.com'])
    assert.deepEqual(proven, ['SUCCESS', 'SUCCESS', 'PENDING_VALIDATION'])
    records.set(...other)
    await describeIt(arn)
    cloud.world.pass(ISSUE)
    assert.equal((await describeIt(arn)).Status, 'ISSUED')
  })

  it('times out after 72 hours without a record', async () => {
    const arn = await request()
    cloud.world.pass(72 * 3600)
    await prove(arn)
    const given = await describeIt(arn)
    assert.equal(given.Status, 'VALIDATION_TIMED_OUT')
    assert.equal(given.DomainValidationOptions![0]!.ValidationStatus, 'FAILED')
    cloud.world.pass(ISSUE)
    assert.equal((await describeIt(arn)).Status, 'VALIDATION_TIMED_OUT')
    await remove(arn)
  })

  it('asks for the same record in every region, again and again', async () => {
    const elsewhere = new acm.ACMClient(cloud.config('us-east-1'))
    const [one, other] = [await request(), await request({}, elsewhere)]
    cloud.world.pass(NAMED)
    await prove(one)
    const first = [...records]
    await prove(other, elsewhere)
    assert.deepEqual([...records], first)
    await assert.rejects(describeIt(other), { name: 'ResourceNotFoundException' })
    elsewhere.destroy()
  })

  it('goes on by itself once the service is started', async () => {
    service.start()
    const arn = await request()
    cloud.world.pass(NAMED)
    await prove(arn)
    const passes = async () => {
      cloud.world.pass(ISSUE)
      await sleep(60)
    }
    for (let tries = 0; tries < 100 && service.find(arn)!.status !== 'ISSUED'; tries++) await passes()
    assert.equal(service.find(arn)!.status, 'ISSUED')
  })

  it('survives a restart, its key in a file of the owner', async () => {
    const arn = await issued()
    const again = acmService(cloud.world, { authority, holders, dns })
    assert.deepEqual(again.find(arn), service.find(arn))
    const folder = join(cloud.world.dataDir, 'acm')
    const [file] = await readdir(folder)
    assert.equal((await stat(join(folder, file!))).mode & 0o777, 0o600)
    await remove(arn)
    assert.deepEqual(await readdir(folder), [])
    assert.equal(again.find(arn), undefined)
  })
})

describe('idempotency tokens', () => {
  it('give the same certificate for an hour, whatever else differs, even a deleted one', async () => {
    const arn = await request({ IdempotencyToken: 'token_1' })
    assert.equal(await request({ IdempotencyToken: 'token_1', DomainName: 'b.example.com' }), arn)
    assert.notEqual(await request({ IdempotencyToken: 'token_2' }), arn)
    await remove(arn)
    assert.equal(await request({ IdempotencyToken: 'token_1' }), arn)
    cloud.world.pass(3600)
    assert.notEqual(await request({ IdempotencyToken: 'token_1' }), arn)
  })

  it('are nothing to other regions, and without one each request is new', async () => {
    const elsewhere = new acm.ACMClient(cloud.config('us-east-1'))
    const IdempotencyToken = 'token'
    assert.notEqual(await request({ IdempotencyToken }), await request({ IdempotencyToken }, elsewhere))
    assert.notEqual(await request(), await request())
    elsewhere.destroy()
  })
})

describe('listings', () => {
  it('lag behind new and deleted certificates', async () => {
    const arn = await request()
    assert.deepEqual(await list(), [])
    cloud.world.pass(LISTED)
    assert.deepEqual(await list(), [arn])
    await remove(arn)
    await assert.rejects(describeIt(arn), { name: 'ResourceNotFoundException' })
    assert.deepEqual(await list(), [arn])
    cloud.world.pass(LISTED)
    assert.deepEqual(await list(), [])
  })

  it('show RSA keys only unless asked for others', async () => {
    const rsa = await request()
    const curve = await request({ KeyAlgorithm: 'EC_prime256v1' })
    cloud.world.pass(LISTED)
    assert.deepEqual(await list(), [rsa])
    assert.deepEqual(await list({ Includes: { keyTypes: ['EC_prime256v1'] } }), [curve])
    assert.equal((await describeIt(curve)).KeyAlgorithm, 'EC-prime256v1')
  })

  it('come in pages, in order, filtered by status', async () => {
    const arns: string[] = []
    for (let at = 0; at < 5; at++) {
      arns.push(await request({ DomainName: `${at}.example.com` }))
      cloud.world.pass(2)
    }
    cloud.world.pass(LISTED)
    for (const SortOrder of ['ASCENDING', 'DESCENDING'] as const) {
      const seen: string[] = []
      const pages = acm.paginateListCertificates({ client, pageSize: 2 }, { SortBy: 'CREATED_AT', SortOrder })
      for await (const page of pages)
        seen.push(...page.CertificateSummaryList!.map((one) => one.CertificateArn!))
      assert.deepEqual(seen, SortOrder === 'ASCENDING' ? arns : arns.toReversed())
    }
    assert.deepEqual(await list({ CertificateStatuses: ['ISSUED'] }), [])
    assert.equal((await list({ CertificateStatuses: ['PENDING_VALIDATION'] })).length, 5)
    await assert.rejects(list({ SortBy: 'CREATED_AT' }), { name: 'ValidationException' })
    await assert.rejects(list({ NextToken: 'x' }), { name: 'ValidationException' })
    await assert.rejects(list({ Includes: { exportOption: 'ENABLED' } }), { name: 'NotImplemented' })
  })
})

describe('deletion', () => {
  it('is refused while the certificate is held, and for a while after', async () => {
    const arn = await issued()
    const holder = 'arn:aws:apigateway:eu-west-1::/domainnames/api.example.com'
    const inUse = {
      name: 'ResourceInUseException',
      message: `Certificate ${arn} in account 000000000000 is in use.`,
    }
    held.set(arn, [holder])
    await assert.rejects(remove(arn), inUse)
    assert.deepEqual((await describeIt(arn)).InUseBy, [holder])
    held.delete(arn)
    await assert.rejects(remove(arn), inUse)
    assert.deepEqual((await describeIt(arn)).InUseBy, [holder])
    cloud.world.pass(IN_USE_AFTER - 1)
    await assert.rejects(remove(arn), inUse)
    cloud.world.pass(1)
    assert.deepEqual((await describeIt(arn)).InUseBy, [])
    await remove(arn)
    await assert.rejects(remove(arn), { name: 'ResourceNotFoundException' })
  })

  it('starts the wait anew when it is held again', async () => {
    const arn = await issued()
    held.set(arn, ['a'])
    await describeIt(arn)
    held.delete(arn)
    await describeIt(arn)
    cloud.world.pass(IN_USE_AFTER)
    held.set(arn, ['b'])
    await assert.rejects(remove(arn), { name: 'ResourceInUseException' })
    held.delete(arn)
    await assert.rejects(remove(arn), { name: 'ResourceInUseException' })
  })
})

describe('tags', () => {
  const tagsOf = async (CertificateArn: string) =>
    (await client.send(new acm.ListTagsForCertificateCommand({ CertificateArn }))).Tags

  it('are set, overwritten and removed, by value where one is given', async () => {
    const arn = await request({ Tags: [{ Key: 'owner', Value: 'me' }] })
    cloud.world.pass(DESCRIBABLE)
    const add = {
      CertificateArn: arn,
      Tags: [
        { Key: 'owner', Value: 'you' },
        { Key: 'b', Value: '1' },
      ],
    }
    await client.send(new acm.AddTagsToCertificateCommand(add))
    const drop = { CertificateArn: arn, Tags: [{ Key: 'owner', Value: 'me' }, { Key: 'b' }] }
    await client.send(new acm.RemoveTagsFromCertificateCommand(drop))
    assert.deepEqual(await tagsOf(arn), [{ Key: 'owner', Value: 'you' }])
  })

  it('are at most 50, and none of AWS', async () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: '' }))
    const arn = await request({ Tags: many })
    const add = (Key: string) =>
      client.send(new acm.AddTagsToCertificateCommand({ CertificateArn: arn, Tags: [{ Key }] }))
    await assert.rejects(add('one-more'), { name: 'TooManyTagsException' })
    await assert.rejects(add('aws:mine'), { name: 'InvalidTagException' })
    await add('k0')
  })
})

describe('refused requests', () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `n${at}.example.com`)
  const refusals: [
    what: string,
    input: Partial<acm.RequestCertificateRequest>,
    name: string,
    message: RegExp,
  ][] = [
    [
      'a name that is no domain',
      { DomainName: 'localhost' },
      'ValidationException',
      /'domainName'.*regular expression/,
    ],
    [
      'a name that starts with a dash',
      { DomainName: '-a.example.com' },
      'ValidationException',
      /regular expression/,
    ],
    ['a wildcard inside', { DomainName: 'a.*.example.com' }, 'ValidationException', /regular expression/],
    [
      'a first name of 65 characters',
      { DomainName: `${'a'.repeat(53)}.example.com` },
      'InvalidParameterException',
      /64 characters/,
    ],
    [
      'a bad further name',
      { SubjectAlternativeNames: ['a', 'b.example.com'] },
      'ValidationException',
      /^1 validation error detected: Value '\[a, b\.example\.com\]' at 'subjectAlternativeNames' .* Member must satisfy constraint: \[/,
    ],
    ['eleven names', { SubjectAlternativeNames: names(10) }, 'LimitExceededException', /too many domains/],
    ['validation by email', { ValidationMethod: 'EMAIL' }, 'NotImplemented', /EMAIL: use DNS/],
    ['no validation method', { ValidationMethod: undefined }, 'NotImplemented', /EMAIL \(the default\)/],
    ['a token with a dash', { IdempotencyToken: 'a-b' }, 'ValidationException', /'idempotencyToken'.*\\w\+/],
    [
      'a token of 33',
      { IdempotencyToken: 'a'.repeat(33) },
      'ValidationException',
      /less than or equal to 32/,
    ],
    ['an unknown key algorithm', { KeyAlgorithm: 'RSA' as never }, 'ValidationException', /enum value set/],
    ['a key algorithm for imports', { KeyAlgorithm: 'RSA_4096' }, 'InvalidParameterException', /RSA_4096/],
    [
      'a private authority',
      { CertificateAuthorityArn: NEVER.replace(':acm:', ':acm-pca:') },
      'NotImplemented',
      /private certificate/,
    ],
    ['export', { Options: { Export: 'ENABLED' } }, 'NotImplemented', /exportable/],
  ]
  for (const [what, input, name, message] of refusals) {
    it(`with ${what}`, async () => {
      await assert.rejects(request(input), { name, message })
      cloud.world.pass(LISTED)
      assert.deepEqual(await list({ Includes: { keyTypes: ['RSA_2048', 'RSA_4096'] } }), [])
    })
  }

  it('for what is not there, or no certificate', async () => {
    await assert.rejects(describeIt(NEVER), { name: 'ResourceNotFoundException' })
    await assert.rejects(describeIt(NEVER.replace('0000:', '1111:')), { name: 'ResourceNotFoundException' })
    await assert.rejects(describeIt(`certificate/${randomUUID()}`), { name: 'ValidationException' })
    assert.equal(service.find('nonsense'), undefined)
  })

  it('takes ten names', async () => {
    const arn = await request({ DomainName: 'n0.example.com', SubjectAlternativeNames: names(10) })
    cloud.world.pass(DESCRIBABLE)
    assert.deepEqual((await describeIt(arn)).SubjectAlternativeNames, names(10))
  })
})
