// ChangeResourceRecordSets: what it takes, what it refuses in which words, and that a batch is all or nothing.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Change,
  CreateHealthCheckCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53'
import { record, startCloud, type TestCloud } from './cloud.js'

const ZONE = 'example.com.'
let cloud: TestCloud
let zoneId: string
before(async () => {
  cloud = await startCloud()
  zoneId = await cloud.zone('example.com')
})
after(() => cloud.close())

const change = (...changes: Change[]) => cloud.change(zoneId, ...changes)
const list = async (input: object = {}) =>
  cloud.client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId, ...input }))
const namesOf = (sets: ResourceRecordSet[]) => sets.map(({ Name, Type }) => `${Name} ${Type}`)
const invalid = (message: string) => ({ name: 'InvalidChangeBatch', message: `[${message}]` })

const weighted = (identifier: string, value: string, more: object = {}) =>
  record('UPSERT', 'w.example.com', 'A', value, { SetIdentifier: identifier, Weight: 1, ...more })

describe('CREATE, UPSERT and DELETE', () => {
  test('CREATE refuses what exists; UPSERT replaces it; DELETE wants the exact values', async () => {
    await change(record('CREATE', 'WWW.Example.com', 'A', ['192.0.2.1', '192.0.2.2']))
    await assert.rejects(
      change(record('CREATE', 'www.example.com', 'A', '192.0.2.9')),
      invalid(
        "Tried to create resource record set [name='www.example.com.', type='A'] but it already exists",
      ),
    )
    await change(record('UPSERT', 'www.example.com.', 'A', ['192.0.2.3', '192.0.2.4']))
    const wrong = [record('DELETE', 'www.example.com', 'A', '192.0.2.3')]
    wrong.push(record('DELETE', 'www.example.com', 'A', ['192.0.2.3', '192.0.2.4'], { TTL: 61 }))
    for (const bad of wrong) {
      await assert.rejects(
        change(bad),
        invalid(
          "Tried to delete resource record set [name='www.example.com.', type='A'] but the values provided do not match the current values",
        ),
      )
    }
    await change(record('DELETE', 'www.example.com', 'A', ['192.0.2.4', '192.0.2.3']))
    await assert.rejects(
      change(record('DELETE', 'www.example.com', 'A', '192.0.2.4')),
      invalid("Tried to delete resource record set [name='www.example.com.', type='A'] but it was not found"),
    )
  })

  test('a batch is all or nothing, and its problems come together', async () => {
    const before = (await list()).ResourceRecordSets
    await assert.rejects(
      change(
        record('CREATE', 'one.example.com', 'A', '192.0.2.1'),
        record('DELETE', 'two.example.com', 'A', '192.0.2.1'),
        record('DELETE', 'three.example.com', 'A', '192.0.2.1'),
      ),
      invalid(
        "Tried to delete resource record set [name='two.example.com.', type='A'] but it was not found, " +
          "Tried to delete resource record set [name='three.example.com.', type='A'] but it was not found",
      ),
    )
    assert.deepEqual((await list()).ResourceRecordSets, before)
  })

  test('a CNAME gives way to addresses in one batch, whatever the order', async () => {
    await change(record('CREATE', 'swap.example.com', 'CNAME', 'a.example.com'))
    await change(
      record('CREATE', 'swap.example.com', 'A', '192.0.2.1'),
      record('DELETE', 'swap.example.com', 'CNAME', 'A.example.com.'),
    )
    await change(record('DELETE', 'swap.example.com', 'A', '192.0.2.1'))
  })

  test('SOA and NS of the zone can be changed but not deleted', async () => {
    const [ns, soa] = (await list({ MaxItems: 2 })).ResourceRecordSets!
    for (const [set, text] of [
      [ns, 'A HostedZone must contain at least one NS record for the zone itself.'],
      [soa, 'A HostedZone must contain exactly one SOA record.'],
    ] as const) {
      await assert.rejects(change({ Action: 'DELETE', ResourceRecordSet: set }), invalid(text))
    }
    await change({ Action: 'UPSERT', ResourceRecordSet: { ...ns!, TTL: 300 } })
    await change({ Action: 'UPSERT', ResourceRecordSet: { ...ns!, TTL: 172800 } })
  })

  test('unknown zones and health checks', async () => {
    const put = record('CREATE', 'a.example.com', 'A', '192.0.2.1')
    await assert.rejects(cloud.change('Z0', put), { name: 'NoSuchHostedZone' })
    await assert.rejects(change(weighted('a', '192.0.2.1', { HealthCheckId: 'none' })), {
      name: 'NoSuchHealthCheck',
    })
  })
})

