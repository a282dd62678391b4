// What a batch may not do to the record sets that are there: its own rules of existence, neighbours and routing.
import assert from 'node:assert/strict'
import { refused } from '../run.js'
import type { Cases } from '../suite.js'
import {
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

const CNAME = { Type: 'CNAME', ResourceRecords: values('a.example.org') }

export const batchState: Cases = {
  'an unknown zone is NoSuchHostedZone': async (cloud) =>
    refused(
      send(cloud, { id: 'Z0000000000000000000', name: 'none.test.' }, change('CREATE', 'a.none.test')),
      'NoSuchHostedZone',
    ),

  'an unknown health check is NoSuchHealthCheck': async (cloud) => {
    const zone = await newZone(cloud)
    const checked = { SetIdentifier: 'a', Weight: 1, HealthCheckId: '00000000-0000-0000-0000-000000000000' }
    await refused(send(cloud, zone, change('CREATE', `x.${zone.name}`, checked)), 'NoSuchHealthCheck')
  },

  'CREATE of what exists, DELETE of what does not or differs, are InvalidChangeBatch': async (cloud) => {
    const zone = await newZone(cloud)
    const name = `www.${zone.name}`
    const set = `[name='${name}', type='A']`
    await send(cloud, zone, change('CREATE', name))
    const wrong = (action: 'CREATE' | 'DELETE', more: object, wording: string) =>
      refused(send(cloud, zone, change(action, name, more)), 'InvalidChangeBatch', `[${wording}]`)
    await wrong('CREATE', {}, `Tried to create resource record set ${set} but it already exists`)
    const differs = `Tried to delete resource record set ${set} but the values provided do not match the current values`
    await wrong('DELETE', { TTL: 61 }, differs)
    await wrong('DELETE', { ResourceRecords: values('192.0.2.2') }, differs)
    await send(cloud, zone, change('DELETE', name))
    await wrong('DELETE', {}, `Tried to delete resource record set ${set} but it was not found`)
  },

  'a batch is all or nothing, and every problem is named': async (cloud) => {
    const zone = await newZone(cloud)
    const [a, b, c] = ['a', 'b', 'c'].map((label) => `${label}.${zone.name}`) as [string, string, string]
    const error = await refused(
      send(cloud, zone, change('CREATE', a), change('DELETE', b), change('DELETE', c)),
      'InvalidChangeBatch',
      new RegExp(`^\\[.*'${b}'.* but it was not found, .*'${c}'.* but it was not found\\]$`),
    )
    assert.equal((error as Error & { messages?: string[] }).messages?.length, 2)
    const { ResourceRecordSets } = await r53(cloud).listResourceRecordSets({ HostedZoneId: zone.id })
    assert.equal(ResourceRecordSets!.length, 2)
  },

  'a batch that changes one record set twice is InvalidChangeBatch': async (cloud) => {
    const zone = await newZone(cloud)
    const twice = [change('UPSERT', `x.${zone.name}`), change('UPSERT', `X.${zone.name}`, { TTL: 61 })]
    const wording = `The request contains an invalid set of changes for a resource record set 'A x.${zone.name}'`
    await refused(send(cloud, zone, ...twice), 'InvalidChangeBatch', `[${wording}, ${wording}]`)
  },

  'a CNAME beside other types is InvalidChangeBatch, either way': async (cloud) => {
    const zone = await newZone(cloud)
    const [a, c] = [`a.${zone.name}`, `c.${zone.name}`]
    await send(cloud, zone, change('CREATE', a), change('CREATE', c, CNAME))
    await refused(
      send(cloud, zone, change('CREATE', a, CNAME)),
      'InvalidChangeBatch',
      `[RRSet of type CNAME with DNS name ${a} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}]`,
    )
    await refused(
      send(cloud, zone, change('CREATE', c, { Type: 'TXT', ResourceRecords: values('"t"') })),
      'InvalidChangeBatch',
      `[RRSet of type TXT with DNS name ${c} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}]`,
    )
  },

  'the SOA and the NS of a zone cannot be deleted': async (cloud) => {
    const zone = await newZone(cloud)
    const { ResourceRecordSets } = await r53(cloud).listResourceRecordSets({ HostedZoneId: zone.id })
    const texts = {
      NS: '[A HostedZone must contain at least one NS record for the zone itself.]',
      SOA: '[A HostedZone must contain exactly one SOA record.]',
    }
    for (const ResourceRecordSet of ResourceRecordSets!) {
      const gone = send(cloud, zone, { Action: 'DELETE', ResourceRecordSet })
      await refused(gone, 'InvalidChangeBatch', texts[ResourceRecordSet.Type as keyof typeof texts])
    }
  },

  'record sets of one name and type have one routing policy': async (cloud) => {
    const zone = await newZone(cloud)
    const [simple, weighted] = [`s.${zone.name}`, `w.${zone.name}`]
    const weight = (SetIdentifier: string, more: object = {}) => ({ SetIdentifier, Weight: 1, ...more })
    await send(cloud, zone, change('CREATE', simple), change('CREATE', weighted, weight('a')))
    const wrong = (name: string, more: object, wording: RegExp) =>
      refused(send(cloud, zone, change('CREATE', name, more)), 'InvalidChangeBatch', wording)
    await wrong(
      simple,
      weight('a'),
      /SetIdentifier a cannot be created as other RRSets exist with the same name and type\.\]$/,
    )
    await wrong(
      weighted,
      {},
      /type A cannot be created as other RRSets exist with the same name and type\.\]$/,
    )
    const latency = { SetIdentifier: 'b', Region: 'eu-west-1' }
    await wrong(
      weighted,
      latency,
      /cannot be created as a non-latency set exists with the same name and type\.\]$/,
    )
    await wrong(weighted, weight('b', { TTL: 61 }), /as weighted sets must contain the same TTL\.\]$/)
  },

  'a region, and a failover role, stands once per name and type': async (cloud) => {
    const zone = await newZone(cloud)
    for (const [name, more] of [
      [`l.${zone.name}`, { Region: 'eu-west-1' }],
      [`f.${zone.name}`, { Failover: 'PRIMARY' }],
    ] as const) {
      await send(cloud, zone, change('CREATE', name, { SetIdentifier: 'a', ...more }))
      const second = change('CREATE', name, { SetIdentifier: 'b', ...more })
      await refused(
        send(cloud, zone, second),
        'InvalidChangeBatch',
        /as another RRSet exists with the same name, type, and/,
      )
    }
  },

  'UPSERT cannot change the routing policy of a record set; DELETE and CREATE in one batch do': async (
    cloud,
  ) => {
    const zone = await newZone(cloud)
    const name = `x.${zone.name}`
    const [weighted, latency] = [
      { SetIdentifier: 'a', Weight: 1 },
      { SetIdentifier: 'a', Region: 'eu-west-1' },
    ]
    await send(cloud, zone, change('CREATE', name, weighted))
    await refused(send(cloud, zone, change('UPSERT', name, latency)), 'InvalidChangeBatch')
    await send(cloud, zone, change('DELETE', name, weighted), change('CREATE', name, latency))
  },

  'an alias to a record set of the zone that is not there is InvalidChangeBatch': async (cloud) => {
    const zone = await newZone(cloud)
    const AliasTarget = { HostedZoneId: zone.id, DNSName: `none.${zone.name}`, EvaluateTargetHealth: true }
    await refused(
      send(cloud, zone, change('CREATE', zone.name, { AliasTarget })),
      'InvalidChangeBatch',
      `[Tried to create an alias that targets none.${zone.name}, type A in zone ${zone.id}, but that target was not found]`,
    )
  },

  'a change that comes while the zone processes another one is PriorRequestNotComplete, one that comes after it is not':
    async (cloud) => {
      const zone = await newZone(cloud)
      const submit = (label: string) =>
        r53(cloud).changeResourceRecordSets({
          HostedZoneId: zone.id,
          ChangeBatch: { Changes: [change('CREATE', `${label}.${zone.name}`)] },
        })
      await submit('a')
      await refused(
        submit('b'),
        'PriorRequestNotComplete',
        'The request was rejected because Route 53 was still processing a prior request.',
      )
      await cloud.pass(1)
      assert.equal((await submit('b')).ChangeInfo!.Status, 'PENDING')
      await cloud.pass(INSYNC)
    },

  'the root of a policy record can only be deleted, and its instance stays': async (cloud) => {
    const zone = await newZone(cloud)
    const { id } = await newPolicy(cloud)
    const { Id, Name } = await askInstance(cloud, zone, id)
    await cloud.pass(100)
    for (const action of ['CREATE', 'UPSERT', 'DELETE'] as const)
      await refused(send(cloud, zone, change(action, Name!, CNAME)), 'InvalidChangeBatch')
    const { ResourceRecordSets } = await r53(cloud).listResourceRecordSets({ HostedZoneId: zone.id })
    const root = ResourceRecordSets!.find((record) => record.TrafficPolicyInstanceId === Id)!
    await send(cloud, zone, { Action: 'DELETE', ResourceRecordSet: root })
    const { TrafficPolicyInstance } = await r53(cloud).getTrafficPolicyInstance({ Id: Id! })
    assert.equal(TrafficPolicyInstance!.State, 'Applied')
    await removeInstance(cloud, Id!)
  },
}
