// The SDK clients whose schemas define the wire of each local service. They are imported at the first call, since
// all eight together take half a second. Which operations are really there is said by the services, not here.
import type { $ClientProtocol, SerdeFunctions } from '@smithy/types'

/** What the wire needs of an SDK client: its protocol object, and the configuration that doubles as its serde context. */
export interface SchemaClient {
  readonly config: SerdeFunctions & { readonly protocol: $ClientProtocol<WireRequest, unknown> }
}

/** What a protocol object makes of an operation's input. */
export interface WireRequest {
  method: string
  path: string
  query: Record<string, string | string[] | null>
  headers: Record<string, string>
  body?: string | Uint8Array
}

type ClientClass = new (config: { region: string; credentials: Keys; endpoint: string }) => SchemaClient
interface Keys {
  accessKeyId: string
  secretAccessKey: string
}

/** One service of the wire: the name in its credential scope, and the SDK module that knows its shapes. */
export interface WireDescriptor {
  readonly name: string
  load(): Promise<{ module: Readonly<Record<string, unknown>>; client: SchemaClient }>
}

function describe(
  name: string,
  clientClass: string,
  load: () => Promise<Readonly<Record<string, unknown>>>,
): WireDescriptor {
  return {
    name,
    load: async () => {
      const module = await load()
      const Client = module[clientClass] as ClientClass
      // The client never calls anything: only its codec is used.
      const unused = { accessKeyId: 'unused', secretAccessKey: 'unused' }
      const client = new Client({ region: 'us-east-1', credentials: unused, endpoint: 'http://127.0.0.1' })
      return { module, client }
    },
  }
}

/** The services of the local cloud, by the name in the SigV4 credential scope. */
export const WIRE_CLIENTS: readonly WireDescriptor[] = [
  describe('dynamodb', 'DynamoDBClient', () => import('@aws-sdk/client-dynamodb')),
  describe('lambda', 'LambdaClient', () => import('@aws-sdk/client-lambda')),
  describe('apigateway', 'APIGatewayClient', () => import('@aws-sdk/client-api-gateway')),
  describe('route53', 'Route53Client', () => import('@aws-sdk/client-route-53')),
  describe('acm', 'ACMClient', () => import('@aws-sdk/client-acm')),
  describe('iam', 'IAMClient', () => import('@aws-sdk/client-iam')),
  describe('sts', 'STSClient', () => import('@aws-sdk/client-sts')),
  describe('logs', 'CloudWatchLogsClient', () => import('@aws-sdk/client-cloudwatch-logs')),
]
