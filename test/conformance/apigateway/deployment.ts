// Deployments: copies of an API that stages serve, and the export of one.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { paginateGetDeployments } from '@aws-sdk/client-api-gateway'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import {
  answers,
  createApi,
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

const NO_DEPLOYMENT = 'abcdef'
const UNKNOWN = 'Invalid Deployment identifier specified'

const createDeployment: OperationSuite = {
  happy: {
    'with a stage name it makes the stage, or moves it': async (cloud) => {
      const restApiId = await filledApi(cloud)
      await cloud.pass(5)
      const first = await gateway(cloud).createDeployment({ restApiId, stageName: 'dev' })
      assert.equal((await gateway(cloud).getStage({ restApiId, stageName: 'dev' })).deploymentId, first.id)
      await cloud.pass(5)
      const second = await gateway(cloud).createDeployment({ restApiId, stageName: 'dev' })
      assert.notEqual(second.id, first.id)
      assert.equal((await gateway(cloud).getStage({ restApiId, stageName: 'dev' })).deploymentId, second.id)
    },
    'what it serves is the API as it was': async (cloud) => {
      const { restApiId } = await servedApi(cloud, document('one'))
      await put(cloud, restApiId, document('two'))
      await cloud.pass(STAGE_LIVE)
      await answers(cloud, hostOf(restApiId), '/dev/hello', 200, 'one')
      await cloud.pass(5)
      await gateway(cloud).createDeployment({ restApiId, stageName: 'dev' })
      await answers(cloud, hostOf(restApiId), '/dev/hello', 200, 'one')
      await cloud.pass(STAGE_LIVE)
      await answers(cloud, hostOf(restApiId), '/dev/hello', 200, 'two')
    },
  },
  validation: {
    'a stage name has letters, digits, _ and - only': async (cloud) => {
      const restApiId = await filledApi(cloud)
      await cloud.pass(5)
      const call = gateway(cloud).createDeployment({ restApiId, stageName: 'a.b' })
      await refused(call, 'BadRequestException', /^Stage name only allows/)
    },
  },
  state: {
    'an API without methods is not deployed': async (cloud) => {
      const { id } = await createApi(cloud)
      const text = "The REST API doesn't contain any methods"
      await refused(deploy(cloud, id), 'BadRequestException', text)
    },
    'nor one with a method that has no integration': async (cloud) => {
      const { id, rootResourceId } = await createApi(cloud)
      await gateway(cloud).putMethod({
        restApiId: id,
        resourceId: rootResourceId,
        httpMethod: 'GET',
        authorizationType: 'NONE',
      })
      await refused(deploy(cloud, id), 'BadRequestException', 'No integration defined for method')
    },
    'an unknown API is not found': (cloud) =>
      refused(deploy(cloud, NO_API), 'NotFoundException', noApi(NO_API)),
    'a second one within 5 s is throttled': async (cloud) => {
      const restApiId = await filledApi(cloud)
      await deploy(cloud, restApiId)
      await refused(gateway(cloud).createDeployment({ restApiId }), 'TooManyRequestsException')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const restApiId = await filledApi(cloud)
    const made = await aws.run([
      ...['apigateway', 'create-deployment', '--rest-api-id', restApiId, '--stage-name', 'cli'],
      ...['--description', 'from the cli'],
    ])
    assert.equal((made as { description: string }).description, 'from the cli')
  },
}

const getDeployment: OperationSuite = {
  happy: {
    'a summary of its methods is embedded when asked for': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const deploymentId = await deploy(cloud, restApiId)
      const plain = await gateway(cloud).getDeployment({ restApiId, deploymentId })
      assert.equal(plain.apiSummary, undefined)
      const embed = ['apisummary']
      const { apiSummary } = await gateway(cloud).getDeployment({ restApiId, deploymentId, embed })
      const summary = { authorizationType: 'NONE', apiKeyRequired: false }
      assert.deepEqual(apiSummary?.['/hello'], { GET: summary })
    },
  },
  state: {
    'an unknown deployment is not found': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const call = gateway(cloud).getDeployment({ restApiId, deploymentId: NO_DEPLOYMENT })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId, deploymentId } = await servedApi(cloud)
    const got = await aws.run([
      ...['apigateway', 'get-deployment', '--rest-api-id', restApiId, '--deployment-id', deploymentId],
    ])
    assert.equal((got as { id: string }).id, deploymentId)
  },
}

