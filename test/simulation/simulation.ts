// One run: a cloud, a computer, people's hands, and the auditor who looks after every deed. Random programs and fixed
// scenarios are written in its verbs; `liveness.ts` says what must come true at the end.
import path from 'node:path'
import type { MultiregionError } from '../../src/base/errors.js'
import { controlTableName } from '../../src/base/names.js'
import type { Config } from '../../src/config/load.js'
import type { FaultInput } from '../../src/local/fault/rule.js'
import type { Profile } from '../../src/local/profile.js'
import { seededRandom, seedOf } from '../../src/local/random.js'
import { Auditor, Violation } from './auditor.js'
import { OPERATOR, openSimulatedCloud, type SimulatedCloud } from './cloud.js'
import { Computer } from './computer.js'
import { configOf, newProject, type Project, type Written, ZONE } from './config.js'
import { type Foreign, Hands } from './hands.js'
import { type Resource, retag } from './inventory.js'
import type { Command, Ending, Fate, Watch } from './process.js'
import { emptyShared, type Home, harmShared, homeOf } from './shared.js'
import { VirtualTime } from './time.js'

export interface SimulationOptions {
  readonly seed: number
  /** Default: `instant`, as times are another thing to get wrong, and cost. */
  readonly profile?: Profile
  readonly regions?: readonly string[]
}

/** A command that takes longer than this many virtual seconds does not end. */
const LONGEST_COMMAND_SECONDS = 6 * 3600

/** Stands ready to be added to the config. */
export const SPARE = 'ap-southeast-2'

export class Simulation {
  readonly random: () => number
  readonly hands: Hands
  readonly auditor: Auditor
  /** Those that are not lost. */
  readonly computers: Computer[]
  /** Where the operator sits. */
  computer: Computer
  /** The config as the stack was last meant to stand; edits that must be refused are undone to it. */
  #good: Written
  #writes = 0
  /** By item: the names that it may have now, since its last write was acknowledged. */
  readonly acknowledged = new Map<number, readonly string[]>()
  readonly #untagged: [Resource, unknown][] = []
  /** Whether a state was made anew from what stood. */
  isRebuilt = false

  private constructor(
    readonly cloud: SimulatedCloud,
    readonly project: Project,
    readonly time: VirtualTime,
    readonly lines: string[],
    seed: number,
  ) {
    this.random = seededRandom(seedOf(seed, 'program'))
    this.hands = new Hands(cloud)
    this.computers = ['laptop', 'desktop'].map((name) => new Computer(name, cloud, project, seed))
    this.computer = this.computers[0]!
    this.auditor = new Auditor(cloud, this.computers)
    this.#good = structuredClone(project.written)
  }

  static async open(
    { seed, profile = 'instant', regions = ['eu-west-1', 'us-east-1'] }: SimulationOptions,
    dataDir: string,
    time: VirtualTime,
    lines: string[],
  ): Promise<Simulation> {
    const cloud = await openSimulatedCloud({
      dataDir,
      seed,
      profile,
      regions: [...new Set([...regions, SPARE])],
      zone: ZONE,
    })
    const project = newProject()
    project.written.regions = [...regions]
    return new Simulation(cloud, project, time, lines, seed)
  }

