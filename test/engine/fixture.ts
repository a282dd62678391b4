// A small cloud of plain things, steps that make them, and a process that can die at any point. For the engine's tests:
// the steps are fakes, the loops, the ledger and the graph are the real ones.
import type { Context } from '../../src/aws/context.js'
import { noteCall } from '../../src/aws/errors.js'
import { ownerTags, type Tags } from '../../src/aws/tags.js'
import type { Event } from '../../src/base/events.js'
import type { Config } from '../../src/config/schema.js'
import { compare } from '../../src/engine/diff.js'
import { buildGraph, type Node } from '../../src/engine/graph.js'
import { Ledger, type StackState, type StateStore } from '../../src/engine/ledger.js'
import { limiter, type Run, turns } from '../../src/engine/runner.js'
import {
  type AnyStep,
  addressOf,
  type Identity,
  type Needs,
  type Site,
  type Step,
} from '../../src/engine/step.js'
import { newState } from '../../src/state/file.js'
import { FakeClock } from '../fake-clock.js'

export const REGIONS = ['eu-west-1', 'us-east-1', 'ap-south-1'] as const

/** What the engine hands on to steps; the fakes read the regions only. */
export const config = (regions: readonly string[] = REGIONS) =>
  ({
    regions,
    home: regions[0],
    stack: 'shop-dev',
    domain: 'api.example.com',
    functions: [],
  }) as unknown as Config

export class Crash extends Error {}

/** A process that dies at its k-th point; from then on it does nothing at all. Below zero it lives. */
export class Mortal {
  points = 0
  #dead = false
  constructor(readonly dieAt = -1) {}
  point(): void {
    if (this.#dead || this.points === this.dieAt) {
      this.#dead = true
      throw new Crash(`died at ${this.points}`)
    }
    this.points++
  }
}

/** What survives a crash: the state file, as the last finished save left it. */
export class Disk {
  state: StackState = newState({
    ...{ stack: 'shop-dev', account: '123456789012', partition: 'aws', home: REGIONS[0] },
    regions: [...REGIONS],
  })
  saves = 0
}

class MortalStore implements StateStore {
  #memory: StackState
  constructor(
    readonly disk: Disk,
    readonly mortal: Mortal,
  ) {
    this.#memory = disk.state
  }
  read() {
    return this.#memory
  }
  async save(state: StackState) {
    this.#memory = state
    this.mortal.point()
    // As a file: what is not JSON does not survive.
    this.disk.state = JSON.parse(JSON.stringify(state))
    this.disk.saves++
    this.mortal.point()
  }
}

/** An error as a call of the SDK throws it. */
export function awsError(name: string, message = name, status = 400): Error {
  const error = Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } })
  noteCall(error, 'fake', 'Operation', 'eu-west-1')
  return error
}

export interface Thing {
  readonly id: string
  /** Its address; names are not unique, as those of REST APIs. */
  readonly name: string
  readonly token: string
  readonly lineage: string | undefined
  /** Another stack whose marks it carries. */
  readonly stack?: string
  readonly at: number
  fields: Record<string, unknown>
  readyAt: number
  failed?: boolean
  goneAt?: number
}

export type Operation = 'observe' | 'create' | 'adopt' | 'update' | 'remove'

export class World {
  readonly clock = new FakeClock()
  readonly things: Thing[] = []
  /** `create certificate/eu-west-1`, in the order of the calls. */
  readonly calls: string[] = []
  /** Of every look, whether its calls are sent once only. */
  readonly looks: boolean[] = []
  /** Seconds until a finder sees a thing, and until a look by id does. */
  findLag = 0
  describeLag = 0
  /** Seconds from create or update to ready, and from remove to gone. */
  readySeconds = 0
  /** What every draw gives. */
  chance = 0.5
  goneSeconds = 0
  /** What was mended fails once more. */
  failsAgain = false
  #made = 0
  /** What a call answers instead: an error, or nothing. Asked before it has an effect, or after. */
  fault: (operation: Operation, address: string, when: 'before' | 'after') => Error | undefined = () =>
    undefined

  /** Things that are there now. */
  alive(name?: string): Thing[] {
    const now = this.clock.now()
    return this.things.filter((thing) => (thing.goneAt ?? Infinity) > now && (!name || thing.name === name))
  }

