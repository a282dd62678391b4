// The IAM actions and resources of API Gateway's calls: actions are HTTP methods, resources the paths of the API. Tags,
// and the certificates of domains, are asked for besides. Policies are evaluated by IAM.
import type { Call, LocalService, Want } from '../ports.js'
import { hasTags, keysOrTags, wantOf } from '../wire/want.js'

const METHODS: readonly [RegExp, string][] = [
  [/^Get/, 'GET'],
  [/^(Create|Import)/, 'POST'],
  [/^(Put|Tag)/, 'PUT'],
  [/^Update/, 'PATCH'],
  [/^(Delete|Untag)/, 'DELETE'],
]

type Member = string | undefined

/** Where an operation's resource is, from the members of its input. */
function pathOf(operation: string, input: Record<string, unknown>): string {
  const {
    restApiId,
    resourceId,
    parentId,
    httpMethod,
    stageName,
    deploymentId,
    domainName,
    basePath,
    resourceArn,
  } = input as Record<string, Member>
  if (resourceArn) return tagPath(resourceArn)
  if (/Account$/.test(operation)) return '/account'
  if (/BasePathMappings?$/.test(operation)) {
    const one = operation.startsWith('Create') || basePath === undefined ? '' : `/${basePath || '(none)'}`
    return `/domainnames/${domainName}/basepathmappings${one}`
  }
  if (/DomainNames?$/.test(operation)) {
    return operation.startsWith('Create') || !domainName ? '/domainnames' : `/domainnames/${domainName}`
  }
  if (!restApiId) return '/restapis'
  const api = `/restapis/${restApiId}`
  if (/Stages?$/.test(operation)) return below(`${api}/stages`, operation, stageName)
  if (/Deployments?$/.test(operation)) return below(`${api}/deployments`, operation, deploymentId)
  if (/Export$/.test(operation)) return `${api}/stages/${stageName}/exports/*`
  if (!resourceId && !parentId && !/Resources$/.test(operation)) return api
  const resource = below(
    `${api}/resources`,
    operation === 'CreateResource' ? '' : operation,
    resourceId ?? parentId,
  )
  return httpMethod ? `${resource}/methods/${httpMethod}${partOf(operation)}` : resource
}

const below = (path: string, operation: string, id: Member) =>
  operation.startsWith('Create') || !id ? path : `${path}/${id}`

function partOf(operation: string): string {
  if (/IntegrationResponse$/.test(operation)) return '/integration/responses/*'
  if (/Integration$/.test(operation)) return '/integration'
  return /MethodResponse$/.test(operation) ? '/responses/*' : ''
}

/** AWS: service authorization reference "Amazon API Gateway Management": `apigateway:POST` and its like, on paths. */
export const permissionsOf: NonNullable<LocalService['authorize']> = (operation, input, { region }: Call) => {
  const on = (action: string, path: string, context?: Want['context']) =>
    wantOf(`apigateway:${action}`, `arn:aws:apigateway:${region}::${path}`, context)
  const path = pathOf(operation, input)
  const method = METHODS.find(([pattern]) => pattern.test(operation))?.[1] ?? 'GET'
  const context = keysOrTags(input.tagKeys, input.tags)
  // AWS: a change of tags is a change of what is tagged, too (iam-dataset#39, tried on AWS).
  const tagged = operation === 'TagResource' ? pathIn(input.resourceArn) : undefined
  // AWS: tags in a create are a PUT on the tags of any resource below the collection.
  const tags = operation.startsWith('Create') && hasTags(input.tags)
  return [
    on(method, path, context),
    ...(tagged ? [on('PATCH', tagged, context)] : []),
    ...(tags ? [on('PUT', tagPath(`arn:aws:apigateway:${region}::${path}/*`), context)] : []),
    ...certificateActions(operation, input).map((action) => on(action, path)),
    ...(setsPolicy(operation, input) ? [on('UpdateRestApiPolicy', path)] : []),
  ]
}

const tagPath = (arn: string) => `/tags/${encodeURIComponent(arn)}`
const pathIn = (arn: unknown) => /^arn:aws:apigateway:[^:]*::(\/.+)$/.exec(String(arn))?.[1]

/**
 * AWS: these go with CreateDomainName, UpdateDomainName and DeleteDomainName. The reference speaks of certificates for
 * mutual TLS; whether a domain without it needs them is unconfirmed, so they are asked for wherever a certificate
 * comes or goes.
 */
function certificateActions(
  operation: string,
  { patchOperations: patches }: Record<string, unknown>,
): string[] {
  const comes = 'AddCertificateToDomain'
  const goes = 'RemoveCertificateFromDomain'
  if (operation === 'CreateDomainName') return [comes]
  if (operation === 'DeleteDomainName') return [goes]
  if (operation !== 'UpdateDomainName' || !Array.isArray(patches)) return []
  const changes = patches.some((patch) => /certificate|mutualTls/i.test(String(patch?.path)))
  return changes ? [comes, goes] : []
}

/** AWS: a resource policy of an API is an action of its own, also where it comes in with the API or its document. */
function setsPolicy(
  operation: string,
  { policy, patchOperations: patches, body }: Record<string, unknown>,
): boolean {
  if (operation === 'CreateRestApi') return Boolean(policy)
  if (operation === 'UpdateRestApi')
    return Array.isArray(patches) && patches.some((patch) => patch?.path === '/policy')
  if (operation !== 'PutRestApi' && operation !== 'ImportRestApi') return false
  return body instanceof Uint8Array && Buffer.from(body).includes('x-amazon-apigateway-policy')
}
