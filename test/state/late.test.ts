// What is made of a former home's late entries: things to look for, never facts, and nothing of ours is forgotten.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Entry, StackState } from '../../src/engine/ledger.js'
import { mergeLate } from '../../src/state/late.js'
import { anyState } from './fixture.js'

const withEntries = (entries: Record<string, Entry>): StackState => ({ ...anyState(), entries })
const merged = (ours: Entry | undefined, theirs: Entry): Entry | undefined =>
  mergeLate(withEntries(ours ? { a: ours } : {}), withEntries({ a: theirs })).state.entries.a
const intent = { action: 'create', token: 't', at: '2026-01-01T00:00:00.000Z' } as const

describe('an entry that only the late one has', () => {
  test('is neither settled nor observed', () => {
    const theirs = { id: 'x', settled: true, desired: { n: 1 }, observed: { id: 'x' } }
    assert.deepEqual(merged(undefined, theirs), { id: 'x', desired: { n: 1 } })
  })
  test('keeps the token of a create without an answer', () => {
    assert.deepEqual(merged(undefined, { desired: {}, intent }), { desired: {}, intent })
  })
  test('is nothing where nothing was asked for', () => {
    assert.equal(merged(undefined, { desired: {} }), undefined)
  })
})

describe('an entry that both have', () => {
  const ours = { id: 'ours', settled: true, desired: {}, observed: { id: 'ours' } }
  test('stays as it is where theirs says the same', () => {
    assert.deepEqual(merged(ours, { ...ours, desired: { n: 2 } }), ours)
  })
  test('gets their id to be swept', () => {
    assert.deepEqual(merged(ours, { id: 'theirs' }), { ...ours, superseded: ['theirs'] })
  })
  test('looks for twins where they asked for one', () => {
    assert.deepEqual(merged(ours, { id: 'ours', intent }), { ...ours, intent })
  })
  test('keeps its own open intent', () => {
    const open = { ...ours, intent: { ...intent, action: 'update' as const } }
    assert.deepEqual(merged(open, { id: 'ours', intent }), open)
  })
})

test('merging again changes nothing, and no id of either is forgotten', () => {
  const id = fc.constantFrom('1', '2', '3')
  const entry = fc.record(
    {
      id,
      settled: fc.constant(true),
      desired: fc.constant({}),
      intent: fc.constantFrom(intent, { ...intent, action: 'remove' as const }),
      superseded: fc.uniqueArray(id),
    },
    { requiredKeys: ['desired'] },
  ) as fc.Arbitrary<Entry>
  const idsOf = (one: Entry | undefined) => new Set([one?.id, ...(one?.superseded ?? [])].filter(Boolean))
  fc.assert(
    fc.property(fc.option(entry, { nil: undefined }), entry, (ours, theirs) => {
      const once = mergeLate(withEntries(ours ? { a: ours } : {}), withEntries({ a: theirs })).state
      const twice = mergeLate(once, withEntries({ a: theirs }))
      assert.deepEqual(twice.addresses, [])
      const kept = idsOf(once.entries.a)
      for (const one of [...idsOf(ours), ...idsOf(theirs)]) assert.ok(kept.has(one), `${one} is forgotten`)
      if (ours?.id) assert.equal(once.entries.a?.id, ours.id)
    }),
  )
})
