// Random values for a schema of the SDK, for the round trips of the wire. Seeded: the same seed gives the same values.
import type { NormalizedSchema } from '@smithy/core/schema'
import type { SchemaTraitsObject } from '@smithy/types'

const TEXTS = ['abc', 'a b', 'x/y:z', 'é&<">', 'Z1', "it's +1%"]
const LABELS = ['abc', 'a:b', 'Z1 x', 'arn:aws:x/y', '(none)']
const DEEPEST = 5

type Value = unknown

/** A value for the schema, or undefined where it has none (streams, and what is nested too deep). */
export function sample(schema: NormalizedSchema, random: () => number, depth = 0): Value {
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T
  const traits = schema.getMergedTraits()
  if (schema.isStreaming()) return undefined
  if (schema.isStructSchema()) return sampleStructure(schema, random, depth)
  if (schema.isListSchema()) return sampleList(schema, random, depth)
  if (schema.isMapSchema()) {
    const value = depth > DEEPEST ? undefined : sample(schema.getValueSchema(), random, depth + 1)
    return value === undefined ? undefined : { k1: value }
  }
  if (schema.isBlobSchema()) return new Uint8Array([1, 2, 250])
  if (schema.isTimestampSchema()) return new Date(1_700_000_000_000)
  if (schema.isBooleanSchema()) return random() < 0.5
  if (schema.isNumericSchema()) return traits.httpResponseCode ? 200 : Math.floor(random() * 1000)
  if (schema.isStringSchema()) return sampleText(traits, pick)
  return schema.isDocumentSchema() ? { a: 1 } : undefined
}

function sampleText(traits: SchemaTraitsObject, pick: <T>(choices: readonly T[]) => T): string {
  if (traits.httpHeader || traits.httpPrefixHeaders) return 'header'
  if (traits.httpLabel) return pick(LABELS)
  return traits.mediaType ? '{"a":1}' : pick(TEXTS)
}

function sampleStructure(schema: NormalizedSchema, random: () => number, depth: number): Value {
  const members = [...schema.structIterator()]
  if (schema.isUnionSchema()) {
    const start = Math.floor(random() * members.length)
    const order = [...members.slice(start), ...members.slice(0, start)]
    for (const [name, member] of order) {
      const value = sample(member, random, depth + 1)
      if (value !== undefined) return { [name]: value }
    }
    return undefined
  }
  const required = (schema.getSchema() as readonly unknown[])[6] as number | undefined
  const structure: Record<string, Value> = {}
  for (const [index, [name, member]] of members.entries()) {
    const wanted = index < (required ?? 0) || isAlwaysAnswered(member) || (depth < 4 && random() < 0.6)
    const value = wanted ? sample(member, random, depth + 1) : undefined
    if (value !== undefined) structure[name] = value
  }
  // A form cannot say that a structure is there and empty.
  const [first] = members
  if (first && isEmpty(structure)) structure[first[0]] = sample(first[1], random, depth + 1)
  return structure
}

/** Every HTTP answer has a status, and one with a body a content type. */
function isAlwaysAnswered(member: NormalizedSchema): boolean {
  const { httpResponseCode, httpHeader } = member.getMergedTraits()
  return httpResponseCode !== undefined || httpHeader?.toLowerCase() === 'content-type'
}

function sampleList(schema: NormalizedSchema, random: () => number, depth: number): Value {
  const inHeader = schema.getMergedTraits().httpHeader !== undefined
  const count = 1 + Math.floor(random() * 2)
  const items = Array.from({ length: count }, () =>
    inHeader ? 'header' : sample(schema.getValueSchema(), random, depth + 1),
  )
  const kept = items.filter((item) => item !== undefined && !isEmpty(item))
  return kept.length ? kept : undefined
}

const isEmpty = (value: Value) =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Date || value instanceof Uint8Array) &&
  Object.keys(value).length === 0

/** The value in a form that two equal ones share: bytes as base64, dates as numbers, absent members left out. */
export function plain(value: Value): Value {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.getTime()
  if (value instanceof String) return value.toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => member != null && name !== '$metadata')
      .map(([name, member]) => [name, plain(member)]),
  )
}
