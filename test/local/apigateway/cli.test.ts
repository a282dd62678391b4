// API Gateway through the `aws` CLI, whose parser is strict: the answers' shapes, and errors. Skipped where it is not installed.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type AwsCli, NO_AWS, openAwsCli } from '../../aws-cli.js'
import {
  articleDocument,
  bytes,
  deployApi,
  type GatewayCloud,
  IRELAND,
  OPERATOR,
  startGatewayCloud,
} from './gateway-cloud.js'

describe('the aws CLI', { skip: NO_AWS }, () => {
  let cloud: GatewayCloud
  let cli: AwsCli
  before(async () => {
    cloud = await startGatewayCloud()
    cli = openAwsCli(cloud.url, OPERATOR)
  })
  after(() => {
    cli.close()
    return cloud.close()
  })

  /** The parsed output; rejects with what the CLI says. */
  const aws = async <T = Record<string, unknown>>(...args: string[]) =>
    ((await cli.run(['apigateway', ...args])) ?? {}) as T

  it('imports, shows, edits and deletes an API', async () => {
    const file = join(cloud.world.dataDir, 'api.json')
    await writeFile(file, bytes(articleDocument()))
    const parameters = ['--parameters', 'endpointConfigurationTypes=REGIONAL']
    const { id } = await aws<{ id: string }>('import-rest-api', '--body', `fileb://${file}`, ...parameters)
    const api = ['--rest-api-id', id]
    const { items } = await aws<{
      items: {
        id: string
        path: string
        resourceMethods: Record<string, { methodIntegration: { type: string } }>
      }[]
    }>('get-resources', ...api, '--embed', 'methods')
    assert.equal(items.length, 4)
    const health = items.find(({ path }) => path === '/health')!
    assert.equal(health.resourceMethods.GET!.methodIntegration.type, 'AWS_PROXY')
    await aws('delete-method', ...api, '--resource-id', health.id, '--http-method', 'GET')
    await aws('delete-resource', ...api, '--resource-id', health.id)
    await aws('delete-rest-api', ...api)
    await assert.rejects(
      aws('get-rest-api', ...api),
      new RegExp(`\\(NotFoundException\\).*Invalid API identifier specified 000000000000:${id}`),
    )
  })

  it('deploys, maps a domain, and reads it all back', async () => {
    const restApiId = await deployApi(cloud.client())
    const arn = await cloud.certificates.issue(IRELAND, 'cli.example.com')
    const domain = ['--domain-name', 'cli.example.com']
    await aws(
      'create-domain-name',
      ...domain,
      '--regional-certificate-arn',
      arn,
      '--endpoint-configuration',
      'types=REGIONAL',
    )
    await aws('create-base-path-mapping', ...domain, '--rest-api-id', restApiId, '--stage', 'dev')
    assert.deepEqual(await aws('get-base-path-mapping', ...domain, '--base-path', '(none)'), {
      basePath: '(none)',
      restApiId,
      stage: 'dev',
    })
    const { item } = await aws<{
      item: { createdDate: unknown }[]
    }>('get-stages', '--rest-api-id', restApiId)
    assert.ok(item[0]!.createdDate)
    const patch = ['--patch-operations', 'op=replace,path=/variables/a,value=1']
    const stage = await aws('update-stage', '--rest-api-id', restApiId, '--stage-name', 'dev', ...patch)
    assert.deepEqual(stage.variables, { a: '1' })
    const account = await aws('get-account')
    assert.deepEqual(account.throttleSettings, { burstLimit: 5000, rateLimit: 10000 })
    await assert.rejects(
      aws('delete-rest-api', '--rest-api-id', restApiId),
      /\(BadRequestException\).*Please remove all base path mappings/,
    )
  })
})
