// What a data folder says about itself: the format of its files, and what a cloud keeps from start to start (its port, its
// operator's key, how it was started). An older format is brought up here, step by step; any other is refused untouched.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type DaemonOptions, SETTINGS_FILE } from './daemon-record.js'
import { damaged, LocalFailure } from './failure.js'
import type { Profile } from './profile.js'

export interface Settings {
  /** Of all files in the folder. */
  readonly format: number
  /** The package that wrote here last. */
  readonly version: string
  readonly seed: number
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly port?: number
  /** What the operator asked for at the last start that said so. */
  readonly chosen: Chosen
}

export interface Chosen {
  readonly scale?: number
  readonly profile?: Profile
  readonly enforceIam?: boolean
}

/** How the cloud runs: what was asked for now or before, and the defaults for the rest. */
export interface Running {
  readonly scale: number
  readonly profile: Profile
  readonly enforceIam: boolean
}

type Raw = Record<string, unknown>
/** Brings a folder from one format to the next. May be killed at any moment and run again. */
type Migration = (settings: Raw, dataDir: string) => Raw

/** `MIGRATIONS[n]` leads from format n to n + 1. Format 0 is that of folders which name none. */
const MIGRATIONS: readonly Migration[] = [(settings) => ({ chosen: {}, ...settings })]
export const FORMAT = MIGRATIONS.length

/** One real second is 20 of the cloud's: brings the article up within a minute. */
const DEFAULT_SCALE = 20
const MOST_SCALE = 1000
const PROFILES: readonly Profile[] = ['realistic', 'instant']
/** `instant` has no waits but the checkers' intervals. */
const INSTANT_SCALE = 60

/** The settings of a folder, made or brought to this format where that is needed. `version` is this package's. Throws LocalFailure. */
export function openSettings(dataDir: string, version: string): Settings {
  const file = path.join(dataDir, SETTINGS_FILE)
  const found = existsSync(file) ? readSettings(file) : fresh(dataDir, file)
  const { format = 0 } = found
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 0)
    throw damaged(file, `${JSON.stringify(format)} is no format`)
  if (format > FORMAT) throw tooNew(dataDir, { ...found, format }, version)
  const current = MIGRATIONS.slice(format).reduce((settings, migrate) => migrate(settings, dataDir), found)
  const settings = { ...current, format: FORMAT, version } as unknown as Settings
  refuseIncomplete(file, settings)
  keepFile(dataDir, SETTINGS_FILE, settings)
  return settings
}

export const keepSettings = (dataDir: string, settings: Settings) =>
  keepFile(dataDir, SETTINGS_FILE, settings)

/** What is asked for now wins over what was asked for before; a profile asked for anew brings its own scale. */
export function choose(before: Chosen, asked: DaemonOptions): { chosen: Chosen; running: Running } {
  const other = asked.profile !== undefined && asked.profile !== before.profile
  const profile = asked.profile ?? before.profile
  const scale = asked.scale ?? (other ? undefined : before.scale)
  const enforceIam = asked.enforceIam ?? before.enforceIam
  return {
    chosen: { profile, scale, enforceIam },
    running: {
      profile: profile ?? 'realistic',
      scale: scale ?? (profile === 'instant' ? INSTANT_SCALE : DEFAULT_SCALE),
      enforceIam: enforceIam ?? false,
    },
  }
}

/** Writes a JSON file whole, mode 0600. */
export function keepFile(dataDir: string, name: string, value: unknown): void {
  const file = path.join(dataDir, name)
  writeFileSync(`${file}.tmp`, JSON.stringify(value, null, 1), { mode: 0o600 })
  renameSync(`${file}.tmp`, file)
}

function readSettings(file: string): Raw {
  let settings: unknown
  try {
    settings = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw damaged(file, error instanceof SyntaxError ? 'it is not whole JSON' : (error as Error).message)
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw damaged(file, 'it is no JSON object')
  return settings as Raw
}

/** For a folder without settings: they are written before anything else, so data without them are of no known format. */
function fresh(dataDir: string, file: string): Raw {
  if (existsSync(path.join(dataDir, 'store'))) throw damaged(file, 'it is missing, with data beside it')
  return {
    format: FORMAT,
    seed: randomBytes(4).readUInt32BE(),
    operator: {
      // AWS: a long-term access key id is AKIA and 16 more; this one says what it is.
      accessKeyId: 'AKIALOCALMULTIREGION',
      secretAccessKey: randomBytes(30).toString('base64url'),
    },
    chosen: {},
  }
}

function refuseIncomplete(file: string, { seed, operator, chosen, port }: Settings): void {
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  if (typeof seed !== 'number') throw damaged(file, 'it has no seed')
  if (!isText(operator?.accessKeyId) || !isText(operator?.secretAccessKey))
    throw damaged(file, "it lacks the operator's key")
  if (typeof chosen !== 'object' || chosen === null) throw damaged(file, 'it does not say how to start')
  const { scale, profile, enforceIam } = chosen
  if (scale !== undefined && !(typeof scale === 'number' && scale > 0 && scale <= MOST_SCALE))
    throw damaged(file, `${JSON.stringify(scale)} is no time scale`)
  if (profile !== undefined && !PROFILES.includes(profile))
    throw damaged(file, `${JSON.stringify(profile)} is no profile`)
  if (enforceIam !== undefined && typeof enforceIam !== 'boolean')
    throw damaged(file, `${JSON.stringify(enforceIam)} does not say whether IAM is enforced`)
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw damaged(file, `${port} is no port`)
}

function tooNew(dataDir: string, { format, version }: Raw, mine: string): LocalFailure {
  const writer = typeof version === 'string' ? `multiregion ${version}` : 'a newer multiregion'
  return new LocalFailure(
    'local-data-newer',
    `The data of the local cloud in ${dataDir} are of format ${format}, written by ${writer}; this is multiregion ` +
      `${mine}, which knows formats up to ${FORMAT}. Nothing was touched.`,
    'Use that version or a newer one, or begin anew, without the items: multiregion local reset',
    { format, known: FORMAT },
  )
}
