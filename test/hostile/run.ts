// `npm run robust -- [config arguments events front-door state] --runs N --seed S`: the same as the tests of this folder, at any length.
// A failure prints what repeats it: `--only` for a state, `--path` for the others.
import { parseArgs } from 'node:util'
import { randomArguments } from './argument.js'
import { randomConfigs } from './config.js'
import { corruptStates } from './corruption.js'
import { randomEvents } from './event.js'
import { throughTheDoor } from './front-door.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    sealed: { type: 'string', default: '0.05' },
    only: { type: 'string' },
    path: { type: 'string' },
  },
})
const runs = Number(values.runs)
const seed = Number(values.seed)

const PARTS: Readonly<Record<string, () => unknown>> = {
  config: () => randomConfigs({ numRuns: runs, seed, path: values.path }),
  arguments: () => randomArguments({ numRuns: runs, seed, path: values.path }),
  events: () => randomEvents({ numRuns: runs, seed, path: values.path }),
  // Processes of their own: a few hundred take minutes.
  'front-door': () => throughTheDoor({ runs, seed }),
  state: () =>
    corruptStates({
      runs,
      seed,
      sealedShare: Number(values.sealed),
      verbsEvery: 100,
      ...(values.only !== undefined && { only: Number(values.only) }),
    }),
}

for (const part of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const started = performance.now()
  const figures = await PARTS[part]!()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${part}: ${runs} runs of seed ${seed} in ${seconds} s, all well`, figures ?? '')
}
process.exit(0)
