// The article, end to end, as its reader would: up, what stands, an item across regions, a second up, drift, failover and
// failback, down, and up again. One local cloud for all of it; the parts build on each other.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { reservedId } from '../../src/commands/proof.js'
import type {
  DownResult,
  PlanResult,
  StatusResult,
  SwitchResult,
  UpResult,
} from '../../src/commands/result.js'
import type { Session } from '../../src/commands/session.js'
import { loadConfig } from '../../src/config/load.js'
import type { LocalStatus } from '../../src/local/door.js'
import { output, Project, without } from './project.js'

const EU = 'eu-west-1'
const US = 'us-east-1'
const DOMAIN = 'multiregion.example.com'
const noAws = without('aws')

let project: Project
let cloud: LocalStatus

before(async () => {
  project = new Project()
  await project.run('local', 'start', '--time-scale', '60')
})
after(() => project.remove())

async function edge(location: string, path: string, body?: unknown) {
  const response = await fetch(`${cloud.edgeUrl}${path}`, {
    headers: { 'x-client-location': location, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

async function eventually<T>(read: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const value = await read()
    if (good(value) || tries === 60) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Where the proof of that region writes. */
async function proofId(region: string): Promise<number> {
  const config = await loadConfig(`${project.folder}/config/regions.json`)
  const session = { config, ledger: { state: project.readState() } } as unknown as Session
  return Number(reservedId(session, region))
}

test('up makes and proves both regions, and prints next commands', async () => {
  const { code, stdout, stderr } = await project.run('up', '--local', '--yes')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /multiregion-dev is up on the local cloud: \d+ made/)
  assert.match(stdout, /Proved: (\d+) of \1 checks/)
  cloud = JSON.parse((await project.run('local', 'status', '--json')).stdout)
  assert.deepEqual(Object.keys(cloud.regions).sort(), [EU, US])
  const [post, get] = stdout.match(/curl .*/g) ?? []
  assert.equal(JSON.parse(await output('sh', '-c', `${post} -s`)).region, EU)
  const item = await eventually(
    () => output('sh', '-c', `${get} -s`),
    (text) => text.includes('postman7'),
  )
  assert.equal(JSON.parse(item).region, EU)
})

test('the aws CLI sees what was made, in the right regions', { skip: noAws }, async () => {
  const { Table } = await project.aws<{ Table: Record<string, unknown> }>(
    EU,
    'dynamodb',
    'describe-table',
    '--table-name',
    'MyGlobalTable',
  )
  assert.equal(Table.TableStatus, 'ACTIVE')
  assert.deepEqual(
    (Table.Replicas as { RegionName: string; ReplicaStatus: string }[]).map((r) => [
      r.RegionName,
      r.ReplicaStatus,
    ]),
    [[US, 'ACTIVE']],
  )
  for (const region of [EU, US]) {
    const { Functions } = await project.aws<{ Functions: { FunctionName: string }[] }>(
      region,
      'lambda',
      'list-functions',
    )
    assert.deepEqual(Functions.map((fn) => fn.FunctionName).sort(), [
      'multiregion-dev-getItem',
      'multiregion-dev-health',
      'multiregion-dev-putItem',
    ])
    for (const { FunctionName } of Functions) {
      const configuration = await project.aws<Record<string, unknown>>(
        region,
        'lambda',
        'get-function-configuration',
        '--function-name',
        FunctionName,
      )
      assert.equal(configuration.State, 'Active')
      assert.equal(configuration.Runtime, 'nodejs24.x')
      assert.deepEqual(configuration.Architectures, ['arm64'])
    }
    const { items: apis } = await project.aws<{ items: { endpointConfiguration: { types: string[] } }[] }>(
      region,
      'apigateway',
      'get-rest-apis',
    )
    assert.deepEqual(
      apis.map((api) => api.endpointConfiguration.types),
      [['REGIONAL']],
    )
    const { CertificateSummaryList } = await project.aws<{
      CertificateSummaryList: { DomainName: string; Status: string }[]
    }>(region, 'acm', 'list-certificates')
    assert.deepEqual(
      CertificateSummaryList.map((c) => [c.DomainName, c.Status]),
      [[DOMAIN, 'ISSUED']],
    )
    const domain = await project.aws<Record<string, unknown>>(
      region,
      'apigateway',
      'get-domain-name',
      '--domain-name',
      DOMAIN,
    )
    assert.equal(domain.domainNameStatus, 'AVAILABLE')
  }
  const { HealthChecks } = await project.aws<{
    HealthChecks: { HealthCheckConfig: Record<string, unknown> }[]
  }>(US, 'route53', 'list-health-checks')
  assert.equal(HealthChecks.length, 2)
  for (const { HealthCheckConfig: config } of HealthChecks) {
    assert.equal(config.ResourcePath, '/dev/health')
    assert.equal(config.EnableSNI, true)
  }
  const { TrafficPolicySummaries } = await project.aws<{
    TrafficPolicySummaries: { Name: string; Type: string }[]
  }>(US, 'route53', 'list-traffic-policies')
  assert.deepEqual(
    TrafficPolicySummaries.map((p) => [p.Name, p.Type]),
    [['multiregion-dev', 'CNAME']],
  )
  const { TrafficPolicyInstances } = await project.aws<{
    TrafficPolicyInstances: { Name: string; State: string }[]
  }>(US, 'route53', 'list-traffic-policy-instances')
  assert.deepEqual(
    TrafficPolicyInstances.map((i) => [i.Name, i.State]),
    [[`${DOMAIN}.`, 'Applied']],
  )
})

test('dig gives each location its region', { skip: without('dig') }, async () => {
  for (const region of [EU, US]) {
    const { clientSubnet, address } = cloud.regions[region]!
    const at = [`@${cloud.dns.address}`, '-p', String(cloud.dns.port), '+short', `+subnet=${clientSubnet}`]
    assert.match(
      await output('dig', ...at, DOMAIN, 'CNAME'),
      new RegExp(`\\.execute-api\\.${region}\\.amazonaws\\.com\\.`),
    )
    assert.equal((await output('dig', ...at, DOMAIN, 'A')).trim().split('\n').at(-1), address)
  }
})

test('TLS: a chain of the local CA for the domain, another name is refused', {
  skip: without('openssl'),
}, async () => {
  const { address, httpsPort } = cloud.regions[EU]!
  const connect = (name: string) =>
    output(
      'openssl',
      's_client',
      '-connect',
      `${address}:${httpsPort}`,
      '-servername',
      name,
      '-verify_hostname',
      name,
      '-CAfile',
      cloud.caFile,
    )
  assert.match(await connect(DOMAIN), /Verify return code: 0 \(ok\)/)
  assert.match(await connect('other.example.com'), /alert|no peer certificate available/)
})

test('an item posted in one region is read in the other, with the region that wrote it', async () => {
  const posted = await edge(EU, '/item', { id: 7, name: 'postman7' })
  assert.equal(posted.status, 201)
  assert.equal(posted.json.region, EU)
  const read = await eventually(
    () => edge(US, '/item/7'),
    ({ status, json }) => status === 200 && json.updatedAt === posted.json.updatedAt,
  )
  assert.deepEqual(read.json, posted.json)
  assert.equal((await edge(US, '/item/nonsense')).status, 400)
  assert.equal((await edge(US, '/item/8888')).status, 404)
})

test('a function whose role lacks the action gets AccessDenied', { skip: noAws }, async () => {
  const role = ['--role-name', `multiregion-dev-getItem-${EU}`, '--policy-name', 'multiregion']
  const nothing = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: '*' }],
  })
  await project.aws(US, 'iam', 'put-role-policy', ...role, '--policy-document', nothing)
  const denied = await eventually(
    () => edge(EU, '/item/7'),
    ({ status }) => status === 500,
  )
  assert.equal(denied.status, 500)
  const { stdout } = await project.run('local', 'logs', '--region', EU, '--function', 'getItem')
  assert.match(stdout, /AccessDenied/)
  assert.match(stdout, /not authorized to perform: dynamodb:GetItem/)
})

