// Many items at once: queries, scans and batches.
import assert from 'node:assert/strict'
import type { ScanCommandOutput } from '@aws-sdk/client-dynamodb'
import type { TestCloud } from '../cloud.js'
import { VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { cli, dynamodb, globalTable, item, key, listed, table, tableByCli, until } from './tables.js'

const at = (id: string, n: number) => ({ ...key(id), at: { N: String(n) } })
const BY_ID = { KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': { S: 'a' } } }

/** A table with the items `a` 1 to 10 and `b` 1. */
async function ten(cloud: TestCloud, name: string) {
  const client = await listed(cloud, name)
  for (let n = 1; n <= 10; n += 1) await client.putItem({ TableName: name, Item: at('a', n) })
  await client.putItem({ TableName: name, Item: at('b', 1) })
  return client
}

/** A table with ten items of 300 KB. */
async function big(cloud: TestCloud, name: string) {
  const client = await listed(cloud, name)
  const big = { S: 'x'.repeat(300_000) }
  for (let n = 1; n <= 10; n += 1) await client.putItem({ TableName: name, Item: { ...at('a', n), big } })
  return client
}

const isNowhere = (call: Promise<unknown>) =>
  refused(call, 'ResourceNotFoundException', 'Requested resource not found')

const query: OperationSuite = {
  happy: {
    'the items of one partition by their range key, backwards if asked': async (cloud) => {
      const client = await ten(cloud, 'queried')
      const range = {
        TableName: 'queried',
        KeyConditionExpression: 'id = :id AND #at BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':id': { S: 'a' }, ':from': { N: '9' }, ':to': { N: '10' } },
      }
      const { Items, Count } = await client.query({ ...range, ScanIndexForward: false })
      assert.deepEqual([Items, Count], [[at('a', 10), at('a', 9)], 2])
    },
    'a filter is applied after the reading: ScannedCount counts all': async (cloud) => {
      const client = await ten(cloud, 'filtered')
      const { Count, ScannedCount } = await client.query({
        TableName: 'filtered',
        ...BY_ID,
        FilterExpression: 'attribute_exists(absent)',
      })
      assert.deepEqual([Count, ScannedCount], [0, 10])
    },
  },
  validation: {
    'a condition without the partition key is refused': async (cloud) => {
      const client = await ten(cloud, 'unkeyed')
      await refused(
        client.query({
          TableName: 'unkeyed',
          KeyConditionExpression: '#at = :n',
          ExpressionAttributeNames: { '#at': 'at' },
          ExpressionAttributeValues: { ':n': { N: '1' } },
        }),
        'ValidationException',
        'Query condition missed key schema element: id',
      )
    },
    'an index that is not there is refused': async (cloud) => {
      const client = await ten(cloud, 'unindexed')
      await refused(
        client.query({ TableName: 'unindexed', IndexName: 'byName', ...BY_ID }),
        'ValidationException',
        'The table does not have the specified index: byName',
      )
    },
  },
  state: {
    'an absent table: ResourceNotFoundException': (cloud) =>
      isNowhere(dynamodb(cloud).query({ TableName: 'absent', ...BY_ID })),
  },
  pagination: {
    'pages of Limit items, to be gone on from LastEvaluatedKey': async (cloud) => {
      const client = await ten(cloud, 'paged')
      const first = await client.query({ TableName: 'paged', ...BY_ID, Limit: 9 })
      assert.deepEqual([first.Count, first.LastEvaluatedKey], [9, at('a', 9)])
      const rest = await client.query({
        TableName: 'paged',
        ...BY_ID,
        ExclusiveStartKey: first.LastEvaluatedKey,
      })
      assert.deepEqual([rest.Items, rest.LastEvaluatedKey], [[at('a', 10)], undefined])
    },
    'a page ends at 1 MB': async (cloud) => {
      const client = await big(cloud, 'big')
      const { Count, LastEvaluatedKey } = await client.query({ TableName: 'big', ...BY_ID })
      assert.deepEqual([Count, LastEvaluatedKey], [4, at('a', 4)])
    },
  },
  cli: async (cloud, aws) => {
    await ten(cloud, 'cli-query')
    // botocore pages by itself.
    const shown = await cli(
      aws,
      'query',
      'cli-query',
      ...['--key-condition-expression', 'id = :id', '--expression-attribute-values', '{":id":{"S":"a"}}'],
      ...['--page-size', '3'],
    )
    assert.equal(shown.Count, 10)
  },
}

const scan: OperationSuite = {
  happy: {
    'all items; Select COUNT only counts them': async (cloud) => {
      const client = await ten(cloud, 'scanned')
      assert.equal((await client.scan({ TableName: 'scanned' })).Items?.length, 11)
      const { Count, Items } = await client.scan({ TableName: 'scanned', Select: 'COUNT' })
      assert.deepEqual([Count, Items], [11, undefined])
    },
    'segments together have every item once': async (cloud) => {
      const client = await table(cloud, 'segmented')
      for (let n = 0; n < 20; n += 1) await client.putItem({ TableName: 'segmented', Item: key(`k${n}`) })
      const segments = await Promise.all(
        [0, 1, 2].map((Segment) => client.scan({ TableName: 'segmented', Segment, TotalSegments: 3 })),
      )
      const ids = segments.flatMap(({ Items }) => Items?.map(({ id }) => id?.S))
      assert.deepEqual([ids.length, new Set(ids).size], [20, 20])
    },
  },
  validation: {
    'a Segment needs TotalSegments, and is below it': async (cloud) => {
      const client = await ten(cloud, 'segments')
      await refused(
        client.scan({ TableName: 'segments', Segment: 1 }),
        'ValidationException',
        'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
      )
      await refused(
        client.scan({ TableName: 'segments', Segment: 2, TotalSegments: 2 }),
        'ValidationException',
        /The Segment parameter is zero-based and must be less than parameter TotalSegments/,
      )
    },
  },
  state: {
    'an absent table: ResourceNotFoundException': (cloud) =>
      isNowhere(dynamodb(cloud).scan({ TableName: 'absent' })),
  },
  pagination: {
    'pages by Limit and by 1 MB have every item once': async (cloud) => {
      const client = await big(cloud, 'big')
      for (const Limit of [2, undefined]) {
        const seen: (string | undefined)[] = []
        let ExclusiveStartKey: ScanCommandOutput['LastEvaluatedKey']
        let pages = 0
        do {
          const page = await client.scan({ TableName: 'big', Limit, ExclusiveStartKey })
          seen.push(...(page.Items ?? []).map((one) => one.at?.N))
          ExclusiveStartKey = page.LastEvaluatedKey
          pages += 1
        } while (ExclusiveStartKey)
        assert.deepEqual([seen.length, new Set(seen).size], [10, 10])
        assert.ok(pages >= (Limit ? 5 : 3), `${pages} pages`)
      }
    },
  },
  cli: async (cloud, aws) => {
    await ten(cloud, 'cli-scan')
    assert.equal((await cli(aws, 'scan', 'cli-scan', '--page-size', '4')).Count, 11)
  },
}

const puts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ PutRequest: { Item: item(`k${index}`, 'x') } }))

