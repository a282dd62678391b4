// Which error codes an answer may have: those that the operation's model names, those that all services share, and the
// few that AWS is known to answer though no model names them.
import { readFileSync } from 'node:fs'

type Codes = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
const MODELLED = JSON.parse(
  readFileSync(new URL('./operation-errors.json', import.meta.url), 'utf8'),
) as Codes

// AWS: "Common errors" of each service's API reference, and what the front ends answer in each protocol.
const COMMON = new Set([
  ...['AccessDenied', 'AccessDeniedException', 'ExpiredToken', 'ExpiredTokenException'],
  ...[
    'IncompleteSignature',
    'IncompleteSignatureException',
    'InternalFailure',
    'InvalidAction',
    'MissingAction',
  ],
  ...['InvalidClientTokenId', 'InvalidSignatureException', 'SignatureDoesNotMatch', 'MalformedInput'],
  ...['MissingAuthenticationToken', 'MissingAuthenticationTokenException', 'UnrecognizedClientException'],
  ...[
    'NotImplemented',
    'SerializationException',
    'UnknownOperationException',
    'RequestEntityTooLargeException',
  ],
  ...['Throttling', 'ThrottlingException', 'ValidationError', 'ValidationException'],
])

/** By service: codes of its own front end, and what operations answer that their models leave out. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  // The policy's lock answers RemovePermission as AddPermission, which alone names it. Unconfirmed.
  lambda: ['InvalidRequestContentException', 'ResourceConflictException'],
  route53: ['InvalidInput'],
  logs: ['InvalidParameterException'],
  apigateway: ['BadRequestException'],
  // terraform-provider-aws repeats AttachRolePolicy and its like for it.
  iam: ['ConcurrentModification'],
}

/** Whether that code may be answered. `operation` undefined: any of the service's. */
export function isNamed(service: string, operation: string | undefined, code: string): boolean {
  if (COMMON.has(code) || OWN[service]?.includes(code)) return true
  // An operation that botocore does not know yet may answer any of the service's codes.
  const own = operation === undefined ? undefined : MODELLED[service]?.[operation]
  if (own) return own.includes(code)
  return Object.values(MODELLED).some((operations) =>
    Object.values(operations).some((codes) => codes.includes?.(code)),
  )
}