describe('what may stand beside what', () => {
  test('CNAME: not at the apex, not beside other types, either way', async () => {
    await assert.rejects(
      change(record('CREATE', 'example.com', 'CNAME', 'a.example.org')),
      invalid('RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.'),
    )
    await change(record('CREATE', 'both.example.com', 'A', '192.0.2.1'))
    await assert.rejects(
      change(record('CREATE', 'both.example.com', 'CNAME', 'a.example.org')),
      invalid(
        'RRSet of type CNAME with DNS name both.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.',
      ),
    )
    await change(record('CREATE', 'alone.example.com', 'CNAME', 'a.example.org'))
    await assert.rejects(
      change(record('UPSERT', 'alone.example.com', 'TXT', '"text"')),
      invalid(
        'RRSet of type TXT with DNS name alone.example.com. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone example.com.',
      ),
    )
  })

  test('outside of the zone', async () => {
    await assert.rejects(
      change(record('CREATE', 'www.example.org', 'A', '192.0.2.1')),
      invalid(`RRSet with DNS name www.example.org. is not permitted in zone ${ZONE}`),
    )
    await assert.rejects(change(record('CREATE', 'notexample.com', 'A', '192.0.2.1')), {
      name: 'InvalidChangeBatch',
    })
  })

  test('one routing policy for all record sets of a name and type', async () => {
    await change(weighted('a', '192.0.2.1'), weighted('b', '192.0.2.2'))
    const subject = 'RRSet with DNS name w.example.com., type A'
    await assert.rejects(
      change(record('CREATE', 'w.example.com', 'A', '192.0.2.3')),
      invalid(`${subject} cannot be created as other RRSets exist with the same name and type.`),
    )
    await assert.rejects(
      change(
        record('CREATE', 'w.example.com', 'A', '192.0.2.3', { SetIdentifier: 'c', Region: 'eu-west-1' }),
      ),
      invalid(
        `${subject}, SetIdentifier c cannot be created as a non-latency set exists with the same name and type.`,
      ),
    )
    await assert.rejects(
      change(weighted('c', '192.0.2.3', { TTL: 5 })),
      invalid(`${subject}, SetIdentifier c cannot be created as weighted sets must contain the same TTL.`),
    )
    const toLatency = weighted('a', '192.0.2.1', { Weight: undefined, Region: 'eu-west-1' })
    await assert.rejects(change(toLatency), { name: 'InvalidChangeBatch', message: /routing policy/ })
    const sets = (await list({ StartRecordName: 'w.example.com', MaxItems: 2 })).ResourceRecordSets!
    const latency = (SetIdentifier: string, Region: string) =>
      record('CREATE', 'w.example.com', 'A', '192.0.2.1', { SetIdentifier, Region })
    await change(
      ...sets.map((set) => ({ Action: 'DELETE', ResourceRecordSet: set }) as const),
      latency('a', 'eu-west-1'),
      latency('b', 'us-east-1'),
    )
    await assert.rejects(change(latency('c', 'us-east-1')), {
      name: 'InvalidChangeBatch',
      message: /with the same name, type, and latency value us-east-1/,
    })
  })
})