  /** As it last was without a fault. */
  get config(): Config {
    return configOf({ ...this.project, written: this.#good })
  }

  get stateFile(): string {
    return this.computer.stateFile(this.config)
  }

  get hasState(): boolean {
    return this.home !== undefined || this.computers.some((one) => this.hasFile(one))
  }

  hasFile({ disk }: Computer): boolean {
    return disk.read(this.stateFile) !== undefined
  }

  /** Of a state that is shared. */
  get home(): Home | undefined {
    return homeOf(this.cloud.wiring, this.config.stack)
  }

  /** Computers on which a command finds the state, or all where nobody has it. */
  get workplaces(): readonly Computer[] {
    const having = this.home ? [] : this.computers.filter((one) => this.hasFile(one))
    return having.length > 0 ? having : this.computers
  }

  sitDown(computer: Computer): void {
    if (computer !== this.computer) this.note(`the operator sits down at the ${computer.name}`)
    this.computer = computer
  }

  /** It never comes back; the operator goes on at the other one. */
  loseComputer(): void {
    const { computer, computers } = this
    if (computers.length < 2) return
    this.note(`the ${computer.name} is lost`)
    if (this.hasFile(computer) && !this.home) this.auditor.stateWasLost()
    computers.splice(computers.indexOf(computer), 1)
    this.sitDown(computers[0]!)
  }

  note(line: string): void {
    this.lines.push(`${((this.time.now - START) / 1000).toFixed(1).padStart(9)} ${line}`)
  }

  /** One command to its end, and the auditor after it. */
  async run(command: Command, fate?: Fate): Promise<Ending> {
    const [ending] = await this.runAll([command], fate)
    return ending!
  }

  /** Several at once, each a process of its own, the first with that fate; and the auditor after them. */
  async runAll(commands: readonly Command[], fate?: Fate): Promise<Ending[]> {
    const had = this.hasState
    const { config } = this
    const watch = this.#watch(config)
    for (const { verb, region = '' } of commands) if (verb === 'failover') this.auditor.switched(region)
    if (commands.some(({ verb, keepData }) => verb === 'down' && !keepData)) this.acknowledged.clear()
    const endings = await Promise.all(
      commands.map(async (command, index) => {
        const { verb, region, keepData, to, force, adopt = [], on = this.computer.name } = command
        const words = [verb, region, keepData && '--keep-data', to, force && '--force', ...adopt, `on ${on}`]
          .filter(Boolean)
          .join(' ')
        if (command.after) await this.pass(command.after)
        const own = index === 0 ? fate : undefined
        this.note(`${words}${own ? `, ${own.what} at ${atOf(own)}` : ''}`)
        const computer = this.computers.find(({ name }) => name === on)!
        const ending = await this.#within(computer.run(command, watch, own))
        const { exit, error } = ending
        this.note(`  ${words}: exit ${exit}${error ? ` ${error.code}: ${error.message}` : ''}`)
        if (error) checkWords(error)
        return ending
      }),
    )
    if (watch.violation) throw watch.violation
    this.auditor.adopted(commands.flatMap(({ adopt = [] }) => adopt))
    const verbs = new Set(commands.map(({ verb }) => verb))
    const isRebuilt = verbs.has('state rebuild')
    this.isRebuilt ||= isRebuilt
    // What the old home had not yet sent when it was replaced comes late, and is not the state.
    const mayFall = isRebuilt || verbs.has('state takeover')
    await this.auditor.check(config, { mayFall, mayBeGone: !had || verbs.has('down') || isRebuilt })
    const isDown = commands.some(({ verb }, index) => verb === 'down' && endings[index]?.exit === 0)
    if (had && !this.hasState && verbs.has('down')) this.#nothingLeft(isDown)
    return endings
  }

  /** What breaks in the middle of a call is told after the command: nothing may throw through the SDK. */
  #watch(config: Config): Watch & { violation?: Error } {
    const judged = (judge: () => void) => {
      try {
        judge()
      } catch (error) {
        watch.violation ??= error as Error
      }
    }
    const watch: Watch & { violation?: Error } = {
      leaving: (call, computer) => judged(() => this.auditor.leaving(call, computer, config)),
      releasing: (...what) => judged(() => this.auditor.releasing(...what)),
      holderOf: (nonce) => this.auditor.holderOf(nonce, config),
      trace: (line) => this.note(line),
    }
    return watch
  }

  /** (15): the state goes only when nothing of ours is left. Until `down` is done that may be the table that it was in. */
  #nothingLeft(isDown: boolean): void {
    const table = controlTableName(this.config.stack)
    const left = this.left().filter(({ kind, name }) => isDown || kind !== 'table' || name !== table)
    if (left.length > 0)
      throw new Violation(
        '15 state goes last',
        `the state is gone, but there is ${left.map(({ key }) => key)}`,
      )
  }

