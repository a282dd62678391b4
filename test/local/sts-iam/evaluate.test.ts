// The policy evaluator on its own: what must hold for any policy, and AWS's documented cases of wildcards,
// conditions and variables.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { accessDenied, denialOf } from '../../../src/local/sts-iam/evaluate.js'
import { parseIdentityPolicy } from '../../../src/local/sts-iam/policy.js'

type Json = Record<string, unknown>

/** A policy variable. */
const variable = (inside: string) => `\${${inside}}`

const TABLE = 'arn:aws:dynamodb:eu-west-1:000000000000:table/items'

const policy = (...Statement: Json[]) =>
  parseIdentityPolicy(JSON.stringify({ Version: '2012-10-17', Statement }))
const allow = (Action: unknown, Resource: unknown, more: Json = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const deny = (Action: unknown, Resource: unknown, more: Json = {}) => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
})
const request = (action: string, resource: string, context: Record<string, string | string[]> = {}) => ({
  action,
  resource,
  context: new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), [value].flat()])),
})
const allows = (statement: Json, ...asked: Parameters<typeof request>) =>
  denialOf([policy(statement)], undefined, request(...asked)) === undefined

const actions = fc.constantFrom(
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'logs:PutLogEvents',
  'dynamodb:*',
  '*',
  'dynamodb:Get*',
)
const resources = fc.constantFrom(TABLE, `${TABLE}/index/*`, '*', 'arn:aws:dynamodb:*:*:table/*')
const statements = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Action: fc.array(actions, { minLength: 1, maxLength: 3 }),
  Resource: fc.array(resources, { minLength: 1, maxLength: 3 }),
})
const requests = fc
  .record({
    action: fc.constantFrom('dynamodb:GetItem', 'dynamodb:PutItem', 'logs:PutLogEvents'),
    resource: fc.constantFrom(TABLE, '*'),
  })
  .map(({ action, resource }) => request(action, resource))

describe('policy evaluation, for any policies', () => {
  it('deny beats allow, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(statements), fc.nat(), requests, (others, at, asked) => {
        const place = at % (others.length + 1)
        const all = [...others.slice(0, place), deny(asked.action, '*'), ...others.slice(place)]
        assert.equal(denialOf([policy(...all)], undefined, asked), 'explicit-deny')
      }),
    )
  })

  it('nothing is allowed that no statement allows', () => {
    fc.assert(
      fc.property(fc.array(statements, { minLength: 1 }), requests, (all, asked) => {
        const denials = all.map((one) => ({ ...one, Effect: 'Deny' }))
        assert.notEqual(denialOf([policy(...denials)], undefined, asked), undefined)
      }),
    )
    assert.equal(denialOf([], undefined, request('dynamodb:GetItem', TABLE)), 'implicit-deny')
  })

  it('more allows never take away, and the split over policies does not matter', () => {
    fc.assert(
      fc.property(fc.array(statements, { minLength: 1 }), statements, requests, (all, extra, asked) => {
        const before = denialOf([policy(...all)], undefined, asked)
        const more = policy({ ...extra, Effect: 'Allow' })
        if (before === undefined) assert.equal(denialOf([policy(...all), more], undefined, asked), undefined)
        assert.equal(
          denialOf(
            all.map((one) => policy(one)),
            undefined,
            asked,
          ),
          before,
        )
      }),
    )
  })

  it('a boundary only takes away', () => {
    fc.assert(
      fc.property(statements, statements, requests, (own, bound, asked) => {
        const free = denialOf([policy(own)], undefined, asked)
        const bounded = denialOf([policy(own)], policy(bound), asked)
        if (free !== undefined) assert.notEqual(bounded, undefined)
        assert.equal(denialOf([policy(own)], policy(allow('*', '*')), asked), free)
      }),
    )
  })
})

