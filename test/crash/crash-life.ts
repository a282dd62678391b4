// One stack on a local cloud of its own, which is killed and brought to its end again and again: the real CLI, the real
// SIGKILL. What stands afterwards is counted by listing the cloud. Which cases it lives through is its caller's choice.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { PlanResult } from '../../src/commands/result.js'
import { type Census, censusOf, NOTHING, wholeIn } from '../journeys/census.js'
import { Project, type Ran } from '../journeys/project.js'
import { type CrashCase, isOfProof, type Verb } from './crash-point.js'

const REGIONS = ['eu-west-1', 'us-east-1', 'ap-southeast-2']
const HOOK = path.join(import.meta.dirname, 'kill-hook.mjs')
/** The tool's and the cloud's waits shrink by it; calls take as long as ever. */
const TIME_SCALE = 300

type Stands = 'nothing' | 'up' | 'drained'
const BEFORE: Record<Verb, Stands> = { up: 'nothing', failover: 'up', failback: 'drained', down: 'up' }
const AFTER: Record<Verb, Stands> = { up: 'up', failover: 'drained', failback: 'up', down: 'nothing' }
/** The verbs that lead to what a verb begins with. */
const WAY: Record<Stands, Record<Stands, readonly Verb[]>> = {
  nothing: { nothing: [], up: ['up'], drained: ['up', 'failover'] },
  up: { nothing: ['down'], up: [], drained: ['failover'] },
  drained: { nothing: ['down'], up: ['failback'], drained: [] },
}

export class CrashLife {
  readonly project = new Project()
  readonly #regions: readonly string[]
  #census!: () => Promise<Census>
  #stands: Stands = 'nothing'

  private constructor(regions: number) {
    this.#regions = REGIONS.slice(0, regions)
    this.project.edit((config) => {
      config.regions = this.#regions
    })
  }

  static async start(regions: number): Promise<CrashLife> {
    const life = new CrashLife(regions)
    await life.#open()
    return life
  }

  async #open(): Promise<void> {
    const args = ['local', 'start', '--profile', 'instant', '--time-scale', String(TIME_SCALE)]
    ended(await this.project.run(...args), 0)
    this.#census = await censusOf(this.project, this.#regions)
  }

  /** The mutating calls of each verb in a life without a crash. */
  async points(): Promise<Record<Verb, readonly string[]>> {
    const points = async (verb: Verb) => {
      const log = path.join(this.project.folder, 'calls')
      rmSync(log, { force: true })
      ended(await this.#run(verb, true, { log }), 0)
      await this.#check(verb)
      return readFileSync(log, 'utf8').trim().split('\n').sort()
    }
    const [up, failover] = [await points('up'), await points('failover')]
    return { up, failover, failback: await points('failback'), down: await points('down') }
  }

  /** The way there, without a crash. */
  async bring(stands: Stands): Promise<void> {
    for (const verb of WAY[this.#stands][stands]) ended(await this.#run(verb, false), 0)
    this.#stands = stands
  }

  /**
   * Kills a run there, runs it again and counts. Tells false where the run had ended before it came to that point.
   * Throws AssertionError for what is not as it should be.
   */
  async crash({ verb, point, instant }: CrashCase): Promise<boolean> {
    await this.bring(BEFORE[verb])
    const proof = isOfProof(point)
    const first = await this.#run(verb, proof, { point, instant })
    if (first.signal !== 'SIGKILL') ended(first, 0)
    ended(await this.#run(verb, proof), 0)
    await this.#check(verb)
    return first.signal === 'SIGKILL'
  }

  async #check(verb: Verb): Promise<void> {
    this.#stands = AFTER[verb]
    const whole = verb === 'down' ? NOTHING : wholeIn(this.#regions.length)
    assert.deepEqual(await this.#census(), whole, `what stands after ${verb}`)
    const files = readdirSync(path.join(this.project.folder, '.multiregion', 'local'))
    const own = files.filter((name) => name !== 'cloud' && !/\.backup(-\d)?\.json$/.test(name))
    assert.deepEqual(own, verb === 'down' ? [] : ['multiregion-dev.json'], 'files beside the cloud')
    if (verb === 'down') return
    const plan = await this.project.run('plan', '--local', '--json')
    ended(plan, 0)
    assert.deepEqual((JSON.parse(plan.stdout) as PlanResult).changes, [], `plan after ${verb}`)
  }

  #run(verb: Verb, proof: boolean, crash?: { point?: string; instant?: string; log?: string }): Promise<Ran> {
    const args: string[] = [verb, '--local', '--json']
    if (verb === 'up' || verb === 'down') args.push('--yes')
    else args.push('--region', this.#regions[0]!)
    if (verb === 'up' && !proof) args.push('--no-proof')
    const hooked = crash && { NODE_OPTIONS: `--import ${HOOK}`, MULTIREGION_CRASH: JSON.stringify(crash) }
    return this.project.runWith(hooked ?? {}, ...args)
  }

  /** After a failure: everything anew. */
  async reset(): Promise<void> {
    ended(await this.project.run('local', 'reset', '--yes'), 0)
    this.#stands = 'nothing'
    await this.#open()
  }

  end(): Promise<void> {
    return this.project.remove()
  }
}

function ended({ code, signal, stderr, stdout }: Ran, expected: number): void {
  assert.equal(code, expected, `ended with ${code ?? signal}:\n${stderr.slice(-3000)}\n${stdout.slice(-500)}`)
}
