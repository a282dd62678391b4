// Puts what an OpenAPI document says into an API, as ImportRestApi and PutRestApi do: overwriting drops what the
// document lacks, merging keeps it. Reading the document is `openapi.ts`'s.
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import { makeIntegration, makeIntegrationResponse } from './integration.js'
import { makeMethod, makeMethodResponse } from './method.js'
import type { ApiDocument } from './openapi.js'
import type { DocumentedMethod } from './openapi-operation.js'
import type { RestApiRecord } from './record.js'
import { badRequest } from './refusal.js'
import { makePolicy } from './resource-policy.js'
import { growPath } from './resource-tree.js'

export type PutMode = 'overwrite' | 'merge'

/** Changes the API in place. Throws one BadRequestException with all that is wrong. */
export function importDocument(world: World, api: RestApiRecord, document: ApiDocument, mode: PutMode): void {
  takeSettings(world, api, document, mode)
  api.models = mode === 'merge' ? { ...api.models, ...document.models } : document.models
  api.warnings = [...document.warnings]
  if (mode === 'overwrite') keepPathsOf(api, document)
  const errors: string[] = []
  const attempt = attempts(errors)
  for (const path of document.paths.filter((each) => each.startsWith('/'))) {
    attempt(`Unable to create resource at path '${path}'`, () => growPath(world, api, path))
  }
  if (!errors.length) for (const method of document.methods) importMethod(world, api, method, attempt)
  if (errors.length) throw badRequest(`Errors found during import:\n\t${errors.join('\n\t')}`)
}

/**
 * AWS: an overwrite resets what the document does not say; the endpoint type, tags and TLS policy survive. A merge
 * takes the name and adds media types.
 */
function takeSettings(world: World, api: RestApiRecord, document: ApiDocument, mode: PutMode): void {
  const { title, description, version, binaryMediaTypes, policy, disableExecuteApiEndpoint } = document
  api.name = title
  if (mode === 'overwrite') {
    delete api.description
    delete api.version
    delete api.policy
    api.binaryMediaTypes = []
    api.disableExecuteApiEndpoint = false
  }
  if (description !== undefined) api.description = description
  if (version !== undefined) api.version = version
  if (disableExecuteApiEndpoint !== undefined) api.disableExecuteApiEndpoint = disableExecuteApiEndpoint
  api.binaryMediaTypes = [...new Set([...api.binaryMediaTypes, ...(binaryMediaTypes ?? [])])]
  if (policy === undefined) return
  api.policy = makePolicy(policy, { region: api.region, account: world.account, restApiId: api.id })
}

/** Empties the API but for the resources on the document's paths, so that these keep their ids. */
function keepPathsOf(api: RestApiRecord, document: ApiDocument): void {
  const kept = new Set(['/'])
  for (const path of document.paths) {
    const parts = path.split('/').filter(Boolean)
    parts.forEach((_, index) => {
      kept.add(`/${parts.slice(0, index + 1).join('/')}`)
    })
  }
  api.resources = api.resources.filter(({ path }) => kept.has(path))
  for (const resource of api.resources) resource.methods = {}
}

type Attempt = <T>(what: string, act: () => T) => T | undefined

/** Does things whose refusal is one line of the import's error. */
function attempts(errors: string[]): Attempt {
  return (what, act) => {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === 'LimitExceededException') throw error
      errors.push(`${what}: ${error.message}`)
      return undefined
    }
  }
}

function importMethod(world: World, api: RestApiRecord, described: DocumentedMethod, attempt: Attempt): void {
  const { path, httpMethod, responses, integration, integrationResponses } = described
  const resource = growPath(world, api, path)
  const method = attempt(`Unable to put method '${httpMethod}' on resource at path '${path}'`, () =>
    makeMethod({ ...described, authorizationType: 'NONE' }, api.models),
  )
  if (!method) return
  resource.methods[httpMethod] = method
  const where = (what: string) => `Unable to put ${what} on '${httpMethod}' for resource at path '${path}'`
  for (const response of responses) {
    attempt(where('method response'), () => {
      const made = makeMethodResponse(response, api.models)
      method.methodResponses = { ...method.methodResponses, [made.statusCode]: made }
    })
  }
  if (!integration) return
  const behind = attempt(where('integration'), () => makeIntegration(integration, resource.id))
  if (!behind) return
  method.methodIntegration = behind
  for (const response of integrationResponses) {
    attempt(where('integration response'), () => {
      const made = makeIntegrationResponse(response, method)
      behind.integrationResponses = { ...behind.integrationResponses, [made.statusCode]: made }
    })
  }
}
