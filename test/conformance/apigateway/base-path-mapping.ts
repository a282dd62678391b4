// Base path mappings: what a custom domain answers with.
import assert from 'node:assert/strict'
import { type CreateBasePathMappingRequest, paginateGetBasePathMappings } from '@aws-sdk/client-api-gateway'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import { answers, deploy, document, filledApi, gateway, MAPPABLE, NO_API, replace, servedApi } from './api.js'
import { availableDomain, mappedDomain, newDomain } from './domain.js'

const ROOT = '(none)'
const NO_MAPPING = 'Invalid base path mapping identifier specified'
const NO_DOMAIN = 'nowhere.example.com'
const BAD_STAGE = 'Invalid stage identifier specified'
const FORBIDDEN = '{"message":"Forbidden"}'

const map = (cloud: TestCloud, input: CreateBasePathMappingRequest) =>
  gateway(cloud).createBasePathMapping(input)

const createBasePathMapping: OperationSuite = {
  happy: {
    'the empty path is read as (none) and leads to the stage': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      const domainName = await availableDomain(cloud)
      const made = await map(cloud, { domainName, restApiId, stage: 'dev', basePath: '' })
      assert.deepEqual([made.basePath, made.restApiId, made.stage], [ROOT, restApiId, 'dev'])
      await answers(cloud, domainName, '/hello', 200, 'hello')
      await answers(cloud, domainName, '/nothing', 403, '{"message":"Missing Authentication Token"}')
    },
    'a path leads to its stage, and nothing beside it': async (cloud) => {
      const { domainName } = await mappedDomain(cloud, 'v1')
      await answers(cloud, domainName, '/v1/hello', 200, 'hello')
      await answers(cloud, domainName, '/hello', 403, FORBIDDEN)
    },
    'without a stage callers name it': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      const domainName = await availableDomain(cloud)
      await map(cloud, { domainName, restApiId })
      await answers(cloud, domainName, '/dev/hello', 200, 'hello')
    },
  },
  validation: {
    'a path has one part': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      const domainName = await availableDomain(cloud)
      await refused(
        map(cloud, { domainName, restApiId, stage: 'dev', basePath: 'v1/items' }),
        'BadRequestException',
        /slash character/,
      )
    },
  },
  state: {
    'just after the domain was made it is refused, as if the stage were wrong': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      const { domainName } = await newDomain(cloud)
      const input = { domainName, restApiId, stage: 'dev' }
      await refused(map(cloud, input), 'BadRequestException', BAD_STAGE)
      await cloud.pass(MAPPABLE)
      await map(cloud, input)
    },
    'just after the stage was made it is refused': async (cloud) => {
      const domainName = await availableDomain(cloud)
      const restApiId = await filledApi(cloud)
      const deploymentId = await deploy(cloud, restApiId)
      await gateway(cloud).createStage({ restApiId, stageName: 'dev', deploymentId })
      const input = { domainName, restApiId, stage: 'dev' }
      await refused(map(cloud, input), 'BadRequestException', BAD_STAGE)
      await cloud.pass(MAPPABLE)
      await map(cloud, input)
    },
    'unknown APIs and stages are bad requests': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      const domainName = await availableDomain(cloud)
      await refused(
        map(cloud, { domainName, restApiId: NO_API, stage: 'dev' }),
        'BadRequestException',
        'Invalid REST API identifier specified',
      )
      await refused(map(cloud, { domainName, restApiId, stage: 'prod' }), 'BadRequestException', BAD_STAGE)
    },
    'an unknown domain is not found': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      await refused(
        map(cloud, { domainName: NO_DOMAIN, restApiId, stage: 'dev' }),
        'NotFoundException',
        'Invalid domain name identifier specified',
      )
    },
    'a path is mapped once': async (cloud) => {
      const { domainName, restApiId } = await mappedDomain(cloud, 'v1')
      await refused(
        map(cloud, { domainName, restApiId, stage: 'dev', basePath: 'v1' }),
        'ConflictException',
        'Base path already exists for this domain name',
      )
    },
    'the empty path stands alone': async (cloud) => {
      const text = 'Only one base path mapping is allowed if the base path is empty.'
      const atRoot = await mappedDomain(cloud)
      const more = { ...atRoot, stage: 'dev', basePath: 'v1' }
      await refused(map(cloud, more), 'ConflictException', text)
      const below = await mappedDomain(cloud, 'v1')
      await refused(map(cloud, { ...below, stage: 'dev', basePath: '' }), 'ConflictException', text)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId } = await servedApi(cloud)
    const domainName = await availableDomain(cloud)
    const made = await aws.run([
      ...['apigateway', 'create-base-path-mapping', '--domain-name', domainName],
      ...['--rest-api-id', restApiId, '--stage', 'dev', '--base-path', 'v1'],
    ])
    assert.deepEqual(made, { basePath: 'v1', restApiId, stage: 'dev' })
  },
}