const batchWriteItem: OperationSuite = {
  happy: {
    'puts and deletions together, up to 25; both are elsewhere within a second': async (cloud) => {
      const client = await globalTable(cloud, 'batch', VIRGINIA)
      await client.putItem({ TableName: 'batch', Item: key('old') })
      const requests = [...puts(24), { DeleteRequest: { Key: key('old') } }]
      const { UnprocessedItems } = await client.batchWriteItem({ RequestItems: { batch: requests } })
      assert.deepEqual(UnprocessedItems, {})
      const there = dynamodb(cloud, VIRGINIA)
      await until('all', async () => {
        await cloud.pass(1)
        const { Items = [] } = await there.scan({ TableName: 'batch' })
        return Items.length === 24 && Items.every(({ id }) => id?.S !== 'old')
      })
    },
  },
  validation: {
    'more than 25 requests are refused': async (cloud) => {
      const client = await table(cloud, 'many')
      await refused(
        client.batchWriteItem({ RequestItems: { many: puts(26) } }),
        'ValidationException',
        /Member must have length less than or equal to 25, Member must have length greater than or equal to 1\]$/,
      )
    },
    'no item twice': async (cloud) => {
      const client = await table(cloud, 'twice')
      await refused(
        client.batchWriteItem({
          RequestItems: { twice: [...puts(1), { DeleteRequest: { Key: key('k0') } }] },
        }),
        'ValidationException',
        'Provided list of item keys contains duplicates',
      )
    },
    'one wrong key and nothing is written': async (cloud) => {
      const client = await table(cloud, 'wrong')
      const requests = [...puts(2), { PutRequest: { Item: { id: { N: '1' } } } }]
      await refused(client.batchWriteItem({ RequestItems: { wrong: requests } }), 'ValidationException')
      assert.equal((await client.scan({ TableName: 'wrong' })).Count, 0)
    },
  },
  state: {
    'an absent table: ResourceNotFoundException, and nothing is written': async (cloud) => {
      const client = await table(cloud, 'there')
      const call = client.batchWriteItem({ RequestItems: { there: puts(1), absent: puts(1) } })
      await isNowhere(call)
      assert.equal((await client.scan({ TableName: 'there' })).Count, 0)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-batch')
    const requests = JSON.stringify({ 'cli-batch': puts(3) })
    const answer = await aws.run(['dynamodb', 'batch-write-item', '--request-items', requests])
    assert.deepEqual(answer, { UnprocessedItems: {} })
    assert.equal((await dynamodb(cloud).scan({ TableName: 'cli-batch' })).Count, 3)
  },
}

