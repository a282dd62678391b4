// REST APIs: made, listed, patched, deleted. Documents come in through import.ts.
import assert from 'node:assert/strict'
import { APIGateway, paginateGetRestApis } from '@aws-sdk/client-api-gateway'
import { VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import {
  answers,
  createApi,
  gateway,
  hostOf,
  LISTED,
  NO_API,
  noApi,
  replace,
  STAGE_LIVE,
  servedApi,
} from './api.js'
import { mappedDomain } from './domain.js'

const createRestApi: OperationSuite = {
  happy: {
    'an API has an id of 10 characters and an empty root': async (cloud) => {
      const { id, rootResourceId, endpointConfiguration, apiKeySource } = await createApi(cloud)
      assert.match(id, /^[a-z0-9]{10}$/)
      assert.deepEqual(endpointConfiguration, { types: ['REGIONAL'], ipAddressType: 'ipv4' })
      assert.equal(apiKeySource, 'HEADER')
      const { items } = await gateway(cloud).getResources({ restApiId: id })
      assert.deepEqual(items, [{ id: rootResourceId, path: '/' }])
    },
    'the same call again makes another API of that name': async (cloud) => {
      assert.notEqual((await createApi(cloud)).id, (await createApi(cloud)).id)
    },
  },
  validation: {
    'a description is not empty': (cloud) =>
      refused(
        createApi(cloud, { description: '' }),
        'BadRequestException',
        'Description cannot be an empty string',
      ),
    'there is one endpoint type': (cloud) =>
      refused(
        createApi(cloud, { endpointConfiguration: { types: ['REGIONAL', 'EDGE'] } }),
        'BadRequestException',
        'Cannot create an api with multiple Endpoint Types.',
      ),
    'an enhanced security policy needs an endpoint access mode': (cloud) =>
      refused(
        createApi(cloud, { securityPolicy: 'SecurityPolicy_TLS13_1_2_2021_06' }),
        'BadRequestException',
        'Endpoint access mode is required for the specified security policy',
      ),
  },
  state: 'nothing is there before',
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    const made = await aws.run([
      ...['apigateway', 'create-rest-api', '--name', 'cli', '--tags', 'owner=me'],
      ...['--endpoint-configuration', '{"types":["REGIONAL"]}'],
    ])
    const { name, tags } = made as { name: string; tags: object }
    assert.deepEqual([name, tags], ['cli', { owner: 'me' }])
  },
}

