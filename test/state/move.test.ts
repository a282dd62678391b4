// The state moves between the file and the control table, and whatever instant the process is stopped at, exactly one of
// the two counts, for this machine and for every other, and the next run finishes the move.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { LockedError, MultiregionError } from '../../src/base/errors.js'
import { noteMove } from '../../src/commands/settle.js'
import type { StackState } from '../../src/engine/ledger.js'
import {
  Instants,
  type Machine,
  type MachineOptions,
  SharedCloud,
  Stopped,
  settle,
} from './shared-fixture.js'

let cloud: SharedCloud
before(async () => {
  cloud = await SharedCloud.start()
})
after(() => cloud.close())

/** All but the serial, which only rises. */
const contentOf = ({ serial: _serial, ...content }: StackState) => content

async function read(machine: Machine): Promise<{ state: StackState; where: string; fresh: boolean }> {
  const place = await machine.place()
  return { state: place.state.read(), where: place.state.where, fresh: place.fresh }
}

describe('to the table', () => {
  test('the state is there, the file is a backup, and another machine works with it', async () => {
    const laptop = cloud.machine({ stack: 'to' })
    const state = await laptop.putFile()
    await laptop.settle()
    assert.equal(existsSync(laptop.file), false)
    const ci = cloud.machine({ name: 'ci', stack: 'to' })
    const seen = await read(ci)
    assert.match(seen.where, /table to-dev-control/)
    assert.deepEqual(contentOf(seen.state), contentOf(state))
    assert.ok(seen.state.serial > state.serial)
    await ci.settle()
    assert.deepEqual(contentOf((await read(laptop)).state), contentOf(state))
  })

  test('a config that still says file finds it, too', async () => {
    const laptop = cloud.machine({ stack: 'still' })
    await laptop.putFile()
    await laptop.settle()
    const again = cloud.machine({ stack: 'still', backend: 'file', folder: laptop.config.root })
    assert.match((await read(again)).where, /table still-dev-control/)
  })

  test('what up will do with the state is said before, and not where it is in its place', async () => {
    const laptop = cloud.machine({ stack: 'said' })
    const said = async (machine: Machine) => {
      const session = await machine.session()
      noteMove(session)
      await session.close()
      return machine.notes
        .splice(0)
        .filter((note) => /the state is in/.test(note))
        .join()
    }
    assert.equal(await said(laptop), '')
    await laptop.putFile()
    assert.match(
      await said(laptop),
      /the state is in .*said-dev\.json; .* up moves it to table said-dev-control/,
    )
    await laptop.settle()
    assert.equal(await said(laptop), '')
    const back = cloud.machine({ stack: 'said', backend: 'file', folder: laptop.config.root })
    assert.match(await said(back), /in table said-dev-control.* up moves it to the file .*said-dev\.json/)
  })

  test('a file of another lineage is not overwritten, nor believed', async () => {
    const laptop = cloud.machine({ stack: 'twice' })
    await laptop.putFile()
    await laptop.settle()
    const ci = cloud.machine({ name: 'ci', stack: 'twice' })
    const other = await ci.putFile()
    await assert.rejects(ci.settle(), { code: 'two-states' })
    assert.deepEqual(await ci.readFile(), other)
  })
})

test('of two machines that begin a stack at once one is refused as by a lock', async () => {
  const machines = [cloud.machine({ stack: 'race' }), cloud.machine({ name: 'ci', stack: 'race' })]
  const sessions = await Promise.all(machines.map((machine) => machine.session()))
  const ends = []
  for (const session of sessions) ends.push(await settle(session).catch((error) => error))
  for (const session of sessions) await session.close()
  assert.equal(ends[0], undefined)
  assert.ok(ends[1] instanceof LockedError, `${ends[1]}`)
  assert.match((await read(machines[1]!)).where, /table race-dev-control/)
})

