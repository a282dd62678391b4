// Checks an input before any service sees it: types and required members by the SDK's schema, lengths, ranges, patterns
// and enums by AWS's own model (`constraint.ts`). How each service refuses is `input-fault.ts`'s.
// AWS: members that an operation does not have are ignored in JSON and in forms; Route 53's XML schema refuses them
// (`unknown-element.ts`).
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticStructureSchema } from '@smithy/types'
import { brokenRules, type Constrained } from './constraint.js'
import type { Speaker } from './fault.js'
import { type Problem, refusal, wrongType } from './input-fault.js'
import { isInUrl, type OperationSchema } from './schema.js'

// AWS: DynamoDB's answers name ten problems at most; taken for all services.
const MAX_PROBLEMS = 10

/** Throws AWS's error where a member is missing or breaks a constraint, at any depth, or where a value has the wrong type. */
export function checkInput(
  speaker: Speaker,
  operation: OperationSchema,
  input: Record<string, unknown>,
  constraint: Constrained | undefined,
): void {
  const problems: Problem[] = []
  const schema = NormalizedSchema.of(operation.input)
  if (!schema.isStructSchema()) return
  const inUrl = urlMembersOf(schema)
  const visitTop = (isWanted: (name: string) => boolean, visited: Visit) =>
    visitStructure(schema, input, { path: '', constraint, isWanted }, visited)
  visitTop((name) => inUrl.has(name), { speaker, problems, isInUrl: true })
  // AWS: API Gateway's paths begin with the input's name, for members of the body.
  visitTop((name) => !inUrl.has(name), { speaker, problems, isInUrl: false })
  if (problems.length) throw refusal(speaker, operation.name, problems.slice(0, MAX_PROBLEMS))
}

interface Visit {
  readonly speaker: Speaker
  readonly problems: Problem[]
  readonly isInUrl: boolean
}

/** Where the walk is: a path such as `tags.1.member.key`, and what the model says of the value there. */
interface Place {
  readonly path: string
  readonly constraint: Constrained | undefined
  /** The structure's members that are looked at; default: all. */
  readonly isWanted?: (name: string) => boolean
}

function urlMembersOf(schema: NormalizedSchema): Set<string> {
  const [, , , , names, members] = schema.getSchema() as StaticStructureSchema
  return new Set(names.filter((_, index) => isInUrl(members[index]!)))
}

function visit(schema: NormalizedSchema, value: unknown, place: Place, visited: Visit): void {
  if (value == null || schema.isDocumentSchema() || schema.isUnitSchema() || schema.isStreaming()) return
  if (schema.isStructSchema()) visitStructure(schema, value, place, visited)
  else if (schema.isListSchema()) visitList(schema, value, place, visited)
  else if (schema.isMapSchema()) visitMap(schema, value, place, visited)
  else visitScalar(schema, value, place, visited)
}

function visitStructure(schema: NormalizedSchema, value: unknown, place: Place, visited: Visit): void {
  if (!isObject(value)) throw wrongType(visited.speaker, value, 'Structure')
  const { path, constraint, isWanted = () => true } = place
  const required = new Set(requiredOf(schema))
  for (const [name, member] of schema.structIterator()) {
    if (!isWanted(name)) continue
    const at = { path: join(path, name), constraint: constraint?.of(constraint.members?.[name]) }
    // Only what the caller sent counts: `constructor` is not a member of every object.
    const own = Object.hasOwn(value, name) ? value[name] : undefined
    if (own != null) visit(member, own, at, visited)
    else if (required.has(name))
      add(visited, at, null, { rule: 'null', parent: elementOf(schema), member: name })
  }
}

