// Random configs: whatever stands in the file, it is a Config that every step can work with, or one ConfigError.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ConfigError } from '../../src/base/errors.js'
import { monthlyCost } from '../../src/commands/cost.js'
import { type Config, parseConfig } from '../../src/config/load.js'
import { shipped, type Written } from '../config/fixture.js'
import { wishes } from '../steps/fixture.js'
import { hostileText } from './text.js'

const FILE = `${process.cwd()}/config/regions.json`

/** Runs that many; throws fast-check's report of the first that is treated wrongly. */
export function randomConfigs(parameters: fc.Parameters<unknown>): void {
  fc.assert(
    fc.property(fc.oneof({ weight: 8, arbitrary: edited }, fc.json(), bytes, cut), (text) => treat(text)),
    parameters as fc.Parameters<[string]>,
  )
}

function treat(text: string): void {
  let config: Config
  try {
    config = parseConfig(text, FILE)
  } catch (error) {
    assert.ok(error instanceof ConfigError, `not ours: ${error instanceof Error ? error.stack : error}`)
    assert.ok(error.message && error.hint)
    assert.doesNotMatch(error.message, /\n\s+at /)
    return
  }
  // What is accepted is good for every step.
  assert.ok(wishes(config).size > 0)
  assert.ok(monthlyCost(config).total > 0)
}

const bytes = fc.string({ unit: 'binary' })
const text = JSON.stringify(shipped(), null, 2)
const cut = fc
  .tuple(fc.nat(text.length), fc.nat(text.length))
  .map(([a, b]) => text.slice(0, a) + text.slice(b))

const SENSIBLE = [
  ...[
    'health',
    'getItem',
    'GET /{a}',
    'GET /x',
    'POST /{proxy+}',
    'ANY /y',
    'OPTIONS /',
    'eu-west-1',
    'ap-south-1',
    'us-east-1',
  ],
  ...[
    'src/handlers/health.ts',
    'constructor',
    '__proto__',
    'a.example.org',
    'S',
    'N',
    'B',
    'dynamodb:Scan',
    'dynamodb:*',
  ],
]
const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...SENSIBLE,
    0,
    1,
    10,
    30,
    128,
    10_240,
    -1,
    1.5,
    2 ** 53,
    null,
    true,
    false,
    '',
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 2 }),
  hostileText,
)

interface Edit {
  readonly at: number
  readonly how: 'set' | 'remove' | 'add' | 'twice'
  readonly key: string
  readonly value: unknown
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('set', 'set', 'remove', 'add', 'twice'),
  key: fc.oneof(
    fc.constantFrom('x', 'logs', 'stage', 'environment', 'memoryMb', 'sortKey', 'status'),
    hostileText,
  ),
  value,
})

/** The shipped config after one to four edits anywhere. */
export const edited = fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
  const config = shipped()
  for (const one of edits) apply(config, one)
  return JSON.stringify(config)
})

function apply(config: Written, { at, how, key, value }: Edit): void {
  const places = placesOf(config)
  if (places.length === 0) return
  const [holder, name] = places[at % places.length]!
  if (how === 'remove') delete holder[name]
  else if (how === 'add') holder[key] = value
  else holder[how === 'twice' ? `${name}2` : name] = how === 'twice' ? structuredClone(holder[name]) : value
}

function placesOf(value: Written): [holder: Written, key: string][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap((key) => [[value, key] as [Written, string], ...placesOf(value[key])])
}
