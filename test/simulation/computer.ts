// The operator's computer: a disk, a working tree, processes one after another or at once, and the power that may go.

import path from 'node:path'
import { EXIT } from '../../src/base/errors.js'
import type { ProcessIdentity } from '../../src/base/process.js'
import type { Config } from '../../src/config/load.js'
import { seededRandom, seedOf } from '../../src/local/random.js'
import { OPERATOR, type SimulatedCloud } from './cloud.js'
import { configOf, type Project } from './config.js'
import { Disk } from './disk.js'
import { type Command, type Ending, type Fate, Process, type Watch } from './process.js'
import { uuidFrom } from './time.js'

const NOTHING_DONE = { instants: 0, mutatingCalls: 0, stateCalls: 0, notes: [] }

export class Computer {
  readonly disk = new Disk(() => Date.now())
  /** What runs, by pid, with the way to end it at once. */
  readonly alive = new Map<number, () => void>()
  readonly random: () => number
  readonly #powerRandom: () => number
  credentials = OPERATOR
  /** Set while the shell has the credentials of another account. */
  otherAccount: string | undefined
  #pids = 100
  #boot = 1

  constructor(
    readonly name: string,
    readonly cloud: SimulatedCloud,
    readonly project: Project,
    seed: number,
  ) {
    this.random = seededRandom(seedOf(seed, `${name} chance`))
    this.#powerRandom = seededRandom(seedOf(seed, `${name} power`))
  }

  /** Runs a command to its end. A config that is refused ends it as the CLI does. */
  async run(command: Command, watch: Watch, fate?: Fate): Promise<Ending> {
    let config: Config
    try {
      config = configOf(this.project)
    } catch (error) {
      return { exit: EXIT.usage, error: error as never, ...NOTHING_DONE }
    }
    return new Process(this, watch, fate).run(command, config)
  }

  stateFile({ root, stack }: Pick<Config, 'root' | 'stack'>): string {
    return path.join(root, '.multiregion', 'local', `${stack}.json`)
  }

  /** Says that the state is shared. */
  pointerFile(config: Pick<Config, 'root' | 'stack'>): string {
    return this.stateFile(config).replace(/\.json$/, '.shared.json')
  }

  nextPid(): number {
    return ++this.#pids
  }

  uuid(): string {
    return uuidFrom(Buffer.from(Array.from({ length: 16 }, () => this.random() * 256)))
  }

  identityOf(pid: number): ProcessIdentity {
    return { host: this.name, boot: `boot-${this.#boot}`, pid, processStart: String(pid), user: 'operator' }
  }

  isGone({ host, boot, pid }: ProcessIdentity): boolean {
    return host === this.name && (boot !== `boot-${this.#boot}` || !this.alive.has(pid))
  }

  isRunning(other: ProcessIdentity): boolean {
    return other.host === this.name && !this.isGone(other)
  }

  /** Everything that runs ends, and the disk keeps only what was on it. */
  cutPower(): void {
    for (const die of this.alive.values()) die()
    this.alive.clear()
    this.#boot++
    this.disk.cut(this.#powerRandom)
  }
}
