// What the daemon and its door tell each other: the start options, the record of a serving daemon, what it keeps.
import type { Profile } from './profile.js'

/** Beside the data, mode 0600: where the daemon is and the token of its admin routes. */
export const RECORD_FILE = 'daemon.json'

export interface DaemonOptions {
  readonly scale: number
  readonly profile: Profile
  readonly regions: readonly string[]
  readonly domain?: string
  readonly zone?: string
}

export interface DaemonRecord {
  /** Tells this daemon from another that got its port or pid. */
  readonly instance: string
  readonly token: string
  readonly pid: number
  readonly endpointUrl: string
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export interface Settings {
  readonly seed: number
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly port?: number
}
