// A front door over the real API Gateway with its edge, for the tests beside this file. Functions and certificates are
// made up here; time moves only when a test says so (`pass`).
import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { APIGateway } from '@aws-sdk/client-api-gateway'
import { type Authority, openAuthority } from '../../../src/local/acm/authority.js'
import { type Edge, openEdge } from '../../../src/local/apigateway/edge.js'
import { type ApiGatewayService, apigatewayService } from '../../../src/local/apigateway/service.js'
import { createWorld } from '../../../src/local/create-world.js'
import type { CertificatesPort, DnsPort, Invocation, LambdaPort } from '../../../src/local/ports.js'
import type { Profile } from '../../../src/local/profile.js'
import { memoryStore } from '../../../src/local/store.js'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import { startFront } from '../../../src/local/wire/front.js'
import type { Store, World } from '../../../src/local/world.js'

// A virtual second is a millisecond, so that hours stay within the skew that signatures allow.
const SCALE = 1000
export const OPERATOR = { accessKeyId: 'AKIALOCALOPERATOR000', secretAccessKey: 'operator-secret' }

export const IRELAND = 'eu-west-1'
export const VIRGINIA = 'us-east-1'

export type InvokeRequest = Parameters<LambdaPort['invokeForApi']>[0]
export type Invoke = (request: InvokeRequest) => Promise<Invocation> | Invocation

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string | Buffer
  /** Default: the host. */
  readonly serverName?: string
}

export interface GatewayCloud {
  readonly url: string
  readonly world: World
  readonly service: ApiGatewayService
  readonly edge: Edge
  readonly authority: Authority
  readonly certificates: Certificates
  /** Every invocation so far. */
  readonly invoked: InvokeRequest[]
  readonly logged: string[]
  /** What functions answer; by default the event as the body of a 200. */
  invoke: Invoke
  dns: DnsPort
  publicName: string | undefined
  client(region?: string): APIGateway
  /** Lets that many virtual seconds pass. */
  pass(virtualSeconds: number): void
  /** A request over TLS to a region's edge, the Host being `host`. */
  https(region: string, host: string, path: string, ask?: Ask): Promise<HttpAnswer>
  /** Environment for the `aws` CLI. */
  close(): Promise<void>
}

export interface Certificates extends CertificatesPort {
  /** An issued certificate for these names; its ARN. */
  issue(region: string, ...names: string[]): Promise<string>
  /** Changes one, such as its status. */
  set(arn: string, changes: Partial<NonNullable<ReturnType<CertificatesPort['find']>>>): void
}

const echo: Invoke = ({ payload }) => ({
  payload: JSON.stringify({
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    body: payload,
  }),
})

