// What came from outside cannot steer a terminal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MultiregionError } from '../../src/base/errors.js'
import type { Event } from '../../src/base/events.js'
import { errorText } from '../../src/ui/error-report.js'
import { paintFor } from '../../src/ui/paint.js'
import { printable } from '../../src/ui/printable.js'
import { plainProgress } from '../../src/ui/progress.js'
import { changesText, report } from '../../src/ui/report.js'

const paint = paintFor({}, false)
const ESCAPE = '\u001b[2J'

test('control characters, halves of characters and turned directions are shown with their escapes', () => {
  const shown = printable(['a\u001b[2J\u0007', '\u009b1m', '\u202e', '\ud800', { 'k\u0000': 'é𝒳\n\tü' }])
  const said = ['a\\u001b[2J\\u0007', '\\u009b1m', '\\u202e', '\\ud800', { 'k\\u0000': 'é𝒳\n\tü' }]
  assert.deepEqual(shown, said)
})

test('JSON stays JSON that means the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value, null, 2)
      assert.deepEqual(JSON.parse(printable(text)), JSON.parse(text))
    }),
  )
})

test('errors, results, plans and progress print nothing raw', (t) => {
  const error = new MultiregionError('x', `name ${ESCAPE}`, `hint ${ESCAPE}`, 1, { id: ESCAPE })
  const result = { verb: 'state unlock', schemaVersion: 1, stack: ESCAPE, unlocked: 'n' } as const
  const change = { address: ESCAPE, action: 'update', fields: [{ field: 'f', from: ESCAPE, to: 1 }] } as const
  const texts = [
    errorText(error, paint, { verbose: true, local: false, program: 'multiregion' }),
    report(result, { paint, program: 'multiregion', local: false }),
    ...changesText([change], paint),
  ]
  const write = t.mock.method(process.stderr, 'write', () => true)
  const event: Event = { type: 'step.failed', address: 'a/b', region: 'b', message: ESCAPE }
  plainProgress({ paint, verbose: true }).emit(event)
  texts.push(String(write.mock.calls[0]?.arguments[0]))
  write.mock.restore()
  for (const text of texts) {
    assert.ok(!text.includes('\u001b'), JSON.stringify(text))
    assert.ok(text.includes('\\u001b[2J'), text)
  }
})
