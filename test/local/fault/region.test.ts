// A region that is out, DynamoDB that is out, replication that waits or lags: seen by clients of the APIs, by health
// checkers, by DNS and at the other replicas; and that all is as before once it is mended.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, afterEach, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { Lambda } from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import { FaultCloud, IMPATIENT_MS, IRELAND, refusal, until, VIRGINIA } from './fault-cloud.js'

let one: FaultCloud
let irish: string
let virginian: string

before(async () => {
  one = await FaultCloud.open()
  await one.makeTable()
  irish = await one.makeApi(IRELAND)
  virginian = await one.makeApi(VIRGINIA)
  assert.deepEqual([await one.ask(irish), await one.ask(virginian)], [200, 200])
})
afterEach(() => void one.cloud.faults.clear())
after(() => one.remove())

const faults = () => one.cloud.faults
const arrives = (id: string, region: string) => until(`${id} in ${region}`, () => one.has(id, region))

describe('region-out', () => {
  test('its APIs, its endpoints and its functions are gone; the other region serves', async () => {
    const { id } = faults().add({ kind: 'region-out', region: IRELAND })
    assert.equal(await one.ask(irish), 'ECONNRESET')
    assert.equal(await refusal(one.client(DynamoDB).listTables({})), 'ECONNRESET')
    assert.equal(await refusal(one.client(Lambda).invoke({ FunctionName: 'f' })), 'ECONNRESET')
    assert.equal(faults().list()[0]!.hits, 3)
    assert.equal(await one.ask(virginian), 200)
    assert.equal(await refusal(one.client(DynamoDB, VIRGINIA).listTables({})), 'none')
    faults().clear(id)
    assert.equal(await one.ask(irish), 200)
  })

  test('connections that are open already end with it', async () => {
    const { address, httpsPort } = one.cloud.places()[0]!
    const socket = connect({ host: address, port: httpsPort, servername: irish, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const closed = once(socket, 'close')
    socket.on('error', () => undefined)
    faults().add({ kind: 'region-out', region: IRELAND })
    await closed
  })

  test('hanging: connections are taken, and nothing comes back until it is mended', async () => {
    const { id } = faults().add({ kind: 'region-out', region: IRELAND, how: 'hang' })
    assert.equal(await one.ask(irish, IMPATIENT_MS), 'TIMEOUT')
    assert.equal(await refusal(one.client(DynamoDB, IRELAND, IMPATIENT_MS).listTables({})), 'ETIMEDOUT')
    const held = one.ask(irish)
    faults().clear(id)
    assert.match(String(await held), /ECONNRESET|200/)
    assert.equal(await one.ask(irish), 200)
  })

  test('only its control plane, or only its data plane', async () => {
    const control = faults().add({ kind: 'region-out', region: IRELAND, plane: 'control' })
    assert.equal(await refusal(one.client(DynamoDB).listTables({})), 'ECONNRESET')
    await one.put('control-out')
    assert.equal(await one.ask(irish), 200)
    await arrives('control-out', VIRGINIA)
    faults().clear(control.id)
    faults().add({ kind: 'region-out', region: IRELAND, plane: 'data' })
    assert.equal(await refusal(one.client(DynamoDB).listTables({})), 'none')
    assert.equal(await refusal(one.put('data-out')), 'ECONNRESET')
    assert.equal(await one.ask(irish), 'ECONNRESET')
  })

  test('what is written meanwhile waits on both sides, over a restart too, and arrives after', async () => {
    const { id } = faults().add({ kind: 'replication-paused', from: IRELAND })
    await one.put('from-ireland')
    faults().add({ kind: 'region-out', region: IRELAND })
    faults().clear(id)
    await one.put('from-virginia', VIRGINIA)
    assert.deepEqual(faults().replication(VIRGINIA, IRELAND), { paused: true, lagSeconds: 0 })
    await until('both wait', () => one.cloud.replicationLag().length === 2)
    await one.stop()
    await one.start()
    assert.equal(one.cloud.replicationLag().length, 2)
    assert.equal(await one.has('from-ireland', VIRGINIA), false)
    faults().clear()
    await arrives('from-ireland', VIRGINIA)
    await arrives('from-virginia', IRELAND)
    await until('nothing waits', () => one.cloud.replicationLag().length === 0)
  })

  test('health checkers see it, and DNS and checkers go on when us-east-1 is out with the control planes', async () => {
    const route53 = one.client(Route53)
    const check = async (FullyQualifiedDomainName: string, CallerReference: string) => {
      const endpoint = { FullyQualifiedDomainName, EnableSNI: true, ResourcePath: '/dev' }
      const HealthCheckConfig = {
        Type: 'HTTPS',
        ...endpoint,
        RequestInterval: 10,
        FailureThreshold: 1,
      } as const
      const { HealthCheck } = await route53.createHealthCheck({ CallerReference, HealthCheckConfig })
      return HealthCheck!.Id
    }
    const ie = await check(irish, 'ie')
    const us = await check(virginian, 'us')
    const healthOf = (id?: string) => one.cloud.healthChecks().find((each) => each.id === id)
    const seen = (id: string | undefined, healthy: boolean) =>
      until(`${id} is ${healthy}`, () => {
        const health = healthOf(id)!
        return health.healthy === healthy && /^\d+ of \d+ health checkers/.test(health.reason)
      })
    await seen(ie, true)
    await seen(us, true)
    faults().add({ kind: 'region-out', region: VIRGINIA })
    await seen(us, false)
    assert.equal(healthOf(ie)!.healthy, true)
    assert.equal(await refusal(route53.listHostedZones({})), 'ECONNRESET')
    assert.match(healthOf(us)!.target, /^HTTPS .*us-east-1\.amazonaws\.com:443\/dev$/)
    faults().clear()
    await seen(us, true)
    assert.equal(await refusal(route53.listHostedZones({})), 'none')
  })

  test('a time ends it, and the region is there again', async () => {
    faults().add({ kind: 'region-out', region: IRELAND, forSeconds: 20 })
    assert.equal(await one.ask(irish), 'ECONNRESET')
    await until('its end', async () => (await one.ask(irish)) === 200)
  })
})

describe('service-out', () => {
  test('DynamoDB of one region: its calls and its replication, nothing else', async () => {
    faults().add({ kind: 'service-out', service: 'dynamodb', region: IRELAND })
    assert.equal(await refusal(one.put('x')), 'ECONNRESET')
    assert.equal(await one.ask(irish), 200)
    await one.put('waits', VIRGINIA)
    assert.equal(faults().replication(VIRGINIA, IRELAND).paused, true)
    faults().clear()
    await arrives('waits', IRELAND)
  })

  test('the control plane of Route 53 everywhere; DNS answers', async () => {
    faults().add({ kind: 'service-out', service: 'route53' })
    assert.equal(await refusal(one.client(Route53).listHostedZones({})), 'ECONNRESET')
    const { Resolver } = await import('node:dns/promises')
    const resolver = new Resolver()
    const { address, port } = one.cloud.dns
    resolver.setServers([`${address}:${port}`])
    assert.equal((await resolver.resolveNs('example.com')).length, 4)
  })
})

describe("an API's data plane is the service execute-api", () => {
  test('throttled, failed, lost, late', async () => {
    const outcome = async (fault: object, patienceMs?: number) => {
      const { id } = faults().add({ kind: 'error', service: 'execute-api', region: IRELAND, ...fault })
      const answer = await one.ask(irish, patienceMs)
      assert.equal(await one.ask(virginian), 200)
      faults().clear(id)
      return answer
    }
    assert.equal(await outcome({}), 500)
    assert.equal(await outcome({ status: 503 }), 503)
    assert.equal(await outcome({ kind: 'throttle' }), 429)
    assert.equal(await outcome({ kind: 'reset' }), 'ECONNRESET')
    assert.equal(await outcome({ kind: 'lost' }), 'ECONNRESET')
    assert.equal(await outcome({ kind: 'black-hole' }, IMPATIENT_MS), 'TIMEOUT')
    assert.equal(await outcome({ kind: 'latency', latencyMs: 50 }), 200)
  })
})

describe('replication', () => {
  test('paused on one way, not on the other', async () => {
    faults().add({ kind: 'replication-paused', from: IRELAND, to: VIRGINIA })
    await one.put('stays')
    await one.put('goes', VIRGINIA)
    await arrives('goes', IRELAND)
    assert.equal(await one.has('stays', VIRGINIA), false)
    faults().clear()
    await arrives('stays', VIRGINIA)
  })

  test('lagging: later by that, and lags add up', async () => {
    faults().add({ kind: 'replication-lag', seconds: 20 })
    faults().add({ kind: 'replication-lag', seconds: 10, to: VIRGINIA })
    assert.deepEqual(faults().replication(IRELAND, VIRGINIA), { paused: false, lagSeconds: 30 })
    assert.deepEqual(faults().replication(VIRGINIA, IRELAND), { paused: false, lagSeconds: 20 })
    await one.put('slow')
    const began = performance.now()
    await arrives('slow', VIRGINIA)
    // 30 seconds at scale 100, but for the time that the put itself took.
    assert.ok(performance.now() - began > 200, 'it was there at once')
    faults().add({ kind: 'replication-lag', seconds: 100_000 })
    await one.put('slower')
    faults().clear()
    await arrives('slower', VIRGINIA)
  })
})
