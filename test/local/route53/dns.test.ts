// The name servers, asked over UDP and TCP: zones, negative answers, aliases, wildcards, delegations, EDNS.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  CreateTrafficPolicyCommand,
  CreateTrafficPolicyInstanceCommand,
  TestDNSAnswerCommand,
} from '@aws-sdk/client-route-53'
import dnsPacket from 'dns-packet'
import fc from 'fast-check'
import { type Responder, respond } from '../../../src/local/route53/dns-message.js'
import { locationOfRegion } from '../../../src/local/route53/location.js'
import { ask, askByTcp, exchange, lines } from './ask.js'
import { dig, IRELAND, NO_DIG, record, startCloud, type TestCloud, VIRGINIA } from './cloud.js'
import { IE_HOST, latencyPolicy, US_HOST } from './policy.js'

let cloud: TestCloud
let zoneId: string
before(async () => {
  cloud = await startCloud()
  zoneId = await cloud.zone('example.com')
  const alias = (name: string, target: string, HostedZoneId: string) =>
    ({
      Action: 'CREATE',
      ResourceRecordSet: {
        Name: name,
        Type: 'A',
        AliasTarget: { DNSName: target, HostedZoneId, EvaluateTargetHealth: false },
      },
    }) as const
  await cloud.change(
    zoneId,
    record('CREATE', 'www.example.com', 'A', ['192.0.2.1', '192.0.2.2']),
    record('CREATE', 'c.example.com', 'CNAME', 'WWW.example.com.'),
    record('CREATE', 'dangling.example.com', 'CNAME', 'absent.example.com'),
    record('CREATE', 'out.example.com', 'CNAME', 'www.example.org'),
    record('CREATE', 'txt.example.com', 'TXT', ['"v=1; \\"x\\"" "two"']),
    record('CREATE', 'mail.example.com', 'MX', '10 mx.example.com'),
    record('CREATE', 'caa.example.com', 'CAA', '0 issue "amazon.com"'),
    record('CREATE', 'deep.below.example.com', 'A', '192.0.2.3'),
    record('CREATE', '*.wild.example.com', 'A', '192.0.2.4'),
    record('CREATE', 'fixed.wild.example.com', 'TXT', '"here"'),
    record('CREATE', 'sub.example.com', 'NS', ['ns1.elsewhere.example', 'ns2.elsewhere.example']),
    record(
      'CREATE',
      'big.example.com',
      'TXT',
      Array.from({ length: 20 }, (_, n) => `"${n}${'x'.repeat(200)}"`),
    ),
    alias('alias.example.com', 'www.example.com', zoneId),
    alias('gateway.example.com', 'd-1.execute-api.us-east-1.amazonaws.com', 'Z1UJRXOUMOOFQ8'),
  )
  const { TrafficPolicy } = await cloud.client.send(
    new CreateTrafficPolicyCommand({ Name: 'near', Document: latencyPolicy() }),
  )
  await cloud.client.send(
    new CreateTrafficPolicyInstanceCommand({
      HostedZoneId: zoneId,
      Name: 'api.example.com',
      TTL: 60,
      TrafficPolicyId: TrafficPolicy!.Id,
      TrafficPolicyVersion: 1,
    }),
  )
})
after(() => cloud.close())

const at = (name: string, type: Parameters<typeof ask>[2] = 'A', more = {}) =>
  ask(cloud.service.dns, name, type, more)
const withSubnet = (ip: string, sourcePrefixLength: number) => ({
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 1232,
      flags: 0,
      options: [{ code: 8, ip, sourcePrefixLength, scopePrefixLength: 0 }],
    } as never,
  ],
})

