// Mock integrations: answers made of the request's template and the integration's responses, with nothing behind them.
// Templates are plain text here; which ones are allowed says `integration.ts`.
import type { IntegrationResponse } from '@aws-sdk/client-api-gateway'
import type { GatewayAnswer, GatewayResponseKind } from './gateway-response.js'
import { staticText } from './integration.js'
import type { ApiIntegration } from './record.js'

export interface MockRequest {
  readonly contentType: string | undefined
  readonly accept: string | undefined
  readonly body: string
}

/** The answer, or the gateway's own where the mock cannot be made to answer. */
export function answerMock(
  integration: ApiIntegration,
  request: MockRequest,
): GatewayAnswer | GatewayResponseKind {
  const template = requestTemplate(integration, request)
  if (template === undefined) return 'unsupportedMediaType'
  const statusCode = statusCodeOf(template)
  const response = statusCode && selectResponse(integration, statusCode)
  if (!response) return 'configurationError'
  const { contentType, body } = responseTemplate(response, request)
  return {
    status: Number(response.statusCode),
    headers: { 'Content-Type': contentType, ...headersOf(response) },
    body: Buffer.from(body),
  }
}

/**
 * The template for the request's content type, or its body where it passes through; undefined where that is refused.
 * AWS: a request without a content type counts as JSON.
 */
function requestTemplate(integration: ApiIntegration, request: MockRequest): string | undefined {
  const { requestTemplates = {}, passthroughBehavior } = integration
  const contentType = request.contentType?.split(';')[0]?.trim() || 'application/json'
  if (Object.hasOwn(requestTemplates, contentType)) return requestTemplates[contentType]
  const isRefused =
    passthroughBehavior === 'NEVER' ||
    (passthroughBehavior === 'WHEN_NO_TEMPLATES' && Object.keys(requestTemplates).length > 0)
  return isRefused ? undefined : request.body
}

/** AWS: the template's `statusCode`, which may be written without quotes around its name. */
function statusCodeOf(template: string): string | undefined {
  return /^\s*\{(?:.*[,{\s])?["']?statusCode["']?\s*:\s*(\d{3})\b/s.exec(template)?.[1]
}

/** The first response whose pattern matches, else the one without a pattern. */
function selectResponse(integration: ApiIntegration, statusCode: string): IntegrationResponse | undefined {
  const responses = Object.values(integration.integrationResponses ?? {})
  const matching = responses.find(
    ({ selectionPattern }) => selectionPattern && new RegExp(`^(?:${selectionPattern})$`).test(statusCode),
  )
  return matching ?? responses.find(({ selectionPattern }) => !selectionPattern)
}

function headersOf({ responseParameters = {} }: IntegrationResponse): Record<string, string> {
  return Object.fromEntries(
    Object.entries(responseParameters).map(([name, value]) => [
      name.replace('method.response.header.', ''),
      staticText(value) ?? '',
    ]),
  )
}

/** AWS: the template of the accepted type, else that for JSON; without any the answer is empty. */
function responseTemplate({ responseTemplates = {} }: IntegrationResponse, { accept }: MockRequest) {
  const wanted = accept?.split(',')[0]?.split(';')[0]?.trim() ?? ''
  const contentType = Object.hasOwn(responseTemplates, wanted) ? wanted : 'application/json'
  return { contentType, body: responseTemplates[contentType] ?? '' }
}
