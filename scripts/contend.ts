// `npm run contend -- --runs 100 --processes 2..4 --backend file|global-table [--seed 7] [--kills 0.1]`: real processes of the
// CLI at once on one stack of a local cloud, some of them killed, and an audit of the cloud (never of the state): nothing
// twice, no lock given away under a living run, and every few runs a quiet `up` that makes the stack whole.
import assert from 'node:assert/strict'
import { setTimeout as later } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Census, censusOf, NOTHING, WHOLE } from '../test/journeys/census.js'
import { Project } from '../test/journeys/project.js'
import { type Held, type LockWatch, watchFile, watchTable } from './lock-watch.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    processes: { type: 'string', default: '2..4' },
    backend: { type: 'string', default: 'file' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    kills: { type: 'string', default: '0.1' },
  },
})
const [fewest = 2, most = 4] = values.processes.split('..').map(Number)
const isShared = values.backend === 'global-table'
assert.ok(isShared || values.backend === 'file', `--backend ${values.backend}: file or global-table`)

/** mulberry32. Which processes meet depends on the machine's scheduler as well. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
const random = seeded(Number(values.seed))
const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!

const UP = ['up', '--yes', '--no-proof']
const VERBS: readonly (readonly string[])[] = [
  ...[UP, UP, UP],
  ['failover', '--region', 'eu-west-1'],
  ['failover', '--region', 'us-east-1'],
  ['failback', '--region', 'eu-west-1'],
  ['failback', '--region', 'us-east-1'],
  ['down', '--yes'],
]
const QUIET_EVERY = 10
/** Refusals that say why, beside exit 4: what a switch says where the stack is down, or the other region drained. */
const REFUSALS =
  /error: (There is no state of |The state of .* which is gone: another machine has|The stack .* is not up|No other region than|This did not come true|DNS has moved)/

interface Ran {
  readonly words: string
  readonly pid: number
  readonly killed: boolean
  readonly code: number | null
  readonly stderr: string
  readonly endedAt: number
}

const machines = [new Project(), ...(isShared ? [new Project()] : [])]
const tally: Record<string, number> = {}
const count = (what: string) => {
  tally[what] = (tally[what] ?? 0) + 1
}
let problems = 0
const problem = (text: string) => {
  problems++
  process.stdout.write(`PROBLEM ${text}\n`)
}

function one(project: Project, args: readonly string[]): Promise<Ran> {
  const delayMs = random() * 300
  const killed = random() < Number(values.kills)
  const killMs = 200 + random() * 2500
  return later(delayMs).then(
    () =>
      new Promise((resolve) => {
        const child = project.start(...args, '--local')
        let stderr = ''
        child.stderr?.on('data', (chunk) => {
          stderr += chunk
        })
        child.stdout?.resume()
        const timer = killed ? setTimeout(() => child.kill('SIGKILL'), killMs) : undefined
        child.on('close', (code, signal) => {
          clearTimeout(timer)
          const words = `${args.join(' ')} (pid ${child.pid})`
          const ended = { words, pid: child.pid!, code, stderr, endedAt: performance.now() }
          resolve({ ...ended, killed: signal === 'SIGKILL' })
        })
      }),
  )
}

function judge(run: number, { words, killed, code, stderr }: Ran, anyKilled: boolean): void {
  const [verb] = words.split(' ')
  count(killed ? `${verb} killed` : `${verb} exit ${code}`)
  if (killed || code === 0) return
  if (code === 4 && /lost the lease/.test(stderr))
    count(anyKilled ? 'overtaken' : 'overtaken by a living run')
  const expected = code === 4 || (code === 1 && REFUSALS.test(stderr))
  if (!expected) problem(`run ${run}: ${words} ended with ${code}:\n${stderr.slice(-800)}`)
}

/** A lock that is gone while its run goes on was given away by somebody else. */
function judgeLocks(run: number, held: readonly Held[], ran: readonly Ran[]): void {
  const GRACE_MS = 3000
  for (const { pid, nonce, goneAt } of held) {
    const owner = ran.find((one) => one.pid === pid)
    if (owner && goneAt !== undefined && owner.endedAt - goneAt > GRACE_MS)
      problem(
        `run ${run}: the lock ${nonce} of ${owner.words} was gone ${Math.round(owner.endedAt - goneAt)} ms before its end`,
      )
  }
}

function judgeCensus(run: number, counted: Census, whole: Census, exact: boolean): void {
  for (const [what, most] of Object.entries(whole)) {
    const found = counted[what] ?? 0
    // The shared state is items, too.
    if (what === 'items' && most === 0 && isShared && whole !== NOTHING) continue
    // What was replaced waits to be swept after a kill, and the item of a killed proof for the next proof.
    const mayWait = ['deployments', 'policyVersions', 'items'].includes(what)
    if (exact ? found !== most : found > most && !mayWait)
      problem(`run ${run}: ${found} ${what} stand, where ${exact ? '' : 'at most '}${most} should`)
  }
}

async function main(): Promise<void> {
  const [first, second] = machines as [Project, Project?]
  for (const project of machines)
    project.edit((config) => {
      config.state = { backend: values.backend, leaseSeconds: 5 }
    })
  assert.equal((await first.run('local', 'start', '--profile', 'instant')).code, 0)
  second?.joinCloudOf(first)
  const census = await censusOf(first)
  const whole = isShared ? { ...WHOLE, tables: WHOLE.tables! * 2 } : WHOLE
  const watch: LockWatch = isShared ? watchTable(await first.environment()) : watchFile(first.folder)
  await first.json('up', '--local', '--yes', '--no-proof')
  const runs = Number(values.runs)
  for (let run = 1; run <= runs; run++) {
    const size = fewest + Math.floor(random() * (most - fewest + 1))
    watch.begin()
    const ran = await Promise.all(Array.from({ length: size }, () => one(pick(machines), pick(VERBS))))
    const held = watch.end()
    count(`${size} processes`)
    for (const each of ran)
      judge(
        run,
        each,
        ran.some(({ killed }) => killed),
      )
    judgeLocks(run, held, ran)
    judgeCensus(run, await census(), whole, false)
    if (run % QUIET_EVERY === 0 || run === runs) {
      const quiet = await pick(machines).run('up', '--yes', '--local')
      if (quiet.code !== 0)
        problem(`run ${run}: the quiet up ended with ${quiet.code}:\n${quiet.stderr.slice(-800)}`)
      judgeCensus(run, await census(), whole, true)
      process.stdout.write(`${run} runs, ${problems} problems\n`)
    }
  }
  await first.json('down', '--local', '--yes')
  judgeCensus(runs, await census(), NOTHING, true)
  await watch.close()
}

process.stdout.write(`seed ${values.seed}\n`)
try {
  await main()
} finally {
  for (const project of [...machines].reverse()) await project.remove()
}
process.stdout.write(
  `${JSON.stringify(tally, null, 1)}\n${values.runs} contended runs, ${problems} problems\n`,
)
process.exitCode = problems > 0 ? 1 : 0
