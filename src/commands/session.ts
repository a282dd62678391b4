// What every verb opens first: the config, the target, who we are there, the state and its lock. `close` gives the lock
// back whatever happened.
import { setMaxListeners } from 'node:events'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Context } from '../aws/context.js'
import { kindOf } from '../aws/errors.js'
import { ownerTags } from '../aws/tags.js'
import { CancelledError, CloudError, ConfigError, type MultiregionError } from '../base/errors.js'
import type { Emit } from '../base/events.js'
import type { Config } from '../config/schema.js'
import type { Env } from '../engine/env.js'
import { Ledger, type StackState } from '../engine/ledger.js'
import { limiter, type Run, turns } from '../engine/runner.js'
import type { MovableState } from '../state/saves.js'
import { cutAfter } from './cut.js'
import { openPlace, type Place, type Shared } from './place.js'
import type { Target } from './target.js'

export interface Session {
  readonly config: Config
  readonly target: Target
  readonly account: string
  readonly partition: string
  readonly state: MovableState
  /** The control table, where the state is shared or about to be. */
  readonly shared?: Shared
  readonly ledger: Ledger
  /** True if there was no state. */
  readonly fresh: boolean
  /** For `state rebuild`: what was there, if it can be read. */
  readonly former?: StackState
  /** For `state rebuild`: what was there cannot be read. */
  readonly damaged: boolean
  /** Regions of which the state does not know whether they are drained, and since when not: see `drain.ts`. */
  readonly doubted: Place['doubted']
  readonly guard: Place['guard']
  readonly emit: Emit
  /** Aborts on Ctrl-C, and when the lease of a shared state is lost. */
  readonly signal: AbortSignal
  /** As the lock says it; unset for verbs that only read. */
  readonly lockAs?: string
  /** Empty for the verbs that put up no code. */
  readonly bundles: Env['bundles']
  /** Counts of the calls made so far. */
  readonly calls: { total: number; mutating: number }
  /** Cloud seconds since the session was opened. */
  seconds(): number
  /** The control table has come, or is gone. */
  share(shared: Shared | undefined): void
  onLost(error: MultiregionError): void
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
  /** Goes on without writing where the home of a shared state does not answer. */
  readonly detachable?: boolean
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** Throws CloudError without credentials, LockedError, or MultiregionError for a state that is not this account's. */
export async function openSession(opening: Opening): Promise<Session> {
  const { config, target, lockAs, anew = false, detachable = false, emit, calls, bundles = {} } = opening
  const started = target.clock.now()
  const fenced = new AbortController()
  const signal = AbortSignal.any([opening.signal, fenced.signal])
  // Every node that waits listens.
  setMaxListeners(0, signal)
  if (target.fence) target.fence.cut = cutAfter(opening.signal, target.clock)
  const { account, partition } = await whoAmI(config, target)
  const onLost = (error: MultiregionError) => fenced.abort(error)
  const place = await openPlace({ ...opening, account, partition, anew, detachable, onLost })
  let { shared } = place
  if (target.fence) target.fence.check = (call) => shared?.lease?.check(call)
  return {
    config,
    target,
    account,
    partition,
    state: place.state,
    get shared() {
      return shared
    },
    ledger: new Ledger(place.state, target.world),
    fresh: place.fresh,
    damaged: place.damaged === true,
    ...(place.former && { former: place.former }),
    doubted: place.doubted,
    guard: place.guard,
    emit,
    signal,
    bundles,
    calls,
    ...(lockAs && { lockAs }),
    seconds: () => Math.round((target.clock.now() - started) * 10) / 10,
    share: (next) => {
      shared = next
    },
    onLost,
    close: async () => {
      await shared?.lease?.release()
      await place.close()
    },
  }
}

/** The engine's world, for a known environment. `adopts`: addresses, as given with `--adopt`. */
export function runOf(session: Session, env: Env, adopts: readonly string[] = []): Run {
  const { target, ledger, emit, signal, config } = session
  const zips = new Map(Object.values(env.bundles).map(({ sha256, zip }) => [sha256, zip]))
  const context: Run['context'] = ({ address, site }, token, once) =>
    // The clients are getters, made when a step first asks for them.
    Object.defineProperties(
      {
        region: site.region,
        in: (region: string) => target.clients(region, once),
        tags: ownerTags(config.stack, ledger.state.lineage, address),
        lineage: ledger.state.lineage,
        token,
        superseded: ledger.entry(address)?.superseded ?? [],
        zipOf: (sha256: string) => zips.get(sha256)!,
      },
      Object.getOwnPropertyDescriptors(target.clients(site.region, once)),
    ) as Context
  const { clock, world } = target
  const random = () => world.random()
  const asked = { adopts: new Set(adopts), limit: limiter(16), turn: turns() }
  return { clock, random, ledger, env, emit, signal, context, ...asked }
}

/** What the state has of the engine's world: of the zone its id, of the code nothing. */
export function recordedEnv({ account, partition, ledger }: Session): Env {
  const { drained, entries } = ledger.state
  const zones = Object.values(entries).map(
    ({ desired }) => (desired as { zoneId?: string } | undefined)?.zoneId,
  )
  const id = zones.find((zoneId) => zoneId !== undefined) ?? ''
  return { account, partition, hostedZone: { id, name: '' }, bundles: {}, drained }
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
      if (error instanceof CancelledError) throw error
      last = error
      if (kindOf(error) !== 'unavailable') break
    }
  }
  throw notWho(last, target)
}

function notWho(error: unknown, target: Target): MultiregionError {
  const said = error instanceof Error ? error.message : String(error)
  // The only files that this call reads are those of credentials, as that of a web identity.
  const isFile = /^(ENOENT|EACCES|EISDIR)$/.test((error as { code?: string }).code ?? '')
  // As a newline or another letter than ASCII's in a key makes a header that cannot be sent.
  const isNoHeader = (error as { code?: string }).code === 'ERR_INVALID_CHAR'
  const kind = isFile || isNoHeader ? 'credentials' : kindOf(error)
  const message = isNoHeader ? `the credentials hold a character that no key has: ${said}` : said
  // A proxy's password may stand in it.
  const endpoint = process.env.AWS_ENDPOINT_URL?.replace(/\/\/.*@/, '//')
  const profile = !target.local && process.env.AWS_PROFILE
  if (kind === 'credentials')
    return new CloudError(
      `AWS does not know who is calling${profile ? ` with AWS_PROFILE=${profile}` : ''}: ${message}`,
      target.local && endpoint
        ? `Calls go to AWS_ENDPOINT_URL=${endpoint}, which is not this project's local cloud. Unset it, then run the same command again.`
        : `${profile ? `See that ${profile} is among those that aws configure list-profiles shows, and has credentials. Or give` : 'Give'} credentials (aws configure, aws sso login, or AWS_PROFILE=name; aws sts get-caller-identity tells what is wrong with those that there are), or rehearse without an account: multiregion up --local --yes`,
      { code: (error as Error).name, operation: 'GetCallerIdentity' },
      error,
    )
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
  refuseOtherHome(config, state)
}

/** Throws ConfigError where the config begins with another region than what stands. */
export function refuseOtherHome(config: Config, state: StackState): void {
  if (Object.keys(state.entries).length > 0 && state.home !== config.home)
    throw new ConfigError(
      `regions: the home region of this stack is ${state.home}, but the config now begins with ${config.home}`,
      `Put ${state.home} first again: the tables were replicated from there.`,
      { file: config.file, path: 'regions.0' },
    )
}
