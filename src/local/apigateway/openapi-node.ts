// The nodes of an OpenAPI document and what is common to reading them: shapes, references, extensions that are refused.
// The document as a whole is read by `openapi.ts`.
import { badRequest, unsupported } from './refusal.js'

export type Json = Record<string, unknown>

/** A document that is being read. */
export interface Reading {
  readonly document: Json
  /** JSON schemas by model name, as they are found. */
  readonly models: Record<string, unknown>
  readonly warnings: string[]
}

export const invalid = () => badRequest('Invalid OpenAPI input.')

/** The value, an object. Throws AWS's error for anything else. */
export function objectOf(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid()
  return value as Json
}

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** Refuses `x-amazon-apigateway-...` of which nothing here would come true. */
export function refuseExtensions(node: Json, known: readonly string[]): void {
  for (const name of Object.keys(node)) {
    const extension = /^x-amazon-apigateway-(.*)$/.exec(name)?.[1]
    if (extension !== undefined && !known.includes(extension)) throw unsupported(name)
  }
}

/** The node itself, or what its `$ref` names in this document. */
export function resolve(reading: Reading, node: unknown, depth = 0): Json {
  const { $ref } = objectOf(node)
  if (typeof $ref !== 'string') return objectOf(node)
  if (!$ref.startsWith('#/') || depth > 8) throw unsupported(`the reference ${$ref}`)
  let target: unknown = reading.document
  for (const part of $ref.slice(2).split('/')) {
    target = objectOf(target)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
    if (target === undefined) throw badRequest(`Invalid OpenAPI input: ${$ref} is missing`)
  }
  return resolve(reading, target, depth + 1)
}
