// How single events read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paintFor } from '../../src/ui/paint.js'
import { lineOf } from '../../src/ui/words.js'

test('what is skipped says what is true of the other', () => {
  const skipped = { type: 'step.skipped', address: 'traffic-policy/eu-west-1', region: 'eu-west-1' } as const
  const said = (is: 'undone' | 'standing' | 'unseen') =>
    lineOf({ ...skipped, because: 'policy-record/eu-west-1', is }, paintFor({}, false), false)
  assert.match(said('undone')!, /traffic-policy skipped, as policy-record\/eu-west-1 is not done yet$/)
  assert.match(said('standing')!, /skipped, as policy-record\/eu-west-1 still stands$/)
  assert.match(said('unseen')!, /skipped, as policy-record\/eu-west-1 could not be looked at$/)
})
