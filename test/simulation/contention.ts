// Processes at once: two to four commands on one stack, round after round, some of which die, with the state in a file or
// shared by two computers. The auditor sees every lock that is given back and every call; at the end the stack is whole, and
// then gone. `scripts/contend.ts` does the like with processes of the operating system.
import { fateOf, picker, takeSeat } from './draw.js'
import { calm, converges, leavesNothing } from './liveness.js'
import { keepIn } from './sharing.js'
import type { Simulation } from './simulation.js'

export const ROUNDS = 8

const VERBS = ['up', 'up', 'up', 'failover', 'failback', 'down', 'state rebuild'] as const

export async function contendedProgram(world: Simulation): Promise<void> {
  const pick = picker(world.random)
  if (pick.chance(0.5)) keepIn(world, 'global-table')
  await world.run({ verb: 'up' })
  for (let round = 0; round < ROUNDS; round++) {
    const commands = Array.from({ length: 2 + pick.below(3) }, () => {
      takeSeat(world)
      const region = pick.of(world.config.regions)
      return { verb: pick.of(VERBS), region, on: world.computer.name, after: pick.below(4) }
    })
    await world.runAll(commands, pick.chance(0.4) ? fateOf(world, commands[0]!.verb) : undefined)
    for (const { disk } of world.computers) disk.fault = undefined
  }
  await calm(world)
  takeSeat(world)
  await converges(world)
  takeSeat(world)
  await leavesNothing(world)
}
