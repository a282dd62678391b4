// What somebody wrote into the control table, or removed from it, with other tools: it is passed over or told as damage
// with the way out, and never hides what is saved afterwards.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { LockedError, type MultiregionError } from '../../src/base/errors.js'
import { sharedUnlock } from '../../src/commands/state.js'
import type { StackState } from '../../src/engine/ledger.js'
import { IRELAND, type Machine, SharedCloud, VIRGINIA } from './shared-fixture.js'

let cloud: SharedCloud
before(async () => {
  cloud = await SharedCloud.start()
})
after(() => cloud.close())
beforeEach(() => void cloud.test.cloud.faults.clear())

type Item = Record<string, AttributeValue>

const FIRST = '000001#eu-west-1'
const SECOND = '000002#us-east-1'
const db = (region: string) => cloud.test.client(DynamoDBClient, region)
const tableOf = (stack: string) => ({ TableName: `${stack}-dev-control` })
const keyOf = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } })

const put = (stack: string, pk: string, sk: string, rest: Item = {}, region = IRELAND) =>
  db(region).send(new PutItemCommand({ ...tableOf(stack), Item: { ...keyOf(pk, sk), ...rest } }))
const remove = (stack: string, pk: string, sk: string, region = IRELAND) =>
  db(region).send(new DeleteItemCommand({ ...tableOf(stack), Key: keyOf(pk, sk) }))
const setLock = (stack: string, name: string, value: AttributeValue) =>
  db(IRELAND).send(
    new UpdateItemCommand({
      ...{ ...tableOf(stack), Key: keyOf('lock', FIRST), UpdateExpression: 'SET #name = :value' },
      ...{ ExpressionAttributeNames: { '#name': name }, ExpressionAttributeValues: { ':value': value } },
    }),
  )
async function keysOf(stack: string, pk: string, region = IRELAND): Promise<string[]> {
  const { Items = [] } = await db(region).send(
    new QueryCommand({
      ...{ ...tableOf(stack), KeyConditionExpression: 'pk = :pk' },
      ExpressionAttributeValues: { ':pk': { S: pk } },
    }),
  )
  return Items.map(({ sk }) => sk!.S!)
}

const withEntry = (state: StackState, id: string): StackState => ({
  ...state,
  entries: { ...state.entries, 'role/eu-west-1/x': { id } },
})
const idIn = (state: StackState) => state.entries['role/eu-west-1/x']?.id

/** A run that saves this, and gives the lease back. */
async function save(machine: Machine, id: string, how?: Parameters<Machine['session']>[0]) {
  const { state, close } = await machine.session(how)
  await state.save(withEntry(state.read(), id))
  await close()
}
const readBy = async (stack: string) =>
  idIn((await cloud.machine({ name: 'ci', stack }).place()).state.read())
const isDamage = ({ code, message, hint }: MultiregionError) =>
  code === 'state' && /is damaged/.test(message) && /state rebuild/.test(hint)

