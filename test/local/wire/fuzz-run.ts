// `npm run fuzz -- --requests 1000000 --seed 7`: the fuzz by hand, with its figures; 1 where something was wrong.
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.js'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    'enforce-iam': { type: 'boolean', default: false },
    seconds: { type: 'string', default: 'Infinity' },
    concurrency: { type: 'string', default: '8' },
  },
})
const seed = Number(values.seed)
console.log(`seed ${seed}`)
const report = await fuzz({
  requests: Number(values.requests),
  seed,
  enforceIam: values['enforce-iam'],
  seconds: Number(values.seconds),
  concurrency: Number(values.concurrency),
  onProgress: (done, heapMb) => console.log(`${done} requests, heap ${heapMb} MB`),
})
console.log(JSON.stringify(report, null, 2))
process.exitCode = report.problems.length ? 1 : 0
