// One node up and down: what is made, waited for and how long, what is refused, what is told.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  CancelledError,
  CloudError,
  ForeignResourceError,
  ImmutableChangeError,
  NotReadyError,
} from '../../src/base/errors.js'
import { awsError } from './fixture.js'
import { ADDRESS, single, thrown } from './single.js'

describe('a life without accidents', () => {
  test('is made, waited for, settled, and told', async () => {
    const { world, up, entry } = single()
    world.readySeconds = 30
    const work = up()
    const observed = await work
    assert.deepEqual(world.calls, [`create ${ADDRESS}`])
    assert.equal(entry()?.id, observed.id)
    assert.equal(entry()?.settled, true)
    assert.equal(entry()?.intent, undefined)
    const told = work.events.map(({ type }) => type)
    assert.equal(told[0], 'step.started')
    assert.equal(told.at(-1), 'step.ready')
    assert.equal(told.filter((type) => type === 'step.moved').length, 1)
  })

  test('a second run calls nothing and writes nothing', async () => {
    const { world, disk, up } = single()
    await up()
    const { saves } = disk
    await up()
    assert.equal(world.calls.length, 1)
    assert.equal(disk.saves, saves)
  })

  test('a changed field is an update; what was changed by hand is put back', async () => {
    const { world, up } = single()
    await up({ size: 1 })
    await up({ size: 2 })
    assert.deepEqual(world.alive()[0]?.fields, { size: 2 })
    world.alive()[0]!.fields = { size: 9 }
    await up({ size: 2 })
    assert.deepEqual(world.alive()[0]?.fields, { size: 2 })
    assert.deepEqual(world.calls, [`create ${ADDRESS}`, `update ${ADDRESS}`, `update ${ADDRESS}`])
  })

  test('goes away, and is forgotten when it is gone', async () => {
    const { world, up, down, entry } = single()
    await up()
    world.goneSeconds = 100
    await down()
    assert.deepEqual(world.alive(), [])
    assert.equal(entry(), undefined)
    assert.deepEqual(world.calls, [`create ${ADDRESS}`, `remove ${ADDRESS}`])
  })

  test('what goes away is waited for before it is made again', async () => {
    const { world, up } = single()
    await up()
    world.alive()[0]!.goneAt = world.clock.now() + 60
    await up()
    assert.equal(world.alive().length, 1)
    assert.equal(world.calls.filter((call) => call.startsWith('create')).length, 2)
  })
})

describe('whose it is', () => {
  test("another's is refused: nothing is called, nothing is written", async () => {
    const { world, disk, up } = single()
    const theirs = world.add(ADDRESS, { size: 1 }, { lineage: 'theirs' })
    const error = await thrown(up())
    assert.ok(error instanceof ForeignResourceError)
    assert.equal(error.data.address, ADDRESS)
    assert.ok(error.message.includes(theirs.id))
    assert.deepEqual(world.calls, [])
    assert.deepEqual(disk.state.entries, {})
  })

  test("down leaves another's alone that took the place of ours", async () => {
    const { world, up, down } = single()
    await up()
    Object.assign(world.alive()[0]!, { lineage: 'theirs' })
    assert.ok((await thrown(down())) instanceof ForeignResourceError)
    assert.deepEqual(world.calls, [`create ${ADDRESS}`])
  })

  test('a name that is taken although no look shows it: looked at again, then ours or refused', async () => {
    const ours = single({ unique: true })
    ours.world.findLag = 20
    // The answer to our own create is lost, and the SDK's second try is told that it exists.
    let first = true
    ours.world.fault = (operation, _address, when) => {
      if (operation !== 'create' || when !== 'after' || !first) return undefined
      first = false
      return awsError('EntityAlreadyExistsException')
    }
    await ours.up()
    assert.equal(ours.world.alive().length, 1)

    const theirs = single({ unique: true })
    theirs.world.add(ADDRESS, {}, { lineage: 'theirs' })
    theirs.world.findLag = 20
    assert.ok((await thrown(theirs.up())) instanceof ForeignResourceError)
    assert.equal(theirs.world.alive()[0]?.lineage, 'theirs')
  })
})

