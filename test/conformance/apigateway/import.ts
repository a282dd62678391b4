// ImportRestApi and PutRestApi: an API out of an OpenAPI document.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytes } from '../../local/apigateway/gateway-cloud.js'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import {
  answers,
  createApi,
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

/** Does something with a document on disk, as the CLI wants it. */
async function withFile<T>(use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'document-'))
  const file = join(folder, 'document.json')
  await writeFile(file, JSON.stringify(document()))
  return use(file).finally(() => rm(folder, { recursive: true }))
}

const importRestApi: OperationSuite = {
  happy: {
    'a document becomes an API of its title': async (cloud) => {
      await cloud.pass(3)
      const parameters = { endpointConfigurationTypes: 'REGIONAL' }
      const made = await gateway(cloud).importRestApi({ parameters, body: bytes(document()) })
      assert.equal(made.name, 'case')
      const { items = [] } = await gateway(cloud).getResources({ restApiId: made.id! })
      assert.deepEqual(items.map(({ path }) => path).sort(), ['/', '/hello'])
    },
  },
  validation: {
    'what is no OpenAPI is refused': async (cloud) => {
      await cloud.pass(3)
      const parameters = { endpointConfigurationTypes: 'REGIONAL' }
      const call = gateway(cloud).importRestApi({ parameters, body: bytes([]) })
      await refused(call, 'BadRequestException', 'Invalid OpenAPI input.')
    },
    'warnings are errors where failOnWarnings says so': async (cloud) => {
      await cloud.pass(3)
      const components = { schemas: { 'a-b': { type: 'object' } } }
      const call = gateway(cloud).importRestApi({
        parameters: { endpointConfigurationTypes: 'REGIONAL' },
        failOnWarnings: true,
        body: bytes(document('', { components })),
      })
      await refused(call, 'BadRequestException', /^Warnings found during import/)
    },
  },
  state: {
    'the 301st resource exceeds the quota': async (cloud) => {
      await cloud.pass(3)
      const paths = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`/p${at}`, {}]))
      const parameters = { endpointConfigurationTypes: 'REGIONAL' }
      const call = gateway(cloud).importRestApi({ parameters, body: bytes({ ...document(), paths }) })
      await refused(call, 'LimitExceededException', /^Maximum number of Resources for this API/)
    },
  },
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    const command = ['apigateway', 'import-rest-api', '--parameters', 'endpointConfigurationTypes=REGIONAL']
    const made = await withFile((file) => aws.run([...command, '--body', `fileb://${file}`]))
    assert.equal((made as { name: string }).name, 'case')
  },
}

const putRestApi: OperationSuite = {
  happy: {
    'overwriting drops what the API had and the document lacks; endpoint and tags stay': async (cloud) => {
      const { id } = await createApi(cloud, {
        description: 'old',
        binaryMediaTypes: ['image/png'],
        disableExecuteApiEndpoint: true,
        tags: { owner: 'me' },
      })
      const api = await put(cloud, id, document('', { info: { title: 'new', version: '2' } }))
      assert.deepEqual([api.name, api.version, api.description], ['new', '2', undefined])
      assert.deepEqual([api.binaryMediaTypes, api.disableExecuteApiEndpoint], [undefined, false])
      assert.deepEqual([api.endpointConfiguration?.types, api.tags], [['REGIONAL'], { owner: 'me' }])
    },
    'overwriting drops paths, and keeps the ids of those that stay': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const before = await pathsOf(cloud, restApiId)
      const { paths } = document()
      await put(cloud, restApiId, { ...document(), paths: { ...paths, '/more': {} } })
      assert.equal((await pathsOf(cloud, restApiId)).get('/hello'), before.get('/hello'))
      await put(cloud, restApiId, { ...document(), paths: { '/other': paths['/hello'] } })
      assert.deepEqual([...(await pathsOf(cloud, restApiId)).keys()].sort(), ['/', '/other'])
    },
    'merging keeps what the document lacks': async (cloud) => {
      const { id } = await createApi(cloud, { description: 'old', binaryMediaTypes: ['image/png'] })
      await put(cloud, id, document())
      await cloud.pass(1)
      await gateway(cloud).updateRestApi({
        restApiId: id,
        patchOperations: [replace('/description', 'kept')],
      })
      const merged = { ...document(), paths: { '/more': {} } }
      const api = await gateway(cloud).putRestApi({ restApiId: id, mode: 'merge', body: bytes(merged) })
      assert.equal(api.description, 'kept')
      assert.deepEqual([...(await pathsOf(cloud, id)).keys()].sort(), ['/', '/hello', '/more'])
    },
    'the document itself may disable the execute-api endpoint': async (cloud) => {
      const { id } = await createApi(cloud)
      const endpoint = { 'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true } }
      assert.equal((await put(cloud, id, document('', endpoint))).disableExecuteApiEndpoint, true)
    },
  },
  validation: {
    'all that is wrong with a document is named in one refusal, and nothing is changed': async (cloud) => {
      const restApiId = await filledApi(cloud)
      const { paths } = document()
      const broken = { ...document(), paths: { '/{a}': paths['/hello'], '/{b}': paths['/hello'] } }
      await refused(
        put(cloud, restApiId, broken),
        'BadRequestException',
        /^Errors found during import:\n\tUnable to create resource at path '\/\{b\}'/,
      )
      assert.deepEqual([...(await pathsOf(cloud, restApiId)).keys()].sort(), ['/', '/hello'])
    },
  },
  state: {
    'an unknown API is not found': (cloud) =>
      refused(put(cloud, NO_API, document()), 'NotFoundException', noApi(NO_API)),
    'a put changes nothing of what is served': async (cloud) => {
      const { restApiId } = await servedApi(cloud, document('one'))
      await put(cloud, restApiId, document('two'))
      await cloud.pass(STAGE_LIVE)
      await answers(cloud, hostOf(restApiId), '/dev/hello', 200, 'one')
    },
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const { id } = await createApi(cloud)
    const command = ['apigateway', 'put-rest-api', '--rest-api-id', id, '--mode', 'overwrite']
    const put = await withFile((file) =>
      aws.run([...command, '--fail-on-warnings', '--body', `fileb://${file}`]),
    )
    assert.equal((put as { id: string }).id, id)
  },
}

const pathsOf = async (cloud: TestCloud, restApiId: string) => {
  const { items = [] } = await gateway(cloud).getResources({ restApiId, limit: 500 })
  return new Map(items.map(({ path, id }) => [path!, id!]))
}

export const importCases: ServiceSuite['operations'] = {
  ImportRestApi: importRestApi,
  PutRestApi: putRestApi,
}