function visitList(
  schema: NormalizedSchema,
  value: unknown,
  { path, constraint }: Place,
  visited: Visit,
): void {
  if (!Array.isArray(value)) throw wrongType(visited.speaker, value, 'List')
  const item = schema.getValueSchema()
  checkRules({ path, constraint }, value, visited, elementNameOf(item))
  const below = constraint?.of(constraint.item)
  if (isScalar(item)) {
    for (const one of value) if (one != null) checkType(item, one, visited.speaker)
    if (value.some((one) => one != null && brokenRules(below, one).length)) {
      add(visited, { path, constraint: below }, value, { rule: 'items', of: 'Member' })
    }
    return
  }
  for (const [index, one] of value.entries()) {
    visit(item, one, { path: `${path}.${index + 1}.member`, constraint: below }, visited)
  }
}

function visitMap(
  schema: NormalizedSchema,
  value: unknown,
  { path, constraint }: Place,
  visited: Visit,
): void {
  if (!isObject(value)) throw wrongType(visited.speaker, value, 'Map')
  checkRules({ path, constraint }, value, visited)
  const keys = constraint?.of(constraint.key)
  if (Object.keys(value).some((key) => brokenRules(keys, key).length)) {
    add(visited, { path, constraint: keys }, value, { rule: 'items', of: 'Map keys' })
  }
  const item = schema.getValueSchema()
  const below = constraint?.of(constraint.value)
  if (isScalar(item)) {
    for (const one of Object.values(value)) if (one != null) checkType(item, one, visited.speaker)
    if (Object.values(value).some((one) => one != null && brokenRules(below, one).length)) {
      add(visited, { path, constraint: below }, value, { rule: 'items', of: 'Map value' })
    }
    return
  }
  for (const [key, one] of Object.entries(value)) {
    visit(item, one, { path: `${path}.${key}.member`, constraint: below }, visited)
  }
}

function visitScalar(schema: NormalizedSchema, value: unknown, place: Place, visited: Visit): void {
  checkType(schema, value, visited.speaker)
  checkRules(place, value, visited)
}

function checkRules(place: Place, value: unknown, visited: Visit, item?: string): void {
  for (const rule of brokenRules(place.constraint, value)) add(visited, place, value, { rule, item })
}

function add(visited: Visit, { path, constraint }: Place, value: unknown, broken: Problem['broken']): void {
  visited.problems.push({ path, constraint, value, broken, isInUrl: visited.isInUrl })
}

// AWS: paths in validation messages start each name with a small letter.
const join = (path: string, name: string) => {
  const small = name.charAt(0).toLowerCase() + name.slice(1)
  return path ? `${path}.${small}` : small
}

const elementOf = (schema: NormalizedSchema) =>
  (schema.isMemberSchema() ? schema.getMemberName() : schema.getName()) ?? ''

const elementNameOf = (item: NormalizedSchema) => String(item.getMergedTraits().xmlName ?? 'member')

const isScalar = (schema: NormalizedSchema) =>
  !(schema.isStructSchema() || schema.isListSchema() || schema.isMapSchema() || schema.isDocumentSchema())

/** The SDK's structure schemas name the required members first, and say how many they are. */
export function requiredOf(schema: NormalizedSchema): readonly string[] {
  const raw = schema.getSchema()
  if (!Array.isArray(raw) || raw[0] !== 3) return []
  const [, , , , names, , required] = raw as StaticStructureSchema
  return names.slice(0, required ?? 0)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

function checkType(schema: NormalizedSchema, value: unknown, speaker: Speaker): void {
  if (schema.isStringSchema()) {
    // JSON text in a header or body is wrapped in an object by the SDK.
    if (typeof value !== 'string' && !(value instanceof String)) throw wrongType(speaker, value, 'String')
  } else if (schema.isNumericSchema()) {
    // A text in the URL that is no number was read as NaN.
    if (Number.isNaN(value)) throw wrongType(speaker, '', 'Number')
    if (typeof value !== 'number') throw wrongType(speaker, value, 'Number')
  } else if (schema.isBooleanSchema()) {
    if (typeof value !== 'boolean') throw wrongType(speaker, value, 'Boolean')
  } else if (schema.isTimestampSchema()) {
    if (!(value instanceof Date)) throw wrongType(speaker, value, 'Timestamp')
  } else if (schema.isBlobSchema() && !(value instanceof Uint8Array)) throw wrongType(speaker, value, 'Blob')
}
