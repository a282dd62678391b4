// Transactions: all or nothing in one region, a reason for every action, once per token.
import assert from 'node:assert/strict'
import { TransactionCanceledException, type TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { type TestCloud, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { dynamodb, globalTable, item, key, table, tableByCli, until } from './tables.js'

const put = (TableName: string, id: string, more: object = {}): TransactWriteItem => ({
  Put: { TableName, Item: item(id, 'x'), ...more },
})
const NEW = { ConditionExpression: 'attribute_not_exists(id)' }

const idsOf = async (cloud: TestCloud, TableName: string, region?: string) => {
  const { Items = [] } = await dynamodb(cloud, region).scan({ TableName })
  return Items.map(({ id }) => id?.S).sort()
}

async function cancelled(call: Promise<unknown>, ...codes: string[]): Promise<TransactionCanceledException> {
  const error = await refused(
    call,
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
  )
  assert.ok(error instanceof TransactionCanceledException)
  assert.deepEqual(
    error.CancellationReasons?.map(({ Code }) => Code),
    codes,
  )
  return error
}

/** Runs calls that meet at the same items, and gives the failures. */
async function failures(calls: readonly Promise<unknown>[]): Promise<Error[]> {
  const outcomes = await Promise.allSettled(calls)
  assert.ok(
    outcomes.some(({ status }) => status === 'fulfilled'),
    'one of them is made',
  )
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []))
}

const hundred = (name: string) => Array.from({ length: 100 }, (_, index) => put(name, `k${index}`))

