// Random inputs for the fuzz: mostly what AWS's models take, with names out of a small set and ids of what exists, so that
// calls reach deep states and what is there stays bounded; then bent. Requests are made of them by `fuzz-request.ts`.
import type { NormalizedSchema } from '@smithy/core/schema'
import type { Constrained } from '../../../src/local/wire/constraint.js'
import { requiredOf } from '../../../src/local/wire/input.js'
import { below, textOf, textOutside } from '../../conformance/constraint-sample.js'
import { type FuzzPool, NEEDED } from './fuzz-pool.js'

export type Random = () => number
export const pick = <T>(random: Random, choices: readonly T[]): T =>
  choices[Math.floor(random() * choices.length)] as T

// Texts that have broken programs before.
const NASTY: readonly string[] = [
  ...[
    '',
    ' ',
    '\u0000',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    'NaN',
    '-1',
    '1e309',
  ],
  ...[
    'é'.repeat(300),
    '\u{1F600}',
    '\ud800',
    '../../etc/passwd',
    '%00%2e%2e',
    '{"a":',
    '<a>&b;</a>',
    ']]>',
    '*',
    '\n\r',
  ],
  ...['a'.repeat(5000), '9'.repeat(400), 'arn:aws:', '/', '::::', '[1]', '$LATEST', '(none)', '#comment'],
]
const NUMBERS = [0, -1, 1, 2, 60, 1000, 2 ** 31, 2 ** 53, -(2 ** 63), 1e300, 0.5, Number.MAX_SAFE_INTEGER]
const STRANGE: readonly unknown[] = [
  null,
  true,
  7,
  'text',
  [],
  {},
  [null],
  { __proto__x: 1 },
  [[[[]]]],
  Number.POSITIVE_INFINITY,
  '',
]
const DEEPEST = 6

export interface Making {
  readonly random: Random
  readonly pool: FuzzPool
  readonly service: string
  readonly operation: string
}

/** An input that the model takes, as far as members do not depend on each other. */
export function someInput(schema: NormalizedSchema, constraint: Constrained | undefined, making: Making) {
  const { random, service, operation } = making
  const input = some(schema, constraint, '', making, 0) as Record<string, unknown>
  for (const [member, values] of Object.entries(NEEDED[`${service}.${operation}`] ?? {})) {
    const value = pick(random, values)
    if (value !== undefined && random() < 0.9) input[member] = structuredClone(value)
  }
  return input
}

function some(
  schema: NormalizedSchema,
  constraint: Constrained | undefined,
  name: string,
  making: Making,
  depth: number,
): unknown {
  const { random } = making
  const known = making.pool.valueFor(making, name)
  if (known !== undefined && random() < 0.95) return known
  if (depth > DEEPEST || schema.isStreaming()) return undefined
  if (schema.isStructSchema()) return someStructure(schema, constraint, making, depth)
  if (schema.isListSchema() || schema.isMapSchema()) return someItems(schema, constraint, name, making, depth)
  if (schema.isStringSchema()) return someText(constraint, random)
  if (schema.isBooleanSchema()) return random() < 0.5
  if (schema.isNumericSchema()) return someNumber(constraint, random)
  if (schema.isTimestampSchema()) return new Date(Date.now() - Math.floor(random() * 1e7))
  if (schema.isBlobSchema()) return Buffer.from(pick(random, ['', '{}', '{"a":1}', 'abc', 'PK']))
  return { a: 1 }
}

function someStructure(
  schema: NormalizedSchema,
  constraint: Constrained | undefined,
  making: Making,
  depth: number,
): Record<string, unknown> {
  const { random } = making
  const required = new Set(requiredOf(schema))
  const members = [...schema.structIterator()]
  const chosen = schema.isUnionSchema() ? [pick(random, members)] : members
  const value: Record<string, unknown> = {}
  // Few optional members each time: most of what AWS can do, the local cloud refuses.
  const share = pick(random, [0, 0.1, 0.3])
  for (const [name, member] of chosen) {
    const wanted = schema.isUnionSchema() || required.has(name) || random() < share
    const made = wanted ? some(member, below(constraint, name), name, making, depth + 1) : undefined
    if (made !== undefined) value[name] = made
  }
  return value
}

function someItems(
  schema: NormalizedSchema,
  constraint: Constrained | undefined,
  name: string,
  making: Making,
  depth: number,
): unknown {
  const { random } = making
  const count = Math.max(constraint?.min ?? 0, Math.floor(random() * 3))
  const below = schema.isListSchema() ? constraint?.item : constraint?.value
  const items = Array.from({ length: Math.min(count, 5) }, () =>
    some(schema.getValueSchema(), constraint?.of(below), name, making, depth + 1),
  ).filter((item) => item !== undefined)
  if (schema.isListSchema()) return items
  const keys = constraint?.of(constraint.key)
  return Object.fromEntries(
    items.map((item, index) => [
      making.pool.keyFor(name, random) ?? (keys ? textOf(keys) : `k${index}`),
      item,
    ]),
  )
}

const texts = new Map<string, string>()

function someText(constraint: Constrained | undefined, random: Random): string {
  if (constraint?.enum) return pick(random, constraint.enum)
  if (!constraint) return pick(random, ['a', 'abc', 'x-1', 'true', '1', 'GET', 'a b'])
  const known = texts.get(constraint.shape) ?? textOf(constraint)
  texts.set(constraint.shape, known)
  return known
}

function someNumber(constraint: Constrained | undefined, random: Random): number {
  const { min = 0, max = 1000 } = constraint ?? {}
  return Math.floor(min + random() * (Math.min(max, min + 1000) - min + 1))
}

/** The input with one to three things wrong, at any depth. */
export function bent(input: Record<string, unknown>, constraint: Constrained | undefined, random: Random) {
  const copy = structuredClone(input)
  for (let times = 1 + Math.floor(random() * 3); times > 0; times -= 1) bend(copy, constraint, random)
  return copy
}

function bend(value: Record<string, unknown>, constraint: Constrained | undefined, random: Random): void {
  const names = Object.keys(value)
  const name =
    names.length && random() < 0.9 ? pick(random, names) : pick(random, ['Extra', '__proto__', 'constructor'])
  // Never into the prototype of all objects.
  const inside = Object.hasOwn(value, name) ? value[name] : undefined
  const isOpen = typeof inside === 'object' && inside !== null && !(inside instanceof Uint8Array)
  if (isOpen && random() < 0.6) {
    bend(inside as Record<string, unknown>, constraint, random)
    return
  }
  const way = random()
  if (way < 0.15) delete value[name]
  else if (way < 0.45) put(value, name, pick(random, NASTY))
  else if (way < 0.6) put(value, name, pick(random, NUMBERS))
  else if (way < 0.85) put(value, name, pick(random, STRANGE))
  else put(value, name, (constraint && textOutside(constraint)) ?? [inside, inside])
}

/** A property of that very name, `__proto__` too. */
function put(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}
