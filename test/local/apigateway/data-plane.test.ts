// Requests to APIs over TLS: events, answers, mocks, gateway responses, custom domains.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { APIGateway } from '@aws-sdk/client-api-gateway'
import { commonLogTime } from '../../../src/local/apigateway/proxy-event.js'
import { AwsError } from '../../../src/local/wire/errors.js'
import {
  type Ask,
  articleDocument,
  createApi,
  deployApi,
  functionArn,
  type GatewayCloud,
  IRELAND,
  lambdaUri,
  proxied,
  startGatewayCloud,
} from './gateway-cloud.js'

const DOMAIN = 'api.example.com'
const REGIONAL = { endpointConfiguration: { types: ['REGIONAL' as const] } }

describe('the data plane', () => {
  let cloud: GatewayCloud
  let client: APIGateway
  let restApiId: string
  let host: string
  const deploy = async (document?: unknown) => {
    restApiId = await deployApi(client, document)
    host = `${restApiId}.execute-api.${IRELAND}.amazonaws.com`
  }
  beforeEach(async () => {
    cloud = await startGatewayCloud()
    client = cloud.client()
    await deploy()
  })
  afterEach(() => cloud.close())

  const ask = (path: string, how?: Ask) => cloud.https(IRELAND, host, path, how)
  const eventOf = (body: string) => JSON.parse(Buffer.from(body, 'latin1').toString('utf8'))

  it('sends the event of a REST API and its source to the function', async () => {
    const { status, headers, body } = await ask('/dev/item/7?a=1&a=2&b=x+y%2B&c', {
      headers: { 'user-agent': 'test/1', 'X-Custom': ['one', 'two'], 'content-length': '0', te: 'trailers' },
    })
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'application/json')
    assert.match(headers['x-amzn-requestid'] as string, /^[0-9a-f-]{36}$/)
    assert.match(headers['x-amz-apigw-id'] as string, /=$/)
    assert.match(headers['x-amzn-trace-id'] as string, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
    assert.equal(headers['x-amzn-errortype'], undefined)
    assert.equal(cloud.invoked[0]!.functionArn, functionArn(IRELAND, 'getItem'))
    assert.equal(
      cloud.invoked[0]!.sourceArn,
      `arn:aws:execute-api:${IRELAND}:000000000000:${restApiId}/dev/GET/item/{itemId}`,
    )
    const event = eventOf(body)
    assert.equal(event.resource, '/item/{itemId}')
    assert.equal(event.path, '/item/7')
    assert.equal(event.httpMethod, 'GET')
    assert.deepEqual(event.pathParameters, { itemId: '7' })
    assert.deepEqual(event.queryStringParameters, { a: '2', b: 'x y+', c: '' })
    assert.deepEqual(event.multiValueQueryStringParameters, { a: ['1', '2'], b: ['x y+'], c: [''] })
    assert.equal(event.body, null)
    assert.equal(event.isBase64Encoded, false)
    assert.equal(event.stageVariables, null)
    assert.deepEqual(Object.keys(event.headers), [
      'Host',
      'User-Agent',
      'X-Amzn-Trace-Id',
      'X-Custom',
      'X-Forwarded-For',
      'X-Forwarded-Port',
      'X-Forwarded-Proto',
    ])
    assert.equal(event.headers['X-Custom'], 'two')
    assert.deepEqual(event.multiValueHeaders['X-Custom'], ['one', 'two'])
    assert.equal(event.headers.Host, host)
    const { requestContext: context } = event
    assert.equal(context.path, '/dev/item/7')
    assert.equal(context.stage, 'dev')
    assert.equal(context.apiId, restApiId)
    assert.equal(context.accountId, '000000000000')
    assert.equal(context.resourcePath, '/item/{itemId}')
    assert.equal(context.domainName, host)
    assert.equal(context.domainPrefix, restApiId)
    assert.equal(context.protocol, 'HTTP/1.1')
    assert.equal(context.requestId, headers['x-amzn-requestid'])
    assert.equal(context.extendedRequestId, headers['x-amz-apigw-id'])
    assert.equal(context.requestTime, commonLogTime(context.requestTimeEpoch))
    assert.equal(context.identity.userAgent, 'test/1')
    assert.equal(context.identity.sourceIp, event.headers['X-Forwarded-For'])
    assert.equal(context.identity.cognitoIdentityId, null)
    const stage = await client.getStage({ restApiId, stageName: 'dev' })
    assert.equal(context.deploymentId, stage.deploymentId)
  })

  it('writes the time as in a log', () => {
    assert.equal(commonLogTime(Date.UTC(2026, 3, 9, 12, 34, 56)), '09/Apr/2026:12:34:56 +0000')
  })

  it('sends a body as text, and binary types as base64', async () => {
    const text = eventOf((await ask('/dev/item', { method: 'POST', body: '{"name":"ä"}' })).body)
    assert.equal(text.body, '{"name":"ä"}')
    await deploy(articleDocument(IRELAND, { 'x-amazon-apigateway-binary-media-types': ['image/png'] }))
    const headers = { 'content-type': 'image/png; x=1' }
    const bytes = eventOf(
      (await ask('/dev/item', { method: 'POST', body: Buffer.from([0, 255]), headers })).body,
    )
    assert.equal(bytes.body, 'AP8=')
    assert.equal(bytes.isBase64Encoded, true)
  })

  it('sends bytes that a function returns to who accepts them', async () => {
    await deploy(articleDocument(IRELAND, { 'x-amazon-apigateway-binary-media-types': ['image/png'] }))
    cloud.invoke = () => ({
      payload: JSON.stringify({
        statusCode: 200,
        body: 'AP8=',
        isBase64Encoded: true,
        headers: { 'content-type': 'image/png' },
      }),
    })
    const { body, headers } = await ask('/dev/health', { headers: { accept: 'image/png' } })
    assert.equal(body, '\u0000\u00ff')
    assert.equal(headers['content-type'], 'image/png')
  })

  it('hands variables of the stage to the function', async () => {
    await client.updateStage({
      restApiId,
      stageName: 'dev',
      patchOperations: [{ op: 'replace', path: '/variables/table', value: 'MyGlobalTable' }],
    })
    assert.deepEqual(eventOf((await ask('/dev/health')).body).stageVariables, { table: 'MyGlobalTable' })
  })

  it('takes the function from a variable of the stage', async () => {
    const paths = { '/x': { get: proxied(lambdaUri(IRELAND, `f-$${'{stageVariables.colour}'}`)) } }
    restApiId = await createApi(client, articleDocument(IRELAND, { paths }))
    host = `${restApiId}.execute-api.${IRELAND}.amazonaws.com`
    await client.createDeployment({ restApiId, stageName: 'dev', variables: { colour: 'blue' } })
    await ask('/dev/x')
    assert.equal(cloud.invoked[0]!.functionArn, functionArn(IRELAND, 'f-blue'))
  })

  it('passes on what the function answers', async () => {
    cloud.invoke = () => ({
      payload: JSON.stringify({
        statusCode: '404',
        headers: { 'Access-Control-Allow-Origin': '*' },
        multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
        body: 'no',
      }),
    })
    const { status, headers, body } = await ask('/dev/health')
    assert.equal(status, 404)
    assert.equal(body, 'no')
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2'])
    assert.equal(headers['content-type'], 'application/json')
  })

  it('answers a preflight by a mock', async () => {
    const { status, headers, body } = await ask('/dev/item/7', { method: 'OPTIONS' })
    assert.equal(status, 200)
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal(headers['access-control-allow-methods'], 'GET,OPTIONS')
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['x-amzn-trace-id'], undefined)
    assert.equal(body, '')
    assert.deepEqual(cloud.invoked, [])
  })

  it('answers mocks by their templates', async () => {
    const mock = (integration: object) => ({
      responses: { 200: {}, 404: {} },
      'x-amazon-apigateway-integration': {
        type: 'mock',
        requestTemplates: { 'application/json': '{statusCode: 404}' },
        responses: {
          default: {
            statusCode: '200',
            responseTemplates: { 'application/json': '{"all":"well"}', 'text/plain': 'well' },
          },
          '4\\d{2}': { statusCode: '404', responseTemplates: { 'application/json': '{"gone":true}' } },
        },
        ...integration,
      },
    })
    await deploy(
      articleDocument(IRELAND, {
        paths: {
          '/found': { post: mock({ requestTemplates: { 'application/json': '{"statusCode": 200}' } }) },
          '/gone': { post: mock({}) },
          '/never': { post: mock({ passthroughBehavior: 'never' }) },
          '/through': { post: mock({ passthroughBehavior: 'when_no_match' }) },
          '/none': { post: mock({ responses: {} }) },
        },
      }),
    )
    const post = async (path: string, headers: Record<string, string> = {}, body = '') => {
      const answer = await ask(`/dev${path}`, { method: 'POST', headers, body })
      return [answer.status, answer.body]
    }
    assert.deepEqual(await post('/found'), [200, '{"all":"well"}'])
    assert.deepEqual(await post('/found', { accept: 'text/plain' }), [200, 'well'])
    assert.deepEqual(await post('/gone'), [404, '{"gone":true}'])
    const text = { 'content-type': 'text/plain' }
    assert.deepEqual(await post('/never', text), [415, '{"message":"Unsupported Media Type"}'])
    assert.deepEqual(await post('/through', text, '{"statusCode":200}'), [200, '{"all":"well"}'])
    assert.deepEqual(await post('/through', text, 'x'), [500, '{"message": "Internal server error"}'])
    assert.deepEqual(await post('/none'), [500, '{"message": "Internal server error"}'])
  })

  const REFUSED: [string, string, Ask, number, string, string][] = [
    [
      'an unknown path',
      '/dev/no',
      {},
      403,
      '{"message":"Missing Authentication Token"}',
      'MissingAuthenticationTokenException',
    ],
    [
      'an unknown method',
      '/dev/item',
      { method: 'DELETE' },
      403,
      '{"message":"Missing Authentication Token"}',
      'MissingAuthenticationTokenException',
    ],
    ['an unknown stage', '/prod/health', {}, 403, '{"message":"Forbidden"}', 'ForbiddenException'],
    ['no stage', '/', {}, 403, '{"message":"Forbidden"}', 'ForbiddenException'],
    [
      'a body of more than 10 MB',
      '/dev/item',
      { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) },
      413,
      '{"message":"Request Too Long"}',
      'RequestTooLargeException',
    ],
  ]
  for (const [what, path, how, status, body, errorType] of REFUSED) {
    it(`refuses ${what}`, async () => {
      const answer = await ask(path, how)
      assert.equal(answer.status, status)
      assert.equal(answer.body, body)
      assert.equal(answer.headers['x-amzn-errortype'], errorType)
      assert.ok(answer.headers['x-amzn-requestid'])
    })
  }

  it('takes a body of 10 MB', async () => {
    const { status } = await ask('/dev/item', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024, 'a') })
    assert.equal(status, 200)
  })

  it('refuses a Host that is no API, whatever the server name', async () => {
    for (const stranger of [`nothere.execute-api.${IRELAND}.amazonaws.com`, 'example.com', '127.77.0.1']) {
      const { status, body } = await cloud.https(IRELAND, stranger, '/dev/health', { serverName: host })
      assert.deepEqual([status, body], [403, '{"message":"Forbidden"}'])
    }
  })

  const FAILING: [string, GatewayCloud['invoke'], number, string][] = [
    [
      'a function that fails',
      () => ({ payload: '{"errorMessage":"x"}', error: 'Unhandled' }),
      502,
      '{"message": "Internal server error"}',
    ],
    ['a malformed answer', () => ({ payload: '{"wrong":1}' }), 502, '{"message": "Internal server error"}'],
    [
      'a missing permission',
      () => Promise.reject(new AwsError('AccessDeniedException', 'no', 403)),
      500,
      '{"message": "Internal server error"}',
    ],
    [
      'a function that is gone',
      () => Promise.reject(new AwsError('ResourceNotFoundException', 'no', 404)),
      500,
      '{"message": "Internal server error"}',
    ],
    [
      'a function that is throttled',
      () => Promise.reject(new AwsError('TooManyRequestsException', 'no', 429)),
      500,
      '{"message": "Internal server error"}',
    ],
    [
      'an event that is too large for Lambda',
      () => Promise.reject(new AwsError('RequestEntityTooLargeException', 'no', 413)),
      413,
      '{"message":"Request Too Long"}',
    ],
    ['a bug behind it', () => Promise.reject(new Error('bug')), 500, '{"message": "Internal server error"}'],
  ]
  for (const [what, invoke, status, body] of FAILING) {
    it(`answers ${status} for ${what}`, async () => {
      cloud.invoke = invoke
      const answer = await ask('/dev/health')
      assert.deepEqual([answer.status, answer.body], [status, body])
      assert.ok(answer.headers['x-amzn-errortype'])
    })
  }

  it('answers 504 after the timeout of the integration', async () => {
    const get = proxied(lambdaUri(IRELAND, 'slow'))
    const integration = { ...get['x-amazon-apigateway-integration'], timeoutInMillis: 50 }
    const slow = { ...get, 'x-amazon-apigateway-integration': integration }
    await deploy(articleDocument(IRELAND, { paths: { '/slow': { get: slow } } }))
    cloud.invoke = () => new Promise(() => {})
    const { status, body } = await ask('/dev/slow')
    assert.deepEqual([status, body], [504, '{"message": "Endpoint request timed out"}'])
  })

  it('answers 500 where the integration is not a POST, without a call', async () => {
    const { items } = await client.getResources({ restApiId })
    const resourceId = items!.find(({ path }) => path === '/health')!.id
    await client.updateIntegration({
      restApiId,
      resourceId,
      httpMethod: 'GET',
      patchOperations: [{ op: 'replace', path: '/httpMethod', value: 'GET' }],
    })
    await client.createDeployment({ restApiId, stageName: 'dev' })
    assert.equal((await ask('/dev/health')).status, 500)
    assert.deepEqual(cloud.invoked, [])
  })

  it('keeps to the resource policy', async () => {
    const statement = (Effect: string, Resource: string) => ({
      Effect,
      Principal: '*',
      Action: 'execute-api:Invoke',
      Resource,
    })
    await deploy(
      articleDocument(IRELAND, {
        'x-amazon-apigateway-policy': {
          Version: '2012-10-17',
          Statement: [
            statement('Allow', 'execute-api:/dev/*'),
            statement('Deny', 'execute-api:/dev/GET/item/*'),
          ],
        },
      }),
    )
    assert.equal((await ask('/dev/health')).status, 200)
    const denied = await ask('/dev/item/7')
    assert.equal(denied.status, 403)
    assert.equal(
      denied.body,
      `{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:${IRELAND}:********0000:${restApiId}/dev/GET/item/7 with an explicit deny"}`,
    )
    await client.createDeployment({ restApiId, stageName: 'prod' })
    assert.match((await ask('/prod/health')).body, /\/prod\/GET\/health"}$/)
  })

  describe('behind a custom domain', () => {
    beforeEach(async () => {
      const regionalCertificateArn = await cloud.certificates.issue(IRELAND, DOMAIN)
      await client.createDomainName({ domainName: DOMAIN, regionalCertificateArn, ...REGIONAL })
    })
    const map = (basePath: string, stage?: string) =>
      client.createBasePathMapping({ domainName: DOMAIN, restApiId, basePath, ...(stage && { stage }) })
    const paths = async (path: string) => {
      const { status, body } = await cloud.https(IRELAND, DOMAIN, path)
      const event = status === 200 ? eventOf(body) : undefined
      return event ? [event.resource, event.path, event.requestContext.path] : status
    }

    it('maps the empty path', async () => {
      await map('', 'dev')
      assert.deepEqual(await paths('/item/7'), ['/item/{itemId}', '/item/7', '/item/7'])
      const event = eventOf((await cloud.https(IRELAND, DOMAIN, '/health')).body)
      assert.equal(event.requestContext.domainName, DOMAIN)
      assert.equal(event.requestContext.domainPrefix, 'api')
      assert.equal(event.requestContext.stage, 'dev')
    })

    it('maps a base path, which the function sees', async () => {
      await map('v1', 'dev')
      assert.deepEqual(await paths('/v1/item/7'), ['/item/{itemId}', '/v1/item/7', '/v1/item/7'])
      assert.equal(await paths('/v2/item/7'), 403)
      assert.equal(await paths('/item/7'), 403)
    })

    it('takes the written name of the empty path for what it is, a path', async () => {
      await map('', 'dev')
      assert.equal(await paths('/(none)/item/7'), 403)
    })

    it('leaves the stage to the caller where the mapping has none', async () => {
      await map('v1')
      assert.deepEqual(await paths('/v1/dev/item/7'), ['/item/{itemId}', '/v1/dev/item/7', '/v1/dev/item/7'])
      assert.equal(await paths('/v1/prod/item/7'), 403)
    })

    it('answers its own health check, which hides a route of that name', async () => {
      await map('', 'dev')
      const { status, headers } = await cloud.https(IRELAND, DOMAIN, '/ping')
      assert.equal(status, 200)
      assert.equal(headers['content-type'], 'text/plain')
      assert.deepEqual(cloud.invoked, [])
    })

    it('refuses the domain as Host of its own target', async () => {
      await map('', 'dev')
      const { regionalDomainName } = await client.getDomainName({ domainName: DOMAIN })
      assert.equal((await cloud.https(IRELAND, regionalDomainName!, '/health')).status, 403)
      const fronted = await cloud.https(IRELAND, DOMAIN, '/health', { serverName: regionalDomainName! })
      assert.equal(fronted.status, 200)
    })

    it('is all that is left when the execute-api endpoint is disabled', async () => {
      await map('', 'dev')
      await client.updateRestApi({
        restApiId,
        patchOperations: [{ op: 'replace', path: '/disableExecuteApiEndpoint', value: 'true' }],
      })
      await client.createDeployment({ restApiId, stageName: 'dev' })
      assert.equal((await ask('/dev/health')).status, 403)
      assert.equal((await cloud.https(IRELAND, DOMAIN, '/health')).status, 200)
    })
  })
})
