// The operator's policy, as `multiregion policy` prints it, held against the whole life of a stack on a local cloud that
// enforces IAM for the operator: it is enough, every action of it is asked for, and without any one statement something
// is refused, with a hint that names what is missing. The parts build on each other; one cloud serves them all.
import assert from 'node:assert/strict'
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import {
  APIGatewayClient,
  CreateStageCommand,
  DeleteStageCommand,
  GetStageCommand,
  UntagResourceCommand as UntagDomainCommand,
  UpdateBasePathMappingCommand,
} from '@aws-sdk/client-api-gateway'
import {
  CloudWatchLogsClient,
  UntagResourceCommand as UntagLogsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDBClient, UntagResourceCommand as UntagTableCommand } from '@aws-sdk/client-dynamodb'
import {
  AttachRolePolicyCommand,
  IAMClient,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { LambdaClient, UntagResourceCommand as UntagFunctionCommand } from '@aws-sdk/client-lambda'
import { Route53Client, UpdateHealthCheckCommand } from '@aws-sdk/client-route-53'
import { TAG } from '../../src/aws/tags.js'
import type { PolicyDocument } from '../../src/commands/operator-policy.js'
import type { PolicyResult, UpResult } from '../../src/commands/result.js'
import { find, type RunningCloud, setOperatorPolicy } from '../../src/local/door.js'
import { Project } from './project.js'

const EU = 'eu-west-1'
const ROLE = 'multiregion-dev-getItem-eu-west-1'

let project: Project
let dataDir: string
let cloud: RunningCloud
let whole: PolicyDocument
/** What the operator was asked for and allowed so far, under the whole policy or a part of it. */
const used = new Set<string>()
/** Statements without which something was seen to be refused. */
const needed = new Set<string>()

before(async () => {
  project = new Project()
  const { code, stderr } = await project.run('local', 'start', '--profile', 'instant', '--enforce-iam')
  assert.equal(code, 0, stderr)
  dataDir = path.join(project.folder, '.multiregion/local/cloud')
  cloud = (await find(dataDir))!
})
after(() => project.remove())

/** Before the counts begin anew with another policy. */
async function note(): Promise<void> {
  const { decisions } = (await find(dataDir))!
  for (const [action, { allowed }] of Object.entries(decisions)) if (allowed > 0) used.add(action)
}

async function hold(Statement: readonly object[]): Promise<void> {
  await note()
  await setOperatorPolicy(dataDir, JSON.stringify({ ...whole, Statement }))
}

/** Under the whole policy. */
async function does(...args: string[]): Promise<void> {
  await hold(whole.Statement)
  const { code, stderr } = await project.run(...args, '--local')
  assert.equal(code, 0, `${args.join(' ')}:\n${stderr}`)
}

/** Without that statement the command fails, and says which action of it to allow. */
async function isRefusedWithout(sid: string, ...args: string[]): Promise<void> {
  const missing = whole.Statement.find(({ Sid }) => Sid === sid)
  assert.ok(missing, `the policy has no statement ${sid}`)
  await hold(whole.Statement.filter((statement) => statement !== missing))
  const { code, stderr } = await project.run(...args, '--local')
  assert.ok(code !== 0 && code !== null, `${args.join(' ')} went well without ${sid}`)
  // AWS: DynamoDB has words of its own for limits of a replica's region.
  assert.match(stderr, /AccessDenied|User is missing the following permissions/, stderr)
  const [, hinted] = /Allow the operator ([\w:]+)/.exec(stderr) ?? []
  assert.ok(missing.Action.includes(hinted ?? ''), `without ${sid} the hint names ${hinted}:\n${stderr}`)
  assert.match(stderr, /multiregion policy --local prints the whole policy/)
  needed.add(sid)
}

/** What somebody else does in the account, who may do everything. */
async function somebody(work: () => Promise<unknown>): Promise<void> {
  await note()
  await setOperatorPolicy(
    dataDir,
    JSON.stringify({ ...whole, Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
  )
  await work()
  // What he used does not count.
  await setOperatorPolicy(dataDir, JSON.stringify(whole))
}

const client = <C>(Client: new (config: object) => C): C =>
  new Client({ region: EU, endpoint: cloud.endpointUrl, credentials: cloud.credentials })

test('the printed policy fits a managed policy', async () => {
  const printed = await project.json<PolicyResult>('policy', '--local')
  whole = printed.policy
  assert.deepEqual(JSON.parse((await project.run('policy', '--local')).stdout), whole)
  assert.ok(printed.characters <= 6144, `${printed.characters} characters`)
  const zone = /hostedzone\/(Z\w+)/.exec(JSON.stringify(whole))![1]!
  const given = await project.run('policy', '--account', '000000000000', '--zone', zone)
  assert.deepEqual(JSON.parse(given.stdout), whole, 'with account and zone nothing is asked')
})

test('nothing is allowed beside it', async () => {
  await hold(whole.Statement)
  const other = project.aws(EU, 'dynamodb', 'describe-table', '--table-name', 'Other')
  await assert.rejects(
    other,
    /AccessDenied.*dynamodb:DescribeTable on resource: .*table\/Other because no identity-based/,
  )
  const listed = project.aws(EU, 'route53', 'list-hosted-zones')
  await assert.rejects(listed, /perform: route53:ListHostedZones because no identity-based policy allows/)
  assert.ok(await project.aws(EU, 'sts', 'get-caller-identity'))
})

test('a policy of one’s own is taken from a file, and refused as AWS would', async () => {
  const file = path.join(project.folder, 'policy.json')
  const give = (text: string) => {
    writeFileSync(file, text)
    return project.run('local', 'start', '--enforce-iam', file)
  }
  assert.equal((await give('{')).code, 64)
  const refused = await give(JSON.stringify({ ...whole, Version: '2008-10-17' }))
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /IAM refuses the policy: MalformedPolicyDocument/)
  assert.equal((await give(JSON.stringify({ ...whole, Statement: whole.Statement.slice(0, 1) }))).code, 0)
  assert.equal((await project.run('plan', '--local')).code, 1)
  const { stdout } = await project.run('local', 'status')
  assert.match(
    stdout,
    /IAM +the operator used \d+ actions of his policy, and lacked .*route53:ListHostedZonesByName/,
  )
})

test('what refuses before or while the stack is made', async () => {
  await isRefusedWithout('Route53', 'plan')
  await isRefusedWithout('CertificatesList', 'plan')
  await isRefusedWithout('Lambda', 'up', '--yes', '--no-proof')
  await isRefusedWithout('ServiceLinkedRoles', 'up', '--yes', '--no-proof')
  await isRefusedWithout('ReplicaLimits', 'up', '--yes', '--no-proof')
  await isRefusedWithout('Replicas', 'up', '--yes', '--no-proof')
})

test('the life of a stack', async () => {
  await does('up', '--yes', '--no-proof')
  await does('status')
  await does('failover', '--region', EU)
  await does('failback', '--region', EU)
})

test('changes of code and config', async () => {
  const handler = path.join(project.folder, 'src/handlers/get-item.ts')
  appendFileSync(handler, "\nexport const changed = 'so that the code has another hash'\n")
  project.edit((config) => {
    const { functions, healthCheck, routing, proof } = config as Record<string, Record<string, unknown>>
    Object.assign(functions!.getItem as object, {
      memoryMb: 256,
      actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    })
    Object.assign(functions!.putItem as object, { route: 'POST /items' })
    Object.assign(proof!, { write: 'POST /items' })
    Object.assign(healthCheck!, { failureThreshold: 2, intervalSeconds: 10 })
    Object.assign(routing!, { ttlSeconds: 30 })
    config.logs = { retentionDays: 7 }
  })
  await isRefusedWithout('PassRoles', 'up', '--yes', '--no-proof')
  await does('up', '--yes', '--no-proof')
})

test('what somebody has broken is repaired', async () => {
  const apigateway = client(APIGatewayClient)
  const iam = client(IAMClient)
  const route53 = client(Route53Client)
  const { entries } = project.readState()!
  const restApiId = entries[`rest-api/${EU}`]!.id!
  const HealthCheckId = entries[`health-check/${EU}`]!.id!
  await somebody(async () => {
    const { deploymentId } = await apigateway.send(new GetStageCommand({ restApiId, stageName: 'dev' }))
    await apigateway.send(new CreateStageCommand({ restApiId, stageName: 'other', deploymentId }))
    const patchOperations = [{ op: 'replace' as const, path: '/stage', value: 'other' }]
    const mapping = { domainName: 'multiregion.example.com', basePath: '(none)' }
    await apigateway.send(new UpdateBasePathMappingCommand({ ...mapping, patchOperations }))
    await apigateway.send(new DeleteStageCommand({ restApiId, stageName: 'dev' }))
    await route53.send(new UpdateHealthCheckCommand({ HealthCheckId, FailureThreshold: 9 }))
    const trust = { Version: '2012-10-17', Statement: [trustIn('lambda'), trustIn('edgelambda')] }
    await iam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: ROLE, PolicyDocument: JSON.stringify(trust) }),
    )
  })
  await isRefusedWithout('ApiTags', 'up', '--yes', '--no-proof')
  await takesBack()
  await somebody(async () => {
    await apigateway.send(new DeleteStageCommand({ restApiId, stageName: 'other' }))
    const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    await iam.send(new AttachRolePolicyCommand({ RoleName: ROLE, PolicyArn }))
  })
})

