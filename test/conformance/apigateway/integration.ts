// Integrations and their responses: what stands behind a method.
import assert from 'node:assert/strict'
import type { PutIntegrationRequest } from '@aws-sdk/client-api-gateway'
import { lambdaUri } from '../../local/apigateway/gateway-cloud.js'
import { IRELAND, type TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import { apiWithMethod, gateway, replace } from './api.js'
import { proxyCases } from './lambda-proxy.js'

const UNKNOWN = 'Invalid Integration identifier specified'
const NO_METHOD = 'Invalid Method identifier specified'
const NO_STATUS = 'Invalid Response status code specified'

/** The arguments by which the CLI names an integration, or a response of it. */
const flags = (
  command: string,
  { restApiId, resourceId, httpMethod }: Awaited<ReturnType<typeof apiWithMethod>>,
  ...more: string[]
) => [
  ...['apigateway', command, '--rest-api-id', restApiId, '--resource-id', resourceId],
  ...['--http-method', httpMethod, ...more],
]

async function putting(cloud: TestCloud, more: Partial<PutIntegrationRequest>) {
  const base = { ...(await apiWithMethod(cloud)), type: 'AWS_PROXY' as const, integrationHttpMethod: 'POST' }
  return gateway(cloud).putIntegration({ ...base, ...more })
}

const putIntegration: OperationSuite = {
  happy: {
    'a Lambda proxy times out after 29 s unless told otherwise': async (cloud) => {
      const made = await putting(cloud, { uri: lambdaUri(IRELAND, 'hello') })
      assert.deepEqual([made.type, made.httpMethod, made.timeoutInMillis], ['AWS_PROXY', 'POST', 29_000])
      assert.equal(made.passthroughBehavior, 'WHEN_NO_MATCH')
    },
    ...proxyCases,
  },
  validation: {
    'its ARN contains path or action, and names a function': async (cloud) => {
      const uri = 'arn:aws:lambda:eu-west-1:000000000000:function:hello'
      const noPath = 'AWS ARN for integration must contain path or action'
      await refused(putting(cloud, { uri }), 'BadRequestException', noPath)
      await refused(
        putting(cloud, { uri: 'hello' }),
        'BadRequestException',
        'Invalid ARN specified in the request',
      )
      const other = 'arn:aws:apigateway:eu-west-1:s3:path/bucket'
      await refused(
        putting(cloud, { uri: other }),
        'BadRequestException',
        "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
      )
    },
    'it has an HTTP method': (cloud) =>
      refused(
        putting(cloud, { uri: lambdaUri(IRELAND, 'hello'), integrationHttpMethod: undefined }),
        'BadRequestException',
        'Enumeration value for HttpMethod must be non-empty',
      ),
    'its timeout is 50 ms to 29 s': (cloud) =>
      refused(
        putting(cloud, { uri: lambdaUri(IRELAND, 'hello'), timeoutInMillis: 29_001 }),
        'BadRequestException',
        'Timeout should be between 50 ms and 29000 ms',
      ),
  },
  state: {
    'an unknown method is not found': (cloud) =>
      refused(
        putting(cloud, { uri: lambdaUri(IRELAND, 'hello'), httpMethod: 'POST' }),
        'NotFoundException',
        NO_METHOD,
      ),
    'the function need not be there': (cloud) => putting(cloud, { uri: lambdaUri(IRELAND, 'nowhere') }),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    const uri = lambdaUri(IRELAND, 'hello')
    const more = ['--type', 'AWS_PROXY', '--integration-http-method', 'POST', '--uri', uri]
    const made = await aws.run(flags('put-integration', method, ...more))
    assert.equal((made as { uri: string }).uri, uri)
  },
}

const getIntegration: OperationSuite = {
  happy: {
    'an integration shows its responses': async (cloud) => {
      const got = await gateway(cloud).getIntegration(await apiWithMethod(cloud))
      assert.deepEqual(Object.keys(got.integrationResponses!), ['200'])
    },
  },
  state: {
    'a method without one has none': async (cloud) => {
      const method = await apiWithMethod(cloud)
      await gateway(cloud).deleteIntegration(method)
      await refused(gateway(cloud).getIntegration(method), 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const got = await aws.run(flags('get-integration', await apiWithMethod(cloud)))
    assert.equal((got as { type: string }).type, 'MOCK')
  },
}

const updateIntegration: OperationSuite = {
  happy: {
    'its timeout changes, its responses stay': async (cloud) => {
      const patchOperations = [replace('/timeoutInMillis', '1000')]
      const input = { ...(await apiWithMethod(cloud)), patchOperations }
      const changed = await gateway(cloud).updateIntegration(input)
      assert.equal(changed.timeoutInMillis, 1000)
      assert.deepEqual(Object.keys(changed.integrationResponses!), ['200'])
    },
  },
  validation: {
    'unknown paths are refused': async (cloud) => {
      const patchOperations = [replace('/type', 'AWS')]
      const input = { ...(await apiWithMethod(cloud)), patchOperations }
      const text = 'Invalid patch path /type'
      await refused(gateway(cloud).updateIntegration(input), 'BadRequestException', text)
    },
  },
  state: {
    'a method without an integration has none to change': async (cloud) => {
      const method = await apiWithMethod(cloud)
      await gateway(cloud).deleteIntegration(method)
      const input = { ...method, patchOperations: [replace('/timeoutInMillis', '1000')] }
      await refused(gateway(cloud).updateIntegration(input), 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    const patch = ['--patch-operations', 'op=replace,path=/timeoutInMillis,value=1000']
    const updated = await aws.run(flags('update-integration', method, ...patch))
    assert.equal((updated as { timeoutInMillis: number }).timeoutInMillis, 1000)
  },
}

const deleteIntegration: OperationSuite = {
  happy: {
    'the method stays': async (cloud) => {
      const method = await apiWithMethod(cloud)
      await gateway(cloud).deleteIntegration(method)
      assert.equal((await gateway(cloud).getMethod(method)).methodIntegration, undefined)
    },
  },
  state: {
    'a second deletion is not found': async (cloud) => {
      const method = await apiWithMethod(cloud)
      await gateway(cloud).deleteIntegration(method)
      await refused(gateway(cloud).deleteIntegration(method), 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    await aws.run(flags('delete-integration', method))
    await refused(gateway(cloud).getIntegration(method), 'NotFoundException', UNKNOWN)
  },
}

const putIntegrationResponse: OperationSuite = {
  happy: {
    'a response has a template by content type': async (cloud) => {
      const made = await gateway(cloud).putIntegrationResponse({
        ...(await apiWithMethod(cloud)),
        statusCode: '200',
        responseTemplates: { 'application/json': 'other' },
      })
      assert.deepEqual(made.responseTemplates, { 'application/json': 'other' })
    },
  },
  validation: {
    'its headers are declared by the method': async (cloud) => {
      const responseParameters = { 'method.response.header.Location': "'/'" }
      const input = { ...(await apiWithMethod(cloud)), statusCode: '200', responseParameters }
      const call = gateway(cloud).putIntegrationResponse(input)
      await refused(call, 'BadRequestException', /^Invalid mapping expression specified/)
    },
  },
  state: {
    'its status code is declared by the method': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '404' }
      await refused(gateway(cloud).putIntegrationResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    const more = ['--status-code', '200', '--response-templates', '{"application/json":"other"}']
    const made = await aws.run(flags('put-integration-response', method, ...more))
    assert.equal((made as { statusCode: string }).statusCode, '200')
  },
}

const getIntegrationResponse: OperationSuite = {
  happy: {
    'a response shows its templates': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '200' }
      const { responseTemplates } = await gateway(cloud).getIntegrationResponse(input)
      assert.deepEqual(responseTemplates, { 'application/json': 'hello' })
    },
  },
  state: {
    'an unknown status code is not found': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '404' }
      await refused(gateway(cloud).getIntegrationResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    const got = await aws.run(flags('get-integration-response', method, '--status-code', '200'))
    assert.equal((got as { statusCode: string }).statusCode, '200')
  },
}

const updateIntegrationResponse: OperationSuite = {
  happy: {
    'a template changes': async (cloud) => {
      const changed = await gateway(cloud).updateIntegrationResponse({
        ...(await apiWithMethod(cloud)),
        statusCode: '200',
        patchOperations: [replace('/responseTemplates/application~1json', 'other')],
      })
      assert.deepEqual(changed.responseTemplates, { 'application/json': 'other' })
    },
  },
  state: {
    'an unknown status code is not found': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '404', patchOperations: [] }
      await refused(gateway(cloud).updateIntegrationResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    const patch = ['--patch-operations', 'op=replace,path=/selectionPattern,value=2..']
    const updated = await aws.run(
      flags('update-integration-response', method, '--status-code', '200', ...patch),
    )
    assert.equal((updated as { selectionPattern: string }).selectionPattern, '2..')
  },
}

const deleteIntegrationResponse: OperationSuite = {
  happy: {
    'a response is gone at once': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '200' }
      await gateway(cloud).deleteIntegrationResponse(input)
      await refused(gateway(cloud).getIntegrationResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  state: {
    'an unknown status code is not found': async (cloud) => {
      const input = { ...(await apiWithMethod(cloud)), statusCode: '404' }
      await refused(gateway(cloud).deleteIntegrationResponse(input), 'NotFoundException', NO_STATUS)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const method = await apiWithMethod(cloud)
    await aws.run(flags('delete-integration-response', method, '--status-code', '200'))
    const { integrationResponses } = await gateway(cloud).getIntegration(method)
    assert.equal(integrationResponses, undefined)
  },
}

export const integrationCases: ServiceSuite['operations'] = {
  PutIntegration: putIntegration,
  GetIntegration: getIntegration,
  UpdateIntegration: updateIntegration,
  DeleteIntegration: deleteIntegration,
  PutIntegrationResponse: putIntegrationResponse,
  GetIntegrationResponse: getIntegrationResponse,
  UpdateIntegrationResponse: updateIntegrationResponse,
  DeleteIntegrationResponse: deleteIntegrationResponse,
}
