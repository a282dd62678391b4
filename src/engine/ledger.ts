// What is written down, and when: the intent before a move, the id after a create, the observation once settled.
// Every method resolves when the state is on disk, so a crash between two lines of the engine is harmless.
// Where it is kept is `state/`'s business.
import { machine, type World } from '../base/world.js'
import type { Drain } from './env.js'
import type { Identity } from './step.js'

export interface Intent {
  readonly action: 'create' | 'adopt' | 'update' | 'remove'
  /** Sent to AWS where it takes one: 32 word characters, ACM's limit. */
  readonly token: string
  /** ISO 8601. */
  readonly at: string
}

/** One instance of a step, as the state keeps it. Steps never see it. */
export interface Entry {
  readonly id?: string
  /** True once it was ready; until then its absence is doubted longer. */
  readonly settled?: boolean
  readonly desired?: unknown
  readonly observed?: unknown
  readonly intent?: Intent
  /** Ids that were replaced and are to be removed once nothing points to them. */
  readonly superseded?: readonly string[]
}

/** True of an entry that says only what to look for: a rebuild could not look, as its region did not answer. Pure. */
export const isSought = ({ id, intent, superseded }: Entry): boolean => !id && !intent && !superseded

/** The whole of a stack's state. `serial` rises with every save. */
export interface StackState {
  readonly format: 'multiregion-state'
  readonly version: 2
  readonly stack: string
  /** Made once per stack; every taggable resource carries it. */
  readonly lineage: string
  readonly serial: number
  readonly account: string
  readonly partition: string
  readonly home: string
  readonly regions: readonly string[]
  /** Of the config that the last `up` worked with; empty where nobody knows. */
  readonly configHash: string
  /** Regions taken out of traffic by `failover`: operational, not drift. */
  readonly drained: Readonly<Record<string, Drain>>
  readonly entries: Readonly<Record<string, Entry>>
}

export interface StateStore {
  read(): StackState
  /** Resolves when it is durable. Saves at the same time share one write. */
  save(state: StackState): Promise<void>
}

export class Ledger {
  #store: StateStore
  readonly #world: World

  constructor(store: StateStore, world: World = machine) {
    this.#store = store
    this.#world = world
  }

  get state(): StackState {
    return this.#store.read()
  }

  entry(address: string): Entry | undefined {
    return this.state.entries[address]
  }

  /**
   * Durable before the call leaves. Gives the token of an unfinished intent of the same kind again. `id` is that of the
   * resource which is to be moved, as a create without an answer may have left it unknown.
   */
  async intend(address: string, action: Intent['action'], desired: unknown, id?: string): Promise<string> {
    const open = this.entry(address)?.intent
    const intent =
      open?.action === action
        ? open
        : { action, token: this.#world.uuid().replaceAll('-', ''), at: this.#world.date().toISOString() }
    await this.#patch(address, {
      intent,
      desired: desired ?? this.entry(address)?.desired,
      ...(id !== undefined && { id }),
    })
    return intent.token
  }

  /** The id is known, whether or not AWS shows the resource yet. The token stays until it is settled. */
  created(address: string, id: string): Promise<void> {
    return this.#patch(address, { id })
  }

  /** Ready and in sync. A run that changes nothing writes nothing. */
  async settled(address: string, desired: unknown, observed: Identity): Promise<void> {
    const now: Entry = { ...this.entry(address), id: observed.id, settled: true, desired, observed }
    const { intent: _done, superseded, ...rest } = now
    // A state that is older than the cloud takes for replaced what another has made since.
    const old = superseded?.filter((id) => id !== observed.id) ?? []
    const entry: Entry = { ...rest, ...(old.length > 0 && { superseded: old }) }
    if (same(entry, this.entry(address))) return
    await this.#write(address, entry)
  }

  /** AWS said no to the create, once and certainly: there is nothing to look for. */
  refused(address: string): Promise<void> {
    const { intent: _refused, ...rest } = this.entry(address) ?? {}
    return rest.superseded ? this.#write(address, rest) : this.forget(address)
  }

  /** Seen to be gone without our doing, so the next create is a new one with a new token. */
  lost(address: string): Promise<void> {
    const {
      id: _id,
      settled: _settled,
      observed: _observed,
      intent: _intent,
      ...rest
    } = this.entry(address) ?? {}
    return this.#write(address, rest)
  }

  /** The old one steps aside, to be removed after the others have moved to its successor. */
  supersede(address: string, id: string): Promise<void> {
    const {
      id: _id,
      settled: _settled,
      observed: _observed,
      intent: _intent,
      ...rest
    } = this.entry(address) ?? {}
    return this.#write(address, { ...rest, superseded: [...new Set([...(rest.superseded ?? []), id])] })
  }

  /** More of ours than there should be, found beside the one that stays. */
  twins(address: string, ids: readonly string[]): Promise<void> {
    const superseded = [...new Set([...(this.entry(address)?.superseded ?? []), ...ids])]
    return this.#patch(address, { superseded })
  }

  swept(address: string, id: string): Promise<void> {
    const left = this.entry(address)?.superseded?.filter((other) => other !== id) ?? []
    const { superseded: _old, ...rest } = this.entry(address) ?? {}
    return this.#write(address, left.length ? { ...rest, superseded: left } : rest)
  }

  forget(address: string): Promise<void> {
    const { [address]: _gone, ...entries } = this.state.entries
    return this.#store.save({ ...this.state, entries })
  }

  drain(region: string, drain: Drain): Promise<void> {
    return this.#store.save({ ...this.state, drained: { ...this.state.drained, [region]: drain } })
  }

  restore(region: string): Promise<void> {
    const { [region]: _restored, ...drained } = this.state.drained
    return this.#store.save({ ...this.state, drained })
  }

  #patch(address: string, patch: Entry): Promise<void> {
    return this.#write(address, { ...this.entry(address), ...patch })
  }

  #write(address: string, entry: Entry): Promise<void> {
    return this.#store.save({ ...this.state, entries: { ...this.state.entries, [address]: entry } })
  }
}

/** Alike as JSON, in whatever order. */
export const same = (a: unknown, b: unknown) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  )
}
