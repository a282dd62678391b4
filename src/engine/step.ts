// The contract between the engine and the steps. A step describes one kind of AWS resource: what should be, what is,
// what differs, whether it is ready, and its moves. It never loops, waits, retries, logs or saves: the engine does.
import type { Context } from '../aws/context.js'
import type { Config } from '../config/schema.js'
import type { Env } from './env.js'

/** Where one instance stands. Global resources stand in the home region. */
export interface Site {
  readonly region: string
  /** The function's key, where a step stands once per function. */
  readonly name?: string
}

/** What every observation carries. */
export interface Identity {
  /** Physical id: an ARN, a name, an id of AWS's. */
  readonly id: string
  /** False if it stands under our name but does not carry this stack's owner marks. */
  readonly owned: boolean
  /** The lineage that it carries, where it is marked as this instance of this stack: ours, or that of a state that is gone. */
  readonly lineage?: string
  /** The other stack whose owner marks it carries. */
  readonly stack?: string
  /** Why it is going away, while AWS deletes it; the engine waits. */
  readonly leaving?: string
  /** What keeps it from being removed now; `down` waits for it instead of asking AWS in vain. */
  readonly held?: string
}

/** `immutable` marks a change that AWS cannot make in place. */
export interface Change {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
  readonly immutable?: true
}

export type Readiness = { state: 'ready' } | { state: 'pending' | 'failed'; reason: string }

/** Something that hangs on a resource and keeps it from going. */
export interface User {
  /** As the state would have it, if it is ours. */
  readonly id: string
  /** For people: `its replica in eu-central-1`. */
  readonly what: string
}

/** What the config said, and does not say now. */
export interface OtherConfig {
  readonly field: 'domain' | 'home' | 'regions' | 'table.name'
  readonly value: string
  /** The id of what says so. */
  readonly id: string
}

/** What `named` is computed from. */
export interface Named<N extends Needs> {
  readonly config: Config
  readonly site: Site
  readonly needs: Partial<Observations<N>>
}

/** What `desired` is computed from. */
export interface At<N extends Needs> {
  readonly config: Config
  readonly env: Env
  readonly site: Site
  readonly needs: Observations<N>
}

export interface Step<Desired, Observed extends Identity, N extends Needs> {
  /** AWS noun and first part of the address: `certificate` in `certificate/eu-west-1`. */
  readonly kind: string
  /** Every place this step stands: once, once per region, once per function and region. */
  sites(config: Config): readonly Site[]
  /** Where one may stand that an earlier config asked for, if that is more: so that `state rebuild` and `down` find it. */
  formerSites?(config: Config): readonly Site[]
  /** The steps whose observations `desired` reads. These are the edges of the graph. */
  readonly needs: N
  /** How often to look again, and how long AWS may take before it counts as failed. */
  readonly patience: { readonly everySeconds: number; readonly forMinutes: number }
  /** AWS: no region's, and needs nothing: its control plane may be out while the regions work. */
  readonly global?: true
  /** At most one instance of this kind is in flight; the others wait for their turn. */
  readonly serial?: true
  /** What is immutable and holds no data: make the new one, let the others move to it, remove the old one after. */
  readonly replace?: 'create-first'
  /** `create` with the token of an open intent gives the same resource, so an unanswered create can be asked again. */
  readonly replayable?: true
  /** Holds data: `down --keep-data` leaves it. */
  readonly data?: true

  /**
   * Pure. What `observe` and `remove` need to find it by name, where `desired` has to wait for its needs or its function
   * left the config: so that the plan sees a foreign one before the first write, and `state rebuild` what is stale.
   * `needs` has those that stand.
   */
  named?(at: Named<N>): Partial<Desired> | undefined
  /** Read-only. The function keys of this stack for which one stands in this region, also those that left the config. */
  keys?(ctx: Context, config: Config): Promise<readonly string[]>
  /**
   * Read-only. What of this lineage stands in this region that only a config of other names would find: such a config
   * cannot be guessed, so `state rebuild` asks for it.
   */
  otherConfig?(ctx: Context, config: Config): Promise<readonly OtherConfig[]>
  /**
   * Read-only. The ids of all that are ours here, where there may be more than one: after a replacement that was not
   * swept, or a lost answer. The one to keep first, if nothing else decides.
   */
  all?(ctx: Context, desired: Desired): Promise<readonly string[]>
  /** Pure. What should exist here. Kept in the state, so it is plain JSON. */
  desired(at: At<N>): Desired
  /** Read-only. By id if the state knows one, else by name or owner marks. Undefined means absent. */
  observe(ctx: Context, desired: Desired, id?: string): Promise<Observed | undefined>
  /** Pure. What differs; empty means in sync. Feeds `plan`, drift and `update` alike. */
  diff(desired: Desired, observed: Observed): Change[]
  /** Pure. May the steps that need this one start? */
  readiness(observed: Observed, desired: Desired): Readiness
  /** True where AWS uses a generic error for "not yet". */
  transient?(error: Error): boolean