describe('answers', () => {
  test('addresses, whatever the case of the question, with the authority bit', async () => {
    const answer = await at('wWw.ExAmPlE.cOm')
    assert.deepEqual(lines(answer), ['wWw.ExAmPlE.cOm A 192.0.2.1', 'wWw.ExAmPlE.cOm A 192.0.2.2'])
    assert.equal(answer.flag_aa, true)
    assert.equal(answer.id, 4711)
    assert.equal(answer.flag_rd, true)
  })

  test('CNAMEs are followed where this cloud has authority', async () => {
    assert.deepEqual(lines(await at('c.example.com')).slice(0, 2), [
      'c.example.com CNAME WWW.example.com',
      'www.example.com A 192.0.2.1',
    ])
    assert.deepEqual(lines(await at('c.example.com', 'CNAME')), ['c.example.com CNAME WWW.example.com'])
    assert.deepEqual(lines(await at('out.example.com')), ['out.example.com CNAME www.example.org'])
    assert.equal((await at('out.example.com')).rcode, 'NOERROR')
    assert.equal((await at('dangling.example.com')).rcode, 'NXDOMAIN')
  })

  test('aliases answer under their own name', async () => {
    assert.deepEqual(lines(await at('alias.example.com')), [
      'alias.example.com A 192.0.2.1',
      'alias.example.com A 192.0.2.2',
    ])
    assert.deepEqual(lines(await at('gateway.example.com')), [`gateway.example.com A ${VIRGINIA.address}`])
  })

  test('TXT, MX, CAA, SOA and NS', async () => {
    const [txt] = (await at('txt.example.com', 'TXT')).answers!
    assert.deepEqual((txt as { data: Buffer[] }).data.map(String), ['v=1; "x"', 'two'])
    assert.deepEqual(lines(await at('mail.example.com', 'MX')), [
      'mail.example.com MX {"preference":10,"exchange":"mx.example.com"}',
    ])
    assert.match(lines(await at('caa.example.com', 'CAA'))[0]!, /"tag":"issue","value":"amazon.com"/)
    assert.match(lines(await at('example.com', 'SOA'))[0]!, /awsdns-hostmaster\.amazon\.com/)
    assert.equal((await at('example.com', 'NS')).answers!.length, 4)
  })

  test('NXDOMAIN and NODATA come with the SOA', async () => {
    const nodata = ['www.example.com', 'below.example.com', 'fixed.wild.example.com']
    for (const [names, rcode] of [
      [['absent.example.com', 'a.www.example.com'], 'NXDOMAIN'],
      [nodata, 'NOERROR'],
    ] as const) {
      for (const name of names) {
        const answer = await at(name, 'AAAA')
        assert.equal(answer.rcode, rcode, name)
        assert.deepEqual(answer.answers, [])
        assert.equal(answer.authorities![0]!.type, 'SOA')
        assert.equal((answer.authorities![0] as { ttl: number }).ttl, 900)
      }
    }
  })

  test('wildcards answer for what has no name of its own', async () => {
    assert.deepEqual(lines(await at('a.b.wild.example.com')), ['a.b.wild.example.com A 192.0.2.4'])
    assert.deepEqual(lines(await at('fixed.wild.example.com')), [])
    assert.equal((await at('x.fixed.wild.example.com')).rcode, 'NXDOMAIN')
  })

  test('a delegation is answered as a referral', async () => {
    const answer = await at('host.sub.example.com')
    assert.equal(answer.rcode, 'NOERROR')
    assert.equal(answer.flag_aa, false)
    assert.deepEqual(answer.answers, [])
    assert.deepEqual(
      answer.authorities!.map((server) => (server as { data: string }).data),
      ['ns1.elsewhere.example', 'ns2.elsewhere.example'],
    )
  })

  test('names outside of all zones are refused, API Gateway names and name servers are not', async () => {
    assert.equal((await at('www.example.org')).rcode, 'REFUSED')
    assert.deepEqual(lines(await at('abc.execute-api.eu-west-1.amazonaws.com')), [
      `abc.execute-api.eu-west-1.amazonaws.com A ${IRELAND.address}`,
    ])
    assert.equal((await at('absent.execute-api.eu-west-1.amazonaws.com')).rcode, 'NXDOMAIN')
    assert.deepEqual(lines(await at('ns-2.multiregion-local.test')), [
      'ns-2.multiregion-local.test A 127.0.0.1',
    ])
    assert.equal((await at('ns-9.multiregion-local.test')).rcode, 'NXDOMAIN')
  })

  test('a deeper zone answers before its parent', async () => {
    const deeper = await cloud.zone('zone.example.com')
    await cloud.change(deeper, record('CREATE', 'www.zone.example.com', 'A', '192.0.2.9'))
    assert.deepEqual(lines(await at('www.zone.example.com')), ['www.zone.example.com A 192.0.2.9'])
  })
})

