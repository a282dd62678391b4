// What AWS's errors mean: the names, the statuses and the few texts that `kindOf` knows, one line each.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  callOf,
  type ErrorKind,
  isRefusal,
  isUnavailable,
  kindOf,
  LostAnswerError,
  lackedPermission,
  noteCall,
  orAbsent,
  orExists,
  outcomeOf,
  permissionHint,
} from '../../src/aws/errors.js'

/** An error as the SDK throws it. */
const sdkError = (name: string, message = '', status = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, requestId: 'req-1' } })
/** The same, of the SDK's second try. */
function secondTry<E extends ReturnType<typeof sdkError>>(error: E): E {
  return Object.assign(error, { $metadata: { ...error.$metadata, attempts: 2 } })
}
/** An error of node's sockets. */
const networkError = (code: string) => Object.assign(new Error(''), { code })

const LIMITS = "Failed to describe limits in region: 'US_EAST_1'. User is missing the following permissions:"

const TABLE: readonly [error: unknown, kind: ErrorKind][] = [
  [sdkError('ResourceNotFoundException'), 'absent'],
  [sdkError('NotFoundException', '', 404), 'absent'],
  [sdkError('NoSuchEntityException', '', 404), 'absent'],
  [sdkError('NoSuchHealthCheck', '', 404), 'absent'],
  [sdkError('NoSuchTrafficPolicyInstance', '', 404), 'absent'],
  [sdkError('TableNotFoundException'), 'absent'],
  [
    sdkError(
      'InvalidChangeBatch',
      "[Tried to delete resource record set [name='a.b.', type='CNAME'] but it was not found]",
    ),
    'absent',
  ],
  [
    sdkError(
      'InvalidChangeBatch',
      "[Tried to delete resource record set [name='a.b.', type='CNAME'] but the values provided do not match the current values]",
    ),
    'other',
  ],
  [sdkError('EntityAlreadyExistsException', '', 409), 'exists'],
  [sdkError('ResourceAlreadyExistsException'), 'exists'],
  [sdkError('TrafficPolicyInstanceAlreadyExists', '', 409), 'exists'],
  [secondTry(sdkError('BadRequestException', 'The domain name you provided already exists.')), 'exists'],
  [sdkError('BadRequestException', 'The domain name you provided already exists.'), 'other'],
  [sdkError('ResourceInUseException'), 'busy'],
  [sdkError('ResourceConflictException', '', 409), 'busy'],
  [sdkError('ConflictException', '', 409), 'busy'],
  [sdkError('PriorRequestNotComplete'), 'busy'],
  [sdkError('TrafficPolicyInUse'), 'busy'],
  [sdkError('DeleteConflictException', '', 409), 'busy'],
  [sdkError('ContinuousBackupsUnavailableException'), 'busy'],
  [sdkError('LimitExceededException', 'Table tags are being updated'), 'busy'],
  [sdkError('InvalidChangeBatch', 'zone Z1 is marked disabled for mutation'), 'busy'],
  [sdkError('ValidationException', `${LIMITS} 'dynamodb:DescribeLimits'.`), 'denied'],
  [sdkError('LimitExceededException', 'Cannot exceed quota for RolesPerAccount: 1000'), 'other'],
  [sdkError('Throttling', 'Rate exceeded'), 'throttled'],
  [sdkError('ThrottlingException'), 'throttled'],
  [sdkError('TooManyRequestsException', '', 429), 'throttled'],
  [sdkError('AccessDeniedException', '', 403), 'denied'],
  [sdkError('AccessDenied', '', 403), 'denied'],
  [sdkError('ExpiredTokenException', '', 403), 'credentials'],
  [sdkError('InvalidClientTokenId', '', 403), 'credentials'],
  [sdkError('UnrecognizedClientException', '', 400), 'credentials'],
  [Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 'credentials'],
  [sdkError('UnknownOperationException'), 'unsupported'],
  [sdkError('InternalFailure', 'not implemented', 501), 'unsupported'],
  [sdkError('ServiceUnavailableException', '', 503), 'unavailable'],
  [sdkError('InternalServerError', '', 500), 'unavailable'],
  [sdkError('UnknownError', '<html>', 502), 'unavailable'],
  [Object.assign(new Error('late'), { name: 'TimeoutError' }), 'unavailable'],
  [networkError('ECONNREFUSED'), 'unavailable'],
  [networkError('ECONNRESET'), 'unavailable'],
  [networkError('ENOTFOUND'), 'unavailable'],
  [networkError('EAI_AGAIN'), 'unavailable'],
  [new LostAnswerError(networkError('ECONNRESET')), 'lost-answer'],
  [sdkError('ValidationException', 'wrong'), 'other'],
  [new TypeError('a bug'), 'other'],
  ['a string', 'other'],
  [undefined, 'other'],
]

describe('kindOf', () => {
  for (const [error, kind] of TABLE) {
    const { name, code, message } = (error ?? {}) as { name?: string; code?: string; message?: string }
    test(`${code ?? name ?? String(error)} ${message ?? ''} -> ${kind}`, () =>
      assert.equal(kindOf(error), kind))
  }
})

