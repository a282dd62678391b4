// APIs for the cases of this suite: made, filled from a document, served; and requests to what they serve.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import {
  APIGateway,
  type CreateRestApiRequest,
  type PatchOperation,
  type RestApi,
} from '@aws-sdk/client-api-gateway'
import { type Ask, bytes, type HttpAnswer, send } from '../../local/apigateway/gateway-cloud.js'
import { IRELAND, type TestCloud } from '../cloud.js'

/** At most, in seconds: until a stage answers as it says, listings show what is new, a mapping takes a new stage. */
export const STAGE_LIVE = 10
export const LISTED = 4
export const MAPPABLE = 30

export const REGIONAL = { types: ['REGIONAL' as const] }
/** Quotas by operation, in seconds: no case is throttled by another. */
const PAUSE = { api: 3, put: 1, deployment: 5 }

export const gateway = (cloud: TestCloud) => cloud.client(APIGateway)

export async function createApi(
  cloud: TestCloud,
  more: Partial<CreateRestApiRequest> = {},
): Promise<RestApi & { id: string; rootResourceId: string }> {
  await cloud.pass(PAUSE.api)
  const made = await gateway(cloud).createRestApi({
    name: 'case',
    endpointConfiguration: REGIONAL,
    ...more,
  })
  return made as RestApi & { id: string; rootResourceId: string }
}

/** A document of one mocked method that answers 200 with that text. */
export const document = (text = 'hello', more: Record<string, unknown> = {}) => ({
  openapi: '3.0.1',
  info: { title: 'case', version: '1' },
  paths: {
    '/hello': {
      get: {
        responses: { 200: { description: 'hello' } },
        'x-amazon-apigateway-integration': {
          type: 'mock',
          requestTemplates: { 'application/json': '{"statusCode":200}' },
          responses: {
            default: { statusCode: '200', responseTemplates: { 'application/json': text } },
          },
        },
      },
    },
  } as Record<string, unknown>,
  ...more,
})

export async function put(cloud: TestCloud, restApiId: string, body: unknown, mode = 'overwrite' as const) {
  await cloud.pass(PAUSE.put)
  return gateway(cloud).putRestApi({ restApiId, mode, failOnWarnings: true, body: bytes(body) })
}

/** An API made of that document, its id. */
export async function filledApi(cloud: TestCloud, body: unknown = document()): Promise<string> {
  const { id } = await createApi(cloud)
  await put(cloud, id, body)
  return id
}

export async function deploy(cloud: TestCloud, restApiId: string): Promise<string> {
  await cloud.pass(PAUSE.deployment)
  return (await gateway(cloud).createDeployment({ restApiId })).id!
}

export interface Served {
  readonly restApiId: string
  readonly deploymentId: string
  readonly stageName: 'dev'
}

/** An API whose stage `dev` answers. */
export async function servedApi(cloud: TestCloud, body?: unknown): Promise<Served> {
  const restApiId = await filledApi(cloud, body)
  const deploymentId = await deploy(cloud, restApiId)
  await gateway(cloud).createStage({ restApiId, stageName: 'dev', deploymentId })
  await cloud.pass(MAPPABLE)
  return { restApiId, deploymentId, stageName: 'dev' }
}

/** An API with one mocked GET of a resource, not deployed. */
export async function apiWithMethod(cloud: TestCloud) {
  const restApiId = await filledApi(cloud)
  const { items = [] } = await gateway(cloud).getResources({ restApiId })
  const resourceId = items.find(({ path }) => path === '/hello')!.id!
  return { restApiId, resourceId, httpMethod: 'GET' }
}

export const hostOf = (restApiId: string, region = IRELAND) =>
  `${restApiId}.execute-api.${region}.amazonaws.com`

/** A request over TLS to a region's edge, the certificate checked. */
export async function ask(
  cloud: TestCloud,
  host: string,
  path: string,
  options: Ask = {},
): Promise<HttpAnswer> {
  const place = cloud.cloud.places().find(({ region }) => region === IRELAND)!
  const ca = await readFile(cloud.cloud.caFile)
  const tls = { host: place.address, port: place.httpsPort, servername: host, ca }
  return send(httpsRequest, tls, host, path, options)
}

/** Asserts status and body of the answer to a GET. */
export async function answers(cloud: TestCloud, host: string, path: string, status: number, body?: string) {
  const answer = await ask(cloud, host, path)
  assert.deepEqual([answer.status, body === undefined ? body : answer.body], [status, body])
  return answer
}

export const replace = (path: string, value?: string): PatchOperation => ({
  op: 'replace',
  path,
  ...(value !== undefined && { value }),
})

/** The words of an API that is not there. */
export const noApi = (restApiId: string) => `Invalid API identifier specified 000000000000:${restApiId}`
export const NO_API = 'abcdefghij'
