// The operations and errors of one AWS service, read from the schemas that its SDK client exports.
// It encodes nothing; `codec.ts` uses these with the client's own protocol object.
import { deref, NormalizedSchema, translateTraits } from '@smithy/core/schema'
import type {
  $SchemaRef,
  SchemaTraits,
  StaticErrorSchema,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types'

/** One operation of a service, in the form that the SDK's protocol objects take. */
export interface OperationSchema {
  readonly namespace: string
  readonly name: string
  readonly traits: SchemaTraits
  readonly input: $SchemaRef
  readonly output: $SchemaRef
}

// The SDK marks each exported schema by its first element.
const OPERATION = 9
const ERROR = -3
const STRUCTURE = 3

// The SDK's bits for traits without a value.
const LABEL = 1
const IDEMPOTENCY_TOKEN = 4
const QUERY_PARAMS = 64

const schemasOf = (module: Readonly<Record<string, unknown>>, kind: number) =>
  Object.values(module).filter((value) => Array.isArray(value) && value[0] === kind)

/** Every operation of an SDK client module, by name. */
export function operationsOf(module: Readonly<Record<string, unknown>>): Map<string, OperationSchema> {
  const schemas = schemasOf(module, OPERATION) as StaticOperationSchema[]
  return new Map(
    schemas.map(([, namespace, name, traits, input, output]) => [
      name,
      { namespace, name, traits, input, output },
    ]),
  )
}

/** Every modelled error of an SDK client module, by name. */
export function errorsOf(module: Readonly<Record<string, unknown>>): Map<string, StaticErrorSchema> {
  const schemas = schemasOf(module, ERROR) as StaticErrorSchema[]
  return new Map(schemas.map((schema) => [schema[2], schema]))
}

/** The structure behind a reference, or undefined for the unit shape (no members at all). */
export function structureOf(reference: $SchemaRef): StaticStructureSchema | undefined {
  const schema = NormalizedSchema.of(reference).getSchema()
  return Array.isArray(schema) && schema[0] === STRUCTURE ? (schema as StaticStructureSchema) : undefined
}

/** A copy of a structure under another name, with only some members and with other member traits. */
export function reshape(
  structure: StaticStructureSchema | StaticErrorSchema,
  change: {
    name?: string
    keep?: (member: $SchemaRef) => boolean
    member?: (member: $SchemaRef) => $SchemaRef
  },
): StaticStructureSchema {
  const [, namespace, name, traits, names, members] = structure
  const kept = members.map((member) => change.keep?.(member) ?? true)
  const changed = members.map((member) => change.member?.(member) ?? member)
  return [
    STRUCTURE,
    namespace,
    change.name ?? name,
    traits,
    names.filter((_, index) => kept[index]),
    changed.filter((_, index) => kept[index]),
  ]
}

/** A member's target and the traits that the structure gives it; undefined where it gives none. */
function memberTraitsOf(member: $SchemaRef): { target: $SchemaRef; traits: SchemaTraits } | undefined {
  const raw = deref(member as never) as $SchemaRef
  if (!Array.isArray(raw) || raw.length !== 2) return undefined
  const [target, traits] = raw as unknown as [$SchemaRef, SchemaTraits]
  return { target, traits }
}

/** Whether a request carries this member in its URL: as a label of the path or in the query. */
export function isInUrl(member: $SchemaRef): boolean {
  const traits = translateTraits(memberTraitsOf(member)?.traits ?? 0)
  return Boolean(traits.httpLabel || traits.httpQuery || traits.httpQueryParams)
}

/**
 * The member without the bindings that mean something in requests only.
 * AWS: API Gateway's answers reuse shapes with query bindings (`position`); in an answer they stand in the body.
 */
export function withoutRequestBindings(member: $SchemaRef): $SchemaRef {
  const own = memberTraitsOf(member)
  if (!own) return member
  const { target, traits } = own
  if (typeof traits === 'number') return [target, traits & ~(LABEL | IDEMPOTENCY_TOKEN | QUERY_PARAMS)]
  const { httpQuery, httpLabel, httpQueryParams, idempotencyToken, ...kept } = traits
  return [target, kept]
}
