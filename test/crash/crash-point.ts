// Where and when a run is killed: the mutating calls of a verb, as a quiet run makes them, at five instants each. How the
// process comes to kill itself there is `kill-hook.mjs`'s; what is asked afterwards is `crash-life.ts`'s.

/**
 * `unsent`: the call is about to leave. `unanswered`: it was applied, nobody has read the answer. `unrecorded`: answered,
 * the next save has not begun. Half-written state: `torn`, the file beside has half of its text; `unrenamed`, it has all.
 */
export const INSTANTS = ['unsent', 'unanswered', 'unrecorded', 'torn', 'unrenamed'] as const
export type Instant = (typeof INSTANTS)[number]

export const VERBS = ['up', 'failover', 'failback', 'down'] as const
export type Verb = (typeof VERBS)[number]

export interface CrashCase {
  readonly regions: number
  readonly verb: Verb
  /** `iam:CreateRole@us-east-1#3`: the third such call there. */
  readonly point: string
  readonly instant: Instant
}

/** After these no state is saved: they belong to the proof. */
export const isOfProof = (point: string) => /^(execute-api:|dynamodb:DeleteItem)/.test(point)

/** Every instant at every point of these verbs; `points` is by verb. */
export const casesOf = (
  regions: number,
  points: Readonly<Record<Verb, readonly string[]>>,
  { verbs = VERBS, instants = INSTANTS }: { verbs?: readonly Verb[]; instants?: readonly Instant[] } = {},
): CrashCase[] =>
  verbs.flatMap((verb) =>
    points[verb].flatMap((point) =>
      instants
        .filter((instant) => !isOfProof(point) || instant === 'unsent' || instant === 'unanswered')
        .map((instant) => ({ regions, verb, point, instant })),
    ),
  )

/**
 * Rounds that go once through all points, in the order of the seed, each point at another instant than its neighbour and
 * than in the rounds before: wherever a run ends, it has spread what it had time for.
 */
export function inRounds(cases: readonly CrashCase[], seed: number): CrashCase[] {
  const points = new Map<string, CrashCase[]>()
  for (const one of cases) {
    const key = `${one.verb} ${one.point}`
    points.set(key, [...(points.get(key) ?? []), one])
  }
  const turned = shuffled([...points.values()], seed).map((all, at) =>
    all.map((_, round) => all[(round + at + seed) % all.length]!),
  )
  return INSTANTS.flatMap((_, round) => turned.flatMap((all) => (all[round] ? [all[round]] : [])))
}

/** In the order in which one stack can live through them, verb after verb, so that hardly a run is made for its end only. */
export function woven(cases: readonly CrashCase[]): CrashCase[] {
  const queues = VERBS.map((verb) => cases.filter((one) => one.verb === verb))
  const longest = Math.max(...queues.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) =>
    queues.flatMap((queue) => (queue[at] ? [queue[at]] : [])),
  ).flat()
}

/** The same order for the same seed. */
function shuffled<T>(all: readonly T[], seed: number): T[] {
  let state = seed >>> 0
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return all
    .map((value) => ({ value, key: random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ value }) => value)
}
