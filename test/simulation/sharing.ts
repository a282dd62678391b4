// What befalls a state that several computers share: it is moved in and out, its home region goes and another takes over,
// runs die with its lease, a computer is lost. `program.ts` draws from these for lives in which a state is shared.
import { Violation } from './auditor.js'
import { commandWithFate, type Deed, fateOf, picker } from './draw.js'
import type { Command } from './process.js'
import type { Simulation } from './simulation.js'

const BACKENDS = ['file', 'global-table'] as const
type Backend = (typeof BACKENDS)[number]

export function keepIn(world: Simulation, backend: Backend): void {
  world.edit(`the state is kept in a ${backend}`, (written) => Object.assign(written, { state: { backend } }))
}

/** The next `up` moves it. */
async function moveState(world: Simulation): Promise<void> {
  keepIn(world, world.config.state.backend === 'file' ? 'global-table' : 'file')
  if (picker(world.random).chance(0.7)) await commandWithFate('up')(world)
}

const anywhere = (world: Simulation) => picker(world.random).of(world.computers).name

function takeoverOf(world: Simulation, from?: string): Command {
  const pick = picker(world.random)
  const others = world.config.regions.filter((region) => region !== from)
  return {
    verb: 'state takeover',
    to: pick.of(others.length > 0 ? others : world.config.regions),
    force: pick.chance(0.5),
    on: anywhere(world),
  }
}

async function takeOver(world: Simulation): Promise<void> {
  if (world.home) await world.run(takeoverOf(world), fateOf(world, 'state takeover'))
}

/** Its home goes out, another region becomes it, work goes on there, and the old one comes back some time. */
async function loseHome(world: Simulation): Promise<void> {
  const { home } = world
  if (!home) return
  const pick = picker(world.random)
  const how = pick.of(['refuse', 'hang'] as const)
  world.fault({ kind: 'region-out', region: home.region, how, forSeconds: 60 + pick.below(2000) })
  await world.run(takeoverOf(world, home.region), fateOf(world, 'state takeover'))
  await commandWithFate(pick.of(['up', 'down', 'failback'] as const))(world)
}

/** The home is cut off while a run works, and another computer takes over before or after it is back. */
async function overtakeRun(world: Simulation): Promise<void> {
  const { home } = world
  if (!home) return
  const pick = picker(world.random)
  const [outAfter, forSeconds] = [pick.below(40), 5 + pick.below(60)]
  setTimeout(() => world.fault({ kind: 'region-out', region: home.region, forSeconds }), outAfter * 1000)
  const verb = pick.of(['up', 'down', 'down', 'failover', 'state rebuild'] as const)
  const takeover = { ...takeoverOf(world, home.region), after: pick.below(outAfter + forSeconds) }
  const region = pick.of(world.config.regions)
  await world.runAll([{ verb, region, on: anywhere(world) }, takeover], fateOf(world, verb))
  for (const { disk } of world.computers) disk.fault = undefined
}

/** (7): the lease of a dead run is freed under its nonce, and under no other. */
async function unlock(world: Simulation): Promise<void> {
  await world.run({ verb: 'up' }, { at: picker(world.random).below(90), among: 'calls', what: 'kill' })
  const nonce = world.home?.nonce
  if (!nonce) return
  const wrong = await world.run({ verb: 'state unlock', nonce: 'of-nobody', on: anywhere(world) })
  if (wrong.exit === 0 || (world.home && world.home.nonce !== nonce))
    throw new Violation('7 nonce', 'a lease was freed under a nonce that is not its own')
  await world.run({ verb: 'state unlock', nonce, on: anywhere(world) })
}

async function loseComputer(world: Simulation): Promise<void> {
  world.loseComputer()
}

export const SHARED_DEEDS: readonly Deed[] = [
  moveState,
  takeOver,
  loseHome,
  overtakeRun,
  overtakeRun,
  unlock,
  loseComputer,
]
