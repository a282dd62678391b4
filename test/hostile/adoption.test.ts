// Taking over with `--adopt` what others have made, in the simulated world: a table with its items, a stack whose marks and
// state are gone, a role with rights of its own. What another stack has marked stays its own.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { GetDomainNameCommand, UntagResourceCommand } from '@aws-sdk/client-api-gateway'
import { UntagResourceCommand as UntagLogs } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  UntagResourceCommand as UntagTable,
} from '@aws-sdk/client-dynamodb'
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam'
import { UntagResourceCommand as UntagFunction } from '@aws-sdk/client-lambda'
import type { Clients } from '../../src/aws/context.js'
import { TAG } from '../../src/aws/tags.js'
import { clockAt } from '../../src/base/clock.js'
import type { PlanResult, UpResult } from '../../src/commands/result.js'
import { clientsOfHands } from '../simulation/hands.js'
import { openTwoStacks, type TwoStacks } from './two-stacks.js'

const [EU, US] = ['eu-west-1', 'us-east-1']
const TABLE = `table/${EU}`
const ROLE = `role/${EU}/health`

let world: TwoStacks
/** Of somebody who works by hand in the same account. */
let clients: (region: string) => Clients

before(async () => {
  world = await openTwoStacks()
  const { cloud, theirs } = world
  clients = clientsOfHands(cloud)
  assert.equal((await theirs.run({ verb: 'up' })).exit, 0)
})
after(() => world.close())
beforeEach(async () => {
  const { exit, error } = await world.ours.run({ verb: 'down' })
  assert.equal(exit, 0, error?.message)
  world.ours.calls.length = 0
})

const byHand = <T>(work: (at: Clients) => Promise<T>, region = EU) =>
  world.happen(() => work(clients(region)))

const removeTable = async ({ dynamodb }: Clients) => {
  await dynamodb.send(new DeleteTableCommand({ TableName: 'Items' }))
  await clockAt(1).sleep(60)
}

/** Provisioned, without a stream, and with items in it. */
const makeTable = (name = 'id') =>
  byHand(async ({ dynamodb }) => {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'Items',
        KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: name, AttributeType: 'N' }],
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      }),
    )
    await clockAt(1).sleep(60)
    for (const N of ['1', '2'])
      await dynamodb.send(new PutItemCommand({ TableName: 'Items', Item: { [name]: { N } } }))
  })

const tableIn = (region: string) =>
  byHand(async ({ dynamodb }) => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'Items' }))
    const items = await Promise.all(
      ['1', '2'].map((N) => dynamodb.send(new GetItemCommand({ TableName: 'Items', Key: { id: { N } } }))),
    )
    return { table: Table!, items: items.filter(({ Item }) => Item).length }
  }, region)

async function refused(adopt: readonly string[] | undefined, says: RegExp, hint: RegExp) {
  const { ours } = world
  ours.calls.length = 0
  for (const verb of ['plan', 'up'] as const) {
    const { exit, error } = await ours.run({ verb, adopt })
    assert.equal(exit, 1, verb)
    assert.match(error!.message, says)
    assert.match(error!.hint, hint)
  }
  assert.deepEqual(ours.calls, [], 'a refusal changes nothing')
}

async function adopted(...adopt: string[]): Promise<UpResult> {
  const { exit, result, error } = await world.ours.run({ verb: 'up', adopt })
  assert.equal(exit, 0, error?.message)
  assert.deepEqual(((await world.ours.run({ verb: 'plan' })).result as PlanResult).changes, [])
  return result as UpResult
}

const planned = async (...adopt: string[]) => {
  const { result, error } = await world.ours.run({ verb: 'plan', adopt })
  assert.equal(error, undefined, error?.message)
  return (result as PlanResult).changes
}

