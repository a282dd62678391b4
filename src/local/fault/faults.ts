// The faults of one cloud: rules that are kept in the store, so that they outlive a kill of the process, and what they do to
// a call, a region and replication now. What a rule may say is `rule.ts`'s; who asks stands in `ports.ts`.
import { setMaxListeners } from 'node:events'
import { LocalFailure } from '../failure.js'
import type { CallFaults, EdgeFaults, FaultPort, FaultyCall, Say } from '../ports.js'
import { NoAnswer } from '../wire/errors.js'
import type { World } from '../world.js'
import { readFault, type Served } from './read-fault.js'
import {
  EXECUTE_API,
  type FaultInput,
  type FaultRule,
  type FaultView,
  isOutage,
  isolates,
  matches,
} from './rule.js'

export interface Faults extends FaultPort, CallFaults, EdgeFaults {
  /** Adds a rule. Throws LocalFailure. */
  add(input: FaultInput): FaultView
  /** Oldest first; those that are over stay until they are cleared. */
  list(): FaultView[]
  /** Removes one, or all; tells how many. Throws LocalFailure for an id that is not there. */
  clear(id?: string): number
  close(): void
}

const MOST_RULES = 100

export function openFaults(world: World, served: () => Served): Faults {
  const { clock, store } = world
  const rules = store.collection<FaultRule>('fault.rule')
  const counter = store.collection<number>('fault.counter')
  /** Of each rule: aborted when it is over, by which whom it holds is let go. */
  const ends = new Map<string, AbortController>()
  const listeners = new Set<() => void>()
  const closing = new AbortController()

  const isActive = ({ count, hits, until }: FaultRule) =>
    (count === undefined || hits < count) && (until === undefined || clock.now() < until)
  const inOrder = () => [...rules.values()].sort((one, other) => Number(one.id) - Number(other.id))
  // Asked at every call, and most clouds have no faults.
  const active = () => (rules.size ? inOrder().filter(isActive) : [])
  const overOf = ({ id }: FaultRule) => ends.get(id)?.signal ?? AbortSignal.abort()

  function changed(): void {
    for (const listener of listeners) listener()
  }

  /** Ends it in time. */
  function begin({ id, until }: FaultRule): void {
    const end = new AbortController()
    // Whoever is held listens.
    setMaxListeners(0, end.signal)
    ends.set(id, end)
    if (until === undefined) return
    const signal = AbortSignal.any([end.signal, closing.signal])
    void clock.sleep(-clock.since(until), signal).then(() => {
      if (!signal.aborted) finish(id)
    })
  }

  function finish(id: string): void {
    ends.get(id)?.abort()
    ends.delete(id)
    changed()
  }

  function hit(rule: FaultRule): void {
    rules.set(rule.id, { ...rule, hits: rule.hits + 1 })
  }

  const isChosen = ({ rate = 1 }: FaultRule) => rate >= 1 || world.random() < rate

  /** All latencies that match add up; of the other rules the oldest that matches acts. */
  function meet(call: FaultyCall): { latencyMs: number; act?: FaultRule } {
    let latencyMs = 0
    let act: FaultRule | undefined
    for (const rule of active()) {
      const isLatency = rule.kind === 'latency'
      if ((act && !isLatency) || !matches(rule, call) || !isChosen(rule)) continue
      hit(rule)
      if (isLatency) latencyMs += latencyOf(rule)
      else act = rule
    }
    return { latencyMs, act }
  }

  const latencyOf = ({ latencyMs = 0, jitterMs = 0 }: FaultRule) =>
    Math.max(0, latencyMs + jitterMs * (2 * world.random() - 1))

  const viewOf = (rule: FaultRule): FaultView => ({
    ...rule,
    active: isActive(rule),
    ...(rule.count !== undefined && { hitsLeft: Math.max(0, rule.count - rule.hits) }),
    ...(rule.until !== undefined && { secondsLeft: Math.max(0, -clock.since(rule.until)) }),
  })

  for (const rule of active()) begin(rule)

  return {
    add(input) {
      const fault = readFault(input, served())
      if (rules.size >= MOST_RULES)
        throw new LocalFailure('fault-refused', `There are ${MOST_RULES} faults already.`, CLEAR_ALL)
      const id = String((counter.get('last') ?? 0) + 1)
      counter.set('last', Number(id))
      const end = fault.forSeconds === undefined ? {} : { until: clock.after(fault.forSeconds) }
      const rule: FaultRule = { id, ...fault, addedAt: clock.now(), ...end, hits: 0 }
      rules.set(id, rule)
      begin(rule)
      changed()
      return viewOf(rule)
    },

    list: () => inOrder().map(viewOf),

    clear(id) {
      if (id !== undefined && !rules.has(id))
        throw new LocalFailure('no-fault', `There is no fault ${id}.`, 'See: multiregion local fault list')
      const gone = id === undefined ? [...rules.keys()] : [id]
      for (const each of gone) rules.delete(each)
      for (const each of gone) finish(each)
      return gone.length
    },

    async pass<T>(call: FaultyCall, effect: () => Promise<T>, say: Say<T>): Promise<T> {
      const { latencyMs, act } = meet(call)
      // Nobody hears of a hit that a kill could take back.
      if (latencyMs || act) await store.flush()
      if (latencyMs) await new Promise((resolve) => setTimeout(resolve, latencyMs))
      return act ? suffer(act, overOf(act), effect, say) : effect()
    },

    outage(region, isMet = false) {
      const call = { plane: 'data', region, service: EXECUTE_API, operation: 'Invoke' } as const
      const rule = active().find((each) => isOutage(each) && matches(each, call))
      if (rule && isMet) hit(rule)
      return rule && { how: rule.how ?? 'refuse', over: overOf(rule) }
    },

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    replication(from, to) {
      let lagSeconds = 0
      let paused = false
      for (const rule of active()) {
        const isOnWay = (rule.from ?? from) === from && (rule.to ?? to) === to
        if (rule.kind === 'replication-lag' && isOnWay) lagSeconds += rule.seconds ?? 0
        if (rule.kind === 'replication-paused' && isOnWay) paused = true
        if (isolates(rule, from) || isolates(rule, to)) paused = true
      }
      return { paused, lagSeconds }
    },

    close() {
      closing.abort()
      for (const end of ends.values()) end.abort()
    },
  }
}

const CLEAR_ALL = 'Clear them: multiregion local fault clear --all'

/** What one rule does to a call. */
async function suffer<T>(
  rule: FaultRule,
  over: AbortSignal,
  effect: () => Promise<T>,
  say: Say<T>,
): Promise<T> {
  switch (rule.kind) {
    case 'throttle':
      return say('throttle')
    case 'error':
      if (rule.after) await effect()
      return say(rule.status ?? 500)
    case 'lost':
      // An answer that is an error is lost as well.
      await effect().catch(() => undefined)
      throw new NoAnswer('close', over)
    case 'black-hole':
      throw new NoAnswer('hang', over)
    case 'region-out':
    case 'service-out':
      throw new NoAnswer(rule.how === 'hang' ? 'hang' : 'reset', over)
    default:
      throw new NoAnswer('reset', over)
  }
}
