// Lambda proxy integrations: the event goes to the function, its output comes back as the answer, within the timeout.
// The event is `proxy-event.ts`'s, the output's contract `proxy-response.ts`'s; functions are Lambda's.
import { randomBytes } from 'node:crypto'
import type { Invocation, LambdaPort } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import { type GatewayRequest, headerOf, type ReadRequest } from './gateway.js'
import {
  type AnswerIds,
  type GatewayAnswer,
  type GatewayResponseKind,
  gatewayResponse,
  idHeaders,
} from './gateway-response.js'
import { functionArnOf, LARGEST_TIMEOUT_MS } from './integration.js'
import { proxyEvent } from './proxy-event.js'
import { readProxyResponse } from './proxy-response.js'
import type { ApiIntegration } from './record.js'
import type { Route } from './serving.js'

export interface ProxiedRequest extends Route {
  readonly request: ReadRequest
  readonly ids: AnswerIds
}

/** Never rejects: what goes wrong is an answer. */
export async function invokeProxy(
  { world, lambda }: { world: World; lambda: LambdaPort },
  integration: ApiIntegration,
  proxied: ProxiedRequest,
): Promise<GatewayAnswer> {
  const { request, serving } = proxied
  const ids = { ...proxied.ids, traceId: traceIdOf(request) }
  const functionArn = functionOf(integration, serving.variables)
  // AWS: Lambda is invoked by POST; with any other verb API Gateway cannot sign the call.
  if (!functionArn || integration.httpMethod !== 'POST') return gatewayResponse('configurationError', ids)
  const sourceArn = sourceArnOf(world, proxied)
  const payload = proxyEvent(request, eventContext(world, proxied, ids))
  const invoked = await invokeInTime(
    async () => lambda.invokeForApi({ functionArn, sourceArn, payload }),
    integration.timeoutInMillis ?? LARGEST_TIMEOUT_MS,
    world,
  )
  if (typeof invoked === 'string') return gatewayResponse(invoked, proxied.ids)
  const { binaryMediaTypes } = serving.snapshot
  const accept = headerOf(request.rawHeaders, 'accept')
  const output = invoked.error ? undefined : readProxyResponse(invoked.payload, { binaryMediaTypes, accept })
  return output ? withOwnHeaders(output, ids) : gatewayResponse('integrationFailure', proxied.ids)
}

/** The function's ARN, stage variables put in. */
function functionOf({ uri = '' }: ApiIntegration, variables: Record<string, string>): string | undefined {
  return functionArnOf(uri)?.replace(
    /\$\{stageVariables\.(\w+)\}/g,
    (_, name: string) => variables[name] ?? '',
  )
}

/** AWS: names the resource's path with its variables, as in `.../GET/item/{itemId}`. */
function sourceArnOf({ account }: World, { region, destination, match, request }: ProxiedRequest): string {
  const api = `arn:aws:execute-api:${region}:${account}:${destination.restApiId}`
  return `${api}/${destination.stage}/${request.method}${match.resource.path}`
}

function eventContext(
  { account }: World,
  { destination, serving, match, request }: ProxiedRequest,
  ids: AnswerIds,
) {
  return {
    ...ids,
    match,
    account,
    restApiId: destination.restApiId,
    deploymentId: serving.deploymentId,
    stage: destination.stage,
    variables: serving.variables,
    binaryMediaTypes: serving.snapshot.binaryMediaTypes,
    domainName: request.host,
    path: destination.eventPath,
    requestPath: destination.requestPath,
  }
}

/** AWS: the caller's trace goes on, else one begins. */
function traceIdOf({ rawHeaders, receivedAt }: GatewayRequest): string {
  const root = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(headerOf(rawHeaders, 'x-amzn-trace-id') ?? '')?.[1]
  const begun = `1-${Math.floor(receivedAt / 1000).toString(16)}-${randomBytes(12).toString('hex')}`
  return `Root=${root ?? begun}`
}

/** The invocation, or why there is none. The timeout is real time, as functions run in real time. */
async function invokeInTime(
  invoke: () => Promise<Invocation>,
  timeoutMs: number,
  world: World,
): Promise<Invocation | GatewayResponseKind> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'integrationTimeout'>((resolve) => {
    timer = setTimeout(() => resolve('integrationTimeout'), timeoutMs)
  })
  try {
    return await Promise.race([invoke().catch((error: unknown) => failureOf(error, world)), late])
  } finally {
    clearTimeout(timer)
  }
}

function failureOf(error: unknown, world: World): GatewayResponseKind {
  // AWS: Lambda takes 6 MB of event, the API 10 MB of body.
  if (error instanceof AwsError && error.code === 'RequestEntityTooLargeException') return 'requestTooLarge'
  // AWS: a missing permission, a function that is gone or throttled and the like are told to the log only.
  world.log(`apigateway: the integration failed: ${error instanceof Error ? error.message : String(error)}`)
  return 'configurationError'
}

function withOwnHeaders(answer: GatewayAnswer, ids: AnswerIds): GatewayAnswer {
  const typed = Object.keys(answer.headers).some((name) => name.toLowerCase() === 'content-type')
  // AWS: a function's answer without a content type is sent as JSON.
  const headers = typed ? answer.headers : { 'Content-Type': 'application/json', ...answer.headers }
  return { ...answer, headers: { ...withoutIds(headers), ...idHeaders(ids) } }
}

const OWN = ['x-amzn-requestid', 'x-amz-apigw-id', 'x-amzn-trace-id']

const withoutIds = (headers: GatewayAnswer['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.includes(name.toLowerCase())))
