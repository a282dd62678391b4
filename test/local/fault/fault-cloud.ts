// A whole local cloud in this process with a global table and an API of a mock integration, for the tests beside this
// file. It can be closed and opened again on its data; time runs, 100 times as fast as the machine's.
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { APIGateway } from '@aws-sdk/client-api-gateway'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { type Cloud, openCloud } from '../../../src/local/cloud.js'

export const SCALE = 100
export const IRELAND = 'eu-west-1'
export const VIRGINIA = 'us-east-1'
const OPERATOR = { accessKeyId: 'AKIALOCALOPERATOR000', secretAccessKey: 'operator-secret' }
const TABLE = 'Items'
/** Real milliseconds. */
const PATIENCE_MS = 20_000
export const IMPATIENT_MS = 300

interface ClientConfig {
  readonly region: string
  readonly endpoint: string
  readonly credentials: typeof OPERATOR
  readonly maxAttempts: 1
  readonly requestHandler: { readonly requestTimeout: number; readonly throwOnRequestTimeout: true }
}

export class FaultCloud {
  cloud!: Cloud
  readonly logged: string[] = []
  readonly #dataDir: string
  readonly #clients = new Map<string, { destroy(): void }>()

  private constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  static async open(): Promise<FaultCloud> {
    const one = new FaultCloud(await mkdtemp(join(tmpdir(), 'fault-')))
    await one.start()
    return one
  }

  async start(): Promise<void> {
    this.cloud = await openCloud({
      dataDir: this.#dataDir,
      profile: 'instant',
      scale: SCALE,
      seed: 1,
      operator: OPERATOR,
      regions: [IRELAND, VIRGINIA],
      zone: 'example.com',
      log: (line) => this.logged.push(line),
    })
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.destroy()
    this.#clients.clear()
    await this.cloud.close()
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.#dataDir, { recursive: true, force: true })
  }

  /** An SDK client with one attempt. A busy machine needs patience; who waits for no answer does not. */
  client<C extends { destroy(): void }>(
    Client: new (config: ClientConfig) => C,
    region = IRELAND,
    patienceMs = PATIENCE_MS,
  ): C {
    const known = this.#clients.get(`${Client.name} ${region} ${patienceMs}`)
    if (known) return known as C
    const client = new Client({
      region,
      endpoint: this.cloud.endpointUrl,
      credentials: OPERATOR,
      maxAttempts: 1,
      requestHandler: { requestTimeout: patienceMs, throwOnRequestTimeout: true },
    })
    this.#clients.set(`${Client.name} ${region} ${patienceMs}`, client)
    return client
  }

  /** A table in both regions. */
  async makeTable(): Promise<void> {
    const dynamodb = this.client(DynamoDB)
    await dynamodb.createTable({
      TableName: TABLE,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    })
    const ReplicaUpdates = [{ Create: { RegionName: VIRGINIA } }]
    await dynamodb.updateTable({ TableName: TABLE, ReplicaUpdates })
    await until('both replicas', async () => {
      const { Table } = await dynamodb.describeTable({ TableName: TABLE })
      return Table?.Replicas?.[0]?.ReplicaStatus === 'ACTIVE'
    })
  }

  async put(id: string, region = IRELAND, patienceMs = PATIENCE_MS): Promise<void> {
    await this.client(DynamoDB, region, patienceMs).putItem({ TableName: TABLE, Item: { id: { S: id } } })
  }

  async has(id: string, region = IRELAND): Promise<boolean> {
    const { Item } = await this.client(DynamoDB, region).getItem({ TableName: TABLE, Key: { id: { S: id } } })
    return Item !== undefined
  }

  /** An API that answers 200 by itself; its host. */
  async makeApi(region = IRELAND): Promise<string> {
    const gateway = this.client(APIGateway, region)
    const { id: restApiId, rootResourceId: resourceId } = await gateway.createRestApi({
      name: 'fault',
      endpointConfiguration: { types: ['REGIONAL'] },
    })
    const at = { restApiId, resourceId, httpMethod: 'GET' }
    await gateway.putMethod({ ...at, authorizationType: 'NONE' })
    await gateway.putIntegration({
      ...at,
      type: 'MOCK',
      requestTemplates: { 'application/json': '{"statusCode": 200}' },
    })
    await gateway.putMethodResponse({ ...at, statusCode: '200' })
    await gateway.putIntegrationResponse({ ...at, statusCode: '200' })
    await gateway.createDeployment({ restApiId, stageName: 'dev' })
    return `${restApiId}.execute-api.${region}.amazonaws.com`
  }

  /** A request to an API, over a connection of its own: its status, or the code of what went wrong. */
  ask(host: string, patienceMs = PATIENCE_MS): Promise<number | string> {
    const place = this.cloud.places().find(({ region }) => host.includes(`.${region}.`))!
    return new Promise((resolve) => {
      const asked = request(
        {
          host: place.address,
          port: place.httpsPort,
          servername: host,
          headers: { host },
          path: '/dev',
          agent: false,
          rejectUnauthorized: false,
          timeout: patienceMs,
        },
        (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        },
      )
      asked.on('timeout', () => asked.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })))
      asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      asked.end()
    })
  }
}

/** Looks until it is so; fails after ten real seconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return
    await sleep(20)
  }
  throw new Error(`never came: ${what}`)
}

/** What a call is refused with: name and status; `no answer` where there was none. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    const { name, message, code, $metadata } = error as Error & {
      code?: string
      $metadata?: { httpStatusCode?: number }
    }
    if ($metadata?.httpStatusCode) return `${name} ${$metadata.httpStatusCode}`
    return code ?? message
  }
}
