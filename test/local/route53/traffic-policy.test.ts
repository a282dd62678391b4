// Traffic policies and their instances: versions, states over time, the root record, refusals and lists.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  CreateHostedZoneCommand,
  CreateTrafficPolicyCommand,
  CreateTrafficPolicyInstanceCommand,
  CreateTrafficPolicyVersionCommand,
  DeleteHostedZoneCommand,
  DeleteTrafficPolicyCommand,
  DeleteTrafficPolicyInstanceCommand,
  GetTrafficPolicyCommand,
  GetTrafficPolicyInstanceCommand,
  ListResourceRecordSetsCommand,
  ListTrafficPoliciesCommand,
  ListTrafficPolicyInstancesByHostedZoneCommand,
  ListTrafficPolicyInstancesByPolicyCommand,
  ListTrafficPolicyInstancesCommand,
  ListTrafficPolicyVersionsCommand,
  UpdateTrafficPolicyCommentCommand,
  UpdateTrafficPolicyInstanceCommand,
} from '@aws-sdk/client-route-53'
import { record, startCloud, type TestCloud } from './cloud.js'
import { latencyPolicy, US_HOST } from './policy.js'

const makePolicy = async (cloud: TestCloud, Name: string, Document = latencyPolicy()) =>
  (await cloud.client.send(new CreateTrafficPolicyCommand({ Name, Document }))).TrafficPolicy!

describe('traffic policies', () => {
  let cloud: TestCloud
  before(async () => {
    cloud = await startCloud()
  })
  after(() => cloud.close())

  test('versions count up, are never used again, and stay readable when deleted', async () => {
    const { Id, Version, Type } = await makePolicy(cloud, 'versions')
    assert.equal(Version, 1)
    assert.equal(Type, 'CNAME')
    const add = async () =>
      (await cloud.client.send(new CreateTrafficPolicyVersionCommand({ Id, Document: latencyPolicy() })))
        .TrafficPolicy!.Version!
    assert.equal(await add(), 2)
    await cloud.client.send(new DeleteTrafficPolicyCommand({ Id, Version: 2 }))
    assert.equal(await add(), 3)
    const got = await cloud.client.send(new GetTrafficPolicyCommand({ Id, Version: 2 }))
    assert.equal(got.TrafficPolicy?.Document, latencyPolicy())
    const { TrafficPolicies } = await cloud.client.send(new ListTrafficPolicyVersionsCommand({ Id }))
    assert.deepEqual(
      TrafficPolicies!.map((policy) => policy.Version),
      [1, 3],
    )
    const Comment = 'told'
    const told = await cloud.client.send(new UpdateTrafficPolicyCommentCommand({ Id, Version: 3, Comment }))
    assert.equal(told.TrafficPolicy?.Comment, 'told')
    for (const version of [1, 3])
      await cloud.client.send(new DeleteTrafficPolicyCommand({ Id, Version: version }))
    await assert.rejects(cloud.client.send(new ListTrafficPolicyVersionsCommand({ Id })), {
      name: 'NoSuchTrafficPolicy',
    })
    await assert.rejects(add(), { name: 'NoSuchTrafficPolicy' })
  })

  test('lists page by markers', async () => {
    for (const name of ['one', 'two', 'three']) await makePolicy(cloud, name)
    const names: string[] = []
    let TrafficPolicyIdMarker: string | undefined
    do {
      const page: { TrafficPolicySummaries?: { Name?: string }[]; TrafficPolicyIdMarker?: string } =
        await cloud.client.send(new ListTrafficPoliciesCommand({ TrafficPolicyIdMarker, MaxItems: 2 }))
      names.push(...page.TrafficPolicySummaries!.map(({ Name }) => Name!))
      TrafficPolicyIdMarker = page.TrafficPolicyIdMarker || undefined
    } while (TrafficPolicyIdMarker)
    assert.deepEqual(names, ['one', 'two', 'three'])
    await assert.rejects(makePolicy(cloud, 'one'), { name: 'TrafficPolicyAlreadyExists' })
  })

  test('a faulty document is refused with its faults', async () => {
    await assert.rejects(makePolicy(cloud, 'bad', '{}'), {
      name: 'InvalidTrafficPolicyDocument',
      message: /AWSPolicyFormatVersion must be one of/,
    })
  })
})

