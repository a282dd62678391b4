// Stocks the fuzz's cloud with one of everything that needs several calls in order: a function under a role, an API with
// a stage, a certificate that is issued and a domain that has it. What is there already, or was half undone, stays as it is.
import { ACM } from '@aws-sdk/client-acm'
import { APIGateway } from '@aws-sdk/client-api-gateway'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { IAM } from '@aws-sdk/client-iam'
import { Lambda } from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import type { TestCloud } from '../../conformance/cloud.js'
import { zipOf } from '../../conformance/lambda/function.js'
import { ACCOUNT, type FuzzPool, OPENAPI, TRAFFIC, TRUST } from './fuzz-pool.js'

const DOMAIN = 'a.example.com'

/** Makes what is missing; the ids that AWS made are learnt by the pool. */
export function createStock(cloud: TestCloud, pool: FuzzPool): () => Promise<void> {
  const [dynamodb, lambda, iam] = [cloud.client(DynamoDB), cloud.client(Lambda), cloud.client(IAM)]
  const [gateway, route53, acm] = [cloud.client(APIGateway), cloud.client(Route53), cloud.client(ACM)]
  const logs = cloud.client(CloudWatchLogs)
  let round = 0

  async function stockRegional(): Promise<void> {
    await dynamodb.createTable({
      TableName: 'table-1',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    })
  }

  async function stockFunction(): Promise<void> {
    await quiet(iam.createRole({ RoleName: 'role-1', AssumeRolePolicyDocument: TRUST }))
    await quiet(logs.createLogGroup({ logGroupName: '/group' }))
    await quiet(logs.createLogStream({ logGroupName: '/group', logStreamName: 'stream-1' }))
    await lambda.createFunction({
      FunctionName: 'function-1',
      Role: `arn:aws:iam::${ACCOUNT}:role/role-1`,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Architectures: ['arm64'],
      Code: { ZipFile: zipOf({ 'index.mjs': 'export const handler = async () => 1' }) },
    })
  }

  async function stockApi(): Promise<void> {
    const { items = [] } = await gateway.getRestApis({ limit: 500 })
    const known = items.find(({ name }) => name === 'stock')?.id
    const made =
      known ??
      (await gateway.createRestApi({ name: 'stock', endpointConfiguration: { types: ['REGIONAL'] } })).id!
    pool.add('apigateway.api', made)
    await gateway.putRestApi({ restApiId: made, mode: 'overwrite', body: OPENAPI })
    const { items: resources = [] } = await gateway.getResources({ restApiId: made })
    for (const { id } of resources) pool.add('apigateway.resource', id!)
    if (round % 3 === 1)
      pool.add(
        'apigateway.deployment',
        (await gateway.createDeployment({ restApiId: made, stageName: 'dev' })).id!,
      )
    const arn = await issuedCertificate()
    await quiet(
      gateway.createDomainName({
        domainName: DOMAIN,
        regionalCertificateArn: arn,
        endpointConfiguration: { types: ['REGIONAL'] },
        securityPolicy: 'TLS_1_2',
      }),
    )
    await gateway.createBasePathMapping({ domainName: DOMAIN, restApiId: made, stage: 'dev', basePath: 'v1' })
  }

  /** Its ARN; its record is put into the zone. */
  async function issuedCertificate(): Promise<string> {
    const zone = await stockZone()
    const token = `stock${Math.floor(round / 20)}`
    const { CertificateArn } = await acm.requestCertificate({
      DomainName: DOMAIN,
      ValidationMethod: 'DNS',
      IdempotencyToken: token,
    })
    pool.add('acm.certificate', CertificateArn!)
    const { Certificate } = await acm.describeCertificate({ CertificateArn })
    const { Name, Type, Value } = Certificate?.DomainValidationOptions?.[0]?.ResourceRecord ?? {}
    const ResourceRecordSet = { Name: Name!, Type: Type!, TTL: 60, ResourceRecords: [{ Value: Value! }] }
    const Changes = [{ Action: 'UPSERT' as const, ResourceRecordSet }]
    const change = { HostedZoneId: zone, ChangeBatch: { Changes } }
    const { ChangeInfo } = await route53.changeResourceRecordSets(change)
    pool.add('route53.change', ChangeInfo!.Id!.split('/').at(-1)!)
    return CertificateArn!
  }

  async function stockZone(): Promise<string> {
    const { HostedZones = [] } = await route53.listHostedZonesByName({ DNSName: 'example.com' })
    const known = HostedZones.find(({ Name }) => Name === 'example.com.')?.Id
    const made =
      known ??
      (await route53.createHostedZone({ Name: 'example.com', CallerReference: `stock${round}` })).HostedZone!
        .Id!
    const zone = made.split('/').at(-1)!
    pool.add('route53.zone', zone)
    return zone
  }

  async function stockPolicy(): Promise<void> {
    const zone = await stockZone()
    const { HealthCheck } = await route53.createHealthCheck({
      CallerReference: `stock${round % 5}`,
      HealthCheckConfig: {
        Type: 'HTTPS',
        FullyQualifiedDomainName: 'x.execute-api.eu-west-1.amazonaws.com',
        RequestInterval: 30,
      },
    })
    pool.add('route53.check', HealthCheck!.Id!)
    const { TrafficPolicy } = await route53.createTrafficPolicy({
      Name: `stock${round % 5}`,
      Document: TRAFFIC,
    })
    pool.add('route53.policy', TrafficPolicy!.Id!)
    const { TrafficPolicyInstance } = await route53.createTrafficPolicyInstance({
      HostedZoneId: zone,
      Name: `p${round % 5}.example.com`,
      TTL: 60,
      TrafficPolicyId: TrafficPolicy!.Id!,
      TrafficPolicyVersion: 1,
    })
    pool.add('route53.instance', TrafficPolicyInstance!.Id!)
  }

  return async () => {
    round += 1
    for (const stock of [stockRegional, stockFunction, stockApi, stockPolicy]) await quiet(stock())
  }
}

/** What is refused was there already, or lacks what the fuzz has deleted. */
const quiet = (call: Promise<unknown>) => call.catch(() => undefined)
