// A control table in an in-process cloud, and machines that share it: each with a clock, a name and a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { clientsFor } from '../../src/aws/clients.js'
import type { Clients } from '../../src/aws/context.js'
import { type Clock, clockAt } from '../../src/base/clock.js'
import type { Event } from '../../src/base/events.js'
import { type Files, machineFiles } from '../../src/base/files.js'
import { machine, type World } from '../../src/base/world.js'
import { openPlace, type Place, type PlaceOpening } from '../../src/commands/place.js'
import { openSession, type Session } from '../../src/commands/session.js'
import { planPlace, settlePlace } from '../../src/commands/settle.js'
import { takeover } from '../../src/commands/takeover.js'
import type { Target } from '../../src/commands/target.js'
import { type Config, parseConfig } from '../../src/config/load.js'
import type { StackState } from '../../src/engine/ledger.js'
import { readState, StateFile } from '../../src/state/file.js'
import { shipped } from '../config/fixture.js'
import { ACCOUNT, OPERATOR, startTestCloud, type TestCloud } from '../conformance/cloud.js'
import { anyState } from './fixture.js'

export const IRELAND = 'eu-west-1'
export const VIRGINIA = 'us-east-1'

/**
 * Stands still until it is moved by `pass`. With `jumps` it moves by itself where somebody waits for it, but for those who
 * can be told to stop waiting: what goes on beside a run, as the renewing of a lease.
 */
export class HandClock implements Clock {
  readonly scale = 1
  #now = 1000
  #sleepers: { at: number; wake: () => void }[] = []

  constructor(
    /** Called before each jump. */
    readonly jumps?: () => Promise<unknown>,
    readonly always = false,
  ) {}

  now(): number {
    return this.#now
  }

  async sleep(seconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw signal.reason
    if (this.jumps && (this.always || !signal)) {
      await this.jumps()
      this.#now += seconds
      return
    }
    return new Promise((wake, reject) => {
      this.#sleepers.push({ at: this.#now + seconds, wake })
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }

  pass(seconds: number): void {
    this.#now += seconds
    const due = this.#sleepers.filter(({ at }) => at <= this.#now)
    this.#sleepers = this.#sleepers.filter((one) => !due.includes(one))
    for (const { wake } of due) wake()
  }
}

/** What a stopped process throws at the instant at which it is stopped. */
export class Stopped extends Error {}

/** Counts the instants of a process at which something is changed, and ends it at one of them. */
export class Instants {
  count = 0
  /** Every second one is after the effect. */
  stopAt = Number.POSITIVE_INFINITY

  async around<T>(work: () => Promise<T>): Promise<T> {
    this.#step()
    const result = await work()
    this.#step()
    return result
  }

  #step(): void {
    if (this.count >= this.stopAt) throw new Stopped('stopped')
    this.count++
  }
}

const CHANGES: readonly (keyof Files)[] = ['writeFile', 'sync', 'rename', 'link', 'remove']

export interface Machine {
  readonly name: string
  readonly world: World
  readonly clock: HandClock
  readonly target: Target
  readonly config: Config
  readonly notes: string[]
  readonly file: string
  place(how?: Partial<PlaceOpening>): Promise<Place>
  /** A run with the lock, as `up` opens it. */
  session(how?: Partial<Parameters<typeof openSession>[0]>): Promise<Session>
  /** Opens a session, settles the place of its state, and closes it. */
  settle(): Promise<void>
  takeover(to: string, force?: boolean): ReturnType<typeof takeover>
  putFile(state?: StackState): Promise<StackState>
  readFile(): Promise<StackState | undefined>
}

export interface MachineOptions {
  readonly name?: string
  readonly stack?: string
  readonly backend?: 'file' | 'global-table'
  /** Jumps by default. */
  readonly clock?: HandClock
  readonly instants?: Instants
  /** Another machine's folder, for a second process on it. */
  readonly folder?: string
}

export class SharedCloud {
  readonly #folders: string[] = []

  private constructor(readonly test: TestCloud) {}

  static async start(): Promise<SharedCloud> {
    return new SharedCloud(await startTestCloud('instant'))
  }

