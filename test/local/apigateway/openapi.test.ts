// OpenAPI documents: what is read, warned about and refused; and that an exported API, imported again, is the same.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readDocument } from '../../../src/local/apigateway/openapi.js'
import { exportDocument } from '../../../src/local/apigateway/openapi-export.js'
import { importDocument } from '../../../src/local/apigateway/openapi-import.js'
import { HTTP_METHODS, type RestApiRecord } from '../../../src/local/apigateway/record.js'
import { rootResource } from '../../../src/local/apigateway/resource-tree.js'
import { createWorld } from '../../../src/local/create-world.js'
import { articleDocument, bytes, IRELAND, lambdaUri, proxied, refused } from './gateway-cloud.js'

const world = createWorld({ dataDir: '/nowhere', scale: 1, profile: 'instant', seed: 1 })

const emptyApi = (): RestApiRecord => ({
  region: IRELAND,
  id: 'abc',
  name: 'empty',
  createdAt: 0,
  listedAt: 0,
  binaryMediaTypes: [],
  ipAddressType: 'ipv4',
  tags: {},
  disableExecuteApiEndpoint: false,
  warnings: [],
  rootResourceId: 'root',
  resources: [rootResource('root')],
  models: {},
})

function imported(document: unknown, api = emptyApi()): RestApiRecord {
  importDocument(world, api, readDocument(bytes(document)), 'overwrite')
  return api
}

const withOperation = (operation: object, path = '/x') =>
  articleDocument(IRELAND, { paths: { [path]: { get: operation } } })

const withIntegration = (integration: object, responses: object = { 200: { description: 'ok' } }) =>
  withOperation({ responses, 'x-amazon-apigateway-integration': integration })

const MOCK = { type: 'mock', requestTemplates: { 'application/json': '{"statusCode":200}' } }

