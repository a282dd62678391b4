// `multiregion policy` without a cloud: what it prints, what it refuses, and that docs/operating.md shows the same.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import {
  operatorPolicy,
  policySize,
  policyText,
  withOperatorPolicy,
} from '../../src/commands/operator-policy.js'
import type { PolicyResult } from '../../src/commands/result.js'
import { Project } from '../journeys/project.js'

const SUBJECT = {
  stack: 'multiregion-dev',
  table: 'MyGlobalTable',
  domain: 'multiregion.example.com',
  account: '123456789012',
  zone: 'Z0123456789ABCDEFGHIJ',
}
const GIVEN = ['--account', SUBJECT.account, '--zone', SUBJECT.zone]

const project = new Project()
after(() => project.remove())

test('the policy in docs/operating.md is the one that is printed: npm run generate', () => {
  const text = readFileSync('docs/operating.md', 'utf8')
  assert.equal(withOperatorPolicy(text), text)
  assert.ok(text.includes('"arn:aws:dynamodb:*:ACCOUNT:table/TABLE"'))
})

test('it is laid out for people and is the same JSON, in lines of 110 characters at most', () => {
  const policy = operatorPolicy(SUBJECT)
  const text = policyText(policy)
  assert.deepEqual(JSON.parse(text), policy)
  const [longest] = text.split('\n').sort((a, b) => b.length - a.length)
  assert.ok(longest!.length <= 110, longest)
})

test('it fits a managed policy, with the longest names, too', () => {
  assert.ok(policySize(operatorPolicy(SUBJECT)) <= 6144)
  const longest = { stack: 's'.repeat(50), table: 't'.repeat(100), domain: `${'d'.repeat(60)}.example.com` }
  const size = policySize(operatorPolicy({ ...SUBJECT, ...longest }))
  assert.ok(size <= 6144, `${size}`)
})

test('no statement and no action stands there twice', () => {
  const { Statement } = operatorPolicy(SUBJECT)
  const sids = Statement.map(({ Sid }) => Sid)
  assert.equal(new Set(sids).size, sids.length)
  for (const { Sid, Action } of Statement) assert.equal(new Set(Action).size, Action.length, Sid)
})

test('with account and zone it asks nobody', async () => {
  const { code, stdout, stderr } = await project.run('policy', ...GIVEN)
  assert.equal(code, 0, stderr)
  assert.equal(stdout, `${policyText(operatorPolicy(SUBJECT))}\n`)
  assert.match(stderr, /^\d+ of 6144 characters$/m)
  const result = await project.json<PolicyResult>('policy', ...GIVEN)
  assert.deepEqual(result.policy, operatorPolicy(SUBJECT))
})

test('what is no account, no zone or no policy is refused as usage', async () => {
  for (const wrong of [
    ['policy', '--account', '12'],
    ['policy', '--zone', 'example.com'],
  ]) {
    const { code, stderr } = await project.run(...wrong)
    assert.equal(code, 64, stderr)
  }
})
