// The API of health checks: settings, caller references, versions, lists. What the checkers conclude is tested beside.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  DeleteHealthCheckCommand,
  GetAccountLimitCommand,
  GetCheckerIpRangesCommand,
  GetHealthCheckCommand,
  GetHealthCheckCountCommand,
  GetHealthCheckStatusCommand,
  type HealthCheckConfig,
  paginateListHealthChecks,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53'
import { startCloud, type TestCloud } from './cloud.js'

const HTTPS: HealthCheckConfig = {
  Type: 'HTTPS',
  FullyQualifiedDomainName: 'abc.execute-api.eu-west-1.amazonaws.com',
  ResourcePath: '/dev/health',
  RequestInterval: 10,
}

let cloud: TestCloud
let references = 0
before(async () => {
  cloud = await startCloud({ profile: 'realistic' })
})
after(() => cloud.close())

const create = (config: object = {}, CallerReference = `reference ${references++}`) =>
  cloud.client.send(
    new CreateHealthCheckCommand({
      CallerReference,
      HealthCheckConfig: { ...HTTPS, ...config } as HealthCheckConfig,
    }),
  )
const get = async (HealthCheckId: string) =>
  (await cloud.client.send(new GetHealthCheckCommand({ HealthCheckId }))).HealthCheck!
const update = (HealthCheckId: string, more: object) =>
  cloud.client.send(new UpdateHealthCheckCommand({ HealthCheckId, ...more }))

describe('create', () => {
  test('fills in the defaults of AWS', async () => {
    const { HealthCheck, Location } = await create()
    assert.deepEqual(HealthCheck!.HealthCheckConfig, {
      ...HTTPS,
      Port: 443,
      FailureThreshold: 3,
      MeasureLatency: false,
      Inverted: false,
      Disabled: false,
      EnableSNI: true,
    })
    assert.equal(HealthCheck!.HealthCheckVersion, 1)
    assert.match(Location!, new RegExp(`healthcheck/${HealthCheck!.Id}$`))
  })

  test('the same reference and settings give the same check; the reference of a deleted one stays taken', async () => {
    const { HealthCheck } = await create({}, 'mine')
    assert.equal((await create({}, 'mine')).HealthCheck!.Id, HealthCheck!.Id)
    await assert.rejects(create({ ResourcePath: '/' }, 'mine'), { name: 'HealthCheckAlreadyExists' })
    await cloud.client.send(new DeleteHealthCheckCommand({ HealthCheckId: HealthCheck!.Id }))
    await assert.rejects(get(HealthCheck!.Id!), { name: 'NoSuchHealthCheck' })
    await assert.rejects(create({}, 'mine'), { name: 'HealthCheckAlreadyExists' })
    cloud.pass(3 * 24 * 3600 + 1)
    assert.notEqual((await create({}, 'mine')).HealthCheck!.Id, HealthCheck!.Id)
  })

  const refusals: [string, object, RegExp][] = [
    ['no target', { FullyQualifiedDomainName: undefined }, /IP address or a fully qualified domain name/],
    ['an interval of 20', { RequestInterval: 20 }, /10 or 30/],
    [
      'two regions, one of them twice',
      { Regions: ['us-east-1', 'us-east-1', 'eu-west-1'] },
      /At least three/,
    ],
    ['a string to search without a type for it', { SearchString: 'a' }, /must not have a search string/],
    ['a type without its string', { Type: 'HTTPS_STR_MATCH' }, /must have a search string/],
    [
      'TCP with a path',
      { Type: 'TCP', Port: 1 },
      /TCP health checks must not have a resource path specificed\./,
    ],
    ['TCP without a port', { Type: 'TCP', ResourcePath: undefined }, /must have a port/],
    [
      'an alarm',
      { AlarmIdentifier: { Region: 'us-east-1', Name: 'a' } },
      /Basic health checks must not have an metric region/,
    ],
    ['a metric', { Type: 'CLOUDWATCH_METRIC' }, /not part of the local cloud/],
    ['a routing control', { Type: 'RECOVERY_CONTROL' }, /not part of the local cloud/],
    ['a calculated check with a path', { Type: 'CALCULATED', ChildHealthChecks: [] }, /must not have/],
  ]
  for (const [what, config, message] of refusals) {
    test(`refused: ${what}`, () => assert.rejects(create(config), { name: 'InvalidInput', message }))
  }

  test('children of a calculated check must be basic ones', async () => {
    const child = (await create()).HealthCheck!.Id!
    const calculated = (children: string[]) =>
      cloud.client.send(
        new CreateHealthCheckCommand({
          CallerReference: `reference ${references++}`,
          HealthCheckConfig: { Type: 'CALCULATED', ChildHealthChecks: children, HealthThreshold: 1 },
        }),
      )
    const parent = (await calculated([child])).HealthCheck!.Id!
    await assert.rejects(calculated([parent]), { name: 'InvalidInput' })
    await assert.rejects(calculated(['none']), { name: 'InvalidInput' })
    await assert.rejects(cloud.client.send(new GetHealthCheckStatusCommand({ HealthCheckId: parent })), {
      name: 'InvalidInput',
    })
  })
})