describe('what AWS answers', () => {
  const passing = {
    throttled: awsError('ThrottlingException', 'Rate exceeded'),
    busy: awsError('ResourceInUseException', 'being updated'),
    'a moment away': awsError('ServiceUnavailable', 'try later', 503),
  }
  for (const [what, error] of Object.entries(passing))
    test(`${what}: waits, and goes on`, async () => {
      const { world, up } = single()
      let times = 2
      world.fault = (operation, _address, when) =>
        operation === 'create' && when === 'before' && times-- > 0 ? error : undefined
      await up()
      assert.equal(world.alive().length, 1)
      assert.equal(world.calls.length, 1)
    })

  test('a text that the step calls transient: waits, and goes on', async () => {
    const { world, up } = single({ transient: ({ message }) => /cannot be assumed/.test(message) })
    let times = 3
    world.fault = (operation) =>
      operation === 'create' && times-- > 0
        ? awsError('InvalidParameterValueException', 'The role cannot be assumed by Lambda')
        : undefined
    await up()
    assert.equal(world.alive().length, 1)
  })

  test('no: fails with address, call, code and a hint', async () => {
    const { world, up } = single()
    world.fault = (operation) =>
      operation === 'create' ? awsError('AccessDeniedException', 'not allowed', 403) : undefined
    const error = await thrown(up())
    assert.ok(error instanceof CloudError)
    assert.match(
      error.message,
      /thing\/eu-west-1: fake:Operation in eu-west-1 answered AccessDeniedException: not allowed/,
    )
    assert.match(error.hint, /^Allow the operator fake:Operation;/)
    assert.equal(error.data.address, ADDRESS)
    assert.equal(error.data.code, 'AccessDeniedException')
  })

  test('nothing at all: two minutes, not the whole patience', async () => {
    const { world, up } = single({ patience: { everySeconds: 5, forMinutes: 600 } })
    world.fault = () => awsError('ServiceUnavailable', 'down', 503)
    const before = world.clock.now()
    assert.ok((await thrown(up())) instanceof NotReadyError)
    const took = world.clock.now() - before
    assert.ok(took >= 120 && took < 200, `${took} s`)
  })

  test('who is refused comes back after a time that chance has a part in', async () => {
    const pause = async (chance: number) => {
      const { world, up } = single({ patience: { everySeconds: 10, forMinutes: 5 } })
      world.chance = chance
      const at: number[] = []
      world.fault = (operation) => {
        if (operation !== 'create') return undefined
        at.push(world.clock.now())
        return at.length === 1 ? awsError('ThrottlingException') : undefined
      }
      await up()
      return at[1]! - at[0]!
    }
    assert.ok((await pause(0)) < (await pause(0.5)))
    assert.ok((await pause(0.5)) < (await pause(0.99)))
  })

  test('5xx to the move only: the whole patience, as looks are answered', async () => {
    const { world, up } = single({ patience: { everySeconds: 5, forMinutes: 30 } })
    const until = world.clock.now() + 600
    world.fault = (operation) =>
      operation === 'create' && world.clock.now() < until
        ? awsError('ServiceUnavailable', 'down', 503)
        : undefined
    await up()
    assert.equal(world.alive().length, 1)
  })

  test('`not found` to a remove: it is gone, as wanted', async () => {
    const { world, up, down, entry } = single()
    await up()
    world.fault = (operation, _address, when) =>
      operation === 'remove' && when === 'after' ? awsError('ResourceNotFoundException') : undefined
    await down()
    assert.deepEqual(world.alive(), [])
    assert.equal(entry(), undefined)
  })
})

describe('patience', () => {
  test('a look at AWS at work is sent once; after one that failed, with all its tries', async () => {
    const { world, up } = single({ patience: { everySeconds: 5, forMinutes: 30 } })
    world.readySeconds = 20
    world.fault = (operation) =>
      operation === 'observe' && world.looks.length === 3
        ? awsError('ServiceUnavailable', '', 503)
        : undefined
    await up()
    assert.deepEqual(world.looks, [false, false, true, false, true])
  })

  test('ends with what it waited for; the next run goes on', async () => {
    const { world, up } = single({ patience: { everySeconds: 5, forMinutes: 2 } })
    world.readySeconds = 600
    const error = await thrown(up())
    assert.ok(error instanceof NotReadyError)
    assert.match(error.message, /gave up after \d+ s: not ready yet/)
    await thrown(up())
    await world.clock.sleep(600)
    await up()
    assert.equal(world.calls.length, 1)
  })

  test('of a removal ends too', async () => {
    const { world, up, down, entry } = single({ patience: { everySeconds: 5, forMinutes: 2 } })
    await up()
    world.fault = (operation) => (operation === 'remove' ? awsError('DeleteConflict', 'in use') : undefined)
    assert.ok((await thrown(down())) instanceof NotReadyError)
    assert.ok(entry())
    world.fault = () => undefined
    await down()
    assert.deepEqual(world.alive(), [])
  })
})

test('an immutable change is refused before anything is called or written', async () => {
  const { world, disk, up } = single({ immutable: ['key'] })
  await up({ key: 'id', size: 1 })
  const { saves } = disk
  const error = await thrown(up({ key: 'name', size: 2 }))
  assert.ok(error instanceof ImmutableChangeError)
  assert.match(error.message, /key cannot change in place \(id -> name\)/)
  assert.equal(world.calls.length, 1)
  assert.equal(disk.saves, saves)
})

describe('Ctrl-C', () => {
  test('while it looks: no move is begun and no intent is written', async () => {
    const { world, disk, up } = single()
    const controller = new AbortController()
    world.fault = () => {
      controller.abort()
      return undefined
    }
    assert.ok((await thrown(up({}, -1, controller.signal))) instanceof CancelledError)
    assert.deepEqual(world.calls, [])
    assert.equal(disk.saves, 0)
  })

  test('while a create is under way: it ends, its id is saved, nothing follows', async () => {
    const { world, disk, up } = single()
    const controller = new AbortController()
    world.fault = (operation, _address, when) => {
      if (operation === 'create' && when === 'after') controller.abort()
      return undefined
    }
    assert.ok((await thrown(up({}, -1, controller.signal))) instanceof CancelledError)
    assert.equal(world.alive().length, 1)
    assert.equal(disk.state.entries[ADDRESS]?.id, world.alive()[0]!.id)
    await up({})
    assert.equal(world.calls.length, 1)
  })

  test('while it waits: ends at once', async () => {
    const { world, up } = single()
    world.readySeconds = 1000
    const controller = new AbortController()
    const before = world.clock.now()
    void world.clock.sleep(60).then(() => controller.abort())
    assert.ok((await thrown(up({}, -1, controller.signal))) instanceof CancelledError)
    assert.equal(world.clock.now() - before, 60)
  })
})
