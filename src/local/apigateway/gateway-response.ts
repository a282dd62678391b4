// What the data plane answers by itself, where no integration does: errors in API Gateway's own words and headers.
// The control plane's errors are in `refusal.ts`.

/** An answer to a caller of an API. */
export interface GatewayAnswer {
  readonly status: number
  /** Names as they are sent; a list is sent as one line each. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Buffer
}

/** The ids that each answer carries. */
export interface AnswerIds {
  readonly requestId: string
  /** AWS: base64-like, in `x-amz-apigw-id`. */
  readonly extendedRequestId: string
  /** AWS: sent with the answers of Lambda integrations only. */
  readonly traceId?: string
}

// AWS: integrations fail with a blank after the colon, the gateway itself without.
const RESPONSES = {
  forbidden: [403, 'ForbiddenException', '{"message":"Forbidden"}'],
  missingAuthenticationToken: [
    403,
    'MissingAuthenticationTokenException',
    '{"message":"Missing Authentication Token"}',
  ],
  requestTooLarge: [413, 'RequestTooLargeException', '{"message":"Request Too Long"}'],
  unsupportedMediaType: [415, 'BadRequestException', '{"message":"Unsupported Media Type"}'],
  throttled: [429, 'TooManyRequestsException', '{"message":"Too Many Requests"}'],
  configurationError: [500, 'InternalServerErrorException', '{"message": "Internal server error"}'],
  integrationFailure: [502, 'InternalServerErrorException', '{"message": "Internal server error"}'],
  unavailable: [503, 'ServiceUnavailableException', '{"message":"Service Unavailable"}'],
  integrationTimeout: [504, 'InternalServerErrorException', '{"message": "Endpoint request timed out"}'],
} as const satisfies Record<string, readonly [number, string, string]>

export type GatewayResponseKind = keyof typeof RESPONSES

export function gatewayResponse(kind: GatewayResponseKind, ids: AnswerIds): GatewayAnswer {
  const [status, errorType, body] = RESPONSES[kind]
  return errorAnswer(status, errorType, body, ids)
}

/** AWS: a resource policy's refusal has a capital `Message`. */
export const accessDeniedResponse = (message: string, ids: AnswerIds): GatewayAnswer =>
  errorAnswer(403, 'AccessDeniedException', JSON.stringify({ Message: message }), ids)

function errorAnswer(status: number, errorType: string, body: string, ids: AnswerIds): GatewayAnswer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...idHeaders(ids), 'x-amzn-ErrorType': errorType },
    body: Buffer.from(body),
  }
}

export const idHeaders = ({ requestId, extendedRequestId, traceId }: AnswerIds): Record<string, string> => ({
  'x-amzn-RequestId': requestId,
  'x-amz-apigw-id': extendedRequestId,
  ...(traceId && { 'X-Amzn-Trace-Id': traceId }),
})
