// Record sets: batches and their refusals, the order of the list, what DNS answers and when.
import assert from 'node:assert/strict'
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { batchState } from './record-state.js'
import { batchValidation } from './record-validation.js'
import {
  answersOf,
  askInstance,
  change,
  INSYNC,
  newPolicy,
  newZone,
  r53,
  removeInstance,
  send,
  values,
} from './setup.js'

const NO_ZONE = 'Z0000000000000000000'

const list = (cloud: TestCloud, HostedZoneId: string, more: object = {}) =>
  r53(cloud).listResourceRecordSets({ HostedZoneId, ...more })

const namesOf = (records: readonly ResourceRecordSet[] = []) =>
  records.map(({ Name, Type, SetIdentifier }) => [Name, Type, SetIdentifier].filter(Boolean).join(' '))

export const recordSuites: Readonly<Record<string, OperationSuite>> = {
  ChangeResourceRecordSets: {
    happy: {
      'DNS answers a change before it is INSYNC, never before it was made': async (cloud) => {
        const zone = await newZone(cloud)
        const name = `www.${zone.name}`
        const { ChangeInfo } = await send(cloud, zone, change('CREATE', name))
        assert.equal(ChangeInfo!.Status, 'PENDING')
        assert.deepEqual(await answersOf(cloud, zone, name), [])
        await cloud.pass(INSYNC)
        assert.deepEqual(await answersOf(cloud, zone, name), ['192.0.2.1'])
        await send(cloud, zone, change('UPSERT', name, { ResourceRecords: values('192.0.2.2') }))
        assert.deepEqual(await answersOf(cloud, zone, name), ['192.0.2.1'])
        await cloud.pass(INSYNC)
        assert.deepEqual(await answersOf(cloud, zone, name), ['192.0.2.2'])
      },
      'names lose their capitals, gain their last dot, and show other characters as octal escapes': async (
        cloud,
      ) => {
        const zone = await newZone(cloud)
        const bare = zone.name.slice(0, -1)
        await send(cloud, zone, change('CREATE', `*.${bare}`), change('CREATE', `A\\102@.${bare}`))
        const { ResourceRecordSets } = await list(cloud, zone.id)
        const names = namesOf(ResourceRecordSets)
        assert.ok(names.includes(`\\052.${zone.name} A`), String(names))
        assert.ok(names.includes(`ab\\100.${zone.name} A`), String(names))
      },
      'one batch deletes a record set and makes another in its place': async (cloud) => {
        const zone = await newZone(cloud)
        const name = `swap.${zone.name}`
        const cname = { Type: 'CNAME', ResourceRecords: values('a.example.org') }
        await send(cloud, zone, change('CREATE', name, cname))
        await send(cloud, zone, change('DELETE', name, cname), change('CREATE', name))
        assert.ok(namesOf((await list(cloud, zone.id)).ResourceRecordSets).includes(`${name} A`))
      },
      'a latency alias to API Gateway stands at the apex': async (cloud) => {
        const zone = await newZone(cloud)
        const AliasTarget = {
          HostedZoneId: 'ZLY8HYME6SFDD',
          DNSName: 'd-abc.execute-api.eu-west-1.amazonaws.com',
          EvaluateTargetHealth: false,
        }
        const alias = { SetIdentifier: 'eu-west-1', Region: 'eu-west-1', AliasTarget }
        await send(cloud, zone, change('CREATE', zone.name, alias))
        const { ResourceRecordSets } = await list(cloud, zone.id, {
          StartRecordType: 'A',
          StartRecordName: zone.name,
        })
        assert.equal(ResourceRecordSets![0]!.AliasTarget!.HostedZoneId, 'ZLY8HYME6SFDD')
      },
    },
    validation: batchValidation,
    state: batchState,
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const batch = JSON.stringify({ Changes: [change('CREATE', `cli.${zone.name}`)] })
      const { ChangeInfo } = (await aws.run([
        ...['route53', 'change-resource-record-sets', '--hosted-zone-id', zone.id, '--change-batch', batch],
      ])) as { ChangeInfo: { Id: string; Status: string } }
      assert.match(ChangeInfo.Id, /^\/change\/C/)
      await assert.rejects(
        aws.run([
          ...['route53', 'change-resource-record-sets', '--hosted-zone-id', zone.id, '--change-batch', batch],
        ]),
        /\(InvalidChangeBatch\).*already exists/,
      )
    },
  },

  ListResourceRecordSets: {
    happy: {
      'a zone begins with its NS and SOA; names stand by reversed labels, then types, then identifiers':
        async (cloud) => {
          const zone = await newZone(cloud)
          const weighted = (SetIdentifier: string) =>
            change('CREATE', `b.${zone.name}`, { SetIdentifier, Weight: 1 })
          await send(
            cloud,
            zone,
            change('CREATE', `c.b.${zone.name}`),
            ...[weighted('two'), weighted('one')],
            change('CREATE', `a.${zone.name}`, { Type: 'TXT', ResourceRecords: values('"t"') }),
            change('CREATE', `a.${zone.name}`),
            ...[change('CREATE', `*.${zone.name}`), change('CREATE', `0.${zone.name}`)],
          )
          const at = (name: string) => `${name}.${zone.name}`
          assert.deepEqual(namesOf((await list(cloud, zone.id)).ResourceRecordSets), [
            ...[`${zone.name} NS`, `${zone.name} SOA`],
            ...[`${at('\\052')} A`, `${at('0')} A`, `${at('a')} A`, `${at('a')} TXT`],
            ...[`${at('b')} A one`, `${at('b')} A two`, `${at('c.b')} A`],
          ])
        },
      'a PENDING change is listed': async (cloud) => {
        const zone = await newZone(cloud)
        await send(cloud, zone, change('CREATE', `new.${zone.name}`))
        assert.equal((await list(cloud, zone.id)).ResourceRecordSets!.length, 3)
      },
      'the root of a policy record shows its instance, with a placeholder for its values': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        const { Id, Name } = await askInstance(cloud, zone, id)
        const found = (await list(cloud, zone.id)).ResourceRecordSets!.filter(
          (record) => record.Name === Name,
        )
        assert.equal(found.length, 1)
        assert.equal(found[0]!.TrafficPolicyInstanceId, Id)
        assert.match(found[0]!.ResourceRecords![0]!.Value!, /unsupported on this Route 53 API version/)
        await removeInstance(cloud, Id!)
        assert.equal((await list(cloud, zone.id)).ResourceRecordSets!.length, 2)
      },
    },
    validation: {
      'a type without a name, and an identifier without a type, are InvalidInput': async (cloud) => {
        const zone = await newZone(cloud)
        await refused(list(cloud, zone.id, { StartRecordType: 'A' }), 'InvalidInput')
        const identifier = { StartRecordName: zone.name, StartRecordIdentifier: 'a' }
        await refused(list(cloud, zone.id, identifier), 'InvalidInput')
      },
    },
    state: {
      'an unknown zone is NoSuchHostedZone': async (cloud) =>
        refused(list(cloud, NO_ZONE), 'NoSuchHostedZone'),
    },
    pagination: {
      'the next name, type and identifier go on within one group': async (cloud) => {
        const zone = await newZone(cloud)
        const weighted = ['one', 'two', 'three'].map((SetIdentifier) =>
          change('CREATE', `w.${zone.name}`, { SetIdentifier, Weight: 1 }),
        )
        await send(cloud, zone, ...weighted)
        const seen: string[] = []
        let from: object = {}
        for (;;) {
          const page = await list(cloud, zone.id, { ...from, MaxItems: 2 })
          seen.push(...namesOf(page.ResourceRecordSets))
          if (!page.IsTruncated) break
          from = {
            StartRecordName: page.NextRecordName,
            StartRecordType: page.NextRecordType,
            ...(page.NextRecordIdentifier && { StartRecordIdentifier: page.NextRecordIdentifier }),
          }
        }
        const group = ['one', 'three', 'two'].map((identifier) => `w.${zone.name} A ${identifier}`)
        assert.deepEqual(seen, [`${zone.name} NS`, `${zone.name} SOA`, ...group])
      },
      'a start that does not exist begins at the next record set; a page holds at most 300': async (
        cloud,
      ) => {
        const zone = await newZone(cloud)
        const many = Array.from({ length: 302 }, (_, n) =>
          change('CREATE', `n${String(n).padStart(3, '0')}.${zone.name}`),
        )
        await send(cloud, zone, ...many)
        const page = await list(cloud, zone.id, { StartRecordName: `n0.${zone.name}`, MaxItems: 1000 })
        assert.equal(page.ResourceRecordSets!.length, 300)
        assert.equal(page.ResourceRecordSets![0]!.Name, `n000.${zone.name}`)
        assert.equal(page.NextRecordName, `n300.${zone.name}`)
      },
    },
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const { ResourceRecordSets } = (await aws.run([
        ...['route53', 'list-resource-record-sets', '--hosted-zone-id', zone.id],
      ])) as { ResourceRecordSets: { Type: string }[] }
      assert.deepEqual(
        ResourceRecordSets.map(({ Type }) => Type),
        ['NS', 'SOA'],
      )
    },
  },

  ListResourceRecordSetProtections: {
    happy: {
      'a zone without protections has an empty list': async (cloud) => {
        const zone = await newZone(cloud)
        const listed = await r53(cloud).listResourceRecordSetProtections({ HostedZoneId: zone.id })
        assert.deepEqual(listed.ResourceRecordSetProtections, [])
      },
    },
    state: {
      'an unknown zone is NoSuchHostedZone': async (cloud) =>
        refused(r53(cloud).listResourceRecordSetProtections({ HostedZoneId: NO_ZONE }), 'NoSuchHostedZone'),
    },
    pagination: 'never more than one page, as no protection can be made here',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const command = ['route53', 'list-resource-record-set-protections', '--hosted-zone-id', zone.id]
      // Versions of the CLI from before late 2026 have no such command.
      await aws.run(command).catch((error: Error) => assert.match(error.message, /[Ii]nvalid choice/))
    },
  },

  TestDNSAnswer: {
    happy: {
      'a name, a missing type and a missing name have their codes': async (cloud) => {
        const zone = await newZone(cloud)
        await send(cloud, zone, change('CREATE', `www.${zone.name}`))
        await cloud.pass(INSYNC)
        const ask = (RecordName: string, RecordType: 'A' | 'TXT') =>
          r53(cloud).testDNSAnswer({ HostedZoneId: zone.id, RecordName, RecordType })
        const found = await ask(`WWW.${zone.name}`, 'A')
        assert.deepEqual(
          [found.ResponseCode, found.RecordData, found.Protocol],
          ['NOERROR', ['192.0.2.1'], 'UDP'],
        )
        const none = await ask(`www.${zone.name}`, 'TXT')
        assert.deepEqual([none.ResponseCode, none.RecordData], ['NOERROR', []])
        assert.equal((await ask(`none.${zone.name}`, 'A')).ResponseCode, 'NXDOMAIN')
      },
    },
    validation: {
      'a resolver that is no address, and a mask without its subnet, are InvalidInput': async (cloud) => {
        const zone = await newZone(cloud)
        const ask = (more: object) =>
          r53(cloud).testDNSAnswer({
            ...{ HostedZoneId: zone.id, RecordName: zone.name, RecordType: 'NS' },
            ...more,
          })
        await refused(ask({ ResolverIP: '1.2.3' }), 'InvalidInput')
        await refused(ask({ EDNS0ClientSubnetMask: '24' }), 'InvalidInput')
      },
    },
    state: {
      'an unknown zone is NoSuchHostedZone': async (cloud) =>
        refused(
          r53(cloud).testDNSAnswer({ HostedZoneId: NO_ZONE, RecordName: 'a.test', RecordType: 'A' }),
          'NoSuchHostedZone',
        ),
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const answer = (await aws.run([
        ...['route53', 'test-dns-answer', '--hosted-zone-id', zone.id],
        ...['--record-name', zone.name, '--record-type', 'NS'],
      ])) as { RecordData: string[] }
      assert.equal(answer.RecordData.length, 4)
    },
  },
}
