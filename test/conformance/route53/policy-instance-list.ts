// The three lists of traffic policy instances, which page by zone, name and type.
import assert from 'node:assert/strict'
import type { ListTrafficPolicyInstancesResponse, Route53 } from '@aws-sdk/client-route-53'
import type { AwsCli } from '../../aws-cli.js'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { Case, Cases, OperationSuite } from '../suite.js'
import { askInstance, newPolicy, newZone, r53, removeInstance, type TestZone } from './setup.js'
import { NO_POLICY } from './traffic-policy.js'

interface Made {
  readonly zone: TestZone
  readonly policyId: string
}
/** A page of one of the lists, from those markers on. */
type Page = (
  client: Route53,
  made: Made,
  from: object,
) => Promise<Omit<ListTrafficPolicyInstancesResponse, 'HostedZoneIdMarker'> & { HostedZoneIdMarker?: string }>

/** Works on three instances of one policy in one zone, which are gone afterwards. */
async function withThree(cloud: TestCloud, work: (made: Made, names: string[]) => Promise<void>) {
  const [zone, { id: policyId }] = [await newZone(cloud), await newPolicy(cloud)]
  const ids: string[] = []
  const names = ['c', 'a', 'b'].map((label) => `${label}.${zone.name}`)
  for (const Name of names) ids.push((await askInstance(cloud, zone, policyId, { Name })).Id!)
  await work({ zone, policyId }, names.sort())
  for (const id of ids) await removeInstance(cloud, id)
}

const listed =
  (page: Page): Case =>
  (cloud) =>
    withThree(cloud, async (made, names) => {
      const { TrafficPolicyInstances, IsTruncated } = await page(r53(cloud), made, {})
      assert.deepEqual(
        TrafficPolicyInstances!.map(({ Name }) => Name),
        names,
      )
      assert.equal(IsTruncated, false)
    })

const paged =
  (page: Page): Case =>
  (cloud) =>
    withThree(cloud, async (made, names) => {
      const seen: string[] = []
      let from: object = {}
      for (;;) {
        const answer = await page(r53(cloud), made, { ...from, MaxItems: 2 })
        seen.push(...answer.TrafficPolicyInstances!.map(({ Name }) => Name!))
        if (!answer.IsTruncated) break
        const { HostedZoneIdMarker, TrafficPolicyInstanceNameMarker, TrafficPolicyInstanceTypeMarker } =
          answer
        from = {
          ...(HostedZoneIdMarker && { HostedZoneIdMarker }),
          ...{ TrafficPolicyInstanceNameMarker, TrafficPolicyInstanceTypeMarker },
        }
      }
      assert.deepEqual(seen, names)
    })

const PAGES = 'the markers are the first instance of the next page'
const unknownMarker = (page: Page): Cases => ({
  'markers that name no instance of the list are NoSuchTrafficPolicyInstance': async (cloud) => {
    const made = { zone: await newZone(cloud), policyId: (await newPolicy(cloud)).id }
    const from = { TrafficPolicyInstanceNameMarker: 'none.test', TrafficPolicyInstanceTypeMarker: 'A' }
    await refused(page(r53(cloud), made, from), 'NoSuchTrafficPolicyInstance')
  },
})

const all: Page = (client, _made, from) => client.listTrafficPolicyInstances(from)
const byZone: Page = (client, { zone }, from) =>
  client.listTrafficPolicyInstancesByHostedZone({ HostedZoneId: zone.id, ...from })
const byPolicy: Page = (client, { policyId }, from) =>
  client.listTrafficPolicyInstancesByPolicy({ TrafficPolicyId: policyId, TrafficPolicyVersion: 1, ...from })

async function run(aws: AwsCli, args: readonly string[]) {
  const answer = (await aws.run(['route53', ...args])) as { TrafficPolicyInstances: { Name: string }[] }
  return answer.TrafficPolicyInstances.map(({ Name }) => Name)
}

export const instanceListSuites: Readonly<Record<string, OperationSuite>> = {
  ListTrafficPolicyInstances: {
    happy: { 'every instance of the account is listed at once': listed(all) },
    state: unknownMarker(all),
    pagination: { [PAGES]: paged(all) },
    cli: (cloud, aws) =>
      withThree(cloud, async (_made, names) => {
        assert.deepEqual(await run(aws, ['list-traffic-policy-instances']), names)
      }),
  },
  ListTrafficPolicyInstancesByHostedZone: {
    happy: { 'the instances of a zone stand in the order of their names': listed(byZone) },
    state: {
      ...unknownMarker(byZone),
      'an unknown zone is NoSuchHostedZone': async (cloud) =>
        refused(
          r53(cloud).listTrafficPolicyInstancesByHostedZone({ HostedZoneId: 'Z0000000' }),
          'NoSuchHostedZone',
        ),
    },
    pagination: { [PAGES]: paged(byZone) },
    cli: (cloud, aws) =>
      withThree(cloud, async ({ zone }, names) => {
        const command = ['list-traffic-policy-instances-by-hosted-zone', '--hosted-zone-id', zone.id]
        assert.deepEqual(await run(aws, command), names)
      }),
  },
  ListTrafficPolicyInstancesByPolicy: {
    happy: { 'the instances of a policy version are listed': listed(byPolicy) },
    state: {
      ...unknownMarker(byPolicy),
      'an unknown version is NoSuchTrafficPolicy': async (cloud) =>
        refused(
          r53(cloud).listTrafficPolicyInstancesByPolicy({
            TrafficPolicyId: NO_POLICY,
            TrafficPolicyVersion: 1,
          }),
          'NoSuchTrafficPolicy',
        ),
    },
    pagination: { [PAGES]: paged(byPolicy) },
    cli: (cloud, aws) =>
      withThree(cloud, async ({ policyId }, names) => {
        const command = ['list-traffic-policy-instances-by-policy', '--traffic-policy-id', policyId]
        assert.deepEqual(await run(aws, [...command, '--traffic-policy-version', '1']), names)
      }),
  },
}
