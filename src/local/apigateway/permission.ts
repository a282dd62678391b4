// The IAM action and resource of API Gateway's calls: actions are HTTP methods, resources the paths of the API.
// Policies are evaluated by IAM.
import type { Call, LocalService } from '../ports.js'

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
  if (resourceArn) return `/tags/${encodeURIComponent(resourceArn)}`
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
export const permissionsOf: NonNullable<LocalService['authorize']> = (
  operation: string,
  input: Record<string, unknown>,
  { region }: Call,
) => {
  const method = METHODS.find(([pattern]) => pattern.test(operation))?.[1] ?? 'GET'
  return [
    { action: `apigateway:${method}`, resource: `arn:aws:apigateway:${region}::${pathOf(operation, input)}` },
  ]
}