  machine(options: MachineOptions = {}): Machine {
    const { name = 'laptop', stack = 'shop', backend = 'global-table', instants } = options
    const folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'multiregion-shared-'))
    if (!options.folder) this.#folders.push(folder)
    const clock = options.clock ?? new HandClock(async () => undefined)
    const self = { ...machine.processes.self(), host: name }
    const files = instants ? counted(machineFiles, instants) : machineFiles
    const processes = { self: () => self, isGone: () => true, isRunning: () => false }
    const world: World = { ...machine, clock, files, processes }
    const notes: string[] = []
    const emit = (event: Event) => void (event.type === 'run.noted' && notes.push(event.text))
    const config = configFor(folder, stack, backend)
    const file = path.join(folder, '.multiregion', `${config.stack}.json`)
    const quick = new HandClock(async () => undefined, true)
    const clients = clientsFor({
      clock: clockAt(10_000),
      emit,
      endpoint: this.test.url,
      credentials: OPERATOR,
    })
    const target = {
      world,
      clock: quick,
      network: undefined as never,
      stateFile: file,
      customEndpoint: false,
      clients: instants ? (region: string) => countedClients(clients(region), instants) : clients,
    }
    const opening = {
      ...{ config, target, account: ACCOUNT, partition: 'aws', anew: false, detachable: false, emit },
      onLost: () => undefined,
    }
    const session: Machine['session'] = (how) =>
      openSession({
        ...{ config, target, emit, calls: { total: 0, mutating: 0 }, signal: new AbortController().signal },
        lockAs: 'multiregion up',
        ...how,
      })
    return {
      ...{ name, world, clock, target, config, notes, file, session },
      place: (how) => openPlace({ ...opening, ...how }),
      async settle() {
        const one = await session()
        try {
          await settle(one)
        } finally {
          // Who is stopped gives nothing back.
          if (!instants || instants.count < instants.stopAt) await one.close()
        }
      },
      takeover: (to, force = false) =>
        takeover(config, target, { to, force, command: 'multiregion state takeover', emit }),
      async putFile(state = { ...anyState(), stack: config.stack, account: ACCOUNT }) {
        await new StateFile(file, state).save(state)
        return (await readState(file))!
      },
      readFile: () => readState(file),
    }
  }

  /** A machine whose stack has a shared state that nobody holds. */
  async shared(stack: string): Promise<Machine> {
    const laptop = this.machine({ stack })
    await laptop.putFile()
    await laptop.settle()
    return laptop
  }

  /** Lets time pass until every region has what the others wrote. */
  async replicated(): Promise<void> {
    for (let turn = 0; turn < 1000; turn++) {
      await this.test.pass(1)
      if (this.test.cloud.replicationLag().length === 0) return
      await new Promise((later) => setTimeout(later, 5))
    }
    throw new Error('replication does not come to an end')
  }

  async close(): Promise<void> {
    await this.test.close()
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true })
  }
}

/** What `up` does about the place of the state, and nothing else. */
export async function settle(session: Session): Promise<void> {
  const hostedZone = { id: '', name: '' }
  const env = { account: ACCOUNT, partition: 'aws', hostedZone, bundles: {}, drained: {} }
  const { errors, hasWork } = await planPlace(session, env)
  const failed = [...errors, ...(hasWork ? await settlePlace(session, env) : [])]
  if (failed.length > 0) throw failed[0]
}

function configFor(folder: string, stack: string, backend: string): Config {
  const written = { ...shipped(), name: stack, state: { backend, leaseSeconds: 30 } }
  const parsed = parseConfig(JSON.stringify(written), path.resolve('config/regions.json'))
  return { ...parsed, root: folder }
}

function counted(files: Files, instants: Instants): Files {
  const wrapped = Object.fromEntries(
    CHANGES.map((name) => [
      name,
      (...args: unknown[]) =>
        instants.around(() => (files[name] as (...all: unknown[]) => Promise<unknown>)(...args)),
    ]),
  )
  return { ...files, ...wrapped }
}

function countedClients(clients: Clients, instants: Instants): Clients {
  const { dynamodb } = clients
  const send = (command: { constructor: { name: string } }) => {
    const reads = /^(Get|List|Describe|Query)/.test(command.constructor.name)
    const call = () => dynamodb.send(command as never)
    return reads ? call() : instants.around(call as () => Promise<unknown>)
  }
  const proxy = new Proxy(dynamodb, {
    get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)),
  })
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(clients), dynamodb: { value: proxy, enumerable: true } },
  ) as Clients
}
