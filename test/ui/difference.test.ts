// What a plan shows of a field that changes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paintFor } from '../../src/ui/paint.js'
import { changesText } from '../../src/ui/report.js'

const shown = (from: unknown, to: unknown, verbose = false) => {
  const fields = [{ field: 'policy', from, to }]
  const [, ...lines] = changesText(
    [{ address: 'role/r/f', action: 'update', fields }],
    paintFor({}, false),
    verbose,
  )
  return lines.map((text) => text.trim())
}

const policy = (actions: string[], Resource = '*') => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
    { Effect: 'Allow', Action: actions, Resource },
  ],
})

test('of a policy it is what differs, with its path', () => {
  assert.deepEqual(
    shown(
      policy(['dynamodb:GetItem', 'dynamodb:Query']),
      policy(['dynamodb:Scan', 'dynamodb:GetItem'], 'arn'),
    ),
    [
      'policy.Statement.1.Action: dynamodb:Query -> nothing',
      'policy.Statement.1.Action: nothing -> dynamodb:Scan',
      'policy.Statement.1.Resource: * -> arn',
    ],
  )
  assert.deepEqual(shown(['a', 'b'], ['b', 'a']), ['policy: ["a","b"] -> ["b","a"]'])
  assert.deepEqual(shown(undefined, 'x'), ['policy: nothing -> x'])
})

test('of many parts the first, and with --verbose all', () => {
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, index]))
  const few = shown({}, many)
  assert.equal(few.length, 7)
  assert.equal(few.at(-1), 'policy: and 3 more; --verbose shows all')
  assert.equal(shown({}, many, true).length, 9)
})

test('long values that begin alike are told apart', () => {
  const [from, to] = [`${'x'.repeat(100)}1`, `${'x'.repeat(100)}2`]
  assert.deepEqual(shown(from, to), [`policy: ${from} -> ${to}`])
  const other = 'y'.repeat(100)
  assert.match(shown(from, other)[0]!, /^policy: x+\.\.\. -> y+\.\.\.$/)
  assert.deepEqual(shown(from, other, true), [`policy: ${from} -> ${other}`])
})
