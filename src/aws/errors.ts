// What AWS's errors mean, by name: the only file that knows them. Steps ask `orAbsent` and `isExists`, the engine asks
// `kindOf`. Texts are compared only where AWS gives nothing else to tell two cases apart.

export type ErrorKind =
  | 'absent'
  | 'exists'
  | 'busy'
  | 'throttled'
  | 'unavailable'
  | 'lost-answer'
  | 'denied'
  | 'credentials'
  | 'unsupported'
  | 'other'

/** The call that an error came from; `clients.ts` notes it, as the SDK's errors do not say. */
export interface FailedCall {
  readonly service: string
  readonly operation: string
  readonly region: string
  readonly code: string
  readonly message: string
  readonly status?: number
  readonly requestId?: string
}

const calls = new WeakMap<object, FailedCall>()

export function noteCall(error: unknown, service: string, operation: string, region: string): void {
  if (!(error instanceof Error) || calls.has(error)) return
  const { $metadata: meta } = error as { $metadata?: { httpStatusCode?: number; requestId?: string } }
  calls.set(error, {
    service,
    operation,
    region,
    code: error.name === 'Error' ? ((error as { code?: string }).code ?? 'Error') : error.name,
    message: error.message || ((error as { code?: string }).code ?? ''),
    status: meta?.httpStatusCode,
    requestId: meta?.requestId,
  })
}

/** Undefined for an error that did not come from a call. */
export const callOf = (error: unknown): FailedCall | undefined =>
  error instanceof Error ? calls.get(error) : undefined

/** What came of it, in words: AWS's answer, or that there was none. */
export const outcomeOf = (
  { service, operation, region, code, message, status }: FailedCall,
  kind: ErrorKind,
) =>
  `${service}:${operation} in ${region} ${
    kind === 'lost-answer' || (kind === 'unavailable' && !status) ? 'did not answer' : `answered ${code}`
  }: ${message}`

/**
 * A call that is not idempotent failed in a way that leaves open whether it happened. Look before asking again.
 * What hid the answer is no `cause`: the SDK's retry looks through causes, and would send the call once more.
 */
export class LostAnswerError extends Error {
  constructor(readonly hidden: Error) {
    super(hidden.message || hidden.name)
    this.name = 'LostAnswerError'
  }
}

const ABSENT = new Set([
  'ResourceNotFoundException',
  'NotFoundException',
  'NoSuchEntity',
  'NoSuchEntityException',
  'NoSuchHealthCheck',
  'NoSuchHostedZone',
  'NoSuchTrafficPolicy',
  'NoSuchTrafficPolicyInstance',
  'TableNotFoundException',
])
const EXISTS = new Set([
  'EntityAlreadyExists',
  'EntityAlreadyExistsException',
  'ResourceAlreadyExistsException',
  'TrafficPolicyAlreadyExists',
  'TrafficPolicyInstanceAlreadyExists',
  'HealthCheckAlreadyExists',
])
const BUSY = new Set([
  'ResourceInUseException',
  'ResourceConflictException',
  'ConflictException',
  'ConcurrentModification',
  'ConcurrentModificationException',
  'OperationAbortedException',
  'PriorRequestNotComplete',
  'ContinuousBackupsUnavailableException',
  'TrafficPolicyInUse',
  'DeleteConflict',
  'DeleteConflictException',
  'RequestInProgressException',
])
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'ProvisionedThroughputExceededException',
  'EC2ThrottledException',
  'SlowDown',
])
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'NotAuthorized'])
/** The words by which AWS refuses for lack of permission where its code does not say so: DynamoDB's, of replicas. */
const LACKS = /User is missing the following permissions: '([\w:]+)'/
const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
])
const UNSUPPORTED = new Set(['NotImplemented', 'UnknownOperationException', 'InvalidAction', 'UnknownError'])
const NETWORK =
  /^(ECONN|ENOTFOUND|EAI_|EPIPE|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError|NetworkingError)/