describe('a table with items, made by hand', () => {
  test('is refused, then planned, then adopted: its items are in both regions, and down takes it', async () => {
    await makeTable()
    await refused(undefined, /Items exists already/, /up --adopt table\/eu-west-1$/)
    assert.deepEqual(
      (await planned(TABLE)).find(({ address }) => address === TABLE),
      {
        ...{ address: TABLE, action: 'adopt' },
        fields: [{ field: 'billingMode', from: 'PROVISIONED', to: 'PAY_PER_REQUEST' }],
      },
    )
    assert.deepEqual(world.ours.calls, [])
    const result = await adopted(TABLE)
    assert.deepEqual(result.adopted, [TABLE])
    assert.ok(!result.created.includes(TABLE) && !result.updated.includes(TABLE))
    for (const region of [EU, US]) {
      const { table, items } = await tableIn(region)
      assert.equal(items, 2, region)
      assert.equal(table.StreamSpecification?.StreamViewType, 'NEW_AND_OLD_IMAGES')
      assert.equal(table.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST')
    }
    assert.deepEqual((await adopted(TABLE)).changed, false, 'once more changes nothing')
    assert.equal((await world.ours.run({ verb: 'down' })).exit, 0)
    await assert.rejects(tableIn(EU), { name: 'ResourceNotFoundException' })
  })

  test('with another key stays as it is', async () => {
    await makeTable('other')
    await refused([TABLE], /keys cannot change in place/, /So it is not adopted/)
    await byHand(removeTable)
  })

  for (const at of ['before it is sent', 'applied but unanswered'])
    test(`kill -9 at its tags, ${at}: the lineage is on disk, and the next run goes on`, async () => {
      await makeTable()
      const { ours } = world
      const fate = { at: `dynamodb:TagResource ${at}`, what: 'kill' } as const
      assert.equal((await ours.run({ verb: 'up', adopt: [TABLE] }, fate)).exit, 'dead')
      assert.equal(ours.state()?.entries[TABLE]?.intent?.action, 'adopt')
      if (at === 'before it is sent') {
        await refused(undefined, /Items exists already/, /--adopt/)
        assert.equal((await ours.run({ verb: 'down' })).exit, 0)
        assert.equal((await tableIn(EU)).items, 2, 'down leaves what was never ours')
        await adopted(TABLE)
      } else await adopted()
      assert.equal((await tableIn(US)).items, 2)
    })
})

test("another stack's table is never adopted", async () => {
  const { ours } = world
  const { written } = ours.project
  written.table.name = 'TheirItems'
  await refused([TABLE], /carries the owner marks of the stack their-dev/, /never adopted/)
  written.table.name = 'Items'
})

test('nothing there: nothing is made in its place', async () => {
  await refused([TABLE], /nothing stands there/, /leave it out of --adopt/)
})

test('everything that has a name and lost its marks is taken back, without making anything anew', async () => {
  const { ours } = world
  await adopted()
  const { entries } = ours.state()!
  await byHand(async ({ dynamodb, iam, logs, lambda, apigateway }) => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'Items' }))
    const account = Table!.TableArn!.split(':')[4]
    const tagKeys = Object.values(TAG)
    const fn = `arn:aws:lambda:${EU}:${account}:function:shop-dev-health`
    const group = `arn:aws:logs:${EU}:${account}:log-group:/aws/lambda/shop-dev-health`
    const domain = `arn:aws:apigateway:${EU}::/domainnames/api.example.com`
    await dynamodb.send(new UntagTable({ ResourceArn: Table!.TableArn, TagKeys: tagKeys }))
    await iam.send(new UntagRoleCommand({ RoleName: 'shop-dev-health-eu-west-1', TagKeys: tagKeys }))
    await logs.send(new UntagLogs({ resourceArn: group, tagKeys }))
    await lambda.send(new UntagFunction({ Resource: fn, TagKeys: tagKeys }))
    await apigateway.send(new UntagResourceCommand({ resourceArn: domain, tagKeys }))
    await clockAt(1).sleep(60)
  })
  const lost = [TABLE, ROLE, `log-group/${EU}/health`, `function/${EU}/health`, `domain-name/${EU}`]
  const { error } = await ours.run({ verb: 'up' })
  for (const address of lost) assert.match(error!.message, new RegExp(`${address}: .* exists already`))
  const result = await adopted(...lost)
  assert.deepEqual([...result.adopted].sort(), [...lost].sort())
  assert.deepEqual([result.created, result.updated, result.removed], [[], [], []])
  assert.deepEqual(
    Object.entries(ours.state()!.entries).map(([address, { id }]) => [address, id]),
    Object.entries(entries).map(([address, { id }]) => [address, id]),
  )
  const { tags } = await byHand(({ apigateway }) =>
    apigateway.send(new GetDomainNameCommand({ domainName: 'api.example.com' })),
  )
  assert.equal(tags?.[TAG.lineage], ours.state()!.lineage)
})

test('a role brings none of its own rights along', async () => {
  const RoleName = 'shop-dev-health-eu-west-1'
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
  const Statement = [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }]
  await byHand(async ({ iam }) => {
    const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
    const document = (one: object) => JSON.stringify({ Version: '2012-10-17', Statement: [one] })
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document(trust) }))
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }))
    const PolicyDocument = document(Statement[0]!)
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'wide', PolicyDocument }))
  })
  const change = (await planned(ROLE)).find(({ address }) => address === ROLE)
  assert.deepEqual(
    change?.fields.map(({ field, from }) => (field === 'otherPolicies' ? from : field)),
    ['trust', 'policy', ['wide', PolicyArn]],
  )
  assert.deepEqual((await adopted(ROLE)).adopted, [ROLE])
  await byHand(async ({ iam }) => {
    assert.deepEqual((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames, ['multiregion'])
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))
    assert.deepEqual(AttachedPolicies, [])
  })
})