test('the hand-made change shows in plan, and up repairs that and nothing else', {
  skip: noAws,
}, async () => {
  const { changes } = await project.json<PlanResult>('plan', '--local')
  assert.deepEqual(
    changes.map(({ address, action }) => [address, action]),
    [[`role/${EU}/getItem`, 'update']],
  )
  assert.equal((await project.run('plan', '--local', '--detailed-exitcode')).code, 2)
  const up = await project.json<UpResult>('up', '--local', '--yes')
  assert.deepEqual(up.updated, [`role/${EU}/getItem`])
  assert.deepEqual([up.created, up.removed], [[], []])
})

test('a second up makes no mutating call and proves by reading', async () => {
  const up = await project.json<UpResult>('up', '--local', '--yes')
  assert.equal(up.changed, false)
  assert.equal(up.calls.mutating, 0)
  assert.equal(up.proof?.ok, true)
  assert.equal((await project.run('plan', '--local', '--detailed-exitcode')).code, 0)
})

test('what was deleted by hand is made again', { skip: noAws }, async () => {
  await project.aws(US, 'lambda', 'delete-function', '--function-name', 'multiregion-dev-putItem')
  const up = await project.json<UpResult>('up', '--local', '--yes')
  assert.deepEqual([...up.created].sort(), [`function/${US}/putItem`, `invoke-permission/${US}/putItem`])
  assert.equal((await edge(US, '/item', { id: 9, name: 'again' })).json.region, US)
})

