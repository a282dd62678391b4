// REST APIs over the wire: made, imported, listed, patched, edited by hand, deleted.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { APIGateway, Resource } from '@aws-sdk/client-api-gateway'
import {
  articleDocument,
  bytes,
  createApi,
  type GatewayCloud,
  IRELAND,
  lambdaUri,
  proxied,
  refused,
  startGatewayCloud,
  VIRGINIA,
} from './gateway-cloud.js'

const REGIONAL = { endpointConfiguration: { types: ['REGIONAL' as const] } }

describe('REST APIs', () => {
  let cloud: GatewayCloud
  let client: APIGateway
  beforeEach(async () => {
    cloud = await startGatewayCloud()
    client = cloud.client()
  })
  afterEach(() => cloud.close())

  const resources = async (restApiId: string): Promise<Map<string, Resource>> => {
    const { items } = await client.getResources({ restApiId, embed: ['methods'], limit: 500 })
    return new Map(items!.map((each) => [each.path!, each]))
  }

  it('shows an API as AWS does, and the same call makes another one', async () => {
    const made = await client.createRestApi({
      name: 'a',
      description: 'd',
      tags: { owner: 'me' },
      ...REGIONAL,
    })
    assert.match(made.id!, /^[a-z0-9]{10}$/)
    assert.equal(made.description, 'd')
    assert.deepEqual(made.tags, { owner: 'me' })
    assert.deepEqual(made.endpointConfiguration, { types: ['REGIONAL'], ipAddressType: 'ipv4' })
    assert.equal(made.apiKeySource, 'HEADER')
    assert.equal(made.disableExecuteApiEndpoint, false)
    assert.ok(made.createdDate instanceof Date)
    const again = await client.createRestApi({ name: 'a', ...REGIONAL })
    assert.notEqual(again.id, made.id)
    const { items } = await client.getRestApis({})
    assert.deepEqual(
      items!.map(({ name }) => name),
      ['a', 'a'],
    )
    const root = await client.getResource({ restApiId: made.id, resourceId: made.rootResourceId })
    assert.equal(root.path, '/')
  })

  it('keeps regions apart', async () => {
    const { id } = await client.createRestApi({ name: 'here', ...REGIONAL })
    const other = cloud.client(VIRGINIA)
    assert.deepEqual((await other.getRestApis({})).items, [])
    await assert.rejects(
      other.getRestApi({ restApiId: id }),
      refused('NotFoundException', `Invalid API identifier specified 000000000000:${id}`),
    )
  })

  it('pages through listings', async () => {
    for (let n = 0; n < 5; n += 1) await client.createRestApi({ name: `api ${n}`, ...REGIONAL })
    const seen: string[] = []
    let position: string | undefined
    do {
      const page = await client.getRestApis({ limit: 2, ...(position && { position }) })
      assert.ok(page.items!.length <= 2)
      seen.push(...page.items!.map(({ id }) => id!))
      position = page.position
    } while (position)
    assert.equal(new Set(seen).size, 5)
    await assert.rejects(client.getRestApis({ limit: 0 }), refused('BadRequestException'))
    await assert.rejects(client.getRestApis({ position: '***' }), refused('BadRequestException'))
  })

  it('imports the article and shows its methods whole', async () => {
    const restApiId = await createApi(client)
    const found = await resources(restApiId)
    assert.deepEqual([...found.keys()], ['/', '/health', '/item', '/item/{itemId}'])
    assert.equal(found.get('/item/{itemId}')!.parentId, found.get('/item')!.id)
    assert.equal(found.get('/item/{itemId}')!.pathPart, '{itemId}')
    const { GET, OPTIONS } = found.get('/item/{itemId}')!.resourceMethods!
    assert.deepEqual(GET!.methodIntegration, {
      type: 'AWS_PROXY',
      httpMethod: 'POST',
      uri: lambdaUri(IRELAND, 'getItem'),
      passthroughBehavior: 'WHEN_NO_MATCH',
      timeoutInMillis: 29000,
      cacheNamespace: found.get('/item/{itemId}')!.id,
      cacheKeyParameters: [],
    })
    assert.equal(GET!.operationName, 'getItem')
    assert.deepEqual(GET!.requestParameters, { 'method.request.path.itemId': true })
    assert.equal(GET!.authorizationType, 'NONE')
    assert.deepEqual(OPTIONS!.methodResponses, {
      200: {
        statusCode: '200',
        responseParameters: {
          'method.response.header.Access-Control-Allow-Origin': false,
          'method.response.header.Access-Control-Allow-Headers': false,
          'method.response.header.Access-Control-Allow-Methods': false,
        },
      },
    })
    assert.equal(
      OPTIONS!.methodIntegration!.integrationResponses!['200']!.responseParameters![
        'method.response.header.Access-Control-Allow-Origin'
      ],
      "'*'",
    )
  })

  it('names the methods only, unless they are embedded, and pages resources', async () => {
    const restApiId = await createApi(client)
    const first = await client.getResources({ restApiId, limit: 3 })
    assert.deepEqual(first.items![2]!.resourceMethods, { POST: {}, OPTIONS: {} })
    const second = await client.getResources({ restApiId, limit: 3, position: first.position })
    assert.deepEqual(
      second.items!.map(({ path }) => path),
      ['/item/{itemId}'],
    )
    assert.equal(second.position, undefined)
  })

  it('imports with ImportRestApi, whose endpoint is EDGE unless the caller says otherwise', async () => {
    const body = bytes(articleDocument())
    await assert.rejects(client.importRestApi({ body }), refused('BadRequestException', /EDGE/))
    const made = await client.importRestApi({ body, parameters: { endpointConfigurationTypes: 'REGIONAL' } })
    assert.equal(made.name, 'article')
    assert.equal(made.version, '1')
    assert.equal((await resources(made.id!)).size, 4)
    await assert.rejects(
      client.importRestApi({
        body,
        parameters: { endpointConfigurationTypes: 'REGIONAL', basepath: 'split' },
      }),
      refused('BadRequestException', /basepath/),
    )
  })

  it('drops at an overwrite what the document lacks, but not the endpoint, the tags and the ids of paths', async () => {
    const { id: restApiId } = await client.createRestApi({
      name: 'before',
      description: 'gone',
      version: '9',
      binaryMediaTypes: ['image/png'],
      disableExecuteApiEndpoint: true,
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' },
        ],
      }),
      tags: { owner: 'me' },
      endpointConfiguration: { types: ['REGIONAL'], ipAddressType: 'dualstack' },
    })
    const put = await client.putRestApi({ restApiId, mode: 'overwrite', body: bytes(articleDocument()) })
    const item = (await resources(restApiId!)).get('/item')!.id
    assert.equal(put.name, 'article')
    assert.equal(put.description, undefined)
    assert.equal(put.policy, undefined)
    assert.equal(put.binaryMediaTypes, undefined)
    assert.equal(put.disableExecuteApiEndpoint, false)
    assert.deepEqual(put.tags, { owner: 'me' })
    assert.equal(put.endpointConfiguration!.ipAddressType, 'dualstack')
    const { paths } = articleDocument()
    delete paths['/health']
    await client.putRestApi({ restApiId, mode: 'overwrite', body: bytes({ ...articleDocument(), paths }) })
    const after = await resources(restApiId!)
    assert.deepEqual([...after.keys()], ['/', '/item', '/item/{itemId}'])
    assert.equal(after.get('/item')!.id, item)
  })

  it('renames a variable of a path at an overwrite', async () => {
    const restApiId = await createApi(client)
    const paths = { '/item/{id}': { get: proxied(lambdaUri(IRELAND, 'getItem')) } }
    await client.putRestApi({ restApiId, mode: 'overwrite', body: bytes({ ...articleDocument(), paths }) })
    assert.deepEqual([...(await resources(restApiId)).keys()], ['/', '/item', '/item/{id}'])
  })

  it('keeps at a merge what the document lacks', async () => {
    const restApiId = await createApi(client)
    const paths = { '/more': { get: proxied(lambdaUri(IRELAND, 'more')) } }
    const merged = await client.putRestApi({
      restApiId,
      body: bytes({ openapi: '3.0.1', info: { title: 'second' }, paths }),
    })
    assert.equal(merged.name, 'second')
    assert.equal(merged.version, '1')
    assert.deepEqual(
      [...(await resources(restApiId)).keys()],
      ['/', '/health', '/item', '/item/{itemId}', '/more'],
    )
  })

  it('takes settings from the document', async () => {
    const { id: restApiId } = await client.createRestApi({ name: 'a', ...REGIONAL })
    const put = await client.putRestApi({
      restApiId,
      mode: 'overwrite',
      body: bytes(
        articleDocument(IRELAND, {
          'x-amazon-apigateway-binary-media-types': ['image/png'],
          'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true },
          'x-amazon-apigateway-policy': {
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*' },
            ],
          },
        }),
      ),
    })
    assert.deepEqual(put.binaryMediaTypes, ['image/png'])
    assert.equal(put.disableExecuteApiEndpoint, true)
    const policy = JSON.parse(JSON.parse(`"${put.policy}"`))
    assert.deepEqual(policy.Statement[0].Resource, [
      `arn:aws:execute-api:eu-west-1:000000000000:${restApiId}/*`,
    ])
  })

  it('patches an API', async () => {
    const { id: restApiId } = await client.createRestApi({ name: 'a', ...REGIONAL })
    const patched = await client.updateRestApi({
      restApiId,
      patchOperations: [
        { op: 'replace', path: '/name', value: 'b' },
        { op: 'replace', path: '/description', value: 'said' },
        { op: 'add', path: '/binaryMediaTypes/image~1png' },
        { op: 'add', path: '/binaryMediaTypes/image~1jpeg' },
        { op: 'replace', path: '/disableExecuteApiEndpoint', value: 'true' },
      ],
    })
    assert.equal(patched.name, 'b')
    assert.equal(patched.disableExecuteApiEndpoint, true)
    assert.deepEqual(patched.binaryMediaTypes, ['image/png', 'image/jpeg'])
    const again = await client.updateRestApi({
      restApiId,
      patchOperations: [{ op: 'remove', path: '/binaryMediaTypes/image~1png' }],
    })
    assert.deepEqual(again.binaryMediaTypes, ['image/jpeg'])
    const refusals: [string, string, string][] = [
      ['replace', '/wrongPath', 'Invalid patch path /wrongPath'],
      ['replace', '/binaryMediaTypes', 'Invalid patch path /binaryMediaTypes'],
      ['add', '/minimumCompressionSize', 'Invalid patch operation specified. Must be one of: [replace]'],
    ]
    for (const [op, path, message] of refusals) {
      await assert.rejects(
        client.updateRestApi({
          restApiId,
          patchOperations: [
            { op: 'replace', path: '/name', value: 'not kept' },
            { op: op as 'add', path, value: '1' },
          ],
        }),
        refused('BadRequestException', message),
      )
    }
    assert.equal((await client.getRestApi({ restApiId })).name, 'b')
  })

  it('lets an API drift by hand', async () => {
    const restApiId = await createApi(client)
    const before = await resources(restApiId)
    const item = before.get('/item/{itemId}')!.id
    await client.updateIntegration({
      restApiId,
      resourceId: item,
      httpMethod: 'GET',
      patchOperations: [
        { op: 'replace', path: '/uri', value: lambdaUri(IRELAND, 'other') },
        { op: 'replace', path: '/timeoutInMillis', value: '1000' },
      ],
    })
    const integration = await client.getIntegration({ restApiId, resourceId: item, httpMethod: 'GET' })
    assert.equal(integration.uri, lambdaUri(IRELAND, 'other'))
    assert.equal(integration.timeoutInMillis, 1000)
    await client.updateIntegrationResponse({
      restApiId,
      resourceId: item,
      httpMethod: 'OPTIONS',
      statusCode: '200',
      patchOperations: [
        {
          op: 'replace',
          path: '/responseParameters/method.response.header.Access-Control-Allow-Origin',
          value: "'https://example.com'",
        },
      ],
    })
    await client.updateMethod({
      restApiId,
      resourceId: item,
      httpMethod: 'GET',
      patchOperations: [{ op: 'replace', path: '/operationName', value: 'renamed' }],
    })
    await client.deleteMethod({ restApiId, resourceId: before.get('/health')!.id, httpMethod: 'GET' })
    await client.deleteResource({ restApiId, resourceId: item })
    const after = await resources(restApiId)
    assert.deepEqual([...after.keys()], ['/', '/health', '/item'])
    assert.equal(after.get('/health')!.resourceMethods, undefined)
    await assert.rejects(
      client.getMethod({ restApiId, resourceId: after.get('/health')!.id, httpMethod: 'GET' }),
      refused('NotFoundException', 'Invalid Method identifier specified'),
    )
    await assert.rejects(
      client.getMethod({ restApiId, resourceId: item, httpMethod: 'GET' }),
      refused('NotFoundException', 'Invalid Resource identifier specified'),
    )
  })

  it('is built up call by call', async () => {
    const { id: restApiId, rootResourceId } = await client.createRestApi({ name: 'a', ...REGIONAL })
    const { id: resourceId, path } = await client.createResource({
      restApiId,
      parentId: rootResourceId,
      pathPart: '{proxy+}',
    })
    assert.equal(path, '/{proxy+}')
    const method = { restApiId, resourceId, httpMethod: 'ANY' }
    await client.putMethod({ ...method, authorizationType: 'NONE' })
    await client.putMethodResponse({
      ...method,
      statusCode: '200',
      responseModels: { 'application/json': 'Empty' },
    })
    await client.putIntegration({
      ...method,
      type: 'MOCK',
      requestTemplates: { 'application/json': '{"statusCode": 200}' },
    })
    await client.putIntegrationResponse({
      ...method,
      statusCode: '200',
      responseTemplates: { 'application/json': '{}' },
    })
    const shown = await client.getMethod(method)
    assert.equal(shown.methodIntegration!.type, 'MOCK')
    assert.deepEqual(shown.methodIntegration!.integrationResponses, {
      200: { statusCode: '200', responseTemplates: { 'application/json': '{}' } },
    })
    await assert.rejects(
      client.putMethod({ ...method, authorizationType: 'NONE' }),
      refused('ConflictException', 'Method already exists for this resource'),
    )
    await client.deleteIntegrationResponse({ ...method, statusCode: '200' })
    await client.deleteIntegration(method)
    await client.deleteMethodResponse({ ...method, statusCode: '200' })
    assert.equal((await client.getMethod(method)).methodIntegration, undefined)
  })

  it('guards the tree of resources', async () => {
    const { id: restApiId, rootResourceId: parentId } = await client.createRestApi({ name: 'a', ...REGIONAL })
    const greedy = await client.createResource({ restApiId, parentId, pathPart: '{proxy+}' })
    const pets = await client.createResource({ restApiId, parentId, pathPart: 'pets' })
    const refusals: [string | undefined, string, string, string][] = [
      [
        parentId,
        '{id}',
        'BadRequestException',
        'A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed',
      ],
      [
        greedy.id,
        'x',
        'BadRequestException',
        'Cannot create a child of a resource with a greedy path variable: {proxy+}',
      ],
      [
        parentId,
        'pets',
        'ConflictException',
        'Another resource with the same parent already has this name: pets',
      ],
      ['nothere', 'x', 'NotFoundException', 'Invalid Resource identifier specified'],
    ]
    for (const [at, pathPart, name, message] of refusals) {
      await assert.rejects(
        client.createResource({ restApiId, parentId: at, pathPart }),
        refused(name, message),
      )
    }
    const sub = await client.createResource({ restApiId, parentId: pets.id, pathPart: 'sub' })
    await client.updateResource({
      restApiId,
      resourceId: pets.id,
      patchOperations: [{ op: 'replace', path: '/pathPart', value: 'dogs' }],
    })
    assert.equal((await client.getResource({ restApiId, resourceId: sub.id })).path, '/dogs/sub')
    await assert.rejects(
      client.updateResource({
        restApiId,
        resourceId: pets.id,
        patchOperations: [{ op: 'replace', path: '/parentId', value: sub.id }],
      }),
      refused('BadRequestException', 'Resources cannot be cyclical.'),
    )
  })

  it('tags by ARN', async () => {
    const { id } = await client.createRestApi({ name: 'a', tags: { a: '1' }, ...REGIONAL })
    const resourceArn = `arn:aws:apigateway:${IRELAND}::/restapis/${id}`
    await client.tagResource({ resourceArn, tags: { b: '2', c: '3' } })
    await client.untagResource({ resourceArn, tagKeys: ['a', 'c'] })
    assert.deepEqual((await client.getTags({ resourceArn })).tags, { b: '2' })
    assert.deepEqual((await client.getRestApi({ restApiId: id })).tags, { b: '2' })
    await assert.rejects(
      client.tagResource({ resourceArn: `${resourceArn}0`, tags: {} }),
      refused('NotFoundException'),
    )
    await assert.rejects(
      client.tagResource({ resourceArn, tags: { 'aws:x': '1' } }),
      refused('BadRequestException'),
    )
  })

  it('is gone with all its parts', async () => {
    const restApiId = await createApi(client)
    await client.createDeployment({ restApiId, stageName: 'dev' })
    await client.deleteRestApi({ restApiId })
    assert.deepEqual((await client.getRestApis({})).items, [])
    for (const call of [
      client.getStages({ restApiId }),
      client.deleteRestApi({ restApiId }),
      client.getResources({ restApiId }),
    ]) {
      await assert.rejects(call, refused('NotFoundException', /^Invalid API identifier specified/))
    }
    const left = ['stage', 'deployment'].map(
      (noun) => cloud.world.store.collection(`apigateway.${noun}`).size,
    )
    assert.deepEqual(left, [0, 0])
  })

  const REFUSED: [string, Parameters<APIGateway['createRestApi']>[0], RegExp][] = [
    ['no endpoint type, which is EDGE', { name: 'a' }, /EDGE/],
    ['two endpoint types', { name: 'a', endpointConfiguration: { types: ['REGIONAL', 'EDGE'] } }, /multiple/],
    ['a private endpoint', { name: 'a', endpointConfiguration: { types: ['PRIVATE'] } }, /PRIVATE/],
    [
      'an empty description',
      { name: 'a', description: '', ...REGIONAL },
      /Description cannot be an empty string/,
    ],
    ['compression', { name: 'a', minimumCompressionSize: 0, ...REGIONAL }, /minimumCompressionSize/],
    [
      'an enhanced security policy',
      {
        name: 'a',
        securityPolicy: 'SecurityPolicy_TLS13_1_3_2025_09',
        endpointAccessMode: 'BASIC',
        ...REGIONAL,
      },
      /SecurityPolicy_TLS13/,
    ],
    ['a policy that is none', { name: 'a', policy: 'x', ...REGIONAL }, /Invalid policy document/],
  ]
  for (const [what, input, message] of REFUSED) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(client.createRestApi(input), refused('BadRequestException', message))
      assert.deepEqual((await client.getRestApis({})).items, [])
    })
  }

  it('is listed some seconds after it was made', async () => {
    await cloud.close()
    cloud = await startGatewayCloud({ profile: 'realistic' })
    client = cloud.client()
    const { id: restApiId } = await client.createRestApi({ name: 'a', ...REGIONAL })
    assert.deepEqual((await client.getRestApis({})).items, [])
    assert.equal((await client.getRestApi({ restApiId })).name, 'a')
    cloud.pass(5)
    assert.equal((await client.getRestApis({})).items!.length, 1)
  })
})
