// The auditor: knows from the cloud, never from the state, what the commands made and what hands made, and says which
// safety invariant of a stack is broken. What must hold once faults stop is `liveness.ts`'s.

import type { ProcessIdentity } from '../../src/base/process.js'
import type { World } from '../../src/base/world.js'
import type { Config } from '../../src/config/load.js'
import type { StackState } from '../../src/engine/ledger.js'
import { isOutage } from '../../src/local/fault/rule.js'
import { readState } from '../../src/state/file.js'
import type { Owner } from '../../src/state/owner.js'
import type { Called } from './called.js'
import { OPERATOR, type SimulatedCloud } from './cloud.js'
import type { Computer } from './computer.js'
import { inventory, type Resource } from './inventory.js'
import { type Home, homeOf, homesOf, notedIn } from './shared.js'

/** An invariant that does not hold. */
export class Violation extends Error {
  constructor(
    readonly invariant: string,
    what: string,
  ) {
    super(`${invariant}: ${what}`)
  }
}

export class Auditor {
  readonly #cloud: SimulatedCloud
  /** Those that there are by now. */
  readonly #computers: readonly Computer[]
  /** What commands made, as it was when it was first seen; gone ones too. */
  readonly #ours = new Map<string, Resource>()
  /** What hands made or took over, as it must stay. */
  readonly #foreign = new Map<string, string>()
  /** By computer, what even a power cut at the last look would have left of the state; that in the table is at 'table'. */
  #places: ReadonlyMap<string, StackState> = new Map()
  #isHarmed = false
  readonly #switched = new Set<string>()
  /** How many mutating calls have left. */
  calls = 0

  constructor(cloud: SimulatedCloud, computers: readonly Computer[]) {
    this.#cloud = cloud
    this.#computers = computers
  }

  #all(): Resource[] {
    return inventory(this.#cloud.wiring, Date.now())
  }

  /** What commands made and still stands. */
  ours(): Resource[] {
    return this.#all().filter(({ key }) => !this.#foreign.has(key))
  }

  foreign(): Resource[] {
    return this.#all().filter(({ key }) => this.#foreign.has(key))
  }