  add(
    name: string,
    fields: Record<string, unknown>,
    by: { token?: string; lineage?: string; stack?: string } = {},
  ): Thing {
    const at = this.clock.now()
    const thing: Thing = {
      ...{ id: `${name}#${++this.#made}`, name, at, fields, readyAt: at + this.readySeconds },
      ...{ token: by.token ?? '', lineage: by.lineage, stack: by.stack },
    }
    this.things.push(thing)
    return thing
  }
}

export interface FakeStep {
  readonly kind: string
  readonly needs?: Needs
  readonly sites?: (config: Config) => readonly Site[]
  /** The fields that it wants, from what `desired` is given. */
  readonly fields?: (at: {
    site: Site
    needs: Record<string, unknown>
    config: Config
  }) => Record<string, unknown>
  readonly immutable?: readonly string[]
  /** AWS knows the token: the same one gives the same thing. */
  readonly tokens?: boolean
  /** One of a name at most: a second create says that it exists. */
  readonly unique?: boolean
  readonly patience?: Step<unknown, Identity, Needs>['patience']
  readonly transient?: (error: Error) => boolean
  readonly replace?: 'create-first'
  readonly serial?: true
  readonly replayable?: true
  readonly data?: true
  /** Its things can fail, and this is the way out of it. */
  readonly mendable?: true
  /** Seconds after which a thing that was adopted shows our marks. */
  readonly adoptable?: number
  /** There may be several of a name, and `all` finds them. */
  readonly several?: true
  /** Only waits for another's thing. */
  readonly gate?: true
}

interface Wanted {
  readonly name: string
  readonly fields: Record<string, unknown>
}
interface Seen extends Identity {
  readonly fields: Record<string, unknown>
  readonly ready: boolean
  readonly failed: boolean
}

