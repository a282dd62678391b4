// The life of a table without replicas: what is shown, what is refused, and when. On a clock that the test moves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  active,
  createTable,
  described,
  EU,
  nameOf,
  open,
  openSlow,
  put,
  TABLE,
  tableInput,
  US,
} from './harness.js'

const ONE = { TableName: TABLE }

test('CREATING, ACTIVE, DELETING, gone, and all that is refused on the way', async (t) => {
  const cloud = await openSlow(t)
  const { TableDescription } = await cloud.ok(EU, 'CreateTable', tableInput())
  assert.equal(TableDescription.TableStatus, 'CREATING')
  assert.equal(TableDescription.WarmThroughput, undefined)
  assert.equal((await described(cloud, EU)).TableStatus, 'CREATING')
  const creating = `Attempt to change a resource which is still in use: Table is being created: ${TABLE}`
  const inUse = `ResourceInUseException: ${creating}`
  assert.equal(await cloud.refused(EU, 'CreateTable', tableInput()), inUse)
  assert.equal(await cloud.refused(EU, 'DeleteTable', ONE), inUse)
  assert.equal(await cloud.refused(EU, 'UpdateTable', { ...ONE, DeletionProtectionEnabled: true }), inUse)
  const unusable = 'ResourceNotFoundException: Requested resource not found'
  assert.equal(await cloud.refused(EU, 'GetItem', { ...ONE, Key: { id: { N: '1' } } }), unusable)
  assert.equal(await cloud.refused(EU, 'PutItem', { ...ONE, Item: { id: { N: '1' } } }), unusable)

  cloud.clock.advance(6.2)
  assert.equal((await described(cloud, EU)).TableStatus, 'ACTIVE')
  await put(cloud, EU, 1, 'one')
  const twice = `ResourceInUseException: Table already exists: ${TABLE}`
  assert.equal(await cloud.refused(EU, 'CreateTable', tableInput()), twice)

  const deleted = await cloud.ok(EU, 'DeleteTable', ONE)
  assert.equal(deleted.TableDescription.TableStatus, 'DELETING')
  assert.equal((await described(cloud, EU)).TableStatus, 'DELETING')
  assert.equal(await cloud.refused(EU, 'GetItem', { ...ONE, Key: { id: { N: '1' } } }), unusable)
  const deleting = `Attempt to change a resource which is still in use: Table is being deleted: ${TABLE}`
  assert.equal(await cloud.refused(EU, 'DeleteTable', ONE), `ResourceInUseException: ${deleting}`)
  assert.equal(await cloud.refused(EU, 'CreateTable', tableInput()), twice)
  assert.deepEqual((await cloud.ok(EU, 'ListTables', {})).TableNames, [TABLE])

  cloud.clock.advance(6)
  const gone = `ResourceNotFoundException: Requested resource not found: Table: ${TABLE} not found`
  assert.equal(await cloud.refused(EU, 'DescribeTable', ONE), gone)
  assert.equal(await cloud.refused(EU, 'DeleteTable', ONE), gone)
  assert.deepEqual((await cloud.ok(EU, 'ListTables', {})).TableNames, [])

  const again = await cloud.ok(EU, 'CreateTable', tableInput())
  assert.notEqual(again.TableDescription.TableId, TableDescription.TableId)
  cloud.clock.advance(6.2)
  assert.equal(await nameOf(cloud, EU, 1), undefined, 'a new table of the same name is empty')
})

