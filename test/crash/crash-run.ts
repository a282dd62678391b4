// `npm run crash`: kill -9 of the real CLI at every mutating call of `up`, `failover`, `failback` and `down`, at every
// instant, each followed by the same command and a count of what stands. One line a case, a summary of JSON at the end.
import { parseArgs } from 'node:util'
import { CrashLife } from './crash-life.js'
import {
  type CrashCase,
  casesOf,
  INSTANTS,
  type Instant,
  inRounds,
  VERBS,
  type Verb,
  woven,
} from './crash-point.js'

const { values } = parseArgs({
  options: {
    regions: { type: 'string', default: '2,3' },
    verbs: { type: 'string', default: VERBS.join() },
    instants: { type: 'string', default: INSTANTS.join() },
    /** Only the points that begin so, as `lambda:`; the whole name replays one case. */
    point: { type: 'string', default: '' },
    /** The first so many of a hundred cases; each point is met once before any is met twice. */
    percent: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    /** Stacks that live at the same time. */
    jobs: { type: 'string', default: '2' },
    /** Begins no other case after so long. */
    minutes: { type: 'string', default: '600' },
  },
})
const verbs = values.verbs.split(',') as Verb[]
const instants = values.instants.split(',') as Instant[]

interface Count {
  cases: number
  killed: number
  failed: number
}
const begun = performance.now()
const summary: Record<string, Count & { points: number }> = {}
const failures: string[] = []

for (const regions of values.regions.split(',').map(Number)) {
  const lives = await Promise.all(Array.from({ length: Number(values.jobs) }, () => CrashLife.start(regions)))
  try {
    const points = await lives[0]!.points()
    for (const verb of verbs)
      summary[keyOf(regions, verb)] = { points: points[verb].length, cases: 0, killed: 0, failed: 0 }
    const all = casesOf(regions, points, { verbs, instants }).filter(({ point }) =>
      point.startsWith(values.point),
    )
    const ordered = inRounds(all, Number(values.seed))
    const chosen = ordered.slice(0, Math.ceil((ordered.length * Number(values.percent)) / 100))
    const lanes = lives.map((_, lane) => woven(chosen.filter((_, at) => at % lives.length === lane)))
    await Promise.all(lives.map((life, lane) => through(life, lanes[lane]!)))
  } finally {
    for (const life of lives) await life.end()
  }
}
console.log(
  JSON.stringify(
    { seed: Number(values.seed), minutes: Math.round(minutesSince()), failures: failures.length, ...summary },
    null,
    1,
  ),
)
if (failures.length > 0) console.log(`Replay with\n${failures.join('\n')}`)
process.exitCode = failures.length > 0 ? 1 : 0

function minutesSince(): number {
  return (performance.now() - begun) / 60_000
}

function keyOf(regions: number, verb: Verb): string {
  return `${verb} in ${regions} regions`
}

async function through(life: CrashLife, cases: readonly CrashCase[]): Promise<void> {
  for (const one of cases) {
    if (minutesSince() >= Number(values.minutes)) return
    const { regions, verb, point, instant } = one
    const count = summary[keyOf(regions, verb)]!
    const words = `${verb} ${regions} ${point} ${instant}`
    const since = performance.now()
    const seconds = () => `${Math.round((performance.now() - since) / 100) / 10} s`
    count.cases++
    try {
      const killed = await life.crash(one)
      if (killed) count.killed++
      console.log(`${killed ? 'ok      ' : 'not met '} ${words} ${seconds()}`)
    } catch (error) {
      count.failed++
      failures.push(
        `npm run crash -- --regions ${regions} --verbs ${verb} --instants ${instant} --point '${point}' --jobs 1`,
      )
      console.log(`FAILED   ${words} ${seconds()}\n${error instanceof Error ? error.message : error}`)
      await life.reset()
    }
  }
}