/** A step over the world, whose calls have a point before and after their effect. */
export function fake(world: World, mortal: () => Mortal, options: FakeStep): AnyStep {
  const { kind, immutable = [], fields = () => ({}), needs = {} } = options
  const sites = options.sites ?? (({ regions }: Config) => regions.map((region) => ({ region })))

  async function call<T>(operation: Operation, address: string, effect: () => T): Promise<T> {
    mortal().point()
    const refusal = world.fault(operation, address, 'before')
    if (refusal) throw refusal
    if (operation !== 'observe') world.calls.push(`${operation} ${address}`)
    const result = effect()
    mortal().point()
    const lost = world.fault(operation, address, 'after')
    if (lost) throw lost
    return result
  }

  const nameOf = (tags: Tags) => tags['multiregion:address']!
  const step: Step<Wanted, Seen, Needs> = {
    kind,
    sites,
    needs,
    patience: options.patience ?? { everySeconds: 5, forMinutes: 30 },
    ...(options.replace && { replace: options.replace }),
    ...(options.serial && { serial: options.serial }),
    ...(options.replayable && { replayable: options.replayable }),
    ...(options.data && { data: options.data }),
    ...(options.transient && { transient: options.transient }),
    desired: ({ site, needs, config }) => ({
      name: addressOf({ kind }, site),
      fields: fields({ site, needs: needs as Record<string, unknown>, config }),
    }),
    observe: (ctx, { name }, id) => {
      world.looks.push((ctx as { once?: boolean }).once === true)
      return call('observe', name, () => {
        const now = world.clock.now()
        const lag = id ? world.describeLag : world.findLag
        const seen = world.alive(name).filter(({ at }) => now - at >= lag)
        const found = id
          ? seen.find((thing) => thing.id === id)
          : seen.find((thing) => !ctx.superseded.includes(thing.id))
        return (
          found && {
            id: found.id,
            owned: found.lineage === ctx.lineage,
            ...(found.stack !== undefined && { stack: found.stack }),
            leaving: found.goneAt === undefined ? undefined : 'it is going',
            fields: found.fields,
            ready: found.readyAt <= now,
            failed: found.failed === true,
          }
        )
      })
    },
    diff: (desired, observed) => {
      const known = Object.fromEntries(
        Object.keys(desired.fields).map(
          (field) => [field, immutable.includes(field) ? 'immutable' : 'mutable'] as const,
        ),
      )
      return compare(desired.fields, observed.fields, known)
    },
    readiness: ({ ready, failed }) =>
      failed
        ? { state: 'failed', reason: 'it failed' }
        : ready
          ? { state: 'ready' }
          : { state: 'pending', reason: 'not ready yet' },
  }
  if (options.gate) return step as AnyStep
  return {
    ...step,
    create: (ctx: Context, { fields }: Wanted) => {
      const name = nameOf(ctx.tags)
      if (options.unique && world.alive(name).length > 0 && !world.fault('create', name, 'before'))
        return call('create', name, () => undefined).then(() => {
          throw awsError('EntityAlreadyExistsException')
        })
      return call('create', name, () => {
        const same = options.tokens && world.things.find(({ token }) => token === ctx.token)
        return (same || world.add(name, { ...fields }, { token: ctx.token, lineage: ctx.lineage })).id
      })
    },
    update: (ctx: Context, { fields }: Wanted, { id }: Seen) =>
      call('update', nameOf(ctx.tags), () => {
        const thing = world.things.find((one) => one.id === id)!
        thing.fields = { ...fields }
        thing.readyAt = world.clock.now() + world.readySeconds
      }),
    ...(options.adoptable !== undefined && {
      adopt: (ctx: Context, _desired: Wanted, { id }: Seen) =>
        call('adopt', nameOf(ctx.tags), () => {
          const thing = world.things.find((one) => one.id === id)!
          const mark = () => Object.assign(thing, { lineage: ctx.lineage })
          if (options.adoptable) void world.clock.sleep(options.adoptable).then(mark)
          else mark()
        }),
    }),
    ...(options.mendable && {
      mend: (ctx: Context, _desired: Wanted, { id }: Seen) =>
        call('update', nameOf(ctx.tags), () => {
          world.things.find((one) => one.id === id)!.failed = world.failsAgain
        }),
    }),
    ...(options.several && {
      all: (ctx: Context, { name }: Wanted) =>
        call('observe', name, () =>
          world
            .alive(name)
            .filter(({ at, lineage }) => lineage === ctx.lineage && world.clock.now() - at >= world.findLag)
            .map(({ id }) => id),
        ),
    }),
    remove: (ctx: Context, { id }: Seen) =>
      call('remove', nameOf(ctx.tags), () => {
        const thing = world.alive().find((one) => one.id === id)
        if (!thing) throw awsError('ResourceNotFoundException')
        thing.goneAt ??= world.clock.now() + world.goneSeconds
      }),
  } as AnyStep
}

export interface Life {
  readonly run: Run
  readonly events: Event[]
  readonly mortal: Mortal
}

/** One run of the tool: its ledger is read from the disk anew. `more` goes into the context of every step. */
export function life(
  world: World,
  disk: Disk,
  mortal = new Mortal(),
  signal?: AbortSignal,
  more: object = {},
  adopts: readonly string[] = [],
): Life {
  const events: Event[] = []
  const ledger = new Ledger(new MortalStore(disk, mortal))
  const run: Run = {
    clock: world.clock,
    ledger,
    env: {
      ...{ account: '123456789012', partition: 'aws', hostedZone: { id: 'Z1', name: 'example.com' } },
      ...{ bundles: {}, drained: {} },
    },
    emit: (event) => events.push(event),
    signal: signal ?? new AbortController().signal,
    context: ({ address, site }, token, once = false) =>
      ({
        ...{ region: site.region, token, once, lineage: ledger.state.lineage },
        tags: ownerTags('shop-dev', ledger.state.lineage, address),
        superseded: ledger.entry(address)?.superseded ?? [],
        ...more,
      }) as unknown as Context,
    adopts: new Set(adopts),
    limit: limiter(16),
    turn: turns(),
    random: () => world.chance,
  }
  return { run, events, mortal }
}

/** The nodes of steps that stand where the config says. */
export const nodesOf = (steps: readonly AnyStep[], of = config()): Node[] =>
  buildGraph(steps, (step) => step.sites(of))

/** Ends well, or dies; any other end fails the test. True if it died. */
export async function died(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return false
  } catch (error) {
    if (error instanceof Crash) return true
    throw error
  }
}
