// Equal keys have equal texts, however their numbers are written; different keys never do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keyOf, keyText } from '../../../src/local/dynamodb/item-key.js'

const schema = {
  KeySchema: [
    { AttributeName: 'id', KeyType: 'HASH' },
    { AttributeName: 'at', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'at', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'N' },
  ],
}

const text = (id: string, at = 'x') => keyText(schema, { id: { N: id }, at: { S: at } })

test('one number has one text', () => {
  for (const same of ['120', '+120', '120.0', '0120', '1.2e2', '1.2E+2', '12000e-2', '.12e3', ' 120 ']) {
    assert.equal(text(same), text('120'), same)
  }
  for (const zero of ['-0', '0.000', '0e7', '+0']) assert.equal(text(zero), text('0'), zero)
  assert.equal(text('-1.50'), text('-15e-1'))
})

test('different numbers have different texts', () => {
  const all = [
    '0',
    '1',
    '-1',
    '10',
    '100',
    '0.1',
    '1.1',
    '11',
    '1e10',
    '1e-10',
    '12345678901234567890',
    '12345678901234567891',
  ]
  assert.equal(new Set(all.map((id) => text(id))).size, all.length)
})

test('integers: shifting the point changes nothing', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: 0, max: 20 }), (value, shift) => {
      assert.equal(text(`${value}${'0'.repeat(shift)}e-${shift}`), text(String(value)))
    }),
  )
})

test('the parts of a key cannot be mistaken for each other', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      assert.equal(text('1', one) === text('1', other), one === other)
    }),
  )
})

test('the key of an item is its key attributes, of their types', () => {
  const item = { id: { N: '1' }, at: { S: 'x' }, name: { S: 'y' } }
  assert.deepEqual(keyOf(schema, item), { id: { N: '1' }, at: { S: 'x' } })
  assert.equal(keyOf(schema, { id: { N: '1' } }), undefined)
  assert.equal(keyOf(schema, { id: { S: '1' }, at: { S: 'x' } }), undefined)
  assert.equal(keyOf(schema, undefined), undefined)
})
