// One command as a process of a simulated computer: the real engine, steps, commands and SDK clients, in a world that may
// end at any instant. What it prints is not here; its exit code, its error and its calls are.
import { setMaxListeners } from 'node:events'
import path from 'node:path'
import type { HttpRequest, HttpResponse } from '@smithy/types'
import { clockAt } from '../../src/base/clock.js'
import { CancelledError, EXIT, MultiregionError } from '../../src/base/errors.js'
import type { Event } from '../../src/base/events.js'
import type { ProcessIdentity } from '../../src/base/process.js'
import type { World } from '../../src/base/world.js'
import type { Target } from '../../src/commands/target.js'
import type { Config } from '../../src/config/load.js'
import { type Called, calledBy } from './called.js'
import { borrow } from './clients.js'
import { EXPIRED } from './cloud.js'
import type { Computer } from './computer.js'
import { bundlesOf } from './config.js'
import { runVerb } from './verb.js'

export type Verb =
  | 'up'
  | 'plan'
  | 'status'
  | 'failover'
  | 'failback'
  | 'down'
  | 'state rebuild'
  | 'state show'
  | 'state unlock'
  | 'state takeover'

export interface Command {
  readonly verb: Verb
  readonly region?: string
  readonly keepData?: boolean
  readonly forceLast?: boolean
  readonly proof?: boolean
  readonly adopt?: readonly string[]
  readonly nonce?: string
  /** Of `state takeover`: the region that is to be the home, and whether nobody is waited for. */
  readonly to?: string
  readonly force?: boolean
  /** Begins so many seconds after the others that run at once with it. */
  readonly after?: number
  /** The name of the computer; default: where the operator sits. */
  readonly on?: string
}

/** What becomes of a process at its n-th instant: before and after each mutating call and each change of the disk. */
export interface Fate {
  /** Or the first one of these words, as traces have them; or so many seconds after it began, as reads have no instants. */
  readonly at: number | string | { readonly seconds: number }
  /** Only those around mutating calls are counted: of all there are ten times as many on the disk. */
  readonly among?: 'calls'
  readonly what: 'kill' | 'power' | 'interrupt' | 'full' | 'read-only' | 'fsync-fails' | 'expire'
}

export interface Ending {
  readonly exit: number | 'dead'
  readonly error?: MultiregionError
  readonly result?: unknown
  /** How many instants it had. */
  readonly instants: number
  readonly mutatingCalls: number
  /** Those of a shared state and its lease, which are none of the mutating ones. */
  readonly stateCalls: number
  /** What it told on the way. */
  readonly notes: readonly string[]
}

/** An error that is not ours: a bug, whatever the world did. */
export class Bug extends Error {}

export interface Watch {
  /** Called as a mutating call leaves the process, before it has any effect. */
  leaving(call: Called, computer: Computer): void
  /** Called before the lock or lease that this holder wrote is given up. `nonce`: that of `state unlock`. */
  releasing?(holder: string, by: ProcessIdentity, computer: Computer, nonce?: string): void
  /** Of the lease with that nonce, as its item says. */
  holderOf?(nonce: string): string | undefined
  trace(line: string): void
  event?(event: Event): void
}

/** What a process has of its world until it ends. */
type Borrowed = ReturnType<typeof borrow> & { readonly world: World; readonly fence: Target['fence'] }

/** Never settles: the process is gone, and nobody goes on in it. */
const never = <T>() => new Promise<T>(() => undefined)

export class Process {
  readonly #computer: Computer
  readonly #watch: Watch
  readonly #fate: Fate | undefined
  readonly #interrupt = new AbortController()
  readonly pid: number
  #isAlive = true
  #instants = 0
  #callInstants = 0
  #isMet = false
  #nonce: string | undefined
  /** Its credentials are no longer good. */
  #isExpired = false
  #mutatingCalls = 0
  readonly #notes: string[] = []
  #stateCalls = 0
  #die: () => void = () => undefined

