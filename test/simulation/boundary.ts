// Every boundary: each command in turn dies at its n-th instant, before or after a call or a change of the disk, with its
// state kept or lost afterwards, in a file or shared. What it had made is found again: the stack is whole after two runs,
// then gone without a rest. Random programs (`program.ts`) meet these instants too, but by chance.
import { FUNCTIONS } from './config.js'
import { type Deed, takeSeat } from './draw.js'
import { type Outcome, simulate } from './life.js'
import { calm, converges, leavesNothing } from './liveness.js'
import type { Command, Fate } from './process.js'
import { keepIn } from './sharing.js'
import { type Simulation, SPARE } from './simulation.js'

interface Story {
  /** What comes before it. */
  readonly before: Deed
  command(world: Simulation): Command
  /** It is about a shared state. */
  readonly isOfShared?: true
}

const up: Deed = async (world) => void (await world.run({ verb: 'up' }))
const firstRegion = (world: Simulation) => world.config.regions[0]!
const ups = () => ({ verb: 'up' }) as const

const STORIES: Readonly<Record<string, Story>> = {
  up: { before: async () => undefined, command: ups },
  change: {
    async before(world) {
      await up(world)
      world.edit('much of what can change', ({ functions, healthCheck, table }, { code }) => {
        code.health = 1
        Object.assign(functions.health, { memoryMb: 512, actions: ['dynamodb:GetItem', 'dynamodb:Query'] })
        functions.getItem = structuredClone(FUNCTIONS.getItem)
        healthCheck.intervalSeconds = 10
        table.deletionProtection = false
      })
    },
    command: ups,
  },
  'a function less': {
    async before(world) {
      world.edit('a function more', ({ functions }) =>
        Object.assign(functions, { getItem: FUNCTIONS.getItem }),
      )
      await up(world)
      world.edit('a function less', ({ functions }) => delete functions.getItem)
    },
    command: ups,
  },
  'a region more': {
    async before(world) {
      await up(world)
      world.edit('a region more', ({ regions }) => regions.push(SPARE))
    },
    command: ups,
  },
  failover: { before: up, command: (world) => ({ verb: 'failover', region: firstRegion(world) }) },
  failback: {
    async before(world) {
      await up(world)
      await world.run({ verb: 'failover', region: firstRegion(world) })
    },
    command: (world) => ({ verb: 'failback', region: firstRegion(world) }),
  },
  down: { before: up, command: () => ({ verb: 'down' }) },
  'down, and keep the data': { before: up, command: () => ({ verb: 'down', keepData: true }) },
  'up again': {
    async before(world) {
      await up(world)
      await world.run({ verb: 'down', keepData: true })
    },
    command: ups,
  },
  rebuild: {
    async before(world) {
      await up(world)
      await world.loseState()
    },
    command: () => ({ verb: 'state rebuild' }),
  },
  'into the table': {
    async before(world) {
      keepIn(world, 'file')
      await up(world)
      keepIn(world, 'global-table')
    },
    command: ups,
    isOfShared: true,
  },
  'out of the table': {
    async before(world) {
      await up(world)
      keepIn(world, 'file')
    },
    command: ups,
    isOfShared: true,
  },
  takeover: {
    async before(world) {
      await up(world)
      world.fault({ kind: 'region-out', region: firstRegion(world), forSeconds: 600 })
    },
    command: (world) => ({ verb: 'state takeover', to: world.config.regions[1]!, force: true }),
    isOfShared: true,
  },
}

/** A story in one of its settings. */
interface Setting {
  readonly name: string
  readonly isShared: boolean
}

const SETTINGS: readonly Setting[] = Object.entries(STORIES).flatMap(([name, { isOfShared }]) =>
  (isOfShared ? [true] : [false, true]).map((isShared) => ({ name, isShared })),
)

const REGIONS = ['eu-west-1', 'us-east-1']

/** One seed is one boundary; as many in a row as there are have each once, and any row is spread over all of them. */
export async function simulateBoundary(seed: number): Promise<Outcome> {
  const all = await boundaries()
  const { setting, at, isLost } = all[(seed * STRIDE) % all.length]!
  return simulate(LIFE, async (world) => {
    const { exit } = await told(world, setting, { at, what: 'kill' })
    if (exit !== 'dead') throw new Error(`${setting.name} has no instant ${at}`)
    if (isLost && world.hasState) await world.loseState()
    await calm(world)
    takeSeat(world)
    await converges(world)
    await leavesNothing(world)
  })
}

/** The same one for all, so that each has the instants that were counted. */
const LIFE = { seed: 1, regions: REGIONS }

/** A prime, and none that divides how many there are. */
const STRIDE = 7919

async function told(world: Simulation, { name, isShared }: Setting, fate?: Fate) {
  if (isShared) keepIn(world, 'global-table')
  const { before, command } = STORIES[name]!
  await before(world)
  return world.run(command(world), fate)
}

interface Boundary {
  readonly setting: Setting
  readonly at: number
  /** The state is lost once the command is dead. */
  readonly isLost: boolean
}

let counted: Promise<readonly Boundary[]> | undefined

/** All that there are: each of the instants that the commands have where they come to their end. */
export function boundaries(): Promise<readonly Boundary[]> {
  counted ??= count()
  return counted
}

async function count(): Promise<readonly Boundary[]> {
  const all: Boundary[] = []
  for (const setting of SETTINGS) {
    let instants = 0
    const { violation } = await simulate(LIFE, async (world) => {
      const ending = await told(world, setting)
      if (ending.exit !== 0) throw ending.error
      instants = ending.instants
    })
    if (violation) throw violation
    for (let at = 0; at < instants; at++)
      for (const isLost of [false, true]) all.push({ setting, at, isLost })
  }
  return all
}