describe('the lock', () => {
  test('removed: what is saved afterwards sorts above what was saved before', async () => {
    const laptop = await cloud.shared('unlocked')
    for (const id of ['1', '2', '3']) await save(laptop, id)
    await remove('unlocked', 'lock', FIRST)
    await save(laptop, '4')
    assert.equal(await readBy('unlocked'), '4')
    await setLock('unlocked', 'fence', { N: '1' })
    await save(laptop, '5')
    assert.equal(await readBy('unlocked'), '5')
  })

  test('removed while it is held: its holder writes nothing more', async () => {
    const laptop = await cloud.shared('pulled')
    const { state, close } = await laptop.session()
    await remove('pulled', 'lock', FIRST)
    await save(cloud.machine({ name: 'ci', stack: 'pulled' }), 'theirs')
    await assert.rejects(state.save(withEntry(state.read(), 'mine')), LockedError)
    await close()
    assert.equal(await readBy('pulled'), 'theirs')
  })

  const ODD: Readonly<Record<string, AttributeValue>> = {
    fence: { S: 'junk' },
    beat: { S: 'junk' },
    nonce: { N: '7' },
    closed: { S: 'junk' },
    leaseSeconds: { S: 'junk' },
  }
  for (const [name, value] of Object.entries(ODD))
    test(`an odd ${name} gives way to the next holder`, async () => {
      const stack = `odd${name.toLowerCase()}`
      const laptop = await cloud.shared(stack)
      await setLock(stack, name, value)
      await save(laptop, 'after')
      assert.equal(await readBy(stack), 'after')
    })

  for (const fence of ['99999999', '1e30', '-1', '1.5'])
    test(`a fence of ${fence} is none`, async () => {
      const stack = `fence${fence.replace(/\W/g, '')}`
      const laptop = await cloud.shared(stack)
      await setLock(stack, 'fence', { N: fence })
      await save(laptop, fence)
      assert.equal(await readBy(stack), fence)
    })

  test('a holder that nobody can read is an unknown one: waited for, or freed by his nonce', async () => {
    const laptop = await cloud.shared('holder')
    for (const holder of ['{bad', '[]', 'null', '"x"', '{"pid": "x"}']) {
      await setLock('holder', 'nonce', { S: 'theirs' })
      await setLock('holder', 'holder', { S: holder })
      const refused = sharedUnlock(laptop.config, laptop.target, 'wrong')
      await assert.rejects(refused, { code: 'wrong-nonce', hint: /state unlock theirs/ })
      await sharedUnlock(laptop.config, laptop.target, 'theirs')
      await setLock('holder', 'nonce', { S: 'theirs' })
      await setLock('holder', 'holder', { S: holder })
      const before = laptop.clock.now()
      await save(laptop, holder)
      assert.ok(laptop.clock.now() - before >= 30)
      assert.match(laptop.notes.join(), /\?@\? \(pid 0\)/)
    }
  })

  test('its time is a lease’s, whatever it says', async () => {
    const schema = JSON.parse(readFileSync('config/regions.schema.json', 'utf8'))
    const { minimum, maximum } = schema.properties.state.properties.leaseSeconds
    const laptop = await cloud.shared('seconds')
    for (const [said, waited] of Object.entries({ 99999999: maximum, 0.001: 30, [minimum]: minimum })) {
      await setLock('seconds', 'nonce', { S: 'theirs' })
      await setLock('seconds', 'leaseSeconds', { N: said })
      const before = laptop.clock.now()
      await save(laptop, said)
      const seconds = laptop.clock.now() - before
      assert.ok(seconds >= waited && seconds < waited * 1.5, `${said}: ${seconds} s`)
    }
  })

  test('closed for a term that never began is not closed', async () => {
    const laptop = await cloud.shared('shut')
    for (const closed of [SECOND, FIRST, '000000#us-east-1', '000009#eu-central-1']) {
      await setLock('shut', 'closed', { S: closed })
      await save(laptop, closed)
      assert.equal(await readBy('shut'), closed)
    }
  })

  test('closed for a term whose home item went by hand leads there', async () => {
    const laptop = await cloud.shared('homeless')
    await save(laptop, 'kept')
    await laptop.takeover(VIRGINIA)
    await cloud.replicated()
    await remove('homeless', 'home', SECOND)
    await cloud.replicated()
    await assert.rejects(laptop.session(), /has left its home eu-west-1 for us-east-1/)
    const { state, close } = await laptop.session()
    assert.match(state.where, /in us-east-1/)
    assert.equal(idIn(state.read()), 'kept')
    await close()
  })
})

describe('where the state went', () => {
  for (const [index, to] of [undefined, '{}', 'xx', '[]', '{"file": "x"}'].entries())
    test(`${to}: is damage, which a rebuild mends`, async () => {
      const stack = `moved${index}`
      const laptop = await cloud.shared(stack)
      await put(stack, `state#${FIRST}`, '~moved', to === undefined ? {} : { to: { S: to } })
      await assert.rejects(laptop.place(), isDamage)
      await assert.rejects(laptop.session(), isDamage)
      await assert.rejects(laptop.takeover(VIRGINIA), isDamage)
      await save(laptop, 'rebuilt', { anew: true })
      assert.equal(await readBy(stack), 'rebuilt')
      const { close } = await laptop.session()
      await close()
    })

  test('can be read: no takeover brings back what the file has gone on from', async () => {
    const laptop = await cloud.shared('gone')
    const to = { host: 'ci', file: '/there', lineage: 'x', serial: 99, at: '2026-11-01T00:00:00.000Z' }
    await put('gone', `state#${FIRST}`, '~moved', { to: { S: JSON.stringify(to) } })
    await cloud.replicated()
    await assert.rejects(laptop.takeover(VIRGINIA), { code: 'state-moved' })
    cloud.test.cloud.faults.add({ kind: 'region-out', region: IRELAND })
    await assert.rejects(laptop.place(), { code: 'state-moved' })
    await assert.rejects(laptop.takeover(VIRGINIA), { code: 'state-moved' })
  })
})

