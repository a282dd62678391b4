// Single items, written and read in one region and seen in another.
import assert from 'node:assert/strict'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { type TestCloud, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import {
  cli,
  dynamodb,
  globalTable,
  item,
  key,
  listed,
  table,
  tableByCli,
  tableInput,
  until,
} from './tables.js'

const INVALID = 'One or more parameter values were invalid: '
const NEW = 'attribute_not_exists(id)'

const nameOf = async (cloud: TestCloud, TableName: string, id: string, region?: string) =>
  (await dynamodb(cloud, region).getItem({ TableName, Key: key(id) })).Item?.name?.S

/** A write is usually elsewhere within a second. */
const arrives = (cloud: TestCloud, name: string, id: string, value: string | undefined, region = VIRGINIA) =>
  until(`${id} in ${region}`, async () => {
    await cloud.pass(1)
    return (await nameOf(cloud, name, id, region)) === value
  })

const unusable = async (cloud: TestCloud, call: (name: string) => Promise<unknown>) => {
  const gone = 'Requested resource not found'
  await refused(call('absent'), 'ResourceNotFoundException', gone)
  await dynamodb(cloud).createTable(tableInput('early'))
  await refused(call('early'), 'ResourceNotFoundException', gone)
}

const putItem: OperationSuite = {
  happy: {
    'the item is replaced as a whole; ALL_OLD gives what was': async (cloud) => {
      const client = await table(cloud, 'items')
      await client.putItem({ TableName: 'items', Item: { ...item('a', 'one'), more: { N: '1' } } })
      const put = { TableName: 'items', Item: item('a', 'two'), ReturnValues: 'ALL_OLD' as const }
      assert.equal((await client.putItem(put)).Attributes?.more?.N, '1')
      const { Item } = await client.getItem({ TableName: 'items', Key: key('a') })
      assert.deepEqual(Item, item('a', 'two'))
    },
    'every type of value comes back as it was; empty texts and binaries are values': async (cloud) => {
      const client = await table(cloud, 'types')
      const Item = {
        ...item('a', ''),
        bytes: { B: Uint8Array.from([0, 255]) },
        none: { B: new Uint8Array() },
        list: { L: [{ BOOL: true }, { NULL: true }, { M: { deep: { N: '-1.5' } } }] },
        texts: { SS: ['x', 'y'] },
      }
      await client.putItem({ TableName: 'types', Item })
      assert.deepEqual((await client.getItem({ TableName: 'types', Key: key('a') })).Item, Item)
    },
    'it is in the other region within a second; of two writes the later one stays in both': async (cloud) => {
      const here = await globalTable(cloud, 'pair', VIRGINIA)
      await here.putItem({ TableName: 'pair', Item: item('a', 'here') })
      assert.equal(await nameOf(cloud, 'pair', 'a', VIRGINIA), undefined)
      await dynamodb(cloud, VIRGINIA).putItem({ TableName: 'pair', Item: item('a', 'there') })
      await until('both to agree', async () => {
        await cloud.pass(1)
        const names = [await nameOf(cloud, 'pair', 'a'), await nameOf(cloud, 'pair', 'a', VIRGINIA)]
        return names.every((name) => name === 'there')
      })
    },
  },
  validation: {
    'an item above 400 KB is refused': async (cloud) => {
      const client = await table(cloud, 'sizes')
      const Item = (bytes: number) => ({ ...key('a'), big: { S: 'x'.repeat(bytes) } })
      await client.putItem({ TableName: 'sizes', Item: Item(409_500) })
      await refused(
        client.putItem({ TableName: 'sizes', Item: Item(409_600) }),
        'ValidationException',
        'Item size has exceeded the maximum allowed size',
      )
    },
    'a key is there, of its type, not empty, of at most 2048 bytes': async (cloud) => {
      const client = await table(cloud, 'keys')
      const put = (id: object | undefined) =>
        client.putItem({ TableName: 'keys', Item: { ...(id && { id }), name: { S: 'x' } } as never })
      await refused(put(undefined), 'ValidationException', `${INVALID}Missing the key id in the item`)
      await refused(
        put({ N: '1' }),
        'ValidationException',
        `${INVALID}Type mismatch for key id expected: S actual: N`,
      )
      await refused(
        put({ S: '' }),
        'ValidationException',
        'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
          'string value. Key: id',
      )
      await refused(
        put({ S: 'x'.repeat(2049) }),
        'ValidationException',
        `${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
      )
      await put({ S: 'x'.repeat(2048) })
    },
    'a range key has at most 1024 bytes': async (cloud) => {
      const client = await table(cloud, 'ranges', {
        KeySchema: [
          { AttributeName: 'id', KeyType: 'HASH' },
          { AttributeName: 'at', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: ['id', 'at'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      })
      await refused(
        client.putItem({ TableName: 'ranges', Item: { ...key('a'), at: { S: 'x'.repeat(1025) } } }),
        'ValidationException',
        /size of all range keys has exceeded the size limit of ?1024 bytes/,
      )
    },
    'sets are neither empty nor have a value twice; numbers have at most 38 digits': async (cloud) => {
      const client = await table(cloud, 'values')
      const put = (value: object) =>
        client.putItem({ TableName: 'values', Item: { ...key('a'), value } as never })
      await refused(put({ SS: [] }), 'ValidationException', /set {1,2}may not be empty/)
      await refused(put({ SS: ['a', 'a'] }), 'ValidationException', /contains duplicates/)
      await refused(
        put({ N: '1'.repeat(39) }),
        'ValidationException',
        'Attempting to store more than 38 significant digits in a Number',
      )
    },
    'names and values of expressions are all used': async (cloud) => {
      const client = await table(cloud, 'unused')
      await refused(
        client.putItem({
          TableName: 'unused',
          Item: key('a'),
          ConditionExpression: NEW,
          ExpressionAttributeNames: { '#n': 'name' },
        }),
        'ValidationException',
        'Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}',
      )
    },
  },
  state: {
    'a condition that fails: ConditionalCheckFailedException, with the item if asked': async (cloud) => {
      const client = await table(cloud, 'once')
      const once = { TableName: 'once', Item: item('a', 'one'), ConditionExpression: NEW }
      await client.putItem(once)
      const plain = await refused(
        client.putItem(once),
        'ConditionalCheckFailedException',
        'The conditional request failed',
      )
      assert.equal((plain as ConditionalCheckFailedException).Item, undefined)
      const asked = await refused(
        client.putItem({ ...once, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
        'ConditionalCheckFailedException',
      )
      assert.ok(asked instanceof ConditionalCheckFailedException)
      assert.deepEqual(asked.Item, item('a', 'one'))
    },
    'a condition sees the version of its own region only': async (cloud) => {
      const client = await globalTable(cloud, 'apart', VIRGINIA)
      const once = { TableName: 'apart', Item: item('a', 'x'), ConditionExpression: NEW }
      await client.putItem(once)
      await dynamodb(cloud, VIRGINIA).putItem(once)
    },
    'a table that is absent or CREATING: ResourceNotFoundException': (cloud) =>
      unusable(cloud, (TableName) => dynamodb(cloud).putItem({ TableName, Item: key('a') })),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-put')
    await cli(aws, 'put-item', 'cli-put', '--item', '{"id":{"S":"a"},"name":{"S":"by cli"}}')
    assert.equal(await nameOf(cloud, 'cli-put', 'a'), 'by cli')
  },
}

const getItem: OperationSuite = {
  happy: {
    'an absent item is no error, and no Item': async (cloud) => {
      const client = await table(cloud, 'absent-items')
      const answer = await client.getItem({ TableName: 'absent-items', Key: key('a') })
      assert.equal(Object.hasOwn(answer, 'Item'), false)
    },
    'a projection gives what it names': async (cloud) => {
      const client = await table(cloud, 'projected')
      await client.putItem({ TableName: 'projected', Item: { ...item('a', 'x'), more: { N: '1' } } })
      const { Item } = await client.getItem({
        TableName: 'projected',
        Key: key('a'),
        ProjectionExpression: 'more',
        ConsistentRead: true,
      })
      assert.deepEqual(Item, { more: { N: '1' } })
    },
  },
  validation: {
    'a key has exactly the attributes of the schema': async (cloud) => {
      const client = await listed(cloud, 'ranged')
      for (const Key of [
        key('a'),
        { ...key('a'), at: { S: '1' } },
        { ...key('a'), at: { N: '1' }, x: { S: '' } },
      ]) {
        await refused(
          client.getItem({ TableName: 'ranged', Key } as never),
          'ValidationException',
          /The (provided key element does not match the schema|number of conditions on the keys is invalid)/,
        )
      }
    },
  },
  state: {
    'a table that is absent or CREATING: ResourceNotFoundException': (cloud) =>
      unusable(cloud, (TableName) => dynamodb(cloud).getItem({ TableName, Key: key('a') })),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-get')
    await dynamodb(cloud).putItem({ TableName: 'cli-get', Item: item('a', 'x') })
    const { Item } = await cli(aws, 'get-item', 'cli-get', '--key', '{"id":{"S":"a"}}')
    assert.deepEqual(Item, item('a', 'x'))
  },
}

const naming = (TableName: string, name: string) => ({
  TableName,
  Key: key('a'),
  UpdateExpression: 'SET #n = :n',
  ExpressionAttributeNames: { '#n': 'name' },
  ExpressionAttributeValues: { ':n': { S: name } },
})

const updateItem: OperationSuite = {
  happy: {
    'attributes are set, added to and removed; an absent item is made': async (cloud) => {
      const client = await table(cloud, 'updated')
      const update = {
        ...naming('updated', 'x'),
        UpdateExpression: 'SET #n = :n ADD hits :one REMOVE gone',
        ExpressionAttributeValues: { ':n': { S: 'x' }, ':one': { N: '1' } },
        ReturnValues: 'ALL_NEW' as const,
      }
      await client.updateItem(update)
      const { Attributes } = await client.updateItem(update)
      assert.deepEqual(Attributes, { ...item('a', 'x'), hits: { N: '2' } })
    },
    'what it leaves is in the other region within a second': async (cloud) => {
      const client = await globalTable(cloud, 'pair', VIRGINIA)
      await client.updateItem(naming('pair', 'here'))
      await arrives(cloud, 'pair', 'a', 'here')
    },
  },
  validation: {
    'a key is never changed': async (cloud) => {
      const client = await table(cloud, 'keys')
      await refused(
        client.updateItem({ ...naming('keys', 'b'), ExpressionAttributeNames: { '#n': 'id' } }),
        'ValidationException',
        `${INVALID}Cannot update attribute id. This attribute is part of the key`,
      )
    },
    'a reserved word needs a name of its own': async (cloud) => {
      const client = await table(cloud, 'words')
      await refused(
        client.updateItem({
          ...naming('words', 'b'),
          UpdateExpression: 'SET name = :n',
          ExpressionAttributeNames: undefined,
        }),
        'ValidationException',
        'Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name',
      )
    },
    'an item that would grow above 400 KB is refused': async (cloud) => {
      const client = await table(cloud, 'growing')
      await client.putItem({ TableName: 'growing', Item: { ...key('a'), big: { S: 'x'.repeat(400_000) } } })
      await refused(
        client.updateItem(naming('growing', 'y'.repeat(20_000))),
        'ValidationException',
        'Item size to update has exceeded the maximum allowed size',
      )
    },
  },
  state: {
    'a condition that fails: ConditionalCheckFailedException': async (cloud) => {
      const client = await table(cloud, 'guarded')
      const update = { ...naming('guarded', 'x'), ConditionExpression: 'attribute_exists(id)' }
      await refused(client.updateItem(update), 'ConditionalCheckFailedException')
      assert.equal(await nameOf(cloud, 'guarded', 'a'), undefined)
    },
    'a table that is absent or CREATING: ResourceNotFoundException': (cloud) =>
      unusable(cloud, (TableName) => dynamodb(cloud).updateItem(naming(TableName, 'x'))),
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    await tableByCli(aws, 'cli-update-item')
    const update = [
      '--update-expression',
      'SET hits = :n',
      '--expression-attribute-values',
      '{":n":{"N":"7"}}',
    ]
    const { Attributes } = await cli(
      aws,
      'update-item',
      'cli-update-item',
      ...['--key', '{"id":{"S":"a"}}', ...update, '--return-values', 'ALL_NEW'],
    )
    assert.deepEqual(Attributes, { ...key('a'), hits: { N: '7' } })
  },
}

const deleteItem: OperationSuite = {
  happy: {
    'an absent item is no error; ALL_OLD gives what was': async (cloud) => {
      const client = await table(cloud, 'deleted')
      await client.putItem({ TableName: 'deleted', Item: item('a', 'x') })
      const gone = { TableName: 'deleted', Key: key('a'), ReturnValues: 'ALL_OLD' as const }
      assert.deepEqual((await client.deleteItem(gone)).Attributes, item('a', 'x'))
      assert.equal((await client.deleteItem(gone)).Attributes, undefined)
    },
    'it is gone in the other region within a second': async (cloud) => {
      const client = await globalTable(cloud, 'pair', VIRGINIA)
      await client.putItem({ TableName: 'pair', Item: item('a', 'here') })
      await arrives(cloud, 'pair', 'a', 'here')
      await dynamodb(cloud, VIRGINIA).deleteItem({ TableName: 'pair', Key: key('a') })
      await until('it to go', async () => {
        await cloud.pass(1)
        return (await nameOf(cloud, 'pair', 'a')) === undefined
      })
    },
  },
  validation: {
    'ReturnValues is NONE or ALL_OLD': async (cloud) => {
      const client = await table(cloud, 'returns')
      await refused(
        client.deleteItem({ TableName: 'returns', Key: key('a'), ReturnValues: 'ALL_NEW' }),
        'ValidationException',
        'ReturnValues can only be ALL_OLD or NONE',
      )
    },
  },
  state: {
    'a condition that fails: ConditionalCheckFailedException': async (cloud) => {
      const client = await table(cloud, 'guarded')
      const deletion = { TableName: 'guarded', Key: key('a'), ConditionExpression: 'attribute_exists(id)' }
      await refused(client.deleteItem(deletion), 'ConditionalCheckFailedException')
    },
    'a table that is absent or CREATING: ResourceNotFoundException': (cloud) =>
      unusable(cloud, (TableName) => dynamodb(cloud).deleteItem({ TableName, Key: key('a') })),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    await tableByCli(aws, 'cli-delete-item')
    await dynamodb(cloud).putItem({ TableName: 'cli-delete-item', Item: item('a', 'x') })
    await cli(aws, 'delete-item', 'cli-delete-item', '--key', '{"id":{"S":"a"}}')
    assert.equal(await nameOf(cloud, 'cli-delete-item', 'a'), undefined)
  },
}

export const itemOperations = {
  PutItem: putItem,
  GetItem: getItem,
  UpdateItem: updateItem,
  DeleteItem: deleteItem,
}
