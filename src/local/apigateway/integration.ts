// Integrations: what may stand behind a method here (a Lambda function by proxy, or a mock), checked for PutIntegration
// and for documents alike. The operations are in `method-integration.ts`, the mock's answer in `mock-integration.ts`.
import type { IntegrationResponse, IntegrationType, PutIntegrationRequest } from '@aws-sdk/client-api-gateway'
import { AwsError } from '../wire/errors.js'
import type { ApiIntegration, ApiMethod } from './record.js'
import { badRequest, noSuchResponse, unsupported } from './refusal.js'

/** PutIntegration's input, in its names; a document's `httpMethod` is `integrationHttpMethod`. */
export type IntegrationInput = Omit<
  PutIntegrationRequest,
  'restApiId' | 'resourceId' | 'httpMethod' | 'type'
> & { type: string | undefined }

const TYPES: readonly string[] = [
  'HTTP',
  'MOCK',
  'AWS_PROXY',
  'HTTP_PROXY',
  'AWS',
] satisfies IntegrationType[]
const VERBS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'ANY']
const PASSTHROUGH = ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER']
const LEAST_TIMEOUT_MS = 50
// AWS: docs "Quotas": the integration timeout, unless a Regional API's quota was raised.
export const LARGEST_TIMEOUT_MS = 29_000

/** The integration that API Gateway makes of it, defaults filled in. Throws AWS's error for what it refuses. */
export function makeIntegration(input: IntegrationInput, resourceId: string): ApiIntegration {
  const type = input.type
  if (!type || !TYPES.includes(type)) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${type}' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [${TYPES.join(', ')}]`,
    )
  }
  if (type !== 'AWS_PROXY' && type !== 'MOCK') throw unsupported(`integrations of type ${type}`)
  refuseUnsupported(input)
  if (type === 'AWS_PROXY') checkLambdaProxy(input)
  else checkMockTemplates(input.requestTemplates)
  const passthroughBehavior = input.passthroughBehavior?.toUpperCase() ?? 'WHEN_NO_MATCH'
  if (!PASSTHROUGH.includes(passthroughBehavior)) {
    throw badRequest(`Invalid passthroughBehavior specified. Valid options are ${PASSTHROUGH.join(',')}`)
  }
  return {
    type,
    ...(input.integrationHttpMethod && { httpMethod: input.integrationHttpMethod }),
    ...(input.uri && { uri: input.uri }),
    ...(filled(input.requestTemplates) && { requestTemplates: input.requestTemplates }),
    passthroughBehavior,
    timeoutInMillis: checkTimeout(input.timeoutInMillis ?? LARGEST_TIMEOUT_MS),
    cacheNamespace: input.cacheNamespace ?? resourceId,
    cacheKeyParameters: [],
  }
}

const filled = (map: object | undefined) => map !== undefined && Object.keys(map).length > 0

function refuseUnsupported(input: IntegrationInput): void {
  if (input.credentials) throw unsupported('credentials of an integration: allow API Gateway in the function')
  if (input.connectionId || (input.connectionType ?? 'INTERNET') !== 'INTERNET')
    throw unsupported('VPC links')
  if (input.contentHandling) throw unsupported('contentHandling of an integration')
  if (filled(input.requestParameters)) throw unsupported('requestParameters of an integration')
  if (input.cacheKeyParameters?.length) throw unsupported('cache key parameters')
  if (input.tlsConfig) throw unsupported('the tlsConfig of an integration')
  if ((input.responseTransferMode ?? 'BUFFERED') !== 'BUFFERED') throw unsupported('response streaming')
  if (input.integrationTarget) throw unsupported('an integration target')
}

function checkTimeout(timeoutMs: number): number {
  if (Number.isInteger(timeoutMs) && timeoutMs >= LEAST_TIMEOUT_MS && timeoutMs <= LARGEST_TIMEOUT_MS)
    return timeoutMs
  throw badRequest(`Timeout should be between ${LEAST_TIMEOUT_MS} ms and ${LARGEST_TIMEOUT_MS} ms`)
}

