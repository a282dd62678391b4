// Traffic policies and their versions.
import assert from 'node:assert/strict'
import type { Route53 } from '@aws-sdk/client-route-53'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { Cases, OperationSuite } from '../suite.js'
import { documentCases } from './policy-document.js'
import {
  alone,
  askInstance,
  documentOf,
  fresh,
  newPolicy,
  newZone,
  often,
  r53,
  removeInstance,
} from './setup.js'

export const NO_POLICY = '00000000-0000-0000-0000-000000000000'

export const noSuchPolicy = (call: (client: Route53) => Promise<unknown>): Cases => ({
  'an unknown policy is NoSuchTrafficPolicy': async (cloud) =>
    refused(call(r53(cloud)), 'NoSuchTrafficPolicy'),
})

const addVersion = async (cloud: TestCloud, Id: string, value = 'b.example.org') =>
  (await r53(cloud).createTrafficPolicyVersion({ Id, Document: documentOf(value) })).TrafficPolicy!.Version!

const remove = (cloud: TestCloud, Id: string, Version = 1) => r53(cloud).deleteTrafficPolicy({ Id, Version })

export const policySuites: Readonly<Record<string, OperationSuite>> = {
  CreateTrafficPolicy: {
    happy: {
      'a policy starts at version 1, with the type of its document': async (cloud) => {
        const Name = fresh('policy')
        const { TrafficPolicy, Location } = await r53(cloud).createTrafficPolicy({
          ...{ Name, Document: documentOf(), Comment: 'why' },
        })
        const { Id, ...rest } = TrafficPolicy!
        assert.deepEqual(rest, { Version: 1, Name, Type: 'CNAME', Document: documentOf(), Comment: 'why' })
        assert.match(Location!, new RegExp(`/2013-04-01/trafficpolicy/${Id}/1$`))
      },
    },
    validation: documentCases((client, Document) =>
      client.createTrafficPolicy({ Name: fresh('wrong'), Document }),
    ),
    state: {
      'a name that is there is TrafficPolicyAlreadyExists': async (cloud) => {
        const { name } = await newPolicy(cloud)
        await refused(newPolicy(cloud, documentOf('other.example.org'), name), 'TrafficPolicyAlreadyExists')
      },
      'the name of a deleted policy may stay taken while no list shows it': async (cloud) => {
        const { id, name } = await newPolicy(cloud)
        await remove(cloud, id)
        const { TrafficPolicySummaries } = await r53(cloud).listTrafficPolicies({})
        assert.ok(!TrafficPolicySummaries!.some(({ Name }) => Name === name))
        await refused(newPolicy(cloud, documentOf(), name), 'TrafficPolicyAlreadyExists')
        await cloud.pass(61)
        assert.notEqual((await newPolicy(cloud, documentOf(), name)).id, id)
      },
      'the 51st policy of an account is TooManyTrafficPolicies': async (cloud) => {
        const { Count } = await r53(cloud).getAccountLimit({ Type: 'MAX_TRAFFIC_POLICIES_BY_OWNER' })
        for (let count = Count!; count < 50; count++) await newPolicy(cloud)
        await refused(newPolicy(cloud), 'TooManyTrafficPolicies')
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const { TrafficPolicy } = (await aws.run([
        ...['route53', 'create-traffic-policy', '--name', fresh('cli'), '--document', documentOf()],
      ])) as { TrafficPolicy: { Type: string } }
      assert.equal(TrafficPolicy.Type, 'CNAME')
    },
  },

  CreateTrafficPolicyVersion: {
    happy: {
      'versions count up, and the name stays': async (cloud) => {
        const { id, name } = await newPolicy(cloud)
        assert.deepEqual([await addVersion(cloud, id), await addVersion(cloud, id)], [2, 3])
        const { TrafficPolicy } = await r53(cloud).getTrafficPolicy({ Id: id, Version: 3 })
        assert.equal(TrafficPolicy!.Name, name)
      },
    },
    validation: documentCases(async (client, Document) => {
      const Name = fresh('versions')
      const { TrafficPolicy } = await client.createTrafficPolicy({ Name, Document: documentOf() })
      return client.createTrafficPolicyVersion({ Id: TrafficPolicy!.Id!, Document })
    }),
    state: {
      ...noSuchPolicy((client) =>
        client.createTrafficPolicyVersion({ Id: NO_POLICY, Document: documentOf() }),
      ),
      'the number of a deleted version is not used again': async (cloud) => {
        const { id } = await newPolicy(cloud)
        await remove(cloud, id, await addVersion(cloud, id))
        assert.equal(await addVersion(cloud, id), 3)
      },
      'the 1,001st version is TooManyTrafficPolicyVersionsForCurrentPolicy, even where others are deleted':
        alone(async (cloud) => {
          const { id } = await newPolicy(cloud)
          await often(cloud, 999, () => addVersion(cloud, id))
          await cloud.pass(100)
          await remove(cloud, id)
          await refused(addVersion(cloud, id), 'TooManyTrafficPolicyVersionsForCurrentPolicy')
        }),
      'a policy without versions is NoSuchTrafficPolicy': async (cloud) => {
        const { id } = await newPolicy(cloud)
        await remove(cloud, id)
        await refused(addVersion(cloud, id), 'NoSuchTrafficPolicy')
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { id } = await newPolicy(cloud)
      const { TrafficPolicy } = (await aws.run([
        ...['route53', 'create-traffic-policy-version', '--id', id, '--document', documentOf()],
      ])) as { TrafficPolicy: { Version: number } }
      assert.equal(TrafficPolicy.Version, 2)
    },
  },

  GetTrafficPolicy: {
    happy: {
      'a fresh version is read at once': async (cloud) => {
        const { TrafficPolicy } = await r53(cloud).createTrafficPolicy({
          ...{ Name: fresh('read'), Document: documentOf() },
        })
        const read = await r53(cloud).getTrafficPolicy({ Id: TrafficPolicy!.Id!, Version: 1 })
        assert.deepEqual(read.TrafficPolicy, TrafficPolicy)
      },
    },
    state: {
      ...noSuchPolicy((client) => client.getTrafficPolicy({ Id: NO_POLICY, Version: 1 })),
      'a deleted version is still read': async (cloud) => {
        const { id, name } = await newPolicy(cloud)
        await remove(cloud, id)
        const { TrafficPolicy } = await r53(cloud).getTrafficPolicy({ Id: id, Version: 1 })
        assert.equal(TrafficPolicy!.Name, name)
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { id, name } = await newPolicy(cloud)
      const got = (await aws.run([
        'route53',
        'get-traffic-policy',
        '--id',
        id,
        '--traffic-policy-version',
        '1',
      ])) as {
        TrafficPolicy: { Name: string }
      }
      assert.equal(got.TrafficPolicy.Name, name)
    },
  },

  ListTrafficPolicies: {
    happy: {
      'a policy is listed once, with its latest version and their count': async (cloud) => {
        const { id, name } = await newPolicy(cloud)
        await addVersion(cloud, id)
        await addVersion(cloud, id)
        await cloud.pass(4)
        await remove(cloud, id, 2)
        const { TrafficPolicySummaries } = await r53(cloud).listTrafficPolicies({})
        assert.deepEqual(
          TrafficPolicySummaries!.find(({ Id }) => Id === id),
          { Id: id, Name: name, Type: 'CNAME', LatestVersion: 3, TrafficPolicyCount: 2 },
        )
      },
    },
    validation: {
      'a marker that names no policy is InvalidInput': async (cloud) =>
        refused(r53(cloud).listTrafficPolicies({ TrafficPolicyIdMarker: NO_POLICY }), 'InvalidInput'),
    },
    state: {
      'a fresh policy may be missing for some seconds': async (cloud) => {
        const made = await r53(cloud).createTrafficPolicy({ Name: fresh('late'), Document: documentOf() })
        const isListed = async () =>
          (await r53(cloud).listTrafficPolicies({})).TrafficPolicySummaries!.some(
            ({ Id }) => Id === made.TrafficPolicy!.Id,
          )
        assert.equal(await isListed(), false)
        await cloud.pass(4)
        assert.equal(await isListed(), true)
      },
    },
    pagination: {
      'the marker is the first policy of the next page, in the order of creation': async (cloud) => {
        const made = [(await newPolicy(cloud)).id, (await newPolicy(cloud)).id, (await newPolicy(cloud)).id]
        await addVersion(cloud, made[0]!)
        await cloud.pass(4)
        await remove(cloud, made[0]!)
        const seen: string[] = []
        let TrafficPolicyIdMarker: string | undefined
        do {
          const page = await r53(cloud).listTrafficPolicies({
            ...{ MaxItems: 2, ...(TrafficPolicyIdMarker && { TrafficPolicyIdMarker }) },
          })
          seen.push(...page.TrafficPolicySummaries!.map(({ Id }) => Id!))
          TrafficPolicyIdMarker = page.IsTruncated ? page.TrafficPolicyIdMarker : undefined
        } while (TrafficPolicyIdMarker)
        assert.deepEqual(seen.slice(-3), made)
      },
    },
    cli: async (cloud, aws) => {
      const { id } = await newPolicy(cloud)
      const { TrafficPolicySummaries } = (await aws.run(['route53', 'list-traffic-policies'])) as {
        TrafficPolicySummaries: { Id: string }[]
      }
      assert.ok(TrafficPolicySummaries.some(({ Id }) => Id === id))
    },
  },

  ListTrafficPolicyVersions: {
    happy: {
      'versions stand in the order of their numbers, with their documents': async (cloud) => {
        const { id } = await newPolicy(cloud)
        await addVersion(cloud, id)
        await cloud.pass(4)
        const { TrafficPolicies } = await r53(cloud).listTrafficPolicyVersions({ Id: id })
        assert.deepEqual(
          TrafficPolicies!.map(({ Version, Document }) => [Version, Document]),
          [
            [1, documentOf()],
            [2, documentOf('b.example.org')],
          ],
        )
      },
    },
    validation: {
      'a marker that is no number is InvalidInput': async (cloud) => {
        const { id } = await newPolicy(cloud)
        await refused(
          r53(cloud).listTrafficPolicyVersions({ Id: id, TrafficPolicyVersionMarker: 'x' }),
          'InvalidInput',
        )
      },
    },
    state: {
      ...noSuchPolicy((client) => client.listTrafficPolicyVersions({ Id: NO_POLICY })),
      'a policy whose versions are all deleted is NoSuchTrafficPolicy': async (cloud) => {
        const { id } = await newPolicy(cloud)
        await remove(cloud, id)
        await refused(r53(cloud).listTrafficPolicyVersions({ Id: id }), 'NoSuchTrafficPolicy')
      },
    },
    pagination: {
      'the marker is the first version of the next page': async (cloud) => {
        const { id } = await newPolicy(cloud)
        await addVersion(cloud, id)
        await cloud.pass(4)
        const first = await r53(cloud).listTrafficPolicyVersions({ Id: id, MaxItems: 1 })
        assert.deepEqual([first.IsTruncated, first.TrafficPolicyVersionMarker], [true, '2'])
        const second = await r53(cloud).listTrafficPolicyVersions({
          ...{ Id: id, MaxItems: 1, TrafficPolicyVersionMarker: '2' },
        })
        assert.deepEqual([second.IsTruncated, second.TrafficPolicies![0]!.Version], [false, 2])
      },
    },
    cli: async (cloud, aws) => {
      const { id } = await newPolicy(cloud)
      const { TrafficPolicies } = (await aws.run([
        ...['route53', 'list-traffic-policy-versions', '--id', id],
      ])) as { TrafficPolicies: unknown[] }
      assert.equal(TrafficPolicies.length, 1)
    },
  },

  UpdateTrafficPolicyComment: {
    happy: {
      'only the comment of that version changes': async (cloud) => {
        const { id } = await newPolicy(cloud)
        const { TrafficPolicy } = await r53(cloud).updateTrafficPolicyComment({
          ...{ Id: id, Version: 1, Comment: 'new' },
        })
        assert.equal(TrafficPolicy!.Comment, 'new')
        assert.equal(TrafficPolicy!.Document, documentOf())
      },
    },
    state: noSuchPolicy((client) =>
      client.updateTrafficPolicyComment({ Id: NO_POLICY, Version: 1, Comment: 'new' }),
    ),
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { id } = await newPolicy(cloud)
      const { TrafficPolicy } = (await aws.run([
        ...['route53', 'update-traffic-policy-comment', '--id', id],
        ...['--traffic-policy-version', '1', '--comment', 'new'],
      ])) as { TrafficPolicy: { Comment: string } }
      assert.equal(TrafficPolicy.Comment, 'new')
    },
  },

  DeleteTrafficPolicy: {
    happy: {
      'a version goes, the others stay': async (cloud) => {
        const { id } = await newPolicy(cloud)
        await addVersion(cloud, id)
        await cloud.pass(4)
        await remove(cloud, id)
        const { TrafficPolicies } = await r53(cloud).listTrafficPolicyVersions({ Id: id })
        assert.deepEqual(
          TrafficPolicies!.map(({ Version }) => Version),
          [2],
        )
      },
    },
    state: {
      ...noSuchPolicy((client) => client.deleteTrafficPolicy({ Id: NO_POLICY, Version: 1 })),
      'a deleted version is NoSuchTrafficPolicy': async (cloud) => {
        const { id } = await newPolicy(cloud)
        await remove(cloud, id)
        await refused(remove(cloud, id), 'NoSuchTrafficPolicy')
      },
      'a version that an instance stands on is TrafficPolicyInUse until the instance is gone': async (
        cloud,
      ) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        const { Id } = await askInstance(cloud, zone, id)
        const wording = 'Policy is in use for at least one instance'
        await refused(remove(cloud, id), 'TrafficPolicyInUse', wording)
        await cloud.pass(91)
        await r53(cloud).deleteTrafficPolicyInstance({ Id: Id! })
        await refused(remove(cloud, id), 'TrafficPolicyInUse', wording)
        await cloud.pass(91)
        await remove(cloud, id)
      },
      'the old version of an instance that is being updated is TrafficPolicyInUse': async (cloud) => {
        const zone = await newZone(cloud)
        const { id } = await newPolicy(cloud)
        const { Id } = await askInstance(cloud, zone, id)
        const TrafficPolicyVersion = await addVersion(cloud, id)
        await cloud.pass(91)
        await r53(cloud).updateTrafficPolicyInstance({
          Id: Id!,
          TTL: 60,
          TrafficPolicyId: id,
          TrafficPolicyVersion,
        })
        await refused(remove(cloud, id), 'TrafficPolicyInUse')
        await cloud.pass(91)
        await remove(cloud, id)
        await removeInstance(cloud, Id!)
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { id } = await newPolicy(cloud)
      await aws.run(['route53', 'delete-traffic-policy', '--id', id, '--traffic-policy-version', '1'])
      await refused(remove(cloud, id), 'NoSuchTrafficPolicy')
    },
  },
}