const getBasePathMapping: OperationSuite = {
  happy: {
    'the root is asked for as (none)': async (cloud) => {
      const { domainName, restApiId } = await mappedDomain(cloud)
      const got = await gateway(cloud).getBasePathMapping({ domainName, basePath: ROOT })
      assert.deepEqual([got.basePath, got.restApiId, got.stage], [ROOT, restApiId, 'dev'])
    },
  },
  state: {
    'a path that is not mapped is not found': async (cloud) => {
      const domainName = await availableDomain(cloud)
      const call = gateway(cloud).getBasePathMapping({ domainName, basePath: ROOT })
      await refused(call, 'NotFoundException', NO_MAPPING)
    },
    'nor is one of an unknown domain': (cloud) =>
      refused(
        gateway(cloud).getBasePathMapping({ domainName: NO_DOMAIN, basePath: ROOT }),
        'NotFoundException',
        'Invalid domain name identifier specified',
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { domainName, restApiId } = await mappedDomain(cloud)
    const got = await aws.run([
      ...['apigateway', 'get-base-path-mapping', '--domain-name', domainName, '--base-path', ROOT],
    ])
    assert.deepEqual(got, { basePath: ROOT, restApiId, stage: 'dev' })
  },
}

const getBasePathMappings: OperationSuite = {
  happy: {
    'a domain without mappings has none': async (cloud) => {
      const domainName = await availableDomain(cloud)
      const { items = [] } = await gateway(cloud).getBasePathMappings({ domainName })
      assert.deepEqual(items, [])
    },
  },
  state: {
    'an unknown domain is not found': (cloud) =>
      refused(gateway(cloud).getBasePathMappings({ domainName: NO_DOMAIN }), 'NotFoundException'),
  },
  pagination: {
    'pages of one hold every mapping once': async (cloud) => {
      const { domainName, restApiId } = await mappedDomain(cloud, 'v1')
      await map(cloud, { domainName, restApiId, stage: 'dev', basePath: 'v2' })
      const seen: string[] = []
      const pages = paginateGetBasePathMappings({ client: gateway(cloud) }, { domainName, limit: 1 })
      for await (const page of pages) seen.push(...page.items!.map(({ basePath }) => basePath!))
      assert.deepEqual(seen.sort(), ['v1', 'v2'])
    },
  },
  cli: async (cloud, aws) => {
    const { domainName } = await mappedDomain(cloud)
    const listed = await aws.run(['apigateway', 'get-base-path-mappings', '--domain-name', domainName])
    assert.equal((listed as { items: unknown[] }).items.length, 1)
  },
}

const updateBasePathMapping: OperationSuite = {
  happy: {
    'API, stage and path change': async (cloud) => {
      const { domainName } = await mappedDomain(cloud)
      const next = await servedApi(cloud, document('next'))
      const changed = await gateway(cloud).updateBasePathMapping({
        domainName,
        basePath: ROOT,
        patchOperations: [replace('/restapiId', next.restApiId), replace('/basePath', 'v2')],
      })
      assert.deepEqual([changed.basePath, changed.restApiId], ['v2', next.restApiId])
      await answers(cloud, domainName, '/v2/hello', 200, 'next')
    },
  },
  validation: {
    'an unknown stage is a bad request': async (cloud) => {
      const { domainName } = await mappedDomain(cloud)
      const patchOperations = [replace('/stage', 'prod')]
      const call = gateway(cloud).updateBasePathMapping({ domainName, basePath: ROOT, patchOperations })
      await refused(call, 'BadRequestException', BAD_STAGE)
    },
  },
  state: {
    'a path that is not mapped is not found': async (cloud) => {
      const domainName = await availableDomain(cloud)
      const patchOperations = [replace('/stage', 'dev')]
      const call = gateway(cloud).updateBasePathMapping({ domainName, basePath: ROOT, patchOperations })
      await refused(call, 'NotFoundException', NO_MAPPING)
    },
    'a path that is taken is refused': async (cloud) => {
      const { domainName, restApiId } = await mappedDomain(cloud, 'v1')
      await map(cloud, { domainName, restApiId, stage: 'dev', basePath: 'v2' })
      const patchOperations = [replace('/basePath', 'v1')]
      const call = gateway(cloud).updateBasePathMapping({ domainName, basePath: 'v2', patchOperations })
      await refused(call, 'ConflictException', 'Base path already exists for this domain name')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { domainName } = await mappedDomain(cloud, 'v1')
    const updated = await aws.run([
      ...['apigateway', 'update-base-path-mapping', '--domain-name', domainName, '--base-path', 'v1'],
      ...['--patch-operations', 'op=replace,path=/basePath,value=v2'],
    ])
    assert.equal((updated as { basePath: string }).basePath, 'v2')
  },
}

const deleteBasePathMapping: OperationSuite = {
  happy: {
    'the domain answers 403 at once': async (cloud) => {
      const { domainName } = await mappedDomain(cloud)
      await gateway(cloud).deleteBasePathMapping({ domainName, basePath: ROOT })
      await answers(cloud, domainName, '/hello', 403, FORBIDDEN)
    },
  },
  state: {
    'a path that is not mapped is not found': async (cloud) => {
      const domainName = await availableDomain(cloud)
      const call = gateway(cloud).deleteBasePathMapping({ domainName, basePath: ROOT })
      await refused(call, 'NotFoundException', NO_MAPPING)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { domainName } = await mappedDomain(cloud)
    await aws.run([
      ...['apigateway', 'delete-base-path-mapping', '--domain-name', domainName, '--base-path', ROOT],
    ])
    const { items = [] } = await gateway(cloud).getBasePathMappings({ domainName })
    assert.deepEqual(items, [])
  },
}

export const basePathMappingCases: ServiceSuite['operations'] = {
  CreateBasePathMapping: createBasePathMapping,
  GetBasePathMapping: getBasePathMapping,
  GetBasePathMappings: getBasePathMappings,
  UpdateBasePathMapping: updateBasePathMapping,
  DeleteBasePathMapping: deleteBasePathMapping,
}
