// The graph, walked both ways over fake steps: order, regions that fail, gates, turns, bugs.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Event } from '../../src/base/events.js'
import type { Node } from '../../src/engine/graph.js'
import { everywhere, here, inRegion } from '../../src/engine/step.js'
import { awsError, type FakeStep, fake, Mortal, nodesOf, REGIONS, World } from './fixture.js'
import { chain, ok, once, stage, states } from './scene.js'

const skipsOf = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'step.skipped' ? [[event.address, event.because, event.is]] : []))

describe('order', () => {
  test('up: nothing is made before what it needs; down: the other way round', async () => {
    const { world, up, down } = chain()
    ok((await up()).outcomes, 'ready')
    const made = world.calls.splice(0)
    for (const region of REGIONS)
      assert.ok(made.indexOf(`create table/${region}`) < made.indexOf(`create fn/${region}`))
    assert.equal(made.at(-1), 'create record/eu-west-1')
    ok((await down()).outcomes, 'removed')
    assert.equal(world.calls[0], 'remove record/eu-west-1')
    for (const region of REGIONS)
      assert.ok(world.calls.indexOf(`remove fn/${region}`) < world.calls.indexOf(`remove table/${region}`))
    assert.deepEqual(world.alive(), [])
  })

  test('a second run calls nothing and writes nothing', async () => {
    const { world, disk, up } = chain()
    await up()
    const { saves } = disk
    const calls = world.calls.length
    ok((await up()).outcomes, 'ready')
    assert.equal(world.calls.length, calls)
    assert.equal(disk.saves, saves)
  })

  test('regions do not wait for each other', async () => {
    const { world, up } = chain()
    world.fault = (operation, address, when) =>
      operation === 'create' && when === 'before' && address === 'table/eu-west-1'
        ? awsError('ThrottlingException')
        : undefined
    void world.clock.sleep(900).then(() => {
      world.fault = () => undefined
    })
    await up()
    const at = (call: string) => world.calls.indexOf(call)
    assert.ok(at('create domain/us-east-1') < at('create table/eu-west-1'))
  })
})

describe('a region that fails', () => {
  const denied = (address: string) => (operation: string, at: string, when: string) =>
    operation === 'create' && when === 'before' && at === address
      ? awsError('AccessDeniedException')
      : undefined

  test('what needs it is skipped, the rest goes on, the error is told; the next run finishes', async () => {
    const { world, up } = chain()
    world.fault = denied('fn/us-east-1')
    const { outcomes, events } = await up()
    const found = states(outcomes)
    assert.equal(found['fn/us-east-1'], 'failed')
    assert.equal(found['domain/us-east-1'], 'skipped')
    assert.equal(found['domain/ap-south-1'], 'ready')
    assert.equal(found['record/eu-west-1'], 'ready')
    assert.deepEqual(skipsOf(events), [['domain/us-east-1', 'fn/us-east-1', 'undone']])
    assert.equal(events.filter(({ type }) => type === 'step.failed').length, 1)
    world.fault = () => undefined
    ok((await up()).outcomes, 'ready')
  })

  test('`available`: the public name leads to the others, and to all once they are there', async () => {
    const { world, up } = chain()
    const targets = () => (world.alive('record/eu-west-1')[0]!.fields.to as string[]).length
    world.fault = denied('domain/us-east-1')
    await up()
    assert.equal(targets(), 2)
    world.fault = () => undefined
    await up()
    assert.equal(targets(), 3)
  })

  test('`available`: a region that was ready before keeps its record while it does not answer', async () => {
    const { world, up, plan } = chain()
    await up()
    world.fault = (_operation, address) =>
      address.endsWith('/us-east-1') ? awsError('ServiceUnavailable', 'down', 503) : undefined
    const calls = world.calls.length
    const planned = await plan()
    assert.deepEqual(
      planned.changes.filter(({ address }) => address.startsWith('record/')),
      [],
    )
    const { outcomes } = await up()
    assert.equal(states(outcomes)['record/eu-west-1'], 'ready')
    assert.equal(states(outcomes)['table/us-east-1'], 'failed')
    assert.equal(world.calls.length, calls)
  })

  for (const way of ['up', 'down'] as const)
    test(`${way}: what could not be looked at is not said to be gone, or to stand`, async () => {
      const scene = chain()
      await scene.up()
      scene.world.fault = (operation, address) =>
        operation === 'observe' && /^(table|record).us-east-1|^record/.test(address)
          ? awsError('ServiceUnavailable', 'down', 503)
          : undefined
      const { events } = await scene[way]()
      const [skipped] = skipsOf(events)
      const because = way === 'up' ? 'table/us-east-1' : 'record/eu-west-1'
      assert.deepEqual(skipped?.slice(1), [because, 'unseen'])
      const error = events.find((event) => event.type === 'step.failed')
      assert.match(error?.message ?? '', /gave up after \d+ s: fake:Operation in eu-west-1 answered Serv/)
    })

  test('after Ctrl-C it goes without saying that the rest is skipped', async () => {
    const { world, up, down } = chain()
    await up()
    const interrupt = new AbortController()
    world.fault = (operation) => {
      if (operation === 'remove') interrupt.abort()
      return undefined
    }
    const { outcomes, events } = await down({ signal: interrupt.signal })
    assert.equal(states(outcomes)['table/eu-west-1'], 'skipped')
    assert.deepEqual(skipsOf(events), [])
  })

  test('`available`: with no region there is no record', async () => {
    const { world, up } = chain()
    world.fault = (operation, address) =>
      operation === 'create' && address.startsWith('domain/') ? awsError('AccessDeniedException') : undefined
    const { outcomes } = await up()
    assert.equal(states(outcomes)['record/eu-west-1'], 'skipped')
    assert.deepEqual(world.alive('record/eu-west-1'), [])
  })

  test('down: what it holds up stays and stays recorded, the rest goes', async () => {
    const { world, disk, up, down } = chain()
    await up()
    world.fault = (operation, address) =>
      operation === 'remove' && address === 'fn/us-east-1' ? awsError('AccessDeniedException') : undefined
    const { outcomes, events } = await down()
    const found = states(outcomes)
    assert.equal(found['fn/us-east-1'], 'failed')
    assert.equal(found['table/us-east-1'], 'skipped')
    assert.deepEqual(skipsOf(events), [['table/us-east-1', 'fn/us-east-1', 'standing']])
    assert.equal(found['table/ap-south-1'], 'removed')
    assert.deepEqual(Object.keys(disk.state.entries).sort(), ['fn/us-east-1', 'table/us-east-1'])
    world.fault = () => undefined
    ok((await down()).outcomes, 'removed')
    assert.deepEqual(world.alive(), [])
  })
})

