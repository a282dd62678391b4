// Quotas on a clock that the test moves: what a bucket lets through, when it is full again, and each service's error.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cloudClock } from '../../../src/local/clock.js'
import type { Profile } from '../../../src/local/profile.js'
import type { Protocol } from '../../../src/local/wire/codec.js'
import { AwsError } from '../../../src/local/wire/errors.js'
import { createQuotas } from '../../../src/local/wire/quota.js'

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  apigateway: 'restJson1',
  lambda: 'restJson1',
  acm: 'awsJson1_1',
  route53: 'restXml',
  dynamodb: 'awsJson1_0',
}

/** Quotas at scale 10, and a clock that stands still until `pass`. */
function standing(profile: Profile = 'realistic') {
  const scale = 10
  let now = 1_700_000_000_000
  const since = (instant: number) => ((now - instant) / 1000) * scale
  const clock = { ...cloudClock(scale), now: () => now, since }
  const quotas = createQuotas({ clock, profile, account: '000000000000' })
  return {
    pass: (virtualSeconds: number) => {
      now += (virtualSeconds * 1000) / scale
    },
    /** `ok`, or the error. */
    call(service: string, operation: string, region = 'eu-west-1'): 'ok' | AwsError {
      try {
        quotas.take({ speaker: { service, protocol: PROTOCOLS[service]! }, region, operation })
        return 'ok'
      } catch (error) {
        assert.ok(error instanceof AwsError)
        return error
      }
    },
  }
}

describe('quotas', () => {
  test('API Gateway deletes one API each 30 virtual seconds, per region', () => {
    const { call, pass } = standing()
    assert.equal(call('apigateway', 'DeleteRestApi'), 'ok')
    assert.equal(call('apigateway', 'DeleteRestApi', 'us-east-1'), 'ok')
    pass(29)
    const refused = call('apigateway', 'DeleteRestApi') as AwsError
    assert.deepEqual([refused.code, refused.status], ['TooManyRequestsException', 429])
    pass(1)
    assert.equal(call('apigateway', 'DeleteRestApi'), 'ok')
  })

  test('Retry-After is in real seconds', () => {
    const { call, pass } = standing()
    call('apigateway', 'DeleteDomainName')
    assert.deepEqual((call('apigateway', 'DeleteDomainName') as AwsError).extra, { retryAfterSeconds: '3' })
    pass(25)
    assert.deepEqual((call('apigateway', 'DeleteDomainName') as AwsError).extra, { retryAfterSeconds: '1' })
  })

  test('API Gateway takes 40 calls at once, and then 10 a second', () => {
    const { call, pass } = standing()
    const burst = Array.from({ length: 41 }, () => call('apigateway', 'GetRestApis'))
    assert.equal(burst.filter((answer) => answer === 'ok').length, 40)
    pass(0.5)
    const later = Array.from({ length: 10 }, () => call('apigateway', 'GetRestApis'))
    assert.equal(later.filter((answer) => answer === 'ok').length, 5)
  })

  test('a bucket never holds more than its burst', () => {
    const { call, pass } = standing()
    pass(3600)
    const calls = Array.from({ length: 7 }, () => call('acm', 'RequestCertificate'))
    assert.equal(calls.filter((answer) => answer === 'ok').length, 5)
  })

  test('Lambda reads and invocations do not draw from the 15 a second of all others', () => {
    const { call } = standing()
    for (let count = 0; count < 15; count += 1) assert.equal(call('lambda', 'AddPermission'), 'ok')
    const refused = call('lambda', 'CreateFunction') as AwsError
    assert.deepEqual([refused.code, refused.status], ['TooManyRequestsException', 429])
    assert.equal(call('lambda', 'GetFunction'), 'ok')
    assert.equal(call('lambda', 'Invoke'), 'ok')
  })

  test('each service has a throttling error of its own', () => {
    const { call } = standing()
    const exhaust = (service: string, operation: string) => {
      for (let count = 0; count < 100; count += 1) {
        const answer = call(service, operation)
        if (answer !== 'ok') return `${answer.status} ${answer.code}: ${answer.message}`
      }
      return 'never'
    }
    assert.equal(exhaust('route53', 'GetHealthCheckStatus'), '400 Throttling: Rate exceeded')
    assert.equal(exhaust('acm', 'ListCertificates'), '400 ThrottlingException: Rate exceeded')
    assert.equal(exhaust('dynamodb', 'GetItem'), 'never')
  })

  test('there are none under the profile instant', () => {
    const { call } = standing('instant')
    for (let count = 0; count < 100; count += 1) assert.equal(call('apigateway', 'DeleteRestApi'), 'ok')
  })
})
