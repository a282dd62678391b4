// The ledger: what is on disk after each of its lines, as the engine's safety rests on it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger, type StackState } from '../../src/engine/ledger.js'
import { Disk } from './fixture.js'

const A = 'certificate/eu-west-1'

function ledger() {
  const disk = new Disk()
  const store = {
    read: () => disk.state,
    save: async (state: StackState) => {
      disk.state = JSON.parse(JSON.stringify(state))
      disk.saves++
    },
  }
  return { disk, ledger: new Ledger(store), entry: () => disk.state.entries[A] }
}

test('an intent has a token of 32 word characters, and keeps it until its end', async () => {
  const { ledger: kept, entry } = ledger()
  const token = await kept.intend(A, 'create', { domainName: 'a' })
  assert.match(token, /^\w{32}$/)
  assert.equal(entry()?.intent?.token, token)
  assert.equal(await kept.intend(A, 'create', { domainName: 'a' }), token)
  assert.notEqual(await kept.intend(A, 'update', { domainName: 'a' }), token)
})

test('an intent to move what was found keeps its id, and what was desired where nothing else is said', async () => {
  const { ledger: kept, entry } = ledger()
  await kept.intend(A, 'create', { domainName: 'a' })
  await kept.intend(A, 'remove', undefined, 'arn:1')
  assert.equal(entry()?.id, 'arn:1')
  assert.deepEqual(entry()?.desired, { domainName: 'a' })
})

test('created keeps the id and the token; settled ends the intent', async () => {
  const { ledger: kept, entry } = ledger()
  const token = await kept.intend(A, 'create', { domainName: 'a' })
  await kept.created(A, 'arn:1')
  assert.equal(entry()?.id, 'arn:1')
  assert.equal(entry()?.intent?.token, token)
  await kept.settled(A, { domainName: 'a' }, { id: 'arn:1', owned: true })
  assert.deepEqual(entry(), {
    ...{ id: 'arn:1', settled: true, desired: { domainName: 'a' } },
    observed: { id: 'arn:1', owned: true },
  })
})

test('settled writes nothing where nothing is new, whatever the order of keys', async () => {
  const { ledger: kept, disk } = ledger()
  const observed = { id: 'arn:1', owned: true, tags: { a: 1, b: 2 }, reason: undefined }
  await kept.settled(A, { x: [1, 2] }, observed)
  await kept.settled(A, { x: [1, 2] }, { owned: true, tags: { b: 2, a: 1 }, id: 'arn:1' } as typeof observed)
  assert.equal(disk.saves, 1)
  await kept.settled(A, { x: [2, 1] }, observed)
  assert.equal(disk.saves, 2)
})

test('lost forgets the thing and its token, not what was replaced by it', async () => {
  const { ledger: kept, entry } = ledger()
  await kept.settled(A, { v: 1 }, { id: 'one', owned: true })
  await kept.supersede(A, 'one')
  const token = await kept.intend(A, 'create', { v: 2 })
  await kept.created(A, 'two')
  await kept.lost(A)
  assert.deepEqual(entry(), { desired: { v: 2 }, superseded: ['one'] })
  assert.notEqual(await kept.intend(A, 'create', { v: 2 }), token)
})

test('what is settled is not among what was replaced', async () => {
  const { ledger: kept, entry } = ledger()
  await kept.twins(A, ['one', 'two'])
  await kept.settled(A, { v: 1 }, { id: 'two', owned: true })
  assert.deepEqual(entry()!.superseded, ['one'])
  await kept.settled(A, { v: 1 }, { id: 'one', owned: true })
  assert.equal(entry()!.superseded, undefined)
})

test('a refused create leaves nothing to look for', async () => {
  const { ledger: kept, entry } = ledger()
  await kept.intend(A, 'create', { v: 1 })
  await kept.refused(A)
  assert.equal(entry(), undefined)
})

test('superseded ids are kept once each until they are swept', async () => {
  const { ledger: kept, entry } = ledger()
  await kept.settled(A, { v: 1 }, { id: 'one', owned: true })
  await kept.supersede(A, 'one')
  await kept.supersede(A, 'one')
  await kept.settled(A, { v: 2 }, { id: 'two', owned: true })
  await kept.supersede(A, 'two')
  assert.deepEqual(entry()?.superseded, ['one', 'two'])
  await kept.swept(A, 'one')
  assert.deepEqual(entry()?.superseded, ['two'])
  await kept.swept(A, 'two')
  assert.ok(!('superseded' in entry()!))
})

test('forget and restore take out one and leave the others', async () => {
  const { ledger: kept, disk } = ledger()
  await kept.created(A, 'arn:1')
  await kept.created('role/eu-west-1/get', 'get')
  await kept.forget(A)
  assert.deepEqual(Object.keys(disk.state.entries), ['role/eu-west-1/get'])
  await kept.drain('eu-west-1', { mode: 'article', since: '2026-11-01T00:00:00Z' })
  await kept.drain('us-east-1', { mode: 'article', since: '2026-11-01T00:00:00Z' })
  await kept.restore('eu-west-1')
  assert.deepEqual(Object.keys(disk.state.drained), ['us-east-1'])
})
