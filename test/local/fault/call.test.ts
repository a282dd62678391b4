// Faults of calls, seen by SDK clients: what each kind does to the answer and to the effect, whom it hits, and when it ends.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { ACM } from '@aws-sdk/client-acm'
import { APIGateway } from '@aws-sdk/client-api-gateway'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { IAM } from '@aws-sdk/client-iam'
import { Lambda } from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import { STS } from '@aws-sdk/client-sts'
import { FaultCloud, IMPATIENT_MS, IRELAND, refusal, SCALE, until, VIRGINIA } from './fault-cloud.js'

let one: FaultCloud

before(async () => {
  one = await FaultCloud.open()
  await one.makeTable()
})
afterEach(() => void one.cloud.faults.clear())
after(() => one.remove())

const faults = () => one.cloud.faults

/** A read of each service. */
const reads: Readonly<Record<string, () => Promise<unknown>>> = {
  acm: () => one.client(ACM).listCertificates({}),
  apigateway: () => one.client(APIGateway).getRestApis({}),
  dynamodb: () => one.client(DynamoDB).listTables({}),
  iam: () => one.client(IAM).listRolePolicies({ RoleName: 'nobody' }),
  lambda: () => one.client(Lambda).listFunctions({}),
  logs: () => one.client(CloudWatchLogs).describeLogGroups({}),
  route53: () => one.client(Route53).listHostedZones({}),
  sts: () => one.client(STS).getCallerIdentity({}),
}

describe("each service fails in its own words, which the SDK's client reads", () => {
  // AWS: the throttling errors are those of the quotas; the others by the services' models and the common errors.
  const words: Readonly<Record<string, readonly [throttle: string, error: string, unavailable: string]>> = {
    acm: ['ThrottlingException 400', 'InternalFailure 500', 'ServiceUnavailable 503'],
    apigateway: ['TooManyRequestsException 429', 'InternalFailure 500', 'ServiceUnavailableException 503'],
    dynamodb: ['ThrottlingException 400', 'InternalServerError 500', 'ServiceUnavailable 503'],
    iam: ['Throttling 400', 'ServiceFailureException 500', 'ServiceUnavailable 503'],
    lambda: ['TooManyRequestsException 429', 'ServiceException 500', 'ServiceUnavailableException 503'],
    logs: ['ThrottlingException 400', 'InternalFailure 500', 'ServiceUnavailableException 503'],
    route53: ['Throttling 400', 'InternalFailure 500', 'ServiceUnavailable 503'],
    sts: ['Throttling 400', 'InternalFailure 500', 'ServiceUnavailable 503'],
  }
  for (const [service, [throttle, error, unavailable]] of Object.entries(words))
    test(service, async () => {
      const call = reads[service]!
      faults().add({ kind: 'throttle', service, count: 1 })
      assert.equal(await refusal(call()), throttle)
      faults().add({ kind: 'error', service, count: 1 })
      assert.equal(await refusal(call()), error)
      faults().add({ kind: 'error', service, status: 503, count: 1 })
      assert.equal(await refusal(call()), unavailable)
      assert.match(await refusal(call()), service === 'iam' ? /^NoSuchEntity/ : /^none$/)
    })
})

describe('the effect', () => {
  test('error: none before, kept after', async () => {
    faults().add({ kind: 'error', operation: 'PutItem', count: 1 })
    assert.equal(await refusal(one.put('before')), 'InternalServerError 500')
    assert.equal(await one.has('before'), false)
    faults().add({ kind: 'error', operation: 'PutItem', after: true, count: 1 })
    assert.equal(await refusal(one.put('after')), 'InternalServerError 500')
    assert.equal(await one.has('after'), true)
  })

  test('lost: done, and the connection is closed without an answer', async () => {
    faults().add({ kind: 'lost', operation: 'PutItem' })
    assert.equal(await refusal(one.put('lost')), 'ECONNRESET')
    faults().clear()
    assert.equal(await one.has('lost'), true)
  })

  test('reset: not done', async () => {
    faults().add({ kind: 'reset', operation: 'PutItem' })
    assert.equal(await refusal(one.put('reset')), 'ECONNRESET')
    faults().clear()
    assert.equal(await one.has('reset'), false)
  })

  test('black-hole: never answered, not done; mending it lets the caller go', async () => {
    const { id } = faults().add({ kind: 'black-hole', operation: 'PutItem' })
    assert.equal(await refusal(one.put('hole', IRELAND, IMPATIENT_MS)), 'ETIMEDOUT')
    const held = refusal(one.put('hole'))
    await until('the second is held', () => faults().list()[0]!.hits === 2)
    faults().clear(id)
    assert.equal(await held, 'ECONNRESET')
    assert.equal(await one.has('hole'), false)
  })

  test('black-hole of one hit holds its caller, and lets the next through', async () => {
    faults().add({ kind: 'black-hole', operation: 'PutItem', count: 1 })
    const held = refusal(one.put('first', IRELAND, IMPATIENT_MS))
    await until('it is held', () => faults().list()[0]!.hits === 1)
    await one.put('second')
    assert.equal(await held, 'ETIMEDOUT')
  })

  test('latency: later, and all that match add up', async () => {
    faults().add({ kind: 'latency', service: 'dynamodb', latencyMs: 60, jitterMs: 20 })
    faults().add({ kind: 'latency', region: IRELAND, latencyMs: 60 })
    const began = performance.now()
    await one.put('late')
    assert.ok(performance.now() - began >= 99, 'less than 40 + 60 ms')
    assert.deepEqual(
      faults()
        .list()
        .map(({ hits }) => hits),
      [1, 1],
    )
  })
})

