// Models: the JSON schemas of an OpenAPI document, under names that methods refer to. Without request validators they
// change no answer; they are read so that what refers to them can be checked, and be shown again.
import { createHash } from 'node:crypto'
import { type Json, listOf, objectOf, type Reading } from './openapi-node.js'

/** Takes the document's named schemas. AWS: an unusable name is left out, with a warning. */
export function readSchemas(reading: Reading, schemas: unknown): void {
  for (const [name, schema] of Object.entries(objectOf(schemas ?? {}))) {
    if (/^[A-Za-z0-9]+$/.test(name)) reading.models[name] = schema
    else reading.warnings.push(`Model name must be alphanumeric: ${name}`)
    warnAboutSchema(reading, schema, `components.schemas.${name}`)
  }
}

// AWS: a model is JSON schema draft 4, in which OpenAPI's own keywords are parse issues.
const NOT_IN_MODELS = ['example', 'examples', 'default']

function warnAboutSchema(reading: Reading, schema: unknown, where: string): void {
  if (typeof schema !== 'object' || schema === null) return
  const node = schema as Json
  for (const word of NOT_IN_MODELS) {
    if (word in node) reading.warnings.push(`Parse issue: attribute ${where}.${word} is not supported`)
  }
  const below = (name: string, child: unknown) => warnAboutSchema(reading, child, `${where}.${name}`)
  for (const [name, child] of Object.entries((node.properties as Json | undefined) ?? {})) below(name, child)
  for (const word of ['items', 'additionalProperties', 'not']) below(word, node[word])
  for (const word of ['allOf', 'anyOf', 'oneOf']) {
    listOf(node[word]).forEach((child, index) => {
      below(`${word}[${index}]`, child)
    })
  }
}

/** The models of a body by media type. AWS: a schema without a name becomes a model with a made-up one. */
export function readModels(
  reading: Reading,
  content: unknown,
  where: string,
): Record<string, string> | undefined {
  const models: Record<string, string> = {}
  for (const [mediaType, media] of Object.entries(objectOf(content ?? {}))) {
    const schema = objectOf(media).schema as Json | undefined
    if (!schema) continue
    const named = /^#\/components\/schemas\/(.+)$/.exec(String(schema.$ref ?? ''))?.[1]
    if (!named && schema.type !== 'object' && schema.type !== 'array') {
      reading.warnings.push(`Unsupported model type '${modelType(schema.type)}' in ${where}. Ignoring.`)
      continue
    }
    if (!named) warnAboutSchema(reading, schema, where)
    const name =
      named ?? `MODEL${createHash('sha256').update(JSON.stringify(schema)).digest('hex').slice(0, 6)}`
    if (!named) reading.models[name] = schema
    models[mediaType] = name
  }
  return Object.keys(models).length ? models : undefined
}

const modelType = (type: unknown) => {
  const name = typeof type === 'string' ? type : 'untyped'
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Model`
}
