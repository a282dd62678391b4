// The local cloud as a user handles it: on demand, durable over stop, start and kill -9, private, reachable by a proxy,
// and as an endpoint for the tool without `--local`.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, lstatSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { PlanResult, StatusResult, UpResult } from '../../src/commands/result.js'
import type { LocalStatus } from '../../src/local/door.js'
import { Project, proxyTo } from './project.js'

let project: Project

before(async () => {
  project = new Project()
  const { code, stderr } = await project.run('local', 'start', '--profile', 'instant')
  assert.equal(code, 0, stderr)
})
after(() => project.remove())

const localStatus = async () =>
  JSON.parse((await project.run('local', 'status', '--json')).stdout) as LocalStatus

/** A server on loopback; the test closes it. */
async function serve(handler: http.RequestListener): Promise<{ url: string; close(): void }> {
  const server = http.createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}

async function read(path: string) {
  const { edgeUrl } = await localStatus()
  const response = await fetch(`${edgeUrl}${path}`, { headers: { 'x-client-location': 'us-east-1' } })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

test('status --local before up: the truth is that nothing stands', async () => {
  const status = await project.json<StatusResult>('status', '--local')
  assert.ok(
    status.resources.every(({ state }) => state === 'absent'),
    JSON.stringify(status.resources),
  )
  assert.deepEqual(
    Object.values(status.regions).map(({ serving }) => serving),
    [false, false],
  )
  assert.deepEqual(status.dns.answers, { 'eu-west-1': null, 'us-east-1': null })
})

test('a domain with no zone: one clear error, nothing made', async () => {
  const domainOf = (domain: string) => project.edit((config) => Object.assign(config, { domain }))
  domainOf('api.nowhere.test')
  const { code, stderr } = await project.run('up', '--local', '--yes')
  assert.equal(code, 1, stderr)
  assert.match(
    stderr,
    /No public hosted zone in this account holds api\.nowhere\.test[\s\S]*next: Make one \(eval "\$\(multiregion local env\)" && aws route53 create-hosted-zone/,
  )
  domainOf('example.com')
  const apex = await project.run('up', '--local', '--yes')
  assert.equal(apex.code, 64, apex.stderr)
  assert.match(apex.stderr, /example\.com is the apex of its zone/)
  domainOf('multiregion.example.com')
  assert.equal(project.readState(), undefined)
  const status = await project.json<StatusResult>('status', '--local')
  assert.ok(status.resources.every(({ state }) => state === 'absent'))
})

test('with AWS_ENDPOINT_URL, --local sends its calls there and keeps the rest', async () => {
  const seen: string[] = []
  const { endpointUrl } = await localStatus()
  const proxy = await proxyTo(endpointUrl, ({ service }) => {
    seen.push(service)
    return false
  })
  const { code, stdout, stderr } = await project.runWith(
    { AWS_ENDPOINT_URL: proxy.url },
    'up',
    '--local',
    '--yes',
    '--json',
  )
  proxy.close()
  assert.equal(code, 0, stderr)
  const up = JSON.parse(stdout) as UpResult
  assert.equal(up.proof?.ok, true)
  assert.equal(seen.length, up.calls.total)
  assert.deepEqual([...new Set(seen)].sort(), [
    'acm',
    'apigateway',
    'dynamodb',
    'iam',
    'lambda',
    'logs',
    'route53',
    'sts',
  ])
})

test('everything survives stop and start, and a kill -9, at the same places', async () => {
  const old = await localStatus()
  const { edgeUrl } = old
  const posted = await fetch(`${edgeUrl}/item`, { method: 'POST', body: '{"id": 5, "name": "kept"}' })
  assert.equal(posted.status, 201)
  assert.match((await project.run('local', 'stop')).stdout, /has stopped/)
  assert.deepEqual(await localStatus(), { schemaVersion: 1, running: false })

  assert.equal((await project.json<PlanResult>('plan', '--local')).changes.length, 0)
  const restarted = await localStatus()
  process.kill(restarted.pid, 'SIGKILL')
  const up = await project.json<UpResult>('up', '--local', '--yes')
  assert.equal(up.calls.mutating, 0)
  const kept = ({
    pid,
    memoryMb,
    uptimeSeconds,
    calls,
    healthChecks,
    replication,
    ...rest
  }: LocalStatus) => ({
    ...rest,
    checks: healthChecks.map(({ id }) => id),
  })
  assert.deepEqual(kept(await localStatus()), kept(old))
  for (let tries = 0; tries < 50 && (await read('/item/5')).status !== 200; tries++)
    await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal((await read('/item/5')).json.name, 'kept')
})

test('it listens on loopback only, and its files are private', async () => {
  const { dataDir, dns, regions } = await localStatus()
  assert.equal(statSync(dataDir).mode & 0o777, 0o700)
  assert.equal(statSync(`${dataDir}/daemon.json`).mode & 0o777, 0o600)
  for (const address of [dns.address, ...Object.values(regions).map((region) => region.address)])
    assert.match(address, /^127\./)
})

test('its admin routes need the token, its APIs a signature', async () => {
  const { endpointUrl } = await localStatus()
  assert.equal((await fetch(`${endpointUrl}/_local/stop`, { method: 'POST' })).status, 403)
  assert.equal(
    (await fetch(endpointUrl, { method: 'POST', body: 'Action=GetCallerIdentity&Version=2011-06-15' }))
      .status,
    403,
  )
})

test('without --local the SDK’s own variables lead there too; what an endpoint lacks is one clear error', async () => {
  const environment = await project.environment()
  const { code, stdout, stderr } = await project.runWith(environment, 'up', '--yes', '--no-proof', '--json')
  assert.equal(code, 1, stdout)
  assert.match(
    stderr,
    /policy record|multiregion.example.com has records already|does not carry the owner marks/,
  )

  const lacking = await serve((request, response) => {
    request.resume()
    const service = /\/([a-z0-9]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1]
    if (service !== 'sts') return void response.writeHead(501).end('{"message":"not here"}')
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/u</Arn><UserId>u</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      )
  })
  const poor = await project.runWith({ ...environment, AWS_ENDPOINT_URL: lacking.url }, 'up', '--yes')
  lacking.close()
  assert.equal(poor.code, 1)
  assert.match(poor.stderr, /ListHostedZonesByName/)
  assert.match(poor.stderr, /does not know ListHostedZonesByName/)
  assert.doesNotMatch(poor.stderr, /\n\s+at /)
})

test('a region more on a cloud that runs is proved at once; a state behind a link stays there', async () => {
  const [file, there] = ['.multiregion/local/multiregion-dev.json', 'state-elsewhere.json'].map((name) =>
    path.join(project.folder, name),
  ) as [string, string]
  renameSync(file, there)
  symlinkSync(there, file)
  project.edit((config) => Object.assign(config, { regions: ['eu-west-1', 'us-east-1', 'ap-southeast-2'] }))
  const { proof } = await project.json<UpResult>('up', '--local', '--yes')
  assert.equal(proof?.ok, true)
  assert.ok(lstatSync(file).isSymbolicLink())
  assert.ok(readFileSync(there, 'utf8').includes('stage/ap-southeast-2'))
  rmSync(file)
  renameSync(there, file)
})

test('reset removes cloud and state', async () => {
  const refused = await project.run('local', 'reset')
  assert.equal(refused.code, 64)
  assert.equal((await project.run('local', 'reset', '--yes')).code, 0)
  assert.equal(existsSync(`${project.folder}/.multiregion/local/cloud`), false)
  assert.equal(project.readState(), undefined)
})