describe('whom it hits', () => {
  const throttled = async (call: () => Promise<unknown>) => (await refusal(call())) !== 'none'

  test('by region, service, operation, plane, each on its own and together', async () => {
    const put = (region: string) => () => one.put('x', region)
    const list = () => one.client(DynamoDB).listTables({})
    const check = async (
      fault: object,
      hit: (() => Promise<unknown>)[],
      missed: (() => Promise<unknown>)[],
    ) => {
      const { id } = faults().add({ kind: 'throttle', ...fault })
      for (const call of hit) assert.equal(await throttled(call), true, JSON.stringify(fault))
      for (const call of missed) assert.equal(await throttled(call), false, JSON.stringify(fault))
      faults().clear(id)
    }
    await check({ region: VIRGINIA }, [put(VIRGINIA)], [put(IRELAND), list])
    await check({ service: 'dynamodb' }, [put(VIRGINIA), put(IRELAND), list], [reads.acm!])
    await check({ operation: 'PutItem' }, [put(IRELAND)], [list])
    await check({ plane: 'control', service: 'dynamodb' }, [list], [put(IRELAND)])
    await check({ plane: 'data', service: 'dynamodb' }, [put(IRELAND)], [list])
    await check({}, [put(IRELAND), list, reads.route53!], [])
    await check({ operation: 'PutItem', region: VIRGINIA }, [put(VIRGINIA)], [put(IRELAND)])
  })

  test('Route 53 and IAM stand in us-east-1, whatever region the client has; STS in its own', async () => {
    faults().add({ kind: 'throttle', region: VIRGINIA })
    assert.equal(await refusal(reads.route53!()), 'Throttling 400')
    assert.equal(await refusal(reads.iam!()), 'Throttling 400')
    assert.equal(await refusal(reads.sts!()), 'none')
    faults().clear()
    faults().add({ kind: 'throttle', region: IRELAND })
    assert.equal(await refusal(reads.route53!()), 'none')
    assert.equal(await refusal(reads.sts!()), 'Throttling 400')
  })

  test('of several that match, the oldest acts; a caller without a good signature meets none', async () => {
    const first = faults().add({ kind: 'throttle', service: 'dynamodb', count: 1 })
    faults().add({ kind: 'error', service: 'dynamodb', count: 1 })
    const credentials = { accessKeyId: 'AKIANOBODY0000000000', secretAccessKey: 'x' }
    const bad = new DynamoDB({
      region: IRELAND,
      endpoint: one.cloud.endpointUrl,
      credentials,
      maxAttempts: 1,
    })
    assert.equal(await refusal(bad.listTables({})), 'UnrecognizedClientException 400')
    assert.equal(await refusal(reads.dynamodb!()), 'ThrottlingException 400')
    assert.equal(await refusal(reads.dynamodb!()), 'InternalServerError 500')
    assert.equal(await refusal(reads.dynamodb!()), 'none')
    const [one_, other] = faults().list()
    assert.deepEqual([one_!.id, one_!.active, one_!.hitsLeft, other!.hits], [first.id, false, 0, 1])
  })

  test('a rate hits that share of the calls', async () => {
    faults().add({ kind: 'throttle', service: 'dynamodb', rate: 0.3 })
    let hits = 0
    for (let call = 0; call < 200; call++) if (await throttled(reads.dynamodb!)) hits++
    // Seeded; 60 expected, and eight standard deviations to both sides.
    assert.ok(hits > 8 && hits < 112, `${hits} of 200`)
    assert.equal(faults().list()[0]!.hits, hits)
  })

  test('a time ends it, in seconds of the cloud', async () => {
    const added = faults().add({ kind: 'throttle', service: 'acm', forSeconds: 30 })
    assert.ok(added.secondsLeft! > 0 && added.secondsLeft! <= 30)
    assert.ok(added.until! - added.addedAt <= (30 / SCALE) * 1000 + 1)
    assert.equal(await refusal(reads.acm!()), 'ThrottlingException 400')
    await until('its end', () => !faults().list()[0]!.active)
    assert.equal(await refusal(reads.acm!()), 'none')
  })
})

test('faults and what is left of them outlive the cloud', async () => {
  faults().add({ kind: 'throttle', service: 'acm', count: 3 })
  assert.equal(await refusal(reads.acm!()), 'ThrottlingException 400')
  const before = faults().list()
  await one.stop()
  await one.start()
  assert.deepEqual(faults().list(), before)
  assert.equal(await refusal(reads.acm!()), 'ThrottlingException 400')
  assert.equal(await refusal(reads.acm!()), 'ThrottlingException 400')
  assert.equal(await refusal(reads.acm!()), 'none')
  const id = faults().add({ kind: 'throttle' }).id
  assert.ok(Number(id) > Number(before[0]!.id), 'a number is used once')
})

test('no fault is a bug of the cloud: nothing is logged', () => {
  assert.deepEqual(
    one.logged.filter((line) => /500|bug/.test(line)),
    [],
  )
})
