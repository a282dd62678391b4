// A state that is whole and sealed, and names what is another stack's: no verb may believe it. `ours` has nothing in the
// cloud, so whatever `down` would change is theirs.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { PlanResult } from '../../src/commands/result.js'
import type { Entry, StackState } from '../../src/engine/ledger.js'
import { openTwoStacks, type TwoStacks } from './two-stacks.js'

let world: TwoStacks
/** Ours as it was up, and theirs as they are. */
let recorded: StackState
let foreign: StackState

before(async () => {
  world = await openTwoStacks()
  const { ours, theirs } = world
  for (const stack of [theirs, ours]) {
    const { exit, error } = await stack.run({ verb: 'up' })
    assert.equal(exit, 0, error?.message)
  }
  recorded = ours.state()!
  foreign = theirs.state()!
  assert.equal((await ours.run({ verb: 'down' })).exit, 0)
})
after(() => world.close())

const theirsAt = (address: string): Entry => foreign.entries[address]!
const only = (...entries: [string, Entry][]) => ({ ...recorded, entries: Object.fromEntries(entries) })
const among = (address: string, entry: Entry) => ({
  ...recorded,
  entries: { ...recorded.entries, [address]: entry },
})

/** Runs `down` over a hostile state: nothing may change but the state itself. */
async function downChangesNothing(state: object) {
  const { ours } = world
  ours.putSealed(state)
  ours.calls.length = 0
  const { error } = await ours.run({ verb: 'down' })
  assert.deepEqual(ours.calls, [])
  if (error) assert.ok(error.hint.length > 0 && error.message.length > 0)
}

async function theirsStand() {
  const { theirs } = world
  const { result, exit, error } = await theirs.run({ verb: 'plan' })
  assert.equal(exit, 0, error?.message)
  assert.deepEqual((result as PlanResult).changes, [])
}

describe('down with a state of ours that names, beside what is gone,', () => {
  const kinds = ['base-path-mapping', 'certificate', 'certificate-issued', 'deployment', 'domain-name']
    .concat(['health-check', 'policy-record', 'rest-api', 'stage', 'table', 'table-protection'])
    .concat(['traffic-policy', 'validation-record'])
  const addresses = kinds
    .map((kind) => `${kind}/eu-west-1`)
    .concat('replica/us-east-1', 'table-protection/us-east-1')
    .concat(['function', 'invoke-permission', 'log-group', 'role'].map((kind) => `${kind}/eu-west-1/health`))
  for (const address of addresses)
    test(`their ${address}`, async () => {
      const entry = theirsAt(address)
      const { id, desired, observed } = entry
      for (const state of [
        among(address, entry),
        only([address, entry]),
        only([address, { id, desired, observed, settled: true, intent: openRemove }]),
        among(address, { ...recorded.entries[address], id: id! }),
        among(address, { ...recorded.entries[address], desired }),
        among(address, { id: id!, superseded: [id!], desired: recorded.entries[address]?.desired }),
      ])
        await downChangesNothing(state)
      await theirsStand()
    })
})

const openRemove = { action: 'remove', token: 't'.repeat(32), at: '2026-11-01T00:00:00.000Z' } as const

test('down with all of theirs under our own lineage and stack', async () => {
  await downChangesNothing({ ...recorded, entries: foreign.entries })
  await theirsStand()
})

test('down where what something hangs on is named without what would show it', async () => {
  const table = { id: theirsAt('table/eu-west-1').id!, settled: true }
  await downChangesNothing(
    only(['table/eu-west-1', table], ['table-protection/eu-west-1', theirsAt('table-protection/eu-west-1')]),
  )
  const api = { id: theirsAt('rest-api/eu-west-1').id! }
  await downChangesNothing(
    only(['rest-api/eu-west-1', api], ['deployment/eu-west-1', theirsAt('deployment/eu-west-1')]),
  )
  await theirsStand()
})

test('down with a record of theirs said to be needed nowhere', async () => {
  const theirs = theirsAt('validation-record/eu-west-1')
  const desired = theirs.desired as object
  for (const hostile of [desired, { ...desired, regions: [] }])
    await downChangesNothing(only(['validation-record/eu-west-1', { ...theirs, desired: hostile }]))
  await theirsStand()
})

test("their own state in our place is said to be another stack's", async () => {
  const { ours } = world
  ours.putSealed(foreign)
  ours.calls.length = 0
  for (const verb of ['up', 'plan', 'status', 'down', 'failover'] as const) {
    const { exit, error } = await ours.run({ verb, region: 'eu-west-1' })
    assert.equal(exit, 1)
    assert.match(error!.message, /belongs to the stack their-dev/)
  }
  assert.deepEqual(ours.calls, [])
})

test('up with a hostile state leaves theirs alone', async () => {
  const { ours } = world
  for (const entries of [foreign.entries, { ...recorded.entries, ...stale() }]) {
    ours.putSealed({ ...recorded, entries })
    ours.calls.length = 0
    await ours.run({ verb: 'up' })
    await theirsStand()
  }
})

/** Theirs as if they were functions that left our config. */
const stale = () =>
  Object.fromEntries(
    ['function', 'invoke-permission', 'log-group', 'role'].map((kind) => [
      `${kind}/eu-west-1/gone`,
      theirsAt(`${kind}/eu-west-1/health`),
    ]),
  )
