// Health checkers at work on a running clock: verdicts, what DNS makes of them, and what survives a restart.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateHealthCheckCommand,
  CreateTrafficPolicyCommand,
  CreateTrafficPolicyInstanceCommand,
  DeleteHealthCheckCommand,
  GetHealthCheckLastFailureReasonCommand,
  GetHealthCheckStatusCommand,
  type HealthCheckConfig,
  ListHealthChecksCommand,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53'
import { openStore } from '../../../src/local/store.js'
import { IRELAND, record, startCloud, type TestCloud } from './cloud.js'
import { startEndpoint, type TestEndpoint } from './endpoint.js'
import { IE_HOST, latencyPolicy, US_HOST } from './policy.js'

// An interval of ten seconds takes a tenth of a real one.
const SCALE = 100

/** Looks until it is so; fails after ten real seconds. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return
    await sleep(20)
  }
  assert.fail(`never came: ${what}`)
}

describe('health checkers', () => {
  let cloud: TestCloud
  let ireland: TestEndpoint
  let virginia: TestEndpoint
  let checks: { ie: string; us: string }
  let zoneId: string

  const check = async (config: Partial<HealthCheckConfig>) => {
    const HealthCheckConfig = { Type: 'HTTPS', RequestInterval: 10, FailureThreshold: 2, ...config } as const
    const CallerReference = `r${Math.random()}`
    const made = await cloud.client.send(new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig }))
    return made.HealthCheck!.Id!
  }
  const observations = async (HealthCheckId: string) =>
    (await cloud.client.send(new GetHealthCheckStatusCommand({ HealthCheckId }))).HealthCheckObservations!
  const answer = () => cloud.service.resolve('api.example.com', 'CNAME', '192.0.2.1')[0]?.data
  const seen = (id: string, count: number) =>
    until(`${count} verdicts`, () => cloud.service.healthOf(id)!.checkers === count)

  before(async () => {
    ireland = await startEndpoint('https')
    virginia = await startEndpoint('https')
    cloud = await startCloud({
      runningAt: SCALE,
      dial: (host, port) => {
        const endpoint = host === IE_HOST ? ireland : host === US_HOST ? virginia : undefined
        return endpoint && port === 443 ? { address: '127.0.0.1', port: endpoint.port } : undefined
      },
    })
    await cloud.service.start()
    zoneId = await cloud.zone('example.com')
    checks = {
      ie: await check({ FullyQualifiedDomainName: IE_HOST, ResourcePath: '/dev/health' }),
      us: await check({ FullyQualifiedDomainName: US_HOST, ResourcePath: '/dev/health' }),
    }
    const { TrafficPolicy } = await cloud.client.send(
      new CreateTrafficPolicyCommand({ Name: 'near', Document: latencyPolicy(checks) }),
    )
    await cloud.client.send(
      new CreateTrafficPolicyInstanceCommand({
        HostedZoneId: zoneId,
        Name: 'api.example.com',
        TTL: 60,
        TrafficPolicyId: TrafficPolicy!.Id,
        TrafficPolicyVersion: 1,
      }),
    )
  })
  after(async () => {
    await cloud.close()
    await ireland.close()
    await virginia.close()
  })

  test('each of sixteen checkers reports success', async () => {
    await seen(checks.ie, 16)
    const reports = await observations(checks.ie)
    assert.equal(reports.length, 16)
    assert.equal(new Set(reports.map(({ IPAddress }) => IPAddress)).size, 16)
    assert.ok(
      reports.every(({ StatusReport }) => StatusReport?.Status === 'Success: HTTP Status Code 200, OK'),
    )
    assert.ok(reports.every(({ StatusReport }) => StatusReport?.CheckedTime instanceof Date))
    assert.equal(answer(), IE_HOST)
  })

  test('a sick region loses its traffic, and gets it back', async () => {
    ireland.answer = { status: 404 }
    await until('DNS moves', () => answer() === US_HOST)
    assert.equal(cloud.service.healthOf(checks.ie)!.healthy, false)
    const HealthCheckId = checks.ie
    const reasons = await cloud.client.send(new GetHealthCheckLastFailureReasonCommand({ HealthCheckId }))
    const [reason] = reasons.HealthCheckObservations!
    assert.equal(
      reason!.StatusReport!.Status,
      'Failure: HTTP Status Code 404, Not Found. Resolved IP: 127.0.0.1',
    )
    ireland.answer = { status: 200 }
    await until('DNS moves back', () => answer() === IE_HOST)
  })

  test('when both are sick, both count as healthy', async () => {
    ireland.answer = { status: 500 }
    virginia.answer = { status: 500 }
    await until('both are sick', () =>
      [checks.ie, checks.us].every((id) => !cloud.service.healthOf(id)!.healthy),
    )
    assert.equal(answer(), IE_HOST)
    ireland.answer = { status: 200 }
    virginia.answer = { status: 200 }
    await until('both are well', () =>
      [checks.ie, checks.us].every((id) => cloud.service.healthOf(id)!.healthy),
    )
  })

  test('an update reaches the checkers: inverted, fewer regions, disabled', async () => {
    const update = (HealthCheckId: string, more: object) =>
      cloud.client.send(new UpdateHealthCheckCommand({ HealthCheckId, ...more }))
    await update(checks.ie, { Inverted: true, Regions: ['us-east-1', 'eu-west-1', 'sa-east-1'] })
    await until('six checkers', async () => (await observations(checks.ie)).length === 6)
    assert.equal(cloud.service.healthOf(checks.ie)!.healthy, false)
    assert.equal(answer(), US_HOST)
    await update(checks.ie, { Inverted: false, Disabled: true })
    assert.equal(cloud.service.healthOf(checks.ie)!.healthy, true)
    await sleep(150)
    const probes = ireland.seen.length
    await sleep(300)
    assert.equal(ireland.seen.length, probes)
    await update(checks.ie, { Disabled: false, ResetElements: ['Regions'] })
    await seen(checks.ie, 16)
  })

  test('a calculated check follows its children', async () => {
    const { HealthCheck } = await cloud.client.send(
      new CreateHealthCheckCommand({
        CallerReference: 'calculated',
        HealthCheckConfig: {
          Type: 'CALCULATED',
          ChildHealthChecks: [checks.ie, checks.us],
          HealthThreshold: 2,
        },
      }),
    )
    const healthy = () => cloud.service.healthOf(HealthCheck!.Id!)!.healthy
    assert.equal(healthy(), true)
    virginia.answer = { status: 500 }
    await until('the child is sick', () => !healthy())
    virginia.answer = { status: 200 }
    await until('the child is well', healthy)
  })

  test('names are resolved by the local DNS; what does not resolve is a failure', async () => {
    const lost = await check({ FullyQualifiedDomainName: 'absent.example.com' })
    const placed = await check({ FullyQualifiedDomainName: 'place.example.com', Port: 443 })
    await cloud.change(zoneId, record('CREATE', 'place.example.com', 'A', IRELAND.address))
    const foreign = await check({ FullyQualifiedDomainName: 'www.example.com' })
    await cloud.change(zoneId, record('CREATE', 'www.example.com', 'A', '192.0.2.1'))
    const status = async (id: string) => (await observations(id))[0]?.StatusReport?.Status
    await until(
      'no such name',
      async () => (await status(lost)) === 'Failure: DNS resolution failed: Rcode NXDomain(3)',
    )
    // Nobody listens at the test's made-up place, but it is there that the checkers look.
    await until('a place', async () => /Connection refused.*127\.77\.0\.1/.test((await status(placed)) ?? ''))
    await until('no such place', async () =>
      /no endpoint at 192\.0\.2\.1/.test((await status(foreign)) ?? ''),
    )
  })

  test('a deleted check is probed no more, and counts as healthy', async () => {
    const id = await check({ FullyQualifiedDomainName: IE_HOST, ResourcePath: '/deleted' })
    const probes = () => ireland.seen.filter(({ path }) => path === '/deleted').length
    await until('a probe', () => probes() > 0)
    await cloud.client.send(new DeleteHealthCheckCommand({ HealthCheckId: id }))
    await sleep(50)
    const before = probes()
    await sleep(300)
    assert.equal(probes(), before)
  })
})

test('after a restart everything is there: port, records, verdicts, checkers at work', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'route53-store-'))
  const endpoint = await startEndpoint('https')
  endpoint.answer = { status: 503 }
  const dial = () => ({ address: '127.0.0.1', port: endpoint.port })
  const start = async () => startCloud({ runningAt: SCALE, store: await openStore(dir), dial })

  const first = await start()
  await first.service.start()
  const zoneId = await first.zone('example.com')
  await first.change(zoneId, record('CREATE', 'www.example.com', 'A', '192.0.2.1'))
  const HealthCheckConfig = { Type: 'HTTPS', FullyQualifiedDomainName: IE_HOST, RequestInterval: 10 } as const
  const made = await first.client.send(
    new CreateHealthCheckCommand({ CallerReference: 'one', HealthCheckConfig }),
  )
  const id = made.HealthCheck!.Id!
  await until('sick', () => !first.service.healthOf(id)!.healthy)
  await until('all agree', () => first.service.healthOf(id)!.checkers === 16)
  await first.close()

  const second = await start()
  assert.deepEqual(second.service.dns, first.service.dns)
  assert.equal(second.service.resolve('www.example.com', 'A')[0]?.data, '192.0.2.1')
  assert.equal(await second.zone('example.com'), zoneId)
  const { HealthChecks } = await second.client.send(new ListHealthChecksCommand({}))
  assert.equal(HealthChecks?.[0]?.Id, id)
  assert.equal(second.service.healthOf(id)!.healthy, false)
  endpoint.answer = { status: 200 }
  await second.service.start()
  await until('well again', () => second.service.healthOf(id)!.healthy)
  await second.close()
  await endpoint.close()
  await rm(dir, { recursive: true })
})