/** What lost its marks is adopted under the operator's policy. */
async function takesBack(): Promise<void> {
  const account = '000000000000'
  const tagKeys = Object.values(TAG)
  await somebody(async () => {
    const ResourceArn = `arn:aws:dynamodb:${EU}:${account}:table/MyGlobalTable`
    await client(DynamoDBClient).send(new UntagTableCommand({ ResourceArn, TagKeys: tagKeys }))
    await client(IAMClient).send(new UntagRoleCommand({ RoleName: ROLE, TagKeys: tagKeys }))
    const resourceArn = `arn:aws:apigateway:${EU}::/domainnames/multiregion.example.com`
    await client(APIGatewayClient).send(new UntagDomainCommand({ resourceArn, tagKeys }))
    const Resource = `arn:aws:lambda:${EU}:${account}:function:multiregion-dev-getItem`
    await client(LambdaClient).send(new UntagFunctionCommand({ Resource, TagKeys: tagKeys }))
    const group = `arn:aws:logs:${EU}:${account}:log-group:/aws/lambda/multiregion-dev-getItem`
    await client(CloudWatchLogsClient).send(new UntagLogsCommand({ resourceArn: group, tagKeys }))
  })
  await hold(whole.Statement)
  const functions = ['role', 'function', 'log-group'].map((kind) => `${kind}/${EU}/getItem`)
  const lost = [`table/${EU}`, `domain-name/${EU}`, ...functions]
  const up = ['up', '--local', '--yes', '--no-proof'] as const
  const { adopted } = await project.json<UpResult>(...up, '--adopt', ...lost)
  assert.deepEqual([...adopted].sort(), lost.sort())
}

