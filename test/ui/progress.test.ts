// Where a spinner may be shown: on a pseudo-terminal that says its width is 0 it would clear lines without an end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsSpinner } from '../../src/ui/progress.js'

test('a spinner needs a terminal with a width', () => {
  assert.equal(fitsSpinner({ isTTY: true, columns: 80 }), true)
  assert.equal(fitsSpinner({ isTTY: true, columns: 0 }), false)
  assert.equal(fitsSpinner({ isTTY: true }), false)
  assert.equal(fitsSpinner({ columns: 80 }), false)
})
