// Runs the test files with Node's own runner. `npm test -- dns zod` runs the files whose path has either word. The longest
// come first, so that none of them is what all others have to wait for at the end.
import { readdirSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { tap } from 'node:test/reporters'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

/** Whole lives of a stack, longest first; what mostly waits shares the time with what mostly computes. */
const LONG = [
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
process.exitCode = 0
const failed = []
const reported = run({ files: files.map((file) => resolve(file)), concurrency: 4 })
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
