// The lease of a shared state between machines that see each other only in the table: a living holder is named, a dead
// one's lease is taken when it has stood still on the waiter's own clock, and who was overtaken writes nothing more.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { EXIT, LockedError, type MultiregionError } from '../../src/base/errors.js'
import { lookAround } from '../../src/state/control-table.js'
import { acquireLease, type Lease, unlockLease } from '../../src/state/lease.js'
import { HandClock, IRELAND, type Machine, SharedCloud } from './shared-fixture.js'

let cloud: SharedCloud
before(async () => {
  cloud = await SharedCloud.start()
})
after(() => cloud.close())

async function take(
  machine: Machine,
  onLost: (error: MultiregionError) => void = () => undefined,
  note: (text: string) => void = () => undefined,
) {
  const { table, sighting } = (await machine.place()).shared!
  const term = sighting.terms.at(-1)!
  const options = { table, term, command: `up on ${machine.name}`, leaseSeconds: 30 }
  return acquireLease({ ...options, others: ['us-east-1'], world: machine.world, onLost, note })
}

const locked = (work: Promise<unknown>, says: RegExp) =>
  assert.rejects(work, (error) => {
    assert.ok(error instanceof LockedError, `no LockedError: ${error}`)
    assert.equal(error.exit, EXIT.locked)
    assert.match(error.message, says)
    return true
  })

describe('two machines', () => {
  test('a living holder is named to the second, who waits no longer than for a beat', async () => {
    const laptop = await cloud.shared('two')
    const lease = await take(laptop)
    const ci = cloud.machine({ name: 'ci', stack: 'two', clock: new HandClock(() => lease.renew()) })
    const before = ci.clock.now()
    await locked(take(ci), /laptop \(pid \d+\) running "up on laptop"/)
    assert.ok(ci.clock.now() - before < 30)
    await lease.release()
    await (await take(ci)).release()
  })

  test('a dead one’s lease is taken after its whole time, with a higher fence', async () => {
    const dead = await take(await cloud.shared('dead'))
    const ci = cloud.machine({ name: 'ci', stack: 'dead' })
    const before = ci.clock.now()
    const lease = await take(ci)
    assert.ok(ci.clock.now() - before >= 30)
    assert.equal(lease.fence, dead.fence + 1)
    await lease.release()
  })

  test('a holder of whom nothing else is known is waited for alike', async () => {
    const laptop = await cloud.shared('unknown')
    const { table } = (await laptop.place()).shared!
    const Item = {
      ...{ pk: { S: 'lock' }, sk: { S: '000001#eu-west-1' }, nonce: { S: 'theirs' }, fence: { N: '7' } },
      holder: { S: '{"something": "else"}' },
    }
    await table.dynamodb(IRELAND).send(new PutItemCommand({ TableName: table.name, Item }))
    const lease = await take(cloud.machine({ name: 'ci', stack: 'unknown' }))
    assert.equal(lease.fence, 8)
    await lease.release()
  })

  test('of many that wait for a dead one exactly one gets it', async () => {
    await take(await cloud.shared('many'))
    const machines = Array.from({ length: 6 }, (_, n) => cloud.machine({ name: `ci${n}`, stack: 'many' }))
    const ends = await Promise.allSettled(machines.map((machine) => take(machine)))
    const winners = ends.filter(({ status }) => status === 'fulfilled')
    assert.equal(winners.length, 1)
    for (const end of ends)
      if (end.status === 'rejected') assert.ok(end.reason instanceof LockedError, end.reason)
    await (winners[0] as PromiseFulfilledResult<Lease>).value.release()
  })

  test('wall clocks do not matter: one that is a year behind takes no living lease', async () => {
    const laptop = await cloud.shared('clocks')
    const lease = await take(laptop)
    const ci = cloud.machine({ name: 'ci', stack: 'clocks', clock: new HandClock(() => lease.renew()) })
    const behind = { ...ci.world, date: () => new Date('2030-01-01') }
    await locked(take({ ...ci, world: behind }), /laptop/)
    await lease.release()
  })
})

