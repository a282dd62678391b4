// The operations on what stands behind a method, as somebody edits an API by hand. What is allowed there says
// `integration.ts`; the methods themselves are in `method.ts`.
import type {
  DeleteIntegrationRequest,
  DeleteIntegrationResponseRequest,
  GetIntegrationRequest,
  GetIntegrationResponseRequest,
  Integration,
  IntegrationResponse,
  PutIntegrationRequest,
  PutIntegrationResponseRequest,
  UpdateIntegrationRequest,
  UpdateIntegrationResponseRequest,
} from '@aws-sdk/client-api-gateway'
import type { Call, Operation } from '../ports.js'
import { makeIntegration, makeIntegrationResponse } from './integration.js'
import { entryOf, type MethodAddress, methodOf, withoutEntry } from './method.js'
import { applyPatch, notHere, type PatchRule, patchEntry, patchText } from './patch.js'
import { type ApiIntegration, type ControlPlane, ownEntry, type RestApiRecord } from './record.js'
import { noSuchIntegration } from './refusal.js'
import { editApi, readApi } from './resource.js'
import { findResource } from './resource-tree.js'

function integrationOf(api: RestApiRecord, { resourceId, httpMethod }: MethodAddress): ApiIntegration {
  const integration = ownEntry(findResource(api, resourceId).methods, httpMethod)?.methodIntegration
  if (!integration) throw noSuchIntegration()
  return integration
}

const INTEGRATION_RULES: readonly PatchRule<ApiIntegration>[] = [
  patchText('/uri', 'uri'),
  patchText('/httpMethod', 'httpMethod'),
  patchText('/passthroughBehavior', 'passthroughBehavior'),
  patchText('/cacheNamespace', 'cacheNamespace'),
  {
    path: '/timeoutInMillis',
    ops: ['replace'],
    apply(integration, { value }) {
      integration.timeoutInMillis = Number(value)
    },
  },
  patchEntry('/requestTemplates/*', (integration) => {
    integration.requestTemplates ??= {}
    return integration.requestTemplates
  }),
  ...notHere<ApiIntegration>(
    '/requestParameters/*',
    '/credentials',
    '/contentHandling',
    '/connectionId',
    '/connectionType',
    '/cacheKeyParameters/*',
    '/tlsConfig/insecureSkipVerification',
    '/responseTransferMode',
    '/integrationTarget',
  ),
]

const RESPONSE_RULES: readonly PatchRule<IntegrationResponse>[] = [
  patchText('/selectionPattern', 'selectionPattern'),
  patchEntry('/responseParameters/*', (response) => {
    response.responseParameters ??= {}
    return response.responseParameters
  }),
  patchEntry('/responseTemplates/*', (response) => {
    response.responseTemplates ??= {}
    return response.responseTemplates
  }),
  ...notHere<IntegrationResponse>('/contentHandling'),
]

function patchIntegration(current: ApiIntegration, input: UpdateIntegrationRequest): ApiIntegration {
  const changed = applyPatch(current, input.patchOperations, INTEGRATION_RULES)
  const { httpMethod, integrationResponses, ...rest } = changed
  const made = makeIntegration({ ...rest, integrationHttpMethod: httpMethod }, input.resourceId ?? '')
  return { ...made, ...(integrationResponses && { integrationResponses }) }
}

export function integrationOperations(plane: ControlPlane): Record<string, Operation> {
  const read = <T>(input: MethodAddress, call: Call, look: (api: RestApiRecord) => T) =>
    look(readApi(plane, call, input.restApiId))
  const edit = <T>(input: MethodAddress, call: Call, change: (api: RestApiRecord) => T) =>
    editApi(plane, call, input.restApiId, change)

  return {
    GetIntegration: (input: GetIntegrationRequest, call: Call): Integration =>
      read(input, call, (api) => integrationOf(api, input)),

    PutIntegration: (input: PutIntegrationRequest, call: Call): Integration =>
      edit(input, call, (api) => {
        const integration = makeIntegration(input, input.resourceId ?? '')
        methodOf(api, input).methodIntegration = integration
        return integration
      }),

    UpdateIntegration: (input: UpdateIntegrationRequest, call: Call): Integration =>
      edit(input, call, (api) => {
        const changed = patchIntegration(integrationOf(api, input), input)
        methodOf(api, input).methodIntegration = changed
        return changed
      }),

    DeleteIntegration: (input: DeleteIntegrationRequest, call: Call): void =>
      edit(input, call, (api) => {
        integrationOf(api, input)
        delete methodOf(api, input).methodIntegration
      }),

    GetIntegrationResponse: (input: GetIntegrationResponseRequest, call: Call): IntegrationResponse =>
      read(input, call, (api) => entryOf(integrationOf(api, input).integrationResponses, input.statusCode)),

    PutIntegrationResponse: (input: PutIntegrationResponseRequest, call: Call): IntegrationResponse =>
      edit(input, call, (api) => {
        const integration = integrationOf(api, input)
        const response = makeIntegrationResponse(input, methodOf(api, input))
        integration.integrationResponses = {
          ...integration.integrationResponses,
          [response.statusCode]: response,
        }
        return response
      }),

    UpdateIntegrationResponse: (input: UpdateIntegrationResponseRequest, call: Call): IntegrationResponse =>
      edit(input, call, (api) => {
        const integration = integrationOf(api, input)
        const current = entryOf(integration.integrationResponses, input.statusCode)
        const patched = applyPatch(current, input.patchOperations, RESPONSE_RULES)
        const response = makeIntegrationResponse(patched, methodOf(api, input))
        integration.integrationResponses = {
          ...integration.integrationResponses,
          [response.statusCode]: response,
        }
        return response
      }),

    DeleteIntegrationResponse: (input: DeleteIntegrationResponseRequest, call: Call): void =>
      edit(input, call, (api) => {
        const integration = integrationOf(api, input)
        integration.integrationResponses = withoutEntry(integration.integrationResponses, input.statusCode)
      }),
  }
}