const getRestApi: OperationSuite = {
  happy: {
    'an API is there at once': async (cloud) => {
      const made = await createApi(cloud, { description: 'text', tags: { owner: 'me' } })
      const { name, description, tags } = await gateway(cloud).getRestApi({ restApiId: made.id })
      assert.deepEqual([name, description, tags], ['case', 'text', { owner: 'me' }])
    },
  },
  state: {
    'an unknown API is not found': (cloud) =>
      refused(gateway(cloud).getRestApi({ restApiId: NO_API }), 'NotFoundException', noApi(NO_API)),
    'an API of another region is not found': async (cloud) => {
      const { id } = await createApi(cloud)
      const there = cloud.client(APIGateway, VIRGINIA)
      await refused(there.getRestApi({ restApiId: id }), 'NotFoundException', noApi(id))
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { id } = await createApi(cloud)
    const got = (await aws.run(['apigateway', 'get-rest-api', '--rest-api-id', id])) as { name: string }
    assert.equal(got.name, 'case')
  },
}

const getRestApis: OperationSuite = {
  happy: {
    'APIs are listed with their tags': async (cloud) => {
      const { id } = await createApi(cloud, { tags: { owner: 'me' } })
      await cloud.pass(LISTED)
      const { items = [] } = await gateway(cloud).getRestApis({ limit: 500 })
      assert.deepEqual(items.find((api) => api.id === id)?.tags, { owner: 'me' })
    },
  },
  state: {
    'a new API is listed some seconds later': async (cloud) => {
      const { id } = await createApi(cloud)
      const ids = async () => (await gateway(cloud).getRestApis({ limit: 500 })).items?.map((api) => api.id)
      assert.ok(!(await ids())?.includes(id))
      await cloud.pass(LISTED)
      assert.ok((await ids())?.includes(id))
    },
  },
  pagination: {
    'pages of one hold every API once': async (cloud) => {
      const made = [(await createApi(cloud)).id, (await createApi(cloud)).id]
      await cloud.pass(LISTED)
      const seen: string[] = []
      for await (const page of paginateGetRestApis({ client: gateway(cloud) }, { limit: 1 })) {
        assert.ok(page.items!.length <= 1)
        seen.push(...page.items!.map((api) => api.id!))
        await cloud.pass(1)
      }
      assert.equal(new Set(seen).size, seen.length)
      assert.ok(made.every((id) => seen.includes(id)))
    },
  },
  cli: async (cloud, aws) => {
    const { id } = await createApi(cloud)
    const { items } = (await aws.run(['apigateway', 'get-rest-apis', '--page-size', '500'])) as {
      items: { id: string }[]
    }
    assert.ok(items.some((api) => api.id === id))
  },
}

const updateRestApi: OperationSuite = {
  happy: {
    'name, description and binary media types change': async (cloud) => {
      const { id } = await createApi(cloud, { binaryMediaTypes: ['image/png'] })
      const api = await gateway(cloud).updateRestApi({
        restApiId: id,
        patchOperations: [
          replace('/name', 'other'),
          replace('/description', 'text'),
          { op: 'add', path: '/binaryMediaTypes/image~1gif' },
          { op: 'remove', path: '/binaryMediaTypes/image~1png' },
        ],
      })
      assert.deepEqual([api.name, api.description, api.binaryMediaTypes], ['other', 'text', ['image/gif']])
    },
  },
  validation: {
    'unknown paths and operations are refused, and all of the patch with them': async (cloud) => {
      const { id } = await createApi(cloud)
      const patch = (...patchOperations: Parameters<typeof replace>[]) =>
        gateway(cloud).updateRestApi({
          restApiId: id,
          patchOperations: [replace('/name', 'other'), ...patchOperations.map((each) => replace(...each))],
        })
      await refused(patch(['/id', 'x']), 'BadRequestException', 'Invalid patch path /id')
      await refused(
        patch(['/endpointConfiguration/ipAddressType', 'ipv5']),
        'BadRequestException',
        'ipAddressType must be either ipv4 or dualstack.',
      )
      const add = { op: 'add' as const, path: '/name', value: 'x' }
      await refused(
        gateway(cloud).updateRestApi({ restApiId: id, patchOperations: [add] }),
        'BadRequestException',
        'Invalid patch operation specified. Must be one of: [replace]',
      )
      assert.equal((await gateway(cloud).getRestApi({ restApiId: id })).name, 'case')
    },
    'a slash inside a media type is written ~1': async (cloud) => {
      const { id } = await createApi(cloud)
      const patchOperations = [{ op: 'add' as const, path: '/binaryMediaTypes/image/png' }]
      await refused(
        gateway(cloud).updateRestApi({ restApiId: id, patchOperations }),
        'BadRequestException',
        'Invalid patch path /binaryMediaTypes/image/png',
      )
    },
  },
  state: {
    'an unknown API is not found': (cloud) =>
      refused(
        gateway(cloud).updateRestApi({ restApiId: NO_API, patchOperations: [replace('/name', 'x')] }),
        'NotFoundException',
        noApi(NO_API),
      ),
    'disableExecuteApiEndpoint takes effect with the next change of a stage': async (cloud) => {
      const { restApiId, stageName } = await servedApi(cloud)
      await gateway(cloud).updateRestApi({
        restApiId,
        patchOperations: [replace('/disableExecuteApiEndpoint', 'true')],
      })
      await cloud.pass(STAGE_LIVE)
      await answers(cloud, hostOf(restApiId), '/dev/hello', 200)
      const patchOperations = [replace('/description', 'changed')]
      await gateway(cloud).updateStage({ restApiId, stageName, patchOperations })
      await cloud.pass(STAGE_LIVE)
      await answers(cloud, hostOf(restApiId), '/dev/hello', 403, '{"message":"Forbidden"}')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { id } = await createApi(cloud)
    const updated = await aws.run([
      ...['apigateway', 'update-rest-api', '--rest-api-id', id],
      ...['--patch-operations', 'op=replace,path=/name,value=other'],
    ])
    assert.equal((updated as { name: string }).name, 'other')
  },
}

const deleteRestApi: OperationSuite = {
  happy: {
    'an API goes with its stages, and is served no longer': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      await cloud.pass(30)
      await gateway(cloud).deleteRestApi({ restApiId })
      await refused(gateway(cloud).getStages({ restApiId }), 'NotFoundException', noApi(restApiId))
      await answers(cloud, hostOf(restApiId), '/dev/hello', 403, '{"message":"Forbidden"}')
    },
  },
  state: {
    'an unknown API is not found': async (cloud) => {
      await cloud.pass(30)
      const call = gateway(cloud).deleteRestApi({ restApiId: NO_API })
      await refused(call, 'NotFoundException', noApi(NO_API))
    },
    'an API with a base path mapping stays': async (cloud) => {
      const { domainName, restApiId } = await mappedDomain(cloud)
      await cloud.pass(30)
      await refused(
        gateway(cloud).deleteRestApi({ restApiId }),
        'BadRequestException',
        `Deleting RestApi ${restApiId} failed. Please remove all base path mappings related to the RestApi in your domains: ${domainName}`,
      )
      await gateway(cloud).deleteBasePathMapping({ domainName, basePath: '(none)' })
      await cloud.pass(30)
      await gateway(cloud).deleteRestApi({ restApiId })
    },
    'a second deletion within 30 s is throttled': async (cloud) => {
      const { id } = await createApi(cloud)
      await cloud.pass(30)
      await refused(gateway(cloud).deleteRestApi({ restApiId: NO_API }), 'NotFoundException')
      await refused(
        gateway(cloud).deleteRestApi({ restApiId: id }),
        'TooManyRequestsException',
        'Too Many Requests',
      )
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { id } = await createApi(cloud)
    await aws.run(['apigateway', 'delete-rest-api', '--rest-api-id', id])
    await assert.rejects(
      aws.run(['apigateway', 'delete-rest-api', '--rest-api-id', id]),
      /\(NotFoundException\).*Invalid API identifier/,
    )
  },
}

export const restApiCases: ServiceSuite['operations'] = {
  CreateRestApi: createRestApi,
  GetRestApi: getRestApi,
  GetRestApis: getRestApis,
  UpdateRestApi: updateRestApi,
  DeleteRestApi: deleteRestApi,
}
