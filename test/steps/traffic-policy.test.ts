// The traffic policy over the local Route 53, where a fresh policy is listed late: what a lost answer leaves behind.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  CreateTrafficPolicyCommand,
  ListTrafficPoliciesCommand,
  type TrafficPolicySummary,
} from '@aws-sdk/client-route-53'
import type { Context } from '../../src/aws/context.js'
import { trafficPolicy } from '../../src/steps/traffic-policy.js'
import { startCloud, type TestCloud } from '../local/route53/cloud.js'
import { latencyPolicy } from '../local/route53/policy.js'

let cloud: TestCloud
before(async () => {
  cloud = await startCloud({ profile: 'realistic' })
})
after(() => cloud.close())

const desired = { name: 'multiregion-dev', document: JSON.parse(latencyPolicy()) as object }
const context = (token: string, superseded: readonly string[] = [], lineage = 'lineage-1') =>
  ({ route53: cloud.client, lineage, token: token.padEnd(32, 'x'), superseded }) as unknown as Context

async function listed(): Promise<TrafficPolicySummary[]> {
  return (await cloud.client.send(new ListTrafficPoliciesCommand({}))).TrafficPolicySummaries!
}

async function remove(ctx: Context, id: string) {
  const observed = await trafficPolicy.observe(ctx, desired, id)
  await trafficPolicy.remove!(ctx, observed!, desired)
}

test('a create that is asked for again before the list shows the first one leaves no twin in the end', async () => {
  await trafficPolicy.create!(context('one'), desired)
  const id = await trafficPolicy.create!(context('one'), desired)
  cloud.pass(4)
  assert.deepEqual(
    (await listed()).map(({ Name }) => Name),
    ['multiregion-dev', 'multiregion-dev-onexxxxx'],
  )
  await remove(context(''), id)
  assert.deepEqual(await listed(), [])
  cloud.pass(61)
})

test('an old version goes alone, a stranger of a like name stays', async () => {
  const old = await trafficPolicy.create!(context('two'), desired)
  cloud.pass(1)
  const other = context('three', [], 'lineage-2')
  await trafficPolicy.create!(other, { ...desired, name: 'multiregion-dev-other' })
  cloud.pass(4)
  const id = await trafficPolicy.create!(context('four'), desired)
  cloud.pass(4)
  await remove(context('', [old]), old)
  assert.deepEqual(
    (await listed()).map(({ Name, LatestVersion, TrafficPolicyCount }) => [
      ...[Name, LatestVersion, TrafficPolicyCount],
    ]),
    [
      ['multiregion-dev', 2, 1],
      ['multiregion-dev-other', 1, 1],
    ],
  )
  await remove(context(''), id)
  assert.deepEqual(
    (await listed()).map(({ Name }) => Name),
    ['multiregion-dev-other'],
  )
})

test('one of our name that says nothing of itself, or of another state, is not ours', async () => {
  for (const Comment of [undefined, 'made by hand', 'multiregion lineage-2 token']) {
    const wanted = { ...desired, name: `ours-${Comment?.length}` }
    const Name = wanted.name
    const made = new CreateTrafficPolicyCommand({
      ...{ Name, Document: latencyPolicy() },
      ...(Comment && { Comment }),
    })
    await cloud.client.send(made)
    cloud.pass(4)
    assert.equal((await trafficPolicy.observe(context('five'), wanted))?.owned, false)
    assert.deepEqual(await trafficPolicy.all!(context('five'), wanted), [])
  }
})