describe('instances', () => {
  let cloud: TestCloud
  let zoneId: string
  let policyId: string
  before(async () => {
    cloud = await startCloud({ profile: 'realistic' })
    zoneId = await cloud.zone('example.com')
    policyId = (await makePolicy(cloud, 'near')).Id!
    cloud.pass(5)
  })
  after(() => cloud.close())

  const make = (Name: string, more: object = {}) =>
    cloud.client.send(
      new CreateTrafficPolicyInstanceCommand({
        HostedZoneId: zoneId,
        Name,
        TTL: 60,
        TrafficPolicyId: policyId,
        TrafficPolicyVersion: 1,
        ...more,
      }),
    )
  const state = async (Id: string) =>
    (await cloud.client.send(new GetTrafficPolicyInstanceCommand({ Id }))).TrafficPolicyInstance!.State
  const remove = (Id: string) => cloud.client.send(new DeleteTrafficPolicyInstanceCommand({ Id }))
  const answers = () =>
    cloud.service.resolve('api.example.com', 'CNAME', '198.51.100.7').map(({ data }) => data)

  test('a fresh policy cannot be used yet', async () => {
    const fresh = await makePolicy(cloud, 'fresh')
    await assert.rejects(make('fresh.example.com', { TrafficPolicyId: fresh.Id }), {
      name: 'NoSuchTrafficPolicy',
    })
  })

  test('Creating, Applied, Updating, Deleting; the old answer stays until the new one is applied', async () => {
    const { TrafficPolicyInstance: made } = await make('API.example.com')
    const Id = made!.Id!
    assert.equal(made!.State, 'Creating')
    assert.equal(made!.Name, 'api.example.com.')
    assert.equal(made!.HostedZoneId, zoneId)
    assert.deepEqual(answers(), [])
    await assert.rejects(remove(Id), { name: 'PriorRequestNotComplete' })
    cloud.pass(91)
    assert.equal(await state(Id), 'Applied')
    assert.deepEqual(answers(), [US_HOST])

    const Document = latencyPolicy({}, { ie: 'new-ie.example.org', us: 'new-us.example.org' })
    await cloud.client.send(new CreateTrafficPolicyVersionCommand({ Id: policyId, Document }))
    cloud.pass(5)
    const update = { Id, TTL: 30, TrafficPolicyId: policyId, TrafficPolicyVersion: 2 }
    const updated = await cloud.client.send(new UpdateTrafficPolicyInstanceCommand(update))
    assert.equal(updated.TrafficPolicyInstance?.State, 'Updating')
    assert.deepEqual(answers(), [US_HOST])
    await assert.rejects(cloud.client.send(new UpdateTrafficPolicyInstanceCommand(update)), {
      name: 'PriorRequestNotComplete',
    })
    for (const Version of [1, 2]) {
      await assert.rejects(cloud.client.send(new DeleteTrafficPolicyCommand({ Id: policyId, Version })), {
        name: 'TrafficPolicyInUse',
      })
    }
    cloud.pass(91)
    assert.deepEqual(answers(), ['new-us.example.org'])

    await remove(Id)
    assert.equal(await state(Id), 'Deleting')
    await assert.rejects(make('api.example.com'), { name: 'TrafficPolicyInstanceAlreadyExists' })
    cloud.pass(91)
    await assert.rejects(state(Id), { name: 'NoSuchTrafficPolicyInstance' })
    assert.deepEqual(answers(), [])
    await cloud.client.send(new DeleteTrafficPolicyCommand({ Id: policyId, Version: 2 }))
  })

  test('where it may not stand', async () => {
    await assert.rejects(make('www.example.org'), { name: 'InvalidInput', message: /not permitted in zone/ })
    await assert.rejects(make('x.example.com', { HostedZoneId: 'Z0' }), { name: 'NoSuchHostedZone' })
    await assert.rejects(make('x.example.com', { TrafficPolicyVersion: 9 }), { name: 'NoSuchTrafficPolicy' })
  })

  test('a record in its way lets it fail, and goes on answering', async () => {
    await cloud.change(zoneId, record('CREATE', 'taken.example.com', 'A', '192.0.2.1'))
    const { Id } = (await make('taken.example.com')).TrafficPolicyInstance!
    cloud.pass(91)
    assert.equal(await state(Id!), 'Failed')
    assert.deepEqual(
      cloud.service.resolve('taken.example.com', 'A').map(({ data }) => data),
      ['192.0.2.1'],
    )
    await cloud.change(zoneId, record('DELETE', 'taken.example.com', 'A', '192.0.2.1'))
    const again = { Id: Id!, TTL: 60, TrafficPolicyId: policyId, TrafficPolicyVersion: 1 }
    await cloud.client.send(new UpdateTrafficPolicyInstanceCommand(again))
    cloud.pass(91)
    assert.equal(await state(Id!), 'Applied')
    await remove(Id!)
    cloud.pass(91)
  })

  test('another record type cannot be put to an instance', async () => {
    const { TrafficPolicyInstance } = await make('types.example.com')
    const Endpoints = { a: { Type: 'value', Value: '192.0.2.1' } }
    const Document = JSON.stringify({
      AWSPolicyFormatVersion: '2015-10-01',
      RecordType: 'A',
      StartEndpoint: 'a',
      Endpoints,
    })
    const addresses = await makePolicy(cloud, 'addresses', Document)
    cloud.pass(91)
    const Id = TrafficPolicyInstance!.Id!
    const update = { Id, TTL: 60, TrafficPolicyId: addresses.Id!, TrafficPolicyVersion: 1 }
    await assert.rejects(cloud.client.send(new UpdateTrafficPolicyInstanceCommand(update)), {
      name: 'ConflictingTypes',
    })
    await remove(Id)
    cloud.pass(91)
  })

  test('the root is listed, guarded, and can be deleted by hand: the instance stays and answers nothing', async () => {
    const Id = (await make('api.example.com')).TrafficPolicyInstance!.Id!
    cloud.pass(91)
    const listed = await cloud.client.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId: zoneId,
        StartRecordName: 'api.example.com',
        MaxItems: 1,
      }),
    )
    const root = listed.ResourceRecordSets![0]!
    assert.equal(root.TrafficPolicyInstanceId, Id)
    assert.equal(root.Type, 'CNAME')
    const change = (Action: 'CREATE' | 'UPSERT' | 'DELETE', more: object = {}) =>
      cloud.change(zoneId, record(Action, 'api.example.com', 'CNAME', 'a.example.org', more))
    for (const action of ['CREATE', 'UPSERT', 'DELETE'] as const) {
      await assert.rejects(change(action), { name: 'InvalidChangeBatch' })
    }
    await assert.rejects(cloud.change(zoneId, record('CREATE', 'api.example.com', 'TXT', '"owner"')), {
      name: 'InvalidChangeBatch',
      message: /conflicting RRSet of type CNAME/,
    })
    await assert.rejects(cloud.client.send(new DeleteHostedZoneCommand({ Id: zoneId })), {
      name: 'HostedZoneNotEmpty',
    })
    cloud.pass(1)
    await cloud.change(zoneId, { Action: 'DELETE', ResourceRecordSet: root })
    cloud.pass(61)
    assert.deepEqual(answers(), [])
    assert.equal(await state(Id), 'Applied')
    await remove(Id)
    cloud.pass(91)
  })

  test('five per account, listed three ways', async () => {
    const { HostedZone } = await cloud.client.send(
      new CreateHostedZoneCommand({ Name: 'example.net', CallerReference: 'second' }),
    )
    const other = HostedZone!.Id!.replace('/hostedzone/', '')
    for (const name of ['b', 'a', 'c']) await make(`${name}.example.com`)
    for (const name of ['b', 'a']) await make(`${name}.example.net`, { HostedZoneId: other })
    await assert.rejects(make('d.example.com'), { name: 'TooManyTrafficPolicyInstances' })

    const byZone = await cloud.client.send(
      new ListTrafficPolicyInstancesByHostedZoneCommand({ HostedZoneId: zoneId }),
    )
    assert.deepEqual(
      byZone.TrafficPolicyInstances!.map(({ Name }) => Name),
      ['a.example.com.', 'b.example.com.', 'c.example.com.'],
    )
    const byPolicy = await cloud.client.send(
      new ListTrafficPolicyInstancesByPolicyCommand({ TrafficPolicyId: policyId, TrafficPolicyVersion: 1 }),
    )
    assert.equal(byPolicy.TrafficPolicyInstances!.length, 5)

    const seen = new Set<string>()
    let from: object = {}
    for (let pages = 0; pages < 5; pages++) {
      const page = await cloud.client.send(new ListTrafficPolicyInstancesCommand({ ...from, MaxItems: 2 }))
      for (const { Name } of page.TrafficPolicyInstances!) seen.add(Name!)
      if (!page.IsTruncated) break
      const { HostedZoneIdMarker, TrafficPolicyInstanceNameMarker, TrafficPolicyInstanceTypeMarker } = page
      from = { HostedZoneIdMarker, TrafficPolicyInstanceNameMarker, TrafficPolicyInstanceTypeMarker }
    }
    assert.equal(seen.size, 5)
  })
})
