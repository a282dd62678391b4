// Counts what stands in a project's local cloud, by listing the cloud and never the state: duplicates and leftovers show.
import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm'
import { APIGatewayClient, GetDeploymentsCommand, GetRestApisCommand } from '@aws-sdk/client-api-gateway'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import {
  ListHealthChecksCommand,
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

/** The counter of that project's running cloud. */
export async function censusOf(project: Project): Promise<() => Promise<Census>> {
  const environment = await project.environment()
  const options: Options = {
    endpoint: environment.AWS_ENDPOINT_URL!,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID!,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
    },
  }
  return () => count(options)
}

/** How many of everything stand, summed over the regions. */
async function count(options: Options): Promise<Census> {
  const route53 = new Route53Client({ ...options, region: 'us-east-1' })
  const iam = new IAMClient({ ...options, region: 'us-east-1' })
  const counts: Record<string, number> = {
    healthChecks: (await route53.send(new ListHealthChecksCommand({}))).HealthChecks!.length,
    policies: (await route53.send(new ListTrafficPoliciesCommand({}))).TrafficPolicySummaries!.length,
    policyVersions: (await route53.send(new ListTrafficPoliciesCommand({}))).TrafficPolicySummaries!.reduce(
      (sum, { TrafficPolicyCount }) => sum + TrafficPolicyCount!,
      0,
    ),
    instances: (await route53.send(new ListTrafficPolicyInstancesCommand({}))).TrafficPolicyInstances!.length,
    roles: (await iam.send(new ListRolesCommand({}))).Roles!.filter(({ Path }) => Path === '/').length,
    apis: 0,
    deployments: 0,
    certificates: 0,
    functions: 0,
    logGroups: 0,
    tables: 0,
  }
  for (const region of REGIONS) {
    const apigateway = new APIGatewayClient({ ...options, region })
    const { items: apis = [] } = await apigateway.send(new GetRestApisCommand({}))
    counts.apis! += apis.length
    for (const { id } of apis)
      counts.deployments! += (await apigateway.send(new GetDeploymentsCommand({ restApiId: id })))
        .items!.length
    const dynamodb = new DynamoDBClient({ ...options, region })
    counts.tables! += (await dynamodb.send(new ListTablesCommand({}))).TableNames!.length
    const acm = new ACMClient({ ...options, region })
    counts.certificates! += (await acm.send(new ListCertificatesCommand({}))).CertificateSummaryList!.length
    const lambda = new LambdaClient({ ...options, region })
    counts.functions! += (await lambda.send(new ListFunctionsCommand({}))).Functions!.length
    const logs = new CloudWatchLogsClient({ ...options, region })
    counts.logGroups! += (await logs.send(new DescribeLogGroupsCommand({}))).logGroups!.length
  }
  return counts
}

/** The shipped config, up. */
export const WHOLE: Census = {
  healthChecks: 2,
  policies: 1,
  policyVersions: 1,
  instances: 1,
  roles: 6,
  apis: 2,
  deployments: 2,
  certificates: 2,
  functions: 6,
  logGroups: 6,
  tables: 2,
}
export const NOTHING: Census = Object.fromEntries(Object.keys(WHOLE).map((name) => [name, 0]))
