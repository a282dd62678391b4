// Items that no request may make: nested beyond 32 levels, or with numbers out of DynamoDB's range, also by arithmetic.
// Whatever is refused is a ValidationException, and leaves nothing behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addReplica, createTable, EU, open, put, TABLE, US, until } from './harness.js'

const Key = { id: { N: '1' } }
/** A value with so many maps or lists around its leaf. */
const wrapped = (times: number, by: 'M' | 'L' = 'M'): object => {
  let value: object = { S: 'leaf' }
  for (let n = 0; n < times; n++) value = by === 'M' ? { M: { m: value } } : { L: [value] }
  return value
}

test('31 maps around a value are taken, 32 and any more are refused wherever they stand', async (t) => {
  const harness = await open(t)
  await createTable(harness, EU)
  const { ok, refused } = harness
  const putInput = (deep: object) => ({ TableName: TABLE, Item: { ...Key, deep } })
  for (const by of ['M', 'L'] as const) {
    await ok(EU, 'PutItem', putInput(wrapped(31, by)))
    for (const times of [32, 100, 500]) {
      const deep = wrapped(times, by)
      const requests: [string, object][] = [
        ['PutItem', putInput(deep)],
        ['BatchWriteItem', { RequestItems: { [TABLE]: [{ PutRequest: { Item: { ...Key, deep } } }] } }],
        ['TransactWriteItems', { TransactItems: [{ Put: putInput(deep) }] }],
        ['GetItem', { TableName: TABLE, Key: { id: deep } }],
        [
          'UpdateItem',
          {
            TableName: TABLE,
            Key,
            UpdateExpression: 'SET a = :a',
            ExpressionAttributeValues: { ':a': deep },
          },
        ],
        ['UpdateItem', { TableName: TABLE, Key, AttributeUpdates: { a: { Action: 'PUT', Value: deep } } }],
        [
          'Scan',
          {
            TableName: TABLE,
            ScanFilter: { a: { ComparisonOperator: 'EQ', AttributeValueList: [deep] } },
          },
        ],
      ]
      for (const [operation, input] of requests)
        assert.match(
          await refused(EU, operation, input),
          /^ValidationException: .*Nesting Levels have exceeded supported limits/,
          `${operation} with ${times} ${by}`,
        )
    }
  }
  const times = 200_000
  const endless = `${'{"M":{"m":'.repeat(times)}{"S":"leaf"}${'}}'.repeat(times)}`
  const call = { region: EU, operation: 'PutItem', principal: { arn: 'user' }, requestId: 'test' }
  const body = `{"TableName":"${TABLE}","Item":{"id":{"N":"1"},"deep":${endless}}}`
  const answer = await harness.service.raw!('PutItem', body, call)
  assert.match(String(answer?.body), /ValidationException.*Nesting Levels/)
  const step = {
    TableName: TABLE,
    Key,
    UpdateExpression: `SET deep${'[0]'.repeat(31)} = :a`,
    ExpressionAttributeValues: { ':a': wrapped(1) },
  }
  assert.match(await refused(EU, 'UpdateItem', step), /Nesting Levels have exceeded supported limits/)
})

test('an attribute that would be lost is refused', async (t) => {
  const harness = await open(t)
  await createTable(harness, EU)
  const refused = async (operation: string, body: string) => {
    const call = { region: EU, operation, principal: { arn: 'user' }, requestId: 'test' }
    const answer = await harness.service.raw!(operation, body, call)
    assert.match(String(answer?.body), /ValidationException.*An attribute named __proto__ is not supported/)
  }
  const key = '"id":{"N":"1"}'
  await refused('PutItem', `{"TableName":"${TABLE}","Item":{${key},"__proto__":{"S":"x"}}}`)
  await refused('PutItem', `{"TableName":"${TABLE}","Item":{${key},"\\u005f_proto__":{"S":"x"}}}`)
  await refused(
    'UpdateItem',
    `{"TableName":"${TABLE}","Key":{${key}},"UpdateExpression":"REMOVE #p","ExpressionAttributeNames":{"#p":"__proto__"}}`,
  )
  await harness.ok(EU, 'PutItem', { TableName: TABLE, Item: { ...Key, name: { S: '__proto__ \u0001' } } })
})

test('fractions of a limit are cut off', async (t) => {
  const harness = await open(t)
  await createTable(harness, EU)
  assert.deepEqual(await harness.ok(EU, 'ListTables', { Limit: 1.5 }), { TableNames: [TABLE] })
  assert.match(await harness.refused(EU, 'ListTables', { Limit: 0.5 }), /greater than or equal to 1/)
})

test('arithmetic does not lead out of the range of numbers, and replication goes on', async (t) => {
  const harness = await open(t)
  await createTable(harness, EU)
  await addReplica(harness, EU, US)
  const { ok, refused } = harness
  const update = (UpdateExpression: string, N: string) => ({
    ...{ TableName: TABLE, Key, UpdateExpression, ExpressionAttributeValues: { ':a': { N } } },
  })
  await ok(EU, 'UpdateItem', update('ADD n :a', '9e125'))
  const overflow =
    /^ValidationException: Number overflow\. Attempting to store a number with magnitude larger/
  assert.match(await refused(EU, 'UpdateItem', update('ADD n :a', '9e125')), overflow)
  assert.match(await refused(EU, 'UpdateItem', update('SET n = n + :a', '9e125')), overflow)
  assert.match(await refused(EU, 'UpdateItem', update('SET m = n - :a', '-9e125')), overflow)
  assert.match(
    await refused(EU, 'UpdateItem', {
      ...{ TableName: TABLE, Key },
      AttributeUpdates: { n: { Action: 'ADD', Value: { N: '9e125' } } },
    }),
    overflow,
  )
  assert.match(
    await refused(EU, 'TransactWriteItems', { TransactItems: [{ Update: update('ADD n :a', '9e125') }] }),
    /^TransactionCanceledException: .*\[ValidationError\]/,
  )
  assert.match(
    await refused(EU, 'UpdateItem', update('ADD n :a', '1e-130')),
    /^ValidationException: Attempting to store more than 38 significant digits in a Number/,
  )
  await put(harness, EU, 2, 'after')
  const there = (await until('both items in the other region', async () => {
    const { Items } = await ok(US, 'Scan', { TableName: TABLE })
    return Items.length === 2 && Items
  })) as { id: { N: string }; n?: { N: string } }[]
  assert.equal(Number(there.find(({ id }) => id.N === '1')?.n?.N), 9e125)
})