test('`inRegion` and `everywhere` wait for all of them', async () => {
  const scene = stage((step) => {
    const table = step({ kind: 'table' })
    const api = step({ kind: 'api', needs: { tables: inRegion(table) } })
    const all = step({ kind: 'all', sites: once, needs: { tables: everywhere(table) } })
    return [table, api, all]
  })
  scene.world.fault = (operation, address) =>
    operation === 'create' && address === 'table/us-east-1' ? awsError('AccessDeniedException') : undefined
  const found = states((await scene.up()).outcomes)
  assert.equal(found['api/us-east-1'], 'skipped')
  assert.equal(found['api/eu-west-1'], 'ready')
  assert.equal(found['all/eu-west-1'], 'skipped')
})

test('a gate waits for what another makes, and makes nothing', async () => {
  const scene = stage((step) => {
    const certificate = step({ kind: 'certificate' })
    const gate = step({ kind: 'gate', needs: { certificate: here(certificate) }, gate: true })
    const domain = step({ kind: 'domain', needs: { gate: here(gate) } })
    return [certificate, gate, domain]
  })
  const { world } = scene
  void world.clock.sleep(100).then(() => {
    for (const region of REGIONS) world.add(`gate/${region}`, {}, { lineage: scene.disk.state.lineage })
  })
  ok((await scene.up()).outcomes, 'ready')
  const at = world.alive('domain/eu-west-1')[0]!.at
  assert.ok(at >= world.alive('gate/eu-west-1')[0]!.at)
  ok((await scene.down()).outcomes, 'removed')
  assert.ok(!world.calls.some((call) => call.includes('gate')))
})

test('serial: one at a time from create to ready, also when one fails; each has its own patience', async () => {
  const patience = { everySeconds: 5, forMinutes: 3 }
  const scene = stage((step) => [step({ kind: 'replica', serial: true, patience }), step({ kind: 'other' })])
  const { world } = scene
  world.readySeconds = 120
  const inFlight = () =>
    world.alive().filter(({ name, readyAt }) => name.startsWith('replica') && readyAt > world.clock.now())
  let most = 0
  world.fault = (operation, address, when) => {
    if (address.startsWith('replica')) most = Math.max(most, inFlight().length)
    return operation === 'create' && when === 'before' && address === 'replica/us-east-1'
      ? awsError('AccessDeniedException')
      : undefined
  }
  const before = world.clock.now()
  const found = states((await scene.up()).outcomes)
  assert.equal(most, 1)
  assert.equal(found['replica/us-east-1'], 'failed')
  assert.equal(found['replica/eu-west-1'], 'ready')
  assert.equal(found['replica/ap-south-1'], 'ready')
  assert.ok(world.clock.now() - before >= 240, 'two of them one after the other')
})

describe('a bug in a step', () => {
  test('ends the run as what it is, once nothing is under way any more', async () => {
    const scene = stage((step) => [
      step({ kind: 'slow' }),
      step({
        kind: 'broken',
        fields: () => {
          throw new TypeError('x is undefined')
        },
      }),
    ])
    scene.world.readySeconds = 100
    await assert.rejects(scene.up(), { name: 'TypeError' })
    const calls = scene.world.calls.length
    assert.equal(scene.world.alive('slow/eu-west-1').length, 1)
    assert.equal(scene.disk.state.entries['slow/eu-west-1']?.settled, true)
    await scene.world.clock.sleep(1000)
    assert.equal(scene.world.calls.length, calls)
  })
})

test('nodes: here is the one of my region, or the only one; a missing neighbour is no edge', () => {
  const world = new World()
  const step = (options: FakeStep) => fake(world, () => new Mortal(), options)
  const table = step({ kind: 'table', sites: once })
  const fn = step({
    kind: 'fn',
    sites: ({ regions }) => regions.flatMap((region) => ['get', 'put'].map((name) => ({ region, name }))),
  })
  const permission = step({
    ...{ kind: 'permission', sites: fn.sites },
    needs: { fn: here(fn), table: here(table), all: inRegion(fn), every: everywhere(table) },
  })
  const nodes = nodesOf([table, fn, permission])
  const edgesOf = (address: string): Record<string, string[]> => {
    const node = nodes.find((one) => one.address === address) as Node
    return Object.fromEntries(node.edges.map((edge) => [edge.as, edge.nodes.map((other) => other.address)]))
  }
  assert.deepEqual(edgesOf('permission/us-east-1/put'), {
    fn: ['fn/us-east-1/put'],
    table: ['table/eu-west-1'],
    all: ['fn/us-east-1/get', 'fn/us-east-1/put'],
    every: ['table/eu-west-1'],
  })
  assert.throws(() => nodesOf([permission, fn, table]), /must come before/)
})
