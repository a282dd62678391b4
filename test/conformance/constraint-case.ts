// Every way in which an input can break AWS's model, one at a time: a member missing, too short, too long, out of its
// pattern, its enum or its range, too many or too few. Made from the constraints; `validation.test.ts` sends them.
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticStructureSchema } from '@smithy/types'
import { WIRE_CLIENTS } from '../../src/local/wire/clients.js'
import { type Constrained, loadConstraints, type Rule } from '../../src/local/wire/constraint.js'
import { requiredOf } from '../../src/local/wire/input.js'
import { isInUrl, operationsOf, structureOf } from '../../src/local/wire/schema.js'
import { below, leastOf, listOf, mapOf, textOf, textOutside } from './constraint-sample.js'

export interface ConstraintCase {
  /** The input, wrong in one place. */
  readonly input: Record<string, unknown>
  /** Where it is wrong, as AWS says it: `tags.1.member.key`. */
  readonly path: string
  readonly broken: Rule | 'null' | 'items'
  readonly constraint: Constrained | undefined
  readonly isInUrl: boolean
  /** The structure that lacks a member or the type whose facet is broken: for Route 53's words. */
  readonly type: string
}

/** An operation's least valid input and its cases. */
export interface OperationCases {
  readonly least: Record<string, unknown>
  readonly cases: readonly ConstraintCase[]
}

/** How many cases each operation of a service has, for the table of the docs. */
export async function constraintCases(service: string): Promise<Record<string, number>> {
  const found = await casesOf(service)
  return Object.fromEntries([...found].map(([operation, { cases }]) => [operation, cases.length]))
}

/** The cases of all operations of a service, or of those named. */
export async function casesOf(
  service: string,
  only?: readonly string[],
): Promise<Map<string, OperationCases>> {
  const { module } = await WIRE_CLIENTS.find(({ name }) => name === service)!.load()
  const constraints = await loadConstraints(service)
  const found = new Map<string, OperationCases>()
  for (const [name, { input }] of operationsOf(module)) {
    if (only && !only.includes(name)) continue
    const structure = structureOf(input)
    found.set(name, structure ? casesOfOne(name, structure, constraints(name)) : { least: {}, cases: [] })
  }
  return found
}

function casesOfOne(
  operation: string,
  structure: StaticStructureSchema,
  constraint: Constrained | undefined,
): OperationCases {
  const schema = NormalizedSchema.of(structure)
  const [, , , , names, targets] = structure
  const inUrl = names.filter((_, index) => isInUrl(targets[index]!)).map(small)
  const cases = brokenStructures(schema, constraint, { depth: 0, type: schema.getName() ?? '' }).map(
    ({ value, ...rest }): ConstraintCase => ({
      ...rest,
      input: value as Record<string, unknown>,
      isInUrl: inUrl.includes(rest.path.split('.')[0]!),
    }),
  )
  return {
    least: leastOf(schema, constraint) as Record<string, unknown>,
    cases: cases.filter((one) => canBeSent(operation, one)),
  }
}

// AWS: the configuration of a function is at most 5,120 bytes, which is checked first.
const MAX_CONFIGURATION_BYTES = 5120

function canBeSent(operation: string, { isInUrl, broken, input, path }: ConstraintCase): boolean {
  // The SDK's client for Route 53 reads this one before it sends it.
  if (broken === 'null' && path.endsWith('aliasTarget.hostedZoneId')) return false
  if (operation === 'UpdateFunctionConfiguration' && JSON.stringify(input).length > MAX_CONFIGURATION_BYTES)
    return false
  // A URL cannot be without a member that is a part of its path.
  return !(isInUrl && (broken === 'null' || Object.values(input).includes('')))
}

interface Wrong extends Omit<ConstraintCase, 'input' | 'isInUrl'> {
  readonly value: unknown
}

interface Within {
  readonly depth: number
  /** The nearest structure's name, or its member's. */
  readonly type: string
}

// Deep enough for every input that is served; shapes may be recursive.
const DEEPEST = 8

function brokenValues(
  schema: NormalizedSchema,
  constraint: Constrained | undefined,
  within: Within,
): Wrong[] {
  if (within.depth > DEEPEST || schema.isDocumentSchema() || schema.isStreaming()) return []
  if (schema.isStructSchema()) return brokenStructures(schema, constraint, within)
  if (schema.isListSchema()) return brokenLists(schema, constraint, within)
  if (schema.isMapSchema()) return brokenMaps(schema, constraint, within)
  return brokenScalars(schema, constraint)
}