  /** Called before hands are at work: what stands by now is not theirs. */
  commandsWereHere(): void {
    for (const one of this.#all()) if (!this.#foreign.has(one.key)) this.#ours.set(one.key, one)
  }

  /** Called after hands were at work: what is new is theirs. */
  handsWereHere(): void {
    const all = this.#all()
    for (const one of all)
      if (!this.#ours.has(one.key) || this.#foreign.has(one.key)) this.#foreign.set(one.key, one.content)
    const there = new Set(all.map(({ key }) => key))
    for (const key of this.#foreign.keys()) if (!there.has(key)) this.#foreign.delete(key)
  }

  /** Its marks were taken away by hand: from now on it is somebody's. */
  isForeign(key: string): void {
    for (const one of this.#all()) if (one.key === key) this.#foreign.set(key, one.content)
  }

  /** Its marks are back. */
  isOurs(key: string): void {
    this.#foreign.delete(key)
  }

  /** What a command was told to adopt, and has marked, is ours. */
  adopted(addresses: readonly string[]): void {
    for (const { key, kind, region, name, marks } of this.foreign())
      for (const [of, at] of addresses.map((address) => address.split('/') as [string, string]))
        if (of === kind && (region === at || name.endsWith(at)) && /multiregion/.test(marks)) this.isOurs(key)
  }

  /** (1): no mutating request leaves without its durable intent, and with the same token. */
  leaving(call: Called, computer: Computer, config: Config): void {
    this.calls++
    if (!call.kinds) return
    const { disk } = computer
    if (call.ofControl) {
      if (!call.creates) return
      if (disk.images(computer.pointerFile(config)).every(Boolean)) return
      throw new Violation(
        INTENT,
        `${call.name} in ${call.region} left, and no file says that the state is shared`,
      )
    }
    const homes = homesOf(this.#cloud.wiring, config.stack)
    const faultIn = (state: StackState | undefined) => intentFault(call, call.kinds!, state?.entries ?? {})
    // Any image may be what is left of a file.
    const ofFile = disk
      .images(computer.stateFile(config))
      .map((image) => faultIn(image ? (JSON.parse(image) as StackState) : undefined))
      .find(Boolean)
    // While the home does not answer, the note is the intent of a switch: the next run with the lease looks after it.
    const isNoted =
      call.kinds.includes('function') &&
      !call.creates &&
      notedIn(this.#cloud.wiring, config.stack).has(call.region)
    if (isNoted) return
    const home = homes.at(-1)
    // Of several homes the next run looks at all that is there.
    const ofTable = homes.map(({ state }) => faultIn(state))
    const fault = home?.counts ? ofTable.every(Boolean) && ofTable.at(-1) : ofFile
    // A file that was rebuilt while the home was out is what this computer has, until both are seen again.
    const isOfFile = home?.counts && this.#wasOut(home.region) && !ofFile
    if (fault && !isOfFile) throw new Violation(INTENT, fault)
  }

  /** Until its faults are cleared. */
  #wasOut(region: string): boolean {
    const rules = this.#cloud.cloud.faults.list()
    return rules.some((rule) => isOutage(rule) && (!rule.region || rule.region === region))
  }

  /** (7): only the owner of a nonce gives up what is held under it, who may name it, or who finds the owner gone. */
  releasing(holder: string, by: ProcessIdentity, computer: Computer, nonce?: string): void {
    const owner = JSON.parse(holder) as Owner
    const isOwn = owner.host === by.host && owner.pid === by.pid
    if (!isOwn && owner.nonce !== nonce && !computer.isGone(owner))
      throw new Violation(
        '7 nonce',
        `pid ${by.pid} of ${by.host} frees what ${owner.pid} of ${owner.host} holds`,
      )
  }

  /** Of the lease with that nonce. */
  holderOf(nonce: string, { stack }: Config): string | undefined {
    return homesOf(this.#cloud.wiring, stack).find((home) => home.nonce === nonce)?.holder
  }

  /** After each command and each deed of hands. */
  async check(config: Config, { mayFall = false, mayBeGone = false } = {}): Promise<void> {
    this.commandsWereHere()
    const all = this.#all()
    this.#checkForeign(all)
    const state = await this.#checkState(config, mayFall, mayBeGone)
    this.#checkReachable(all, state)
    if (state) this.#checkDrained(config, state)
    if (state) this.#checkSwitched(state)
  }

  /** (4): nothing without our lineage is modified or deleted. */
  #checkForeign(all: readonly Resource[]): void {
    const now = new Map(all.map(({ key, content }) => [key, content]))
    for (const [key, content] of this.#foreign) {
      const is = now.get(key)
      if (is === undefined) throw new Violation('4 foreign', `${key} is gone`)
      if (is !== content) throw new Violation('4 foreign', `${key} was ${content} and is ${is}`)
    }
  }

  /** (6): a complete valid state at every instant, whose serial never falls; (15) it goes only when nothing is left. */
  async #checkState(config: Config, mayFall: boolean, mayBeGone: boolean): Promise<StackState | undefined> {
    const places = new Map<string, StackState>()
    const sure = new Map<string, StackState>()
    let home: Home | undefined
    try {
      for (const computer of this.#computers) {
        const state = await stateOn(computer, config)
        if (state) places.set(computer.name, state)
        const least = leastOn(computer, config)
        if (least) sure.set(computer.name, least)
      }
      home = homeOf(this.#cloud.wiring, config.stack)
      if (home && !home.state) throw new Error(`that of ${home.id} in the table is damaged`)
      for (const all of [places, sure]) if (home?.state) all.set('table', home.state)
    } catch (error) {
      if (this.#isHarmed) return undefined
      throw new Violation('6 state', `the state cannot be read: ${(error as Error).message}`)
    }
    this.#isHarmed = false
    const secret = OPERATOR.secretAccessKey
    if (JSON.stringify([...places]).includes(secret))
      throw new Violation('14 secrets', "the operator's secret is in the state")
    const before = this.#places
    this.#places = sure
    const state = home?.state ?? newestOf([...places.values()])
    if (!state && before.size > 0 && !mayBeGone) throw new Violation('6 state', 'the state is gone')
    if (!mayFall) for (const [place, is] of places) checkSerial(place, is, before)
    return state
  }

  /** The operator lost the state: what was known of it is no promise any more. */
  stateWasLost(): void {
    this.#places = new Map()
  }

  /** Somebody damaged the file: until it can be read again it is no command's fault. */
  stateWasHarmed(): void {
    this.#isHarmed = true
    this.#places = new Map()
  }

  /** (3): every live resource of ours is reachable from state or marks. */
  #checkReachable(all: readonly Resource[], state: StackState | undefined): void {
    const text = JSON.stringify(state?.entries ?? {})
    for (const { key, kind, name, marks } of all) {
      if (this.#foreign.has(key) || INHERITED.has(kind)) continue
      const isMarked = /multiregion/.test(marks) || (kind === 'health-check' && MARKED_REFERENCE.test(marks))
      if (!isMarked && !text.includes(name))
        throw new Violation('3 reachable', `${key} (${name}) carries no mark of ours and is not in the state`)
    }
  }

  /** Somebody asked for it. */
  switched(region: string): void {
    this.#switched.add(region)
  }

  /** (10): whatever fails in a region, no region is drained that nobody asked to drain. */
  #checkSwitched({ drained }: StackState): void {
    const strange = Object.keys(drained).filter((region) => !this.#switched.has(region))
    if (strange.length > 0) throw new Violation('10 drains', `nobody drained ${strange}`)
  }

  /** (9): one region at least is undrained. */
  #checkDrained({ regions }: Config, { drained }: StackState): void {
    if (regions.every((region) => drained[region]))
      throw new Violation('9 undrained', 'every region is drained')
  }
}

const stateOn = (computer: Computer, config: Config) =>
  readState(computer.stateFile(config), { files: computer.disk.files(async () => undefined) } as World)

/** Undefined where a power cut may leave none. */
function leastOn(computer: Computer, config: Config): StackState | undefined {
  const images = computer.disk.images(computer.stateFile(config))
  if (!images.every((image) => image !== undefined)) return undefined
  const states = images.map((image) => JSON.parse(image) as StackState)
  return states.sort((a, b) => a.serial - b.serial)[0]
}

const newestOf = (states: readonly StackState[]) => [...states].sort((a, b) => b.serial - a.serial)[0]

/**
 * It falls nowhere, and on no move. Where somebody made a second one of the same lineage beside the first, nobody can
 * tell how far the other has come.
 */
function checkSerial(place: string, is: StackState, before: ReadonlyMap<string, StackState>): void {
  const same = [...before].filter(([, { lineage }]) => lineage === is.lineage)
  const was = same.find(([there]) => there === place) ?? (same.length === 1 ? same[0] : undefined)
  if (was && is.serial < was[1].serial)
    throw new Violation(
      '6 state',
      `the serial fell from ${was[1].serial} (${was[0]}) to ${is.serial} (${place})`,
    )
}

/** What is wrong with a call, if these entries are all that is left of the state. */
function intentFault(
  call: Called,
  kinds: readonly string[],
  entries: StackState['entries'],
): string | undefined {
  const able = Object.entries(entries).filter(([address, { intent, superseded }]) => {
    const [kind, region] = address.split('/')
    const isHere = call.region === region || GLOBAL.has(kind!) || HOME.has(kind!)
    if (!kinds.includes(kind!) || !isHere) return false
    return call.creates ? intent?.action === 'create' : intent !== undefined || superseded !== undefined
  })
  if (able.length === 0) return `${call.name} in ${call.region} left without a durable intent`
  const carried = TOKENED.find(([pattern]) => pattern.test(call.name))?.[1]
  const tokens = able.map(([, { intent }]) => intent?.token ?? '')
  if (carried && !tokens.some((token) => call.text.includes(token.slice(0, carried))))
    return `${call.name} left with a token that is in no durable intent`
  return undefined
}

const INTENT = '1 intent before call'
const GLOBAL = new Set(['traffic-policy', 'policy-record', 'health-check', 'validation-record', 'role'])
/** Moved at the home region, wherever they stand. */
const HOME = new Set(['replica'])
/** How much of the token these calls carry. */
const TOKENED: readonly (readonly [RegExp, number])[] = [
  [/^acm:RequestCertificate/, 32],
  [/^route53:POST .*\/healthcheck$/, 24],
  [/^route53:POST .*\/trafficpolicy(\/[\w-]+)?$/, 32],
  [/^apigateway:POST .*\/deployments$/, 32],
]
/** They go with what they hang on, or have no place for a mark. */
const INHERITED = new Set(['mapping', 'record', 'policy-instance', 'table'])
const MARKED_REFERENCE = /^[0-9a-f]{8}:/