  constructor(computer: Computer, watch: Watch, fate?: Fate) {
    this.#computer = computer
    this.#watch = watch
    this.#fate = fate
    this.pid = computer.nextPid()
    setMaxListeners(0, this.#interrupt.signal)
  }

  /** Runs it to its end, whichever. Throws Bug. */
  async run(command: Command, config: Config): Promise<Ending> {
    const dead = new Promise<'dead'>((resolve) => {
      this.#die = () => {
        this.#isAlive = false
        resolve('dead')
      }
    })
    const computer = this.#computer
    this.#nonce = command.nonce
    computer.alive.set(this.pid, this.#die)
    const lent = this.#borrow()
    const timer = this.#fateInTime()
    try {
      const work = runVerb(command, {
        config,
        bundles: bundlesOf(computer.project, config),
        target: this.#target(config, lent),
        emit: (event) => this.#tell(event),
        signal: this.#interrupt.signal,
      })
      // What a dead process would still have thrown is nobody's.
      work.catch(() => undefined)
      const result = await Promise.race([work, dead])
      return result === 'dead' ? this.#ending('dead') : { ...this.#ending(EXIT.done), result }
    } catch (thrown) {
      if (!(thrown instanceof MultiregionError)) throw bugOf(command, thrown)
      return { ...this.#ending(thrown.exit), error: thrown }
    } finally {
      this.#isAlive = false
      clearTimeout(timer)
      computer.alive.delete(this.pid)
      // What its calls still do in this turn of the event loop is to find it gone, and not somebody else in its place.
      setTimeout(lent.giveBack, 0)
    }
  }

  #ending(exit: Ending['exit']): Ending {
    return {
      exit,
      instants: this.#instants,
      mutatingCalls: this.#mutatingCalls,
      stateCalls: this.#stateCalls,
      notes: this.#notes,
    }
  }

  #tell(event: Event): void {
    if (!this.#isAlive) return
    if (event.type === 'run.noted') this.#notes.push(event.text)
    this.#watch.event?.(event)
  }

  #fateAt(what: string, isCall: boolean): Fate['what'] | undefined {
    const { at, among, what: fate } = this.#fate ?? {}
    const count = among ? this.#callInstants : this.#instants
    const isCounted = !among || isCall
    const isNow = typeof at === 'string' ? what.includes(at) : isCounted && at === count
    this.#instants++
    if (isCall) this.#callInstants++
    if (!isNow || this.#isMet) return undefined
    this.#isMet = true
    return fate
  }

  #fateInTime(): NodeJS.Timeout | undefined {
    const { at, what } = this.#fate ?? {}
    if (!what || typeof at !== 'object') return undefined
    return setTimeout(() => void this.#meet(what, `${at.seconds} s`), at.seconds * 1000)
  }

  /** One more instant at which its fate may come. Never resolves in a process that is gone. */
  async #instant(what: string, isCall = false): Promise<void> {
    if (!this.#isAlive) return never()
    const fate = this.#fateAt(what, isCall)
    if (fate) await this.#meet(fate, what)
  }

  async #meet(fate: Fate['what'], where: string): Promise<void> {
    this.#watch.trace(`    ! ${fate} at ${where}`)
    if (fate === 'expire') this.#isExpired = true
    else if (fate === 'interrupt') this.#interrupt.abort(new CancelledError())
    else if (fate === 'kill' || fate === 'power') {
      if (fate === 'power') this.#computer.cutPower()
      else this.#die()
      return never()
    } else this.#computer.disk.fault = fate
  }

  #world(): World {
    const clock = clockAt(1)
    const computer = this.#computer
    return {
      clock: {
        ...clock,
        sleep: async (seconds, signal) => {
          await clock.sleep(seconds, signal)
          if (!this.#isAlive) await never()
        },
      },
      date: () => new Date(),
      uuid: () => computer.uuid(),
      random: () => computer.random(),
      files: computer.disk.files((what, file) => {
        if (what === 'remove' && file.endsWith('.json.lock')) this.#releasing(computer.disk.read(file))
        return this.#instant(`${what} of ${path.basename(file)}`)
      }),
      processes: {
        self: () => computer.identityOf(this.pid),
        isGone: (other) => computer.isGone(other),
        isRunning: (other) => computer.isRunning(other),
      },
    }
  }

  #releasing(holder: string | undefined): void {
    const by = this.#computer.identityOf(this.pid)
    if (holder && this.#isAlive) this.#watch.releasing?.(holder, by, this.#computer, this.#nonce)
  }

  #borrow(): Borrowed {
    const fence: Target['fence'] = {}
    const holder = {
      world: this.#world(),
      credentials: this.#computer.credentials,
      emit: (event: Event) => this.#tell(event),
      handle: async (request: HttpRequest) => ({ response: await this.#carry(request) }),
      mayChange: async (call: string) => fence.check?.(call),
      cut: (call: string) => fence.cut?.(call),
    }
    return { ...borrow(holder), world: holder.world, fence }
  }

  #target(config: Config, { world, fence, clients }: Borrowed): Target {
    const { cloud } = this.#computer
    const stateFile = this.#computer.stateFile(config)
    return {
      world,
      clock: world.clock,
      network: cloud.network,
      stateFile,
      customEndpoint: false,
      fence,
      clients,
    }
  }

  async #carry(request: HttpRequest): Promise<HttpResponse> {
    if (!this.#isAlive) return never()
    if (this.#isExpired) request.headers[EXPIRED] = 'true'
    const call = calledBy(request)
    const { cloud } = this.#computer
    if (!call.mutating) return this.#inAccount(await this.#alive(cloud.send(request)), call)
    await this.#instant(`${call.name} before it is sent`, true)
    if (this.#isExpired) request.headers[EXPIRED] = 'true'
    if (call.ofState) this.#stateCalls++
    else this.#mutatingCalls++
    this.#watch.leaving(call, this.#computer)
    if (call.frees) this.#releasing(this.#watch.holderOf?.(call.frees))
    const told = `    ${call.name} ${call.region} ${call.what}`
    try {
      const response = await this.#alive(cloud.send(request))
      this.#watch.trace(`${told} ${response.statusCode}`)
      await this.#instant(`${call.name} applied but unanswered`, true)
      return response
    } catch (error) {
      this.#watch.trace(`${told} ${(error as { code?: string }).code}`)
      throw error
    }
  }

  /** Who calls is another, where the computer says so. */
  #inAccount(response: HttpResponse, { operation }: Called): HttpResponse {
    const { otherAccount } = this.#computer
    if (!otherAccount || operation !== 'GetCallerIdentity') return response
    const body = Buffer.from(response.body as Uint8Array).toString()
    return { ...response, body: Buffer.from(body.replaceAll('000000000000', otherAccount)) }
  }

  /** The answer, unless the process is gone when it comes. */
  async #alive<T>(work: Promise<T>): Promise<T> {
    const ended = await work.then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error
      },
    )
    return this.#isAlive ? ended() : never()
  }
}

function bugOf({ verb }: Command, thrown: unknown): Bug {
  const stack = thrown instanceof Error ? thrown.stack : String(thrown)
  return new Bug(`${verb} ended in an error that is not ours: ${stack}`, { cause: thrown })
}