export async function startGatewayCloud({
  profile = 'instant' as Profile,
  store = memoryStore() as Store,
} = {}): Promise<GatewayCloud> {
  const dataDir = await mkdtemp(join(tmpdir(), 'multiregion-apigateway-'))
  const logged: string[] = []
  const begun = Date.now()
  let passedMs = 0
  const now = () => begun + passedMs
  const world: World = {
    ...createWorld({ dataDir, scale: SCALE, profile, seed: 7, store, log: (line) => logged.push(line) }),
    clock: {
      scale: SCALE,
      now,
      after: (virtualSeconds) => now() + (virtualSeconds / SCALE) * 1000,
      since: (instant) => ((now() - instant) / 1000) * SCALE,
      sleep: () => Promise.reject(new Error('nothing here sleeps')),
    },
  }
  const authority = await openAuthority(dataDir)
  const certificates = madeUpCertificates(authority)
  const invoked: InvokeRequest[] = []
  const lambda: LambdaPort = {
    async invokeForApi(invocation) {
      invoked.push(invocation)
      return cloud.invoke(invocation)
    },
  }
  const service = apigatewayService(world, { lambda, certificates })
  const edge = await openEdge({
    world,
    authority,
    certificates,
    gateway: service,
    dns: { resolve: (...asked) => cloud.dns.resolve(...asked) },
    caPem: authority.caPem,
    publicName: () => cloud.publicName,
  })
  const front = await startFront({
    world,
    services: [service],
    clients: WIRE_CLIENTS,
    credentials: () => ({
      secretAccessKey: OPERATOR.secretAccessKey,
      principal: { arn: 'arn:aws:iam::000000000000:user/operator' },
    }),
    authorize: () => ({ allowed: true }),
    quotas: { take: () => {} },
    onRegion: edge.ensure,
  })
  const clients: APIGateway[] = []
  const cloud: GatewayCloud = {
    world,
    service,
    edge,
    authority,
    certificates,
    invoked,
    logged,
    invoke: echo,
    url: front.url,
    dns: { resolve: () => [] },
    publicName: undefined,
    client(region = IRELAND) {
      const made = new APIGateway({ endpoint: front.url, region, credentials: OPERATOR, maxAttempts: 1 })
      clients.push(made)
      return made
    },
    pass(virtualSeconds) {
      passedMs += (virtualSeconds / SCALE) * 1000
    },
    https: (region, host, path, ask = {}) => {
      const place = edge.places.list().find((each) => each.region === region)!
      const tls = { servername: ask.serverName ?? host, ca: authority.caPem }
      return send(httpsRequest, { host: place.address, port: place.httpsPort, ...tls }, host, path, ask)
    },
    async close() {
      for (const client of clients) client.destroy()
      await front.close()
      await edge.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  return cloud
}

function madeUpCertificates(authority: Authority): Certificates {
  const made = new Map<string, NonNullable<ReturnType<CertificatesPort['find']>>>()
  return {
    find: (arn) => made.get(arn),
    async issue(region, ...names) {
      const { chainPem, keyPem } = await authority.issue(names)
      const arn = `arn:aws:acm:${region}:000000000000:certificate/${made.size}`
      made.set(arn, { region, domainName: names[0]!, status: 'ISSUED', chainPem, keyPem })
      return arn
    },
    set: (arn, changes) => made.set(arn, { ...made.get(arn)!, ...changes }),
  }
}

/** One request on a connection of its own. */
export function send(
  open: typeof httpsRequest,
  options: object,
  host: string,
  path: string,
  { method = 'GET', headers = {}, body }: Ask = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = open({ ...options, method, path, headers: { ...headers, host }, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** A request to the edge port. */
export function edgePort(url: string, path: string, headers: Record<string, string>, body?: string) {
  const { hostname, port } = new URL(url)
  const { host = 'edge', ...others } = headers
  return send(request as typeof httpsRequest, { host: hostname, port }, host, path, {
    headers: others,
    ...(body !== undefined && { method: 'POST', body }),
  })
}

export const functionArn = (region: string, name: string) =>
  `arn:aws:lambda:${region}:000000000000:function:${name}`
export const lambdaUri = (region: string, name: string) =>
  `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn(region, name)}/invocations`

const CORS_HEADERS = [
  'Access-Control-Allow-Origin',
  'Access-Control-Allow-Headers',
  'Access-Control-Allow-Methods',
]

/** An `options` operation as API Gateway's developer guide has it. */
const preflight = {
  responses: {
    200: {
      description: 'CORS',
      headers: Object.fromEntries(CORS_HEADERS.map((name) => [name, { schema: { type: 'string' } }])),
    },
  },
  'x-amazon-apigateway-integration': {
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode":200}' },
    responses: {
      default: {
        statusCode: '200',
        responseParameters: {
          'method.response.header.Access-Control-Allow-Origin': "'*'",
          'method.response.header.Access-Control-Allow-Headers': "'Content-Type'",
          'method.response.header.Access-Control-Allow-Methods': "'GET,OPTIONS'",
        },
      },
    },
  },
}

/** A proxied operation. */
export const proxied = (uri: string) => ({
  responses: {},
  'x-amazon-apigateway-integration': {
    type: 'aws_proxy',
    httpMethod: 'POST',
    uri,
    passthroughBehavior: 'when_no_match',
  },
})

/** The article's API: an item's routes and a health route. */
export function articleDocument(region = IRELAND, more: Record<string, unknown> = {}) {
  return {
    openapi: '3.0.1',
    info: { title: 'article', version: '1' },
    paths: {
      '/item/{itemId}': {
        get: {
          ...proxied(lambdaUri(region, 'getItem')),
          operationId: 'getItem',
          parameters: [{ name: 'itemId', in: 'path', required: true, schema: { type: 'string' } }],
        },
        options: preflight,
      },
      '/item': { post: proxied(lambdaUri(region, 'putItem')), options: preflight },
      '/health': { get: proxied(lambdaUri(region, 'health')) },
    } as Record<string, unknown>,
    ...more,
  }
}

export const bytes = (document: unknown) => Buffer.from(JSON.stringify(document))

const REGIONAL = { endpointConfiguration: { types: ['REGIONAL' as const] } }

/** An API made of a document, its id. */
export async function createApi(client: APIGateway, document: unknown = articleDocument()): Promise<string> {
  const { id } = await client.createRestApi({ name: 'made', ...REGIONAL })
  await client.putRestApi({ restApiId: id, mode: 'overwrite', failOnWarnings: true, body: bytes(document) })
  return id!
}

/** An API that stage `dev` serves, its id. */
export async function deployApi(client: APIGateway, document?: unknown): Promise<string> {
  const restApiId = await createApi(client, document)
  await client.createDeployment({ restApiId, stageName: 'dev' })
  return restApiId
}

/** For assert.rejects: the error's name and its text. */
export const refused = (name: string, message?: string | RegExp) => (error: Error) => {
  const isText =
    message === undefined ||
    (typeof message === 'string' ? error.message === message : message.test(error.message))
  if (error.name === name && isText) return true
  throw new Error(`wanted ${name} ${message}, got ${error.name} ${error.message}`)
}