test('isUnavailable: a 5xx but not 501, or no answer at all', () => {
  assert.equal(isUnavailable(sdkError('X', '', 500)), true)
  assert.equal(isUnavailable(sdkError('X', '', 501)), false)
  assert.equal(isUnavailable(sdkError('X', '', 429)), false)
  assert.equal(isUnavailable(networkError('EPIPE')), true)
})

test('isRefusal: a no of AWS to the only attempt; what may have been done before it is none', () => {
  const after = (attempts: number, status = 400) =>
    Object.assign(new Error('no'), { $metadata: { httpStatusCode: status, attempts } })
  assert.equal(isRefusal(after(1)), true)
  assert.equal(isRefusal(after(2)), false)
  assert.equal(isRefusal(after(1, 500)), false)
  assert.equal(isRefusal(networkError('ECONNRESET')), false)
  assert.equal(isRefusal(new LostAnswerError(networkError('ECONNRESET'))), false)
  assert.equal(isRefusal('no'), false)
})

test('the call of an error is noted once: the innermost knows best', () => {
  const error = sdkError('ValidationException', 'wrong')
  assert.equal(callOf(error), undefined)
  noteCall(error, 'lambda', 'GetFunction', 'eu-west-1')
  noteCall(error, 'iam', 'GetRole', 'us-east-1')
  assert.deepEqual(callOf(error), {
    ...{ service: 'lambda', operation: 'GetFunction', region: 'eu-west-1' },
    ...{ code: 'ValidationException', message: 'wrong', status: 400, requestId: 'req-1' },
  })
})

test('an error of the network without words is told by its code', () => {
  const error = networkError('ECONNREFUSED')
  noteCall(error, 'sts', 'GetCallerIdentity', 'eu-west-1')
  assert.equal(callOf(error)?.code, 'ECONNREFUSED')
  assert.equal(callOf(error)?.message, 'ECONNREFUSED')
})

test('orAbsent and orExists forgive one kind each and no other', async () => {
  assert.equal(await orAbsent(Promise.reject(sdkError('NotFoundException'))), undefined)
  assert.equal(await orExists(Promise.reject(sdkError('EntityAlreadyExistsException'))), undefined)
  assert.equal(await orAbsent(Promise.resolve(7)), 7)
  await assert.rejects(orAbsent(Promise.reject(sdkError('AccessDenied'))), { name: 'AccessDenied' })
  await assert.rejects(orExists(Promise.reject(sdkError('NotFoundException'))), { name: 'NotFoundException' })
})

const ROLE = 'arn:aws:iam::123456789012:role/multiregion-dev-health-eu-west-1'
const NOT = 'User: arn:aws:iam::123456789012:user/me is not authorized to perform:'

// As AWS words its refusals.
const REFUSALS: readonly [message: string, lacked: ReturnType<typeof lackedPermission>][] = [
  [
    `${NOT} iam:PassRole on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`,
    { action: 'iam:PassRole', resource: ROLE },
  ],
  [
    `${NOT} lambda:GetAccountSettings on resource: * because no identity-based policy allows the lambda:GetAccountSettings action`,
    { action: 'lambda:GetAccountSettings' },
  ],
  [
    `${NOT} route53:ListHealthChecks because no identity-based policy allows the route53:ListHealthChecks action`,
    { action: 'route53:ListHealthChecks' },
  ],
  [`${LIMITS} 'dynamodb:DescribeLimits'.`, { action: 'dynamodb:DescribeLimits' }],
  [
    'User with accountId: 123456789012 is not authorized to perform CreateLogGroup with Tags. An additional permission "logs:TagResource" is required.',
    { action: 'logs:TagResource' },
  ],
  [
    'Caller does not have permissions to create a Service Linked Role.',
    { action: 'iam:CreateServiceLinkedRole' },
  ],
  ['Access is denied', undefined],
]

describe('what a refusal says was lacking', () => {
  for (const [message, lacked] of REFUSALS)
    test(message.slice(0, 90), () => assert.deepEqual(lackedPermission({ message }), lacked))

  test('the hint names action and resource, or at least the call', () => {
    const call = { service: 'lambda', operation: 'CreateFunction', region: 'eu-west-1', code: 'AccessDenied' }
    assert.equal(
      permissionHint({ ...call, message: REFUSALS[0]![0] }),
      `Allow the operator iam:PassRole on ${ROLE}; multiregion policy prints the whole policy.`,
    )
    assert.equal(
      permissionHint({ ...call, message: 'Access is denied' }),
      'Allow the operator lambda:CreateFunction; multiregion policy prints the whole policy.',
    )
  })
})

test('a call without an answer is not said to be answered', () => {
  const said = (error: Error, status?: number) =>
    outcomeOf({ ...call, code: error.name, message: error.message, status }, kindOf(error))
  const call = { service: 'dynamodb', operation: 'DescribeTable', region: 'eu-west-1' }
  const reset = Object.assign(new Error('read ECONNRESET'), { name: 'TimeoutError' })
  assert.equal(said(reset), 'dynamodb:DescribeTable in eu-west-1 did not answer: read ECONNRESET')
  assert.equal(said(new LostAnswerError(reset)), said(reset))
  const busy = Object.assign(new Error('down'), { name: 'Unavailable', $metadata: { httpStatusCode: 503 } })
  assert.equal(said(busy, 503), 'dynamodb:DescribeTable in eu-west-1 answered Unavailable: down')
})