test('failover moves the clients, status tells the truth, up leaves it alone, failback returns', async () => {
  // As a proof leaves it that was killed between its write and its removal.
  const left = await proofId(US)
  assert.equal((await edge(US, '/item', { id: left, name: 'multiregion proof of a killed run' })).status, 201)
  const over = await project.json<SwitchResult>('failover', '--region', EU, '--local')
  assert.deepEqual(over.servedBy, { [EU]: US, [US]: US })
  assert.equal(over.proof.ok, true)
  assert.equal((await edge(EU, '/item', { id: 10, name: 'postman10' })).json.region, US)

  const drained = await project.json<StatusResult>('status', '--local')
  assert.equal(drained.regions[EU]?.serving, false)
  assert.equal(drained.regions[EU]?.health.status, 'unhealthy')
  assert.equal(drained.regions[US]?.serving, true)
  assert.deepEqual(drained.dns.answers, { [EU]: US, [US]: US })
  assert.equal((await project.run('status', '--local', '--fail')).code, 5)
  assert.equal((await project.json<UpResult>('up', '--local', '--yes')).calls.mutating, 0)
  assert.deepEqual((await project.json<PlanResult>('plan', '--local')).changes, [])

  const gone = await eventually(
    () => edge(US, `/item/${left}`),
    ({ status }) => status === 404,
  )
  assert.equal(gone.status, 404)

  const last = await project.run('failover', '--region', US, '--local')
  assert.equal(last.code, 1)
  assert.match(last.stderr, /No other region than us-east-1/)

  const back = await project.json<SwitchResult>('failback', '--region', EU, '--local')
  assert.deepEqual(back.servedBy, { [EU]: EU, [US]: US })
  const healthy = await project.json<StatusResult>('status', '--local')
  assert.equal(healthy.regions[EU]?.serving, true)
  assert.ok(
    healthy.resources.every(({ state }) => state === 'ready'),
    JSON.stringify(healthy.resources),
  )
  assert.equal((await project.run('status', '--local', '--fail')).code, 0)
})

test('a function added to the config comes, one taken out is retired', async () => {
  project.edit((config) => {
    const functions = config.functions as Record<string, object>
    functions.readAgain = { ...functions.getItem, route: 'GET /again/{itemId}' }
  })
  const added = await project.json<UpResult>('up', '--local', '--yes')
  assert.ok(added.created.includes(`function/${EU}/readAgain`))
  assert.equal(
    (
      await eventually(
        () => edge(EU, '/again/7'),
        ({ status }) => status === 200,
      )
    ).status,
    200,
  )
  project.edit((config) => {
    delete (config.functions as Record<string, object>).readAgain
  })
  const retired = await project.json<UpResult>('up', '--local', '--yes')
  assert.ok(retired.removed.includes(`function/${US}/readAgain`))
  assert.ok(retired.removed.includes(`role/${US}/readAgain`))
  assert.equal(
    (
      await eventually(
        () => edge(EU, '/again/7'),
        ({ status }) => status === 403,
      )
    ).status,
    403,
  )
})