const getDeployments: OperationSuite = {
  happy: {
    'all deployments of an API are listed at once': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const made = [await deploy(cloud, restApiId), await deploy(cloud, restApiId)]
      const { items = [] } = await gateway(cloud).getDeployments({ restApiId })
      assert.deepEqual(items.map(({ id }) => id).sort(), made.sort())
    },
  },
  state: {
    'an unknown API is not found': (cloud) =>
      refused(gateway(cloud).getDeployments({ restApiId: NO_API }), 'NotFoundException', noApi(NO_API)),
  },
  pagination: {
    'pages of one hold every deployment once': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const made = [await deploy(cloud, restApiId), await deploy(cloud, restApiId)]
      const seen: string[] = []
      const pages = paginateGetDeployments({ client: gateway(cloud) }, { restApiId, limit: 1 })
      for await (const page of pages) seen.push(...page.items!.map(({ id }) => id!))
      assert.deepEqual(seen.sort(), made.sort())
    },
    'an unknown position is refused': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const call = gateway(cloud).getDeployments({ restApiId, position: '?' })
      await refused(call, 'BadRequestException', 'Invalid position specified')
    },
  },
  cli: async (cloud, aws) => {
    const { restApiId } = await servedApi(cloud)
    const listed = await aws.run(['apigateway', 'get-deployments', '--rest-api-id', restApiId])
    assert.equal((listed as { items: unknown[] }).items.length, 1)
  },
}

const updateDeployment: OperationSuite = {
  happy: {
    'its description changes': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const deploymentId = await deploy(cloud, restApiId)
      const patchOperations = [replace('/description', 'text')]
      const changed = await gateway(cloud).updateDeployment({ restApiId, deploymentId, patchOperations })
      assert.equal(changed.description, 'text')
    },
  },
  validation: {
    'unknown paths are refused': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const deploymentId = await deploy(cloud, restApiId)
      const patchOperations = [replace('/id', 'x')]
      const call = gateway(cloud).updateDeployment({ restApiId, deploymentId, patchOperations })
      await refused(call, 'BadRequestException', /^Invalid patch path/)
    },
  },
  state: {
    'an unknown deployment is not found': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const patchOperations = [replace('/description', 'text')]
      const input = { restApiId, deploymentId: NO_DEPLOYMENT, patchOperations }
      await refused(gateway(cloud).updateDeployment(input), 'NotFoundException', UNKNOWN)
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId, deploymentId } = await servedApi(cloud)
    const updated = await aws.run([
      ...['apigateway', 'update-deployment', '--rest-api-id', restApiId, '--deployment-id', deploymentId],
      ...['--patch-operations', 'op=replace,path=/description,value=text'],
    ])
    assert.equal((updated as { description: string }).description, 'text')
  },
}

const deleteDeployment: OperationSuite = {
  happy: {
    'a deployment that no stage has is gone': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const deploymentId = await deploy(cloud, restApiId)
      await gateway(cloud).deleteDeployment({ restApiId, deploymentId })
      const call = gateway(cloud).deleteDeployment({ restApiId, deploymentId })
      await refused(call, 'NotFoundException', UNKNOWN)
    },
  },
  state: {
    'one that a stage points to stays': async (cloud) => {
      const { restApiId, deploymentId, stageName } = await servedApi(cloud)
      await refused(
        gateway(cloud).deleteDeployment({ restApiId, deploymentId }),
        'BadRequestException',
        'Active stages pointing to this deployment must be moved or deleted',
      )
      await gateway(cloud).deleteStage({ restApiId, stageName })
      await gateway(cloud).deleteDeployment({ restApiId, deploymentId })
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const restApiId = await filledApi(cloud)
    const deploymentId = await deploy(cloud, restApiId)
    await aws.run([
      ...['apigateway', 'delete-deployment', '--rest-api-id', restApiId, '--deployment-id', deploymentId],
    ])
    assert.deepEqual((await gateway(cloud).getDeployments({ restApiId })).items, [])
  },
}

const getExport: OperationSuite = {
  happy: {
    'a stage is written as OpenAPI 3.0, with its integrations where asked for': async (cloud) => {
      const { restApiId, stageName } = await servedApi(cloud)
      const parameters = { extensions: 'integrations' }
      const exported = await gateway(cloud).getExport({
        restApiId,
        stageName,
        exportType: 'oas30',
        accepts: 'application/json',
        parameters,
      })
      const { openapi, paths } = JSON.parse(Buffer.from(exported.body!).toString())
      assert.equal(openapi, '3.0.1')
      assert.equal(paths['/hello'].get['x-amazon-apigateway-integration'].type, 'mock')
    },
  },
  state: {
    'an unknown stage is not found': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const call = gateway(cloud).getExport({ restApiId, stageName: 'no', exportType: 'oas30' })
      await refused(call, 'NotFoundException')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { restApiId } = await servedApi(cloud)
    const file = join(tmpdir(), `export-${randomUUID()}.json`)
    await aws.run([
      ...['apigateway', 'get-export', '--rest-api-id', restApiId, '--stage-name', 'dev'],
      ...['--export-type', 'oas30', file],
    ])
    assert.equal(JSON.parse(await readFile(file, 'utf8')).info.title, 'case')
    await rm(file)
  },
}

export const deploymentCases: ServiceSuite['operations'] = {
  CreateDeployment: createDeployment,
  GetDeployment: getDeployment,
  GetDeployments: getDeployments,
  UpdateDeployment: updateDeployment,
  DeleteDeployment: deleteDeployment,
  GetExport: getExport,
}
