// Traffic policy instances, the console's policy records: their states, their refusals, and what DNS answers by them.
import assert from 'node:assert/strict'
import type { Route53 } from '@aws-sdk/client-route-53'
import { refused } from '../run.js'
import type { Cases, OperationSuite } from '../suite.js'
import {
  APPLIED,
  answersOf,
  askInstance,
  change,
  documentOf,
  fresh,
  latencyDocument,
  newCheck,
  newPolicy,
  newZone,
  r53,
  removeInstance,
  send,
  stateOf,
} from './setup.js'
import { NO_POLICY } from './traffic-policy.js'

export const NO_INSTANCE = '00000000-0000-0000-0000-000000000000'

const noSuchInstance = (call: (client: Route53) => Promise<unknown>): Cases => ({
  'an unknown instance is NoSuchTrafficPolicyInstance': async (cloud) =>
    refused(call(r53(cloud)), 'NoSuchTrafficPolicyInstance'),
})

const to = (Id: string, TrafficPolicyId: string, TrafficPolicyVersion = 1) => ({
  ...{ Id, TTL: 60, TrafficPolicyId, TrafficPolicyVersion },
})

export const instanceSuites: Readonly<Record<string, OperationSuite>> = {
  CreateTrafficPolicyInstance: {
    happy: {
      'an instance is Creating, then Applied, and DNS answers by its policy': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        const made = await askInstance(cloud, zone, id, { Name: `API.${zone.name}` })
        assert.deepEqual([made.Name, made.State, made.Message], [`api.${zone.name}`, 'Creating', ''])
        assert.deepEqual([made.TTL, made.TrafficPolicyType, made.HostedZoneId], [60, 'CNAME', zone.id])
        assert.deepEqual(await answersOf(cloud, zone, made.Name!, 'CNAME'), [])
        await cloud.pass(APPLIED)
        assert.deepEqual(await stateOf(cloud, made.Id!), ['Applied', ''])
        assert.deepEqual(await answersOf(cloud, zone, made.Name!, 'CNAME'), ['a.example.org'])
        await removeInstance(cloud, made.Id!)
      },
      'a latency rule goes by health: the nearest region while its check is healthy': async (cloud) => {
        const zone = await newZone(cloud)
        const { Id: check } = await newCheck(cloud, { Disabled: true })
        const { id } = await newPolicy(cloud, latencyDocument(check!))
        const { Id, Name } = await askInstance(cloud, zone, id)
        await cloud.pass(APPLIED)
        // TestDNSAnswer asks from us-east-1.
        assert.match(String(await answersOf(cloud, zone, Name!, 'CNAME')), /us-east-1/)
        await removeInstance(cloud, Id!)
      },
    },
    state: {
      'an unknown zone is NoSuchHostedZone, an unknown version NoSuchTrafficPolicy': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        await refused(askInstance(cloud, { ...zone, id: 'Z0000000' }, id), 'NoSuchHostedZone')
        await refused(askInstance(cloud, zone, id, { TrafficPolicyVersion: 2 }), 'NoSuchTrafficPolicy')
        await refused(askInstance(cloud, zone, NO_POLICY), 'NoSuchTrafficPolicy')
      },
      'a policy that was made a moment ago is NoSuchTrafficPolicy': async (cloud) => {
        const zone = await newZone(cloud)
        const Name = fresh('policy')
        const { TrafficPolicy } = await r53(cloud).createTrafficPolicy({ Name, Document: documentOf() })
        await refused(askInstance(cloud, zone, TrafficPolicy!.Id!), 'NoSuchTrafficPolicy')
      },
      'a deleted version is NoSuchTrafficPolicy': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        await r53(cloud).deleteTrafficPolicy({ Id: id, Version: 1 })
        await refused(askInstance(cloud, zone, id), 'NoSuchTrafficPolicy')
      },
      'a name outside of the zone is InvalidInput': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        await refused(askInstance(cloud, zone, id, { Name: 'www.example.org' }), 'InvalidInput')
      },
      'a name that has an instance of that type is TrafficPolicyInstanceAlreadyExists': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        const { Id, Name } = await askInstance(cloud, zone, id)
        await refused(askInstance(cloud, zone, id, { Name }), 'TrafficPolicyInstanceAlreadyExists')
        await removeInstance(cloud, Id!)
      },
      'an instance whose records cannot be made becomes Failed, with a message': async (cloud) => {
        const zone = await newZone(cloud)
        const taken = `taken.${zone.name}`
        await send(cloud, zone, change('CREATE', taken))
        const { id } = await newPolicy(cloud)
        const unchecked = await newPolicy(cloud, latencyDocument(NO_INSTANCE))
        for (const [policy, Name, wording] of [
          [id, zone.name, /not permitted at apex/],
          [id, taken, /conflicts with other records with the same DNS name/],
          [unchecked.id, `free.${zone.name}`, /health check .* does not exist/],
        ] as const) {
          const made = await askInstance(cloud, zone, policy, { Name })
          assert.deepEqual([made.State, made.Message], ['Creating', ''])
          await cloud.pass(APPLIED)
          const [state, message] = await stateOf(cloud, made.Id!)
          assert.equal(state, 'Failed')
          assert.match(message!, wording)
          const { ResourceRecordSets } = await r53(cloud).listResourceRecordSets({ HostedZoneId: zone.id })
          assert.ok(!ResourceRecordSets!.some(({ TrafficPolicyInstanceId }) => TrafficPolicyInstanceId))
          await removeInstance(cloud, made.Id!)
        }
      },
      'the sixth instance of an account is TooManyTrafficPolicyInstances': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        const made: string[] = []
        for (let count = 0; count < 5; count++) made.push((await askInstance(cloud, zone, id)).Id!)
        await refused(
          askInstance(cloud, zone, id),
          'TooManyTrafficPolicyInstances',
          'Limits Exceeded: MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER - Cannot create more traffic policy instances.',
        )
        for (const Id of made) await removeInstance(cloud, Id)
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const { id } = await newPolicy(cloud)
      const { TrafficPolicyInstance } = (await aws.run([
        ...['route53', 'create-traffic-policy-instance', '--hosted-zone-id', zone.id],
        ...['--name', `cli.${zone.name}`, '--ttl', '60'],
        ...['--traffic-policy-id', id, '--traffic-policy-version', '1'],
      ])) as { TrafficPolicyInstance: { Id: string; TrafficPolicyType: string } }
      assert.equal(TrafficPolicyInstance.TrafficPolicyType, 'CNAME')
      await removeInstance(cloud, TrafficPolicyInstance.Id)
    },
  },

  GetTrafficPolicyInstance: {
    happy: {
      'an instance shows its policy, version and TTL': async (cloud) => {
        const { id } = await newPolicy(cloud)
        const made = await askInstance(cloud, await newZone(cloud), id)
        const { TrafficPolicyInstance } = await r53(cloud).getTrafficPolicyInstance({ Id: made.Id! })
        assert.deepEqual(TrafficPolicyInstance, made)
        await removeInstance(cloud, made.Id!)
      },
    },
    state: {
      ...noSuchInstance((client) => client.getTrafficPolicyInstance({ Id: NO_INSTANCE })),
      'a deleted instance is Deleting for 30 to 90 s, then NoSuchTrafficPolicyInstance': async (cloud) => {
        const { id } = await newPolicy(cloud)
        const { Id } = await askInstance(cloud, await newZone(cloud), id)
        await cloud.pass(APPLIED)
        await r53(cloud).deleteTrafficPolicyInstance({ Id: Id! })
        await cloud.pass(29)
        assert.deepEqual(await stateOf(cloud, Id!), ['Deleting', ''])
        await cloud.pass(APPLIED)
        await refused(stateOf(cloud, Id!), 'NoSuchTrafficPolicyInstance')
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { id } = await newPolicy(cloud)
      const { Id } = await askInstance(cloud, await newZone(cloud), id)
      const got = (await aws.run(['route53', 'get-traffic-policy-instance', '--id', Id!])) as {
        TrafficPolicyInstance: { State: string }
      }
      assert.equal(got.TrafficPolicyInstance.State, 'Applied')
      await removeInstance(cloud, Id!)
    },
  },

  GetTrafficPolicyInstanceCount: {
    happy: {
      'counts the instances of the account': async (cloud) => {
        const count = async () =>
          (await r53(cloud).getTrafficPolicyInstanceCount({})).TrafficPolicyInstanceCount
        const { id } = await newPolicy(cloud)
        assert.equal(await count(), 0)
        const { Id } = await askInstance(cloud, await newZone(cloud), id)
        assert.equal(await count(), 1)
        await removeInstance(cloud, Id!)
        assert.equal(await count(), 0)
      },
    },
    state: 'has no state',
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const { TrafficPolicyInstanceCount } = (await aws.run([
        ...['route53', 'get-traffic-policy-instance-count'],
      ])) as { TrafficPolicyInstanceCount: number }
      assert.equal(TrafficPolicyInstanceCount, 0)
    },
  },

  UpdateTrafficPolicyInstance: {
    happy: {
      'an instance is Updating and goes on answering by the old version until the new one is Applied': async (
        cloud,
      ) => {
        const zone = await newZone(cloud)
        const [old, next] = [await newPolicy(cloud), await newPolicy(cloud, documentOf('b.example.org'))]
        const { Id, Name } = await askInstance(cloud, zone, old.id)
        await cloud.pass(APPLIED)
        const { TrafficPolicyInstance } = await r53(cloud).updateTrafficPolicyInstance(to(Id!, next.id))
        assert.equal(TrafficPolicyInstance!.State, 'Updating')
        assert.equal(TrafficPolicyInstance!.TrafficPolicyId, next.id)
        assert.deepEqual(await answersOf(cloud, zone, Name!, 'CNAME'), ['a.example.org'])
        await cloud.pass(APPLIED)
        assert.deepEqual(await stateOf(cloud, Id!), ['Applied', ''])
        assert.deepEqual(await answersOf(cloud, zone, Name!, 'CNAME'), ['b.example.org'])
        await removeInstance(cloud, Id!)
      },
    },
    state: {
      ...noSuchInstance((client) => client.updateTrafficPolicyInstance(to(NO_INSTANCE, NO_POLICY))),
      'an unknown version is NoSuchTrafficPolicy': async (cloud) => {
        const { id } = await newPolicy(cloud)
        const { Id } = await askInstance(cloud, await newZone(cloud), id)
        await cloud.pass(APPLIED)
        await refused(r53(cloud).updateTrafficPolicyInstance(to(Id!, id, 2)), 'NoSuchTrafficPolicy')
        await removeInstance(cloud, Id!)
      },
      'a version of another DNS type is ConflictingTypes': async (cloud) => {
        const { id } = await newPolicy(cloud)
        const addresses = await newPolicy(cloud, documentOf('192.0.2.1', 'A'))
        const { Id } = await askInstance(cloud, await newZone(cloud), id)
        await cloud.pass(APPLIED)
        await refused(r53(cloud).updateTrafficPolicyInstance(to(Id!, addresses.id)), 'ConflictingTypes')
        await removeInstance(cloud, Id!)
      },
      'an instance that is Creating or Updating is PriorRequestNotComplete': async (cloud) => {
        const { id } = await newPolicy(cloud)
        const { Id } = await askInstance(cloud, await newZone(cloud), id)
        await refused(r53(cloud).updateTrafficPolicyInstance(to(Id!, id)), 'PriorRequestNotComplete')
        await cloud.pass(APPLIED)
        await r53(cloud).updateTrafficPolicyInstance(to(Id!, id))
        await refused(r53(cloud).updateTrafficPolicyInstance(to(Id!, id)), 'PriorRequestNotComplete')
        await removeInstance(cloud, Id!)
      },
      'an update that fails leaves the old answers': async (cloud) => {
        const zone = await newZone(cloud)
        const [old, next] = [await newPolicy(cloud), await newPolicy(cloud, latencyDocument(NO_INSTANCE))]
        const { Id, Name } = await askInstance(cloud, zone, old.id)
        await cloud.pass(APPLIED)
        await r53(cloud).updateTrafficPolicyInstance(to(Id!, next.id))
        await cloud.pass(APPLIED)
        assert.equal((await stateOf(cloud, Id!))[0], 'Failed')
        assert.deepEqual(await answersOf(cloud, zone, Name!, 'CNAME'), ['a.example.org'])
        await r53(cloud).updateTrafficPolicyInstance(to(Id!, old.id))
        await cloud.pass(APPLIED)
        assert.deepEqual(await stateOf(cloud, Id!), ['Applied', ''])
        await removeInstance(cloud, Id!)
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { id } = await newPolicy(cloud)
      const { Id } = await askInstance(cloud, await newZone(cloud), id)
      const { TrafficPolicyInstance } = (await aws.run([
        ...['route53', 'update-traffic-policy-instance', '--id', Id!, '--ttl', '30'],
        ...['--traffic-policy-id', id, '--traffic-policy-version', '1'],
      ])) as { TrafficPolicyInstance: { TTL: number } }
      assert.equal(TrafficPolicyInstance.TTL, 30)
      await removeInstance(cloud, Id!)
    },
  },

  DeleteTrafficPolicyInstance: {
    happy: {
      'DNS stops answering once the instance is gone': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        const { Id, Name } = await askInstance(cloud, zone, id)
        await removeInstance(cloud, Id!)
        assert.deepEqual(await answersOf(cloud, zone, Name!, 'CNAME'), [])
        await refused(stateOf(cloud, Id!), 'NoSuchTrafficPolicyInstance')
      },
    },
    state: {
      ...noSuchInstance((client) => client.deleteTrafficPolicyInstance({ Id: NO_INSTANCE })),
      'an instance that is Creating is PriorRequestNotComplete': async (cloud) => {
        const { id } = await newPolicy(cloud)
        const { Id } = await askInstance(cloud, await newZone(cloud), id)
        await refused(r53(cloud).deleteTrafficPolicyInstance({ Id: Id! }), 'PriorRequestNotComplete')
        await removeInstance(cloud, Id!)
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { id } = await newPolicy(cloud)
      const { Id } = await askInstance(cloud, await newZone(cloud), id)
      await aws.run(['route53', 'delete-traffic-policy-instance', '--id', Id!])
      await refused(stateOf(cloud, Id!), 'NoSuchTrafficPolicyInstance')
    },
  },
}
