// REST APIs: made, imported, read, patched and deleted. Their resources are in `resource.ts`, documents in `openapi.ts`.
import type {
  CreateRestApiRequest,
  DeleteRestApiRequest,
  EndpointConfiguration,
  GetRestApiRequest,
  GetRestApisRequest,
  ImportRestApiRequest,
  PutRestApiRequest,
  RestApi,
  RestApis,
  UpdateRestApiRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { checkEndpoint, checkSecurityPolicy, readSecurityPolicy } from './endpoint.js'
import { type ApiDocument, readDocument } from './openapi.js'
import { importDocument } from './openapi-import.js'
import { pageOf } from './page.js'
import { applyPatch, notHere, type PatchRule, patchText } from './patch.js'
import { apiKey, type ControlPlane, freshId, type RestApiRecord, withPrefix } from './record.js'
import { badRequest, limitExceeded, unsupported } from './refusal.js'
import { editApi, readApi } from './resource.js'
import { makePolicy } from './resource-policy.js'
import { rootResource } from './resource-tree.js'
import { checkTags } from './tags.js'

/** AWS: an API without tags shows none when it is made or listed, and an empty map when it is read. */
function describeApi(api: RestApiRecord, emptyTags: boolean): RestApi {
  const { description, version, policy, securityPolicy, binaryMediaTypes, tags, warnings } = api
  return {
    id: api.id,
    name: api.name,
    ...(description !== undefined && { description }),
    createdDate: new Date(api.createdAt),
    ...(version !== undefined && { version }),
    ...(warnings.length && { warnings }),
    ...(binaryMediaTypes.length && { binaryMediaTypes }),
    apiKeySource: 'HEADER',
    endpointConfiguration: { types: ['REGIONAL'], ipAddressType: api.ipAddressType },
    // AWS: the policy is shown as the inside of a JSON text, its quotes escaped.
    ...(policy && { policy: JSON.stringify(policy).slice(1, -1) }),
    ...((emptyTags || Object.keys(tags).length) && { tags }),
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    rootResourceId: api.rootResourceId,
    ...(securityPolicy && { securityPolicy }),
  }
}

// AWS: docs "Quotas": regional APIs per account and region.
const MOST_APIS = 600

function newApi({ world, kept }: ControlPlane, region: string, input: CreateRestApiRequest): RestApiRecord {
  const id = freshId(world, 10, (candidate) => kept.restApis.has(apiKey(region, candidate)))
  if (withPrefix(kept.restApis, apiKey(region, '')).length >= MOST_APIS) {
    throw limitExceeded('Rest APIs', 'account')
  }
  const root = rootResource(freshId(world, 10, (candidate) => candidate === id))
  const securityPolicy = readSecurityPolicy(input)
  const now = world.clock.now()
  return {
    region,
    id,
    name: input.name!,
    ...(input.description && { description: input.description }),
    ...(input.version !== undefined && { version: input.version }),
    createdAt: now,
    listedAt: world.clock.after(world.takes('apigateway.listing-lag')),
    binaryMediaTypes: input.binaryMediaTypes ?? [],
    ipAddressType: checkEndpoint(input.endpointConfiguration),
    ...(input.policy && {
      policy: makePolicy(input.policy, { region, account: world.account, restApiId: id }),
    }),
    tags: checkTags(input.tags),
    disableExecuteApiEndpoint: input.disableExecuteApiEndpoint ?? false,
    ...(securityPolicy && { securityPolicy }),
    warnings: [],
    rootResourceId: root.id,
    resources: [root],
    models: {},
  }
}

function checkCreate(input: CreateRestApiRequest): void {
  if (!input.name) throw badRequest('API name must be specified')
  if (input.description === '') throw badRequest('Description cannot be an empty string')
  if (input.cloneFrom) throw unsupported('cloneFrom')
  if (input.minimumCompressionSize !== undefined) throw unsupported('minimumCompressionSize')
  if ((input.apiKeySource ?? 'HEADER') !== 'HEADER')
    throw unsupported(`the API key source ${input.apiKeySource}`)
}

function readBody(body: Uint8Array | undefined, failOnWarnings: boolean | undefined): ApiDocument {
  const document = readDocument(body)
  if (failOnWarnings && document.warnings.length) {
    throw badRequest(`Warnings found during import:\n\t${document.warnings.join('\n\t')}`)
  }
  return document
}

function refuseParameters(parameters: Record<string, string> | undefined, known: readonly string[]): void {
  const unknown = Object.keys(parameters ?? {}).find((name) => !known.includes(name))
  if (unknown) throw unsupported(`the import parameter ${unknown}`)
}

/** AWS: `endpointConfigurationTypes` and `ignore` come as query parameters. */
function importedEndpoint(parameters: Record<string, string> | undefined): EndpointConfiguration {
  const types = parameters?.endpointConfigurationTypes ?? 'EDGE'
  return { types: types.split(',') as 'REGIONAL'[] }
}

const flag = (value: string): boolean => {
  if (value !== 'true' && value !== 'false') throw badRequest(`Invalid boolean value specified: ${value}`)
  return value === 'true'
}

const apiRules = (account: string): readonly PatchRule<RestApiRecord>[] => [
  {
    path: '/name',
    ops: ['replace'],
    apply(api, { value }) {
      if (!value) throw badRequest('Name cannot be empty')
      api.name = value
    },
  },
  patchText('/description', 'description'),
  patchText('/version', 'version'),
  {
    path: '/binaryMediaTypes/*',
    ops: ['add', 'replace', 'remove'],
    apply(api, { op, key, value }) {
      const others = api.binaryMediaTypes.filter((type) => type !== key)
      api.binaryMediaTypes = op === 'remove' ? others : [...others, op === 'replace' ? value : key]
    },
  },
  {
    path: '/disableExecuteApiEndpoint',
    ops: ['replace'],
    apply(api, { value }) {
      api.disableExecuteApiEndpoint = flag(value)
    },
  },
  {
    path: '/policy',
    ops: ['replace', 'remove'],
    apply(api, { op, value }) {
      if (op === 'remove' || !value) delete api.policy
      else api.policy = makePolicy(value, { region: api.region, account, restApiId: api.id })
    },
  },
  {
    path: '/securityPolicy',
    ops: ['replace'],
    apply(api, { value }) {
      api.securityPolicy = checkSecurityPolicy(value)
    },
  },
  {
    path: '/endpointConfiguration/ipAddressType',
    ops: ['replace'],
    apply(api, { value }) {
      api.ipAddressType = checkEndpoint({ types: ['REGIONAL'], ipAddressType: value as 'ipv4' })
    },
  },
  {
    path: '/minimumCompressionSize',
    ops: ['replace'],
    apply(_, { value }) {
      if (value) throw unsupported('minimumCompressionSize')
    },
  },
  ...notHere<RestApiRecord>(
    '/apiKeySource',
    '/endpointAccessMode',
    '/endpointConfiguration/types/*',
    '/endpointConfiguration/vpcEndpointIds/*',
  ),
]

export function restApiOperations(plane: ControlPlane): Record<string, Operation> {
  const { world, kept } = plane
  const rules = apiRules(world.account)
  const keep = (api: RestApiRecord) => {
    kept.restApis.set(apiKey(api.region, api.id), api)
    return api
  }

  return {
    // AWS: no idempotency: the same call again makes another API of the same name.
    CreateRestApi(input: CreateRestApiRequest, { region }: Call): RestApi {
      checkCreate(input)
      return describeApi(keep(newApi(plane, region, input)), false)
    },

    ImportRestApi(input: ImportRestApiRequest, { region }: Call): RestApi {
      refuseParameters(input.parameters, ['endpointConfigurationTypes', 'ignore'])
      const document = readBody(input.body, input.failOnWarnings)
      const endpointConfiguration = importedEndpoint(input.parameters)
      const api = newApi(plane, region, { name: document.title, endpointConfiguration })
      importDocument(world, api, document, 'overwrite')
      return describeApi(keep(api), false)
    },

    PutRestApi(input: PutRestApiRequest, call: Call): RestApi {
      refuseParameters(input.parameters, ['ignore'])
      const mode = input.mode ?? 'merge'
      if (mode !== 'merge' && mode !== 'overwrite') throw badRequest(`Invalid mode specified: ${mode}`)
      return editApi(plane, call, input.restApiId, (api) => {
        importDocument(world, api, readBody(input.body, input.failOnWarnings), mode)
        return describeApi(api, true)
      })
    },

    GetRestApi: (input: GetRestApiRequest, call: Call): RestApi =>
      describeApi(readApi(plane, call, input.restApiId), true),

    // AWS: a listing lags behind what was just made.
    GetRestApis(input: GetRestApisRequest, { region }: Call): RestApis {
      const listed = withPrefix(kept.restApis, `${region}/`).filter(
        ({ listedAt }) => world.clock.now() >= listedAt,
      )
      const page = pageOf(listed, ({ id }) => id, input)
      return { ...page, items: page.items.map((api) => describeApi(api, false)) }
    },

    UpdateRestApi: (input: UpdateRestApiRequest, call: Call): RestApi =>
      describeApi(
        keep(applyPatch(readApi(plane, call, input.restApiId), input.patchOperations, rules)),
        true,
      ),

    DeleteRestApi(input: DeleteRestApiRequest, call: Call): void {
      const { region, id } = readApi(plane, call, input.restApiId)
      refuseMapped(plane, region, id)
      kept.restApis.delete(apiKey(region, id))
      for (const parts of [kept.stages, kept.deployments]) {
        for (const key of parts.keys()) if (key.startsWith(`${region}/${id}/`)) parts.delete(key)
      }
    },
  }
}

/** AWS: an API is not deleted while a custom domain maps to it. */
function refuseMapped({ kept }: ControlPlane, region: string, restApiId: string): void {
  const mappings = withPrefix(kept.mappings, `${region}/`).filter((each) => each.restApiId === restApiId)
  if (!mappings.length) return
  const domains = [...new Set(mappings.map(({ domainName }) => domainName))].join(', ')
  throw new AwsError(
    'BadRequestException',
    `Deleting RestApi ${restApiId} failed. Please remove all base path mappings related to the RestApi in your domains: ${domains}`,
  )
}
