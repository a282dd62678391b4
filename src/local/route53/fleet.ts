// The health checkers at work: for each check of an endpoint a loop that probes, staggered over its interval, and
// keeps what every checker concluded. `checker.ts` has the rules, `prober.ts` the probe itself.
import { setMaxListeners } from 'node:events'
import type { HealthCheckConfig } from '@aws-sdk/client-route-53'
import {
  type CheckerState,
  type Health,
  healthFrom,
  newCheckers,
  observe,
  type ProbeResult,
} from './checker.js'
import type { Context } from './context.js'
import type { FindEndpoint } from './endpoint.js'
import type { HealthProber } from './prober.js'
import type { HealthCheckState } from './state.js'

// On a fast clock the checkers are due within milliseconds of each other: those that are due within this time
// (real, milliseconds) share one probe, which keeps the load of a scaled cloud near that of a real one.
const SHARED_MS = 250
const SHORTEST_PAUSE_MS = 20

interface Watch {
  readonly stop: AbortController
  checkers: CheckerState[]
  /** When each checker is due next, real epoch milliseconds; by its address, as are those with a probe under way. */
  dueAt: Map<string, number>
  readonly probing: Set<string>
  /** The health that DNS goes by until that instant, as the checkers' newer conclusion is still on its way there. */
  told?: { readonly healthy: boolean; readonly until: number }
}

export class Fleet {
  readonly #context: Context
  readonly #findEndpoint: FindEndpoint
  readonly #prober: HealthProber
  readonly #watches = new Map<string, Watch>()
  #started = false

  constructor(context: Context, findEndpoint: FindEndpoint, prober: HealthProber) {
    this.#context = context
    this.#findEndpoint = findEndpoint
    this.#prober = prober
  }

