// How many calls `up` and `down` make of a cloud that answers one in five with 5xx and loses one answer in twenty, beside
// what they make of the quiet one. Real engine, steps and SDK clients, AWS's times and quotas, virtual time: `../simulation`.
import type { HttpRequest } from '@smithy/types'
import { calledBy } from '../simulation/called.js'
import { FUNCTIONS } from '../simulation/config.js'
import { simulate } from '../simulation/life.js'
import type { Simulation } from '../simulation/simulation.js'

export const ERRORS = 0.2
export const LOST = 0.05
export const HOSTILE_VERBS = ['up', 'down'] as const

/** Of one run. */
export interface Calls {
  readonly exit: number | 'dead'
  readonly message: string
  /** As they came to the cloud's door, every try. */
  readonly all: number
  readonly mutating: number
  /** Of the cloud. */
  readonly minutes: number
  /** Tries by operation. */
  readonly of: ReadonlyMap<string, number>
}
export type Life = Record<(typeof HOSTILE_VERBS)[number], Calls>

export interface Measured {
  readonly quiet: Life
  readonly hostile: Life
  /** Of the calls of both verbs, hostile to quiet. */
  readonly ratio: number
}

/** Throws what the simulation finds broken. */
export async function measureHostile(
  seed: number,
  profile: 'realistic' | 'instant' = 'realistic',
): Promise<Measured> {
  const quiet = await lifeIn(seed, profile, () => undefined)
  const hostile = await lifeIn(seed, profile, (world) => {
    // The oldest that matches acts, so the second one meets what the first has spared.
    world.fault({ kind: 'lost', rate: LOST, plane: 'control' })
    world.fault({ kind: 'error', rate: ERRORS / (1 - LOST), plane: 'control' })
  })
  const both = ({ up, down }: Life) => up.all + down.all
  return { quiet, hostile, ratio: both(hostile) / both(quiet) }
}

async function lifeIn(
  seed: number,
  profile: 'realistic' | 'instant',
  worsen: (world: Simulation) => void,
): Promise<Life> {
  const life: Partial<Life> = {}
  const { violation } = await simulate({ seed, profile }, async (world) => {
    world.edit('all functions', (written) => {
      written.functions = FUNCTIONS
    })
    worsen(world)
    for (const verb of HOSTILE_VERBS) life[verb] = await counted(world, verb)
  })
  if (violation) throw violation
  return life as Life
}

async function counted(world: Simulation, verb: 'up' | 'down'): Promise<Calls> {
  const { cloud } = world
  const { send } = cloud
  const of = new Map<string, number>()
  const counts = { all: 0, mutating: 0 }
  const counting = (request: HttpRequest) => {
    const { name, mutating } = calledBy(request)
    const words = name.replaceAll(/\/[^/]*[-\d.%][^/]*/g, '/*')
    of.set(words, (of.get(words) ?? 0) + 1)
    counts.all++
    if (mutating) counts.mutating++
    return send(request)
  }
  Object.assign(cloud, { send: counting })
  const began = world.time.now
  try {
    const { exit, error } = await world.run({ verb })
    const minutes = (world.time.now - began) / 60_000
    return { exit, message: error?.message ?? '', ...counts, minutes, of }
  } finally {
    Object.assign(cloud, { send })
  }
}
