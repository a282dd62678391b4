// Runs the test files with Node's own runner. `npm test -- dns zod` runs the files whose path has either word. The longest
// come first, so that none of them is what all others have to wait for at the end.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { tap } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

/** Whole lives of a stack, longest first; what mostly waits shares the time with what mostly computes. */
const LONG = [
  'simulation/random-programs',
  'journeys/article',
  'journeys/operator-policy',
  'journeys/rebuild',
  'journeys/shared-state',
  'simulation/',
  'journeys/',
  'cli/',
  'conformance/',
  'hostile/',
]
const rank = (name) => {
  const at = LONG.findIndex((part) => name.includes(part))
  return at < 0 ? LONG.length : at
}

const words = process.argv.slice(2)
const files = readdirSync('test', { recursive: true })
  .map((name) => `test/${name}`)
  .filter((name) => name.endsWith('.test.ts') && (!words.length || words.some((word) => name.includes(word))))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
if (!files.length) {
  console.error(`no test file matches ${words.join(' ')}`)
  process.exit(1)
}

/** Of those that last a second, some share a process: half of what they cost is its start. */
const TOGETHER = 12
/** Who changes what a process has once runs alone. */
const isAlone = (file) =>
  /(journeys|cli|hostile|simulation)\//.test(file) ||
  /process\.env\.\w+ = |mock\.timers/.test(readFileSync(file, 'utf8'))
const scratch = mkdtempSync(join(tmpdir(), 'multiregion-tests-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

/**
 * One entry file for all of them, where each is a suite: its hooks are for its own tests, and are closed after them. What
 * a test waits for may not hold the process, so something else does; not for ever, so that nothing hangs.
 */
function entryOf(group) {
  const entry = join(scratch, `${basename(dirname(group[0]))}-${basename(group[0], '.test.ts')}.test.mjs`)
  const suites = group.map(
    (file) => `describe('${file}', async () => void (await import('${pathToFileURL(resolve(file))}')))`,
  )
  writeFileSync(entry, `${HOLD}${suites.join('\n')}\n`)
  return entry
}

const HOLD = `import { after, describe } from 'node:test'
const hold = setTimeout(() => {}, 300_000)
after(() => clearTimeout(hold))
`

/** The files to start, each in a process of its own. */
function started() {
  const alone = files.filter(isAlone).map((file) => resolve(file))
  const others = files.filter((file) => !isAlone(file))
  const groups = []
  for (const file of others) {
    const last = groups.at(-1)
    if (last && last.length < TOGETHER && dirname(last[0]) === dirname(file)) last.push(file)
    else groups.push([file])
  }
  return [...alone, ...groups.map(entryOf)]
}

process.exitCode = 0
const failed = []
const reported = run({ files: started(), concurrency: 5 })
  .on('test:fail', ({ name, file, todo, details }) => {
    if (todo !== undefined && todo !== false) return
    process.exitCode = 1
    // A suite whose test failed says nothing of its own.
    if (details.error?.failureType !== 'subtestsFailed')
      failed.push(`${relative('.', file ?? '')}: ${name}\n${details.error?.cause?.stack ?? details.error}`)
  })
  .compose(tap)
for await (const text of reported) process.stdout.write(text)
for (const one of failed) console.log(`# FAILED ${one.replaceAll('\n', '\n#   ')}`)
