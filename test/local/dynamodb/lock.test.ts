// The keyed mutex: one at a time per key, several keys at once without a deadlock, and waiting for a prefix.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKeyedMutex } from '../../../src/local/dynamodb/lock.js'

/** A promise that is resolved from outside. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('work on one key runs one after the other, in order of arrival', async () => {
  const locks = createKeyedMutex()
  const seen: string[] = []
  const first = gate()
  const one = locks.run(['a'], async () => {
    seen.push('one begins')
    await first.opened
    seen.push('one ends')
  })
  const two = locks.run(['a'], async () => void seen.push('two'))
  const other = locks.run(['b'], async () => void seen.push('other'))
  await other
  assert.deepEqual(seen, ['one begins', 'other'])
  first.open()
  await Promise.all([one, two])
  assert.deepEqual(seen, ['one begins', 'other', 'one ends', 'two'])
})

test('several keys in any order do not deadlock, and exclude each other', async () => {
  const locks = createKeyedMutex()
  let inside = 0
  let most = 0
  const work = async () => {
    inside += 1
    most = Math.max(most, inside)
    await turn()
    inside -= 1
  }
  const orders = [
    ['a', 'b'],
    ['b', 'a'],
    ['b', 'c', 'a'],
    ['a', 'a'],
    ['c', 'a'],
  ]
  await Promise.all([...orders, ...orders].map((keys) => locks.run(keys, work)))
  assert.equal(most, 1)
})

test('a failure frees the keys and is given to the caller', async () => {
  const locks = createKeyedMutex()
  const broken = locks.run(['a', 'b'], async () => {
    throw new Error('broken')
  })
  await assert.rejects(broken, /broken/)
  assert.equal(await locks.run(['b', 'a'], async () => 7), 7)
})

test('settled waits for the work of now with that prefix, and for no later work', async () => {
  const locks = createKeyedMutex()
  const early = gate()
  const late = gate()
  const other = gate()
  const running = locks.run(['item/1'], () => early.opened)
  const elsewhere = locks.run(['else/1'], () => other.opened)
  let settled = false
  const settling = locks.settled('item/').then(() => {
    settled = true
  })
  const after = locks.run(['item/2'], () => late.opened)
  await turn()
  assert.equal(settled, false)
  early.open()
  await settling
  late.open()
  other.open()
  await Promise.all([running, elsewhere, after])
})

test('claims tell what is done with a key by those who hold or await it', async () => {
  const locks = createKeyedMutex()
  const held = gate()
  const first = locks.run(['a', 'b', 'a'], () => held.opened, 'transaction')
  const second = locks.run(['a'], async () => {}, 'write')
  const silent = locks.run(['a'], async () => {})
  assert.deepEqual(locks.claims('a'), ['transaction', 'write'])
  assert.deepEqual(locks.claims('b'), ['transaction'])
  held.open()
  await first
  assert.deepEqual(locks.claims('b'), [])
  await Promise.all([second, silent])
  assert.deepEqual(locks.claims('a'), [])
})
