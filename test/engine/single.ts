// A cloud with one kind of thing and one node of it, brought up and down. For the tests of the two loops.
import assert from 'node:assert/strict'
import type { MultiregionError } from '../../src/base/errors.js'
import { reconcile } from '../../src/engine/reconcile.js'
import { retire } from '../../src/engine/retire.js'
import { Disk, type FakeStep, fake, life, Mortal, nodesOf, World } from './fixture.js'

export const ADDRESS = 'thing/eu-west-1'
const one = () => [{ region: 'eu-west-1' }]

/** A cloud with one kind of thing, and lives that bring it up and down. */
export function single(options: Partial<FakeStep> = {}) {
  const world = new World()
  const disk = new Disk()
  let mortal = new Mortal()
  const step = fake(world, () => mortal, { kind: 'thing', sites: one, ...options })
  const [node] = nodesOf([step])
  const next = (dieAt = -1, signal?: AbortSignal) => {
    mortal = new Mortal(dieAt)
    return life(world, disk, mortal, signal)
  }
  return {
    world,
    disk,
    next,
    up: (fields: Record<string, unknown> = { size: 1 }, dieAt = -1, signal?: AbortSignal) => {
      const { run, events } = next(dieAt, signal)
      return Object.assign(reconcile(node!, { name: ADDRESS, fields }, run), { events })
    },
    down: async (dieAt = -1, signal?: AbortSignal) => {
      const { run } = next(dieAt, signal)
      if (disk.state.entries[ADDRESS]) await retire(node!, run)
    },
    entry: () => disk.state.entries[ADDRESS],
  }
}

/** The error that some work ends with. */
export const thrown = (work: Promise<unknown>): Promise<MultiregionError> =>
  work.then(
    () => assert.fail('it succeeded'),
    (error) => error,
  )
