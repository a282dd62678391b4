// The grammar of traffic policy documents: what is read, and every fault with its id and words.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePolicyDocument } from '../../../src/local/route53/policy-document.js'

const CHECK = '11111111-2222-3333-4444-555555555555'
const base = () => ({
  AWSPolicyFormatVersion: '2015-10-01',
  RecordType: 'CNAME',
  StartRule: 'near',
  Endpoints: {
    ie: { Type: 'value', Value: 'd-ie.execute-api.eu-west-1.amazonaws.com' },
    us: { Type: 'value', Value: 'd-us.execute-api.us-east-1.amazonaws.com' },
  } as Record<string, object>,
  Rules: {
    near: {
      RuleType: 'latency',
      Regions: [
        { EndpointReference: 'ie', Region: 'eu-west-1', HealthCheck: CHECK },
        { EndpointReference: 'us', Region: 'us-east-1', EvaluateTargetHealth: false },
      ],
    },
  } as Record<string, object>,
})
type Document = ReturnType<typeof base>
const parse = (document: object) => parsePolicyDocument(JSON.stringify(document))
const rule = (near: object): Document => ({ ...base(), Rules: { near } })

test('a latency rule with health checks', () => {
  const { recordType, start, endpoints, rules } = parse(base())
  assert.equal(recordType, 'CNAME')
  assert.deepEqual(start, { rule: 'near' })
  assert.deepEqual(Object.keys(endpoints), ['ie', 'us'])
  assert.deepEqual(rules.near, {
    rule: 'latency',
    entries: [
      { region: 'eu-west-1', reference: { endpoint: 'ie' }, evaluateTargetHealth: false, healthCheck: CHECK },
      { region: 'us-east-1', reference: { endpoint: 'us' }, evaluateTargetHealth: false },
    ],
  })
})

describe('every rule type is read', () => {
  const entries = {
    Endpoints: base().Endpoints,
    ...{ AWSPolicyFormatVersion: '2023-05-09', StartRule: 'near' },
  }
  const good: [string, string, object][] = [
    ['weighted', 'CNAME', { RuleType: 'weighted', Items: [{ EndpointReference: 'ie', Weight: '0' }] }],
    [
      'failover',
      'CNAME',
      { RuleType: 'failover', Primary: { EndpointReference: 'ie' }, Secondary: { EndpointReference: 'us' } },
    ],
    [
      'geo',
      'CNAME',
      {
        RuleType: 'geo',
        Locations: [
          { EndpointReference: 'ie', IsDefault: true },
          { EndpointReference: 'us', Country: 'US', Subdivision: 'VA' },
        ],
      },
    ],
    [
      'geoproximity by region',
      'CNAME',
      {
        RuleType: 'geoproximity',
        GeoproximityLocations: [{ EndpointReference: 'ie', Region: 'aws:route53:eu-west-1', Bias: '-10' }],
      },
    ],
    [
      'geoproximity by coordinates',
      'CNAME',
      {
        RuleType: 'geoproximity',
        GeoproximityLocations: [{ EndpointReference: 'ie', Latitude: '51.5', Longitude: '-0.12' }],
      },
    ],
  ]
  for (const [what, RecordType, near] of good) {
    test(what, () => {
      assert.doesNotThrow(() => parse({ ...entries, RecordType, Rules: { near } }))
    })
  }

  test('multivalue of addresses, and an endpoint without rules', () => {
    const Endpoints = { a: { Type: 'value', Value: '192.0.2.1' } }
    const head = { AWSPolicyFormatVersion: '2015-10-01', RecordType: 'A', Endpoints }
    const Rules = {
      near: { RuleType: 'multivalue', Items: [{ EndpointReference: 'a', HealthCheck: CHECK }] },
    }
    assert.doesNotThrow(() => parse({ ...head, StartRule: 'near', Rules }))
    assert.deepEqual(parse({ ...head, StartEndpoint: 'a' }).start, { endpoint: 'a' })
  })
})

