// Stages: under which name an API answers, and how often.
import assert from 'node:assert/strict'
import type { PatchOperation } from '@aws-sdk/client-api-gateway'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import {
  answers,
  ask,
  deploy,
  document,
  filledApi,
  gateway,
  hostOf,
  NO_API,
  noApi,
  put,
  replace,
  STAGE_LIVE,
  servedApi,
} from './api.js'
import { mappedDomain } from './domain.js'

const UNKNOWN = 'Invalid stage identifier specified'
const FORBIDDEN = '{"message":"Forbidden"}'

const createStage: OperationSuite = {
  happy: {
    'a stage answers some seconds after it was made': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const deploymentId = await deploy(cloud, restApiId)
      const made = await gateway(cloud).createStage({ restApiId, stageName: 'dev', deploymentId })
      assert.deepEqual([made.deploymentId, made.cacheClusterStatus], [deploymentId, 'NOT_AVAILABLE'])
      await answers(cloud, hostOf(restApiId), '/dev/hello', 403, FORBIDDEN)
      await cloud.pass(STAGE_LIVE)
      await answers(cloud, hostOf(restApiId), '/dev/hello', 200, 'hello')
    },
    'its answers carry the ids of the request': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      const { headers } = await ask(cloud, hostOf(restApiId), '/dev/hello')
      assert.match(String(headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/)
      assert.ok(headers['x-amz-apigw-id'])
    },
    'a path or method that it lacks is answered as a missing token': async (cloud) => {
      const { restApiId } = await servedApi(cloud)
      const text = '{"message":"Missing Authentication Token"}'
      const { headers } = await answers(cloud, hostOf(restApiId), '/dev/nothing', 403, text)
      assert.equal(headers['x-amzn-errortype'], 'MissingAuthenticationTokenException')
      const posted = await ask(cloud, hostOf(restApiId), '/dev/hello', { method: 'POST', body: 'x' })
      assert.deepEqual([posted.status, posted.body], [403, text])
      await answers(cloud, hostOf(restApiId), '/other/hello', 403, FORBIDDEN)
    },
  },
  validation: {
    'a name has letters, digits, _ and - only': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const deploymentId = await deploy(cloud, restApiId)
      await gateway(cloud).createStage({ restApiId, stageName: 'a-b_1', deploymentId })
      const call = gateway(cloud).createStage({ restApiId, stageName: 'a.b', deploymentId })
      await refused(call, 'BadRequestException', /^Stage name only allows/)
    },
  },
  state: {
    'a stage that is there already is a conflict': async (cloud) => {
      const { restApiId, deploymentId, stageName } = await servedApi(cloud)
      const call = gateway(cloud).createStage({ restApiId, stageName, deploymentId })
      await refused(call, 'ConflictException', 'Stage already exists')
    },
    'an unknown deployment is a bad request': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const call = gateway(cloud).createStage({ restApiId, stageName: 'dev', deploymentId: 'abcdef' })
      await refused(call, 'BadRequestException', 'Deployment id does not exist')
    },
    'an unknown API is not found': (cloud) =>
      refused(
        gateway(cloud).createStage({ restApiId: NO_API, stageName: 'dev', deploymentId: 'abcdef' }),
        'NotFoundException',
        noApi(NO_API),
      ),
    'the eleventh stage exceeds the quota': async (cloud) => {
      const { restApiId, deploymentId } = await servedApi(cloud)
      const make = (at: number) =>
        gateway(cloud).createStage({ restApiId, stageName: `stage${at}`, deploymentId })
      for (let at = 2; at <= 10; at += 1) await make(at)
      await refused(make(11), 'LimitExceededException')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const restApiId = await filledApi(cloud)
    const deploymentId = await deploy(cloud, restApiId)
    const made = await aws.run([
      ...['apigateway', 'create-stage', '--rest-api-id', restApiId, '--stage-name', 'cli'],
      ...['--deployment-id', deploymentId, '--tags', 'owner=me', '--variables', 'a=1'],
    ])
    const { tags, variables } = made as { tags: object; variables: object }
    assert.deepEqual([tags, variables], [{ owner: 'me' }, { a: '1' }])
  },
}

const getStage: OperationSuite = {
  happy: {
    'a stage shows its deployment at once': async (cloud) => {
      const { restApiId, stageName, deploymentId } = await servedApi(cloud)
      const got = await gateway(cloud).getStage({ restApiId, stageName })
      assert.deepEqual([got.deploymentId, got.methodSettings], [deploymentId, {}])
    },
  },
  state: {
    'an unknown stage is not found': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const call = gateway(cloud).getStage({ restApiId, stageName: 'no' })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
    'nor is one of an unknown API': (cloud) =>
      refused(
        gateway(cloud).getStage({ restApiId: NO_API, stageName: 'dev' }),
        'NotFoundException',
        noApi(NO_API),
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId } = await servedApi(cloud)
    const got = await aws.run([
      ...['apigateway', 'get-stage', '--rest-api-id', restApiId, '--stage-name', 'dev'],
    ])
    assert.equal((got as { stageName: string }).stageName, 'dev')
  },
}