test('DescribeTable has the members that AWS has, and no others', async (t) => {
  const cloud = await open(t)
  const Tags = [{ Key: 'owner', Value: 'me' }]
  await createTable(cloud, EU, { Tags, DeletionProtectionEnabled: true })
  const plain = await described(cloud, EU)
  const members = [
    ...[
      'AttributeDefinitions',
      'BillingModeSummary',
      'CreationDateTime',
      'DeletionProtectionEnabled',
      'ItemCount',
    ],
    ...[
      'KeySchema',
      'ProvisionedThroughput',
      'TableArn',
      'TableId',
      'TableName',
      'TableSizeBytes',
      'TableStatus',
    ],
    'WarmThroughput',
  ]
  assert.deepEqual(Object.keys(plain).sort(), members)
  assert.equal(plain.TableArn, `arn:aws:dynamodb:${EU}:000000000000:table/${TABLE}`)
  assert.equal(plain.BillingModeSummary.BillingMode, 'PAY_PER_REQUEST')
  assert.ok(Math.abs(plain.CreationDateTime - Date.now() / 1000) < 60, 'epoch seconds')
  const { Tags: tags } = await cloud.ok(EU, 'ListTagsOfResource', { ResourceArn: plain.TableArn })
  assert.deepEqual(tags, Tags)

  const provisioned = {
    TableName: 'provisioned',
    KeySchema: [
      { AttributeName: 'id', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['id', 'at', 'who'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 2 },
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byWho',
        KeySchema: [{ AttributeName: 'who', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      },
    ],
  }
  await cloud.ok(EU, 'CreateTable', provisioned)
  const other = await active(cloud, EU, 'provisioned')
  assert.equal(other.BillingModeSummary, undefined)
  assert.deepEqual(other.ProvisionedThroughput, {
    NumberOfDecreasesToday: 0,
    ReadCapacityUnits: 3,
    WriteCapacityUnits: 2,
  })
  assert.match(
    other.LatestStreamArn,
    new RegExp(`^${other.TableArn}/stream/20\\d\\d-\\d\\d-\\d\\dT[\\d:.]{12}$`),
  )
  assert.equal(other.GlobalSecondaryIndexes[0].IndexStatus, 'ACTIVE')
  assert.equal(other.GlobalSecondaryIndexes[0].IndexArn, `${other.TableArn}/index/byWho`)
})

test('CreateTable refuses what is wrong, and what this cloud does not do', async (t) => {
  const cloud = await open(t)
  const refused = (more: object) => cloud.refused(EU, 'CreateTable', tableInput(more))
  assert.match(await refused({ TableName: 'ab' }), /^ValidationException: .*at least 3 characters/)
  assert.match(await refused({ TableName: 'a b c' }), /^ValidationException: .*\[a-zA-Z0-9_.-\]\+/)
  assert.match(await refused({ BillingMode: 'FREE' }), /enum value set: \[PROVISIONED, PAY_PER_REQUEST\]/)
  assert.match(
    await refused({ BillingMode: undefined }),
    /ReadCapacityUnits and WriteCapacityUnits must both be/,
  )
  assert.match(await refused({ AttributeDefinitions: [] }), /^ValidationException/)
  assert.match(await refused({ SSESpecification: { Enabled: true } }), /not supported by the local cloud/)
  assert.match(
    await refused({ TableClass: 'STANDARD_INFREQUENT_ACCESS' }),
    /not supported by the local cloud/,
  )
  assert.match(await refused({ ResourcePolicy: '{}' }), /not supported by the local cloud/)
  assert.match(await refused({ Tags: [{ Key: 'aws:x', Value: '' }] }), /Tag Key cannot be prefixed with aws:/)
  assert.deepEqual((await cloud.ok(EU, 'ListTables', {})).TableNames, [], 'nothing was made')
  await cloud.ok(
    EU,
    'CreateTable',
    tableInput({ SSESpecification: { Enabled: false }, TableClass: 'STANDARD' }),
  )
})

test('ListTables pages through one region in byte order', async (t) => {
  const cloud = await open(t)
  for (const TableName of ['bbb', 'aaa', 'CCC']) await cloud.ok(EU, 'CreateTable', tableInput({ TableName }))
  await cloud.ok(US, 'CreateTable', tableInput())
  const first = await cloud.ok(EU, 'ListTables', { Limit: 2 })
  assert.deepEqual(first, { TableNames: ['CCC', 'aaa'], LastEvaluatedTableName: 'aaa' })
  const rest = await cloud.ok(EU, 'ListTables', { ExclusiveStartTableName: 'aaa', Limit: 1 })
  assert.deepEqual(rest, { TableNames: ['bbb'] })
  assert.match(await cloud.refused(EU, 'ListTables', { Limit: 101 }), /less than or equal to 100/)
})

test('a table is named by its ARN as well, in its own region and account', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const { TableArn } = await described(cloud, EU)
  await cloud.ok(EU, 'PutItem', { TableName: TableArn, Item: { id: { N: '1' }, name: { S: 'one' } } })
  assert.equal(await nameOf(cloud, EU, 1), 'one')
  assert.equal((await cloud.ok(EU, 'DescribeTable', { TableName: TableArn })).Table.TableName, TABLE)
  assert.match(await cloud.refused(US, 'DescribeTable', { TableName: TableArn }), /Invalid AWS region/)
  const foreign = TableArn.replace('000000000000', '111111111111')
  assert.equal(
    await cloud.refused(EU, 'DescribeTable', { TableName: foreign }),
    'AccessDeniedException: Access is denied',
  )
})

test('UpdateTable makes one kind of change per call', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const refused = (change: object) => cloud.refused(EU, 'UpdateTable', { ...ONE, ...change })
  assert.match(await refused({}), /^ValidationException: At least one of ProvisionedThroughput, BillingMode/)
  assert.match(await refused({ ReplicaUpdates: [] }), /At least one of/)
  const replica = { ReplicaUpdates: [{ Create: { RegionName: US } }] }
  assert.equal(
    await refused({ ...replica, DeletionProtectionEnabled: true }),
    'ValidationException: One or more parameter values were invalid: Replica modification must be the only operation in the request',
  )
  assert.match(
    await refused({ BillingMode: 'PAY_PER_REQUEST', DeletionProtectionEnabled: true }),
    /DeletionProtection modification must be the only operation in the request/,
  )
  assert.match(
    await refused({ SSESpecification: { Enabled: false } }),
    /Table is already encrypted by default/,
  )
  assert.match(
    await refused({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'abc' } }] }),
    /not supported/,
  )
  assert.match(
    await refused({ WarmThroughput: { ReadUnitsPerSecond: 1 } }),
    /not supported by the local cloud/,
  )
})

