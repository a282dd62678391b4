// The home of the shared state moves: in peace, and when it is lost. What its former home still says later never becomes
// the state, and is not lost either.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { LockedError, type MultiregionError } from '../../src/base/errors.js'
import type { StackState } from '../../src/engine/ledger.js'
import { termOf } from '../../src/state/control-table.js'
import type { Lease } from '../../src/state/lease.js'
import { HandClock, IRELAND, type Machine, SharedCloud, VIRGINIA } from './shared-fixture.js'

let cloud: SharedCloud
before(async () => {
  cloud = await SharedCloud.start()
})
after(() => cloud.close())
beforeEach(() => void cloud.test.cloud.faults.clear())

/** Known in every region. */
async function shared(stack: string): Promise<Machine> {
  const laptop = await cloud.shared(stack)
  await cloud.replicated()
  return laptop
}

const withEntry = (state: StackState, address: string, id: string): StackState => ({
  ...state,
  entries: { ...state.entries, [address]: { id, desired: {} } },
})
const out = (region: string) => cloud.test.cloud.faults.add({ kind: 'region-out', region })
const back = async () => {
  cloud.test.cloud.faults.clear()
  await cloud.replicated()
}
const homeOf = async (machine: Machine) => (await machine.place()).shared!.sighting.terms.at(-1)!.region

describe('in peace', () => {
  test('the state goes along, and the old home is closed', async () => {
    const laptop = await shared('peace')
    const before = (await laptop.place()).state.read()
    const result = await laptop.takeover(VIRGINIA)
    assert.deepEqual(
      [result.from, result.to, result.changed, result.forced],
      [IRELAND, VIRGINIA, true, false],
    )
    const ci = cloud.machine({ name: 'ci', stack: 'peace' })
    const session = await ci.session()
    assert.match(session.state.where, /in us-east-1/)
    assert.deepEqual(session.state.read().entries, before.entries)
    await session.close()
    assert.equal((await ci.takeover(VIRGINIA)).changed, false)
    await ci.takeover(IRELAND)
    assert.equal(await homeOf(laptop), IRELAND)
  })

  test('not while a run is at work', async () => {
    const laptop = await shared('busy')
    const session = await laptop.session()
    const beats = new HandClock(() => session.shared!.lease!.renew())
    const ci = cloud.machine({ name: 'ci', stack: 'busy', clock: beats })
    await assert.rejects(ci.takeover(VIRGINIA), LockedError)
    await session.close()
    assert.equal(await homeOf(ci), IRELAND)
  })

  test('a run that has looked before it is refused in the old home', async () => {
    const laptop = await shared('stale')
    const lost: MultiregionError[] = []
    const { table, sighting } = (await laptop.place()).shared!
    await laptop.takeover(VIRGINIA)
    const { acquireLease } = await import('../../src/state/lease.js')
    const { world } = laptop
    const options = { table, term: sighting.terms[0]!, command: 'up', leaseSeconds: 30, others: [], world }
    const late = acquireLease({ ...options, onLost: (error) => lost.push(error), note: () => undefined })
    await assert.rejects(late, /has left its home eu-west-1 for us-east-1/)
  })
})