function brokenStructures(
  schema: NormalizedSchema,
  constraint: Constrained | undefined,
  within: Within,
): Wrong[] {
  if (schema.isUnionSchema()) return []
  const least = leastOf(schema, constraint) as Record<string, unknown>
  const type = schema.isMemberSchema() ? schema.getMemberName() : within.type
  const missing = requiredOf(schema).map((name): Wrong => {
    const { [name]: _, ...value } = least
    return { value, path: small(name), broken: 'null', constraint: undefined, type }
  })
  const wrong = [...schema.structIterator()].flatMap(([name, member]) =>
    brokenValues(member, below(constraint, name), { depth: within.depth + 1, type: name }).map((one) => ({
      ...one,
      value: { ...least, [name]: one.value },
      path: one.path ? `${small(name)}.${one.path}` : small(name),
    })),
  )
  return [...missing, ...wrong]
}

const small = (name: string) => name.charAt(0).toLowerCase() + name.slice(1)

function brokenLists(schema: NormalizedSchema, constraint: Constrained | undefined, within: Within): Wrong[] {
  const item = schema.getValueSchema()
  const sizes = brokenSizes(constraint, (size) => listOf(schema, constraint, size))
  const least = listOf(schema, constraint, Math.max(1, constraint?.min ?? 0))
  const items = brokenValues(item, constraint?.of(constraint.item), {
    depth: within.depth + 1,
    type: 'member',
  })
  return [
    ...sizes,
    ...items.map((one) => ofItems(one, isScalar(item), [...least.slice(1), one.value], least.length)),
  ]
}

/** AWS tells of scalars in a list at the list, of structures at their place. */
function ofItems(one: Wrong, scalar: boolean, value: unknown[], position: number): Wrong {
  if (scalar) return { ...one, value, broken: 'items', path: '' }
  return { ...one, value, path: `${position}.member${one.path && `.${one.path}`}` }
}

function brokenMaps(schema: NormalizedSchema, constraint: Constrained | undefined, within: Within): Wrong[] {
  const sizes = brokenSizes(constraint, (size) => mapOf(schema, constraint, size))
  const least = mapOf(schema, constraint, Math.max(1, constraint?.min ?? 0))
  const item = schema.getValueSchema()
  const [first = 'key0'] = Object.keys(least)
  const keys = brokenScalars(schema.getKeySchema(), constraint?.of(constraint.key)).map((one) => {
    const { [first]: value, ...others } = least
    return { ...one, value: { ...others, [String(one.value)]: value }, broken: 'items' as const, path: '' }
  })
  const inside = { depth: within.depth + 1, type: 'value' }
  const values = brokenValues(item, constraint?.of(constraint.value), inside).map((one): Wrong => {
    const value = { ...least, [first]: one.value }
    if (isScalar(item)) return { ...one, value, broken: 'items', path: '' }
    return { ...one, value, path: `${first}.member${one.path && `.${one.path}`}` }
  })
  return [...sizes, ...keys.filter((one) => !('' in one.value)), ...values]
}

function brokenSizes(constraint: Constrained | undefined, sized: (size: number) => unknown): Wrong[] {
  if (!constraint) return []
  const { min = 0, max, shape } = constraint
  const wrong: Wrong[] = []
  const told = { path: '', constraint, type: shape }
  if (min > 0) wrong.push({ ...told, value: sized(min - 1), broken: 'shortest' })
  if (max !== undefined) wrong.push({ ...told, value: sized(max + 1), broken: 'longest' })
  return wrong
}

function brokenScalars(schema: NormalizedSchema, constraint: Constrained | undefined): Wrong[] {
  if (!constraint) return []
  const { enum: values, pattern, min, max, shape } = constraint
  const told = { path: '', constraint, type: shape }
  const wrong: Wrong[] = []
  if (schema.isNumericSchema()) {
    if (min !== undefined) wrong.push({ ...told, value: min - 1, broken: 'least' })
    if (max !== undefined) wrong.push({ ...told, value: max + 1, broken: 'most' })
    return wrong
  }
  if (!schema.isStringSchema()) return wrong
  if (values) wrong.push({ ...told, value: 'NOT_A_VALUE', broken: 'enum' })
  const outside = pattern === undefined ? undefined : textOutside(constraint)
  if (outside !== undefined) wrong.push({ ...told, value: outside, broken: 'pattern' })
  if (min !== undefined && min > 0 && !values) {
    wrong.push({ ...told, value: textOf(constraint).slice(0, min - 1), broken: 'shortest' })
  }
  if (max !== undefined && !values) {
    wrong.push({ ...told, value: textOf(constraint).padEnd(max + 1, 'a'), broken: 'longest' })
  }
  return wrong
}

const isScalar = (schema: NormalizedSchema) =>
  !(schema.isStructSchema() || schema.isListSchema() || schema.isMapSchema() || schema.isDocumentSchema())