function checkLambdaProxy({ integrationHttpMethod, uri }: IntegrationInput): void {
  // AWS: any verb is taken here; one that is not POST makes every request fail with a 500.
  if (!integrationHttpMethod) throw badRequest('Enumeration value for HttpMethod must be non-empty')
  if (!VERBS.includes(integrationHttpMethod)) {
    throw badRequest(
      'Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY',
    )
  }
  if (!uri?.startsWith('arn:')) throw badRequest('Invalid ARN specified in the request')
  if (!/^arn:[^:]+:apigateway:[^:]+:[^:]+:(path|action)\//.test(uri)) {
    throw badRequest('AWS ARN for integration must contain path or action')
  }
  if (!functionArnOf(uri)) {
    throw badRequest(
      "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    )
  }
}

const LAMBDA_URI =
  /^arn:aws[\w-]*:apigateway:[\w-]+:lambda:path\/\/?2015-03-31\/functions\/(arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[^/\s]+)\/invocations$/

/** The function that a Lambda proxy integration's URI names, perhaps with `${stageVariables.x}` in it. */
export const functionArnOf = (uri: string) => LAMBDA_URI.exec(uri)?.[1]

/** A mapping template that says anything but itself: the model evaluates no Velocity. */
const isVelocity = (template: string) => /[$#]/.test(template)

function checkMockTemplates(templates: Record<string, string> | undefined): void {
  for (const [contentType, template] of Object.entries(templates ?? {})) {
    if (isVelocity(template)) throw unsupported(`Velocity in the request template for ${contentType}`)
  }
}

/** An integration's response, checked against its method as AWS does. Throws AWS's error for what it refuses. */
export function makeIntegrationResponse(
  response: IntegrationResponse,
  method: ApiMethod,
): IntegrationResponse & { statusCode: string } {
  checkIntegrationResponse(response, method)
  const { statusCode, selectionPattern, responseParameters, responseTemplates } = response
  return {
    statusCode: statusCode!,
    ...(selectionPattern !== undefined && { selectionPattern }),
    ...(responseParameters && { responseParameters }),
    ...(responseTemplates && { responseTemplates }),
  }
}

function checkIntegrationResponse(response: IntegrationResponse, method: ApiMethod): void {
  const declared = method.methodResponses?.[response.statusCode ?? '']
  if (!declared) throw noSuchResponse()
  if (response.contentHandling) throw unsupported('contentHandling of an integration response')
  for (const [name, value] of Object.entries(response.responseParameters ?? {})) {
    if (!value) throw badRequest('Invalid null or empty value in responseParameters')
    if (!/^method\.response\.header\.[\w-]+$/.test(name) || !(name in (declared.responseParameters ?? {}))) {
      throw badMapping(`Invalid mapping expression parameter specified: ${name}`)
    }
    if (staticText(value) === undefined) throw unsupported(`the mapping expression ${value}: give a 'text'`)
  }
  for (const [contentType, template] of Object.entries(response.responseTemplates ?? {})) {
    if (typeof template !== 'string') throw badRequest('Invalid null or empty value in responseTemplates')
    if (isVelocity(template)) throw unsupported(`Velocity in the response template for ${contentType}`)
  }
  if (response.selectionPattern) checkPattern(response.selectionPattern)
}

const badMapping = (what: string) =>
  badRequest(`Invalid mapping expression specified: Validation Result: warnings : [], errors : [${what}]`)

function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern)
  } catch {
    throw badRequest(`Invalid selection pattern specified: ${pattern}`)
  }
}

/** The text of a static mapping expression, which stands in single quotes; undefined for any other expression. */
export function staticText(expression: string): string | undefined {
  return /^'.*'$/s.test(expression) ? expression.slice(1, -1) : undefined
}
