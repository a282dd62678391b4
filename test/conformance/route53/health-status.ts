// What the health checkers see, how an update reaches them, and from where they ask.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { NO_CHECK, noSuchCheck } from './health-check.js'
import { calculated, change, INSYNC, newCheck, newZone, r53, send, values, watchCheck } from './setup.js'

/** The texts of a check's observations, once its checkers have some: probes take real time, and reads one virtual second. */
async function statusesOf(
  cloud: TestCloud,
  HealthCheckId: string,
  read: 'status' | 'failure',
): Promise<string[]> {
  for (let looks = 0; looks < 200; looks++) {
    await cloud.pass(60)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const { HealthCheckObservations = [] } = await (read === 'status'
      ? r53(cloud).getHealthCheckStatus({ HealthCheckId })
      : r53(cloud).getHealthCheckLastFailureReason({ HealthCheckId }))
    const texts = HealthCheckObservations.map(({ StatusReport }) => StatusReport!.Status!)
    if (texts.length === 16) return texts
  }
  return []
}

export const statusSuites: Readonly<Record<string, OperationSuite>> = {
  UpdateHealthCheck: {
    happy: {
      'each update adds one to the version': async (cloud) => {
        const { Id } = await newCheck(cloud)
        const { HealthCheck } = await r53(cloud).updateHealthCheck({
          ...{ HealthCheckId: Id!, HealthCheckVersion: 1, ResourcePath: '/other' },
        })
        assert.equal(HealthCheck!.HealthCheckVersion, 2)
        assert.equal(HealthCheck!.HealthCheckConfig!.ResourcePath, '/other')
      },
      'ResetElements puts back the default': async (cloud) => {
        const { Id } = await newCheck(cloud, { Regions: ['us-east-1', 'us-west-1', 'us-west-2'] })
        const { HealthCheck } = await r53(cloud).updateHealthCheck({
          ...{ HealthCheckId: Id!, ResetElements: ['Regions', 'ResourcePath'] },
        })
        assert.equal(HealthCheck!.HealthCheckConfig!.Regions, undefined)
        assert.equal(HealthCheck!.HealthCheckConfig!.ResourcePath, undefined)
      },
      'Disabled and Inverted force a check to be unhealthy, 10 to 60 s later': async (cloud) => {
        const zone = await newZone(cloud)
        const { Id } = await newCheck(cloud, { Disabled: true })
        const healthy = await watchCheck(cloud, zone, Id!)
        await r53(cloud).updateHealthCheck({ HealthCheckId: Id!, Disabled: true, Inverted: true })
        await cloud.pass(9)
        assert.equal(await healthy(), true)
        await cloud.pass(INSYNC)
        assert.equal(await healthy(), false)
      },
    },
    validation: {
      'an address cannot be added to a check that has none': async (cloud) => {
        const { Id } = await newCheck(cloud)
        const update = { HealthCheckId: Id!, IPAddress: '192.0.2.1' }
        await refused(r53(cloud).updateHealthCheck(update), 'InvalidInput')
      },
      'what does not fit the type of the check is InvalidInput': async (cloud) => {
        const [endpoint, sum] = [await newCheck(cloud), await newCheck(cloud, calculated(0))]
        const update = (HealthCheckId: string, more: object) =>
          r53(cloud).updateHealthCheck({ HealthCheckId, ...more })
        await refused(update(endpoint.Id!, { SearchString: 'ok' }), 'InvalidInput')
        await refused(update(endpoint.Id!, { HealthThreshold: 1 }), 'InvalidInput')
        await refused(update(sum.Id!, { Port: 443 }), 'InvalidInput')
        await refused(update(endpoint.Id!, { ResetElements: ['FullyQualifiedDomainName'] }), 'InvalidInput')
      },
    },
    state: {
      ...noSuchCheck((client) => client.updateHealthCheck({ HealthCheckId: NO_CHECK })),
      'another version than the current one is HealthCheckVersionMismatch': async (cloud) => {
        const { Id } = await newCheck(cloud)
        await r53(cloud).updateHealthCheck({ HealthCheckId: Id!, FailureThreshold: 5 })
        const late = { HealthCheckId: Id!, HealthCheckVersion: 1, FailureThreshold: 6 }
        await refused(r53(cloud).updateHealthCheck(late), 'HealthCheckVersionMismatch')
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { Id } = await newCheck(cloud)
      const { HealthCheck } = (await aws.run([
        ...['route53', 'update-health-check', '--health-check-id', Id!, '--inverted'],
      ])) as { HealthCheck: { HealthCheckConfig: { Inverted: boolean } } }
      assert.equal(HealthCheck.HealthCheckConfig.Inverted, true)
    },
  },

  GetHealthCheckStatus: {
    happy: {
      'two checkers in each of eight regions report what the endpoint answered': async (cloud) => {
        const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1')
        await new Promise((resolve) => server.once('listening', resolve))
        const zone = await newZone(cloud)
        const host = `up.${zone.name}`
        await send(cloud, zone, change('CREATE', host, { ResourceRecords: values('127.0.0.1') }))
        await cloud.pass(INSYNC)
        const Port = (server.address() as AddressInfo).port
        const check = { Type: 'HTTP', Port, FullyQualifiedDomainName: host.slice(0, -1) } as const
        const statuses = await statusesOf(cloud, (await newCheck(cloud, check)).Id!, 'status')
        server.close()
        assert.deepEqual([...new Set(statuses)], ['Success: HTTP Status Code 200, OK'])
      },
      'a name without an address is a failure': async (cloud) => {
        const { Id } = await newCheck(cloud)
        const statuses = await statusesOf(cloud, Id!, 'status')
        assert.deepEqual([...new Set(statuses)], ['Failure: DNS resolution failed: Rcode NXDomain(3)'])
      },
    },
    state: {
      'DNS goes by a new verdict 5 to 10 s after the checkers have it': async (cloud) => {
        const { Id } = await newCheck(cloud, { RequestInterval: 30, FailureThreshold: 10 })
        const healthy = await watchCheck(cloud, await newZone(cloud), Id!)
        const concluded = () => cloud.logged.some((line) => line.includes(`${Id} is unhealthy`))
        for (let second = 0; second < 600 && !concluded(); second++) await cloud.pass(1)
        assert.ok(concluded())
        await cloud.pass(4)
        assert.equal(await healthy(), true)
        await cloud.pass(7)
        assert.equal(await healthy(), false)
      },
      ...noSuchCheck((client) => client.getHealthCheckStatus({ HealthCheckId: NO_CHECK })),
      'a calculated check is InvalidInput': async (cloud) => {
        const { Id } = await newCheck(cloud, calculated(0))
        await cloud.pass(2)
        await refused(r53(cloud).getHealthCheckStatus({ HealthCheckId: Id! }), 'InvalidInput')
      },
      'the fifth call of a burst is Throttling': async (cloud) => {
        const { Id } = await newCheck(cloud, calculated(0))
        const status = () => r53(cloud).getHealthCheckStatus({ HealthCheckId: Id! })
        await cloud.pass(10)
        for (let call = 0; call < 4; call++) await refused(status(), 'InvalidInput')
        await refused(status(), 'Throttling', 'Rate exceeded')
        await cloud.pass(10)
      },
      'no observation is there before the first probe': async (cloud) => {
        const { Id } = await newCheck(cloud, { Disabled: true })
        await cloud.pass(60)
        const { HealthCheckObservations } = await r53(cloud).getHealthCheckStatus({ HealthCheckId: Id! })
        assert.deepEqual(HealthCheckObservations, [])
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { Id } = await newCheck(cloud, { Disabled: true })
      const status = (await aws.run(['route53', 'get-health-check-status', '--health-check-id', Id!])) as {
        HealthCheckObservations: unknown[]
      }
      assert.deepEqual(status.HealthCheckObservations, [])
    },
  },

  GetHealthCheckLastFailureReason: {
    happy: {
      'each checker names its last failure': async (cloud) => {
        const { Id } = await newCheck(cloud)
        const statuses = await statusesOf(cloud, Id!, 'failure')
        assert.deepEqual([...new Set(statuses)], ['Failure: DNS resolution failed: Rcode NXDomain(3)'])
      },
    },
    state: {
      ...noSuchCheck((client) => client.getHealthCheckLastFailureReason({ HealthCheckId: NO_CHECK })),
      'a calculated check is InvalidInput': async (cloud) => {
        const { Id } = await newCheck(cloud, calculated(0))
        await cloud.pass(2)
        await refused(r53(cloud).getHealthCheckLastFailureReason({ HealthCheckId: Id! }), 'InvalidInput')
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const { Id } = await newCheck(cloud, { Disabled: true })
      const reason = (await aws.run([
        ...['route53', 'get-health-check-last-failure-reason', '--health-check-id', Id!],
      ])) as { HealthCheckObservations: unknown[] }
      assert.deepEqual(reason.HealthCheckObservations, [])
    },
  },

  GetCheckerIpRanges: {
    happy: {
      'the ranges of the checkers are CIDR blocks': async (cloud) => {
        const { CheckerIpRanges } = await r53(cloud).getCheckerIpRanges({})
        assert.equal(CheckerIpRanges!.length, 16)
        assert.ok(CheckerIpRanges!.every((range) => /^[\d.]+\/\d+$/.test(range)))
      },
    },
    state: 'has no state',
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const { CheckerIpRanges } = (await aws.run(['route53', 'get-checker-ip-ranges'])) as {
        CheckerIpRanges: string[]
      }
      assert.ok(CheckerIpRanges.length > 0)
    },
  },
}