describe('OpenAPI documents', () => {
  it('reads models, references and parameters of the path', () => {
    const api = imported({
      ...articleDocument(),
      components: {
        schemas: { Item: { type: 'object', properties: { default: { type: 'string' } } } },
        parameters: { Trace: { name: 'trace', in: 'header', schema: { type: 'string' } } },
        responses: {
          Found: {
            description: 'x',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } },
          },
        },
      },
      paths: {
        '/x/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true }, { $ref: '#/components/parameters/Trace' }],
          'x-amazon-apigateway-any-method': {
            ...proxied(lambdaUri(IRELAND, 'f')),
            parameters: [{ name: 'q', in: 'query', required: true }],
            requestBody: {
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } },
            },
            responses: { 200: { $ref: '#/components/responses/Found' } },
          },
        },
      },
    })
    const { ANY } = api.resources.find(({ path }) => path === '/x/{id}')!.methods
    assert.deepEqual(ANY!.requestParameters, {
      'method.request.path.id': true,
      'method.request.header.trace': false,
      'method.request.querystring.q': true,
    })
    assert.deepEqual(ANY!.requestModels, { 'application/json': 'Item' })
    assert.deepEqual(ANY!.methodResponses!['200']!.responseModels, { 'application/json': 'Item' })
    assert.deepEqual(api.warnings, [])
  })

  it('takes a number as the status code of an integration response', () => {
    const api = imported(withIntegration({ ...MOCK, responses: { default: { statusCode: 200 } } }))
    const integration = api.resources.find(({ path }) => path === '/x')!.methods.GET!.methodIntegration!
    assert.deepEqual(integration.integrationResponses, { 200: { statusCode: '200' } })
  })

  const WARNED: [string, object, RegExp][] = [
    ['example in a model', { components: { schemas: { A: { type: 'object', example: {} } } } }, /A\.example/],
    [
      'default below a model',
      { components: { schemas: { A: { properties: { b: { default: 1 } } } } } },
      /A\.b\.default/,
    ],
    ['a model name with a dash', { components: { schemas: { 'a-b': {} } } }, /alphanumeric: a-b/],
    [
      'a primitive response',
      withOperation({ responses: { 200: { content: { 'text/plain': { schema: { type: 'string' } } } } } }),
      /^Unsupported model type 'StringModel' in 200 response to method 'GET \/x'. Ignoring.$/,
    ],
    [
      'a default response',
      withOperation({ responses: { default: { description: 'x' } } }),
      /default response/,
    ],
    [
      'a path without its slash',
      articleDocument(IRELAND, { paths: { x: { get: {} } } }),
      /should start with \//,
    ],
  ]
  for (const [what, document, warning] of WARNED) {
    it(`warns about ${what}`, () => {
      const { warnings } = readDocument(bytes({ ...articleDocument(), ...document }))
      assert.equal(warnings.length, 1)
      assert.match(warnings[0]!, warning)
    })
  }

  const integrationAt = (what: string) =>
    `Errors found during import:\n\tUnable to put integration on 'GET' for resource at path '/x': ${what}`
  const REFUSED: [string, unknown, string | RegExp][] = [
    ['what is no JSON', Buffer.from('{'), 'Invalid OpenAPI input.'],
    ['YAML', Buffer.from('openapi: 3.0.1\ninfo: {}'), /YAML/],
    ['a list', [], 'Invalid OpenAPI input.'],
    ['no title', { ...articleDocument(), info: {} }, 'Invalid OpenAPI input.'],
    ['Swagger 2.0', { swagger: '2.0', info: { title: 'x' } }, /Swagger 2.0/],
    ['OpenAPI 3.1', { ...articleDocument(), openapi: '3.1.0' }, /3\.1\.0/],
    ['security', { ...articleDocument(), security: [{ key: [] }] }, /security/],
    ['security of an operation', withOperation({ security: [{ key: [] }] }), /security of GET \/x/],
    [
      'a security scheme',
      { ...articleDocument(), components: { securitySchemes: { a: {} } } },
      /security schemes/,
    ],
    [
      'an authorizer',
      withOperation({ 'x-amazon-apigateway-authorizer': {} }),
      /x-amazon-apigateway-authorizer/,
    ],
    [
      'IAM authorization',
      withOperation({ 'x-amazon-apigateway-auth': { type: 'AWS_IAM' } }),
      /x-amazon-apigateway-auth/,
    ],
    [
      'request validators',
      { ...articleDocument(), 'x-amazon-apigateway-request-validators': {} },
      /request-validators/,
    ],
    [
      'gateway responses',
      { ...articleDocument(), 'x-amazon-apigateway-gateway-responses': {} },
      /gateway-responses/,
    ],
    [
      'VPC endpoints',
      { ...articleDocument(), 'x-amazon-apigateway-endpoint-configuration': { vpcEndpointIds: [] } },
      /vpcEndpointIds/,
    ],
    ['the method TRACE', articleDocument(IRELAND, { paths: { '/x': { trace: {} } } }), /TRACE/],
    [
      'a missing reference',
      withOperation({ parameters: [{ $ref: '#/components/parameters/no' }] }),
      /is missing/,
    ],
    ['a reference elsewhere', withOperation({ parameters: [{ $ref: 'http://x' }] }), /http:\/\/x/],
    [
      'a reference to itself',
      {
        ...withOperation({ parameters: [{ $ref: '#/components/a' }] }),
        components: { a: { $ref: '#/components/a' } },
      },
      /#\/components\/a/,
    ],
    [
      'a bad path part',
      withOperation(proxied(lambdaUri(IRELAND, 'f')), '/a b'),
      /^Errors found during import:\n\tUnable to create resource at path '\/a b': Resource's path part only allow/,
    ],
    ['two variables', articleDocument(IRELAND, { paths: { '/{a}': {}, '/{b}': {} } }), /A sibling \(\{a\}\)/],
    [
      'an HTTP integration',
      withIntegration({ type: 'http', httpMethod: 'GET', uri: 'https://x' }),
      /integrations of type HTTP/,
    ],
    ['an unknown integration', withIntegration({ type: 'x' }), /Value 'X' at 'putIntegrationInput.type'/],
    [
      'no integration method',
      withIntegration({ type: 'aws_proxy', uri: lambdaUri(IRELAND, 'f') }),
      integrationAt('Enumeration value for HttpMethod must be non-empty'),
    ],
    [
      'a URI that is no ARN',
      withIntegration({ type: 'aws_proxy', httpMethod: 'POST', uri: 'f' }),
      integrationAt('Invalid ARN specified in the request'),
    ],
    [
      'a function ARN as URI',
      withIntegration({
        type: 'aws_proxy',
        httpMethod: 'POST',
        uri: 'arn:aws:lambda:eu-west-1:000000000000:function:f',
      }),
      integrationAt('AWS ARN for integration must contain path or action'),
    ],
    [
      'another service',
      withIntegration({
        type: 'aws_proxy',
        httpMethod: 'POST',
        uri: 'arn:aws:apigateway:eu-west-1:s3:path/b/k',
      }),
      integrationAt(
        "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
      ),
    ],
    [
      'credentials',
      withIntegration({
        type: 'aws_proxy',
        httpMethod: 'POST',
        uri: lambdaUri(IRELAND, 'f'),
        credentials: 'arn:x',
      }),
      /credentials/,
    ],
    ['a long timeout', withIntegration({ ...MOCK, timeoutInMillis: 29_001 }), /between 50 ms and 29000 ms/],
    ['an unknown member', withIntegration({ ...MOCK, typo: 1 }), /typo/],
    [
      'Velocity',
      withIntegration({ ...MOCK, requestTemplates: { 'application/json': '#set($a = 1)' } }),
      /Velocity/,
    ],
    [
      'Velocity in a response',
      withIntegration({
        ...MOCK,
        responses: {
          default: { statusCode: '200', responseTemplates: { 'application/json': '$input.body' } },
        },
      }),
      /Velocity/,
    ],
    [
      'an undeclared status',
      withIntegration({ ...MOCK, responses: { default: { statusCode: '201' } } }),
      /Unable to put integration response on 'GET' for resource at path '\/x': Invalid Response status code specified/,
    ],
    [
      'an undeclared header',
      withIntegration({
        ...MOCK,
        responses: {
          default: { statusCode: '200', responseParameters: { 'method.response.header.X': "'1'" } },
        },
      }),
      /Invalid mapping expression parameter specified: method.response.header.X/,
    ],
    [
      'an expression',
      withIntegration(
        {
          ...MOCK,
          responses: {
            default: {
              statusCode: '200',
              responseParameters: { 'method.response.header.X': 'integration.response.header.Y' },
            },
          },
        },
        { 200: { headers: { X: {} } } },
      ),
      /integration.response.header.Y/,
    ],
    [
      'an unknown model',
      withOperation({
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/No' } } } },
        },
      }),
      /Invalid model identifier specified: No/,
    ],
  ]
  for (const [what, document, message] of REFUSED) {
    it(`refuses ${what}`, () => {
      const body = Buffer.isBuffer(document) ? document : bytes(document)
      assert.throws(
        () => importDocument(world, emptyApi(), readDocument(body), 'overwrite'),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'BadRequestException')
          return refused('AwsError', message)(error)
        },
      )
    })
  }

  it('tells of all errors at once', () => {
    const bad = { type: 'aws_proxy', httpMethod: 'POST', uri: 'no' }
    const operation = { responses: {}, 'x-amazon-apigateway-integration': bad }
    const document = articleDocument(IRELAND, { paths: { '/x': { get: operation, put: operation } } })
    assert.throws(() => imported(document), /on 'GET'.*\n\tUnable to put integration on 'PUT'/)
  })

  it('never fails other than by AWS errors', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (paths) => {
        const document = { ...articleDocument(), paths: { '/x': JSON.parse(paths) } }
        try {
          imported(document)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'BadRequestException', String(error))
        }
      }),
    )
  })

  it('exports what it imported, so that it can be imported again', () => {
    fc.assert(
      fc.property(documents(), (document) => {
        const first = imported(document)
        const options = {
          host: 'abc.execute-api.eu-west-1.amazonaws.com',
          stageName: 'dev',
          withExtensions: true,
        }
        const second = imported(exportDocument(first, options))
        assert.deepEqual(pathsOf(second), pathsOf(first))
        assert.deepEqual(second.binaryMediaTypes, first.binaryMediaTypes)
        assert.equal(second.policy, first.policy)
        assert.deepEqual(second.models, first.models)
      }),
      { numRuns: 60 },
    )
  })
})

