// Runs the test files with Node's own runner. `npm test -- dns zod` runs the files whose path has either word. The longest
// come first, so that none of them is what all others have to wait for at the end.
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { tap } from 'node:test/reporters'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

/** Whole lives of a stack, longest first. */
const LONG = [
  'simulation/simulation',
  'journeys/article',
  'journeys/operator-policy',
  'journeys/shared-state',
  'journeys/crash',
  'journeys/rebuild',
  'conformance/',
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
run({ files: files.map((file) => resolve(file)), concurrency: 4 })
  .on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) process.exitCode = 1
  })
  .compose(tap)
  .pipe(process.stdout)
