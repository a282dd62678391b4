// Hosted zones and their lists, through an SDK client.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  ChangeTagsForResourceCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetAccountLimitCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListTagsForResourceCommand,
  paginateListHostedZones,
} from '@aws-sdk/client-route-53'
import { record, startCloud, type TestCloud } from './cloud.js'

const NAMES = [
  'example.com',
  'b.example.com',
  'a.example.com',
  'example.org',
  'example.co',
  'x-y.example.com',
]
// Reversed labels in ASCII order: com.example.a. com.example.b. and so on; `co.` is before `com.`.
const SORTED = [
  'example.co.',
  'example.com.',
  'a.example.com.',
  'b.example.com.',
  'x-y.example.com.',
  'example.org.',
]

describe('hosted zones', () => {
  let cloud: TestCloud
  const create = (Name: string, CallerReference = `make ${Name}`) =>
    cloud.client.send(new CreateHostedZoneCommand({ Name, CallerReference }))
  before(async () => {
    cloud = await startCloud()
    for (const name of NAMES) await create(name)
  })
  after(() => cloud.close())

  test('a zone has four name servers, its NS and SOA, and ids with paths', async () => {
    const { HostedZone, DelegationSet, ChangeInfo, Location } = await create('fresh.example.net', 'once')
    assert.match(HostedZone!.Id!, /^\/hostedzone\/Z[0-9A-Z]{20}$/)
    assert.match(ChangeInfo!.Id!, /^\/change\/C/)
    assert.equal(HostedZone!.Name, 'fresh.example.net.')
    assert.equal(HostedZone!.ResourceRecordSetCount, 2)
    assert.equal(HostedZone!.Config?.PrivateZone, false)
    assert.match(Location!, /hostedzone\/Z/)
    const got = await cloud.client.send(new GetHostedZoneCommand({ Id: HostedZone!.Id! }))
    assert.equal(got.DelegationSet?.NameServers?.length, 4)
    assert.deepEqual(got.DelegationSet, DelegationSet)
    const servers = cloud.service.resolve('fresh.example.net', 'NS').map(({ data }) => data)
    assert.deepEqual(servers, DelegationSet?.NameServers)
    await cloud.client.send(new DeleteHostedZoneCommand({ Id: HostedZone!.Id! }))
  })

  test('ListHostedZonesByName starts at a name in reversed-label order, and pages', async () => {
    const seen: string[] = []
    let start: { DNSName?: string; HostedZoneId?: string } = {}
    for (let pages = 0; pages < 10; pages++) {
      const page = await cloud.client.send(new ListHostedZonesByNameCommand({ ...start, MaxItems: 2 }))
      seen.push(...page.HostedZones!.map(({ Name }) => Name!))
      if (!page.IsTruncated) break
      start = { DNSName: page.NextDNSName!, HostedZoneId: page.NextHostedZoneId! }
    }
    assert.deepEqual(seen, SORTED)
    const from = await cloud.client.send(new ListHostedZonesByNameCommand({ DNSName: 'aa.example.com' }))
    assert.deepEqual(
      from.HostedZones!.map(({ Name }) => Name),
      SORTED.slice(3),
    )
    assert.equal(from.DNSName, 'aa.example.com')
  })

  test('ListHostedZones pages through the SDK, in the order of creation', async () => {
    const names: string[] = []
    for await (const page of paginateListHostedZones({ client: cloud.client, pageSize: 4 }, {})) {
      names.push(...page.HostedZones!.map(({ Name }) => Name!))
    }
    assert.deepEqual(
      names,
      NAMES.map((name) => `${name}.`),
    )
  })

  const refusals: [string, object, string][] = [
    [
      'a caller reference twice',
      { Name: 'other.com', CallerReference: 'make example.com' },
      'HostedZoneAlreadyExists',
    ],
    ['a top-level domain', { Name: 'com', CallerReference: 'r1' }, 'InvalidDomainName'],
    ['an empty label', { Name: 'a..com', CallerReference: 'r2' }, 'InvalidDomainName'],
    [
      'a private zone',
      { Name: 'p.com', CallerReference: 'r3', VPC: { VPCId: 'vpc-1', VPCRegion: 'eu-west-1' } },
      'InvalidInput',
    ],
    ['a delegation set', { Name: 'd.com', CallerReference: 'r4', DelegationSetId: 'N1' }, 'InvalidInput'],
  ]
  for (const [what, input, name] of refusals) {
    test(`refused: ${what}`, async () => {
      await assert.rejects(cloud.client.send(new CreateHostedZoneCommand(input as never)), { name })
    })
  }

  test('a zone with records of its own cannot be deleted', async () => {
    const id = await cloud.zone('full.example.net')
    await cloud.change(id, record('CREATE', 'www.full.example.net', 'A', '192.0.2.1'))
    await assert.rejects(cloud.client.send(new DeleteHostedZoneCommand({ Id: id })), {
      name: 'HostedZoneNotEmpty',
      message: /contains non-required resource record sets/,
    })
    await cloud.change(id, record('DELETE', 'www.full.example.net', 'A', '192.0.2.1'))
    await cloud.client.send(new DeleteHostedZoneCommand({ Id: id }))
    await assert.rejects(cloud.client.send(new GetHostedZoneCommand({ Id: id })), {
      name: 'NoSuchHostedZone',
      message: `No hosted zone found with ID: ${id}`,
    })
  })

  test('ensureZone makes a zone once', async () => {
    const id = await cloud.service.ensureZone('Once.Example.NET')
    assert.equal(await cloud.service.ensureZone('once.example.net.'), id)
  })

  test('tags come and go, ten at most', async () => {
    const id = await cloud.zone('tagged.example.net')
    const named = { ResourceType: 'hostedzone', ResourceId: id } as const
    const change = (input: object) =>
      cloud.client.send(new ChangeTagsForResourceCommand({ ...named, ...input }))
    await change({
      AddTags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    })
    await change({ AddTags: [{ Key: 'a', Value: '3' }], RemoveTagKeys: ['b'] })
    const { ResourceTagSet } = await cloud.client.send(new ListTagsForResourceCommand(named))
    assert.deepEqual(ResourceTagSet?.Tags, [{ Key: 'a', Value: '3' }])
    const ten = Array.from({ length: 10 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
    await assert.rejects(change({ AddTags: ten }), { name: 'InvalidInput' })
    await assert.rejects(
      cloud.client.send(new ListTagsForResourceCommand({ ResourceType: 'healthcheck', ResourceId: 'none' })),
      { name: 'NoSuchHealthCheck' },
    )
  })

  test('GetAccountLimit counts', async () => {
    const limit = await cloud.client.send(new GetAccountLimitCommand({ Type: 'MAX_HOSTED_ZONES_BY_OWNER' }))
    assert.equal(limit.Limit?.Value, 500)
    assert.ok(limit.Count! >= NAMES.length)
  })
})

test('a change is PENDING, then INSYNC; DNS answers it in between', async () => {
  const cloud = await startCloud({ profile: 'realistic' })
  const id = await cloud.zone('example.com')
  const sent = await cloud.client.send(
    new CreateHostedZoneCommand({ Name: 'later.example.com', CallerReference: 'one' }),
  )
  const change = sent.ChangeInfo!.Id!
  const status = async () =>
    (await cloud.client.send(new GetChangeCommand({ Id: change }))).ChangeInfo?.Status
  assert.equal(await status(), 'PENDING')
  assert.deepEqual(cloud.service.resolve('later.example.com', 'NS'), [])
  await cloud.change(id, record('CREATE', 'www.example.com', 'A', '192.0.2.1'))
  assert.deepEqual(cloud.service.resolve('www.example.com', 'A'), [])
  // The longest propagation is a minute; the first name servers have it after a quarter of that.
  cloud.pass(16)
  assert.equal(cloud.service.resolve('www.example.com', 'A').length, 1)
  assert.equal(cloud.service.resolve('later.example.com', 'NS').length, 4)
  assert.equal(await status(), 'PENDING')
  cloud.pass(45)
  assert.equal(await status(), 'INSYNC')
  await assert.rejects(cloud.client.send(new GetChangeCommand({ Id: '/change/C0' })), {
    name: 'NoSuchChange',
  })
  await cloud.close()
})

test('a second change of a zone within moments is refused, and works after', async () => {
  const cloud = await startCloud({ profile: 'realistic' })
  const id = await cloud.zone('example.com')
  const put = (name: string) => cloud.change(id, record('UPSERT', `${name}.example.com`, 'A', '192.0.2.1'))
  await put('a')
  await assert.rejects(put('b'), { name: 'PriorRequestNotComplete' })
  cloud.pass(1)
  await put('b')
  await cloud.close()
})