describe('policy elements', () => {
  it('matches actions without regard to case, resources with it', () => {
    assert.ok(allows(allow('DynamoDB:getitem', TABLE), 'dynamodb:GetItem', TABLE))
    assert.ok(!allows(allow('dynamodb:GetItem', TABLE.replace('items', 'Items')), 'dynamodb:GetItem', TABLE))
  })

  it('takes * and ? as wildcards, and everything else literally', () => {
    assert.ok(allows(allow('dynamodb:?etItem', '*'), 'dynamodb:GetItem', TABLE))
    assert.ok(!allows(allow('dynamodb:?etItem', '*'), 'dynamodb:BatchGetItem', TABLE))
    assert.ok(allows(allow('*', 'arn:aws:dynamodb:*:*:table/it*'), 'dynamodb:GetItem', TABLE))
    assert.ok(!allows(allow('*', TABLE.replace('items', 'i.ems')), 'dynamodb:GetItem', TABLE))
    assert.ok(!allows(allow('*', TABLE), 'dynamodb:GetItem', `${TABLE}2`))
  })

  it('does not let a wildcard reach into the next part of an ARN', () => {
    assert.ok(
      !allows(
        allow('*', 'arn:aws:logs:*:log-group:*'),
        'logs:PutLogEvents',
        'arn:aws:logs:eu-west-1:0:log-group:x',
      ),
    )
    assert.ok(
      allows(
        allow('*', 'arn:aws:logs:*:*:log-group:*'),
        'logs:PutLogEvents',
        'arn:aws:logs:eu-west-1:0:log-group:/a:log-stream:b',
      ),
    )
  })

  it('grants an action without a resource by * only', () => {
    assert.ok(allows(allow('dynamodb:ListTables', '*'), 'dynamodb:ListTables', '*'))
    assert.ok(!allows(allow('dynamodb:ListTables', TABLE), 'dynamodb:ListTables', '*'))
  })

  it('takes NotAction and NotResource as everything else', () => {
    const statement = { Effect: 'Allow', NotAction: 'iam:*', NotResource: TABLE }
    assert.ok(allows(statement, 'dynamodb:GetItem', `${TABLE}2`))
    assert.ok(!allows(statement, 'dynamodb:GetItem', TABLE))
    assert.ok(!allows(statement, 'IAM:GetRole', '*'))
  })

  it('fills in variables literally, with defaults, and matches nothing without a value', () => {
    const mine = allow('*', `arn:aws:dynamodb:*:*:table/${variable('aws:PrincipalTag/team')}`)
    assert.ok(allows(mine, 'dynamodb:GetItem', TABLE, { 'aws:PrincipalTag/team': 'items' }))
    assert.ok(!allows(mine, 'dynamodb:GetItem', TABLE, { 'aws:PrincipalTag/team': '*' }))
    assert.ok(!allows(mine, 'dynamodb:GetItem', TABLE))
    const defaulted = allow('*', `arn:aws:dynamodb:*:*:table/${variable("aws:PrincipalTag/team, 'items'")}`)
    assert.ok(allows(defaulted, 'dynamodb:GetItem', TABLE))
    assert.ok(!allows(allow('*', `arn:aws:dynamodb:*:*:table/it${variable('*')}`), 'dynamodb:GetItem', TABLE))
  })

  const when = (operator: string, key: string, value: unknown) =>
    allow('*', '*', { Condition: { [operator]: { [key]: value } } })
  const conditionCases: [
    operator: string,
    wanted: unknown,
    given: string | string[] | undefined,
    holds: boolean,
  ][] = [
    ['StringEquals', ['a', 'b'], 'b', true],
    ['StringEquals', 'a', undefined, false],
    ['StringEqualsIfExists', 'a', undefined, true],
    ['StringNotEquals', 'a', undefined, true],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringEqualsIgnoreCase', 'A', 'a', true],
    ['StringLike', 'eu-*', 'eu-west-1', true],
    ['StringNotLike', 'eu-*', 'us-east-1', true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a'], ['a', 'b'], false],
    ['ForAllValues:StringEquals', ['a'], undefined, true],
    ['ForAnyValue:StringEquals', ['a'], ['a', 'b'], true],
    ['ForAnyValue:StringEquals', ['a'], undefined, false],
    ['NumericLessThan', 10, '9', true],
    ['NumericLessThan', 10, '10', false],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', false],
    ['ArnLike', 'arn:aws:iam::*:role/a*', 'arn:aws:iam::000000000000:role/abc', true],
    ['Bool', 'true', 'TRUE', true],
    ['Null', 'true', undefined, true],
    ['Null', 'true', 'a', false],
    ['Null', false, 'a', true],
  ]
  for (const [operator, wanted, given, holds] of conditionCases) {
    it(`${operator} ${JSON.stringify(wanted)} on ${JSON.stringify(given) ?? 'nothing'} is ${holds}`, () => {
      const statement = when(operator, 'aws:PrincipalTag/x', wanted)
      assert.equal(
        allows(
          statement,
          'dynamodb:GetItem',
          TABLE,
          given === undefined ? {} : { 'aws:PrincipalTag/x': given },
        ),
        holds,
      )
    })
  }

  it('words a denial as AWS does', () => {
    const user = 'arn:aws:sts::000000000000:assumed-role/r/s'
    assert.equal(
      accessDenied(user, 'dynamodb:PutItem', TABLE, 'implicit-deny'),
      `User: ${user} is not authorized to perform: dynamodb:PutItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:PutItem action`,
    )
    assert.match(
      accessDenied(user, 'a:b', '*', 'explicit-deny'),
      / with an explicit deny in an identity-based policy$/,
    )
  })
})

describe('policy documents', () => {
  const refusals: [what: string, document: unknown, message: RegExp][] = [
    ['no JSON', '{', /^Syntax errors in policy\.$/],
    ['no version', { Statement: [] }, /version 2012-10-17 or greater/],
    [
      'an unknown member',
      { Version: '2012-10-17', Statement: [{ ...allow('*', '*'), Actions: '*' }] },
      /^Syntax errors/,
    ],
    [
      'an unknown effect',
      { Version: '2012-10-17', Statement: [{ ...allow('*', '*'), Effect: 'allow' }] },
      /^Syntax errors/,
    ],
    [
      'no action',
      { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*' }] },
      /must contain actions/,
    ],
    [
      'no resource',
      { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*' }] },
      /must contain resources/,
    ],
    [
      'a principal',
      { Version: '2012-10-17', Statement: [{ ...allow('*', '*'), Principal: '*' }] },
      /should not specify a principal/,
    ],
    [
      'an action without vendor',
      { Version: '2012-10-17', Statement: [allow('GetItem', '*')] },
      /prefaced by a vendor/,
    ],
    ['two colons', { Version: '2012-10-17', Statement: [allow('a:b:c', '*')] }, /only one colon/],
    [
      'a bare resource',
      { Version: '2012-10-17', Statement: [allow('*', 'items')] },
      /must be in ARN format or "\*"/,
    ],
    [
      'a foreign partition',
      { Version: '2012-10-17', Statement: [allow('*', 'arn:ibm:s3:::x')] },
      /Partition "ibm" is not valid/,
    ],
    [
      'a wildcard service',
      { Version: '2012-10-17', Statement: [allow('*', 'arn:aws:*:::x')] },
      /vendor must be fully qualified/,
    ],
    [
      'an unknown operator',
      {
        Version: '2012-10-17',
        Statement: [allow('*', '*', { Condition: { StringIs: { 'aws:userid': 'a' } } })],
      },
      /^Syntax errors/,
    ],
    [
      'equal Sids',
      { Version: '2012-10-17', Statement: [allow('*', '*', { Sid: 'a' }), allow('*', '*', { Sid: 'a' })] },
      /must be unique/,
    ],
  ]
  for (const [what, document, message] of refusals) {
    it(`refuses ${what}`, () => {
      const text = typeof document === 'string' ? document : JSON.stringify(document)
      assert.throws(() => parseIdentityPolicy(text), { code: 'MalformedPolicyDocument', message })
    })
  }

  it('refuses loudly what it cannot evaluate', () => {
    const beyond: Json[] = [
      allow('*', '*', { Condition: { StringEquals: { 'dynamodb:LeadingKeys': 'a' } } }),
      allow('*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
      allow('*', `arn:aws:s3:::${variable('s3:prefix')}`),
    ]
    for (const statement of beyond)
      assert.throws(() => policy(statement), { code: 'NotImplemented', status: 501 })
  })
})