test('streams: enabled once, disabled once, UPDATING meanwhile', async (t) => {
  const cloud = await openSlow(t)
  await cloud.ok(EU, 'CreateTable', tableInput())
  cloud.clock.advance(7)
  const stream = (StreamSpecification: object) => ({ ...ONE, StreamSpecification })
  const on = stream({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' })
  const off = stream({ StreamEnabled: false })
  assert.match(await cloud.refused(EU, 'UpdateTable', off), /Table has no stream to disable: TableName/)
  const { TableDescription } = await cloud.ok(EU, 'UpdateTable', on)
  assert.equal(TableDescription.TableStatus, 'UPDATING')
  assert.equal(TableDescription.StreamSpecification, undefined, 'the answer shows what was')
  const busy = await cloud.refused(EU, 'UpdateTable', { ...ONE, DeletionProtectionEnabled: true })
  assert.match(busy, /^ResourceInUseException: .*Table is being updated/)
  assert.match(await cloud.refused(EU, 'DeleteTable', ONE), /^ResourceInUseException/)
  await put(cloud, EU, 1, 'items go on')
  cloud.clock.advance(3)
  const enabled = await described(cloud, EU)
  assert.deepEqual(enabled.StreamSpecification, { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' })
  assert.match(await cloud.refused(EU, 'UpdateTable', on), /Table already has an enabled stream/)
  await cloud.ok(EU, 'UpdateTable', off)
  cloud.clock.advance(3)
  const disabled = await described(cloud, EU)
  assert.equal(disabled.StreamSpecification, undefined)
  assert.equal(disabled.LatestStreamArn, enabled.LatestStreamArn)
})

test('billing: to PROVISIONED with its capacity, and back', async (t) => {
  const cloud = await open(t)
  await createTable(cloud, EU)
  const update = (change: object) => cloud.ok(EU, 'UpdateTable', { ...ONE, ...change })
  const refused = (change: object) => cloud.refused(EU, 'UpdateTable', { ...ONE, ...change })
  assert.match(await refused({ BillingMode: 'PROVISIONED' }), /ProvisionedThroughput must be specified/)
  const capacity = { ReadCapacityUnits: 5, WriteCapacityUnits: 4 }
  assert.match(
    await refused({ ProvisionedThroughput: capacity }),
    /Neither ReadCapacityUnits nor WriteCapacityUnits/,
  )
  await update({ BillingMode: 'PROVISIONED', ProvisionedThroughput: capacity })
  const provisioned = await described(cloud, EU)
  assert.equal(provisioned.BillingModeSummary.BillingMode, 'PROVISIONED')
  assert.equal(provisioned.ProvisionedThroughput.WriteCapacityUnits, 4)
  assert.match(await refused({ ProvisionedThroughput: capacity }), /will not change/)
  assert.match(
    await refused({ ReplicaUpdates: [{ Create: { RegionName: US } }] }),
    /Table write capacity should either be Pay-Per-Request or AutoScaled/,
  )
  await update({ BillingMode: 'PAY_PER_REQUEST' })
  const back = await described(cloud, EU)
  assert.deepEqual(back.ProvisionedThroughput, {
    NumberOfDecreasesToday: 0,
    ReadCapacityUnits: 0,
    WriteCapacityUnits: 0,
  })
})

test('deletion protection: at once, with a pause between two changes, and it protects', async (t) => {
  const cloud = await openSlow(t)
  await cloud.ok(EU, 'CreateTable', tableInput())
  cloud.clock.advance(7)
  const protect = (DeletionProtectionEnabled: boolean) => ({ ...ONE, DeletionProtectionEnabled })
  const { TableDescription } = await cloud.ok(EU, 'UpdateTable', protect(true))
  assert.equal(TableDescription.TableStatus, 'ACTIVE')
  assert.equal(TableDescription.DeletionProtectionEnabled, true)
  assert.equal(
    await cloud.refused(EU, 'DeleteTable', ONE),
    'ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  )
  await cloud.ok(EU, 'UpdateTable', protect(true))
  assert.equal(
    await cloud.refused(EU, 'UpdateTable', protect(false)),
    `ThrottlingException: Deletion protection setting for table ${TABLE} modified within the previous 15000 milliseconds. Please try again after 2026-11-23T05:00:22.000Z`,
  )
  cloud.clock.advance(15)
  await cloud.ok(EU, 'UpdateTable', protect(false))
  await cloud.ok(EU, 'DeleteTable', ONE)
})

test('ItemCount is brought up to date every six hours', async (t) => {
  const cloud = await openSlow(t)
  await cloud.ok(EU, 'CreateTable', tableInput())
  cloud.clock.advance(7)
  for (const id of [1, 2, 3]) await put(cloud, EU, id, 'x')
  assert.equal((await described(cloud, EU)).ItemCount, 0)
  cloud.clock.advance(6 * 3600)
  const counted = await described(cloud, EU)
  assert.equal(counted.ItemCount, 3)
  assert.ok(counted.TableSizeBytes > 0)
})

test('operations that AWS no longer or this cloud never serves', async (t) => {
  const cloud = await open(t)
  const legacy = { GlobalTableName: TABLE, ReplicationGroup: [{ RegionName: EU }] }
  assert.match(
    await cloud.refused(EU, 'CreateGlobalTable', legacy),
    /^ValidationException: .*DynamoDB global tables version 2017.11.29 is not supported. We recommend using .*2019.11.21/,
  )
  assert.match(await cloud.refused(EU, 'DescribeGlobalTable', legacy), /^GlobalTableNotFoundException/)
  assert.deepEqual(await cloud.ok(EU, 'ListGlobalTables', {}), { GlobalTables: [] })
  for (const operation of ['ExecuteStatement', 'CreateBackup', 'ImportTable', 'NoSuchThing']) {
    await assert.rejects(cloud.call(EU, operation, {}), /is not served/)
  }
  assert.match(
    await cloud.refused(EU, 'GetItem', { ...ONE, Key: { id: { N: '1' } } }),
    /^ResourceNotFoundException/,
  )
})