  /** Starts the checkers of every check that is kept. */
  start(): void {
    this.#started = true
    for (const id of this.#context.state.healthChecks.keys()) this.watch(id)
  }

  close(): void {
    for (const { stop } of this.#watches.values()) stop.abort()
    this.#watches.clear()
    this.#started = false
  }

  /** Starts the checkers of one check, unless they are at work or the check has no endpoint. */
  watch(id: string): void {
    const check = this.#context.state.healthChecks.get(id)
    if (!this.#started || !check || check.config.Type === 'CALCULATED' || this.#watches.has(id)) return
    const stop = new AbortController()
    setMaxListeners(0, stop.signal)
    const watch: Watch = { stop, checkers: [], dueAt: new Map(), probing: new Set() }
    this.#watches.set(id, watch)
    this.#staff(watch, check, this.#context.state.checkers.get(id))
    void this.#run(id, watch)
  }

  /** Ends the checkers of a check that was deleted, and forgets what they saw. */
  forget(id: string): void {
    this.#watches.get(id)?.stop.abort()
    this.#watches.delete(id)
    this.#prober.forget(id)
    this.#context.state.checkers.delete(id)
  }

  /** What each checker of a check last saw. */
  checkersOf(id: string): readonly CheckerState[] {
    return this.#watches.get(id)?.checkers ?? this.#context.state.checkers.get(id) ?? []
  }

  /** The health of a check as DNS goes by it; undefined for a check that is not there. */
  healthOf(id: string): Health | undefined {
    const concluded = this.#concluded(id)
    const told = this.#watches.get(id)?.told
    if (!concluded || !told || this.#context.world.clock.now() >= told.until) return concluded
    return { ...concluded, healthy: told.healthy }
  }

  /** What follows from the checkers' newest verdicts. */
  #concluded(id: string): Health | undefined {
    const check = this.#context.state.healthChecks.get(id)
    if (!check) return undefined
    const config = effectiveConfig(check, this.#context.world.clock.now())
    return healthFrom(config, this.checkersOf(id), (child) => this.isHealthy(child))
  }

  /** AWS: what becomes of records whose check was deleted cannot be predicted; here they count as healthy. */
  isHealthy(id: string): boolean {
    return this.healthOf(id)?.healthy ?? true
  }

  /** Gives the check the checkers that its regions ask for; those that it keeps go on where they are. */
  #staff(watch: Watch, check: HealthCheckState, known: readonly CheckerState[] = []): void {
    const { clock } = this.#context.world
    const config = effectiveConfig(check, clock.now())
    const fresh = newCheckers(config.Regions)
    if (
      fresh.length === watch.checkers.length &&
      fresh.every((c, i) => c.address === watch.checkers[i]?.address)
    )
      return
    const before = [...known, ...watch.checkers]
    watch.checkers = fresh.map(
      (checker) => before.find(({ address }) => address === checker.address) ?? checker,
    )
    const stagger = intervalOf(config) / fresh.length
    watch.dueAt = new Map(fresh.map(({ address }, index) => [address, clock.after(stagger * index)]))
  }

  async #run(id: string, watch: Watch): Promise<void> {
    const { clock } = this.#context.world
    const { signal } = watch.stop
    while (!signal.aborted) {
      const check = this.#context.state.healthChecks.get(id)
      if (!check) return
      this.#staff(watch, check)
      const config = effectiveConfig(check, clock.now())
      this.#probeDue(id, watch, config)
      const pause = Math.max(firstDue(watch) - clock.now(), SHORTEST_PAUSE_MS)
      await clock.sleep((pause / 1000) * clock.scale, signal)
    }
  }

  /** One probe for all checkers that are due and not still at their last one. */
  #probeDue(id: string, watch: Watch, config: HealthCheckConfig): void {
    const { clock } = this.#context.world
    const now = clock.now()
    if (firstDue(watch) > now) return
    const intervalMs = clock.after(intervalOf(config)) - now
    const due = watch.checkers.filter(({ address }) => watch.dueAt.get(address)! <= now + SHARED_MS)
    for (const { address } of due) {
      const at = watch.dueAt.get(address)!
      const missed = Math.max(0, Math.floor((now - at) / intervalMs))
      watch.dueAt.set(address, at + (missed + 1) * intervalMs)
    }
    const idle = due.filter(({ address }) => !watch.probing.has(address))
    if (!idle.length || config.Disabled) return
    const addresses = new Set(idle.map(({ address }) => address))
    for (const address of addresses) watch.probing.add(address)
    void this.#probe(id, watch, config, idle[0]!.region).then((result) => {
      for (const address of addresses) watch.probing.delete(address)
      if (!watch.stop.signal.aborted) this.#record(id, watch, addresses, result)
    })
  }

  async #probe(id: string, watch: Watch, config: HealthCheckConfig, region: string): Promise<ProbeResult> {
    const endpoint = this.#findEndpoint(config, region)
    if (typeof endpoint === 'string') return { success: false, status: `Failure: ${endpoint}` }
    return this.#prober.probe(id, config, endpoint, watch.stop.signal)
  }

  /** The one place where a checker's view changes. Verdicts are kept on disk, so that a restart forgets none. */
  #record(id: string, watch: Watch, addresses: ReadonlySet<string>, result: ProbeResult): void {
    const { world, state } = this.#context
    const check = state.healthChecks.get(id)
    if (!check) return
    const [before, told] = [this.#concluded(id), this.healthOf(id)]
    const verdicts = verdictsOf(watch.checkers)
    const threshold = effectiveConfig(check, world.clock.now()).FailureThreshold ?? 3
    watch.checkers = watch.checkers.map((checker) =>
      addresses.has(checker.address) ? observe(checker, result, threshold, world.clock.now()) : checker,
    )
    if (verdictsOf(watch.checkers) !== verdicts) state.checkers.set(id, watch.checkers)
    const after = this.#concluded(id)
    if (told && after && after.healthy !== before?.healthy) {
      watch.told = { healthy: told.healthy, until: world.clock.after(world.takes('route53.health-told')) }
      world.log(
        `route53: health check ${id} is ${after.healthy ? 'healthy' : 'unhealthy'}: ${after.reason}; ${result.status}`,
      )
    }
  }
}

const firstDue = (watch: Watch) => Math.min(...watch.dueAt.values())
const intervalOf = ({ RequestInterval }: HealthCheckConfig) => RequestInterval ?? 30
const verdictsOf = (checkers: readonly CheckerState[]) => checkers.map(({ verdict }) => verdict).join()

/** The settings by which the checkers work: an update reaches them some time after it was made. */
export const effectiveConfig = (check: HealthCheckState, now: number): HealthCheckConfig =>
  (now < check.effectiveAt && check.configBefore) || check.config
