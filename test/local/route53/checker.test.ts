// Streaks of one checker and the verdict over all of them, without probes or time.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HealthCheckConfig } from '@aws-sdk/client-route-53'
import { type CheckerState, healthFrom, newCheckers, observe } from '../../../src/local/route53/checker.js'

const CONFIG: HealthCheckConfig = { Type: 'HTTPS', FailureThreshold: 3 }
const after = (results: string, threshold = 3): CheckerState => {
  const [checker] = newCheckers(undefined)
  return [...results].reduce(
    (state, letter, at) => observe(state, { success: letter === '+', status: letter }, threshold, at),
    checker!,
  )
}
const verdicts = (up: number, down: number, unknown = 0) => [
  ...Array.from({ length: up }, () => after('+++')),
  ...Array.from({ length: down }, () => after('---')),
  ...Array.from({ length: unknown }, () => after('+')),
]
const health = (checkers: CheckerState[], more: object = {}) =>
  healthFrom({ ...CONFIG, ...more }, checkers, () => true)

test('two checkers in each of eight regions, or of those that are chosen', () => {
  assert.equal(newCheckers(undefined).length, 16)
  const chosen = newCheckers(['us-east-1', 'eu-west-1', 'sa-east-1'])
  assert.deepEqual(
    chosen.map(({ region }) => region),
    ['us-east-1', 'us-east-1', 'eu-west-1', 'eu-west-1', 'sa-east-1', 'sa-east-1'],
  )
  assert.equal(new Set(chosen.map(({ address }) => address)).size, 6)
})

describe('a checker changes its mind after a streak', () => {
  for (const [results, threshold, verdict] of [
    ['', 3, undefined],
    ['++', 3, undefined],
    ['+++', 3, true],
    ['---', 3, false],
    ['+++--', 3, true],
    ['+++--+--', 3, true],
    ['+++---', 3, false],
    ['---++', 3, false],
    ['---+++', 3, true],
    ['+', 1, true],
    ['+-', 1, false],
  ] as const) {
    test(`${results || 'nothing'} with a threshold of ${threshold}`, () => {
      assert.equal(after(results, threshold).verdict, verdict)
    })
  }

  test('its reports are the latest one and the last failure', () => {
    const checker = after('+-+')
    assert.deepEqual(checker.latest, { status: '+', at: 2 })
    assert.deepEqual(checker.lastFailure, { status: '-', at: 1 })
  })
})

describe('more than 18 % must say healthy', () => {
  for (const [up, down, healthy] of [
    [0, 16, false],
    [2, 14, false], // 12.5 %
    [3, 13, true], // 18.75 %
    [9, 41, false], // 18 % exactly
    [16, 0, true],
  ] as const) {
    test(`${up} of ${up + down}`, () => assert.equal(health(verdicts(up, down)).healthy, healthy))
  }

  test('without data a check is healthy; inverted it is not', () => {
    assert.equal(health(verdicts(0, 0, 16)).healthy, true)
    assert.equal(health(verdicts(0, 0, 16), { Inverted: true }).healthy, false)
    assert.equal(health(verdicts(0, 16), { Inverted: true }).healthy, true)
  })

  test('disabled is healthy, whatever was seen', () => {
    assert.equal(health(verdicts(0, 16), { Disabled: true }).healthy, true)
    assert.equal(health(verdicts(0, 16), { Disabled: true, Inverted: true }).healthy, false)
  })
})

describe('calculated checks count their children', () => {
  const calculated = (HealthThreshold: number, healthyChildren: string[]) =>
    healthFrom({ Type: 'CALCULATED', ChildHealthChecks: ['a', 'b', 'c'], HealthThreshold }, [], (id) =>
      healthyChildren.includes(id),
    ).healthy
  for (const [threshold, children, healthy] of [
    [0, [], true],
    [1, [], false],
    [2, ['a', 'b'], true],
    [3, ['a', 'b'], false],
    [4, ['a', 'b', 'c'], false],
  ] as const) {
    test(`${children.length} of 3 with a threshold of ${threshold}`, () => {
      assert.equal(calculated(threshold, [...children]), healthy)
    })
  }
})
