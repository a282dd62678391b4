// The event that a Lambda proxy integration sends to its function: REST APIs' format 1.0. What comes back is
// `proxy-response.ts`'s.
import { headerOf, type ReadRequest } from './gateway.js'
import type { AnswerIds } from './gateway-response.js'
import { isBinary } from './proxy-response.js'
import type { Match } from './router.js'

/** What the event says besides the request itself. */
export interface EventContext extends AnswerIds {
  readonly match: Match
  readonly account: string
  readonly restApiId: string
  readonly deploymentId: string
  readonly stage: string
  readonly variables: Record<string, string>
  readonly binaryMediaTypes: readonly string[]
  /** The Host without its port. */
  readonly domainName: string
  /** AWS: without the stage on execute-api hosts, with the base path on custom domains. */
  readonly path: string
  /** AWS: as the client asked for it. */
  readonly requestPath: string
}

// AWS: what of a request never reaches a function.
const DROPPED = new Set(
  [
    'connection',
    'content-length',
    'content-md5',
    'expect',
    'keep-alive',
    'max-forwards',
    'proxy-authenticate',
  ].concat(['server', 'te', 'transfer-encoding', 'trailer', 'upgrade', 'www-authenticate']),
)
// AWS: written so whatever the client wrote; other names stay as they came.
const SPELLED: Readonly<Record<string, string>> = {
  authorization: 'Authorization',
  host: 'Host',
  'user-agent': 'User-Agent',
  'x-amzn-trace-id': 'X-Amzn-Trace-Id',
  'x-forwarded-for': 'X-Forwarded-For',
  'x-forwarded-port': 'X-Forwarded-Port',
  'x-forwarded-proto': 'X-Forwarded-Proto',
}

type Lists = Record<string, string[]>

/** The event as JSON. */
export function proxyEvent(request: ReadRequest, context: EventContext): string {
  const { match } = context
  const headers = headerLists(request, context)
  const query = queryLists(request.target)
  return JSON.stringify({
    resource: match.resource.path,
    path: context.path,
    httpMethod: request.method,
    headers: lastOf(headers),
    multiValueHeaders: headers,
    queryStringParameters: lastOf(query),
    multiValueQueryStringParameters: query,
    pathParameters: match.pathParameters,
    stageVariables: Object.keys(context.variables).length ? context.variables : null,
    requestContext: requestContext(request, context, headers),
    ...eventBody(request, context),
  })
}

function requestContext(request: ReadRequest, context: EventContext, headers: Lists | null): object {
  const { match, domainName } = context
  return {
    resourceId: match.resource.id,
    resourcePath: match.resource.path,
    httpMethod: request.method,
    extendedRequestId: context.extendedRequestId,
    requestTime: commonLogTime(request.receivedAt),
    path: context.requestPath,
    accountId: context.account,
    protocol: 'HTTP/1.1',
    stage: context.stage,
    domainPrefix: domainName.split('.')[0],
    requestTimeEpoch: request.receivedAt,
    requestId: context.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: request.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: headers?.['User-Agent']?.at(-1) ?? null,
      user: null,
    },
    domainName,
    deploymentId: context.deploymentId,
    apiId: context.restApiId,
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `09/Apr/2026:12:34:56 +0000` */
export function commonLogTime(instant: number): string {
  const date = new Date(instant)
  const [day, time] = [date.toISOString().slice(8, 10), date.toISOString().slice(11, 19)]
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`
}

function headerLists(request: ReadRequest, { traceId }: EventContext): Lists | null {
  const lists = new Map<string, { name: string; values: string[] }>()
  const add = (name: string, value: string) => {
    const key = name.toLowerCase()
    const entry = lists.get(key) ?? { name: SPELLED[key] ?? name, values: [] }
    entry.values.push(value)
    lists.set(key, entry)
  }
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!
    if (!DROPPED.has(name.toLowerCase())) add(name, request.rawHeaders[index + 1]!)
  }
  const forwarded = [...(lists.get('x-forwarded-for')?.values ?? []), request.sourceIp].join(', ')
  for (const name of ['x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto', 'x-amzn-trace-id']) {
    lists.delete(name)
  }
  add('X-Amzn-Trace-Id', traceId ?? '')
  add('X-Forwarded-For', forwarded)
  add('X-Forwarded-Port', '443')
  add('X-Forwarded-Proto', 'https')
  const sorted = [...lists.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  return orNull(Object.fromEntries(sorted.map(({ name, values }) => [name, values])))
}

/** AWS: the query is decoded, `+` as a blank. */
function queryLists(target: string): Lists | null {
  const lists = new Map<string, string[]>()
  const at = target.indexOf('?')
  for (const [name, value] of new URLSearchParams(at < 0 ? '' : target.slice(at + 1))) {
    lists.set(name, [...(lists.get(name) ?? []), value])
  }
  return orNull(Object.fromEntries(lists))
}

const orNull = (lists: Lists) => (Object.keys(lists).length ? lists : null)

/** AWS: of several values the last one counts. */
const lastOf = (lists: Lists | null) =>
  lists && Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1)]))

function eventBody({ body, rawHeaders }: ReadRequest, { binaryMediaTypes }: EventContext) {
  if (!body.length) return { body: null, isBase64Encoded: false }
  const isBase64Encoded = isBinary(binaryMediaTypes, headerOf(rawHeaders, 'content-type'))
  return { body: body.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded }
}
