// The state in the control table: a save is whole or not there, the generations before it stay, what is damaged is
// refused in the home and passed over where it may only not have arrived yet.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { MultiregionError } from '../../src/base/errors.js'
import type { StackState } from '../../src/engine/ledger.js'
import { keptIn } from '../../src/state/control-table.js'
import { keptOf, stateIn } from '../../src/state/table-store.js'
import { IRELAND, type Machine, SharedCloud, VIRGINIA } from './shared-fixture.js'

let cloud: SharedCloud
before(async () => {
  cloud = await SharedCloud.start()
})
after(() => cloud.close())

const entry = (state: StackState, id: string): StackState => ({
  ...state,
  entries: { ...state.entries, 'role/eu-west-1/x': { id } },
})
const idIn = (state: StackState) => state.entries['role/eu-west-1/x']?.id

async function readIn(machine: Machine): Promise<StackState> {
  return (await machine.place()).state.read()
}

const faults = () => cloud.test.cloud.faults

test('what is saved is read by another machine; the serial rises with every save', async () => {
  const laptop = await cloud.shared('saved')
  const { state, close } = await laptop.session()
  const { serial } = state.read()
  await Promise.all([1, 2, 3].map((n) => state.save(entry(state.read(), `${n}`))))
  const seen = await readIn(cloud.machine({ name: 'ci', stack: 'saved' }))
  assert.equal(idIn(seen), '3')
  assert.equal(seen.serial, serial + 3)
  await close()
})

describe('a save that the process or the region does not survive', () => {
  for (const kind of ['error', 'lost'] as const)
    for (const after of kind === 'error' ? [false, true] : [undefined])
      test(`${kind}${after ? ' after the effect' : ''}: the state is the old or the new one, whole`, async () => {
        const stack = `torn${kind}${after ?? ''}`
        const laptop = await cloud.shared(stack)
        const { state } = await laptop.session()
        await state.save(entry(state.read(), 'old'))
        faults().add({ kind, operation: 'TransactWriteItems', ...(after !== undefined && { after }) })
        const refused = await state.save(entry(state.read(), 'new')).then(
          () => undefined,
          (error: MultiregionError) => error,
        )
        faults().clear()
        assert.equal(refused?.code, 'state-home')
        const seen = await readIn(cloud.machine({ name: 'ci', stack }))
        assert.ok(['old', 'new'].includes(idIn(seen) ?? ''), idIn(seen))
        if (after === false) assert.equal(idIn(seen), 'old')
        // What was not acknowledged may be saved again.
        await state.save(entry(state.read(), 'newer'))
        assert.equal(idIn(await readIn(laptop)), 'newer')
      })
})

test('a large state takes several items and comes back whole', async () => {
  const laptop = await cloud.shared('large')
  const { state, close, shared: where } = await laptop.session()
  const noise = randomBytes(600_000).toString('base64')
  await state.save({ ...state.read(), entries: { 'role/eu-west-1/x': { id: 'x', desired: { noise } } } })
  const { table, sighting } = where!
  const [newest] = (await keptIn(table, IRELAND, sighting.terms.at(-1)!)).generations
  assert.ok(newest!.keys.length >= 2)
  const desired = (await readIn(laptop)).entries['role/eu-west-1/x']?.desired as { noise: string }
  assert.ok(desired.noise === noise)
  await close()
})

test('a state that no transaction holds is refused, and what is there stays', async () => {
  const laptop = await cloud.shared('huge')
  const { state, close } = await laptop.session()
  const was = await readIn(laptop)
  const noise = randomBytes(5_000_000).toString('base64')
  const huge = { ...state.read(), entries: { 'role/eu-west-1/x': { id: 'x', desired: { noise } } } }
  await assert.rejects(state.save(huge), /more than one transaction/)
  assert.deepEqual(await readIn(laptop), was)
  await close()
})

test('the last generations of the run and the last one of some runs before it are kept', async () => {
  const laptop = await cloud.shared('kept')
  const ids: string[] = []
  for (let run = 0; run < 6; run++) {
    const { state, close } = await laptop.session()
    for (let turn = 0; turn < 5; turn++) {
      await state.save(entry(state.read(), `${run}.${turn}`))
      ids.push(`${run}.${turn}`)
    }
    await close()
  }
  const { table, sighting } = (await laptop.place()).shared!
  const term = sighting.terms.at(-1)!
  const kept = await keptIn(table, IRELAND, term)
  const found = kept.generations.map((one) =>
    idIn(stateIn({ ...kept, generations: [one] }, table, term)!.state),
  )
  assert.deepEqual(found, ['5.4', '5.3', '5.2', '4.4', '3.4', '2.4', '1.4'])
})

test('what is kept is the newest first, whatever is there', () => {
  const marks = ['3#9', '3#8', '3#7', '3#6', '2#5', '2#4', '1#3']
  const generations = marks.map((mark) => ({ mark, keys: [] }))
  assert.deepEqual(
    keptOf(generations).map(({ mark }) => mark),
    ['3#9', '3#8', '3#7', '2#5', '1#3'],
  )
})

describe('what somebody has changed by hand', () => {
  const db = (region = IRELAND) => cloud.test.client(DynamoDBClient, region)
  const TableName = (stack: string) => `${stack}-dev-control`
  async function newestItem(stack: string, region = IRELAND) {
    const { Items = [] } = await db(region).send(
      new QueryCommand({
        TableName: TableName(stack),
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'state#000001#eu-west-1' } },
        ScanIndexForward: false,
      }),
    )
    return Items[0]!
  }

  test('is refused with the way out, and a rebuild may begin anew', async () => {
    const laptop = await cloud.shared('edited')
    const item = await newestItem('edited')
    const Item = { ...item, body: { B: Buffer.from('nothing of ours') } }
    await db().send(new PutItemCommand({ TableName: TableName('edited'), Item }))
    await assert.rejects(laptop.place(), (error: MultiregionError) => {
      assert.equal(error.code, 'state')
      assert.match(error.message, /table edited-dev-control in eu-west-1 is damaged/)
      assert.match(error.hint, /state rebuild/)
      return true
    })
    const { state, close } = await laptop.session({ anew: true })
    assert.deepEqual(state.read().entries, {})
    await state.save(entry(state.read(), 'rebuilt'))
    await close()
    assert.equal(idIn(await readIn(laptop)), 'rebuilt')
  })

  test('in a region that has not got all of a save, the one before it is read', async () => {
    const laptop = await cloud.shared('partly')
    const { state, close } = await laptop.session()
    await state.save(entry(state.read(), 'whole'))
    await state.save(entry(state.read(), 'partly'))
    await close()
    await cloud.replicated()
    faults().add({ kind: 'replication-paused' })
    const { pk, sk } = await newestItem('partly', VIRGINIA)
    await db(VIRGINIA).send(
      new DeleteItemCommand({ TableName: TableName('partly'), Key: { pk: pk!, sk: sk! } }),
    )
    faults().add({ kind: 'region-out', region: IRELAND })
    const place = await laptop.place()
    assert.equal(idIn(place.state.read()), 'whole')
    assert.match(place.state.where, /read in us-east-1/)
    assert.match(
      laptop.notes.join(),
      /home of the shared state, eu-west-1, does not answer; read in us-east-1/,
    )
    faults().clear()
    await cloud.replicated()
  })
})
