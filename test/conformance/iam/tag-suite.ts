// IAM: tags of roles.
import assert from 'node:assert/strict'
import { refused } from '../run.js'
import type { ServiceSuite } from '../suite.js'
import { created, noRole, oneRefused } from './role-suite.js'

export const tagOperations: ServiceSuite['operations'] = {
  TagRole: {
    happy: {
      'tags are added, and replaced by key in any case': async (cloud) => {
        const iam = await created(cloud, 'tagged', { Tags: [{ Key: 'a', Value: '1' }] })
        const Tags = [
          { Key: 'A', Value: '2' },
          { Key: 'b', Value: '3' },
        ]
        await iam.tagRole({ RoleName: 'tagged', Tags })
        assert.deepEqual((await iam.listRoleTags({ RoleName: 'tagged' })).Tags, Tags)
      },
    },
    validation: {
      'keys of AWS’s own are refused': async (cloud) => {
        const iam = await created(cloud, 'owned')
        await refused(
          iam.tagRole({ RoleName: 'owned', Tags: [{ Key: 'aws:a', Value: '' }] }),
          'InvalidInputException',
          'Aws system tags cannot be added or modified.',
        )
      },
    },
    state: {
      'with those that are there they are at most 50': async (cloud) => {
        const iam = await created(cloud, 'many', { Tags: [{ Key: 'own', Value: '' }] })
        const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
        await refused(iam.tagRole({ RoleName: 'many', Tags }), 'LimitExceededException')
      },
      'of two changes of one role at once the later one is refused': oneRefused((iam, RoleName) =>
        iam.tagRole({ RoleName, Tags: [{ Key: 'a', Value: 'b' }] }),
      ),
      'an absent role is not found': noRole((iam, RoleName) => iam.tagRole({ RoleName, Tags: [] })),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['iam', 'tag-role', '--role-name', 'cli', '--tags', 'Key=b,Value=2'])
    },
  },

  UntagRole: {
    happy: {
      'keys go in any case, and absent ones are no error': async (cloud) => {
        const iam = await created(cloud, 'untagged', { Tags: [{ Key: 'Name', Value: '' }] })
        await iam.untagRole({ RoleName: 'untagged', TagKeys: ['NAME', 'none'] })
        assert.deepEqual((await iam.listRoleTags({ RoleName: 'untagged' })).Tags, [])
      },
    },
    state: {
      'an absent role is not found': noRole((iam, RoleName) => iam.untagRole({ RoleName, TagKeys: ['a'] })),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['iam', 'untag-role', '--role-name', 'cli', '--tag-keys', 'a'])
    },
  },

  ListRoleTags: {
    happy: {
      'a role without tags has an empty list': async (cloud) => {
        const iam = await created(cloud, 'bare')
        assert.deepEqual((await iam.listRoleTags({ RoleName: 'bare' })).Tags, [])
      },
    },
    state: { 'an absent role is not found': noRole((iam, RoleName) => iam.listRoleTags({ RoleName })) },
    pagination: {
      'MaxItems, IsTruncated and Marker page through all tags once': async (cloud) => {
        const Tags = ['a', 'b', 'c'].map((Key) => ({ Key, Value: '' }))
        const iam = await created(cloud, 'paged', { Tags })
        const first = await iam.listRoleTags({ RoleName: 'paged', MaxItems: 2 })
        assert.deepEqual([first.Tags!.length, first.IsTruncated], [2, true])
        const last = await iam.listRoleTags({ RoleName: 'paged', Marker: first.Marker })
        assert.deepEqual([last.Tags, last.IsTruncated], [[Tags[2]], false])
      },
    },
    cli: async (_cloud, aws) => {
      const { Tags } = (await aws.run(['iam', 'list-role-tags', '--role-name', 'cli'])) as { Tags: object[] }
      assert.deepEqual(Tags, [{ Key: 'b', Value: '2' }])
    },
  },
}
