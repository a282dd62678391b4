// Methods and their responses.
import assert from 'node:assert/strict'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import { apiWithMethod, gateway, NO_API, noApi, replace } from './api.js'

const UNKNOWN = 'Invalid Method identifier specified'
const NO_STATUS = 'Invalid Response status code specified'

/** The arguments by which the CLI names a method, or a response of it. */
const flags = (
  command: string,
  { restApiId, resourceId, httpMethod }: Awaited<ReturnType<typeof apiWithMethod>>,
  ...more: string[]
) => [
  ...['apigateway', command, '--rest-api-id', restApiId, '--resource-id', resourceId],
  ...['--http-method', httpMethod, ...more],
]

const another = async (cloud: TestCloud, httpMethod = 'POST') => ({
  ...(await apiWithMethod(cloud)),
  httpMethod,
  authorizationType: 'NONE',
})

const putMethod: OperationSuite = {
  happy: {
    'a method without authorization needs no key': async (cloud) => {
      const made = await gateway(cloud).putMethod(await another(cloud))
      assert.deepEqual(
        [made.httpMethod, made.authorizationType, made.apiKeyRequired],
        ['POST', 'NONE', false],
      )
    },
  },
  validation: {
    'its name is one of HTTP’s, or ANY': async (cloud) =>
      refused(
        gateway(cloud).putMethod(await another(cloud, 'TRACE')),
        'BadRequestException',
        /^Invalid HttpMethod specified\. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY$/,
      ),
    'its models are there': async (cloud) => {
      const requestModels = { 'application/json': 'petModel' }
      await refused(
        gateway(cloud).putMethod({ ...(await another(cloud)), requestModels }),
        'BadRequestException',
        'Invalid model identifier specified: petModel',
      )
    },
  },
  state: {
    'a method that is there already is a conflict': async (cloud) =>
      refused(
        gateway(cloud).putMethod(await another(cloud, 'GET')),
        'ConflictException',
        'Method already exists for this resource',
      ),
    'an unknown API or resource is not found': async (cloud) => {
      const input = await another(cloud)
      const nowhere = gateway(cloud).putMethod({ ...input, restApiId: NO_API })
      await refused(nowhere, 'NotFoundException', noApi(NO_API))
      await refused(gateway(cloud).putMethod({ ...input, resourceId: 'abcdef' }), 'NotFoundException')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const input = await another(cloud, 'ANY')
    const made = await aws.run(flags('put-method', input, '--authorization-type', 'NONE'))
    assert.equal((made as { httpMethod: string }).httpMethod, 'ANY')
  },
}

const getMethod: OperationSuite = {
  happy: {
    'a method shows its responses and what is behind it': async (cloud) => {
      const got = await gateway(cloud).getMethod(await apiWithMethod(cloud))
      assert.deepEqual(Object.keys(got.methodResponses!), ['200'])
      assert.equal(got.methodIntegration?.type, 'MOCK')
    },
  },
  state: {
    'an unknown method is not found': async (cloud) =>
      refused(gateway(cloud).getMethod(await another(cloud)), 'NotFoundException', UNKNOWN),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const got = await aws.run(flags('get-method', await apiWithMethod(cloud)))
    assert.equal((got as { httpMethod: string }).httpMethod, 'GET')
  },
}

const updateMethod: OperationSuite = {
  happy: {
    'its operation name and parameters change': async (cloud) => {
      const changed = await gateway(cloud).updateMethod({
        ...(await apiWithMethod(cloud)),
        patchOperations: [
          replace('/operationName', 'hello'),
          { op: 'add', path: '/requestParameters/method.request.querystring.name', value: 'true' },
        ],
      })
      assert.equal(changed.operationName, 'hello')
      assert.deepEqual(changed.requestParameters, { 'method.request.querystring.name': true })
    },
  },
  validation: {
    'its name and unknown paths do not': async (cloud) => {
      const method = await apiWithMethod(cloud)
      for (const path of ['/httpMethod', '/requestParameters']) {
        await refused(
          gateway(cloud).updateMethod({ ...method, patchOperations: [replace(path, 'PUT')] }),
          'BadRequestException',
          `Invalid patch path ${path}`,
        )
      }
    },
  },
  state: {
    'an unknown method is not found': async (cloud) => {
      const patchOperations = [replace('/operationName', 'x')]
      const input = { ...(await another(cloud)), patchOperations }
      await refused(gateway(cloud).updateMethod(input), 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const patch = ['--patch-operations', 'op=replace,path=/operationName,value=hello']
    const updated = await aws.run(flags('update-method', await apiWithMethod(cloud), ...patch))
    assert.equal((updated as { operationName: string }).operationName, 'hello')
  },
}

const deleteMethod: OperationSuite = {
  happy: {
    'a method is gone at once': async (cloud) => {
      const method = await apiWithMethod(cloud)
      await gateway(cloud).deleteMethod(method)
      await refused(gateway(cloud).getMethod(method), 'NotFoundException', UNKNOWN)
    },
  },
  state: {
    'an unknown method is not found': async (cloud) =>
      refused(gateway(cloud).deleteMethod(await another(cloud)), 'NotFoundException', UNKNOWN),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    await aws.run(flags('delete-method', method))
    await assert.rejects(aws.run(flags('delete-method', method)), /\(NotFoundException\)/)
  },
}

const HEADER = 'method.response.header.Location'

const putMethodResponse: OperationSuite = {
  happy: {
    'a response declares its headers': async (cloud) => {
      const made = await gateway(cloud).putMethodResponse({
        ...(await apiWithMethod(cloud)),
        statusCode: '302',
        responseParameters: { [HEADER]: true },
      })
      assert.deepEqual([made.statusCode, made.responseParameters], ['302', { [HEADER]: true }])
    },
  },
  validation: {
    'other parameters than headers are refused': async (cloud) => {
      const responseParameters = { 'method.response.body': true }
      const input = { ...(await apiWithMethod(cloud)), statusCode: '302', responseParameters }
      await refused(gateway(cloud).putMethodResponse(input), 'BadRequestException')
    },
  },
  state: {
    'a response that is there already is a conflict': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '200' }
      const text = 'Response already exists for this resource'
      await refused(gateway(cloud).putMethodResponse(input), 'ConflictException', text)
    },
    'an unknown method is not found': async (cloud) => {
      const input = { ...(await another(cloud)), statusCode: '200' }
      await refused(gateway(cloud).putMethodResponse(input), 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    const made = await aws.run(flags('put-method-response', method, '--status-code', '404'))
    assert.deepEqual(made, { statusCode: '404' })
  },
}

const getMethodResponse: OperationSuite = {
  happy: {
    'a response is there at once': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '200' }
      assert.equal((await gateway(cloud).getMethodResponse(input)).statusCode, '200')
    },
  },
  state: {
    'an unknown status code is not found': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '404' }
      await refused(gateway(cloud).getMethodResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    const got = await aws.run(flags('get-method-response', method, '--status-code', '200'))
    assert.equal((got as { statusCode: string }).statusCode, '200')
  },
}

const updateMethodResponse: OperationSuite = {
  happy: {
    'headers are added': async (cloud) => {
      const changed = await gateway(cloud).updateMethodResponse({
        ...(await apiWithMethod(cloud)),
        statusCode: '200',
        patchOperations: [{ op: 'add', path: `/responseParameters/${HEADER}`, value: 'true' }],
      })
      assert.deepEqual(changed.responseParameters, { [HEADER]: true })
    },
  },
  validation: {
    'unknown paths are refused': async (cloud) => {
      const patchOperations = [replace('/statusCode', '201')]
      const input = { ...(await apiWithMethod(cloud)), statusCode: '200', patchOperations }
      await refused(
        gateway(cloud).updateMethodResponse(input),
        'BadRequestException',
        'Invalid patch path /statusCode',
      )
    },
  },
  state: {
    'an unknown status code is not found': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '404', patchOperations: [] }
      await refused(gateway(cloud).updateMethodResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    const patch = ['--patch-operations', `op=add,path=/responseParameters/${HEADER},value=true`]
    const updated = await aws.run(flags('update-method-response', method, '--status-code', '200', ...patch))
    assert.deepEqual((updated as { responseParameters: object }).responseParameters, { [HEADER]: true })
  },
}

const deleteMethodResponse: OperationSuite = {
  happy: {
    'a response is gone at once': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '200' }
      await gateway(cloud).deleteMethodResponse(input)
      await refused(gateway(cloud).getMethodResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  state: {
    'an unknown status code is not found': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '404' }
      await refused(gateway(cloud).deleteMethodResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    await aws.run(flags('delete-method-response', method, '--status-code', '200'))
    assert.equal((await gateway(cloud).getMethod(method)).methodResponses, undefined)
  },
}

export const methodCases: ServiceSuite['operations'] = {
  PutMethod: putMethod,
  GetMethod: getMethod,
  UpdateMethod: updateMethod,
  DeleteMethod: deleteMethod,
  PutMethodResponse: putMethodResponse,
  GetMethodResponse: getMethodResponse,
  UpdateMethodResponse: updateMethodResponse,
  DeleteMethodResponse: deleteMethodResponse,
}