test('back to the file: the table is gone, and another machine is told where the state went', async () => {
  const laptop = cloud.machine({ stack: 'back' })
  const state = await laptop.putFile()
  await laptop.settle()
  const ci = cloud.machine({ name: 'ci', stack: 'back' })
  await ci.settle()
  await cloud.machine({ stack: 'back', backend: 'file', folder: laptop.config.root }).settle()
  assert.deepEqual(contentOf((await laptop.readFile())!), contentOf(state))
  const seen = await read(ci)
  assert.equal(seen.fresh, true, 'there is no table any more, and no state for the other machine')
})

/** Every third of them, from a random one on; MOVE_EVERY=1 for all. */
const EVERY = Number(process.env.MOVE_EVERY ?? 3)

/** Runs it again and again, stopped at every instant; `look` sees what each left. */
async function stopEverywhere(
  prefix: string,
  prepare: (stack: string) => Promise<{ folder: string; state: StackState }>,
  options: MachineOptions,
  look: (stack: string, folder: string, state: StackState, at: number) => Promise<void>,
): Promise<number> {
  for (let at = Math.floor(Math.random() * EVERY); ; at += EVERY) {
    const stack = `${prefix}${at}`
    const { folder, state } = await prepare(stack)
    const instants = new Instants()
    instants.stopAt = at
    const broken = cloud.machine({ ...options, stack, folder, instants })
    const ended = await broken.settle().then(
      () => 'done',
      (error) => {
        if (instants.count < at || error instanceof MultiregionError || error instanceof Stopped)
          return 'stopped'
        throw error
      },
    )
    await look(stack, folder, state, at)
    if (ended === 'done') return instants.count
  }
}

/** Exactly one place counts: this machine reads the state whatever its config says, and no other has another one. */
async function countsOnce(stack: string, folder: string, state: StackState, at: number): Promise<void> {
  for (const backend of ['file', 'global-table'] as const) {
    const seen = await read(cloud.machine({ stack, folder, backend }))
    assert.deepEqual(
      contentOf(seen.state),
      contentOf(state),
      `stopped at ${at}: ${backend} reads ${seen.where}`,
    )
  }
  const ci = cloud.machine({ name: 'ci', stack })
  const theirs = await ci.place().catch((error) => {
    assert.ok(error instanceof MultiregionError, `stopped at ${at}: ${error.stack}`)
    return undefined
  })
  if (theirs && !theirs.fresh) assert.deepEqual(contentOf(theirs.state.read()), contentOf(state))
}

test('stopped at any instant of the way to the table, one place counts and the next run finishes', async (t) => {
  const instants = await stopEverywhere(
    'in',
    async (stack) => {
      const laptop = cloud.machine({ stack })
      return { folder: laptop.config.root, state: await laptop.putFile() }
    },
    {},
    async (stack, folder, state, at) => {
      await countsOnce(stack, folder, state, at)
      await cloud.machine({ stack, folder }).settle()
      assert.match((await read(cloud.machine({ name: 'ci', stack }))).where, /table/)
      await countsOnce(stack, folder, state, at)
    },
  )
  t.diagnostic(`${instants} instants`)
  assert.ok(instants > 40, `only ${instants} instants`)
})

test('stopped at any instant of the way back, one place counts and the next run finishes', async (t) => {
  const instants = await stopEverywhere(
    'out',
    async (stack) => {
      const laptop = cloud.machine({ stack })
      const state = await laptop.putFile()
      await laptop.settle()
      return { folder: laptop.config.root, state }
    },
    { backend: 'file' },
    async (stack, folder, state, at) => {
      await countsOnce(stack, folder, state, at)
      await cloud.machine({ stack, folder, backend: 'file' }).settle()
      const done = cloud.machine({ stack, folder, backend: 'file' })
      assert.equal((await read(done)).where, done.file)
      await countsOnce(stack, folder, state, at)
    },
  )
  t.diagnostic(`${instants} instants`)
  assert.ok(instants > 20, `only ${instants} instants`)
})
