// Reads the operations of an OpenAPI document: methods, their responses, and the integrations that AWS's extension puts
// behind them. The rest of the document is `openapi.ts`'s.
import type {
  ContentHandlingStrategy,
  IntegrationResponse,
  MethodResponse,
} from '@aws-sdk/client-api-gateway'
import type { IntegrationInput } from './integration.js'
import { readModels } from './openapi-model.js'
import {
  invalid,
  type Json,
  listOf,
  objectOf,
  type Reading,
  refuseExtensions,
  resolve,
} from './openapi-node.js'
import { unsupported } from './refusal.js'

/** One operation of a document, in the API's own terms. */
export interface DocumentedMethod {
  readonly path: string
  /** GET, POST, ..., or ANY. */
  readonly httpMethod: string
  readonly operationName?: string
  readonly requestParameters?: Record<string, boolean>
  readonly requestModels?: Record<string, string>
  readonly responses: readonly MethodResponse[]
  readonly integration?: IntegrationInput
  readonly integrationResponses: readonly IntegrationResponse[]
}

const VERBS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']
const ANY = 'x-amazon-apigateway-any-method'
const INTEGRATION = 'x-amazon-apigateway-integration'

/** The methods of one path. Throws AWS's error for what is refused. */
export function readPath(reading: Reading, path: string, item: Json): DocumentedMethod[] {
  if (!path.startsWith('/')) {
    reading.warnings.push(`Parse issue: attribute paths. Resource ${path} should start with /`)
    return []
  }
  if (item.$ref !== undefined) throw unsupported(`$ref at path '${path}'`)
  if (item.trace !== undefined) throw unsupported('the method TRACE')
  refuseExtensions(item, ['any-method'])
  return Object.entries(item)
    .filter(([key]) => VERBS.includes(key) || key === ANY)
    .map(([key, operation]) => {
      const httpMethod = key === ANY ? 'ANY' : key.toUpperCase()
      return readOperation(
        reading,
        { path, httpMethod, shared: listOf(item.parameters) },
        objectOf(operation),
      )
    })
}

interface Place {
  readonly path: string
  readonly httpMethod: string
  /** The path item's parameters. */
  readonly shared: readonly unknown[]
}

function readOperation(reading: Reading, place: Place, operation: Json): DocumentedMethod {
  const { path, httpMethod, shared } = place
  refuseExtensions(operation, ['integration', 'auth'])
  if (listOf(operation.security).length) throw unsupported(`security of ${httpMethod} ${path}`)
  const auth = operation['x-amazon-apigateway-auth'] as Json | undefined
  if (auth && String(auth.type).toUpperCase() !== 'NONE')
    throw unsupported(`x-amazon-apigateway-auth of ${path}`)
  const parameters = readParameters(reading, [...shared, ...listOf(operation.parameters)])
  const body = operation.requestBody ? resolve(reading, operation.requestBody) : undefined
  const models = readModels(reading, body?.content, `request body of method '${httpMethod} ${path}'`)
  return {
    path,
    httpMethod,
    ...(typeof operation.operationId === 'string' && { operationName: operation.operationId }),
    ...(parameters && { requestParameters: parameters }),
    ...(models && { requestModels: models }),
    responses: readResponses(reading, place, objectOf(operation.responses ?? {})),
    ...readIntegration(operation[INTEGRATION]),
  }
}

const LOCATIONS = new Map([
  ['path', 'path'],
  ['query', 'querystring'],
  ['header', 'header'],
])

function readParameters(reading: Reading, parameters: readonly unknown[]) {
  const named: Record<string, boolean> = {}
  for (const parameter of parameters) {
    const { name, in: where, required } = resolve(reading, parameter)
    const location = LOCATIONS.get(String(where))
    if (location) named[`method.request.${location}.${name}`] = required === true
    else reading.warnings.push(`Parse issue: parameter ${name} in ${where} is not supported`)
  }
  return Object.keys(named).length ? named : undefined
}

function readResponses(reading: Reading, { path, httpMethod }: Place, responses: Json): MethodResponse[] {
  return Object.entries(responses).flatMap(([statusCode, node]) => {
    const where = `${statusCode} response to method '${httpMethod} ${path}'`
    if (!/^[1-5]\d\d$/.test(statusCode)) {
      reading.warnings.push(`Parse issue: ${where} is not supported`)
      return []
    }
    const { headers, content } = resolve(reading, node)
    const names = Object.keys(objectOf(headers ?? {})).map((name) => `method.response.header.${name}`)
    const responseModels = readModels(reading, content, where)
    return {
      statusCode,
      ...(names.length && { responseParameters: Object.fromEntries(names.map((name) => [name, false])) }),
      ...(responseModels && { responseModels }),
    }
  })
}

// Those that this model refuses are refused in `integration.ts`, for documents and calls alike.
const INTEGRATION_MEMBERS = [
  'type',
  'uri',
  'credentials',
  'requestParameters',
  'requestTemplates',
  'passthroughBehavior',
  'contentHandling',
  'timeoutInMillis',
  'cacheNamespace',
  'cacheKeyParameters',
  'connectionType',
  'connectionId',
  'tlsConfig',
  'responseTransferMode',
]

function readIntegration(node: unknown): Pick<DocumentedMethod, 'integration' | 'integrationResponses'> {
  if (node === undefined) return { integrationResponses: [] }
  const { httpMethod, responses, ...members } = objectOf(node)
  const unknown = Object.keys(members).find((name) => !INTEGRATION_MEMBERS.includes(name))
  if (unknown) throw unsupported(`${unknown} in ${INTEGRATION}`)
  for (const name of ['uri', 'type', 'passthroughBehavior']) {
    if (members[name] !== undefined && typeof members[name] !== 'string') throw invalid()
  }
  const templates = objectOf(members.requestTemplates ?? {})
  if (!Object.values(templates).every((each) => typeof each === 'string')) throw invalid()
  const integration = {
    ...members,
    type: String(members.type).toUpperCase(),
    ...(httpMethod !== undefined && { integrationHttpMethod: String(httpMethod).toUpperCase() }),
  } as IntegrationInput
  return {
    integration,
    integrationResponses: Object.entries(objectOf(responses ?? {})).map(readIntegrationResponse),
  }
}

function readIntegrationResponse([pattern, node]: [string, unknown]): IntegrationResponse {
  const { statusCode, responseParameters, responseTemplates, contentHandling } = objectOf(node)
  return {
    // AWS: a number is as good as a text here.
    statusCode: String(statusCode),
    ...(pattern !== 'default' && { selectionPattern: pattern }),
    ...(responseParameters !== undefined && {
      responseParameters: objectOf(responseParameters) as Record<string, string>,
    }),
    ...(responseTemplates !== undefined && {
      responseTemplates: objectOf(responseTemplates) as Record<string, string>,
    }),
    ...(contentHandling !== undefined && { contentHandling: contentHandling as ContentHandlingStrategy }),
  }
}
