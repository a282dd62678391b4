// The figures of a hostile API, seed by seed: `npm run bench:hostile -- --seeds 10 [--seed 1] [--profile instant] [--operations]`.
// What is measured, and how, says `test/hostile/hostile-api.ts`.
import { parseArgs } from 'node:util'
import { type Calls, HOSTILE_VERBS, measureHostile } from '../test/hostile/hostile-api.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    profile: { type: 'string', default: 'realistic' },
    /** The calls of the first seed by operation. */
    operations: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const profile = values.profile === 'instant' ? 'instant' : 'realistic'
const shown = (ratio: number) => ratio.toFixed(2)
const line = ({ exit, all, mutating, minutes, message }: Calls) =>
  `exit ${exit}, ${all} calls (${mutating} mutating), ${minutes.toFixed(1)} min${message && `: ${message}`}`

const ratios: number[] = []
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const { quiet, hostile, ratio } = await measureHostile(seed, profile)
  ratios.push(ratio)
  for (const verb of HOSTILE_VERBS) {
    const [calm, bad] = [quiet[verb], hostile[verb]]
    console.log(
      `seed ${seed} ${verb.padEnd(4)} quiet ${line(calm)}; hostile ${line(bad)}; ${shown(bad.all / calm.all)}`,
    )
    if (!values.operations || seed !== first) continue
    for (const [name, times] of [...bad.of].sort((one, other) => other[1] - one[1]))
      console.log(`  ${name.padEnd(70)} ${calm.of.get(name) ?? 0} ${times}`)
  }
  console.log(`seed ${seed} both ${shown(ratio)}`)
}
const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
console.log(`${ratios.length} seeds, ${profile}: mean ${shown(mean)}, worst ${shown(Math.max(...ratios))}`)
process.exit(0)
