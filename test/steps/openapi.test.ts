// The API's document: routes -> document -> what API Gateway shows of it -> the same routes, for the article's and for
// any others. The reading back is API Gateway's, told here in a few lines.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Resource } from '@aws-sdk/client-api-gateway'
import fc from 'fast-check'
import { openApiDocument, routesFound, routesOf } from '../../src/steps/openapi.js'

interface Operation {
  readonly parameters?: readonly { name: string; in: string; required: boolean }[]
  readonly responses: Record<string, { headers?: object }>
  readonly 'x-amazon-apigateway-integration': {
    readonly type: 'aws_proxy' | 'mock'
    readonly httpMethod?: string
    readonly uri?: string
    readonly requestTemplates?: Record<string, string>
    readonly responses?: Record<string, { statusCode: string; responseParameters: Record<string, string> }>
  }
}
interface Document {
  readonly openapi: string
  readonly info: { title: string; version: string }
  readonly paths: Record<string, Record<string, Operation>>
}

const documentOf = (routes: Parameters<typeof openApiDocument>[1]) =>
  openApiDocument('shop-dev', routes) as Document

/** What GetResources shows after PutRestApi of a document; the root is always there. */
function imported({ paths }: Document): Resource[] {
  const resources = Object.entries(paths).map(([path, operations]): Resource => {
    const methods = Object.entries(operations).map(([method, operation]) => {
      const { type, uri, httpMethod, responses } = operation['x-amazon-apigateway-integration']
      const answers = Object.values(responses ?? {}).map(({ statusCode, responseParameters }) => [
        statusCode,
        { statusCode, responseParameters },
      ])
      const methodIntegration = {
        type: type === 'mock' ? ('MOCK' as const) : ('AWS_PROXY' as const),
        ...{ uri, httpMethod, integrationResponses: Object.fromEntries(answers) },
      }
      return [method.toUpperCase(), { httpMethod: method.toUpperCase(), methodIntegration }]
    })
    return { id: path, path, resourceMethods: Object.fromEntries(methods) }
  })
  return [{ id: 'root', path: '/' }, ...resources].reverse()
}

const arn = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:shop-dev-${name}`
const article = [
  { method: 'GET', path: '/item/{itemId}', functionArn: arn('getItem') },
  { method: 'POST', path: '/item', functionArn: arn('putItem') },
  { method: 'GET', path: '/health', functionArn: arn('health') },
]

test("the article's routes: a proxy each, and CORS for every path", () => {
  const routes = routesOf(article, 'aws', 'eu-west-1')
  assert.deepEqual(Object.keys(routes), [
    ...['GET /health', 'GET /item/{itemId}', 'OPTIONS /health', 'OPTIONS /item', 'OPTIONS /item/{itemId}'],
    'POST /item',
  ])
  assert.deepEqual(routes['POST /item'], {
    type: 'AWS_PROXY',
    uri: `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn('putItem')}/invocations`,
  })
  assert.deepEqual(routes['OPTIONS /item'], {
    type: 'MOCK',
    headers: {
      'Access-Control-Allow-Origin': "'*'",
      'Access-Control-Allow-Headers':
        "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent'",
      'Access-Control-Allow-Methods': "'OPTIONS,POST'",
    },
  })
})

test('its document: functions are invoked by POST, parameters are named, CORS headers are declared', () => {
  const { openapi, info, paths } = documentOf(routesOf(article, 'aws', 'eu-west-1'))
  assert.equal(openapi, '3.0.1')
  assert.deepEqual(info, { title: 'shop-dev', version: '1' })
  const get = paths['/item/{itemId}']!.get!
  assert.equal(get['x-amazon-apigateway-integration'].httpMethod, 'POST')
  assert.deepEqual(get.parameters, [
    { name: 'itemId', in: 'path', required: true, schema: { type: 'string' } },
  ])
  const options = paths['/item']!.options!
  const declared = Object.keys(options.responses['200']!.headers!)
  const { responses, requestTemplates } = options['x-amazon-apigateway-integration']
  assert.deepEqual(requestTemplates, { 'application/json': '{"statusCode":200}' })
  assert.deepEqual(
    Object.keys(responses!.default!.responseParameters),
    declared.map((name) => `method.response.header.${name}`),
  )
})

test('a greedy parameter is named without its plus; the root is a path', () => {
  const routes = routesOf(
    [
      { method: 'GET', path: '/', functionArn: arn('a') },
      { method: 'PUT', path: '/files/{rest+}', functionArn: arn('b') },
    ],
    'aws',
    'eu-west-1',
  )
  const document = documentOf(routes)
  assert.equal(document.paths['/files/{rest+}']!.put!.parameters![0]!.name, 'rest')
  assert.deepEqual(routesFound([...imported(document).filter(({ id }) => id !== 'root')]), routes)
})

test('what is read back is what was written, whatever the routes', () => {
  const segment = fc.oneof(
    fc.stringMatching(/^[a-z][a-z0-9._-]{0,5}$/),
    fc.constantFrom('{id}', '{name}', '{rest+}'),
  )
  const route = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'),
    path: fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`),
    functionArn: fc.stringMatching(/^[a-zA-Z]{1,8}$/).map(arn),
  })
  const all = fc.uniqueArray(route, { selector: ({ method, path }) => `${method} ${path}`, maxLength: 12 })
  fc.assert(
    fc.property(all, (routes) => {
      const wanted = routesOf(routes, 'aws', 'us-east-1')
      assert.deepEqual(routesFound(imported(documentOf(wanted))), wanted)
      assert.deepEqual(JSON.parse(JSON.stringify(wanted)), wanted)
    }),
  )
})

test('what somebody changed by hand is seen', () => {
  const wanted = routesOf(article, 'aws', 'eu-west-1')
  const changed = (change: (resources: Resource[]) => void) => {
    const resources = imported(documentOf(wanted))
    change(resources)
    return routesFound(resources)
  }
  const item = (resources: Resource[]) => resources.find(({ path }) => path === '/item')!.resourceMethods!
  assert.notDeepEqual(
    changed((resources) => delete item(resources).POST),
    wanted,
  )
  assert.notDeepEqual(
    changed((resources) => Object.assign(item(resources), { ANY: {} })),
    wanted,
  )
  assert.notDeepEqual(
    changed((resources) => Object.assign(item(resources).POST!.methodIntegration!, { uri: 'another' })),
    wanted,
  )
  assert.notDeepEqual(
    changed((resources) => Object.assign(item(resources).POST!.methodIntegration!, { type: 'HTTP' })),
    wanted,
  )
  assert.notDeepEqual(
    changed((resources) =>
      Object.assign(item(resources).OPTIONS!.methodIntegration!, { integrationResponses: {} }),
    ),
    wanted,
  )
})
