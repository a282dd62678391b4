// Reads an OpenAPI 3.0 document as API Gateway does: the subset that this model keeps to, everything else refused or,
// where AWS only warns, warned about. What it says is put into an API by `openapi-import.ts`; `openapi-export.ts` writes one.
import { readSchemas } from './openapi-model.js'
import { invalid, type Json, listOf, objectOf, type Reading, refuseExtensions } from './openapi-node.js'
import { type DocumentedMethod, readPath } from './openapi-operation.js'
import { badRequest, unsupported } from './refusal.js'

/** What a document says. Undefined is what it does not say. */
export interface ApiDocument {
  readonly title: string
  readonly description?: string
  readonly version?: string
  readonly binaryMediaTypes?: string[]
  /** As JSON text. */
  readonly policy?: string
  readonly disableExecuteApiEndpoint?: boolean
  readonly models: Record<string, unknown>
  /** All paths, those without methods too. */
  readonly paths: readonly string[]
  readonly methods: readonly DocumentedMethod[]
  readonly warnings: readonly string[]
}

// AWS: docs "Quotas": the size of an OpenAPI document.
const LARGEST_BODY_BYTES = 6 * 1024 * 1024

/** Throws BadRequestException for a document that API Gateway, or this model of it, refuses. */
export function readDocument(body: Uint8Array | undefined): ApiDocument {
  const document = parse(body ?? new Uint8Array())
  checkVersion(document)
  const reading: Reading = { document, models: {}, warnings: [] }
  readComponents(reading)
  const paths = objectOf(document.paths ?? {})
  const methods = Object.entries(paths).flatMap(([path, item]) => readPath(reading, path, objectOf(item)))
  return {
    ...readInfo(objectOf(document.info)),
    ...readExtensions(document),
    models: reading.models,
    paths: Object.keys(paths),
    methods,
    warnings: reading.warnings,
  }
}

function parse(body: Uint8Array): Json {
  if (body.byteLength > LARGEST_BODY_BYTES) throw badRequest('API definition size exceeds the limit of 6 MB')
  const text = Buffer.from(body).toString('utf8')
  try {
    return objectOf(JSON.parse(text))
  } catch {
    if (/^\s*(openapi|swagger)\s*:/m.test(text) && !text.trimStart().startsWith('{')) {
      throw unsupported('documents in YAML: give JSON')
    }
    throw invalid()
  }
}

function checkVersion({ openapi, swagger, security }: Json): void {
  if (swagger !== undefined) throw unsupported('Swagger 2.0 documents: give OpenAPI 3.0')
  if (typeof openapi !== 'string') throw invalid()
  if (!/^3\.0\.\d+$/.test(openapi)) throw unsupported(`OpenAPI ${openapi}: give 3.0`)
  if (listOf(security).length) throw unsupported('security requirements')
}

function readInfo({ title, description, version }: Json) {
  if (typeof title !== 'string' || !title) throw invalid()
  return {
    title,
    ...(typeof description === 'string' && description && { description }),
    ...(version !== undefined && { version: String(version) }),
  }
}

function readExtensions(document: Json) {
  const endpoint = document['x-amazon-apigateway-endpoint-configuration']
  const policy = document['x-amazon-apigateway-policy']
  const binary = document['x-amazon-apigateway-binary-media-types']
  const known = ['endpoint-configuration', 'policy', 'binary-media-types', 'api-key-source']
  refuseExtensions(document, known)
  const keySource = document['x-amazon-apigateway-api-key-source'] ?? 'HEADER'
  if (keySource !== 'HEADER') throw unsupported(`the API key source ${keySource}`)
  return {
    ...(binary !== undefined && { binaryMediaTypes: textsOf(binary) }),
    ...(policy !== undefined && { policy: JSON.stringify(objectOf(policy)) }),
    ...(endpoint !== undefined && readEndpointConfiguration(objectOf(endpoint))),
  }
}

function textsOf(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) throw invalid()
  return value
}

function readEndpointConfiguration({ disableExecuteApiEndpoint, ...others }: Json) {
  const [unknown] = Object.keys(others)
  if (unknown) throw unsupported(`${unknown} in x-amazon-apigateway-endpoint-configuration`)
  return { disableExecuteApiEndpoint: disableExecuteApiEndpoint === true }
}

function readComponents(reading: Reading): void {
  const components = objectOf(reading.document.components ?? {})
  refuseExtensions(components, [])
  if (Object.keys(objectOf(components.securitySchemes ?? {})).length) throw unsupported('security schemes')
  readSchemas(reading, components.schemas)
}
