// What the daemon and its door tell each other: the start options, and the record of a serving daemon.
// What the daemon keeps for itself is `settings.ts`'s.
import type { Profile } from './profile.js'

/** Beside the data, mode 0600: where the daemon is and the token of its admin routes. */
export const RECORD_FILE = 'daemon.json'
/** Beside the data, mode 0600: what the daemon keeps for itself; the first file of a cloud. */
export const SETTINGS_FILE = 'settings.json'
/** The daemon's end of a pipe to who starts it: why it does not come up, as JSON. */
export const FAILURE_FD = 3

/** How to start. What is left out is as it was at the start before, else the default. */
export interface DaemonOptions {
  readonly scale?: number
  readonly profile?: Profile
  /** IAM restricts the operator, too. */
  readonly enforceIam?: boolean
  /** The policy that the operator is held to from the start, its text. */
  readonly policy?: string
  /** Of the jitter and the faults; the same one gives the same. */
  readonly seed?: number
  readonly regions: readonly string[]
  readonly domain?: string
  readonly zone?: string
  /** This package's version, for words about data of another. */
  readonly version: string
}

export interface DaemonRecord {
  /** Tells this daemon from another that got its port or pid. */
  readonly instance: string
  readonly token: string
  readonly pid: number
  readonly endpointUrl: string
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string }
}
