// Hosted zones: names, references, order of the lists, and what keeps a zone from being deleted.
import assert from 'node:assert/strict'
import type { Route53 } from '@aws-sdk/client-route-53'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { Cases, OperationSuite } from '../suite.js'
import { alone, change, fresh, INSYNC, newZone, often, r53, send } from './setup.js'

const create = (cloud: TestCloud, Name: string, CallerReference = fresh('reference')) =>
  r53(cloud).createHostedZone({ Name, CallerReference })

const NO_ZONE = 'Z0000000000000000000'

/** The one refusal that every operation on a zone shares. */
const noSuchZone = (call: (client: Route53) => Promise<unknown>): Cases => ({
  'an unknown zone is NoSuchHostedZone': async (cloud) =>
    refused(call(r53(cloud)), 'NoSuchHostedZone', `No hosted zone found with ID: ${NO_ZONE}`),
})

export const zoneSuites: Readonly<Record<string, OperationSuite>> = {
  CreateHostedZone: {
    happy: {
      'the answer has prefixed ids, a delegation set of four name servers and a PENDING change': async (
        cloud,
      ) => {
        const made = await create(cloud, 'Mixed.Case.Test')
        assert.match(made.HostedZone!.Id!, /^\/hostedzone\/Z[0-9A-Z]+$/)
        assert.equal(made.HostedZone!.Name, 'mixed.case.test.')
        assert.equal(made.HostedZone!.ResourceRecordSetCount, 2)
        assert.match(made.ChangeInfo!.Id!, /^\/change\/C[0-9A-Z]+$/)
        assert.equal(made.ChangeInfo!.Status, 'PENDING')
        assert.equal(new Set(made.DelegationSet!.NameServers).size, 4)
        assert.match(made.Location!, /\/2013-04-01\/hostedzone\/Z/)
      },
      'a name may have several zones': async (cloud) => {
        const [one, two] = [await create(cloud, 'twin.test'), await create(cloud, 'twin.test')]
        assert.notEqual(one.HostedZone!.Id, two.HostedZone!.Id)
      },
      'escapes that are not needed are resolved, others are octal': async (cloud) => {
        const { HostedZone } = await create(cloud, 'a\\102c!.zone.test')
        assert.equal(HostedZone!.Name, 'abc\\041.zone.test.')
      },
    },
    validation: {
      'a top-level domain is InvalidDomainName': async (cloud) => {
        await refused(create(cloud, 'test'), 'InvalidDomainName', 'test is reserved by AWS!')
      },
      'a first label that is an asterisk is InvalidDomainName': async (cloud) => {
        await refused(create(cloud, '*.zone.test'), 'InvalidDomainName')
      },
      'an empty label, a label of 64 bytes and a name of 256 bytes are InvalidDomainName': async (cloud) => {
        const long = Array.from({ length: 5 }, () => 'x'.repeat(60)).join('.')
        for (const name of ['a..zone.test', `${'x'.repeat(64)}.zone.test`, long])
          await refused(create(cloud, name), 'InvalidDomainName')
      },
    },
    state: {
      'a caller reference that was used is HostedZoneAlreadyExists, whatever the name': async (cloud) => {
        await create(cloud, 'first.test', 'used')
        await refused(
          create(cloud, 'second.test', 'used'),
          'HostedZoneAlreadyExists',
          'A hosted zone has already been created with the specified caller reference.',
        )
      },
      'the 501st zone of an account is TooManyHostedZones': alone(async (cloud) => {
        await often(cloud, 500, () => create(cloud, `${fresh('zone')}.test`))
        await cloud.pass(100)
        const wording = 'Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more hosted zones.'
        await refused(create(cloud, 'more.test'), 'TooManyHostedZones', wording)
      }),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const made = (await aws.run([
        ...['route53', 'create-hosted-zone', '--name', 'cli-create.test', '--caller-reference', 'cli-create'],
      ])) as { HostedZone: { Name: string } }
      assert.equal(made.HostedZone.Name, 'cli-create.test.')
    },
  },

  GetHostedZone: {
    happy: {
      'an id is taken with or without its path': async (cloud) => {
        const zone = await newZone(cloud)
        for (const Id of [zone.id, `/hostedzone/${zone.id}`]) {
          const { HostedZone, DelegationSet } = await r53(cloud).getHostedZone({ Id })
          assert.equal(HostedZone!.Name, zone.name)
          assert.equal(HostedZone!.Config!.PrivateZone, false)
          assert.equal(DelegationSet!.NameServers!.length, 4)
        }
      },
    },
    state: noSuchZone((client) => client.getHostedZone({ Id: NO_ZONE })),
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const got = (await aws.run(['route53', 'get-hosted-zone', '--id', zone.id])) as {
        DelegationSet: { NameServers: string[] }
      }
      assert.equal(got.DelegationSet.NameServers.length, 4)
    },
  },

  GetHostedZoneCount: {
    happy: {
      'counts the zones of the account': async (cloud) => {
        const before = (await r53(cloud).getHostedZoneCount({})).HostedZoneCount!
        await newZone(cloud)
        assert.equal((await r53(cloud).getHostedZoneCount({})).HostedZoneCount, before + 1)
      },
    },
    state: 'has no state',
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const { HostedZoneCount } = (await aws.run(['route53', 'get-hosted-zone-count'])) as {
        HostedZoneCount: number
      }
      assert.equal(typeof HostedZoneCount, 'number')
    },
  },

  ListHostedZones: {
    happy: {
      'private zones are not among public ones': async (cloud) => {
        await newZone(cloud)
        const { HostedZones } = await r53(cloud).listHostedZones({ HostedZoneType: 'PrivateHostedZone' })
        assert.deepEqual(HostedZones, [])
      },
    },
    validation: {
      'a marker that names no zone is InvalidInput': async (cloud) => {
        await refused(r53(cloud).listHostedZones({ Marker: NO_ZONE }), 'InvalidInput')
      },
    },
    state: 'has no state',
    pagination: {
      'NextMarker is the first zone of the next page': async (cloud) => {
        const made = [await newZone(cloud), await newZone(cloud), await newZone(cloud)].map(({ id }) => id)
        const seen: string[] = []
        let Marker: string | undefined
        do {
          const page = await r53(cloud).listHostedZones({ MaxItems: 2, ...(Marker && { Marker }) })
          assert.equal(page.MaxItems, 2)
          assert.equal(page.IsTruncated, page.NextMarker !== undefined)
          seen.push(...page.HostedZones!.map(({ Id }) => Id!.replace('/hostedzone/', '')))
          Marker = page.NextMarker
        } while (Marker)
        assert.deepEqual(seen.slice(-3), made)
      },
    },
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const { HostedZones } = (await aws.run(['route53', 'list-hosted-zones'])) as {
        HostedZones: { Name: string }[]
      }
      assert.ok(HostedZones.some(({ Name }) => Name === zone.name))
    },
  },

  ListHostedZonesByName: {
    happy: {
      'DNSName is where the list starts, not a filter': async (cloud) => {
        await newZone(cloud, 'b.start.test')
        await newZone(cloud, 'c.start.test')
        const { HostedZones, DNSName } = await r53(cloud).listHostedZonesByName({ DNSName: 'a.start.test' })
        assert.equal(DNSName, 'a.start.test')
        assert.deepEqual(
          HostedZones!.map(({ Name }) => Name),
          ['b.start.test.', 'c.start.test.'],
        )
      },
    },
    validation: {
      'HostedZoneId without DNSName is InvalidInput': async (cloud) => {
        await refused(r53(cloud).listHostedZonesByName({ HostedZoneId: NO_ZONE }), 'InvalidInput')
      },
    },
    state: {
      'zones stand in the order of their reversed labels': async (cloud) => {
        for (const name of ['z.order.test', 'order.test', 'a.z.order.test', 'a.order.test', '0.order.test'])
          await newZone(cloud, name)
        const { HostedZones } = await r53(cloud).listHostedZonesByName({ DNSName: 'order.test', MaxItems: 5 })
        assert.deepEqual(
          HostedZones!.map(({ Name }) => Name),
          ['order.test.', '0.order.test.', 'a.order.test.', 'z.order.test.', 'a.z.order.test.'],
        )
      },
    },
    pagination: {
      'NextDNSName and NextHostedZoneId go on within zones of one name': async (cloud) => {
        const ids = new Set<string>()
        for (let zone = 0; zone < 3; zone++) ids.add((await newZone(cloud, 'zzz.page.test')).id)
        const seen: string[] = []
        let from: { DNSName?: string; HostedZoneId?: string } = { DNSName: 'zzz.page.test' }
        for (;;) {
          const page = await r53(cloud).listHostedZonesByName({ ...from, MaxItems: 1 })
          seen.push(...page.HostedZones!.map(({ Id }) => Id!.replace('/hostedzone/', '')))
          if (!page.IsTruncated) break
          from = { DNSName: page.NextDNSName!, HostedZoneId: page.NextHostedZoneId! }
        }
        assert.deepEqual(new Set(seen.slice(0, 3)), ids)
        assert.equal(new Set(seen).size, seen.length)
      },
    },
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const { HostedZones } = (await aws.run([
        ...['route53', 'list-hosted-zones-by-name', '--dns-name', zone.name, '--max-items', '1'],
      ])) as { HostedZones: { Name: string }[] }
      assert.equal(HostedZones[0]!.Name, zone.name)
    },
  },

  DeleteHostedZone: {
    happy: {
      'a zone with nothing but its NS and SOA goes, by a PENDING change': async (cloud) => {
        const zone = await newZone(cloud)
        const { ChangeInfo } = await r53(cloud).deleteHostedZone({ Id: zone.id })
        assert.equal(ChangeInfo!.Status, 'PENDING')
        await refused(r53(cloud).getHostedZone({ Id: zone.id }), 'NoSuchHostedZone')
      },
    },
    state: {
      ...noSuchZone((client) => client.deleteHostedZone({ Id: NO_ZONE })),
      'a zone with a record of its own is HostedZoneNotEmpty': async (cloud) => {
        const zone = await newZone(cloud)
        await send(cloud, zone, change('CREATE', `www.${zone.name}`))
        const wording =
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.'
        await refused(r53(cloud).deleteHostedZone({ Id: zone.id }), 'HostedZoneNotEmpty', wording)
      },
      'a zone that is still processing a change is PriorRequestNotComplete': async (cloud) => {
        const zone = await newZone(cloud)
        await send(cloud, zone, change('CREATE', `www.${zone.name}`))
        await r53(cloud).changeResourceRecordSets({
          HostedZoneId: zone.id,
          ChangeBatch: { Changes: [change('DELETE', `www.${zone.name}`)] },
        })
        await refused(r53(cloud).deleteHostedZone({ Id: zone.id }), 'PriorRequestNotComplete')
        await cloud.pass(INSYNC)
        await r53(cloud).deleteHostedZone({ Id: zone.id })
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const { ChangeInfo } = (await aws.run(['route53', 'delete-hosted-zone', '--id', zone.id])) as {
        ChangeInfo: { Id: string }
      }
      assert.match(ChangeInfo.Id, /^\/change\//)
    },
  },
}
