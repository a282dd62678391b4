// Every published rate over the wire, on a clock that moves only when told: so many calls at once go, the next is throttled
// in the service's own words, and after the time of one call one goes again.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { WIRE_CLIENTS } from '../../src/local/wire/clients.js'
import { RATES, type Rate } from '../../src/local/wire/quota.js'
import { startTestCloud, type TestCloud } from './cloud.js'
import { casesOf } from './constraint-case.js'

const THROTTLE: Readonly<Record<string, readonly [code: string, status: number]>> = {
  apigateway: ['TooManyRequestsException', 429],
  lambda: ['TooManyRequestsException', 429],
  acm: ['ThrottlingException', 400],
  route53: ['Throttling', 400],
}

type Client = { send(command: unknown): Promise<unknown>; destroy(): void }
type Thrown = Error & { readonly $metadata?: { readonly httpStatusCode?: number } }

describe('quotas over the wire', () => {
  let cloud: TestCloud
  before(async () => {
    cloud = await startTestCloud('realistic')
  })
  after(() => cloud.close())

  for (const [service, { total, outsideTotal = [], operations }] of Object.entries(RATES)) {
    const entries: (readonly [string, Rate])[] = Object.entries(operations)
    for (const [name, rate] of total ? [...entries, ['all operations', total] as const] : entries) {
      test(`${service}: ${name}`, async () => {
        const served = cloud.cloud.operations()[service]!
        const shared = served.find((one) => !operations[one] && !outsideTotal.includes(one))!
        const operation = operations[name] ? name : shared
        const ask = await asker(cloud, service, operation)
        // Whatever other tests have drawn is there again.
        await cloud.pass(3600)
        assert.deepEqual(await drawn(ask, rate.burst), { went: rate.burst, refusal: THROTTLE[service] })
        const waitSeconds = Math.max(1, rate.everySeconds)
        await cloud.pass(waitSeconds)
        const again = Math.min(rate.burst, Math.floor(waitSeconds / rate.everySeconds))
        assert.deepEqual(await drawn(ask, again), { went: again, refusal: THROTTLE[service] })
      })
    }
  }

  test('every rate is of an operation that is served', () => {
    const served = cloud.cloud.operations()
    const strangers = Object.entries(RATES).flatMap(([service, { operations }]) =>
      Object.keys(operations).filter((operation) => !served[service]?.includes(operation)),
    )
    // AWS: UpdateAccount is not served; its rate is there for the day it is.
    assert.deepEqual(strangers, ['UpdateAccount'])
  })
})

/** Calls the operation with the least input that its model takes; what it answers does not matter, only whether it is throttled. */
async function asker(cloud: TestCloud, service: string, operation: string) {
  const { module, client: sample } = await WIRE_CLIENTS.find(({ name }) => name === service)!.load()
  const client = cloud.client(sample.constructor as never) as Client
  const { least } = (await casesOf(service, [operation])).get(operation)!
  const Command = module[`${operation}Command`] as new (input: object) => unknown
  return (): Promise<Thrown | undefined> =>
    client.send(new Command(least)).then(
      () => undefined,
      (thrown: Thrown) => thrown,
    )
}

/** How many calls go before one is throttled, of one more than expected; and that one's code and status. */
async function drawn(ask: () => Promise<Thrown | undefined>, expected: number) {
  for (let went = 0; went <= expected; went += 1) {
    const error = await ask()
    if (/Throttl|TooManyRequests/.test(error?.name ?? '')) {
      return { went, refusal: [error!.name, error!.$metadata?.httpStatusCode] }
    }
  }
  return { went: expected + 1, refusal: 'never' }
}
