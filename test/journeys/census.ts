// Counts what stands in a project's local cloud, by listing the cloud and never the state: duplicates and leftovers show.
import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm'
import {
  APIGatewayClient,
  GetDeploymentsCommand,
  GetDomainNamesCommand,
  GetRestApisCommand,
} from '@aws-sdk/client-api-gateway'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { GetPolicyCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import {
  ListHealthChecksCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  ListTrafficPoliciesCommand,
  ListTrafficPolicyInstancesCommand,
  Route53Client,
} from '@aws-sdk/client-route-53'
import type { Project } from './project.js'

const REGIONS = ['eu-west-1', 'us-east-1']

export type Census = Readonly<Record<string, number>>

interface Options {
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** The counter of that project's running cloud, in these regions. */
export async function censusOf(
  project: Project,
  regions: readonly string[] = REGIONS,
): Promise<() => Promise<Census>> {
  const environment = await project.environment()
  const options: Options = {
    endpoint: environment.AWS_ENDPOINT_URL!,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID!,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
    },
  }
  const [global, local] = [globalClients(options), regions.map((region) => regionalClients(options, region))]
  return async () => total([await countGlobal(global), ...(await Promise.all(local.map(countIn)))])
}

const globalClients = (options: Options) => ({
  route53: new Route53Client({ ...options, region: 'us-east-1' }),
  iam: new IAMClient({ ...options, region: 'us-east-1' }),
})

const regionalClients = (options: Options, region: string) => ({
  apigateway: new APIGatewayClient({ ...options, region }),
  dynamodb: new DynamoDBClient({ ...options, region }),
  acm: new ACMClient({ ...options, region }),
  lambda: new LambdaClient({ ...options, region }),
  logs: new CloudWatchLogsClient({ ...options, region }),
})

/** How many of everything stand, summed over the regions. */
function total(parts: readonly Census[]): Census {
  const sum: Record<string, number> = {}
  for (const [name, number] of parts.flatMap((part) => Object.entries(part)))
    sum[name] = (sum[name] ?? 0) + number
  return sum
}

async function countGlobal({ route53, iam }: ReturnType<typeof globalClients>): Promise<Census> {
  const { TrafficPolicySummaries: policies } = await route53.send(new ListTrafficPoliciesCommand({}))
  const { HostedZones: zones } = await route53.send(new ListHostedZonesCommand({}))
  let records = 0
  for (const { Id } of zones!) {
    const { ResourceRecordSets } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }))
    records += ResourceRecordSets!.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA').length
  }
  return {
    healthChecks: (await route53.send(new ListHealthChecksCommand({}))).HealthChecks!.length,
    policies: policies!.length,
    policyVersions: policies!.reduce((sum, { TrafficPolicyCount }) => sum + TrafficPolicyCount!, 0),
    instances: (await route53.send(new ListTrafficPolicyInstancesCommand({}))).TrafficPolicyInstances!.length,
    records,
    roles: (await iam.send(new ListRolesCommand({}))).Roles!.filter(({ Path }) => Path === '/').length,
  }
}

async function countIn(clients: ReturnType<typeof regionalClients>): Promise<Census> {
  const { apigateway, dynamodb, acm, lambda, logs } = clients
  const { items: apis = [] } = await apigateway.send(new GetRestApisCommand({}))
  let deployments = 0
  for (const { id } of apis)
    deployments += (await apigateway.send(new GetDeploymentsCommand({ restApiId: id }))).items!.length
  const { TableNames: tables } = await dynamodb.send(new ListTablesCommand({}))
  let items = 0
  for (const TableName of tables!) items += (await dynamodb.send(new ScanCommand({ TableName }))).Count!
  const { Functions: functions } = await lambda.send(new ListFunctionsCommand({}))
  let permissions = 0
  for (const { FunctionName } of functions!) {
    const { Policy } = await lambda.send(new GetPolicyCommand({ FunctionName })).catch(noPolicy)
    permissions += JSON.parse(Policy!).Statement.length
  }
  return {
    apis: apis.length,
    deployments,
    domains: (await apigateway.send(new GetDomainNamesCommand({}))).items!.length,
    certificates: (await acm.send(new ListCertificatesCommand({}))).CertificateSummaryList!.length,
    functions: functions!.length,
    permissions,
    logGroups: (await logs.send(new DescribeLogGroupsCommand({}))).logGroups!.length,
    tables: tables!.length,
    items,
  }
}

function noPolicy(error: Error): { Policy: string } {
  if (error.name === 'ResourceNotFoundException') return { Policy: '{"Statement":[]}' }
  throw error
}

/** The shipped config, up in so many regions. */
export const wholeIn = (regions: number): Census => ({
  healthChecks: regions,
  policies: 1,
  policyVersions: 1,
  instances: 1,
  // AWS: the certificates of all regions are validated by the same record; the other one is the public name.
  records: 2,
  roles: 3 * regions,
  apis: regions,
  deployments: regions,
  domains: regions,
  certificates: regions,
  functions: 3 * regions,
  permissions: 3 * regions,
  logGroups: 3 * regions,
  tables: regions,
  items: 0,
})
export const WHOLE = wholeIn(REGIONS.length)
export const NOTHING: Census = Object.fromEntries(Object.keys(WHOLE).map((name) => [name, 0]))