describe('messages', () => {
  test('the client subnet decides, and comes back as scope', async () => {
    for (const [ip, prefix, host] of [
      ['192.0.2.0', 24, IE_HOST],
      ['198.51.100.7', 32, US_HOST],
      ['203.0.113.0', 24, IE_HOST],
      ['2001:db8::', 32, IE_HOST],
      ['198.51.100.0', 0, IE_HOST],
    ] as const) {
      const answer = await at('api.example.com', 'CNAME', withSubnet(ip, prefix))
      assert.equal(lines(answer)[0], `api.example.com CNAME ${host}`)
      const opt = answer.additionals![0] as unknown as { options: Record<string, unknown>[] }
      assert.equal(opt.options[0]!.sourcePrefixLength, prefix)
      assert.equal(opt.options[0]!.scopePrefixLength, prefix)
    }
  })

  test('a long answer is cut by UDP and whole by TCP; EDNS makes room', async () => {
    const cut = await at('big.example.com', 'TXT')
    assert.equal(cut.flag_tc, true)
    assert.deepEqual(cut.answers, [])
    const room = { type: 'OPT', name: '.', udpPayloadSize: 8192, flags: 0, options: [] } as never
    assert.equal((await at('big.example.com', 'TXT', { additionals: [room] })).flag_tc, true)
    const whole = await askByTcp(cloud.service.dns, 'big.example.com', 'TXT')
    assert.equal(whole.answers!.length, 20)
    assert.equal(whole.flag_tc, false)
    const small = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] } as never
    assert.equal((await at('www.example.com', 'A', { additionals: [small] })).answers!.length, 2)
  })

  test('what is not a plain question has its own code', async () => {
    assert.equal((await at('example.com', 'AXFR')).rcode, 'REFUSED')
    assert.equal((await at('www.example.com', 'A', { flags: 4 << 11 })).rcode, 'NOTIMP')
    assert.equal((await at('www.example.com', 'A', { questions: [] })).rcode, 'FORMERR')
    const future = {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 1232,
      ednsVersion: 1,
      flags: 0,
      options: [],
    } as never
    const answer = await at('www.example.com', 'A', { additionals: [future] })
    assert.equal((answer.additionals![0] as { extendedRcode?: number }).extendedRcode, 1)
    assert.equal((await at('www.example.com', 'UNKNOWN_65' as never)).rcode, 'NOERROR')
  })

  test('every question gets an answer that can be read, whatever its name', () => {
    const { service } = cloud
    const responder: Responder = {
      answer: ({ name, type }) => {
        const answers = service
          .resolve(name, type as 'A')
          .map((found) => ({ ...found, type: 'A', ttl: 1 }) as const)
        return {
          rcode: 'NOERROR',
          answers: answers.map(({ data, ...answer }) => ({ ...answer, value: data })),
          authority: [],
          authoritative: true,
        }
      },
      locate: () => locationOfRegion('eu-west-1'),
    }
    const label = fc.string({ minLength: 1, maxLength: 70 })
    const name = fc.array(label, { maxLength: 5 }).map((labels) => [...labels, 'example.com'].join('.'))
    const type = fc.constantFrom('A', 'TXT', 'CNAME', 'SRV', 'OPT') as fc.Arbitrary<'A'>
    fc.assert(
      fc.property(name, type, fc.constantFrom('udp', 'tcp'), (asked, wanted, transport) => {
        const bytes = dnsPacket.encode({ type: 'query', id: 7, questions: [{ name: asked, type: wanted }] })
        const answer = respond(bytes, '127.0.0.1', transport, responder)
        if (answer) assert.equal(dnsPacket.decode(answer).id, 7)
      }),
      { numRuns: 1000 },
    )
  })

  test('rubbish is ignored and the server lives on', async () => {
    const rubbish = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      // A real query, damaged in places.
      fc
        .tuple(
          fc.constantFrom('www.example.com', 'api.example.com', 'a'),
          fc.array(fc.tuple(fc.nat(60), fc.nat(255))),
        )
        .map(([name, damages]) => {
          const bytes = dnsPacket.encode({
            type: 'query',
            id: 1,
            questions: [{ name, type: 'A' }],
            ...withSubnet('192.0.2.0', 24),
          })
          for (const [index, value] of damages) bytes[index % bytes.length] = value
          return Uint8Array.from(bytes)
        }),
    )
    await fc.assert(
      fc.asyncProperty(rubbish, async (bytes) => {
        await exchange(cloud.service.dns, Buffer.from(bytes), 1)
      }),
      { numRuns: 300 },
    )
    assert.equal((await at('www.example.com')).answers!.length, 2)
  })
})

