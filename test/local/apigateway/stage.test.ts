// Deployments and stages over the wire: what is refused, what they snapshot, and from when a stage answers with what.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { APIGateway, UpdateStageCommandInput } from '@aws-sdk/client-api-gateway'
import {
  articleDocument,
  bytes,
  createApi,
  type GatewayCloud,
  IRELAND,
  refused,
  startGatewayCloud,
} from './gateway-cloud.js'

describe('deployments and stages', () => {
  let cloud: GatewayCloud
  let client: APIGateway
  let restApiId: string
  const start = async (profile: 'instant' | 'realistic') => {
    cloud = await startGatewayCloud({ profile })
    client = cloud.client()
    restApiId = await createApi(client)
  }
  beforeEach(() => start('instant'))
  afterEach(() => cloud.close())

  const health = async (stage = 'dev') => {
    const host = `${restApiId}.execute-api.${IRELAND}.amazonaws.com`
    return (await cloud.https(IRELAND, host, `/${stage}/health`)).status
  }
  const patch = (...patchOperations: NonNullable<UpdateStageCommandInput['patchOperations']>) =>
    client.updateStage({ restApiId, stageName: 'dev', patchOperations })

  it('refuses to deploy an API without methods, or a method without an integration', async () => {
    const endpointConfiguration = { types: ['REGIONAL' as const] }
    const { id, rootResourceId } = await client.createRestApi({ name: 'empty', endpointConfiguration })
    await assert.rejects(
      client.createDeployment({ restApiId: id, stageName: 'dev' }),
      refused('BadRequestException', "The REST API doesn't contain any methods"),
    )
    await client.putMethod({
      restApiId: id,
      resourceId: rootResourceId,
      httpMethod: 'GET',
      authorizationType: 'NONE',
    })
    await assert.rejects(
      client.createDeployment({ restApiId: id, stageName: 'dev' }),
      refused('BadRequestException', 'No integration defined for method'),
    )
    assert.deepEqual((await client.getStages({ restApiId: id })).item, [])
    assert.deepEqual((await client.getDeployments({ restApiId: id })).items, [])
  })

  it('shows a stage as AWS does', async () => {
    const { id: deploymentId } = await client.createDeployment({ restApiId, description: 'first' })
    const stage = await client.createStage({
      restApiId,
      stageName: 'dev',
      deploymentId,
      description: 'said',
      variables: { a: '1' },
      tags: { owner: 'me' },
    })
    assert.equal(stage.deploymentId, deploymentId)
    assert.equal(stage.cacheClusterStatus, 'NOT_AVAILABLE')
    assert.deepEqual(stage.variables, { a: '1' })
    assert.deepEqual(stage.tags, { owner: 'me' })
    assert.deepEqual((await client.getStages({ restApiId, deploymentId })).item!.length, 1)
    assert.deepEqual((await client.getStages({ restApiId, deploymentId: 'other' })).item, [])
    await assert.rejects(
      client.createStage({ restApiId, stageName: 'dev', deploymentId }),
      refused('ConflictException', 'Stage already exists'),
    )
    const { apiSummary } = await client.getDeployment({ restApiId, deploymentId, embed: ['apisummary'] })
    assert.deepEqual(apiSummary!['/health'], { GET: { authorizationType: 'NONE', apiKeyRequired: false } })
  })

  it('does not delete the deployment that a stage points to', async () => {
    const first = await client.createDeployment({ restApiId, stageName: 'dev' })
    await assert.rejects(
      client.deleteDeployment({ restApiId, deploymentId: first.id }),
      refused('BadRequestException', 'Active stages pointing to this deployment must be moved or deleted'),
    )
    const second = await client.createDeployment({ restApiId, stageName: 'dev' })
    assert.equal((await client.getStage({ restApiId, stageName: 'dev' })).deploymentId, second.id)
    await client.deleteDeployment({ restApiId, deploymentId: first.id })
    assert.deepEqual(
      (await client.getDeployments({ restApiId })).items!.map(({ id }) => id),
      [second.id],
    )
    await client.deleteStage({ restApiId, stageName: 'dev' })
    await client.deleteDeployment({ restApiId, deploymentId: second.id })
    await assert.rejects(
      client.getDeployment({ restApiId, deploymentId: second.id }),
      refused('NotFoundException', 'Invalid Deployment identifier specified'),
    )
    await assert.rejects(
      client.getStage({ restApiId, stageName: 'dev' }),
      refused('NotFoundException', 'Invalid stage identifier specified'),
    )
  })

  it('serves what was deployed, whatever is edited since', async () => {
    await client.createDeployment({ restApiId, stageName: 'dev' })
    assert.equal(await health(), 200)
    const { paths } = articleDocument()
    delete paths['/health']
    await client.putRestApi({ restApiId, mode: 'overwrite', body: bytes({ ...articleDocument(), paths }) })
    assert.equal(await health(), 200)
    await client.createDeployment({ restApiId, stageName: 'dev' })
    assert.equal(await health(), 403)
  })

  it('answers some seconds after the change, the new stage with 403 until then, the old one as before', async () => {
    await cloud.close()
    await start('realistic')
    const first = await client.createDeployment({ restApiId, stageName: 'dev' })
    assert.equal(await health(), 403)
    cloud.pass(11)
    assert.equal(await health(), 200)
    const { paths } = articleDocument()
    delete paths['/health']
    await client.putRestApi({ restApiId, mode: 'overwrite', body: bytes({ ...articleDocument(), paths }) })
    await client.createDeployment({ restApiId, stageName: 'dev' })
    assert.equal(await health(), 200)
    cloud.pass(11)
    assert.equal(await health(), 403)
    await patch({ op: 'replace', path: '/deploymentId', value: first.id })
    assert.equal(await health(), 403)
    cloud.pass(11)
    assert.equal(await health(), 200)
  })

  it('takes disableExecuteApiEndpoint over at the next change of the stage', async () => {
    await client.createDeployment({ restApiId, stageName: 'dev' })
    await client.updateRestApi({
      restApiId,
      patchOperations: [{ op: 'replace', path: '/disableExecuteApiEndpoint', value: 'true' }],
    })
    assert.equal(await health(), 200)
    await patch({ op: 'replace', path: '/description', value: 'touched' })
    assert.equal(await health(), 403)
  })

  it('patches variables and method settings', async () => {
    await client.createDeployment({ restApiId, stageName: 'dev' })
    await patch(
      { op: 'replace', path: '/variables/a', value: '1' },
      { op: 'replace', path: '/variables/b', value: '2' },
    )
    const stage = await patch(
      { op: 'remove', path: '/variables/a' },
      { op: 'replace', path: '/~1item~1{itemId}/GET/throttling/burstLimit', value: '5' },
      { op: 'replace', path: '/*/*/metrics/enabled', value: 'true' },
    )
    assert.deepEqual(stage.variables, { b: '2' })
    assert.deepEqual(Object.keys(stage.methodSettings!), ['item/{itemId}/GET', '*/*'])
    assert.equal(stage.methodSettings!['item/{itemId}/GET']!.throttlingBurstLimit, 5)
    assert.equal(stage.methodSettings!['item/{itemId}/GET']!.throttlingRateLimit, 10000)
    assert.equal(stage.methodSettings!['*/*']!.metricsEnabled, true)
    const without = await patch({ op: 'remove', path: '/*/*' })
    assert.deepEqual(Object.keys(without.methodSettings!), ['item/{itemId}/GET'])
    const refusals: [Parameters<typeof patch>[0], RegExp][] = [
      [{ op: 'remove', path: '/*/*' }, /^Cannot remove method setting \*\/\* because/],
      [
        { op: 'replace', path: '/tags/a', value: '1' },
        /^Invalid method setting path: \/tags\/a\. Must be one of: \[/,
      ],
      [
        { op: 'replace', path: '/tracingEnabled', value: 'true' },
        /does not support the patch path \/tracingEnabled/,
      ],
      [{ op: 'replace', path: '/*/*/caching/enabled', value: 'true' }, /caching/],
      [{ op: 'replace', path: '/deploymentId', value: 'no' }, /^Deployment id does not exist$/],
      [{ op: 'replace', path: '/variables/a-b', value: '1' }, /variable name/],
    ]
    for (const [operation, message] of refusals) {
      await assert.rejects(patch(operation), refused('BadRequestException', message))
    }
  })

  it('throttles a method as its settings say', async () => {
    await client.createDeployment({ restApiId, stageName: 'dev' })
    await patch(
      { op: 'replace', path: '/health/GET/throttling/burstLimit', value: '2' },
      { op: 'replace', path: '/health/GET/throttling/rateLimit', value: '0' },
    )
    const answers = [await health(), await health(), await health()]
    assert.deepEqual(answers, [200, 200, 429])
  })

  it('exports what a stage points to', async () => {
    await client.createDeployment({ restApiId, stageName: 'dev' })
    const { body, contentType, contentDisposition } = await client.getExport({
      restApiId,
      stageName: 'dev',
      exportType: 'oas30',
      parameters: { extensions: 'integrations' },
      accepts: 'application/json',
    })
    assert.equal(contentType, 'application/octet-stream')
    assert.equal(contentDisposition, 'attachment; filename="oas30_1.json"')
    const document = JSON.parse(Buffer.from(body!).toString('utf8'))
    assert.deepEqual(Object.keys(document.paths), ['/health', '/item', '/item/{itemId}'])
    assert.equal(document.servers[0].variables.basePath.default, 'dev')
    assert.equal(document.paths['/health'].get['x-amazon-apigateway-integration'].type, 'aws_proxy')
    await assert.rejects(
      client.getExport({ restApiId, stageName: 'dev', exportType: 'swagger' }),
      refused('BadRequestException', /oas30/),
    )
  })

  it('refuses what would not come true', async () => {
    const calls = [
      client.createDeployment({ restApiId, stageName: 'a.b' }),
      client.createDeployment({ restApiId, stageName: 'a', cacheClusterEnabled: true }),
      client.createDeployment({ restApiId, stageName: 'a', tracingEnabled: true }),
      client.createDeployment({ restApiId, stageName: 'a', canarySettings: { percentTraffic: 10 } }),
      client.createStage({ restApiId, stageName: 'a', deploymentId: 'no' }),
    ]
    for (const call of calls) await assert.rejects(call, refused('BadRequestException'))
    assert.deepEqual((await client.getStages({ restApiId })).item, [])
    assert.deepEqual((await client.getDeployments({ restApiId })).items, [])
  })
})
