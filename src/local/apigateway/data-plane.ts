// The data plane of one cloud: a request to an API's host or a custom domain, from its Host to its answer.
// TLS and sockets are `region-server.ts`'s; what the APIs are is the control plane's.
import { randomBytes, randomUUID } from 'node:crypto'
import type { CallFaults, LambdaPort } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import { domainOfHost } from './certificate.js'
import { destinationOf, executeApiLabel } from './destination.js'
import { type Gateway, type GatewayRequest, headerOf, type ReadRequest } from './gateway.js'
import {
  type AnswerIds,
  accessDeniedResponse,
  type GatewayAnswer,
  gatewayResponse,
  idHeaders,
} from './gateway-response.js'
import { invokeProxy } from './lambda-proxy.js'
import { answerMock } from './mock-integration.js'
import { apiKey, type Kept } from './record.js'
import { checkPolicy } from './resource-policy.js'
import { type Route, stagesServed } from './serving.js'
import { settingOf } from './stage-setting.js'
import { createThrottle } from './throttle.js'
import { inEffect } from './transition.js'

export interface DataPlaneOptions {
  readonly world: World
  readonly kept: Kept
  readonly lambda: LambdaPort
  readonly faults?: CallFaults
}

export function createDataPlane({ world, kept, lambda, faults }: DataPlaneOptions): Gateway {
  const servedBy = stagesServed(world, kept)
  const throttle = createThrottle()

  async function answer(region: string, request: GatewayRequest): Promise<GatewayAnswer> {
    const ids = newIds()
    if (!faults) return serve(region, request, ids)
    const call = { plane: 'data', region, service: 'execute-api', operation: 'Invoke' } as const
    return faults.pass(
      call,
      () => serve(region, request, ids),
      (fault) => gatewayResponse(FAULTS[fault], ids),
    )
  }

  async function serve(region: string, request: GatewayRequest, ids: AnswerIds): Promise<GatewayAnswer> {
    const destination = destinationOf(world, kept, region, request)
    if (destination === 'health-check') return healthCheck(ids)
    const serving = destination && servedBy(region, destination)
    if (!serving) return gatewayResponse('forbidden', ids)
    if (destination.isExecuteApi && serving.executeApiEndpointDisabled) {
      return gatewayResponse('forbidden', ids)
    }
    const match = serving.router(request.method, destination.path)
    if (!match) return gatewayResponse('missingAuthenticationToken', ids)
    const { body } = request
    if (!body) return gatewayResponse('requestTooLarge', ids)
    const route = { region, destination, serving, match }
    return refusal(route, request, ids) ?? integrate(route, { ...request, body }, ids)
  }

  /** The answer of the resource policy or the throttle, where they let the request not through. */
  function refusal(route: Route, request: GatewayRequest, ids: AnswerIds): GatewayAnswer | undefined {
    const { region, destination, serving, match } = route
    const { restApiId, stage, path } = destination
    try {
      const api = `arn:aws:execute-api:${region}:${world.account}:${restApiId}`
      if (serving.snapshot.policy)
        checkPolicy(serving.snapshot.policy, `${api}/${stage}/${request.method}${path}`)
    } catch (error) {
      if (error instanceof AwsError) return accessDeniedResponse(error.message, ids)
      throw error
    }
    const name = match.method.httpMethod ?? ''
    const bucket = `${region}/${restApiId}/${stage}/${match.resource.id}/${name}`
    const isAllowed = throttle(bucket, settingOf(serving.methodSettings, match.resource.path, name))
    return isAllowed ? undefined : gatewayResponse('throttled', ids)
  }

  async function integrate(route: Route, request: ReadRequest, ids: AnswerIds): Promise<GatewayAnswer> {
    const integration = route.match.method.methodIntegration
    if (!integration) return gatewayResponse('configurationError', ids)
    if (integration.type === 'AWS_PROXY') {
      return invokeProxy({ world, lambda }, integration, { ...route, request, ids })
    }
    const contentType = headerOf(request.rawHeaders, 'content-type')
    const accept = headerOf(request.rawHeaders, 'accept')
    const mocked = answerMock(integration, { contentType, accept, body: request.body.toString('utf8') })
    if (typeof mocked === 'string') return gatewayResponse(mocked, ids)
    return { ...mocked, headers: { ...mocked.headers, ...idHeaders(ids) } }
  }

  return {
    answer,

    tlsOf(region, serverName) {
      if (executeApiLabel(serverName, region) !== undefined) return 'execute-api'
      const domain = domainOfHost({ kept }, region, serverName)
      return domain && inEffect(world, domain.tls)
    },

    regionOf(host) {
      const [, region = ''] = /^[\w-]+\.execute-api\.([\w-]+)\.amazonaws\.com$/.exec(host) ?? []
      const isTarget = [...kept.domainNames.values()].some((each) => each.regionalDomainName === host)
      const isApi = kept.restApis.has(apiKey(region, executeApiLabel(host, region)))
      return isTarget || isApi ? region : undefined
    },
  }
}

const FAULTS = { throttle: 'throttled', 500: 'configurationError', 503: 'unavailable' } as const

const newIds = (): AnswerIds => ({
  requestId: randomUUID(),
  extendedRequestId: `${randomBytes(11).toString('base64url')}=`,
})

// AWS: `/ping` and `/sping` at the root of a custom domain are the service's own health check.
const healthCheck = (ids: AnswerIds): GatewayAnswer => ({
  status: 200,
  headers: { 'Content-Type': 'text/plain', ...idHeaders(ids) },
  body: Buffer.from('Healthy Connection'),
})
