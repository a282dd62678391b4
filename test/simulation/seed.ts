// One seed: which life it tells, in which cloud. `run.ts` and the tests start from here.
import { seededRandom, seedOf } from '../../src/local/random.js'
import { blindProgram } from './blind.js'
import { boundaries, simulateBoundary } from './boundary.js'
import { contendedProgram } from './contention.js'
import { type Outcome, simulate } from './life.js'
import { randomProgram } from './program.js'

export interface Program {
  simulate(seed: number): Promise<Outcome>
  /** Where it is a list that comes to its end. */
  count?(): Promise<number>
}

const drawn = (program: typeof randomProgram): Program => ({
  simulate(seed) {
    const random = seededRandom(seedOf(seed, 'cloud'))
    const profile = random() < 0.65 ? 'instant' : 'realistic'
    const regions = ['eu-west-1', 'us-east-1', ...(random() < 0.1 ? ['ap-southeast-2'] : [])]
    return simulate({ seed, profile, regions }, program)
  },
})

/** By name, as `run.ts` takes them. */
export const PROGRAMS = {
  random: drawn(randomProgram),
  contended: drawn(contendedProgram),
  blind: drawn(blindProgram),
  boundary: { simulate: simulateBoundary, count: async () => (await boundaries()).length },
} as const satisfies Readonly<Record<string, Program>>