  /** What of ours still stands; the record that a certificate of somebody else needs, too, is his. */
  left(): Resource[] {
    const isShared = this.auditor.foreign().some(({ kind }) => kind === 'certificate')
    return this.auditor.ours().filter(({ kind }) => !(isShared && kind === 'record'))
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const message = `a command is not done after ${LONGEST_COMMAND_SECONDS} virtual seconds`
      timer = setTimeout(() => reject(new Violation('20 ends', message)), LONGEST_COMMAND_SECONDS * 1000)
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** An edit that may stand. */
  edit(what: string, change: (written: Written, project: Project) => void): void {
    this.note(`edit: ${what}`)
    change(this.project.written, this.project)
    this.#good = structuredClone(this.project.written)
  }

  /** An edit that a command must refuse; `undo` takes it back. */
  editBadly(what: string, change: (written: Written) => void): void {
    this.note(`edit that must be refused: ${what}`)
    change(this.project.written)
  }

  undo(): void {
    this.project.written = structuredClone(this.#good)
  }

  /** What a dead process had sent still takes effect, and is not to be taken for a deed of hands. */
  async #untilQuiet(): Promise<void> {
    await this.pass(5)
    this.auditor.commandsWereHere()
  }

  async removeByHand(one: Resource): Promise<void> {
    await this.#untilQuiet()
    if (one.kind === 'table') this.acknowledged.clear()
    const done = await this.hands.remove(one)
    this.note(`by hand: remove ${one.key}: ${done ? 'done' : 'refused'}`)
    this.auditor.handsWereHere()
  }

  async alterByHand(one: Resource): Promise<void> {
    await this.#untilQuiet()
    const done = await this.hands.alter(one)
    this.note(`by hand: alter ${one.key}: ${done ? 'done' : 'refused'}`)
    this.auditor.handsWereHere()
  }

  async makeByHand(what: Foreign, region: string): Promise<void> {
    await this.#untilQuiet()
    const done = await this.hands.make(what, this.config, region)
    await this.pass(60)
    this.note(`by hand: make ${what} in ${region}: ${done ? 'done' : 'refused'}`)
    this.auditor.handsWereHere()
  }

  fault(input: FaultInput): void {
    this.note(`fault: ${JSON.stringify(input)}`)
    this.cloud.cloud.faults.add(input)
  }

  /** True if tags came back. */
  mend(): boolean {
    this.note('all faults are over')
    this.cloud.cloud.faults.clear()
    for (const { disk } of this.computers) disk.fault = undefined
    const untagged = this.#untagged.splice(0)
    for (const [one, tags] of untagged) {
      retag(this.cloud.wiring, one, tags)
      this.auditor.isOurs(one.key)
    }
    return untagged.length > 0
  }

  /** Its owner tags go; `mend` brings them back. */
  async untagByHand(one: Resource): Promise<void> {
    await this.#untilQuiet()
    const tags = retag(this.cloud.wiring, one)
    this.note(`by hand: the tags of ${one.key} are removed: ${tags ? 'done' : 'it has none'}`)
    if (!tags) return
    this.#untagged.push([one, tags])
    // A replica is still its table's, and so ours.
    const isReplica = one.kind === 'table' && one.region !== this.config.home
    if (!isReplica) this.auditor.isForeign(one.key)
  }

  /** The state is gone, and with it what stood beside it: the files, or what is in the table. */
  async loseState(): Promise<void> {
    this.note('the state is lost')
    const folder = path.dirname(this.stateFile)
    for (const { disk } of this.computers)
      for (const file of disk.list()) if (file.startsWith(folder)) disk.drop(file)
    await emptyShared(this.cloud.wiring, this.config.stack)
    this.auditor.stateWasLost()
  }

  /** The operator moves the state file away, as a refusal says. */
  dropFile(): void {
    this.note(`the state file of the ${this.computer.name} is moved away`)
    this.computer.disk.drop(this.stateFile)
  }

  /** Something of it is another thing, or its end is missing. */
  async harmState(): Promise<void> {
    this.auditor.stateWasHarmed()
    if (this.home) {
      // What a run had sent when it died is a whole save, and a newer one.
      await this.pass(5)
      this.note('the newest generation of the shared state is damaged')
      return harmShared(this.cloud.wiring, this.config.stack)
    }
    const { disk } = this.computer
    const text = disk.read(this.stateFile)
    if (text === undefined) return
    const at = Math.floor(this.random() * text.length)
    const isCut = this.random() < 0.5
    this.note(`the state file is ${isCut ? 'cut off' : 'changed'} at ${at}`)
    disk.put(this.stateFile, isCut ? text.slice(0, at) : `${text.slice(0, at)}~${text.slice(at + 1)}`)
  }

  /** A client near a region posts an item under the public name, if anybody answers. */
  async writeItem(region: string, id: number): Promise<void> {
    const target = `x.execute-api.${region}.amazonaws.com`
    const name = `write ${++this.#writes}`
    const body = { id, name }
    const request = { target, domain: this.config.domain, method: 'POST', path: '/item', body }
    const status = await this.cloud.network.send(request).then(
      (answer) => answer.status,
      (error: Error) => error.message,
    )
    // Of an item with a write that was not answered either may be what is there.
    const before = status === 201 ? [] : (this.acknowledged.get(id) ?? [])
    if (status === 201 || before.length > 0) this.acknowledged.set(id, [...before, name])
    this.note(`a client writes item ${id} in ${region}: ${status}`)
  }

  async pass(seconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
}

const atOf = ({ at }: Fate) => (typeof at === 'object' ? `${at.seconds} s` : at)

/** Every error says the next thing to do, and (14) no secret. */
function checkWords({ message, hint, data }: MultiregionError): void {
  if (!hint) throw new Violation('20 ends resumable', `an error without a next step: ${message}`)
  if (JSON.stringify([message, hint, data]).includes(OPERATOR.secretAccessKey))
    throw new Violation('14 secrets', `an error tells the operator's secret: ${message}`)
}

/** Where the virtual time begins. */
const START = new VirtualTime(0).now