/** The methods by path, without what hangs on the ids of resources. */
const pathsOf = (api: RestApiRecord) =>
  Object.fromEntries(
    api.resources
      .filter(({ methods }) => Object.keys(methods).length)
      .map(({ path, methods }) => [
        path,
        JSON.parse(JSON.stringify(methods, (key, value) => (key === 'cacheNamespace' ? undefined : value))),
      ])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  )

function documents() {
  const word = fc.stringMatching(/^[a-z]{1,6}$/)
  const operation = fc.record({
    kind: fc.constantFrom('proxy', 'mock'),
    name: word,
    query: fc.uniqueArray(word, { maxLength: 2 }),
    headers: fc.uniqueArray(word, { maxLength: 2 }),
    timeoutInMillis: fc.integer({ min: 50, max: 29_000 }),
  })
  const verbs = fc.constantFrom(
    ...HTTP_METHODS.map((verb) => verb.toLowerCase()),
    'x-amazon-apigateway-any-method',
  )
  const item = fc.dictionary(verbs, operation, { maxKeys: 3 })
  return fc
    .record({
      paths: fc.dictionary(
        fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
        item,
        { maxKeys: 4 },
      ),
      binary: fc.uniqueArray(fc.constantFrom('image/png', '*/*'), { maxLength: 2 }),
      models: fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{1,4}$/), fc.constant({ type: 'object' }), {
        maxKeys: 2,
      }),
    })
    .map(({ paths, binary, models }) => ({
      openapi: '3.0.1',
      info: { title: 'generated' },
      components: { schemas: models },
      'x-amazon-apigateway-binary-media-types': binary,
      paths: Object.fromEntries(
        Object.entries(paths).map(([path, operations]) => [
          path,
          Object.fromEntries(
            Object.entries(operations).map(([verb, each]) => [verb, documented(each, Object.keys(models))]),
          ),
        ]),
      ),
    }))
}

interface Generated {
  readonly kind: string
  readonly name: string
  readonly query: readonly string[]
  readonly headers: readonly string[]
  readonly timeoutInMillis: number
}

function documented({ kind, name, query, headers, timeoutInMillis }: Generated, [model]: readonly string[]) {
  const parameters = Object.fromEntries(headers.map((header) => [`method.response.header.${header}`, "'x'"]))
  const integration =
    kind === 'proxy'
      ? { type: 'aws_proxy', httpMethod: 'POST', uri: lambdaUri(IRELAND, name), timeoutInMillis }
      : { ...MOCK, responses: { default: { statusCode: '200', responseParameters: parameters } } }
  return {
    operationId: name,
    parameters: query.map((each) => ({ name: each, in: 'query', required: true })),
    responses: {
      200: {
        description: 'x',
        headers: Object.fromEntries(headers.map((header) => [header, {}])),
        ...(model && {
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${model}` } } },
        }),
      },
    },
    'x-amazon-apigateway-integration': integration,
  }
}
