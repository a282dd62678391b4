// Drawing from the world's own chance: of a list, a share, a command with what becomes of its process. What is drawn for
// a life is `program.ts`'s and `sharing.ts`'s.
import type { Command, Fate } from './process.js'
import type { Simulation } from './simulation.js'

export type Deed = (world: Simulation) => Promise<void>

export function picker(random: () => number) {
  const below = (count: number) => Math.floor(random() * count)
  return {
    below,
    chance: (share: number) => random() < share,
    of: <T>(list: readonly T[]): T => list[below(list.length)]!,
  }
}

/** Most commands are let alone; of the others most die. */
export function commandWithFate(verb: Command['verb'], more: Partial<Command> = {}): Deed {
  return async (world) => {
    takeSeat(world)
    await world.run({ verb, ...more }, fateOf(world, verb))
    // What a fate did to the disk is seen and mended by the operator.
    for (const { disk } of world.computers) disk.fault = undefined
  }
}

/** At one of the computers that have the state: any, where it is shared or about to be. */
export function takeSeat(world: Simulation): void {
  const { workplaces, computer } = world
  const isShared = world.home !== undefined || world.config.state.backend === 'global-table'
  if (isShared) world.sitDown(picker(world.random).of(world.computers))
  else if (!workplaces.includes(computer)) world.sitDown(workplaces[0]!)
}

/** How many instants a command has, about: of all, and around its calls. */
const INSTANTS: Readonly<Partial<Record<Command['verb'], readonly [number, number]>>> = {
  up: [1000, 90],
  down: [700, 70],
  failover: [60, 4],
  failback: [60, 4],
  'state takeover': [8, 4],
}

const FATES = [
  'kill',
  'kill',
  'kill',
  'power',
  'power',
  'interrupt',
  'full',
  'read-only',
  'fsync-fails',
  'expire',
] as const

export function fateOf({ random }: Simulation, verb: Command['verb']): Fate | undefined {
  const pick = picker(random)
  if (pick.chance(0.4)) return undefined
  const what = pick.of(FATES)
  const [all, calls] = INSTANTS[verb] ?? [20, 1]
  if (pick.chance(0.4)) return { at: pick.below(calls), among: 'calls', what }
  // A part of them early: the first instants are the rarest otherwise.
  return { at: pick.below(pick.chance(0.3) ? Math.min(40, all) : all), what }
}
