// CloudWatch Logs: log groups, their retention and their tags.
import assert from 'node:assert/strict'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { ACCOUNT, IRELAND, type TestCloud, VIRGINIA } from '../cloud.js'
import { refused, untilMet } from '../run.js'
import type { Case, ServiceSuite } from '../suite.js'

export const arnOf = (name: string) => `arn:aws:logs:${IRELAND}:${ACCOUNT}:log-group:${name}`
export const NO_GROUP = 'The specified log group does not exist.'
const ABORTED = 'A conflicting operation is currently in progress against this resource. Please try again.'

const logsOf = (cloud: TestCloud) => cloud.client(CloudWatchLogs)

const described = async (cloud: TestCloud, logGroupNamePrefix: string) =>
  (await logsOf(cloud).describeLogGroups({ logGroupNamePrefix })).logGroups!

/** A case of a call that names a group which is absent. */
export const noGroup =
  (call: (logs: CloudWatchLogs) => Promise<unknown>): Case =>
  (cloud) =>
    refused(call(logsOf(cloud)), 'ResourceNotFoundException', NO_GROUP)

/** A case of two calls at once, made until one is refused, each time for another group. */
const oneAborted = (
  call: (logs: CloudWatchLogs, logGroupName: string) => Promise<unknown>,
  isThere = true,
): Case => {
  return async (cloud) => {
    const logs = logsOf(cloud)
    const refusal = await untilMet('OperationAbortedException', async (round) => {
      const logGroupName = `raced-${round}`
      if (isThere) await logs.createLogGroup({ logGroupName })
      return [call(logs, logGroupName), call(logs, logGroupName)]
    })
    assert.equal(refusal.message, ABORTED)
  }
}

