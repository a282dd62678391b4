// IAM for the operator: what each service asks for, on which resource, in which words it refuses. That the shipped
// policy is enough for the CLI is `test/journeys/operator-policy.test.ts`'s.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  ACMClient,
  DescribeCertificateCommand,
  ListCertificatesCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm'
import {
  APIGatewayClient,
  CreateDomainNameCommand,
  CreateRestApiCommand,
  GetRestApisCommand,
} from '@aws-sdk/client-api-gateway'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ListTablesCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import { CreateRoleCommand, GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda'
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  CreateTrafficPolicyInstanceCommand,
  ListHostedZonesByNameCommand,
  Route53Client,
} from '@aws-sdk/client-route-53'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { strToU8, zipSync } from 'fflate'
import {
  ACCOUNT,
  denied,
  notAllowed,
  type OperatorCloud,
  passes,
  startOperatorCloud,
  USER,
} from './operator-cloud.js'

let operator: OperatorCloud
before(async () => {
  operator = await startOperatorCloud()
})
after(() => operator.close())

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const ROLE = `arn:aws:iam::${ACCOUNT}:role/worker`

describe('the operator under IAM', () => {
  it('with no policy may do nothing, but ask who he is, even where that is denied', async () => {
    await denied(
      operator.client(LambdaClient).send(new ListFunctionsCommand({})),
      notAllowed('lambda:ListFunctions', '*'),
    )
    operator.allow({ Effect: 'Deny', Action: '*', Resource: '*' })
    const { Arn } = await operator.client(STSClient).send(new GetCallerIdentityCommand({}))
    assert.equal(Arn, USER)
    await denied(
      operator.client(LambdaClient).send(new ListFunctionsCommand({})),
      /lambda:ListFunctions on resource: \* with an explicit deny in an identity-based policy$/,
    )
  })

  it('is told of what has no resource, of lists, and of collections, in the words of each service', async () => {
    operator.allow(['sts:*', '*'])
    const route53 = operator.client(Route53Client).send(new ListHostedZonesByNameCommand({}))
    await denied(route53, notAllowed('route53:ListHostedZonesByName'), 'AccessDenied')
    const acm = operator.client(ACMClient).send(new ListCertificatesCommand({}))
    await denied(acm, notAllowed('acm:ListCertificates'))
    const tables = operator.client(DynamoDBClient).send(new ListTablesCommand({}))
    await denied(tables, notAllowed('dynamodb:ListTables', `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/*`))
    const roles = operator.client(IAMClient).send(new ListRolesCommand({}))
    await denied(roles, notAllowed('iam:ListRoles', `arn:aws:iam::${ACCOUNT}:role/`), 'AccessDenied')
    const groups = operator.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({}))
    const everyGroup = `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group::log-stream:`
    await denied(groups, notAllowed('logs:DescribeLogGroups', everyGroup))
    const apis = operator.client(APIGatewayClient).send(new GetRestApisCommand({}))
    await denied(apis, notAllowed('apigateway:GET', 'arn:aws:apigateway:eu-west-1::/restapis'))
  })

  it('is held to regions, also for actions without a resource, and to tags of requests', async () => {
    const within = { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }
    operator.allow({ Effect: 'Allow', Action: '*', Resource: '*', Condition: within })
    await passes(operator.client(LambdaClient).send(new ListFunctionsCommand({})))
    await denied(
      operator.client(LambdaClient, 'us-east-1').send(new ListFunctionsCommand({})),
      notAllowed('lambda:ListFunctions', '*'),
    )
    const tagged = { StringEquals: { 'aws:RequestTag/team': 'red' } }
    operator.allow({ Effect: 'Allow', Action: 'apigateway:*', Resource: '*', Condition: tagged })
    const apigateway = operator.client(APIGatewayClient)
    await passes(apigateway.send(new CreateRestApiCommand({ name: 'a', tags: { team: 'red' } })))
    await denied(
      apigateway.send(new CreateRestApiCommand({ name: 'a', tags: { team: 'blue' } })),
      notAllowed('apigateway:POST', 'arn:aws:apigateway:eu-west-1::/restapis'),
    )
  })

  it('keeps his policy over restarts, and what it was used for is counted', async () => {
    operator.allow(['lambda:ListFunctions', '*'])
    await operator.client(LambdaClient).send(new ListFunctionsCommand({}))
    await denied(operator.client(IAMClient).send(new ListRolesCommand({})), /iam:ListRoles/, 'AccessDenied')
    assert.deepEqual(operator.cloud.operator.decisions(), {
      'iam:ListRoles': { allowed: 0, denied: 1 },
      'lambda:ListFunctions': { allowed: 1, denied: 0 },
    })
    operator = await operator.reopen()
    await operator.client(LambdaClient).send(new ListFunctionsCommand({}))
    await denied(operator.client(IAMClient).send(new ListRolesCommand({})), /iam:ListRoles/, 'AccessDenied')
  })

  it('is given no policy that AWS would refuse, nor one that cannot be evaluated', () => {
    const give = (document: string) => () => operator.cloud.operator.setPolicy(document)
    assert.throws(give('{'), { code: 'MalformedPolicyDocument' })
    const unknown = { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }
    const statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition: unknown }
    assert.throws(() => operator.allow(statement), { code: 'NotImplemented' })
    const long = Array.from({ length: 400 }, (_, n) => `lambda:Action${n}`)
    assert.throws(() => operator.allow([long, '*']), { code: 'LimitExceeded' })
  })
})

