// Route 53 through the `aws` CLI: another client than the SDK's. Skipped where it is not installed.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type {
  ChangeResourceRecordSetsResponse,
  CreateHealthCheckResponse,
  CreateHostedZoneResponse,
  CreateTrafficPolicyInstanceResponse,
  CreateTrafficPolicyResponse,
  GetHealthCheckStatusResponse,
  ListResourceRecordSetsResponse,
  ListTagsForResourceResponse,
} from '@aws-sdk/client-route-53'
import { type AwsCli, NO_AWS, openAwsCli } from '../../aws-cli.js'
import { IRELAND, OPERATOR, startCloud, type TestCloud } from './cloud.js'
import { IE_HOST, latencyPolicy } from './policy.js'

describe('the aws CLI', { skip: NO_AWS, concurrency: 2 }, () => {
  let cloud: TestCloud
  let cli: AwsCli
  before(async () => {
    cloud = await startCloud()
    cli = openAwsCli(cloud.url, OPERATOR)
  })
  after(() => {
    cli.close()
    return cloud.close()
  })

  /** The parsed output; an error has the CLI's own text as its message. */
  const aws = async <T>(...args: string[]) => (await cli.run(['route53', ...args], 'us-east-1')) as T

  test('zone, records, policy and instance, up and down', async () => {
    const made = await aws<CreateHostedZoneResponse>(
      'create-hosted-zone',
      '--name',
      'example.com',
      '--caller-reference',
      'cli',
    )
    const zone = made.HostedZone!.Id!
    const batch = JSON.stringify({
      Changes: [
        {
          Action: 'CREATE',
          ResourceRecordSet: {
            Name: 'www.example.com',
            Type: 'A',
            TTL: 5,
            ResourceRecords: [{ Value: '192.0.2.1' }],
          },
        },
      ],
    })
    const change = () =>
      aws<ChangeResourceRecordSetsResponse>(
        'change-resource-record-sets',
        '--hosted-zone-id',
        zone,
        '--change-batch',
        batch,
      )
    const changed = await change()
    await assert.rejects(
      change(),
      /\(InvalidChangeBatch\).*\[Tried to create resource record set .* but it already exists\]/s,
    )
    await aws('wait', 'resource-record-sets-changed', '--id', changed.ChangeInfo!.Id!)
    const listed = await aws<ListResourceRecordSetsResponse>(
      'list-resource-record-sets',
      '--hosted-zone-id',
      zone,
    )
    assert.deepEqual(
      listed.ResourceRecordSets!.map(({ Type }) => Type),
      ['NS', 'SOA', 'A'],
    )

    const policy = await aws<CreateTrafficPolicyResponse>(
      'create-traffic-policy',
      '--name',
      'near',
      '--document',
      latencyPolicy(),
    )
    const Id = policy.TrafficPolicy!.Id!
    const where = ['--hosted-zone-id', zone, '--name', 'api.example.com', '--ttl', '60']
    const version = ['--traffic-policy-id', Id, '--traffic-policy-version', '1']
    const instance = await aws<CreateTrafficPolicyInstanceResponse>(
      'create-traffic-policy-instance',
      ...where,
      ...version,
    )
    assert.equal(instance.TrafficPolicyInstance!.State, 'Applied')
    const answers = cloud.service.resolve('api.example.com', 'A', '192.0.2.1').map(({ data }) => data)
    assert.deepEqual(answers, [IE_HOST, IRELAND.address])
    await assert.rejects(
      aws('delete-traffic-policy', '--id', Id, '--traffic-policy-version', '1'),
      /TrafficPolicyInUse/,
    )
    await aws('delete-traffic-policy-instance', '--id', instance.TrafficPolicyInstance!.Id!)
    await aws('delete-traffic-policy', '--id', Id, '--traffic-policy-version', '1')
  })

  test('health checks and their tags', async () => {
    const config = JSON.stringify({ Type: 'HTTPS', FullyQualifiedDomainName: IE_HOST, RequestInterval: 10 })
    const made = await aws<CreateHealthCheckResponse>(
      'create-health-check',
      '--caller-reference',
      'one',
      '--health-check-config',
      config,
    )
    const Id = made.HealthCheck!.Id!
    const named = ['--resource-type', 'healthcheck', '--resource-id', Id]
    await aws('change-tags-for-resource', ...named, '--add-tags', 'Key=owner,Value=us')
    const tags = await aws<ListTagsForResourceResponse>('list-tags-for-resource', ...named)
    assert.deepEqual(tags.ResourceTagSet!.Tags, [{ Key: 'owner', Value: 'us' }])
    const status = await aws<GetHealthCheckStatusResponse>('get-health-check-status', '--health-check-id', Id)
    assert.deepEqual(status.HealthCheckObservations, [])
    await aws('delete-health-check', '--health-check-id', Id)
    await assert.rejects(aws('get-health-check', '--health-check-id', Id), /NoSuchHealthCheck/)
  })
})