describe('who is overtaken', () => {
  async function overtaken(stack: string) {
    const lost: MultiregionError[] = []
    const laptop = await cloud.shared(stack)
    const old = await take(laptop, (error) => lost.push(error))
    const next = await take(cloud.machine({ name: 'ci', stack }))
    return { laptop, old, next, lost }
  }

  test('saves nothing, calls nothing more, and is told who has it', async () => {
    const { old, next, lost } = await overtaken('over')
    await locked(old.write([]), /lost the lease.*ci \(pid \d+\) running "up on ci" since .* has it now/)
    assert.equal(lost.length, 1)
    await locked(old.check('lambda:CreateFunction'), /lost the lease/)
    await next.renew()
    await next.release()
  })

  test('releases nothing of the other’s', async () => {
    const { old, next } = await overtaken('foreign')
    await old.release()
    await next.renew()
    await next.release()
  })

  test('finds it out before a call, if it has not been heard of for long', async () => {
    const { laptop, old, next } = await overtaken('paused')
    await old.check('lambda:CreateFunction')
    // As a process that was stopped and goes on.
    laptop.clock.pass(25)
    await locked(old.check('lambda:CreateFunction'), /lost the lease/)
    await next.release()
  })
})

test('who cannot renew stops before another may begin, and goes on if it can again', async () => {
  const laptop = await cloud.shared('unheard')
  const lease = await take(laptop)
  const fault = cloud.test.cloud.faults.add({ kind: 'region-out', region: 'eu-west-1' })
  laptop.clock.pass(28)
  await assert.rejects(lease.check('lambda:CreateFunction'), { code: 'state-home' })
  // Its own beat may still be on its way; what is asked in turn comes after it.
  await assert.rejects(lease.renew(), { code: 'state-home' })
  cloud.test.cloud.faults.clear(fault.id)
  const other = await take(cloud.machine({ name: 'ci', stack: 'unheard' }))
  cloud.test.cloud.faults.add({ kind: 'region-out', region: 'eu-west-1' })
  await assert.rejects(other.renew(), { code: 'state-home' })
  cloud.test.cloud.faults.clear()
  await other.check('lambda:CreateFunction')
  await other.release()
})

test('who cannot give it back says how long the next run waits', async () => {
  const notes: string[] = []
  const lease = await take(await cloud.shared('kept'), undefined, (text) => notes.push(text))
  cloud.test.cloud.faults.add({ kind: 'region-out', region: 'eu-west-1' })
  await lease.release()
  cloud.test.cloud.faults.clear()
  assert.match(notes.join(), /could not be given back in eu-west-1; the next run waits .* 30 s at most/)
})

describe('freed by hand', () => {
  const termOf = async ({ place }: Machine) => {
    const { table, sighting } = (await place()).shared!
    return { table, term: sighting.terms.at(-1)! }
  }

  test('not while its run goes on here', async () => {
    const laptop = await cloud.shared('goes-on')
    const lease = await take(laptop)
    const { table, term } = await termOf(laptop)
    const here = { ...laptop.world, processes: { ...laptop.world.processes, isRunning: () => true } }
    await locked(unlockLease(table, term, lease.nonce, here), /goes on here/)
    await lease.release()
  })

  test('with its nonce alone; its owner writes nothing more', async () => {
    const laptop = await cloud.shared('hand')
    const lease = await take(laptop)
    const { table, term } = await termOf(laptop)
    await assert.rejects(unlockLease(table, term, 'wrong', laptop.world), (error: MultiregionError) => {
      assert.equal(error.code, 'wrong-nonce')
      assert.ok(error.hint.includes(lease.nonce))
      return true
    })
    await unlockLease(table, term, lease.nonce, laptop.world)
    await locked(lease.write([]), /lost the lease/)
    await assert.rejects(unlockLease(table, term, lease.nonce, laptop.world), { code: 'not-locked' })
  })

  test('an answer that was lost takes it once', async () => {
    const laptop = await cloud.shared('lost')
    cloud.test.cloud.faults.add({ kind: 'error', after: true, operation: 'UpdateItem', count: 1 })
    const lease = await take(laptop)
    await lease.renew()
    await lease.release()
    cloud.test.cloud.faults.clear()
  })
})

test('all regions are asked where the home is', async () => {
  const laptop = await cloud.shared('where')
  const { table } = (await laptop.place()).shared!
  const { terms, readable } = await lookAround(table, ['eu-west-1', 'us-east-1'])
  assert.deepEqual(
    terms.map(({ id }) => id),
    ['000001#eu-west-1'],
  )
  assert.deepEqual(readable, ['eu-west-1', 'us-east-1'])
})
