// Tags of health checks and hosted zones.
import assert from 'node:assert/strict'
import type { Route53 } from '@aws-sdk/client-route-53'
import { refused } from '../run.js'
import type { Cases, OperationSuite } from '../suite.js'
import { newCheck, newZone, r53 } from './setup.js'

const NONE = '00000000-0000-0000-0000-000000000000'
const tags = (length: number) => Array.from({ length }, (_, n) => ({ Key: `k${n}`, Value: 'v' }))

const absent = (
  call: (
    client: Route53,
    of: { ResourceType: 'healthcheck' | 'hostedzone'; ResourceId: string },
  ) => Promise<unknown>,
): Cases => ({
  'an unknown health check is NoSuchHealthCheck, an unknown zone NoSuchHostedZone': async (cloud) => {
    await refused(call(r53(cloud), { ResourceType: 'healthcheck', ResourceId: NONE }), 'NoSuchHealthCheck')
    await refused(
      call(r53(cloud), { ResourceType: 'hostedzone', ResourceId: 'Z0000000' }),
      'NoSuchHostedZone',
    )
  },
})

export const tagSuites: Readonly<Record<string, OperationSuite>> = {
  ChangeTagsForResource: {
    happy: {
      'one call adds, replaces and removes': async (cloud) => {
        const zone = await newZone(cloud)
        const of = { ResourceType: 'hostedzone', ResourceId: zone.id } as const
        await r53(cloud).changeTagsForResource({ ...of, AddTags: tags(2) })
        const AddTags = [{ Key: 'k1', Value: 'w' }]
        await r53(cloud).changeTagsForResource({ ...of, AddTags, RemoveTagKeys: ['k0', 'none'] })
        const { ResourceTagSet } = await r53(cloud).listTagsForResource(of)
        assert.deepEqual(ResourceTagSet!.Tags, AddTags)
      },
    },
    validation: {
      'nothing to add or remove is InvalidInput': async (cloud) => {
        const of = { ResourceType: 'hostedzone', ResourceId: (await newZone(cloud)).id } as const
        await refused(r53(cloud).changeTagsForResource(of), 'InvalidInput')
      },
    },
    state: {
      ...absent((client, of) => client.changeTagsForResource({ ...of, AddTags: tags(1) })),
      'an eleventh tag of a resource is InvalidInput': async (cloud) => {
        const of = { ResourceType: 'healthcheck', ResourceId: (await newCheck(cloud)).Id! } as const
        await r53(cloud).changeTagsForResource({ ...of, AddTags: tags(10) })
        const AddTags = [{ Key: 'more', Value: '' }]
        await refused(r53(cloud).changeTagsForResource({ ...of, AddTags }), 'InvalidInput')
        await r53(cloud).changeTagsForResource({ ...of, AddTags, RemoveTagKeys: ['k0'] })
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      await aws.run([
        ...['route53', 'change-tags-for-resource', '--resource-type', 'hostedzone'],
        ...['--resource-id', zone.id, '--add-tags', 'Key=a,Value=b'],
      ])
      const { ResourceTagSet } = await r53(cloud).listTagsForResource({
        ResourceType: 'hostedzone',
        ResourceId: zone.id,
      })
      assert.deepEqual(ResourceTagSet!.Tags, [{ Key: 'a', Value: 'b' }])
    },
  },

  ListTagsForResource: {
    happy: {
      'a resource without tags has an empty set': async (cloud) => {
        const { Id } = await newCheck(cloud)
        const of = { ResourceType: 'healthcheck', ResourceId: Id! } as const
        const { ResourceTagSet } = await r53(cloud).listTagsForResource(of)
        assert.deepEqual(ResourceTagSet, { ...of, Tags: [] })
      },
    },
    state: absent((client, of) => client.listTagsForResource(of)),
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const { ResourceTagSet } = (await aws.run([
        ...['route53', 'list-tags-for-resource', '--resource-type', 'hostedzone', '--resource-id', zone.id],
      ])) as { ResourceTagSet: { Tags: unknown[] } }
      assert.deepEqual(ResourceTagSet.Tags, [])
    },
  },

  ListTagsForResources: {
    happy: {
      'each resource has its own set, in the order that was asked for': async (cloud) => {
        const [one, two] = [await newZone(cloud), await newZone(cloud)]
        const ResourceType = 'hostedzone'
        await r53(cloud).changeTagsForResource({ ResourceType, ResourceId: two.id, AddTags: tags(1) })
        const listed = await r53(cloud).listTagsForResources({ ResourceType, ResourceIds: [two.id, one.id] })
        assert.deepEqual(
          listed.ResourceTagSets!.map(({ ResourceId, Tags }) => [ResourceId, Tags!.length]),
          [
            [two.id, 1],
            [one.id, 0],
          ],
        )
      },
    },
    state: absent((client, { ResourceType, ResourceId }) =>
      client.listTagsForResources({ ResourceType, ResourceIds: [ResourceId] }),
    ),
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const zone = await newZone(cloud)
      const { ResourceTagSets } = (await aws.run([
        ...['route53', 'list-tags-for-resources', '--resource-type', 'hostedzone', '--resource-ids', zone.id],
      ])) as { ResourceTagSets: unknown[] }
      assert.equal(ResourceTagSets.length, 1)
    },
  },
}
