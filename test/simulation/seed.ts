// One seed: which cloud it has, and its random program. `run.ts` and the tests start from here.
import { seededRandom, seedOf } from '../../src/local/random.js'
import { blindProgram } from './blind.js'
import { contendedProgram } from './contention.js'
import { type Outcome, simulate } from './life.js'
import { randomProgram } from './program.js'

/** By name, as `run.ts` takes them. */
export const PROGRAMS = { random: randomProgram, contended: contendedProgram, blind: blindProgram } as const

export function simulateSeed(seed: number, program = randomProgram): Promise<Outcome> {
  const random = seededRandom(seedOf(seed, 'cloud'))
  const profile = random() < 0.65 ? 'instant' : 'realistic'
  const regions = ['eu-west-1', 'us-east-1', ...(random() < 0.1 ? ['ap-southeast-2'] : [])]
  return simulate({ seed, profile, regions }, program)
}