describe('shapes and values', () => {
  const shapes: [string, object, RegExp][] = [
    [
      'no TTL',
      { TTL: undefined },
      /^Invalid request: Expected exactly one of \[AliasTarget, all of \[TTL, and ResourceRecords\], or TrafficPolicyInstanceId\], but found none in Change with \[Action=CREATE, Name=s\.example\.com, Type=A, SetIdentifier=null\]$/,
    ],
    ['a weight without identifier', { Weight: 1 }, /Missing field 'SetIdentifier'/],
    ['a health check without identifier', { HealthCheckId: 'x' }, /Missing field 'SetIdentifier'/],
    ['an identifier alone', { SetIdentifier: 'a' }, /Expected exactly one of \[Weight, .*but found none/],
    ['two policies', { SetIdentifier: 'a', Weight: 1, Failover: 'PRIMARY' }, /but found more than one/],
    ['a type that is not kept here', { Type: 'SVCB' }, /SVCB is not part of the local cloud/],
    [
      'IP-based routing',
      {
        SetIdentifier: 'a',
        CidrRoutingConfig: { CollectionId: '00000000-0000-0000-0000-000000000000', LocationName: 'b' },
      },
      /IP-based/,
    ],
  ]
  for (const [what, more, message] of shapes) {
    test(`refused: ${what}`, async () => {
      await assert.rejects(change(record('CREATE', 's.example.com', 'A', '192.0.2.1', more)), {
        name: 'InvalidInput',
        message,
      })
    })
  }

  const values: [Parameters<typeof record>[2], string | string[], string][] = [
    ['A', '300.1.1.1', 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'],
    ['A', '192.0.2.1, 192.0.2.1', 'ARRDATANotSingleField (Value contains spaces)'],
    ['AAAA', '192.0.2.1', 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'],
    ['TXT', 'bare', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
    ['TXT', `"${'a'.repeat(256)}"`, 'CharacterStringTooLong (Value is too long)'],
    ['CNAME', 'a..b', 'DomainLabelEmpty (Domain label is empty)'],
    ['CNAME', `${'a'.repeat(64)}.com`, 'DomainLabelTooLong (Domain label is too long)'],
    ['MX', 'mail.example.com', 'MXRRDATAInvalid'],
    ['CAA', '0 issue amazon.com', 'CAARRDATAInvalid'],
    ['SRV', '1 2 mail.example.com', 'SRVRRDATAInvalid'],
    ['A', ['192.0.2.1', '192.0.2.1'], "Duplicate Resource Record: '192.0.2.1'"],
    ['CNAME', ['a.example.org', 'b.example.org'], 'may only hold one Resource Record'],
  ]
  for (const [type, value, text] of values) {
    test(`refused: ${type} ${String(value).slice(0, 30)}`, async () => {
      await assert.rejects(change(record('CREATE', 'v.example.com', type, value)), (error: Error) => {
        assert.equal(error.name, 'InvalidChangeBatch')
        assert.ok(error.message.includes(text), error.message)
        return true
      })
    })
  }

  test('good values of every type come back as they were given', async () => {
    const good = [
      record('CREATE', 'a.good.example.com', 'AAAA', '2001:db8::1'),
      record('CREATE', 'b.good.example.com', 'CAA', '0 issue "amazon.com"'),
      record('CREATE', 'c.good.example.com', 'MX', ['10 mail.example.com', '20 .']),
      record('CREATE', 'd.good.example.com', 'SRV', '1 2 443 host.example.com'),
      record('CREATE', 'e.good.example.com', 'TXT', ['"v=spf1 -all"', '"a" "b \\"quoted\\""']),
      record('CREATE', '*.good.example.com', 'A', '192.0.2.1'),
    ]
    await change(...good)
    const { ResourceRecordSets } = await list({ StartRecordName: 'good.example.com', MaxItems: 6 })
    assert.deepEqual(namesOf(ResourceRecordSets!), [
      '\\052.good.example.com. A',
      'a.good.example.com. AAAA',
      'b.good.example.com. CAA',
      'c.good.example.com. MX',
      'd.good.example.com. SRV',
      'e.good.example.com. TXT',
    ])
    assert.deepEqual(ResourceRecordSets![5]!.ResourceRecords, good[4]!.ResourceRecordSet!.ResourceRecords)
  })

  test('an alias may lead to the same zone or to API Gateway', async () => {
    const alias = (target: string, HostedZoneId: string): Change => ({
      Action: 'CREATE',
      ResourceRecordSet: {
        Name: 'alias.example.com',
        Type: 'A',
        AliasTarget: { DNSName: target, HostedZoneId, EvaluateTargetHealth: false },
      },
    })
    await assert.rejects(
      change(alias('absent.example.com', zoneId)),
      invalid(
        `Tried to create an alias that targets absent.example.com., type A in zone ${zoneId}, but that target was not found`,
      ),
    )
    await assert.rejects(change(alias('a.example.org', zoneId)), /does not lie within the target zone/)
    await assert.rejects(change(alias('lb.eu-west-1.elb.amazonaws.com', 'Z32O12XQLNTSW2')), {
      name: 'InvalidInput',
    })
    const gateway = alias('d-1.execute-api.eu-west-1.amazonaws.com', 'ZLY8HYME6SFDD')
    await change(gateway)
    await change({ ...gateway, Action: 'DELETE' })
  })

  test('a health check may stand on a routed record', async () => {
    const HealthCheckConfig = { Type: 'TCP', FullyQualifiedDomainName: 'a.example.com', Port: 1 } as const
    const { HealthCheck } = await cloud.client.send(
      new CreateHealthCheckCommand({ CallerReference: 'one', HealthCheckConfig }),
    )
    await change(
      record('CREATE', 'checked.example.com', 'A', '192.0.2.1', {
        SetIdentifier: 'a',
        Failover: 'PRIMARY',
        HealthCheckId: HealthCheck!.Id!,
      }),
    )
  })

  test('1,000 records a batch, an UPSERT counts twice', async () => {
    const many = Array.from({ length: 501 }, (_, index) =>
      record('UPSERT', `n${index}.example.com`, 'A', '192.0.2.1'),
    )
    await assert.rejects(change(...many), invalid('Number of records limit of 1000 exceeded.'))
    const long = Array.from({ length: 9 }, (_, index) =>
      record(
        'CREATE',
        `t${index}.example.com`,
        'TXT',
        Array.from({ length: 16 }, (__, n) => `"${n}${'x'.repeat(240)}"`),
      ),
    )
    await assert.rejects(change(...long), invalid('Number of characters limit of 32000 exceeded.'))
  })
})

describe('ListResourceRecordSets', () => {
  let other: string
  before(async () => {
    other = await cloud.zone('list.example.net')
    await cloud.change(
      other,
      record('CREATE', 'www.list.example.net', 'A', '192.0.2.1'),
      record('CREATE', 'www.list.example.net', 'TXT', '"t"'),
      record('CREATE', 'b.a.list.example.net', 'A', '192.0.2.1'),
      record('CREATE', 'a.list.example.net', 'A', '192.0.2.1', { SetIdentifier: 'y', Weight: 1 }),
      record('CREATE', 'a.list.example.net', 'A', '192.0.2.1', { SetIdentifier: 'x', Weight: 1 }),
      record('CREATE', 'a-b.list.example.net', 'A', '192.0.2.1'),
    )
  })
  const ORDER = [
    'list.example.net. NS',
    'list.example.net. SOA',
    'a-b.list.example.net. A',
    'a.list.example.net. A x',
    'a.list.example.net. A y',
    'b.a.list.example.net. A',
    'www.list.example.net. A',
    'www.list.example.net. TXT',
  ]
  const page = (input: object) =>
    cloud.client.send(new ListResourceRecordSetsCommand({ HostedZoneId: other, ...input }))
  const shown = (sets: ResourceRecordSet[]) =>
    sets.map(({ Name, Type, SetIdentifier }) => [Name, Type, SetIdentifier].filter(Boolean).join(' '))

  test('sorted by reversed name, type and identifier; pages go on where they ended', async () => {
    const seen: string[] = []
    let from: object = {}
    for (let pages = 0; pages < 10; pages++) {
      const got = await page({ ...from, MaxItems: 3 })
      seen.push(...shown(got.ResourceRecordSets!))
      if (!got.IsTruncated) break
      from = {
        StartRecordName: got.NextRecordName,
        StartRecordType: got.NextRecordType,
        StartRecordIdentifier: got.NextRecordIdentifier,
      }
    }
    assert.deepEqual(seen, ORDER)
  })

  test('starts at a name and type; a type alone is refused', async () => {
    const from = await page({ StartRecordName: 'www.list.example.net', StartRecordType: 'AAAA' })
    assert.deepEqual(shown(from.ResourceRecordSets!), ORDER.slice(7))
    await assert.rejects(page({ StartRecordType: 'A' }), { name: 'InvalidInput' })
  })
})