const trustIn = (service: string) => ({
  Effect: 'Allow',
  Principal: { Service: `${service}.amazonaws.com` },
  Action: 'sts:AssumeRole',
})

test('a state that is gone is made anew', async () => {
  const file = path.join(project.folder, '.multiregion/local/multiregion-dev.json')
  renameSync(file, `${file}.gone`)
  await isRefusedWithout('RolesList', 'state', 'rebuild', '--yes')
  await does('state', 'rebuild', '--yes')
  rmSync(`${file}.gone`)
})

test('what refuses while the stack stands', async () => {
  const asked = ['Table', 'Roles', 'Functions', 'Logs', 'LogsList', 'Apis', 'Domains', 'Certificates', 'Zone']
  for (const sid of [...asked, 'HealthChecks', 'TrafficPolicies']) await isRefusedWithout(sid, 'plan')
})

test('who may not list tags is told so, and does not take his own functions for foreign', async () => {
  await hold(
    whole.Statement.map((statement) => ({
      ...statement,
      Action: statement.Action.filter((action) => action !== 'lambda:ListTags'),
    })),
  )
  const { code, stderr } = await project.run('plan', '--local')
  assert.equal(code, 1)
  assert.match(
    stderr,
    /Allow the operator lambda:ListTags on arn:aws:lambda:[\w-]+:\d+:function:multiregion-dev-/,
  )
  assert.doesNotMatch(stderr, /owner marks/)
})

test('the end, and that nothing in the policy was for nothing', async () => {
  await isRefusedWithout('DomainCertificates', 'down', '--yes')
  await does('down', '--yes', '--keep-data')
  await does('down', '--yes')
  await hold(whole.Statement)
  assert.deepEqual([...needed].sort(), whole.Statement.map(({ Sid }) => Sid).sort())
  const given = new Set(whole.Statement.flatMap(({ Action }) => Action))
  assert.deepEqual([...given].filter((action) => !used.has(action)).sort(), [])
  assert.deepEqual([...used].filter((action) => !given.has(action)).sort(), [])
  assert.equal((await project.json<UpResult>('plan', '--local')).verb, 'plan')
})
