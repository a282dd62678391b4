// The API as one OpenAPI 3.0 document: a Lambda proxy integration per route, and CORS for every path as the article has
// it (`cors: true`). `rest-api.ts` imports it and reads the API back in the same terms, which is how drift is seen.
import type { Resource } from '@aws-sdk/client-api-gateway'

/** What API Gateway does with one method of one path. */
export type Integration =
  | { readonly type: 'AWS_PROXY'; readonly uri: string }
  | { readonly type: 'MOCK'; readonly headers: Readonly<Record<string, string>> }

/** `GET /item/{itemId}` -> its integration; OPTIONS included. */
export type Routes = Readonly<Record<string, Integration>>

export interface Route {
  readonly method: string
  readonly path: string
  readonly functionArn: string
}

const CORS_HEADERS = 'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent'

/** The routes of the functions, and an OPTIONS answer for each of their paths. */
export function routesOf(routes: readonly Route[], partition: string, region: string): Routes {
  const result: Record<string, Integration> = {}
  for (const { method, path, functionArn } of routes)
    result[`${method} ${path}`] = {
      type: 'AWS_PROXY',
      uri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
    }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map((route) => route.method)
    result[`OPTIONS ${path}`] = {
      type: 'MOCK',
      headers: {
        'Access-Control-Allow-Origin': "'*'",
        'Access-Control-Allow-Headers': `'${CORS_HEADERS}'`,
        'Access-Control-Allow-Methods': `'${['OPTIONS', ...methods].join(',')}'`,
      },
    }
  }
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The document that PutRestApi takes. Only plain OpenAPI, as `failOnWarnings` refuses the rest. */
export function openApiDocument(title: string, routes: Routes): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const [route, integration] of Object.entries(routes)) {
    const [method, path] = route.split(' ') as [string, string]
    paths[path] ??= {}
    paths[path][method.toLowerCase()] = operation(path, integration)
  }
  return { openapi: '3.0.1', info: { title, version: '1' }, paths }
}

function operation(path: string, integration: Integration): object {
  const parameters = [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  if (integration.type === 'AWS_PROXY')
    return {
      ...(parameters.length > 0 ? { parameters } : {}),
      responses: { '200': { description: 'as the function answers' } },
      // AWS: a Lambda integration is always invoked by POST, whatever the method of the route.
      'x-amazon-apigateway-integration': {
        type: 'aws_proxy',
        httpMethod: 'POST',
        uri: integration.uri,
        passthroughBehavior: 'when_no_match',
      },
    }
  const names = Object.keys(integration.headers)
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: {
      '200': {
        description: 'CORS',
        headers: Object.fromEntries(names.map((name) => [name, { schema: { type: 'string' } }])),
      },
    },
    'x-amazon-apigateway-integration': {
      type: 'mock',
      requestTemplates: { 'application/json': '{"statusCode":200}' },
      passthroughBehavior: 'when_no_match',
      responses: {
        default: {
          statusCode: '200',
          responseParameters: Object.fromEntries(
            Object.entries(integration.headers).map(([name, value]) => [
              `method.response.header.${name}`,
              value,
            ]),
          ),
        },
      },
    },
  }
}

/** The same routes, read back from GetResources with `embed=methods`. */
export function routesFound(resources: readonly Resource[]): Routes {
  const result: Record<string, Integration> = {}
  for (const { path, resourceMethods = {} } of resources)
    for (const [method, { methodIntegration }] of Object.entries(resourceMethods)) {
      const type = methodIntegration?.type
      if (type === 'MOCK') result[`${method} ${path}`] = { type, headers: headersOf(methodIntegration!) }
      else result[`${method} ${path}`] = { type: type as 'AWS_PROXY', uri: methodIntegration?.uri ?? '' }
    }
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)))
}

type Found = NonNullable<NonNullable<Resource['resourceMethods']>[string]['methodIntegration']>

function headersOf({ integrationResponses = {} }: Found): Record<string, string> {
  const parameters = Object.values(integrationResponses)[0]?.responseParameters ?? {}
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name.replace('method.response.header.', ''), value]),
  )
}
