// What every verb opens first: the config, the target, who we are there, the state and its lock. `close` gives the lock
// back whatever happened.
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Context } from '../aws/context.js'
import { kindOf } from '../aws/errors.js'
import { ownerTags } from '../aws/tags.js'
import { CloudError, ConfigError, MultiregionError } from '../base/errors.js'
import type { Emit } from '../base/events.js'
import type { Config } from '../config/schema.js'
import type { Env } from '../engine/env.js'
import type { Node } from '../engine/graph.js'
import { Ledger, type StackState } from '../engine/ledger.js'
import { limiter, type Run, turns } from '../engine/runner.js'
import { newState, readState, StateFile } from '../state/file.js'
import { acquireLock, type Lock } from '../state/lock.js'
import type { Target } from './target.js'

export interface Session {
  readonly config: Config
  readonly target: Target
  readonly account: string
  readonly partition: string
  readonly state: StateFile
  readonly ledger: Ledger
  /** True if no state was on disk. */
  readonly fresh: boolean
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Empty for the verbs that put up no code. */
  readonly bundles: Env['bundles']
  /** Counts of the calls made so far. */
  readonly calls: { total: number; mutating: number }
  /** Cloud seconds since the session was opened. */
  seconds(): number
  close(): Promise<void>
}

export interface Opening {
  readonly config: Config
  readonly target: Target
  readonly bundles?: Env['bundles']
  readonly calls: { total: number; mutating: number }
  /** For `state rebuild`: entries are not read, and a damaged state is no obstacle. */
  readonly anew?: boolean
  /** Words of the lock, as `up --local`; unset for verbs that only read. */
  readonly lockAs?: string
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** Throws CloudError without credentials, LockedError, or MultiregionError for a state that is not this account's. */
export async function openSession({
  config,
  target,
  lockAs,
  anew = false,
  emit,
  signal,
  calls,
  bundles = {},
}: Opening): Promise<Session> {
  const started = target.clock.now()
  const { account, partition } = await whoAmI(config, target)
  const lock: Lock | undefined = lockAs ? await acquireLock(target.stateFile, lockAs) : undefined
  try {
    const found = await stateOf(target.stateFile, anew)
    if (found && found.account !== account) throw otherAccount(target.stateFile, found.account, account)
    const { stack, home, regions } = config
    const state = new StateFile(
      target.stateFile,
      found ?? newState({ stack, account, partition, home, regions: [...regions] }),
    )
    if (lockAs) {
      await state.tidy()
      if (!anew) await state.backup()
    }
    return {
      config,
      target,
      account,
      partition,
      state,
      ledger: new Ledger(state),
      fresh: !found,
      emit,
      signal,
      bundles,
      calls,
      seconds: () => Math.round((target.clock.now() - started) * 10) / 10,
      close: async () => lock?.release(),
    }
  } catch (error) {
    await lock?.release()
    throw error
  }
}

/** Undefined where there is none, or where a damaged one is to be made anew. */
async function stateOf(file: string, anew: boolean): Promise<StackState | undefined> {
  try {
    const found = await readState(file)
    return found && anew ? { ...found, entries: {} } : found
  } catch (error) {
    if (anew && error instanceof MultiregionError && error.code === 'state') return undefined
    throw error
  }
}

/** The engine's world, for a known environment. */
export function runOf(session: Session, env: Env): Run {
  const { target, ledger, emit, signal, config } = session
  const zips = new Map(Object.values(env.bundles).map(({ sha256, zip }) => [sha256, zip]))
  const context = ({ address, site }: Node, token: string): Context =>
    // The clients are getters, made when a step first asks for them.
    Object.defineProperties(
      {
        region: site.region,
        in: target.clients,
        tags: ownerTags(config.stack, ledger.state.lineage, address),
        lineage: ledger.state.lineage,
        token,
        superseded: ledger.entry(address)?.superseded ?? [],
        zipOf: (sha256: string) => zips.get(sha256)!,
      },
      Object.getOwnPropertyDescriptors(target.clients(site.region)),
    ) as Context
  return { clock: target.clock, ledger, env, emit, signal, context, limit: limiter(16), turn: turns() }
}

/** Asked of the home region; of another, where the home does not answer. */
export async function whoAmI(
  config: Config,
  target: Target,
): Promise<{ account: string; partition: string }> {
  let last: unknown
  for (const region of config.regions) {
    try {
      const { Account, Arn } = await target.clients(region).sts.send(new GetCallerIdentityCommand({}))
      return { account: Account!, partition: Arn!.split(':')[1]! }
    } catch (error) {
      last = error
      if (kindOf(error) !== 'unavailable') break
    }
  }
  throw notWho(last, target)
}

function notWho(error: unknown, target: Target): MultiregionError {
  const message = error instanceof Error ? error.message : String(error)
  const kind = kindOf(error)
  if (kind === 'credentials')
    return new CloudError(
      `AWS does not know who is calling: ${message}`,
      'Give credentials (aws configure, aws sso login, or AWS_PROFILE=name), or rehearse without an account: multiregion up --local --yes',
      { code: (error as Error).name, operation: 'GetCallerIdentity' },
      error,
    )
  const endpoint = process.env.AWS_ENDPOINT_URL
  return new CloudError(
    `The account cannot be found out: ${message || (error as Error)?.name}`,
    endpoint
      ? `Calls go to AWS_ENDPOINT_URL=${endpoint}; see that it runs and has STS, or unset it.`
      : target.local
        ? 'Look at the local cloud: multiregion local status, multiregion local logs'
        : 'Check the network and the AWS status page, then run the same command again.',
    { operation: 'GetCallerIdentity' },
    error,
  )
}

const otherAccount = (file: string, theirs: string, ours: string) =>
  new MultiregionError(
    'wrong-account',
    `The state ${file} belongs to account ${theirs}, but these credentials are of account ${ours}`,
    'Use the credentials of that account (AWS_PROFILE=name), or another stage in the config for this one.',
  )

/** What a later version may learn to do: until then it is refused before anything is touched. */
export function refuseLeftOut({ config, ledger }: Session): void {
  const { state } = ledger
  const gone = new Set(
    Object.keys(state.entries)
      .map((address) => address.split('/')[1]!)
      .filter((region) => !config.regions.some((known) => known === region)),
  )
  if (gone.size > 0)
    throw new ConfigError(
      `regions: ${[...gone].join(', ')} was taken out of the config, but resources of this stack stand there`,
      'Put it back. Taking a region out is not possible for now; multiregion down removes the whole stack.',
      { file: config.file, path: 'regions' },
    )
  if (Object.keys(state.entries).length > 0 && state.home !== config.home)
    throw new ConfigError(
      `regions: the home region of this stack is ${state.home}, but the config now begins with ${config.home}`,
      `Put ${state.home} first again: the tables were replicated from there.`,
      { file: config.file, path: 'regions.0' },
    )
}