  // The moves. A gate, which only waits, has none of them.
  /** Safe to repeat with the same `ctx.token`. Returns the physical id. */
  create?(ctx: Context, desired: Desired): Promise<string>
  update?(ctx: Context, desired: Desired, observed: Observed, changes: Change[]): Promise<void>
  /**
   * Where it is found by name and carries tags: puts our owner marks on one that is not ours, as the last of its calls, so
   * that a crash leaves it either not ours or all done. Safe to repeat.
   */
  adopt?(ctx: Context, desired: Desired, observed: Observed): Promise<unknown>
  /**
   * Read-only. For what carries no owner marks itself: whether what it hangs on carries ours. Asked before a removal, as
   * what a state says of it may be another's.
   */
  inherits?(ctx: Context, desired: Desired, observed: Observed): Promise<boolean>
  /**
   * Read-only. What hangs on it by AWS's own account: as long as one of them stands, AWS does not let it go. Asked before
   * `down` removes anything.
   */
  usedBy?(ctx: Context, desired: Desired, observed: Observed): Promise<readonly User[]>
  /** The way out of `failed`, where there is one: made once a run, so that what still fails then stops it. */
  mend?(ctx: Context, desired: Desired, observed: Observed): Promise<unknown>
  /** One move a call, towards absence. Answers `'kept'` where others use it too: it stays and is only forgotten. */
  remove?(ctx: Context, observed: Observed, desired: Desired): Promise<unknown>
}

// biome-ignore lint/suspicious/noExplicitAny: the engine handles steps of every type; their own files are strict.
export type AnyStep = Step<any, any, any>

/**
 * Which instances of another step are meant: `here` the one of my region (and name, where both have one, or the only
 * one of a step that stands once); `inRegion` all of my region; `everywhere` all; `available` those that are ready,
 * at least one, as the public name must not wait for a dead region.
 */
export type Reach = 'here' | 'inRegion' | 'everywhere' | 'available'
export interface Need<Out> {
  readonly step: AnyStep
  readonly reach: Reach
  readonly out?: Out
}
export type Needs = Readonly<Record<string, Need<unknown>>>
export type Observations<N> = { readonly [K in keyof N]: N[K] extends Need<infer Out> ? Out : never }
type ObservedBy<S> = S extends Step<infer _D, infer O, infer _N> ? O : never

export const defineStep = <D, O extends Identity, N extends Needs>(step: Step<D, O, N>) => step

export const here = <S extends AnyStep>(step: S): Need<ObservedBy<S>> => ({ step, reach: 'here' })
/** Keyed by the function's key, or by region where the step has no name. */
export const inRegion = <S extends AnyStep>(step: S): Need<ReadonlyMap<string, ObservedBy<S>>> => ({
  step,
  reach: 'inRegion',
})
/** Keyed by region. */
export const everywhere = <S extends AnyStep>(step: S): Need<ReadonlyMap<string, ObservedBy<S>>> => ({
  step,
  reach: 'everywhere',
})
/** Keyed by region; never empty. */
export const available = <S extends AnyStep>(step: S): Need<ReadonlyMap<string, ObservedBy<S>>> => ({
  step,
  reach: 'available',
})

export const perRegion = (config: Config): Site[] => config.regions.map((region) => ({ region }))
export const perFunction = (config: Config): Site[] =>
  config.regions.flatMap((region) => config.functions.map(({ key }) => ({ region, name: key })))
export const once = (config: Config): Site[] => [{ region: config.home }]

/** `kind/region[/name]`: the one name of an instance, in state, events and output. */
export const addressOf = (step: { kind: string }, site: Site): string =>
  [step.kind, site.region, site.name].filter(Boolean).join('/')
