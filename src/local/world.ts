// What every local service stands on: one clock, one seeded random, one durable store, one profile of times.
// The services below are a model of AWS; this file knows no service. `ports.ts` is how services meet.
import type { Profile, Takes } from './profile.js'

/** Durations are virtual seconds (AWS's own), instants are real epoch milliseconds. Dates shown by the APIs are real. */
export interface Clock {
  /** Virtual seconds that pass in one real second. */
  readonly scale: number
  /** This instant, real epoch milliseconds. */
  now(): number
  /** The instant at which `virtualSeconds` from now will have passed. */
  after(virtualSeconds: number): number
  /** Virtual seconds that have passed since that instant. */
  since(instant: number): number
  /** Resolves after that many virtual seconds, or at once when the signal aborts (it never rejects). */
  sleep(virtualSeconds: number, signal?: AbortSignal): Promise<void>
}

/** A durable map of plain JSON values. Values are copies in spirit: change one, then `set` it again to keep it. */
export interface Collection<T> {
  get(key: string): T | undefined
  has(key: string): boolean
  set(key: string, value: T): void
  delete(key: string): boolean
  keys(): IterableIterator<string>
  values(): IterableIterator<T>
  entries(): IterableIterator<[string, T]>
  readonly size: number
}

/** Every collection of the cloud, in one LevelDB. `flush` resolves when no kill of this process loses what was set. */
export interface Store {
  collection<T>(name: string): Collection<T>
  flush(): Promise<void>
  close(): Promise<void>
}

export interface World {
  /** The local account's number. */
  readonly account: string
  readonly clock: Clock
  readonly profile: Profile
  /** Seeded; 0 <= x < 1. */
  random(): number
  /** How long something takes this time, in virtual seconds, with jitter inside the profile's range. */
  takes(what: Takes): number
  readonly store: Store
  /** Folder of this cloud's data, mode 0700. */
  readonly dataDir: string
  /** A line into the daemon's own log. */
  log(line: string): void
}
