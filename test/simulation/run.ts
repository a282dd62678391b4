// `npm run simulate -- --seeds N [--seed S] [--program contended|blind|boundary] [--keep-going] [--verbose]`: runs random
// programs, one after another in this process, and ends with the first violation: the invariant, the trace, and the command
// that replays it.
import { parseArgs } from 'node:util'
import { prepared } from './life.js'
import { PROGRAMS, type Program } from './seed.js'

const { values } = parseArgs({
  options: {
    /** Default: 1 where --seed says which, else all of a list, or 1000. */
    seeds: { type: 'string' },
    seed: { type: 'string' },
    /**
     * `contended`: two to four commands at once, eight times a seed; `blind`: a state lost in an outage; `boundary`: each
     * instant at which a command may die.
     */
    program: { type: 'string', default: 'random' },
    verbose: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
  },
})

const program: Program | undefined = PROGRAMS[values.program as keyof typeof PROGRAMS]
if (!program) throw new RangeError(`--program ${values.program}: one of ${Object.keys(PROGRAMS).join(', ')}`)
const say = (text: string) => void process.stdout.write(`${text}\n`)
await prepared()
const first = Number(values.seed ?? 1)
const one = values.seed === undefined ? undefined : 1
const count = Number(values.seeds ?? one ?? (await program.count?.()) ?? 1000)
const began = process.hrtime.bigint()
const seconds = () => Number(process.hrtime.bigint() - began) / 1e9
const used = process.cpuUsage()
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage(used)
  return (user + system) / 1e6
}
let calls = 0
let failed = 0

for (let seed = first; seed < first + count; seed++) {
  const outcome = await program.simulate(seed)
  calls += outcome.calls
  if (values.verbose) say(`seed ${seed}\n${outcome.trace.join('\n')}\ntrace ${outcome.hash}`)
  if (outcome.violation) {
    failed++
    say(`seed ${seed} breaks ${outcome.violation.message}`)
    if (!values['keep-going']) {
      if (!values.verbose) say(outcome.trace.join('\n'))
      say(
        `${outcome.violation.stack}\nReplay: npm run simulate -- --program ${values.program} --seed ${seed} --verbose`,
      )
      break
    }
  }
  if ((seed - first + 1) % 100 === 0)
    say(`${seed - first + 1} seeds, ${seconds().toFixed(0)} s, ${failed} violations`)
}
say(
  `${count} seeds, ${calls} writes of the tool, ${seconds().toFixed(1)} s, ${cpuSeconds().toFixed(1)} s of CPU, ${failed} violations`,
)
process.exit(failed > 0 ? 1 : 0)