/** What to make of an error that a call threw. */
export function kindOf(error: unknown): ErrorKind {
  if (!(error instanceof Error)) return 'other'
  if (error instanceof LostAnswerError) return 'lost-answer'
  const { name, message } = error
  // AWS: of a record that is to be deleted; its values are compared first, in other words.
  if (ABSENT.has(name) || /^\[?Tried to delete .* but it was not found/.test(message)) return 'absent'
  if (EXISTS.has(name)) return 'exists'
  if (THROTTLED.has(name)) return 'throttled'
  if (BUSY.has(name)) return 'busy'
  // AWS: what API Gateway says of a domain name that is taken, by another account too. Said to a second try, it is ours.
  if (name === 'BadRequestException' && /you provided already exists/.test(message) && !isRefusal(error))
    return 'exists'
  // AWS: LimitExceededException is a hard quota, but for the short lock that a tag write holds on its table.
  if (name === 'LimitExceededException' && /being updated|simultaneous|Rate exceeded/i.test(message))
    return 'busy'
  // AWS: `...is marked disabled for mutation` while a zone's accelerated recovery switches.
  if (/marked disabled for mutation/.test(message)) return 'busy'
  if (DENIED.has(name) || LACKS.test(message)) return 'denied'
  if (CREDENTIALS.has(name)) return 'credentials'
  if (isUnavailable(error)) return 'unavailable'
  return UNSUPPORTED.has(name) || statusOf(error) === 501 ? 'unsupported' : 'other'
}

/** What a refusal says was not allowed: the action, and its resource where it has one. Undefined where it does not say. */
export function lackedPermission({
  message,
}: Pick<FailedCall, 'message'>): { readonly action: string; readonly resource?: string } | undefined {
  // AWS: IAM's own words; those of actions without a resource name none, or `*`.
  const [, action, resource] =
    /not authorized to perform: ([\w:]+)(?: on resource: (\S+))?/.exec(message) ?? []
  if (action) return { action, ...(resource && resource !== '*' && { resource }) }
  const [, lacked] = LACKS.exec(message) ?? /additional permission "([\w:]+)" is required/.exec(message) ?? []
  if (lacked) return { action: lacked }
  // AWS: API Gateway's words for its first custom domain.
  if (/permissions to create a Service Linked Role/.test(message))
    return { action: 'iam:CreateServiceLinkedRole' }
  return undefined
}

/** What to do about a refusal, as a sentence. */
export function permissionHint({ service, operation, message }: FailedCall): string {
  const lacked = lackedPermission({ message })
  const what = lacked?.action ?? `${service}:${operation}`
  const where = lacked?.resource ? ` on ${lacked.resource}` : ''
  return `Allow the operator ${what}${where}; multiregion policy prints the whole policy.`
}

/** A 5xx, or no answer at all. */
export function isUnavailable(error: Error): boolean {
  const status = statusOf(error)
  if (status !== undefined && status >= 500 && status !== 501) return true
  const code = (error as { code?: string }).code
  return NETWORK.test(error.name) || (typeof code === 'string' && NETWORK.test(code))
}

/** True if AWS answered no to the only attempt, so that nothing was done. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { httpStatusCode = 0, attempts = 1 } =
    (error as { $metadata?: { httpStatusCode?: number; attempts?: number } }).$metadata ?? {}
  return httpStatusCode >= 400 && httpStatusCode < 500 && attempts === 1
}

const statusOf = (error: Error) =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode

export const isAbsent = (error: unknown) => kindOf(error) === 'absent'
export const isExists = (error: unknown) => kindOf(error) === 'exists'

/** The answer, or undefined where AWS says that there is no such thing. */
export async function orAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** Makes an `already exists` harmless, where the next look decides whose it is. */
export async function orExists<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isExists(error)) return undefined
    throw error
  }
}
