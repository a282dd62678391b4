// Methods and their responses: what a caller may choose of them, and the operations on them. What stands behind a
// method is `integration.ts`'s; a whole document comes in through `openapi.ts`.
import type {
  DeleteMethodRequest,
  DeleteMethodResponseRequest,
  GetMethodRequest,
  GetMethodResponseRequest,
  Method,
  MethodResponse,
  PutMethodRequest,
  PutMethodResponseRequest,
  UpdateMethodRequest,
  UpdateMethodResponseRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { applyPatch, notHere, type PatchRule, patchText } from './patch.js'
import { type ApiMethod, type ControlPlane, HTTP_METHODS, ownEntry, type RestApiRecord } from './record.js'
import { badRequest, conflict, noSuchMethod, noSuchResponse, unsupported } from './refusal.js'
import { editApi, readApi } from './resource.js'
import { findResource } from './resource-tree.js'

/** The members by which an operation names a method. */
export interface MethodAddress {
  readonly restApiId?: string | undefined
  readonly resourceId?: string | undefined
  readonly httpMethod?: string | undefined
}

export function methodOf(api: RestApiRecord, { resourceId, httpMethod }: MethodAddress): ApiMethod {
  const method = ownEntry(findResource(api, resourceId).methods, httpMethod)
  if (!method) throw noSuchMethod()
  return method
}

const METHOD_NAMES: readonly string[] = [...HTTP_METHODS, 'ANY']

/** The members of a method that a caller may choose; what this model cannot keep to is refused. */
export function makeMethod(
  input: Omit<PutMethodRequest, 'restApiId' | 'resourceId'>,
  models: Record<string, unknown>,
): ApiMethod {
  if (!METHOD_NAMES.includes(input.httpMethod ?? '')) {
    throw badRequest(`Invalid HttpMethod specified. Valid options are ${METHOD_NAMES.join(',')}`)
  }
  checkAuthorization(input.authorizationType)
  if (input.apiKeyRequired) throw unsupported('API keys')
  if (input.requestValidatorId) throw unsupported('request validators')
  if (input.authorizationScopes?.length) throw unsupported('authorization scopes')
  checkModels(input.requestModels, models)
  return {
    httpMethod: input.httpMethod!,
    authorizationType: 'NONE',
    apiKeyRequired: false,
    ...(input.operationName && { operationName: input.operationName }),
    ...(input.requestParameters && { requestParameters: input.requestParameters }),
    ...(input.requestModels && { requestModels: input.requestModels }),
  }
}

function checkAuthorization(type: string | undefined): void {
  if (type !== 'NONE') throw unsupported(`the authorization type ${type}: give NONE`)
}

// AWS: every API has these two models from the start.
const BUILT_IN_MODELS = ['Empty', 'Error']

function checkModels(named: Record<string, string> | undefined, models: Record<string, unknown>): void {
  for (const name of Object.values(named ?? {})) {
    if (!Object.hasOwn(models, name) && !BUILT_IN_MODELS.includes(name)) {
      throw badRequest(`Invalid model identifier specified: ${name}`)
    }
  }
}

/** A method's response. Throws for a bad status code or an unknown model. */
export function makeMethodResponse(
  { statusCode, responseParameters, responseModels }: MethodResponse,
  models: Record<string, unknown>,
): MethodResponse & { statusCode: string } {
  if (!statusCode || !/^[1-5]\d\d$/.test(statusCode)) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${statusCode}' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d`,
    )
  }
  for (const name of Object.keys(responseParameters ?? {})) {
    if (!/^method\.response\.header\.[\w-]+$/.test(name)) throw badRequest('Invalid parameter name specified')
  }
  checkModels(responseModels, models)
  return {
    statusCode,
    ...(responseParameters && { responseParameters }),
    ...(responseModels && { responseModels }),
  }
}

const METHOD_RULES: readonly PatchRule<ApiMethod>[] = [
  patchText('/operationName', 'operationName'),
  { path: '/authorizationType', ops: ['replace'], apply: (_, { value }) => checkAuthorization(value) },
  {
    path: '/apiKeyRequired',
    ops: ['replace'],
    apply(_, { value }) {
      if (value === 'true') throw unsupported('API keys')
    },
  },
  {
    path: '/requestParameters/*',
    ops: ['add', 'replace', 'remove'],
    apply(method, { op, key, value }) {
      const { [key]: _, ...others } = method.requestParameters ?? {}
      method.requestParameters = op === 'remove' ? others : { ...others, [key]: value === 'true' }
    },
  },
  ...notHere<ApiMethod>('/requestModels/*', '/requestValidatorId', '/authorizerId', '/authorizationScopes'),
]

