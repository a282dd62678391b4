// What the local API Gateway keeps, and where: the shapes of its collections, their keys and the ids it hands out.
// The rules of each noun are in the file of its name.
import type { Integration, Method, MethodSetting } from '@aws-sdk/client-api-gateway'
import type { CertificatesPort, LinkedRolesPort } from '../ports.js'
import type { Collection, World } from '../world.js'
import type { Transition } from './transition.js'

export const HTTP_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'] as const

export type ApiIntegration = Integration & Required<Pick<Integration, 'type'>>

/** A method as GetMethod shows it. */
export interface ApiMethod extends Method {
  methodIntegration?: ApiIntegration
}

/** A node of the API's tree. `methods` is keyed by GET, POST, ..., or ANY. */
export interface ApiResource {
  readonly id: string
  parentId?: string
  /** Absent at the root. */
  pathPart?: string
  path: string
  methods: Record<string, ApiMethod>
}

export type SecurityPolicy = 'TLS_1_0' | 'TLS_1_2'

/** An API with its resources as they are edited; a deployment takes a copy of them. */
export interface RestApiRecord {
  readonly region: string
  readonly id: string
  name: string
  description?: string
  version?: string
  readonly createdAt: number
  /** Before this instant listings do not show it. */
  readonly listedAt: number
  binaryMediaTypes: string[]
  ipAddressType: 'ipv4' | 'dualstack'
  /** The resource policy, as canonical JSON. */
  policy?: string
  tags: Record<string, string>
  disableExecuteApiEndpoint: boolean
  securityPolicy?: SecurityPolicy
  warnings: string[]
  readonly rootResourceId: string
  resources: ApiResource[]
  /** JSON schemas by model name. */
  models: Record<string, unknown>
}

export interface DeploymentRecord {
  readonly region: string
  readonly restApiId: string
  readonly id: string
  description?: string
  readonly createdAt: number
  readonly snapshot: ApiSnapshot
}

/** What a deployment takes of an API: later edits do not reach it. */
export type ApiSnapshot = Readonly<
  Pick<
    RestApiRecord,
    'name' | 'description' | 'version' | 'resources' | 'models' | 'binaryMediaTypes' | 'policy'
  >
>

/** What a stage answers with. */
export interface Serving {
  readonly deploymentId: string
  readonly variables: Record<string, string>
  /** AWS: taken over from the API whenever a setting of the stage changes, not before. */
  readonly executeApiEndpointDisabled: boolean
  readonly methodSettings: Record<string, MethodSetting>
}

export interface StageRecord {
  readonly region: string
  readonly restApiId: string
  readonly stageName: string
  deploymentId: string
  description?: string
  variables: Record<string, string>
  methodSettings: Record<string, MethodSetting>
  tags: Record<string, string>
  readonly createdAt: number
  updatedAt: number
  /** Before this instant a base path mapping to it is refused. */
  readonly mappableAt: number
  serving: Transition<Serving>
}

/** What a custom domain presents in the handshake. */
export interface DomainTls {
  readonly certificateArn: string
  readonly securityPolicy: SecurityPolicy
}

export interface DomainNameRecord {
  readonly region: string
  readonly name: string
  /** `d-<id>.execute-api.<region>.amazonaws.com` */
  readonly regionalDomainName: string
  readonly createdAt: number
  /** Before this instant listings do not show it. */
  readonly listedAt: number
  certificateUploadedAt: number
  ipAddressType: 'ipv4' | 'dualstack'
  tls: Transition<DomainTls>
  /** Before this instant a base path mapping is refused. */
  readonly mappableAt: number
  tags: Record<string, string>
}

export interface BasePathMappingRecord {
  readonly region: string
  readonly domainName: string
  /** Empty for the domain's root. */
  readonly basePath: string
  readonly restApiId: string
  /** Empty: callers name the stage in the path. */
  readonly stage: string
}

export interface Kept {
  readonly restApis: Collection<RestApiRecord>
  readonly deployments: Collection<DeploymentRecord>
  readonly stages: Collection<StageRecord>
  readonly domainNames: Collection<DomainNameRecord>
  readonly mappings: Collection<BasePathMappingRecord>
}

/** What the control plane's operations stand on. */
export interface ControlPlane {
  readonly world: World
  readonly kept: Kept
  readonly certificates: CertificatesPort
  /** None where there is no IAM beside. */
  readonly linkedRoles?: LinkedRolesPort
}

export function openKept({ store }: World): Kept {
  return {
    restApis: store.collection('apigateway.rest-api'),
    deployments: store.collection('apigateway.deployment'),
    stages: store.collection('apigateway.stage'),
    domainNames: store.collection('apigateway.domain-name'),
    mappings: store.collection('apigateway.base-path-mapping'),
  }
}

export const apiKey = (region: string, restApiId: string | undefined) => `${region}/${restApiId}`
/** Of a stage by its name, or of a deployment by its id. */
export const partKey = (region: string, restApiId: string | undefined, part: string | undefined) =>
  `${region}/${restApiId}/${part}`
export const domainKey = (region: string, name: string | undefined) => `${region}/${name}`
// AWS: the empty base path is written `(none)` when it is read, changed or deleted.
export const NO_BASE_PATH = '(none)'
export const mappingKey = (region: string, domainName: string | undefined, basePath: string | undefined) =>
  `${region}/${domainName}/${basePath || NO_BASE_PATH}`

/** The values whose keys begin with that prefix. */
export function withPrefix<T>(collection: Collection<T>, prefix: string): T[] {
  return [...collection.keys()].filter((key) => key.startsWith(prefix)).map((key) => collection.get(key)!)
}

/** The map's own entry of that name: what callers send may be called `constructor`. */
export function ownEntry<T>(map: Readonly<Record<string, T>> | undefined, name: string | undefined) {
  return map && name !== undefined && Object.hasOwn(map, name) ? map[name] : undefined
}

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** An id that is not taken. AWS: 10 letters and digits for APIs and their roots, 6 for what is below. */
export function freshId(world: World, length: number, isTaken: (id: string) => boolean): string {
  for (;;) {
    const letters = Array.from({ length }, () => ID_LETTERS[Math.floor(world.random() * ID_LETTERS.length)])
    const id = letters.join('')
    if (!isTaken(id)) return id
  }
}