test('a changed interval replaces the health checks, and nothing is left of the old', {
  skip: noAws,
}, async () => {
  const list = () =>
    project.aws<{ HealthChecks: { Id: string; HealthCheckConfig: { RequestInterval: number } }[] }>(
      US,
      'route53',
      'list-health-checks',
    )
  const old = (await list()).HealthChecks.map(({ Id }) => Id)
  project.edit((config) => {
    config.healthCheck = { ...(config.healthCheck as object), intervalSeconds: 10 }
  })
  const up = await project.json<UpResult>('up', '--local', '--yes')
  assert.ok(
    up.updated.includes(`health-check/${EU}`) && up.updated.includes(`traffic-policy/${EU}`),
    JSON.stringify(up.updated),
  )
  const { HealthChecks } = await list()
  assert.deepEqual(
    HealthChecks.map((check) => check.HealthCheckConfig.RequestInterval),
    [10, 10],
  )
  assert.ok(HealthChecks.every(({ Id }) => !old.includes(Id)))
  const versions = await project.aws<{
    TrafficPolicySummaries: { Id: string; TrafficPolicyCount: number }[]
  }>(US, 'route53', 'list-traffic-policies')
  assert.deepEqual(
    versions.TrafficPolicySummaries.map((policy) => policy.TrafficPolicyCount),
    [1],
  )
})

test('down leaves nothing, up works again, and --keep-data keeps the items', async () => {
  const down = await project.json<DownResult>('down', '--local', '--yes')
  assert.equal(down.changed, true)
  assert.equal(project.readState(), undefined)
  if (!noAws) await assertNothingLeft()
  assert.equal((await project.json<DownResult>('down', '--local', '--yes')).changed, false)

  await project.json<UpResult>('up', '--local', '--yes')
  assert.equal((await edge(EU, '/item', { id: 11, name: 'kept' })).status, 201)
  const kept = await project.json<DownResult>('down', '--local', '--yes', '--keep-data')
  assert.ok(kept.kept.includes(`table/${EU}`) && kept.kept.includes(`replica/${US}`))
  const again = await project.json<UpResult>('up', '--local', '--yes')
  assert.ok(!again.created.includes(`table/${EU}`))
  assert.equal((await edge(US, '/item/11')).json.name, 'kept')
})

async function assertNothingLeft(): Promise<void> {
  const zoneId = (await project.aws<{ HostedZones: { Id: string }[] }>(US, 'route53', 'list-hosted-zones'))
    .HostedZones[0]!.Id
  const { ResourceRecordSets } = await project.aws<{ ResourceRecordSets: { Type: string }[] }>(
    US,
    'route53',
    'list-resource-record-sets',
    '--hosted-zone-id',
    zoneId,
  )
  assert.deepEqual(ResourceRecordSets.map(({ Type }) => Type).sort(), ['NS', 'SOA'])
  const lists: [string, string[], string][] = [EU, US].flatMap(
    (region) =>
      [
        [region, ['dynamodb', 'list-tables'], 'TableNames'],
        [region, ['lambda', 'list-functions'], 'Functions'],
        [region, ['apigateway', 'get-rest-apis'], 'items'],
        [region, ['apigateway', 'get-domain-names'], 'items'],
        [region, ['acm', 'list-certificates'], 'CertificateSummaryList'],
        [region, ['logs', 'describe-log-groups'], 'logGroups'],
        [region, ['iam', 'list-roles'], 'Roles'],
        [region, ['route53', 'list-health-checks'], 'HealthChecks'],
        [region, ['route53', 'list-traffic-policies'], 'TrafficPolicySummaries'],
        [region, ['route53', 'list-traffic-policy-instances'], 'TrafficPolicyInstances'],
      ] as [string, string[], string][],
  )
  for (const [region, call, member] of lists) {
    const answer = await project.aws<Record<string, { RoleName?: string }[]>>(region, ...call)
    const found = (answer[member] ?? []).filter((one) => !one.RoleName?.startsWith('AWSServiceRole'))
    assert.deepEqual(found, [], `${region}: ${call.join(' ')}`)
  }
}

test('state and local files are private, and hold no secret', async () => {
  const { AWS_SECRET_ACCESS_KEY } = await project.environment()
  const state = readFileSync(`${project.folder}/.multiregion/local/multiregion-dev.json`, 'utf8')
  assert.ok(!state.includes(AWS_SECRET_ACCESS_KEY!))
  assert.match(
    await output('stat', '-c', '%a', `${project.folder}/.multiregion/local/multiregion-dev.json`),
    /^600/,
  )
})