const RESPONSE_RULES: readonly PatchRule<MethodResponse>[] = [
  {
    path: '/responseParameters/*',
    ops: ['add', 'replace', 'remove'],
    apply(response, { op, key, value }) {
      const { [key]: _, ...others } = response.responseParameters ?? {}
      response.responseParameters = op === 'remove' ? others : { ...others, [key]: value === 'true' }
    },
  },
  {
    path: '/responseModels/*',
    ops: ['add', 'replace', 'remove'],
    apply(response, { op, key, value }) {
      const { [key]: _, ...others } = response.responseModels ?? {}
      response.responseModels = op === 'remove' ? others : { ...others, [key]: value }
    },
  },
]

export function methodOperations(plane: ControlPlane): Record<string, Operation> {
  const edit = <T>(input: MethodAddress, call: Call, change: (api: RestApiRecord) => T) =>
    editApi(plane, call, input.restApiId, change)

  return {
    GetMethod: (input: GetMethodRequest, call: Call): Method =>
      methodOf(readApi(plane, call, input.restApiId), input),

    PutMethod: (input: PutMethodRequest, call: Call): Method =>
      edit(input, call, (api) => {
        const { methods } = findResource(api, input.resourceId)
        const method = makeMethod(input, api.models)
        if (methods[method.httpMethod!]) throw conflict('Method already exists for this resource')
        methods[method.httpMethod!] = method
        return method
      }),

    UpdateMethod: (input: UpdateMethodRequest, call: Call): Method =>
      edit(input, call, (api) => {
        const method = applyPatch(methodOf(api, input), input.patchOperations, METHOD_RULES)
        findResource(api, input.resourceId).methods[method.httpMethod!] = method
        return method
      }),

    DeleteMethod: (input: DeleteMethodRequest, call: Call): void =>
      edit(input, call, (api) => {
        methodOf(api, input)
        delete findResource(api, input.resourceId).methods[input.httpMethod!]
      }),

    GetMethodResponse: (input: GetMethodResponseRequest, call: Call): MethodResponse =>
      entryOf(methodOf(readApi(plane, call, input.restApiId), input).methodResponses, input.statusCode),

    PutMethodResponse: (input: PutMethodResponseRequest, call: Call): MethodResponse =>
      edit(input, call, (api) => {
        const method = methodOf(api, input)
        const response = makeMethodResponse(input, api.models)
        if (method.methodResponses?.[response.statusCode]) {
          throw conflict('Response already exists for this resource')
        }
        method.methodResponses = { ...method.methodResponses, [response.statusCode]: response }
        return response
      }),

    UpdateMethodResponse: (input: UpdateMethodResponseRequest, call: Call): MethodResponse =>
      edit(input, call, (api) => {
        const method = methodOf(api, input)
        const current = entryOf(method.methodResponses, input.statusCode)
        const patched = applyPatch(current, input.patchOperations, RESPONSE_RULES)
        const response = makeMethodResponse(patched, api.models)
        method.methodResponses = { ...method.methodResponses, [response.statusCode]: response }
        return response
      }),

    DeleteMethodResponse: (input: DeleteMethodResponseRequest, call: Call): void =>
      edit(input, call, (api) => {
        const method = methodOf(api, input)
        method.methodResponses = withoutEntry(method.methodResponses, input.statusCode)
      }),
  }
}

/** The response of that status code. Throws NotFoundException. */
export function entryOf<T>(map: Record<string, T> | undefined, statusCode: string | undefined): T {
  const entry = ownEntry(map, statusCode)
  if (!entry) throw noSuchResponse()
  return entry
}

/** The map without that entry; undefined when nothing is left. Throws when it is not there. */
export function withoutEntry<T>(map: Record<string, T> | undefined, statusCode: string | undefined) {
  entryOf(map, statusCode)
  const left = Object.entries(map ?? {}).filter(([key]) => key !== statusCode)
  return left.length ? Object.fromEntries(left) : undefined
}