const getStages: OperationSuite = {
  happy: {
    'all stages, or those of a deployment': async (cloud) => {
      const { restApiId, deploymentId } = await servedApi(cloud)
      const other = await deploy(cloud, restApiId)
      await gateway(cloud).createStage({ restApiId, stageName: 'next', deploymentId: other })
      const names = async (input: object) =>
        (await gateway(cloud).getStages({ restApiId, ...input })).item?.map((each) => each.stageName).sort()
      assert.deepEqual(await names({}), ['dev', 'next'])
      assert.deepEqual(await names({ deploymentId }), ['dev'])
    },
  },
  state: {
    'an unknown API is not found': (cloud) =>
      refused(gateway(cloud).getStages({ restApiId: NO_API }), 'NotFoundException', noApi(NO_API)),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId } = await servedApi(cloud)
    const listed = await aws.run(['apigateway', 'get-stages', '--rest-api-id', restApiId])
    assert.equal((listed as { item: unknown[] }).item.length, 1)
  },
}

const patched = async (cloud: TestCloud, ...patchOperations: PatchOperation[]) => {
  const { restApiId, stageName } = await servedApi(cloud)
  return gateway(cloud).updateStage({ restApiId, stageName, patchOperations })
}

const updateStage: OperationSuite = {
  happy: {
    'it moves to another deployment, in effect some seconds later': async (cloud) => {
      const { restApiId, stageName } = await servedApi(cloud, document('one'))
      await put(cloud, restApiId, document('two'))
      const patchOperations = [replace('/deploymentId', await deploy(cloud, restApiId))]
      await gateway(cloud).updateStage({ restApiId, stageName, patchOperations })
      await answers(cloud, hostOf(restApiId), '/dev/hello', 200, 'one')
      await cloud.pass(STAGE_LIVE)
      await answers(cloud, hostOf(restApiId), '/dev/hello', 200, 'two')
    },
    'method settings come with defaults for the others, and go whole': async (cloud) => {
      const { restApiId, stageName } = await servedApi(cloud)
      const update = (...patchOperations: PatchOperation[]) =>
        gateway(cloud).updateStage({ restApiId, stageName, patchOperations })
      const { methodSettings } = await update(
        replace('/*/*/throttling/burstLimit', '123'),
        replace('/~1hello/GET/metrics/enabled', 'true'),
      )
      assert.deepEqual(Object.keys(methodSettings!).sort(), ['*/*', 'hello/GET'])
      assert.equal(methodSettings!['*/*']?.throttlingRateLimit, 10_000)
      const without = await update({ op: 'remove', path: '/*/*' }, { op: 'remove', path: '/~1hello/GET' })
      assert.deepEqual(without.methodSettings, {})
    },
    'a throttle answers 429': async (cloud) => {
      const { restApiId, stageName } = await servedApi(cloud)
      const patchOperations = [
        replace('/*/*/throttling/burstLimit', '0'),
        replace('/*/*/throttling/rateLimit', '0'),
      ]
      await gateway(cloud).updateStage({ restApiId, stageName, patchOperations })
      await cloud.pass(STAGE_LIVE)
      const text = '{"message":"Too Many Requests"}'
      const { headers } = await answers(cloud, hostOf(restApiId), '/dev/hello', 429, text)
      assert.equal(headers['x-amzn-errortype'], 'TooManyRequestsException')
    },
  },
  validation: {
    'unknown paths are taken for method settings': (cloud) =>
      refused(
        patched(cloud, replace('/tags/owner', 'me')),
        'BadRequestException',
        /^Invalid method setting path: \/tags\/owner\. Must be one of: \[\/deploymentId, \/description, \/cache/,
      ),
    'a setting that is not there is not removed': (cloud) =>
      refused(
        patched(cloud, { op: 'remove', path: '/*/*' }),
        'BadRequestException',
        'Cannot remove method setting */* because there is no method setting for this method ',
      ),
    'an unknown deployment is a bad request': (cloud) =>
      refused(
        patched(cloud, replace('/deploymentId', 'abcdef')),
        'BadRequestException',
        'Deployment id does not exist',
      ),
  },
  state: {
    'an unknown stage is not found': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const patchOperations = [replace('/description', 'x')]
      const call = gateway(cloud).updateStage({ restApiId, stageName: 'no', patchOperations })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId } = await servedApi(cloud)
    const updated = await aws.run([
      ...['apigateway', 'update-stage', '--rest-api-id', restApiId, '--stage-name', 'dev'],
      ...['--patch-operations', 'op=replace,path=/variables/a,value=1'],
    ])
    assert.deepEqual((updated as { variables: object }).variables, { a: '1' })
  },
}

const deleteStage: OperationSuite = {
  happy: {
    'it answers no more': async (cloud) => {
      const { restApiId, stageName } = await servedApi(cloud)
      await gateway(cloud).deleteStage({ restApiId, stageName })
      await answers(cloud, hostOf(restApiId), '/dev/hello', 403, FORBIDDEN)
    },
  },
  state: {
    'a stage with a base path mapping stays': async (cloud) => {
      const { restApiId, stageName, domainName } = await mappedDomain(cloud)
      await refused(
        gateway(cloud).deleteStage({ restApiId, stageName }),
        'BadRequestException',
        `Deleting stage dev failed. Please remove all base path mappings related to the stage in your domains: ${domainName}`,
      )
    },
    'an unknown stage is not found': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const call = gateway(cloud).deleteStage({ restApiId, stageName: 'no' })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId } = await servedApi(cloud)
    await aws.run(['apigateway', 'delete-stage', '--rest-api-id', restApiId, '--stage-name', 'dev'])
    assert.deepEqual((await gateway(cloud).getStages({ restApiId })).item, [])
  },
}

export const stageCases: ServiceSuite['operations'] = {
  CreateStage: createStage,
  GetStage: getStage,
  GetStages: getStages,
  UpdateStage: updateStage,
  DeleteStage: deleteStage,
}