describe('update', () => {
  test('counts versions, refuses an old one, and resets members', async () => {
    const id = (await create({ Regions: ['us-east-1', 'eu-west-1', 'sa-east-1'] })).HealthCheck!.Id!
    await update(id, { HealthCheckVersion: 1, FailureThreshold: 1 })
    await assert.rejects(update(id, { HealthCheckVersion: 1, FailureThreshold: 2 }), {
      name: 'HealthCheckVersionMismatch',
    })
    await update(id, { ResetElements: ['Regions', 'ResourcePath'] })
    const { HealthCheckConfig: config, HealthCheckVersion } = await get(id)
    assert.equal(HealthCheckVersion, 3)
    assert.equal(config!.FailureThreshold, 1)
    assert.equal(config!.Regions, undefined)
    assert.equal(config!.ResourcePath, undefined)
    await assert.rejects(update(id, { FailureThreshold: 0 }), { name: 'InvalidInput' })
    await assert.rejects(update(id, { IPAddress: '192.0.2.1' }), {
      name: 'InvalidInput',
      message: /cannot be added/,
    })
    await assert.rejects(update('none', {}), { name: 'NoSuchHealthCheck' })
  })

  test('reaches the checkers after a while', async () => {
    const id = (await create()).HealthCheck!.Id!
    assert.equal(cloud.service.healthOf(id)!.healthy, true)
    await update(id, { Disabled: true, Inverted: true })
    assert.equal(cloud.service.healthOf(id)!.healthy, true)
    cloud.pass(61)
    assert.deepEqual(cloud.service.healthOf(id), {
      healthy: false,
      reason: 'disabled, inverted',
      checkers: 0,
      healthyCheckers: 0,
    })
  })
})

test('a new check is healthy, a new inverted one is not', async () => {
  const [plain, inverted] = [await create(), await create({ Inverted: true })]
  assert.equal(cloud.service.healthOf(plain.HealthCheck!.Id!)!.healthy, true)
  assert.equal(cloud.service.healthOf(inverted.HealthCheck!.Id!)!.healthy, false)
  assert.equal(cloud.service.healthOf('none'), undefined)
})

test('lists page through the SDK; counts and limits agree', async () => {
  const ids: string[] = []
  for await (const page of paginateListHealthChecks({ client: cloud.client, pageSize: 3 }, {})) {
    assert.ok(page.HealthChecks!.length <= 3)
    ids.push(...page.HealthChecks!.map(({ Id }) => Id!))
  }
  const { HealthCheckCount } = await cloud.client.send(new GetHealthCheckCountCommand({}))
  assert.equal(new Set(ids).size, HealthCheckCount)
  const limit = await cloud.client.send(new GetAccountLimitCommand({ Type: 'MAX_HEALTH_CHECKS_BY_OWNER' }))
  assert.deepEqual([limit.Limit?.Value, limit.Count], [200, HealthCheckCount])
})

test('the 201st check is one too many', async () => {
  const { HealthCheckCount } = await cloud.client.send(new GetHealthCheckCountCommand({}))
  await Promise.all(Array.from({ length: 200 - HealthCheckCount! }, () => create()))
  await assert.rejects(create(), { name: 'TooManyHealthChecks' })
})

test('tags, and the ranges of the checkers', async () => {
  const [first] = (await paginateListHealthChecks({ client: cloud.client }, {}).next()).value!.HealthChecks!
  const AddTags = [{ Key: 'owner', Value: 'us' }]
  await cloud.client.send(
    new ChangeTagsForResourceCommand({ ResourceType: 'healthcheck', ResourceId: first!.Id, AddTags }),
  )
  const { CheckerIpRanges } = await cloud.client.send(new GetCheckerIpRangesCommand({}))
  assert.equal(CheckerIpRanges!.length, 16)
})