test('generations, homes and notes that no run has written are passed over, and told', async () => {
  const laptop = await cloud.shared('strange')
  await put('strange', `state#${FIRST}`, 'zzz')
  await put('strange', `state#${FIRST}`, '99999999#9999999999#000', { count: { N: '1' } })
  for (const sk of ['zzz', '1#us-east-1', '000002#zzz', '999999#us-east-1'])
    await put('strange', 'home', sk, { seen: { S: 'x' } })
  await put('strange', 'home', FIRST, { seen: { M: { x: { N: '1' }, y: { S: '~~~' } } } })
  await put('strange', 'note', 'x', { what: { S: 'else' } })
  await save(laptop, 'after')
  assert.equal(await readBy('strange'), 'after')
  const told = laptop.notes.find((note) => /passed over/.test(note)) ?? ''
  for (const key of ['pk home sk zzz', `pk state#${FIRST} sk zzz`, 'pk note sk x'])
    assert.ok(told.includes(key), told)
  await laptop.takeover(VIRGINIA)
  await save(laptop, 'there')
  assert.equal(await readBy('strange'), 'there')
})

test('a save of which nobody knows the next number is refused', async () => {
  const laptop = await cloud.shared('beyond')
  await put('beyond', `state#${FIRST}`, '00000001#8999999999#000', { count: { N: '1' } })
  await assert.rejects(save(laptop, 'x', { anew: true }), /written by hand|no run comes to/)
})

test('what a former home is said to have saved and is no state is in nobody’s way', async () => {
  const laptop = await cloud.shared('former')
  await laptop.takeover(VIRGINIA)
  await put('former', `state#${FIRST}`, '00000099#0000000099#000', { count: { N: '1' } }, VIRGINIA)
  await save(laptop, 'after')
  assert.equal(await readBy('former'), 'after')
})

describe('a takeover', () => {
  test('goes on from the term before where the last one’s state has reached nobody', async () => {
    const laptop = await cloud.shared('unsent')
    await save(laptop, 'first')
    await laptop.takeover(VIRGINIA)
    await cloud.replicated()
    cloud.test.cloud.faults.add({ kind: 'replication-paused' })
    for (const sk of await keysOf('unsent', `state#${SECOND}`)) await remove('unsent', `state#${SECOND}`, sk)
    cloud.test.cloud.faults.add({ kind: 'region-out', region: VIRGINIA })
    assert.equal((await laptop.takeover(IRELAND)).changed, true)
    assert.equal(await readBy('unsent'), 'first')
    cloud.test.cloud.faults.clear()
    await cloud.replicated()
    const { close } = await laptop.session()
    await close()
    assert.equal(await readBy('unsent'), 'first')
  })

  test('names the rebuild where nobody has a state', async () => {
    const laptop = await cloud.shared('empty')
    for (const sk of await keysOf('empty', `state#${FIRST}`)) await remove('empty', `state#${FIRST}`, sk)
    await cloud.replicated()
    await assert.rejects(laptop.takeover(VIRGINIA), { code: 'state', hint: /state rebuild/ })
    cloud.test.cloud.faults.add({ kind: 'region-out', region: IRELAND })
    await assert.rejects(laptop.takeover(VIRGINIA), { code: 'state', hint: /Wait for .* state rebuild/ })
    const none = cloud.machine({ stack: 'never' }).takeover(VIRGINIA)
    await assert.rejects(none, { code: 'not-shared', hint: /state rebuild/ })
  })
})
