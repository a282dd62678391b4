// A write that its destination does not take: the writes behind it arrive all the same, and it is not lost silently.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDynalite } from '../../../src/local/dynamodb/dynalite-engine.js'
import { AwsError } from '../../../src/local/wire/errors.js'
import { addReplica, createTable, EU, nameOf, open, put, temporaryDir, US, until } from './harness.js'

const POISON = 'poison'

/** The US refuses one item, as another version of the engine would. */
async function openPicky(folder = '') {
  const engine = await openDynalite(folder)
  const call: typeof engine.call = (operation, input) => {
    const { Item } = input as { Item?: { name?: { S?: string } } }
    if (folder.endsWith(US) && operation === 'PutItem' && Item?.name?.S === POISON)
      return Promise.reject(new AwsError('ValidationException', 'Number overflow'))
    return engine.call(operation, input)
  }
  return { ...engine, call }
}

test('what is refused blocks nothing, is told, and is tried again at the next start', async (t) => {
  const dir = await temporaryDir(t)
  const first = await open(t, { dir, openEngine: openPicky })
  await createTable(first, EU)
  await addReplica(first, EU, US)
  await put(first, EU, 1, POISON)
  await put(first, EU, 2, POISON)
  await put(first, EU, 3, 'behind')
  await until('the item behind', async () => (await nameOf(first, US, 3)) === 'behind')
  const [lag] = first.service.replicationLag()
  assert.deepEqual(lag, {
    ...{ from: EU, to: US, pending: 0, oldestSeconds: 0 },
    ...{ refused: 2, refusal: 'Number overflow' },
  })
  await put(first, EU, 1, 'mended')
  await until('the mended item', async () => (await nameOf(first, US, 1)) === 'mended')
  assert.equal(first.service.replicationLag()[0]?.refused, 1, 'a later write makes a refusal moot')
  await first.close()

  const second = await open(t, { dir })
  await until('the refused item', async () => (await nameOf(second, US, 2)) === POISON)
  assert.equal(await nameOf(second, US, 1), 'mended')
  await until('nothing refused', async () => second.service.replicationLag().length === 0)
})
