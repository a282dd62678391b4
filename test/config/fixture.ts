// A project with the shipped config and empty handlers, in a folder of its own. For the tests of config and bundle.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ConfigError, EXIT } from '../../src/base/errors.js'

/** The shipped config as it is written: whatever a test makes of it. */
// biome-ignore lint/suspicious/noExplicitAny: the tests break it on purpose, in every way.
export type Written = any

export const shipped = (): Written => JSON.parse(readFileSync('config/regions.json', 'utf8'))

export interface Project {
  readonly root: string
  readonly configFile: string
  /** Writes a file below the root and returns its absolute path. */
  write(name: string, text: string | Uint8Array): string
  remove(): void
}

export function project(): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'multiregion-test-')))
  const write = (name: string, text: string | Uint8Array) => {
    const file = join(root, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }
  for (const name of ['get-item', 'put-item', 'health']) {
    write(`src/handlers/${name}.ts`, 'export const handler = async () => ({ statusCode: 200 })\n')
  }
  const configFile = write('config/regions.json', JSON.stringify(shipped(), null, 2))
  return { root, configFile, write, remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** Another function of a written config. */
export function add(config: Written, key: string, route: string) {
  config.functions[key] = { handler: 'src/handlers/health.ts', route, actions: [] }
}

/** The ConfigError that some work throws. Anything else fails the test. */
export function refusal(work: () => unknown): ConfigError {
  try {
    work()
  } catch (error) {
    assert.ok(
      error instanceof ConfigError,
      `not a ConfigError: ${error instanceof Error ? error.stack : error}`,
    )
    assert.equal(error.exit, EXIT.usage)
    assert.ok(error.hint.length > 0)
    return error
  }
  throw assert.fail('it was accepted')
}
