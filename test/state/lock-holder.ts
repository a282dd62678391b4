// A process that takes a lock, says so, and holds it until its stdin ends. For lock.test.ts, which starts and kills it.
import { MultiregionError } from '../../src/base/errors.js'
import { acquireLock } from '../../src/state/lock.js'

const [stateFile = '', command = ''] = process.argv.slice(2)
try {
  const lock = await acquireLock(stateFile, command)
  process.stdout.write('held\n')
  for await (const _chunk of process.stdin);
  await lock.release()
} catch (error) {
  if (!(error instanceof MultiregionError)) throw error
  process.stdout.write(`${error.code} ${error.message}\n`)
  process.exitCode = error.exit
}
