// Whatever stands in the file, the answer is a Config or a ConfigError; and what is told agrees with zod.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { ConfigError } from '../../src/base/errors.js'
import { inspect } from '../../src/config/inspect.js'
import { parseConfig } from '../../src/config/load.js'
import { configSchema } from '../../src/config/schema.js'
import { project, shipped, type Written } from './fixture.js'

const here = project()
after(() => here.remove())

describe('whatever the text', () => {
  const withoutOthers = (work: () => unknown) => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
    }
  }

  test('JSON gives a Config or a ConfigError', () => {
    fc.assert(fc.property(fc.json(), (text) => withoutOthers(() => parseConfig(text, here.configFile))))
  })

  test('text gives a Config or a ConfigError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        withoutOthers(() => parseConfig(text, here.configFile)),
      ),
    )
  })

  const paths = pathsOf(shipped())
  test('any value at any place gives a Config or a ConfigError, and agrees with zod', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('health', 'GET /{a}', 'eu-west-1', 'constructor'),
    )
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, fc.boolean(), (path, instead, remove) => {
        const written = shipped()
        const parent = path.slice(0, -1).reduce((object: Written, key) => object[key], written)
        const last = path.at(-1)!
        if (remove) delete parent[last]
        else parent[last] = instead
        const plain = JSON.parse(JSON.stringify(written))
        const { problems, known } = inspect(configSchema, plain)
        const byZod = configSchema.safeParse(plain)
        assert.equal(problems.length === 0, byZod.success)
        if (byZod.success) assert.deepEqual(known, byZod.data)
        withoutOthers(() => parseConfig(JSON.stringify(plain), here.configFile))
      }),
      { numRuns: 400 },
    )
  })
})

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const below = Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))
  return path.length > 0 ? [path, ...below] : below
}
