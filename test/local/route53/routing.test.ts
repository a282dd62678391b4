// Routing policies of records and nested policy rules, as DNS answers them with healthy and unhealthy checks.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type Change,
  CreateHealthCheckCommand,
  CreateTrafficPolicyCommand,
  CreateTrafficPolicyInstanceCommand,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53'
import { IRELAND, record, startCloud, type TestCloud, VIRGINIA } from './cloud.js'

let cloud: TestCloud
let zoneId: string
/** A check that is forced off and on through the API; nothing is probed. */
let check: string
before(async () => {
  cloud = await startCloud()
  zoneId = await cloud.zone('example.com')
  const HealthCheckConfig = { Type: 'TCP', FullyQualifiedDomainName: 'a.example.com', Port: 1 } as const
  const made = await cloud.client.send(
    new CreateHealthCheckCommand({ CallerReference: 'one', HealthCheckConfig }),
  )
  check = made.HealthCheck!.Id!
})
after(() => cloud.close())

const force = (isHealthy: boolean) =>
  cloud.client.send(
    new UpdateHealthCheckCommand({ HealthCheckId: check, Disabled: true, Inverted: !isHealthy }),
  )
const near = ({ clientSubnet }: { clientSubnet: string }) => clientSubnet.split('/')[0]!
const from = (place: { clientSubnet: string }, name: string) =>
  cloud.service.resolve(name, 'A', near(place)).map(({ data }) => data)
const put = (name: string, value: string, more: object) =>
  cloud.change(zoneId, record('CREATE', name, 'A', value, more))
const alias = (
  name: string,
  target: string,
  HostedZoneId: string,
  EvaluateTargetHealth: boolean,
  more: object,
): Change => ({
  Action: 'CREATE',
  ResourceRecordSet: {
    Name: name,
    Type: 'A',
    AliasTarget: { DNSName: target, HostedZoneId, EvaluateTargetHealth },
    ...more,
  },
})

test('latency aliases to API Gateway, at the apex, with a health check', async () => {
  for (const [SetIdentifier, zone] of [
    ['eu-west-1', 'ZLY8HYME6SFDD'],
    ['us-east-1', 'Z1UJRXOUMOOFQ8'],
  ] as const) {
    const more = {
      SetIdentifier,
      Region: SetIdentifier,
      ...(SetIdentifier === 'eu-west-1' && { HealthCheckId: check }),
    }
    const target = `d-1.execute-api.${SetIdentifier}.amazonaws.com`
    await cloud.change(zoneId, alias('example.com', target, zone, false, more))
  }
  await force(true)
  assert.deepEqual(from(IRELAND, 'example.com'), [IRELAND.address])
  assert.deepEqual(from(VIRGINIA, 'example.com'), [VIRGINIA.address])
  await force(false)
  assert.deepEqual(from(IRELAND, 'example.com'), [VIRGINIA.address])
})

test('failover, and an alias that looks at the health of its target', async () => {
  await put('f.example.com', '192.0.2.1', { SetIdentifier: 'p', Failover: 'PRIMARY', HealthCheckId: check })
  await put('f.example.com', '192.0.2.2', { SetIdentifier: 's', Failover: 'SECONDARY' })
  await put('w.example.com', '192.0.2.3', { SetIdentifier: 'only', Weight: 1, HealthCheckId: check })
  await cloud.change(
    zoneId,
    alias('a.example.com', 'w.example.com', zoneId, true, { SetIdentifier: 'p', Failover: 'PRIMARY' }),
  )
  await put('a.example.com', '192.0.2.4', { SetIdentifier: 's', Failover: 'SECONDARY' })
  await force(true)
  assert.deepEqual(
    [...from(IRELAND, 'f.example.com'), ...from(IRELAND, 'a.example.com')],
    ['192.0.2.1', '192.0.2.3'],
  )
  await force(false)
  assert.deepEqual(
    [...from(IRELAND, 'f.example.com'), ...from(IRELAND, 'a.example.com')],
    ['192.0.2.2', '192.0.2.4'],
  )
})

test('a branch of a policy is left only with EvaluateTargetHealth', async () => {
  for (const EvaluateTargetHealth of [true, false]) {
    const Document = JSON.stringify({
      AWSPolicyFormatVersion: '2015-10-01',
      RecordType: 'A',
      StartRule: 'near',
      Endpoints: { ie: { Type: 'value', Value: '192.0.2.5' }, us: { Type: 'value', Value: '192.0.2.6' } },
      Rules: {
        near: {
          RuleType: 'latency',
          Regions: [
            { RuleReference: 'ireland', Region: 'eu-west-1', EvaluateTargetHealth },
            { EndpointReference: 'us', Region: 'us-east-1' },
          ],
        },
        ireland: {
          RuleType: 'weighted',
          Items: [{ EndpointReference: 'ie', Weight: '1', HealthCheck: check }],
        },
      },
    })
    const Name = `branch-${EvaluateTargetHealth}.example.com`
    const { TrafficPolicy } = await cloud.client.send(new CreateTrafficPolicyCommand({ Name, Document }))
    const { Id: TrafficPolicyId, Version: TrafficPolicyVersion } = TrafficPolicy!
    await cloud.client.send(
      new CreateTrafficPolicyInstanceCommand({
        HostedZoneId: zoneId,
        Name,
        TTL: 60,
        TrafficPolicyId,
        TrafficPolicyVersion,
      }),
    )
    await force(true)
    assert.deepEqual(from(IRELAND, Name), ['192.0.2.5'])
    await force(false)
    assert.deepEqual(from(IRELAND, Name), [EvaluateTargetHealth ? '192.0.2.6' : '192.0.2.5'])
  }
})

test('weighted records share the answers', async () => {
  await put('share.example.com', '192.0.2.7', { SetIdentifier: 'a', Weight: 1 })
  await put('share.example.com', '192.0.2.8', { SetIdentifier: 'b', Weight: 1 })
  const seen = new Set(Array.from({ length: 100 }, () => from(IRELAND, 'share.example.com')[0]))
  assert.deepEqual([...seen].sort(), ['192.0.2.7', '192.0.2.8'])
})