export const logGroupOperations: ServiceSuite['operations'] = {
  CreateLogGroup: {
    happy: {
      'a group is there at once under its name, with its tags and no retention': async (cloud) => {
        const logs = logsOf(cloud)
        await logs.createLogGroup({ logGroupName: '/aws/lambda/new', tags: { a: 'b' } })
        const { tags } = await logs.listTagsForResource({ resourceArn: arnOf('/aws/lambda/new') })
        assert.deepEqual(tags, { a: 'b' })
        await cloud.pass(2)
        const [group] = await described(cloud, '/aws/lambda/new')
        assert.equal(group!.retentionInDays, undefined)
      },
    },
    validation: {
      'a tag key that begins with aws: is refused': async (cloud) => {
        const call = logsOf(cloud).createLogGroup({ logGroupName: 'tagged', tags: { 'aws:a': 'b' } })
        await refused(call, 'InvalidParameterException')
      },
    },
    state: {
      'a name that is taken is refused; in another region it is free': async (cloud) => {
        await logsOf(cloud).createLogGroup({ logGroupName: 'taken' })
        await refused(
          logsOf(cloud).createLogGroup({ logGroupName: 'taken' }),
          'ResourceAlreadyExistsException',
          'The specified log group already exists',
        )
        await cloud.client(CloudWatchLogs, VIRGINIA).createLogGroup({ logGroupName: 'taken' })
      },
      'of two at once the later one is aborted': oneAborted(
        (logs, logGroupName) => logs.createLogGroup({ logGroupName }),
        false,
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['logs', 'create-log-group', '--log-group-name', 'cli', '--tags', 'a=1']
      await aws.run(args)
      await assert.rejects(aws.run(args), /\(ResourceAlreadyExistsException\)/)
    },
  },

  DescribeLogGroups: {
    happy: {
      'both ARNs are there, the old one with :* at its end': async (cloud) => {
        await logsOf(cloud).createLogGroup({ logGroupName: 'shown' })
        await cloud.pass(2)
        const [{ creationTime, ...group }] = (await described(cloud, 'shown')) as [{ creationTime?: number }]
        assert.equal(typeof creationTime, 'number')
        assert.deepEqual(group, {
          arn: `${arnOf('shown')}:*`,
          logGroupArn: arnOf('shown'),
          logGroupName: 'shown',
          logGroupClass: 'STANDARD',
          metricFilterCount: 0,
          storedBytes: 0,
          deletionProtectionEnabled: false,
        })
      },
      'a prefix finds longer names, a pattern what contains it': async (cloud) => {
        const logs = logsOf(cloud)
        for (const logGroupName of ['x/fn', 'x/fn-2']) await logs.createLogGroup({ logGroupName })
        await cloud.pass(2)
        const names = async (input: object) =>
          (await logs.describeLogGroups(input)).logGroups!.map(({ logGroupName }) => logGroupName)
        assert.deepEqual(await names({ logGroupNamePrefix: 'x/fn' }), ['x/fn', 'x/fn-2'])
        assert.deepEqual(await names({ logGroupNamePattern: 'n-2' }), ['x/fn-2'])
      },
    },
    validation: {
      'prefix and pattern exclude each other': async (cloud) => {
        const call = logsOf(cloud).describeLogGroups({ logGroupNamePrefix: 'a', logGroupNamePattern: 'b' })
        await refused(call, 'InvalidParameterException', /mutually exclusive/)
      },
    },
    state: {
      'a new group is listed some moments later, a deleted one no more': async (cloud) => {
        const logs = logsOf(cloud)
        await logs.createLogGroup({ logGroupName: 'lagging' })
        assert.deepEqual(await described(cloud, 'lagging'), [])
        await cloud.pass(2)
        assert.equal((await described(cloud, 'lagging')).length, 1)
        await logs.deleteLogGroup({ logGroupName: 'lagging' })
        assert.deepEqual(await described(cloud, 'lagging'), [])
      },
    },
    pagination: {
      'limit and nextToken page through all groups once, by name': async (cloud) => {
        const logs = logsOf(cloud)
        for (const name of ['c', 'a', 'b']) await logs.createLogGroup({ logGroupName: `p/${name}` })
        await cloud.pass(2)
        const names: string[] = []
        let nextToken: string | undefined
        do {
          const page = await logs.describeLogGroups({ logGroupNamePrefix: 'p/', limit: 2, nextToken })
          assert.ok(page.logGroups!.length <= 2)
          names.push(...page.logGroups!.map(({ logGroupName }) => logGroupName!))
          nextToken = page.nextToken
        } while (nextToken)
        assert.deepEqual(names, ['p/a', 'p/b', 'p/c'])
      },
      'a token that is none is refused': async (cloud) => {
        const call = logsOf(cloud).describeLogGroups({ nextToken: 'none' })
        await refused(call, 'InvalidParameterException', 'The specified nextToken is invalid.')
      },
    },
    cli: async (_cloud, aws) => {
      for (const name of ['1', '2'])
        await aws.run(['logs', 'create-log-group', '--log-group-name', `cp/${name}`])
      const args = ['logs', 'describe-log-groups', '--log-group-name-prefix', 'cp/', '--page-size', '1']
      const { logGroups } = (await aws.run(args)) as { logGroups: { logGroupName: string }[] }
      assert.deepEqual(
        logGroups.map(({ logGroupName }) => logGroupName),
        ['cp/1', 'cp/2'],
      )
    },
  },

  PutRetentionPolicy: {
    happy: {
      'it shows at once, and takes what is older': async (cloud) => {
        const logs = logsOf(cloud)
        await logs.createLogGroup({ logGroupName: 'kept' })
        await logs.putRetentionPolicy({ logGroupName: 'kept', retentionInDays: 14 })
        await cloud.pass(2)
        assert.equal((await described(cloud, 'kept'))[0]!.retentionInDays, 14)
      },
    },
    validation: {
      'only AWS’s own numbers of days are taken': async (cloud) => {
        const logs = logsOf(cloud)
        await logs.createLogGroup({ logGroupName: 'days' })
        await refused(
          logs.putRetentionPolicy({ logGroupName: 'days', retentionInDays: 15 }),
          'InvalidParameterException',
          /Value '15' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: \[1, 3, 5, 7, 14, 30/,
        )
      },
    },
    state: {
      'an absent group is not found': noGroup((logs) =>
        logs.putRetentionPolicy({ logGroupName: 'absent', retentionInDays: 14 }),
      ),
      'of two at once the later one is aborted': oneAborted((logs, logGroupName) =>
        logs.putRetentionPolicy({ logGroupName, retentionInDays: 30 }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['logs', 'put-retention-policy', '--log-group-name', 'cli', '--retention-in-days']
      await aws.run([...args, '30'])
      await assert.rejects(aws.run([...args, '2']), /\(InvalidParameterException\)/)
    },
  },

  DeleteRetentionPolicy: {
    happy: {
      'the group then keeps its events for ever; where there is none it is no error': async (cloud) => {
        const logs = logsOf(cloud)
        await logs.createLogGroup({ logGroupName: 'forever' })
        await logs.putRetentionPolicy({ logGroupName: 'forever', retentionInDays: 1 })
        for (let times = 0; times < 2; times += 1)
          await logs.deleteRetentionPolicy({ logGroupName: 'forever' })
        await cloud.pass(2)
        assert.equal((await described(cloud, 'forever'))[0]!.retentionInDays, undefined)
      },
    },
    state: {
      'an absent group is not found': noGroup((logs) =>
        logs.deleteRetentionPolicy({ logGroupName: 'absent' }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['logs', 'delete-retention-policy', '--log-group-name', 'cli'])
    },
  },

  TagResource: {
    happy: {
      'tags are added and replaced by key': async (cloud) => {
        const logs = logsOf(cloud)
        await logs.createLogGroup({ logGroupName: 'tagged', tags: { a: '1', b: '2' } })
        const resourceArn = arnOf('tagged')
        await logs.tagResource({ resourceArn, tags: { b: '3', c: '4' } })
        assert.deepEqual((await logs.listTagsForResource({ resourceArn })).tags, { a: '1', b: '3', c: '4' })
      },
    },
    state: {
      'with those that are there they are at most 50': async (cloud) => {
        const logs = logsOf(cloud)
        await logs.createLogGroup({ logGroupName: 'many', tags: { own: '' } })
        const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, '']))
        await refused(logs.tagResource({ resourceArn: arnOf('many'), tags }), 'TooManyTagsException')
      },
      'an absent group is not found': noGroup((logs) =>
        logs.tagResource({ resourceArn: arnOf('absent'), tags: { a: 'b' } }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['logs', 'tag-resource', '--resource-arn', arnOf('cli'), '--tags', 'b=2'])
    },
  },

  UntagResource: {
    happy: {
      'keys go, and absent ones are no error': async (cloud) => {
        const logs = logsOf(cloud)
        await logs.createLogGroup({ logGroupName: 'untagged', tags: { a: '1', b: '2' } })
        const resourceArn = arnOf('untagged')
        await logs.untagResource({ resourceArn, tagKeys: ['a', 'none'] })
        assert.deepEqual((await logs.listTagsForResource({ resourceArn })).tags, { b: '2' })
      },
    },
    state: {
      'an absent group is not found': noGroup((logs) =>
        logs.untagResource({ resourceArn: arnOf('absent'), tagKeys: ['a'] }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['logs', 'untag-resource', '--resource-arn', arnOf('cli'), '--tag-keys', 'a'])
    },
  },

  ListTagsForResource: {
    happy: {
      'a group without tags has an empty map': async (cloud) => {
        await logsOf(cloud).createLogGroup({ logGroupName: 'bare' })
        assert.deepEqual((await logsOf(cloud).listTagsForResource({ resourceArn: arnOf('bare') })).tags, {})
      },
    },
    validation: {
      'the ARN that ends in :* is refused here': async (cloud) => {
        await logsOf(cloud).createLogGroup({ logGroupName: 'starred' })
        const call = logsOf(cloud).listTagsForResource({ resourceArn: `${arnOf('starred')}:*` })
        await refused(call, 'InvalidParameterException', /at 'resourceArn'/)
      },
    },
    state: {
      'an absent group is not found': noGroup((logs) =>
        logs.listTagsForResource({ resourceArn: arnOf('absent') }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const answer = await aws.run(['logs', 'list-tags-for-resource', '--resource-arn', arnOf('cli')])
      assert.deepEqual(answer, { tags: { b: '2' } })
    },
  },

  DeleteLogGroup: {
    happy: {
      'it goes with its streams and events; one made anew under its name is empty': async (cloud) => {
        const logs = logsOf(cloud)
        const logGroupName = 'again'
        await logs.createLogGroup({ logGroupName })
        await logs.createLogStream({ logGroupName, logStreamName: 's' })
        await logs.deleteLogGroup({ logGroupName })
        await logs.createLogGroup({ logGroupName })
        assert.deepEqual((await logs.describeLogStreams({ logGroupName })).logStreams, [])
      },
    },
    state: {
      'an absent group is not found': noGroup((logs) => logs.deleteLogGroup({ logGroupName: 'absent' })),
      'of two at once the later one is aborted': oneAborted((logs, logGroupName) =>
        logs.deleteLogGroup({ logGroupName }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['logs', 'delete-log-group', '--log-group-name', 'cli']
      await aws.run(args)
      await assert.rejects(
        aws.run(args),
        /\(ResourceNotFoundException\).*The specified log group does not exist/,
      )
    },
  },
}
