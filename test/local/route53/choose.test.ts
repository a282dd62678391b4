// The routing rules: which candidates a client gets, by place, weight and health.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Candidate, choose, type Geo, type Rule } from '../../../src/local/route53/choose.js'
import { locationOfRegion } from '../../../src/local/route53/location.js'
import { REGIONS } from '../../../src/local/route53/region.js'

type Given = Omit<Candidate<string>, 'target' | 'healthy'> & { healthy?: boolean }
/** Candidates by name; healthy unless said otherwise. */
const pick = (rule: Rule, given: Record<string, Given>, region = 'eu-west-1', random = () => 0.5) =>
  choose(
    rule,
    Object.entries(given).map(([target, candidate]) => ({ healthy: true, ...candidate, target })),
    locationOfRegion(region),
    random,
  )

describe('latency', () => {
  const both = (ie = true, us = true) => ({
    ie: { region: 'eu-west-1', healthy: ie },
    us: { region: 'us-east-1', healthy: us },
  })
  for (const [from, ie, us, expected] of [
    ['eu-west-1', true, true, 'ie'],
    ['eu-central-1', true, true, 'ie'],
    ['us-west-2', true, true, 'us'],
    ['eu-west-1', false, true, 'us'],
    ['us-east-1', true, false, 'ie'],
    ['us-east-1', false, false, 'us'],
  ] as const) {
    test(`from ${from}, Ireland ${ie ? 'up' : 'down'}, Virginia ${us ? 'up' : 'down'}: ${expected}`, () => {
      assert.deepEqual(pick('latency', both(ie, us), from), [expected])
    })
  }

  test('a client near a region gets that region, for every region of AWS', () => {
    const everywhere = Object.fromEntries(Object.keys(REGIONS).map((region) => [region, { region }]))
    // Two of them stand in one city.
    const twins = ['us-east-2', 'us-gov-east-1', 'us-west-2', 'us-gov-west-1']
    for (const region of Object.keys(REGIONS).filter((name) => !twins.includes(name))) {
      assert.deepEqual(pick('latency', everywhere, region), [region])
    }
  })
})

describe('weighted', () => {
  const at = (random: number, given: Record<string, Given>) =>
    pick('weighted', given, 'eu-west-1', () => random)
  test('by shares', () => {
    const given = { a: { weight: 1 }, b: { weight: 3 } }
    assert.deepEqual(
      [0, 0.24, 0.26, 0.99].map((random) => at(random, given)[0]),
      ['a', 'a', 'b', 'b'],
    )
  })
  test('zero only while every other is unhealthy', () => {
    assert.deepEqual(at(0, { a: { weight: 0 }, b: { weight: 1 } }), ['b'])
    assert.deepEqual(at(0, { a: { weight: 0 }, b: { weight: 1, healthy: false } }), ['a'])
    assert.deepEqual(at(0, { a: { weight: 0, healthy: false }, b: { weight: 1, healthy: false } }), ['b'])
    assert.deepEqual(
      [0, 0.9].map((random) => at(random, { a: { weight: 0 }, b: { weight: 0 } })[0]),
      ['a', 'b'],
    )
  })
})

test('failover: the primary while it is healthy, or while nothing is', () => {
  const pair = (primary: boolean, secondary: boolean) =>
    pick('failover', {
      s: { failover: 'SECONDARY', healthy: secondary },
      p: { failover: 'PRIMARY', healthy: primary },
    })[0]
  assert.deepEqual(
    [pair(true, true), pair(false, true), pair(false, false), pair(true, false)],
    ['p', 's', 'p', 'p'],
  )
})

describe('geolocation', () => {
  const places: Record<string, Geo> = {
    default: { country: '*' },
    europe: { continent: 'EU' },
    ireland: { country: 'IE' },
    states: { country: 'US' },
    virginia: { country: 'US', subdivision: 'VA' },
  }
  const from = (region: string, ...down: string[]) =>
    pick(
      'geo',
      Object.fromEntries(
        Object.entries(places).map(([name, geo]) => [name, { geo, healthy: !down.includes(name) }]),
      ),
      region,
    )[0]
  for (const [region, down, expected] of [
    ['eu-west-1', [], 'ireland'],
    ['eu-west-1', ['ireland'], 'europe'],
    ['eu-west-1', ['ireland', 'europe', 'default'], 'ireland'],
    ['eu-central-1', [], 'europe'],
    ['us-east-1', [], 'virginia'],
    ['us-west-2', [], 'states'],
    ['ap-south-1', [], 'default'],
  ] as const) {
    test(`${region} without ${down.join(' and ') || 'failures'}: ${expected}`, () => {
      assert.equal(from(region, ...down), expected)
    })
  }

  test('no match and no default: nothing', () => {
    assert.deepEqual(pick('geo', { europe: { geo: { continent: 'EU' } } }, 'us-east-1'), [])
  })
})

test('geoproximity: a bias moves the border', () => {
  const point = (region: string, bias: number) => ({ point: { ...REGIONS[region]!, bias } })
  const given = (bias: number) => ({ ie: point('eu-west-1', bias), us: point('us-east-1', 0) })
  assert.deepEqual(pick('geoproximity', given(0), 'us-east-1'), ['us'])
  assert.deepEqual(pick('geoproximity', given(0), 'ca-central-1'), ['us'])
  assert.deepEqual(pick('geoproximity', given(90), 'ca-central-1'), ['ie'])
})

test('multivalue: at most eight, all of them healthy while any is', () => {
  const candidate = fc.record({ healthy: fc.boolean() })
  fc.assert(
    fc.property(fc.array(candidate, { minLength: 1, maxLength: 20 }), (list) => {
      const given = Object.fromEntries(list.map((one, index) => [`${index}`, one]))
      const chosen = pick('multivalue', given, 'eu-west-1', Math.random)
      const healthy = list.filter((one) => one.healthy).length
      assert.equal(chosen.length, Math.min(8, healthy || list.length))
      assert.equal(new Set(chosen).size, chosen.length)
      if (healthy) assert.ok(chosen.every((name) => given[name]!.healthy))
    }),
  )
})