const transactWriteItems: OperationSuite = {
  happy: {
    'puts, updates, deletions and checks, all made; each reaches the other region by itself': async (
      cloud,
    ) => {
      const client = await globalTable(cloud, 'all', VIRGINIA)
      for (const id of ['gone', 'checked']) await client.putItem({ TableName: 'all', Item: item(id, 'x') })
      const TransactItems: TransactWriteItem[] = [
        put('all', 'put', NEW),
        { Delete: { TableName: 'all', Key: key('gone') } },
        {
          ConditionCheck: {
            TableName: 'all',
            Key: key('checked'),
            ConditionExpression: 'attribute_exists(id)',
          },
        },
        {
          Update: {
            TableName: 'all',
            Key: key('updated'),
            UpdateExpression: 'SET hits = :n',
            ExpressionAttributeValues: { ':n': { N: '1' } },
          },
        },
      ]
      await client.transactWriteItems({ TransactItems })
      assert.deepEqual(await idsOf(cloud, 'all'), ['checked', 'put', 'updated'])
      await until('them there', async () => {
        await cloud.pass(1)
        return (await idsOf(cloud, 'all', VIRGINIA)).join() === 'checked,put,updated'
      })
    },
    'a token makes it once within ten minutes': async (cloud) => {
      const client = await table(cloud, 'once')
      const input = { TransactItems: [put('once', 'a', NEW)], ClientRequestToken: 'token' }
      await client.transactWriteItems(input)
      await client.transactWriteItems(input)
      await cloud.pass(600)
      await cancelled(client.transactWriteItems(input), 'ConditionalCheckFailed')
    },
  },
  validation: {
    'no item twice': async (cloud) => {
      const client = await table(cloud, 'twice')
      await refused(
        client.transactWriteItems({ TransactItems: [put('twice', 'a'), put('twice', 'a')] }),
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      )
    },
    'one kind of action each': async (cloud) => {
      const client = await table(cloud, 'kinds')
      const both = { ...put('kinds', 'a'), Delete: { TableName: 'kinds', Key: key('b') } }
      await refused(
        client.transactWriteItems({ TransactItems: [both] }),
        'ValidationException',
        'TransactItems can only contain one of Check, Put, Update or Delete',
      )
    },
  },
  state: {
    'one condition fails and nothing is made: TransactionCanceledException with a reason for each': async (
      cloud,
    ) => {
      const client = await table(cloud, 'nothing')
      await client.putItem({ TableName: 'nothing', Item: item('there', 'old') })
      const old = { ...NEW, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
      const TransactItems = [put('nothing', 'new'), put('nothing', 'there', old)]
      const error = await cancelled(
        client.transactWriteItems({ TransactItems }),
        'None',
        'ConditionalCheckFailed',
      )
      assert.deepEqual(error.CancellationReasons?.[1], {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: item('there', 'old'),
      })
      assert.deepEqual(await idsOf(cloud, 'nothing'), ['there'])
    },
    'a wrong key: TransactionCanceledException with ValidationError': async (cloud) => {
      const client = await table(cloud, 'wrong')
      const wrong = { Delete: { TableName: 'wrong', Key: { id: { N: '1' } } } }
      await cancelled(
        client.transactWriteItems({ TransactItems: [put('wrong', 'a'), wrong] }),
        'None',
        'ValidationError',
      )
    },
    'a token with other parameters: IdempotentParameterMismatchException': async (cloud) => {
      const client = await table(cloud, 'token')
      const input = (id: string) => ({ TransactItems: [put('token', id)], ClientRequestToken: 'other' })
      await client.transactWriteItems(input('a'))
      await refused(client.transactWriteItems(input('b')), 'IdempotentParameterMismatchException')
    },
    'a token whose request is under way: TransactionInProgressException': async (cloud) => {
      const client = await table(cloud, 'progress')
      const input = { TransactItems: hundred('progress'), ClientRequestToken: 'progress' }
      const failed = await failures([1, 2, 3, 4].map(() => client.transactWriteItems(input)))
      for (const { name } of failed) assert.equal(name, 'TransactionInProgressException')
    },
    'another transaction on an item: TransactionCanceledException with TransactionConflict': async (
      cloud,
    ) => {
      const client = await table(cloud, 'conflict')
      const failed = await failures(
        Array.from({ length: 8 }, () => client.transactWriteItems({ TransactItems: hundred('conflict') })),
      )
      assert.ok(failed.length, 'some meet')
      for (const error of failed) {
        assert.ok(error instanceof TransactionCanceledException)
        assert.ok(error.CancellationReasons?.every(({ Code }) => Code === 'TransactionConflict'))
      }
    },
    'a single write to its item meanwhile: TransactionConflictException': async (cloud) => {
      const client = await table(cloud, 'single')
      const singles = Array.from({ length: 40 }, () =>
        client.putItem({ TableName: 'single', Item: item('k0', 'single') }),
      )
      const transaction = client.transactWriteItems({ TransactItems: hundred('single') })
      const later = Array.from({ length: 40 }, () =>
        client.putItem({ TableName: 'single', Item: item('k0', 'single') }),
      )
      const failed = await failures([transaction, ...singles, ...later])
      for (const { name, message } of failed) {
        assert.deepEqual(
          [name, message],
          ['TransactionConflictException', 'Transaction is ongoing for the item'],
        )
      }
    },
    'an absent table: ResourceNotFoundException': async (cloud) =>
      refused(
        dynamodb(cloud).transactWriteItems({ TransactItems: [put('absent', 'a')] }),
        'ResourceNotFoundException',
        'Requested resource not found',
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-transaction')
    const items = JSON.stringify([put('cli-transaction', 'a'), put('cli-transaction', 'b')])
    await aws.run(['dynamodb', 'transact-write-items', '--transact-items', items])
    assert.deepEqual(await idsOf(cloud, 'cli-transaction'), ['a', 'b'])
  },
}

const get = (TableName: string, id: string) => ({ Get: { TableName, Key: key(id) } })

const transactGetItems: OperationSuite = {
  happy: {
    'an answer for every action, in their order, empty for absent items': async (cloud) => {
      const client = await table(cloud, 'gets')
      await client.putItem({ TableName: 'gets', Item: item('a', 'x') })
      const TransactItems = [get('gets', 'absent'), get('gets', 'a')]
      const { Responses } = await client.transactGetItems({ TransactItems })
      assert.deepEqual(Responses, [{}, { Item: item('a', 'x') }])
    },
  },
  validation: {
    'no item twice': async (cloud) => {
      const client = await table(cloud, 'twice')
      await refused(
        client.transactGetItems({ TransactItems: [get('twice', 'a'), get('twice', 'a')] }),
        'ValidationException',
        'Transaction request cannot include multiple operations on one item',
      )
    },
  },
  state: {
    'a write to one of its items meanwhile: TransactionCanceledException with TransactionConflict': async (
      cloud,
    ) => {
      const client = await table(cloud, 'met')
      const writes = [1, 2].map(() => client.transactWriteItems({ TransactItems: hundred('met') }))
      const gets = Array.from({ length: 40 }, () =>
        client.transactGetItems({ TransactItems: [get('met', 'k0')] }),
      )
      for (const error of await failures([...writes, ...gets])) {
        assert.ok(error instanceof TransactionCanceledException)
        assert.ok(error.CancellationReasons?.every(({ Code }) => Code === 'TransactionConflict'))
      }
    },
    'an absent table: ResourceNotFoundException': async (cloud) =>
      refused(
        dynamodb(cloud).transactGetItems({ TransactItems: [get('absent', 'a')] }),
        'ResourceNotFoundException',
        'Requested resource not found',
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-transact-get')
    await dynamodb(cloud).putItem({ TableName: 'cli-transact-get', Item: item('a', 'x') })
    const items = JSON.stringify([get('cli-transact-get', 'a')])
    const answer = await aws.run(['dynamodb', 'transact-get-items', '--transact-items', items])
    assert.deepEqual(answer, { Responses: [{ Item: item('a', 'x') }] })
  },
}

export const transactionOperations = {
  TransactWriteItems: transactWriteItems,
  TransactGetItems: transactGetItems,
}
