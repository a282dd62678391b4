// Values for inputs by schema and constraint: the least that AWS's model takes, and a text that a pattern refuses.
// What is broken in them, case by case, is `constraint-case.ts`'s.
import type { NormalizedSchema } from '@smithy/core/schema'
import fc from 'fast-check'
import { type Constrained, matches, translatePattern } from '../../src/local/wire/constraint.js'
import { requiredOf } from '../../src/local/wire/input.js'

const SEED = 20261123

/** Texts for patterns that look around or take nothing, which fast-check cannot follow. */
const HAND_MADE = ['abc', 'www.example.com', 'bucket-name', '123456789012', 'arn:aws:kms:us-east-1:1:key/1']

/** The least value that schema and constraint take: required members only, one item, the first of an enum. */
export function leastOf(schema: NormalizedSchema, constraint: Constrained | undefined): unknown {
  if (schema.isStructSchema()) {
    const required = requiredOf(schema)
    const members = [...schema.structIterator()].filter(([name]) => required.includes(name))
    const pairs = members.map(([name, member]) => [name, leastOf(member, below(constraint, name))])
    return withOneMember(schema, Object.fromEntries(pairs))
  }
  if (schema.isListSchema()) return listOf(schema, constraint, Math.max(1, constraint?.min ?? 0))
  if (schema.isMapSchema()) return mapOf(schema, constraint, Math.max(1, constraint?.min ?? 0))
  if (schema.isStringSchema()) return textOf(constraint)
  if (schema.isNumericSchema()) return Math.min(Math.max(constraint?.min ?? 1, 1), constraint?.max ?? 1)
  if (schema.isBooleanSchema()) return true
  if (schema.isTimestampSchema()) return new Date(1_700_000_000_000)
  return new Uint8Array(Math.max(1, constraint?.min ?? 1))
}

/** Unions have no required member, and take exactly one. */
function withOneMember(schema: NormalizedSchema, value: Record<string, unknown>): Record<string, unknown> {
  if (!schema.isUnionSchema()) return value
  const [first] = [...schema.structIterator()]
  return first ? { [first[0]]: leastOf(first[1], undefined) } : value
}

export const below = (constraint: Constrained | undefined, member: string) =>
  constraint?.of(constraint.members?.[member])

export const listOf = (schema: NormalizedSchema, constraint: Constrained | undefined, size: number) =>
  Array.from({ length: size }, () => leastOf(schema.getValueSchema(), constraint?.of(constraint.item)))

export function mapOf(schema: NormalizedSchema, constraint: Constrained | undefined, size: number) {
  const value = leastOf(schema.getValueSchema(), constraint?.of(constraint.value))
  const keys = constraint?.of(constraint.key)
  const names = keys?.enum?.slice(0, size) ?? Array.from({ length: size }, (_, index) => `key${index}`)
  return Object.fromEntries(names.map((name) => [name, value]))
}

/** A text that keeps the constraint. Throws where none was found. */
export function textOf(constraint: Constrained | undefined): string {
  const { enum: values, pattern, min = 0, max = 256 } = constraint ?? {}
  if (values) return values[0]!
  // Three characters, so that it may name a table of DynamoDB, whose names are not checked by the model.
  const least = Math.max(Math.min(3, max), min)
  if (pattern === undefined) return 'a'.repeat(least)
  const fits = (text: string) => text.length >= least && text.length <= max && matches(pattern, text)
  const plain = [...HAND_MADE, 'a'.repeat(least), '1'.repeat(least), `/${'a'.repeat(least)}`]
  const found = plain.find(fits) ?? sampled(pattern).find(fits)
  if (found === undefined) throw new Error(`no text for ${pattern} of ${least} to ${max}`)
  return found
}

const samples = new Map<string, readonly string[]>()

function sampled(pattern: string): readonly string[] {
  const known = samples.get(pattern)
  if (known) return known
  const whole = new RegExp(`^(?:${translatePattern(pattern).replace(/^\^|\$$/g, '')})$`)
  const made = fc.sample(fc.stringMatching(whole), { numRuns: 300, seed: SEED })
  samples.set(pattern, made)
  return made
}

/** A text of an allowed length that the pattern refuses; undefined where it takes all. */
export function textOutside(constraint: Constrained): string | undefined {
  const { pattern, min = 0, max = 256 } = constraint
  if (pattern === undefined) return undefined
  const least = Math.max(1, min)
  const candidates = [' ', '!', '*', '%', '{', 'é', '\u{1F600}', 'a'].flatMap((sign) => [
    sign.repeat(least),
    'a'.repeat(least) + sign,
  ])
  return candidates.find((text) => text.length >= min && text.length <= max && !matches(pattern, text))
}