describe('the home is lost', () => {
  test('who writes is told of the way out; who reads reads elsewhere', async () => {
    const laptop = await shared('out')
    out(IRELAND)
    await assert.rejects(laptop.session(), (error: MultiregionError) => {
      assert.equal(error.code, 'state-home')
      assert.match(error.hint, /state takeover --to us-east-1/)
      return true
    })
    assert.match((await laptop.place()).state.where, /read in us-east-1/)
  })

  test('a takeover goes on with what its region has', async () => {
    const laptop = await shared('lost')
    const before = (await laptop.place()).state.read()
    out(IRELAND)
    assert.equal((await laptop.takeover(VIRGINIA)).forced, true)
    const session = await laptop.session()
    assert.deepEqual(session.state.read().entries, before.entries)
    await session.state.save(withEntry(session.state.read(), 'role/us-east-1/new', 'new'))
    await session.close()
    await back()
    assert.equal(await homeOf(cloud.machine({ name: 'ci', stack: 'lost' })), VIRGINIA)
    const seen = (await laptop.place()).state.read()
    assert.equal(seen.entries['role/us-east-1/new']?.id, 'new')
  })

  test('not while a run that we do not see renews its lease there, but by force', async () => {
    const laptop = await shared('split')
    const session = await laptop.session()
    const held = session.shared!.lease as Lease
    await cloud.replicated()
    // The region is out for ci alone: what its holder writes goes on being replicated.
    const ci = cloud.machine({
      name: 'ci',
      stack: 'split',
      clock: new HandClock(async () => {
        cloud.test.cloud.faults.clear()
        await held.renew()
        await cloud.replicated()
        out(IRELAND)
      }),
    })
    out(IRELAND)
    await assert.rejects(ci.takeover(VIRGINIA), /laptop \(pid/)
    assert.equal((await ci.takeover(VIRGINIA, true)).changed, true)
    await back()
    await session.close()
  })

  test('the old home’s run goes on for a while: its entries are looked for, and are not the state', async () => {
    const laptop = await shared('late')
    const old = await laptop.session()
    await cloud.replicated()
    cloud.test.cloud.faults.add({ kind: 'replication-paused' })
    const ci = cloud.machine({ name: 'ci', stack: 'late' })
    await old.state.save(withEntry(old.state.read(), 'rest-api/us-east-1', 'made by the old home'))
    out(IRELAND)
    await ci.takeover(VIRGINIA, true)
    const next = await ci.session()
    await next.state.save(withEntry(next.state.read(), 'rest-api/us-east-1', 'made by the new home'))
    await next.close()
    cloud.test.cloud.faults.clear()
    cloud.test.cloud.faults.add({ kind: 'replication-paused' })
    // It can reach its home again, and has not heard yet.
    await old.state.save(withEntry(old.state.read(), 'role/us-east-1/only', 'only the old home'))
    await back()
    const after = await ci.session()
    const { entries } = after.state.read()
    assert.deepEqual(entries['rest-api/us-east-1'], {
      id: 'made by the new home',
      desired: {},
      superseded: ['made by the old home'],
    })
    assert.deepEqual(entries['role/us-east-1/only'], { id: 'only the old home', desired: {} })
    assert.match(ci.notes.join(), /former home eu-west-1 went on/)
    const { serial } = after.state.read()
    await after.close()
    const again = await ci.session()
    assert.equal(again.state.read().serial, serial, 'it is taken in once')
    await again.close()
    // The old run hears of it with its next beat.
    laptop.clock.pass(10)
    await assert.rejects(async () => {
      for (let turn = 0; turn < 200; turn++) {
        await new Promise((later) => setTimeout(later, 10))
        if (old.signal.aborted) throw old.signal.reason
      }
    }, /has left its home eu-west-1 for us-east-1/)
    await old.close()
  })

  test('a drain that could not be saved is noted where a region answers, and looked after once', async () => {
    const laptop = await shared('drain')
    out(IRELAND)
    const session = await laptop.session({ detachable: true })
    await session.ledger.drain(VIRGINIA, { mode: 'article', since: '2026-11-01T00:00:00.000Z' })
    await session.ledger.restore(VIRGINIA)
    await session.close()
    await back()
    const next = await laptop.session()
    assert.deepEqual(Object.keys(next.doubted), [VIRGINIA])
    await next.close()
  })
})

test('of two takeovers at once all machines take the same for the later one', () => {
  const [a, b, c] = [termOf(2, IRELAND), termOf(2, VIRGINIA), termOf(10, IRELAND)]
  assert.deepEqual(
    [c, a, b].sort((x, y) => (x.id < y.id ? -1 : 1)),
    [a, b, c],
  )
})

test('where there is no shared state there is nothing to take over', async () => {
  await assert.rejects(cloud.machine({ stack: 'none' }).takeover(VIRGINIA), { code: 'not-shared' })
  const laptop = await shared('odd')
  await assert.rejects(laptop.takeover('eu-central-1'), /no region of this stack/)
  out(VIRGINIA)
  await assert.rejects(laptop.takeover(VIRGINIA), { code: 'state-home' })
})