describe('what creating needs besides', () => {
  it('roles: tags, and the boundary as a condition', async () => {
    const iam = operator.client(IAMClient)
    const role = { RoleName: 'worker', AssumeRolePolicyDocument: TRUST }
    operator.allow(['iam:CreateRole', ROLE])
    const tagged = { ...role, Tags: [{ Key: 'a', Value: 'b' }] }
    await denied(iam.send(new CreateRoleCommand(tagged)), notAllowed('iam:TagRole', ROLE), 'AccessDenied')
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AWSDenyAll'
    const Condition = { StringEquals: { 'iam:PermissionsBoundary': PermissionsBoundary } }
    operator.allow({ Effect: 'Allow', Action: 'iam:*', Resource: '*', Condition })
    await denied(iam.send(new CreateRoleCommand(role)), notAllowed('iam:CreateRole', ROLE), 'AccessDenied')
    await passes(iam.send(new CreateRoleCommand({ ...role, RoleName: 'bound', PermissionsBoundary })))
    operator.allow([['iam:CreateRole', 'iam:TagRole'], ROLE])
    await passes(iam.send(new CreateRoleCommand(tagged)))
  })

  it('functions: the role to be passed to Lambda, and tags; who may not list tags gets none', async () => {
    const lambda = operator.client(LambdaClient)
    const input = {
      FunctionName: 'f',
      Role: ROLE,
      Runtime: 'nodejs24.x' as const,
      Handler: 'index.handler',
      Code: { ZipFile: zipSync({ 'index.mjs': strToU8('export const handler = () => 1') }) },
      Tags: { a: 'b' },
    }
    const arn = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:f`
    const create = () => lambda.send(new CreateFunctionCommand(input))
    operator.allow(['lambda:CreateFunction', arn], ['iam:PassRole', ROLE])
    await denied(create(), notAllowed('lambda:TagResource', arn))
    operator.allow([['lambda:CreateFunction', 'lambda:TagResource'], arn])
    await denied(create(), notAllowed('iam:PassRole', ROLE))
    const to = (service: string) => ({
      ...{ Effect: 'Allow', Action: 'iam:PassRole', Resource: ROLE },
      Condition: { StringEquals: { 'iam:PassedToService': service } },
    })
    operator.allow(['lambda:*', '*'], to('ec2.amazonaws.com'))
    await denied(create(), notAllowed('iam:PassRole', ROLE))
    operator.allow(['lambda:*', '*'], to('lambda.amazonaws.com'))
    await create()
    operator.allow(['lambda:GetFunction', arn])
    const { Tags, TagsError } = await lambda.send(new GetFunctionCommand({ FunctionName: 'f' }))
    assert.equal(Tags, undefined)
    assert.deepEqual(TagsError, {
      ErrorCode: 'AccessDeniedException',
      Message: notAllowed('lambda:ListTags', arn),
    })
    operator.allow([['lambda:GetFunction', 'lambda:ListTags'], arn])
    assert.deepEqual((await lambda.send(new GetFunctionCommand({ FunctionName: 'f' }))).Tags, { a: 'b' })
  })

  it('log groups, certificates, APIs, tables: tags are an action of their own', async () => {
    const group = { logGroupName: '/g', tags: { a: 'b' } }
    const logs = operator.client(CloudWatchLogsClient)
    operator.allow(['logs:CreateLogGroup', `arn:aws:logs:*:${ACCOUNT}:log-group:/g:*`])
    await denied(
      logs.send(new CreateLogGroupCommand(group)),
      `User with accountId: ${ACCOUNT} is not authorized to perform CreateLogGroup with Tags. ` +
        'An additional permission "logs:TagResource" is required.',
    )
    const resourceArn = `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/g`
    operator.allow(['logs:*', `${resourceArn}:*`])
    await passes(logs.send(new CreateLogGroupCommand(group)))
    // AWS: tags of a group are checked without the `:*` that everything else is checked with.
    await denied(
      logs.send(new ListTagsForResourceCommand({ resourceArn })),
      notAllowed('logs:ListTagsForResource', resourceArn),
    )

    operator.allow([['acm:RequestCertificate', 'apigateway:POST', 'dynamodb:CreateTable'], '*'])
    const Tags = [{ Key: 'a', Value: 'b' }]
    const certificate = { DomainName: 'a.example.com', ValidationMethod: 'DNS' as const, Tags }
    await denied(
      operator.client(ACMClient).send(new RequestCertificateCommand(certificate)),
      notAllowed('acm:AddTagsToCertificate', `arn:aws:acm:eu-west-1:${ACCOUNT}:certificate/*`),
    )
    await denied(
      operator.client(APIGatewayClient).send(new CreateRestApiCommand({ name: 'a', tags: { a: 'b' } })),
      notAllowed(
        'apigateway:PUT',
        'arn:aws:apigateway:eu-west-1::/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2F*',
      ),
    )
    await denied(
      operator.client(DynamoDBClient).send(new CreateTableCommand({ ...TABLE, Tags })),
      notAllowed('dynamodb:TagResource', tableIn('eu-west-1')),
    )
  })
})

const TABLE: CreateTableCommandInput = {
  TableName: 'items',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
}
const tableIn = (region: string) => `arn:aws:dynamodb:${region}:${ACCOUNT}:table/items`

describe('replicas', () => {
  const LINKED = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication`

  it('need actions in their own region, and once in an account a service-linked role', async () => {
    const dynamodb = operator.client(DynamoDBClient)
    const update = (kind: 'Create' | 'Delete') =>
      dynamodb.send(
        new UpdateTableCommand({
          TableName: 'items',
          ReplicaUpdates: [{ [kind]: { RegionName: 'us-east-1' } }],
        }),
      )
    operator.allow(['dynamodb:*', tableIn('eu-west-1')])
    await dynamodb.send(new CreateTableCommand(TABLE))
    const limits =
      "Failed to describe limits in region: 'US_EAST_1'. User is missing the following permissions: 'dynamodb:DescribeLimits'."
    await denied(update('Create'), limits, 'ValidationException')
    operator.allow(['dynamodb:*', tableIn('eu-west-1')], ['dynamodb:DescribeLimits', '*'])
    await denied(update('Create'), notAllowed('dynamodb:CreateTable', tableIn('us-east-1')))
    const data = [
      'CreateTable',
      'CreateTableReplica',
      'Query',
      'Scan',
      'GetItem',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
    ]
    const home = ['dynamodb:UpdateTable', tableIn('eu-west-1')] as const
    const limited = ['dynamodb:DescribeLimits', '*'] as const
    const there = (...names: string[]) =>
      [names.map((name) => `dynamodb:${name}`), tableIn('us-east-1')] as const
    operator.allow(home, limited, there(...data))
    await denied(update('Create'), notAllowed('dynamodb:BatchWriteItem', tableIn('us-east-1')))
    operator.allow(home, limited, there(...data, 'BatchWriteItem'))
    await denied(update('Create'), notAllowed('iam:CreateServiceLinkedRole', LINKED))

    const Condition = { StringEquals: { 'iam:AWSServiceName': 'replication.dynamodb.amazonaws.com' } }
    const link = { Effect: 'Allow', Action: 'iam:CreateServiceLinkedRole', Resource: LINKED, Condition }
    operator.allow(home, limited, there(...data, 'BatchWriteItem'), link)
    await update('Create')
    operator.allow(['iam:GetRole', LINKED], home, there('DeleteTable'))
    const { Role } = await operator
      .client(IAMClient)
      .send(new GetRoleCommand({ RoleName: LINKED.split('/').at(-1) }))
    assert.equal(Role?.Arn, LINKED)
    await denied(update('Delete'), notAllowed('dynamodb:DeleteTableReplica', tableIn('us-east-1')))
    operator.allow(home, there('DeleteTable', 'DeleteTableReplica'))
    await passes(update('Delete'))
  })
})

describe('the first custom domain', () => {
  it('needs the adding of its certificate, and a service-linked role, of which API Gateway says less', async () => {
    operator.allow(['*', '*'])
    const regionalCertificateArn = await issued('api.example.com')
    const apigateway = operator.client(APIGatewayClient)
    const create = () =>
      apigateway.send(
        new CreateDomainNameCommand({
          domainName: 'api.example.com',
          regionalCertificateArn,
          endpointConfiguration: { types: ['REGIONAL'] },
        }),
      )
    const domains = 'arn:aws:apigateway:eu-west-1::/domainnames'
    operator.allow(['apigateway:POST', domains])
    await denied(create(), notAllowed('apigateway:AddCertificateToDomain', domains))
    operator.allow(['apigateway:*', domains])
    await denied(create(), 'Caller does not have permissions to create a Service Linked Role.')
    const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway`
    operator.allow(
      ['apigateway:*', domains],
      ['iam:CreateServiceLinkedRole', linked],
      ['iam:GetRole', linked],
    )
    await create()
    const RoleName = 'AWSServiceRoleForAPIGateway'
    const { Role } = await operator.client(IAMClient).send(new GetRoleCommand({ RoleName }))
    assert.equal(Role?.Arn, linked)
  })

  /** The ARN of a certificate whose validation record is in DNS. */
  async function issued(DomainName: string): Promise<string> {
    const acm = operator.client(ACMClient)
    const route53 = operator.client(Route53Client)
    const zone = { Name: 'example.com', CallerReference: 'zone' }
    const { HostedZone } = await route53.send(new CreateHostedZoneCommand(zone))
    const request = new RequestCertificateCommand({ DomainName, ValidationMethod: 'DNS' })
    const { CertificateArn } = await acm.send(request)
    const describe = async () =>
      (await acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate!
    const { Name, Type, Value } = (await describe()).DomainValidationOptions![0]!.ResourceRecord!
    const record = { Name, Type, TTL: 60, ResourceRecords: [{ Value }] }
    const Changes = [{ Action: 'UPSERT' as const, ResourceRecordSet: record }]
    await route53.send(
      new ChangeResourceRecordSetsCommand({ HostedZoneId: HostedZone!.Id, ChangeBatch: { Changes } }),
    )
    for (let tries = 0; (await describe()).Status !== 'ISSUED'; tries += 1) {
      assert.ok(tries < 100, 'the certificate is not issued')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return CertificateArn!
  }
})

describe('Route 53', () => {
  it('checks each resource that a call names, and the records of a change', async () => {
    const route53 = operator.client(Route53Client)
    const zone = 'arn:aws:route53:::hostedzone/Z1'
    const policy = 'arn:aws:route53:::trafficpolicy/12345678-1234-1234-1234-123456789012'
    const instance = {
      HostedZoneId: 'Z1',
      Name: 'a.example.com',
      TTL: 60,
      TrafficPolicyId: policy.split('/')[1]!,
      TrafficPolicyVersion: 1,
    }
    operator.allow(['route53:CreateTrafficPolicyInstance', zone])
    const create = route53.send(new CreateTrafficPolicyInstanceCommand(instance))
    await denied(create, notAllowed('route53:CreateTrafficPolicyInstance', policy), 'AccessDenied')

    const only = { 'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_x.a.example.com'] }
    const Condition = { 'ForAllValues:StringEquals': only }
    operator.allow({ Effect: 'Allow', Action: 'route53:ChangeResourceRecordSets', Resource: zone, Condition })
    const change = (Name: string) =>
      route53.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: 'Z1',
          ChangeBatch: {
            Changes: [
              {
                Action: 'UPSERT',
                ResourceRecordSet: {
                  Name,
                  Type: 'CNAME',
                  TTL: 60,
                  ResourceRecords: [{ Value: 'b.example.com' }],
                },
              },
            ],
          },
        }),
      )
    await passes(change('_X.a.example.com.'))
    await denied(
      change('www.example.com'),
      notAllowed('route53:ChangeResourceRecordSets', zone),
      'AccessDenied',
    )
  })
})
