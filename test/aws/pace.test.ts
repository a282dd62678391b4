// The pace against AWS's published rates, on a clock that jumps: never above one, and no slower than it must.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { pacer } from '../../src/aws/pace.js'
import { FakeClock } from '../fake-clock.js'

/** As AWS publishes them: calls at once, and calls a second afterwards. */
const PUBLISHED: readonly [service: string, operation: string, burst: number, perSecond: number][] = [
  ['apigateway', 'CreateRestApi', 1, 1 / 3],
  ['apigateway', 'CreateDeployment', 1, 1 / 5],
  ['apigateway', 'CreateDomainName', 1, 1 / 30],
  ['apigateway', 'DeleteDomainName', 1, 1 / 30],
  ['apigateway', 'DeleteRestApi', 1, 1 / 30],
  ['apigateway', 'GetRestApi', 40, 10],
  ['route53', 'CreateHealthCheck', 50, 0.5],
  ['route53', 'DeleteHealthCheck', 15, 3],
  ['route53', 'GetHealthCheckStatus', 4, 1],
  ['route53', 'ListHostedZonesByName', 50, 10],
  ['lambda', 'GetFunction', 15, 15],
  ['acm', 'RequestCertificate', 5, 5],
]

interface Sent {
  readonly bucket: string
  readonly at: number
}

/** In no stretch of time more calls than the burst and what refills meanwhile. */
function assertBelow(times: readonly number[], burst: number, perSecond: number, what: string) {
  times.forEach((from, first) => {
    times.slice(first).forEach((to, index) => {
      const most = burst + (to - from) * perSecond + 1e-6
      assert.ok(index + 1 <= most, `${what}: ${index + 1} calls within ${to - from} s`)
    })
  })
}

test('never above the published rate, whatever is called when and where', async () => {
  const calls = fc.array(
    fc.record({
      rate: fc.constantFrom(...PUBLISHED),
      region: fc.constantFrom('eu-west-1', 'us-east-1'),
      afterSeconds: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 40, noNaN: true })),
    }),
    { maxLength: 120 },
  )
  await fc.assert(
    fc.asyncProperty(calls, async (planned) => {
      const clock = new FakeClock()
      const pace = pacer(clock)
      const sent: Sent[] = []
      const send = async ({ rate: [service, operation], region }: (typeof planned)[number]) => {
        await pace(service, operation, region)
        sent.push({ bucket: `${region} ${service}:${operation}`, at: clock.now() })
        sent.push({ bucket: `${region} ${service}:*`, at: clock.now() })
      }
      const running: Promise<void>[] = []
      for (const call of planned) {
        if (call.afterSeconds > 0) await clock.sleep(call.afterSeconds)
        running.push(send(call))
      }
      await Promise.all(running)
      const limits = [
        ...PUBLISHED,
        ['apigateway', '*', 40, 10],
        ['route53', '*', 50, 10],
        ['lambda', '*', 15, 15],
      ] as const
      for (const region of ['eu-west-1', 'us-east-1'])
        for (const [service, operation, burst, perSecond] of limits) {
          const bucket = `${region} ${service}:${operation}`
          const times = sent.filter((one) => one.bucket === bucket).map(({ at }) => at)
          assertBelow(times, burst, perSecond, bucket)
        }
    }),
    { numRuns: 60 },
  )
})

describe('no slower than the rate', () => {
  for (const [service, operation, burst, perSecond] of PUBLISHED)
    test(`${service}:${operation}`, async () => {
      const clock = new FakeClock()
      const pace = pacer(clock)
      const started = clock.now()
      const calls = burst + 6
      await Promise.all(Array.from({ length: calls }, () => pace(service, operation, 'eu-west-1')))
      const took = clock.now() - started
      assert.ok(Math.abs(took - 6 / perSecond) < 1e-6, `${calls} calls took ${took} s`)
    })
})

test('regions have their own buckets; what has no published rate does not wait', async () => {
  const clock = new FakeClock()
  const pace = pacer(clock)
  const started = clock.now()
  await Promise.all(['a', 'b', 'c'].map((region) => pace('apigateway', 'CreateDomainName', region)))
  await Promise.all(Array.from({ length: 500 }, () => pace('iam', 'GetRole', 'us-east-1')))
  assert.equal(clock.now(), started)
})