describe('dig', { skip: NO_DIG }, () => {
  test('+subnet gives each location its region, down to the address', async () => {
    const near = async ({ clientSubnet }: { clientSubnet: string }) =>
      (await dig(cloud.service, '+short', `+subnet=${clientSubnet}`, 'api.example.com', 'A'))
        .trim()
        .split('\n')
    assert.deepEqual(await near(IRELAND), [`${IE_HOST}.`, IRELAND.address])
    assert.deepEqual(await near(VIRGINIA), [`${US_HOST}.`, VIRGINIA.address])
  })

  test('it has nothing to complain about', async () => {
    const plain = await dig(cloud.service, '+subnet=192.0.2.0/24', 'api.example.com', 'A')
    assert.match(plain, /status: NOERROR/)
    assert.match(plain, /CLIENT-SUBNET: 192\.0\.2\.0\/24\/24/)
    assert.match(plain, /api\.example\.com\.\s+60\s+IN\s+CNAME/)
    assert.doesNotMatch(plain, /WARNING: (?!recursion)/)
    assert.match(await dig(cloud.service, 'big.example.com', 'TXT'), /retrying in TCP/)
    assert.equal(
      (await dig(cloud.service, '+short', 'txt.example.com', 'TXT')).trim(),
      '"v=1; \\"x\\"" "two"',
    )
  })
})

test('TestDNSAnswer asks as a client elsewhere', async () => {
  const testAnswer = (more: object) =>
    cloud.client.send(
      new TestDNSAnswerCommand({
        HostedZoneId: zoneId,
        RecordName: 'api.example.com',
        RecordType: 'CNAME',
        ...more,
      }),
    )
  assert.deepEqual((await testAnswer({})).RecordData, [US_HOST])
  const ireland = await testAnswer({ EDNS0ClientSubnetIP: '192.0.2.7', EDNS0ClientSubnetMask: '24' })
  assert.deepEqual(ireland.RecordData, [IE_HOST])
  assert.equal(ireland.ResponseCode, 'NOERROR')
  assert.equal((await testAnswer({ RecordName: 'absent.example.com' })).ResponseCode, 'NXDOMAIN')
  await assert.rejects(testAnswer({ RecordName: 'www.example.org' }), { name: 'InvalidInput' })
  await assert.rejects(testAnswer({ ResolverIP: 'nowhere' }), { name: 'InvalidInput' })
})

test('other services resolve without the network', () => {
  assert.deepEqual(cloud.service.resolve('api.example.com', 'A', '198.51.100.1'), [
    { name: 'api.example.com', type: 'CNAME', data: US_HOST },
    { name: US_HOST, type: 'A', data: VIRGINIA.address },
  ])
  assert.deepEqual(cloud.service.resolve('txt.example.com', 'TXT'), [
    { name: 'txt.example.com', type: 'TXT', data: 'v=1; "x"two' },
  ])
  assert.deepEqual(cloud.service.resolve('absent.example.com', 'A'), [])
})
