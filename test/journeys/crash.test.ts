// kill -9 of `up` at random moments: the rerun finishes, and the cloud (not the state) is listed for duplicates. And two
// runs at once: the second is refused and names the first.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm'
import { APIGatewayClient, GetDeploymentsCommand, GetRestApisCommand } from '@aws-sdk/client-api-gateway'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import {
  ListHealthChecksCommand,
  ListTrafficPoliciesCommand,
  ListTrafficPolicyInstancesCommand,
  Route53Client,
} from '@aws-sdk/client-route-53'
import type { DownResult, UpResult } from '../../src/commands/result.js'
import { Project } from './project.js'

const REGIONS = ['eu-west-1', 'us-east-1']
const MOVES_OF_AN_UP = 50

let project: Project
let options: { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } }

before(async () => {
  project = new Project()
  const { code, stderr } = await project.run('local', 'start', '--profile', 'instant')
  assert.equal(code, 0, stderr)
  const environment = await project.environment()
  options = {
    endpoint: environment.AWS_ENDPOINT_URL!,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID!,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
    },
  }
})
after(() => project.remove())

/** How many of everything stand, summed over the regions. */
async function census(): Promise<Record<string, number>> {
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
  }
  for (const region of REGIONS) {
    const apigateway = new APIGatewayClient({ ...options, region })
    const { items: apis = [] } = await apigateway.send(new GetRestApisCommand({}))
    counts.apis! += apis.length
    for (const { id } of apis)
      counts.deployments! += (await apigateway.send(new GetDeploymentsCommand({ restApiId: id })))
        .items!.length
    const acm = new ACMClient({ ...options, region })
    counts.certificates! += (await acm.send(new ListCertificatesCommand({}))).CertificateSummaryList!.length
    const lambda = new LambdaClient({ ...options, region })
    counts.functions! += (await lambda.send(new ListFunctionsCommand({}))).Functions!.length
    const logs = new CloudWatchLogsClient({ ...options, region })
    counts.logGroups! += (await logs.send(new DescribeLogGroupsCommand({}))).logGroups!.length
  }
  return counts
}

const WHOLE = {
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
}
const NOTHING = Object.fromEntries(Object.keys(WHOLE).map((name) => [name, 0]))

/** Starts a verb and kills it once it has told of so many moves. */
function killAfter(moves: number, delayMs: number, ...args: string[]): Promise<NodeJS.Signals | null> {
  return new Promise((resolve) => {
    const child = project.start(...args)
    let told = 0
    child.stderr?.on('data', (chunk) => {
      told += String(chunk).match(/ (creating|updating|removing) /g)?.length ?? 0
      if (told >= moves) setTimeout(() => child.kill('SIGKILL'), delayMs)
    })
    child.on('close', (_code, signal) => resolve(signal))
  })
}

const random = (below: number) => Math.floor(Math.random() * below)

test('kill -9 of up at five random moments: the rerun finishes with no duplicate', async () => {
  let killed = 0
  for (let life = 0; life < 5; life++) {
    const moves = 1 + random(MOVES_OF_AN_UP)
    const delayMs = random(30)
    if ((await killAfter(moves, delayMs, 'up', '--local', '--yes', '--no-proof')) === 'SIGKILL') killed++
    const up = await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
    assert.equal(up.proof, null)
    assert.deepEqual(await census(), WHOLE, `killed after ${moves} moves and ${delayMs} ms`)
    const second = await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
    assert.equal(second.calls.mutating, 0, `after ${moves} moves: ${JSON.stringify(second)}`)
    await project.json<DownResult>('down', '--local', '--yes')
    assert.deepEqual(await census(), NOTHING)
  }
  assert.ok(killed >= 3, `only ${killed} of 5 were killed in the middle`)
})

test('kill -9 of down: the rerun leaves nothing', async () => {
  await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
  await killAfter(1 + random(40), random(30), 'down', '--local', '--yes')
  await project.json<DownResult>('down', '--local', '--yes')
  assert.deepEqual(await census(), NOTHING)
  assert.equal(project.readState(), undefined)
})

test('two at once: the second exits 4 and names the first; Ctrl-C saves and exits 130', async () => {
  const first = project.start('up', '--local', '--yes', '--no-proof')
  await new Promise<void>((resolve) =>
    first.stderr?.on('data', (chunk) => /creating/.test(String(chunk)) && resolve()),
  )
  const second = await project.run('up', '--local', '--yes')
  assert.equal(second.code, 4, second.stderr)
  assert.match(second.stderr, new RegExp(`pid ${first.pid}\\) running "multiregion up --local"`))
  const ended = new Promise<number | null>((resolve) => first.on('close', (code) => resolve(code)))
  first.kill('SIGINT')
  assert.equal(await ended, 130)
  await project.json<UpResult>('up', '--local', '--yes', '--no-proof')
  assert.deepEqual(await census(), WHOLE)
})
