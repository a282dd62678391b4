// Checks an input against its operation's schema: required members and JSON types, refused in AWS's own words.
// Lengths, patterns and enums are not in the SDK's schemas: those checks are the services' own.
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticStructureSchema } from '@smithy/types'
import { AwsError } from './errors.js'
import { notReadable, type Speaker } from './fault.js'
import type { OperationSchema } from './schema.js'

/** Throws an AwsError where a required member is missing, at any depth, or where a value has the wrong type. */
export function checkInput(
  speaker: Speaker,
  operation: OperationSchema,
  input: Record<string, unknown>,
): void {
  const missing: Missing[] = []
  visit(NormalizedSchema.of(operation.input), input, '', { speaker, missing })
  if (missing.length) throw missingMembers(speaker, missing)
}

interface Visit {
  readonly speaker: Speaker
  readonly missing: Missing[]
}

interface Missing {
  /** As `tags.1.member.key`. */
  readonly path: string
  /** The structure that lacks it: a member's name, or the input shape's. */
  readonly parent: string
  readonly member: string
}

function visit(schema: NormalizedSchema, value: unknown, path: string, visited: Visit): void {
  if (value == null || schema.isDocumentSchema() || schema.isUnitSchema() || schema.isStreaming()) return
  if (schema.isStructSchema()) visitStructure(schema, value, path, visited)
  else if (schema.isListSchema()) visitList(schema, value, path, visited)
  else if (schema.isMapSchema()) visitMap(schema, value, path, visited)
  else visitScalar(schema, value, visited.speaker)
}

function visitList(schema: NormalizedSchema, value: unknown, path: string, visited: Visit): void {
  if (!Array.isArray(value)) throw wrongType(visited.speaker, value, 'List')
  for (const [index, item] of value.entries()) {
    visit(schema.getValueSchema(), item, `${path}.${index + 1}.member`, visited)
  }
}

function visitMap(schema: NormalizedSchema, value: unknown, path: string, visited: Visit): void {
  if (!isObject(value)) throw wrongType(visited.speaker, value, 'Map')
  for (const [key, item] of Object.entries(value)) {
    visit(schema.getValueSchema(), item, `${path}.${key}.member`, visited)
  }
}

function visitStructure(schema: NormalizedSchema, value: unknown, path: string, visited: Visit): void {
  if (!isObject(value)) throw wrongType(visited.speaker, value, 'Structure')
  for (const name of requiredOf(schema)) {
    const missing = { path: join(path, name), parent: elementOf(schema), member: name }
    if (value[name] == null) visited.missing.push(missing)
  }
  for (const [name, member] of schema.structIterator()) {
    if (value[name] != null) visit(member, value[name], join(path, name), visited)
  }
}

// AWS: paths in validation messages start each name with a small letter.
const join = (path: string, name: string) => {
  const small = name.charAt(0).toLowerCase() + name.slice(1)
  return path ? `${path}.${small}` : small
}

const elementOf = (schema: NormalizedSchema) =>
  (schema.isMemberSchema() ? schema.getMemberName() : schema.getName()) ?? ''

/** The SDK's structure schemas name the required members first, and say how many they are. */
function requiredOf(schema: NormalizedSchema): readonly string[] {
  const raw = schema.getSchema()
  if (!Array.isArray(raw) || raw[0] !== 3) return []
  const [, , , , names, , required] = raw as StaticStructureSchema
  return names.slice(0, required ?? 0)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

function visitScalar(schema: NormalizedSchema, value: unknown, speaker: Speaker): void {
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

// AWS: Coral's names for JSON values.
function jsonName(value: unknown): string {
  if (typeof value === 'string' || value instanceof String) return 'STRING_VALUE'
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE'
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE'
  return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT'
}

function wrongType(speaker: Speaker, value: unknown, wanted: string): AwsError {
  const found = jsonName(value)
  const isScalar = !found.startsWith('START')
  if (!isScalar) return notReadable(speaker, 'Start of structure or map found where not expected.')
  return notReadable(speaker, `${found} can not be converted to ${wanted}`)
}

function missingMembers({ service, protocol }: Speaker, missing: readonly Missing[]): AwsError {
  if (protocol === 'restXml') return incompleteXml(missing[0]!)
  const one = ({ path }: Missing) =>
    `Value null at '${path}' failed to satisfy constraint: Member must not be null`
  const count = `${missing.length} validation error${missing.length > 1 ? 's' : ''} detected: `
  const message = count + missing.map(one).join('; ')
  // AWS: API Gateway's words for this are unconfirmed; its code is not.
  if (service === 'apigateway') return new AwsError('BadRequestException', message, 400)
  if (service === 'logs') return new AwsError('InvalidParameterException', message, 400)
  return new AwsError(protocol === 'awsQuery' ? 'ValidationError' : 'ValidationException', message, 400)
}

// AWS: Route 53 checks requests against an XML schema, and answers in that checker's words.
function incompleteXml({ parent, member }: Missing): AwsError {
  const expected = `{"https://route53.amazonaws.com/doc/2013-04-01/":${member}}`
  const message =
    `Invalid XML ; cvc-complex-type.2.4.b: The content of element '${parent}' is not complete. ` +
    `One of '${expected}' is expected.`
  return new AwsError('InvalidInput', message, 400)
}
