// The plan, which is the walk without moves: what it says of single cases, and that it agrees with the walk in random
// worlds: what it announces is done, nothing else is, and afterwards it is empty.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ForeignResourceError, ImmutableChangeError } from '../../src/base/errors.js'
import type { Config } from '../../src/config/schema.js'
import { plan } from '../../src/engine/plan.js'
import { type AnyStep, available, everywhere, here, inRegion, type Needs } from '../../src/engine/step.js'
import { sweepSuperseded, walkUp } from '../../src/engine/walk.js'
import { awsError, config, Disk, died, fake, life, Mortal, nodesOf, World } from './fixture.js'
import { chain, idOf, idsOf, stage } from './scene.js'

describe('single cases', () => {
  test('nothing stands: everything is created, and nothing is called or written', async () => {
    const { world, disk, plan } = chain()
    const { changes, errors } = await plan()
    assert.deepEqual(errors, [])
    assert.equal(changes.length, 10)
    assert.ok(changes.every(({ action }) => action === 'create'))
    assert.deepEqual(world.calls, [])
    assert.equal(disk.saves, 0)
  })

  test('everything stands: empty', async () => {
    const { up, plan } = chain()
    await up()
    const { changes, errors, looks } = await plan()
    assert.deepEqual([changes, errors], [[], []])
    assert.ok(looks.every(({ pending, failed, after }) => !pending && !failed && !after))
  })

  test('changed by hand: the field, from and to', async () => {
    const { world, up, plan } = chain()
    await up()
    const [table] = world.alive('table/us-east-1')
    world.alive('fn/us-east-1')[0]!.fields = { table: 'another' }
    const { changes } = await plan()
    assert.deepEqual(changes, [
      {
        ...{ address: 'fn/us-east-1', action: 'update' },
        fields: [{ field: 'table', from: 'another', to: table!.id }],
      },
    ])
  })

  test('deleted by hand: it is created, and what needs it is known after', async () => {
    const { world, up, plan } = chain()
    await up()
    world.alive('table/us-east-1')[0]!.goneAt = world.clock.now()
    const { changes } = await plan()
    const [table, fn] = changes
    assert.deepEqual([table?.address, table?.action], ['table/us-east-1', 'create'])
    assert.deepEqual([fn?.address, fn?.action, fn?.after], ['fn/us-east-1', 'update', 'table/us-east-1'])
  })

  test('not ready yet: pending with its reason, and no change', async () => {
    const { world, up, plan } = chain()
    await up()
    world.alive('fn/us-east-1')[0]!.readyAt = world.clock.now() + 100
    const { changes, looks } = await plan()
    assert.deepEqual(changes, [])
    assert.deepEqual(
      looks.flatMap(({ pending }) => pending ?? []),
      ['not ready yet'],
    )
  })

  test("another's and immutable changes are errors, as in the walk", async () => {
    let key = 'id'
    const scene = stage((step) => [step({ kind: 'table', immutable: ['key'], fields: () => ({ key }) })])
    await scene.up()
    key = 'name'
    Object.assign(scene.world.alive('table/us-east-1')[0]!, { lineage: 'theirs' })
    const { errors } = await scene.plan()
    assert.deepEqual(
      errors.map(({ name }) => name),
      [ImmutableChangeError.name, ForeignResourceError.name, ImmutableChangeError.name],
    )
  })

  test("what is going away and is another's is refused by both", async () => {
    const scene = stage((step) => [step({ kind: 'table' })])
    const theirs = scene.world.add('table/us-east-1', {}, { lineage: 'theirs' })
    theirs.goneAt = scene.world.clock.now() + 1e6
    const { errors } = await scene.plan()
    assert.equal(errors.length, 1)
    const { outcomes } = await scene.up()
    assert.equal(outcomes.find(({ node }) => node.address === 'table/us-east-1')?.state, 'failed')
  })

  test('a region that does not answer is an error at once; the others are told', async () => {
    const { world, up, plan } = chain()
    await up()
    world.fault = (_operation, address) =>
      address.endsWith('us-east-1') ? awsError('ServiceUnavailable', 'down', 503) : undefined
    const before = world.clock.now()
    const { errors, changes } = await plan()
    assert.ok(errors.length > 0)
    assert.ok(errors.every(({ data }) => String(data.address).endsWith('us-east-1')))
    assert.ok(changes.every(({ address }) => address.endsWith('us-east-1')))
    assert.ok(world.clock.now() - before < 60)
  })

  test('a throttle is waited out', async () => {
    const { world, up, plan } = chain()
    await up()
    let times = 3
    world.fault = () => (times-- > 0 ? awsError('ThrottlingException') : undefined)
    assert.deepEqual((await plan()).errors, [])
  })

  test('what a crash left half made may lag with its owner marks: doubted, not refused', async () => {
    const scene = stage((step) => [step({ kind: 'thing' })])
    await scene.up()
    const { world, disk } = scene
    const [thing] = world.alive('thing/us-east-1')
    const { settled: _settled, observed: _observed, ...entry } = disk.state.entries['thing/us-east-1']!
    const intent = { action: 'create', token: thing!.token, at: '' } as const
    disk.state = {
      ...disk.state,
      entries: { ...disk.state.entries, 'thing/us-east-1': { ...entry, intent } },
    }
    const { lineage } = thing!
    Object.assign(thing!, { lineage: undefined })
    void world.clock.sleep(20).then(() => Object.assign(thing!, { lineage }))
    assert.deepEqual((await scene.plan()).errors, [])
  })
})

