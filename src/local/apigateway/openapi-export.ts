// Writes a deployed API as an OpenAPI 3.0 document, as GetExport does. `openapi.ts` reads such a document.
import type { IntegrationResponse, MethodResponse } from '@aws-sdk/client-api-gateway'
import { LARGEST_TIMEOUT_MS } from './integration.js'
import type { ApiIntegration, ApiMethod, ApiResource, ApiSnapshot } from './record.js'

export interface ExportOptions {
  /** Where it is served, as `https://<host>/{basePath}`. */
  readonly host: string
  readonly stageName: string
  /** With the `x-amazon-apigateway-` extensions. */
  readonly withExtensions: boolean
}

/** The document as an object, its paths in order. */
export function exportDocument(snapshot: ApiSnapshot, options: ExportOptions): object {
  const { name, version, description, models, binaryMediaTypes, policy } = snapshot
  const resources = snapshot.resources.filter(({ methods }) => Object.keys(methods).length)
  const sorted = resources.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return {
    openapi: '3.0.1',
    info: { title: name, ...(description && { description }), ...(version !== undefined && { version }) },
    servers: [
      {
        url: `https://${options.host}/{basePath}`,
        variables: { basePath: { default: options.stageName } },
      },
    ],
    paths: Object.fromEntries(sorted.map((each) => [each.path, exportPath(each, options)])),
    components: Object.keys(models).length ? { schemas: models } : {},
    ...(options.withExtensions && {
      ...(binaryMediaTypes.length && { 'x-amazon-apigateway-binary-media-types': binaryMediaTypes }),
      ...(policy && { 'x-amazon-apigateway-policy': JSON.parse(policy) }),
    }),
  }
}

function exportPath({ methods }: ApiResource, options: ExportOptions): object {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name === 'ANY' ? 'x-amazon-apigateway-any-method' : name.toLowerCase(),
      exportMethod(method, options),
    ]),
  )
}

function exportMethod(method: ApiMethod, { withExtensions }: ExportOptions): object {
  const parameters = Object.entries(method.requestParameters ?? {}).map(exportParameter)
  const { operationName, requestModels, methodResponses, methodIntegration } = method
  return {
    ...(operationName && { operationId: operationName }),
    ...(parameters.length && { parameters }),
    ...(requestModels && { requestBody: { content: exportContent(requestModels), required: true } }),
    responses: Object.fromEntries(
      Object.entries(methodResponses ?? {}).map(([code, response]) => [code, exportResponse(code, response)]),
    ),
    ...(withExtensions &&
      methodIntegration && { 'x-amazon-apigateway-integration': exportIntegration(methodIntegration) }),
  }
}

const IN: Readonly<Record<string, string>> = { path: 'path', querystring: 'query', header: 'header' }

function exportParameter([parameter, required]: [string, boolean]): object {
  const [, , location, ...name] = parameter.split('.')
  return {
    name: name.join('.'),
    in: IN[location ?? ''],
    ...(required && { required }),
    schema: { type: 'string' },
  }
}

function exportContent(models: Record<string, string> | undefined): object {
  return Object.fromEntries(
    Object.entries(models ?? {}).map(([mediaType, model]) => [
      mediaType,
      { schema: { $ref: `#/components/schemas/${model}` } },
    ]),
  )
}

function exportResponse(code: string, { responseParameters, responseModels }: MethodResponse): object {
  const headers = Object.keys(responseParameters ?? {}).map((name) => [
    name.replace('method.response.header.', ''),
    { schema: { type: 'string' } },
  ])
  return {
    description: `${code} response`,
    ...(headers.length && { headers: Object.fromEntries(headers) }),
    content: exportContent(responseModels),
  }
}

function exportIntegration(integration: ApiIntegration): object {
  const { type, httpMethod, uri, requestTemplates, passthroughBehavior, timeoutInMillis } = integration
  const responses = Object.values(integration.integrationResponses ?? {}).map(exportIntegrationResponse)
  return {
    ...(httpMethod && { httpMethod }),
    ...(uri && { uri }),
    ...(responses.length && { responses: Object.fromEntries(responses) }),
    ...(requestTemplates && { requestTemplates }),
    ...(passthroughBehavior && { passthroughBehavior: passthroughBehavior.toLowerCase() }),
    // AWS: shown where it is not the default.
    ...(timeoutInMillis !== LARGEST_TIMEOUT_MS && { timeoutInMillis }),
    type: type!.toLowerCase(),
  }
}

function exportIntegrationResponse(response: IntegrationResponse): [string, object] {
  const { selectionPattern, ...rest } = response
  return [selectionPattern || 'default', rest]
}
