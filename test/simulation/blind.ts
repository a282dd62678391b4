// The worst day: the state is lost while parts of a region do not answer, and the operator makes it anew and goes on. What
// nobody could see then is found afterwards: the stack is whole once all answers, or gone without a rest.
import type { StatusResult } from '../../src/commands/result.js'
import { Violation } from './auditor.js'
import { commandWithFate, type Deed, picker, takeSeat } from './draw.js'
import { calm, converges, leavesNothing } from './liveness.js'
import { edit } from './program.js'
import { keepIn } from './sharing.js'
import type { Simulation } from './simulation.js'

const SERVICES = ['lambda', 'apigateway', 'dynamodb', 'acm', 'logs', 'iam', 'route53'] as const

export async function blindProgram(world: Simulation): Promise<void> {
  const pick = picker(world.random)
  if (pick.chance(0.3)) keepIn(world, 'global-table')
  if (pick.chance(0.5)) await edit(world)
  await world.run({ verb: 'up' })
  const drained = pick.of(world.config.regions)
  const isDrained = pick.chance(0.4) && (await world.run({ verb: 'failover', region: drained })).exit === 0
  if (pick.chance(0.5)) await edit(world)
  if (pick.chance(0.3)) await commandWithFate('up')(world)
  breakOff(world)
  if (world.hasState) await world.loseState()
  takeSeat(world)
  await world.run({ verb: 'state rebuild' })
  const restores = pick.chance(0.5)
  const deeds = restores ? [...DEEDS, ...RESTORING] : DEEDS
  for (let step = pick.below(5); step > 0; step--) await pick.of(deeds)(world)
  await calm(world)
  takeSeat(world)
  if (pick.chance(0.6)) {
    await converges(world)
    if (isDrained && !restores) await isStillDrained(world, drained)
  }
  takeSeat(world)
  await leavesNothing(world)
}

function breakOff(world: Simulation): void {
  const pick = picker(world.random)
  const region = pick.of(world.config.regions)
  const forSeconds = 600 + pick.below(7200)
  if (pick.chance(0.4)) world.fault({ kind: 'region-out', region, forSeconds })
  else
    for (const service of SERVICES.filter(() => pick.chance(0.5)))
      world.fault({ kind: 'service-out', service, region, forSeconds })
}

const DEEDS: readonly Deed[] = [
  commandWithFate('up'),
  commandWithFate('up'),
  commandWithFate('state rebuild'),
  commandWithFate('state rebuild'),
  edit,
  async (world) => breakOff(world),
  async (world) => world.pass(picker(world.random).of([60, 4000])),
]

/** After these a region may have its traffic back. */
const RESTORING: readonly Deed[] = [
  commandWithFate('down'),
  commandWithFate('down', { keepData: true }),
  async (world) =>
    commandWithFate('failback', { region: picker(world.random).of(world.config.regions) })(world),
]

/** What `failover` took out of traffic, only `failback` gives its traffic back. */
async function isStillDrained(world: Simulation, region: string): Promise<void> {
  const { result } = await world.run({ verb: 'status' })
  if (!(result as StatusResult).regions[region]?.drained)
    throw new Violation('drains last', `${region} was drained, and is not by now`)
}