const keys = (count: number) => Array.from({ length: count }, (_, index) => key(`k${index}`))

const batchGetItem: OperationSuite = {
  happy: {
    'items of several tables by their keys, absent ones left out': async (cloud) => {
      const client = await table(cloud, 'one')
      await table(cloud, 'two')
      await client.putItem({ TableName: 'one', Item: item('k0', 'x') })
      await client.putItem({ TableName: 'two', Item: item('k1', 'y') })
      const RequestItems = { one: { Keys: keys(2) }, two: { Keys: keys(2) } }
      const { Responses, UnprocessedKeys } = await client.batchGetItem({ RequestItems })
      assert.deepEqual(Responses, { one: [item('k0', 'x')], two: [item('k1', 'y')] })
      assert.deepEqual(UnprocessedKeys, {})
    },
  },
  validation: {
    'more than 100 keys are refused': async (cloud) => {
      const client = await table(cloud, 'many')
      await refused(
        client.batchGetItem({ RequestItems: { many: { Keys: keys(101) } } }),
        'ValidationException',
        /Member must have length less than or equal to 100/,
      )
    },
    'no key twice': async (cloud) => {
      const client = await table(cloud, 'twice')
      await refused(
        client.batchGetItem({ RequestItems: { twice: { Keys: [key('a'), key('a')] } } }),
        'ValidationException',
        'Provided list of item keys contains duplicates',
      )
    },
  },
  state: {
    'an absent table: ResourceNotFoundException': (cloud) =>
      isNowhere(dynamodb(cloud).batchGetItem({ RequestItems: { absent: { Keys: keys(1) } } })),
  },
  pagination: {
    'keys that do not fit into an answer are left in UnprocessedKeys': async (cloud) => {
      const client = await table(cloud, 'heavy')
      const big = { S: 'x'.repeat(400_000) }
      for (const one of keys(45)) await client.putItem({ TableName: 'heavy', Item: { ...one, big } })
      const RequestItems = { heavy: { Keys: keys(45) } }
      const { Responses, UnprocessedKeys } = await client.batchGetItem({ RequestItems })
      const [got, left] = [Responses?.heavy?.length ?? 0, UnprocessedKeys?.heavy?.Keys?.length ?? 0]
      assert.ok(got && left, `${got} items, ${left} keys`)
      assert.equal(got + left, 45)
    },
  },
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-batch-get')
    await dynamodb(cloud).putItem({ TableName: 'cli-batch-get', Item: item('k0', 'x') })
    const requests = JSON.stringify({ 'cli-batch-get': { Keys: keys(1) } })
    const answer = await aws.run(['dynamodb', 'batch-get-item', '--request-items', requests])
    assert.deepEqual(answer, { Responses: { 'cli-batch-get': [item('k0', 'x')] }, UnprocessedKeys: {} })
  },
}

export const itemsOperations = {
  Query: query,
  Scan: scan,
  BatchWriteItem: batchWriteItem,
  BatchGetItem: batchGetItem,
}