const REACHES = { here, inRegion, everywhere, available } as const

/** One kind of a random graph. */
interface Kind {
  readonly everywhere: boolean
  readonly replace: boolean
  readonly needs: readonly { readonly of: number; readonly reach: keyof typeof REACHES }[]
}
interface Accident {
  readonly what: 'delete' | 'edit'
  readonly index: number
}
interface Story {
  readonly kinds: readonly Kind[]
  /** Kinds whose wish changes between the runs. */
  readonly edits: readonly number[]
  readonly accidents: readonly Accident[]
  /** The first run dies there; undefined where there is none, below zero where it lives. */
  readonly first: number | undefined
}

const kinds = fc.array(
  fc.record({
    everywhere: fc.boolean(),
    replace: fc.boolean(),
    needs: fc.array(
      fc.record({ of: fc.nat(9), reach: fc.constantFrom('here', 'inRegion', 'everywhere', 'available') }),
      { maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 5 },
)
const stories: fc.Arbitrary<Story> = fc.record({
  kinds: kinds as fc.Arbitrary<Kind[]>,
  edits: fc.array(fc.nat(4), { maxLength: 3 }),
  accidents: fc.array(fc.record({ what: fc.constantFrom('delete', 'edit'), index: fc.nat(30) }), {
    maxLength: 3,
  }),
  first: fc.oneof(fc.constant(-1), fc.constant(undefined), fc.nat(80)),
})

function procedure(
  story: Story,
  world: World,
  mortal: () => Mortal,
  wishOf: (kind: number) => string,
): AnyStep[] {
  const steps: AnyStep[] = []
  for (const [index, kind] of story.kinds.entries()) {
    const chosen = kind.needs.filter(({ of }) => of < index)
    const needs: Needs = Object.fromEntries(
      chosen.map(({ of, reach }) => [`k${of}`, REACHES[reach](steps[of]!)]),
    )
    steps.push(
      fake(world, mortal, {
        ...{ kind: `k${index}`, needs, immutable: ['key'] },
        ...(kind.everywhere ? {} : { sites: ({ home }: Config) => [{ region: home }] }),
        // Only what can be replaced may change its key.
        ...(kind.replace ? { replace: 'create-first' } : {}),
        fields: ({ needs: found }) => ({
          [kind.replace ? 'key' : 'size']: wishOf(index),
          ...Object.fromEntries(
            Object.entries(found).map(([as, need]) => [as, need instanceof Map ? idsOf(need) : idOf(need)]),
          ),
        }),
      }),
    )
  }
  return steps
}

function befall(world: World, { what, index }: Accident): void {
  const alive = world.alive()
  const thing = alive[index % Math.max(1, alive.length)]
  if (!thing) return
  if (what === 'delete') thing.goneAt = world.clock.now()
  else if ('size' in thing.fields) thing.fields = { ...thing.fields, size: 'by hand' }
}

test('in random worlds the plan says what the walk does, and is empty after it', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const world = new World()
      const disk = new Disk()
      let mortal = new Mortal()
      let edited = false
      const steps = procedure(
        story,
        world,
        () => mortal,
        (kind) => (edited && story.edits.includes(kind) ? 'v2' : 'v1'),
      )
      const nodes = nodesOf(steps)
      const begin = (dieAt = -1) => {
        mortal = new Mortal(dieAt)
        return life(world, disk, mortal)
      }
      const up = async (dieAt = -1) => {
        const { run, events } = begin(dieAt)
        const outcomes = await walkUp(nodes, config(), run)
        assert.deepEqual(await sweepSuperseded(outcomes, run), [])
        return { outcomes, events }
      }

      const dead = story.first !== undefined && (await died(up(story.first)))
      edited = true
      for (const accident of story.accidents) befall(world, accident)

      const before = await plan(nodes, config(), begin().run)
      assert.deepEqual(before.errors, [])
      const { outcomes, events } = await up()
      assert.deepEqual(
        outcomes.filter(({ state }) => state !== 'ready'),
        [],
      )
      const moved = new Set(
        events.flatMap((event) =>
          event.type === 'step.moved' && event.move !== 'remove' ? [event.address] : [],
        ),
      )

      // What it announced for certain was done; after a crash it may find that it was done before.
      const certain = before.changes.filter(({ after }) => after === undefined)
      if (!dead)
        for (const { address } of certain)
          assert.ok(moved.has(address), `${address} was planned and not done`)
      // What was done was announced, or reads something of what was.
      const announced = new Set(before.changes.map(({ address }) => address))
      for (const node of nodes) {
        const reads = node.edges.flatMap((edge) => edge.nodes).some(({ address }) => announced.has(address))
        if (reads) announced.add(node.address)
        if (moved.has(node.address))
          assert.ok(announced.has(node.address), `${node.address} was done and not planned`)
      }

      const after = await plan(nodes, config(), begin().run)
      assert.deepEqual([after.changes, after.errors], [[], []])
      const { saves } = disk
      const calls = world.calls.length
      await up()
      assert.deepEqual([disk.saves, world.calls.length], [saves, calls])
      // Exactly one of everything, and nothing that no node stands for.
      assert.deepEqual(
        world
          .alive()
          .map(({ name }) => name)
          .sort(),
        nodes.map(({ address }) => address).sort(),
      )
    }),
    { numRuns: 150 },
  )
})
