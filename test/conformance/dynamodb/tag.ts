// Tags of tables: each region's own, written in the background.
import assert from 'node:assert/strict'
import type { Tag } from '@aws-sdk/client-dynamodb'
import { type TestCloud, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { arnOf, dynamodb, table, tableByCli, tableInput } from './tables.js'

const tagsOf = async (cloud: TestCloud, name: string) => {
  const { Tags = [] } = await dynamodb(cloud).listTagsOfResource({ ResourceArn: arnOf(name) })
  return Tags.map(({ Key, Value }) => `${Key}=${Value}`).sort()
}
const tag = (name: string, Key: string, Value = 'x') => ({
  ResourceArn: arnOf(name),
  Tags: [{ Key, Value }] as Tag[],
})
const noArn = (arn: string) => `Requested resource not found: ResourceArn: ${arn} not found`

const tagResource: OperationSuite = {
  happy: {
    'tags are added, and replace those of their keys': async (cloud) => {
      const client = await table(cloud, 'tags', { Tags: [{ Key: 'a', Value: '1' }] })
      await client.tagResource({
        ...tag('tags', 'a', '2'),
        Tags: [...tag('', 'a', '2').Tags, { Key: 'b', Value: '' }],
      })
      await cloud.pass(3)
      assert.deepEqual(await tagsOf(cloud, 'tags'), ['a=2', 'b='])
    },
  },
  validation: {
    'keys with the prefix aws: are refused': async (cloud) =>
      refused(
        dynamodb(cloud).tagResource(tag('nowhere', 'aws:x')),
        'ValidationException',
        'Tag Key cannot be prefixed with aws:, Key: aws:x',
      ),
    'a key given twice is refused': async (cloud) =>
      refused(
        dynamodb(cloud).tagResource({
          ...tag('nowhere', 'a'),
          Tags: [...tag('', 'a').Tags, ...tag('', 'a').Tags],
        }),
        'ValidationException',
        'Duplicate Tag Keys provided as input: Duplicate Tag Key found a',
      ),
    'what is no ARN is refused': async (cloud) =>
      refused(
        dynamodb(cloud).tagResource({ ...tag('', 'a'), ResourceArn: 'tags' }),
        'ValidationException',
        "One or more parameter values were invalid: ARNs must start with 'arn:': tags",
      ),
  },
  state: {
    'a second, different write within 1.6 s: LimitExceededException': async (cloud) => {
      const client = await table(cloud, 'locked')
      await client.tagResource(tag('locked', 'a'))
      await refused(
        client.tagResource(tag('locked', 'b')),
        'LimitExceededException',
        'Subscriber limit exceeded: Table tags are being updated: locked',
      )
      await client.tagResource(tag('locked', 'a'))
      await cloud.pass(2)
      await client.tagResource(tag('locked', 'b'))
    },
    'a table that is absent or CREATING: ResourceNotFoundException': async (cloud) => {
      const client = dynamodb(cloud)
      await refused(
        client.tagResource(tag('absent', 'a')),
        'ResourceNotFoundException',
        noArn(arnOf('absent')),
      )
      await client.createTable(tableInput('early'))
      await refused(client.tagResource(tag('early', 'a')), 'ResourceNotFoundException', noArn(arnOf('early')))
    },
    'more than 50 tags in all: ValidationException': async (cloud) => {
      const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
      const client = await table(cloud, 'many', { Tags: many })
      await refused(
        client.tagResource(tag('many', 'one more')),
        'ValidationException',
        'Number of Tags exceed the current limit for the provided ResourceArn',
      )
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-tag')
    const tags = ['--tags', 'Key=a,Value=b']
    await aws.run(['dynamodb', 'tag-resource', '--resource-arn', arnOf('cli-tag'), ...tags])
    assert.deepEqual(await tagsOf(cloud, 'cli-tag'), ['a=b'])
  },
}

const untagResource: OperationSuite = {
  happy: {
    'tags go by their keys; absent ones do not matter': async (cloud) => {
      const Tags = ['a', 'b'].map((Key) => ({ Key, Value: '' }))
      const client = await table(cloud, 'tags', { Tags })
      await client.untagResource({ ResourceArn: arnOf('tags'), TagKeys: ['a', 'absent'] })
      await cloud.pass(3)
      assert.deepEqual(await tagsOf(cloud, 'tags'), ['b='])
    },
  },
  validation: {
    'without a key there is nothing to do': async (cloud) =>
      refused(
        dynamodb(cloud).untagResource({ ResourceArn: arnOf('tags'), TagKeys: [] }),
        'ValidationException',
        'Atleast one Tag Key needs to be provided as Input.',
      ),
  },
  state: {
    'within 1.6 s of another write: LimitExceededException': async (cloud) => {
      const client = await table(cloud, 'locked')
      await client.tagResource(tag('locked', 'a'))
      const untag = client.untagResource({ ResourceArn: arnOf('locked'), TagKeys: ['a'] })
      await refused(untag, 'LimitExceededException')
    },
    'an absent table: ResourceNotFoundException': async (cloud) =>
      refused(
        dynamodb(cloud).untagResource({ ResourceArn: arnOf('absent'), TagKeys: ['a'] }),
        'ResourceNotFoundException',
        noArn(arnOf('absent')),
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-untag')
    await dynamodb(cloud).tagResource(tag('cli-untag', 'a'))
    await aws.run(['dynamodb', 'untag-resource', '--resource-arn', arnOf('cli-untag'), '--tag-keys', 'a'])
    assert.deepEqual(await tagsOf(cloud, 'cli-untag'), [])
  },
}

const listTagsOfResource: OperationSuite = {
  happy: {
    'a write is shown up to 3 s later': async (cloud) => {
      const client = await table(cloud, 'lagging')
      await client.tagResource(tag('lagging', 'a'))
      assert.deepEqual(await tagsOf(cloud, 'lagging'), [])
      await cloud.pass(3)
      assert.deepEqual(await tagsOf(cloud, 'lagging'), ['a=x'])
    },
  },
  validation: {
    'an ARN of another region is refused': async (cloud) =>
      refused(
        dynamodb(cloud, VIRGINIA).listTagsOfResource({ ResourceArn: arnOf('lagging') }),
        'ValidationException',
        `Invalid TableArn: Invalid ResourceArn provided as input ${arnOf('lagging')}`,
      ),
    'an index has no tags': async (cloud) =>
      refused(
        dynamodb(cloud).listTagsOfResource({ ResourceArn: `${arnOf('lagging')}/index/byName` }),
        'ValidationException',
        /Invalid resource arn provided, only table or stream is accepted\. Provided resource arn: /,
      ),
  },
  state: {
    'an absent table: ResourceNotFoundException': async (cloud) =>
      refused(
        dynamodb(cloud).listTagsOfResource({ ResourceArn: arnOf('absent') }),
        'ResourceNotFoundException',
        noArn(arnOf('absent')),
      ),
  },
  pagination: 'AWS has a token, but no table has more tags than a page',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-tags')
    const shown = await aws.run(['dynamodb', 'list-tags-of-resource', '--resource-arn', arnOf('cli-tags')])
    assert.deepEqual(shown, { Tags: [] })
  },
}

export const tagOperations = {
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsOfResource: listTagsOfResource,
}
