// The next command of a run on the local cloud is one for the local cloud: typed as it stands, it must not reach AWS.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MultiregionError } from '../../src/base/errors.js'
import { errorJson, errorText } from '../../src/ui/error-report.js'
import { localized } from '../../src/ui/layout.js'
import { paintFor } from '../../src/ui/paint.js'

const SAID = {
  'Run multiregion up first.': 'Run multiregion up --local first.',
  'If it is dead: multiregion state unlock 6f1c-5f':
    'If it is dead: multiregion state unlock 6f1c-5f --local',
  'removes it: multiregion up --adopt table/eu-west-1 role/eu-west-1/f':
    'removes it: multiregion up --adopt table/eu-west-1 role/eu-west-1/f --local',
  'Give it to up: multiregion up --adopt ADDRESS. Else':
    'Give it to up: multiregion up --adopt ADDRESS --local. Else',
  'Make it anew: multiregion state rebuild, multiregion down.':
    'Make it anew: multiregion state rebuild --local, multiregion down --local.',
  'npx multiregion state takeover --to us-east-1': 'npx multiregion state takeover --to us-east-1 --local',
  'Say yes: multiregion down --yes': 'Say yes: multiregion down --yes --local',
}

for (const [hint, local] of Object.entries(SAID))
  test(`${hint} -> ${local}`, () => {
    assert.equal(localized(hint), local)
    assert.equal(localized(local), local)
  })

for (const hint of [
  'Look: multiregion local status, multiregion local logs',
  'Run multiregion failover --help for its options.',
  'next: multiregion failback --region eu-west-1 --local',
  'Rehearse: multiregion up --local --yes',
  'with that version of multiregion.',
  'Made by multiregion for role/eu-west-1/health',
])
  test(`${hint} stays as it is`, () => assert.equal(localized(hint), hint))

test('an error names it to a person and in JSON, in what it is made of too', () => {
  const errors = [{ hint: 'Run multiregion up again.' }]
  const error = new MultiregionError('x', 'multiregion down failed', 'See multiregion plan', 1, { errors })
  const told = (local: boolean, program = 'multiregion') =>
    errorText(error, paintFor({}, false), { verbose: false, local, program })
  assert.equal(told(true), 'error: multiregion down --local failed\nnext: See multiregion plan --local\n')
  assert.equal(told(false), 'error: multiregion down failed\nnext: See multiregion plan\n')
  const npx = told(true, 'npx multiregion')
  assert.equal(npx, 'error: multiregion down --local failed\nnext: See npx multiregion plan --local\n')
  const { message, hint, data } = JSON.parse(errorJson(error, 1, true)).error
  assert.equal(message, 'multiregion down --local failed')
  assert.equal(hint, 'See multiregion plan --local')
  assert.deepEqual(data, { errors: [{ hint: 'Run multiregion up --local again.' }] })
})
