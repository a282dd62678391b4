// Our reader of JSON against the one of the language: the same values, the same refusals.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readJson } from '../../src/config/json.js'

const read = (text: string) =>
  readJson(text, (what, { line, column }) => {
    throw new SyntaxError(`${line}:${column} ${what}`)
  })

test('reads whatever JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      fc.pre(!text.includes('__proto__'))
      assert.deepEqual(read(text).value, JSON.parse(text))
    }),
  )
})

test('accepts a damaged text exactly when JSON.parse does', () => {
  const signs = fc.constantFrom(
    '',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\n',
    '\u0001',
    '0',
    '-',
    '.',
    'e',
    't',
    ' ',
  )
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), signs, (text, at, sign) => {
      const place = at % (text.length + 1)
      const damaged = text.slice(0, place) + sign + text.slice(place + 1)
      const theirs = attempt(() => JSON.parse(damaged))
      const ours = attempt(() => read(damaged).value)
      if (/second time|__proto__/.test(String(ours.error))) return
      assert.equal(
        ours.error === undefined,
        theirs.error === undefined,
        `${damaged}: ${ours.error ?? theirs.error}`,
      )
      assert.deepEqual(ours.value, theirs.value)
    }),
    { numRuns: 2000 },
  )
})

test('knows where everything stands', () => {
  const { placeOf } = read('{\n  "a": [1,\n    {"b": 2}],\n  "c.d": 3\n}')
  assert.deepEqual(placeOf(['a']), { line: 2, column: 3 })
  assert.deepEqual(placeOf(['a', 1]), { line: 3, column: 5 })
  assert.deepEqual(placeOf(['a', 1, 'b']), { line: 3, column: 6 })
  assert.deepEqual(placeOf(['c.d']), { line: 4, column: 3 })
  assert.deepEqual(placeOf(['c', 'd']), { line: 1, column: 1 })
  assert.deepEqual(placeOf(['a', 1, 'none']), { line: 3, column: 5 })
})

function attempt(work: () => unknown): { value?: unknown; error?: unknown } {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}