describe('faults are named with their id', () => {
  const one = { EndpointReference: 'ie', Region: 'eu-west-1' }
  const faults: [string, string | object, string][] = [
    ['no JSON', '{', 'The document is not a JSON object.'],
    ['too long', `"${'x'.repeat(102_400)}"`, 'The document is longer than 102400 characters.'],
    ['an unknown member', { ...base(), Version: '1' }, 'Version is not a valid member.'],
    [
      'a wrong version',
      { ...base(), AWSPolicyFormatVersion: '2020-01-01' },
      'AWSPolicyFormatVersion must be one of 2015-10-01, 2023-05-09.',
    ],
    ['a wrong record type', { ...base(), RecordType: 'NS' }, 'RecordType "NS" is not supported.'],
    [
      'no start',
      { ...base(), StartRule: undefined },
      'Exactly one of StartEndpoint and StartRule must be specified.',
    ],
    [
      'two starts',
      { ...base(), StartEndpoint: 'ie' },
      'Exactly one of StartEndpoint and StartRule must be specified.',
    ],
    ['a start that leads nowhere', { ...base(), StartRule: 'far' }, 'The rule far is not defined.'],
    [
      'an entry that leads nowhere',
      rule({ RuleType: 'latency', Regions: [{ ...one, EndpointReference: 'fr' }] }),
      'near: The endpoint fr is not defined.',
    ],
    [
      'a circle',
      rule({ RuleType: 'latency', Regions: [{ RuleReference: 'near', Region: 'eu-west-1' }] }),
      'near: The rule near refers to itself.',
    ],
    ['an unknown rule type', rule({ RuleType: 'nearest' }), 'near: "nearest" is not a valid rule type.'],
    [
      'a latency rule with Items',
      rule({ RuleType: 'latency', Items: [one] }),
      'near: Items is not a valid member.;near: Regions must be a list with at least one entry.',
    ],
    [
      'a region that is none',
      rule({ RuleType: 'latency', Regions: [{ ...one, Region: 'eu-west-9' }] }),
      'near: Region "eu-west-9" is not valid.',
    ],
    [
      'a region twice',
      rule({ RuleType: 'latency', Regions: [one, { ...one, EndpointReference: 'us' }] }),
      'near: Regions has two entries for the same place.',
    ],
    [
      'a weight as a number',
      rule({ RuleType: 'weighted', Items: [{ EndpointReference: 'ie', Weight: 1 }] }),
      'near: Weight must be a string with a number from 0 to 255.',
    ],
    [
      'a weight of 256',
      rule({ RuleType: 'weighted', Items: [{ EndpointReference: 'ie', Weight: '256' }] }),
      'near: Weight must be a string with a number from 0 to 255.',
    ],
    [
      'a failover without secondary',
      rule({ RuleType: 'failover', Primary: { EndpointReference: 'ie' } }),
      'near: Secondary must be specified.',
    ],
    [
      'a multivalue of names',
      rule({ RuleType: 'multivalue', Items: [{ EndpointReference: 'ie' }] }),
      'near: A multivalue rule cannot have the record type CNAME.',
    ],
    [
      'three decimals',
      rule({
        RuleType: 'geoproximity',
        GeoproximityLocations: [{ EndpointReference: 'ie', Latitude: '51.501', Longitude: '0' }],
      }),
      'near: Latitude and Longitude must be degrees with at most two decimals.',
    ],
    [
      'both references',
      rule({ RuleType: 'latency', Regions: [{ ...one, RuleReference: 'near' }] }),
      'near: Exactly one of EndpointReference and RuleReference must be specified.',
    ],
    [
      'an address that is a name',
      { ...base(), RecordType: 'A' },
      'ie: Value is not valid for the type A: Value is not a valid IPv4 address.;us: Value is not valid for the type A: Value is not a valid IPv4 address.',
    ],
    [
      'an endpoint of AWS',
      { ...base(), Endpoints: { ...base().Endpoints, ie: { Type: 'cloudfront', Value: 'x' } } },
      'ie: An endpoint of type cloudfront is not part of the local cloud.',
    ],
  ]
  for (const [what, document, message] of faults) {
    test(what, () => {
      const text = typeof document === 'string' ? document : JSON.stringify(document)
      assert.throws(
        () => parsePolicyDocument(text),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'InvalidTrafficPolicyDocument')
          assert.equal(error.message, message)
          return true
        },
      )
    })
  }
})
