// The errors that AWS's front end itself answers, before any service sees the call: each has its own code, status
// and wording in each protocol. Errors of the services are thrown by them; `fault-codec.ts` puts both on the wire.
import type { Protocol } from './codec.js'
import { AwsError } from './errors.js'

/** Which service answers, and in which protocol: the two things that decide how a fault looks. */
export interface Speaker {
  readonly service: string
  readonly protocol: Protocol
}

export const isXml = (protocol: Protocol) => protocol === 'awsQuery' || protocol === 'restXml'
const isJsonRpc = (protocol: Protocol) => protocol.startsWith('awsJson')

/** Codes of XML protocols have no suffix; JSON ones are refused with 400, REST ones with 403. */
function refused(
  { protocol }: Speaker,
  xmlCode: string,
  jsonCode: string,
  message: string,
  xmlStatus = 403,
): AwsError {
  if (isXml(protocol)) return new AwsError(xmlCode, message, xmlStatus)
  return new AwsError(jsonCode, message, isJsonRpc(protocol) ? 400 : 403)
}

export function missingToken(speaker: Speaker): AwsError {
  // AWS: API Gateway and Lambda use the second wording.
  const message =
    speaker.protocol === 'restJson1'
      ? 'Missing Authentication Token'
      : 'Request is missing Authentication Token'
  return refused(speaker, 'MissingAuthenticationToken', 'MissingAuthenticationTokenException', message)
}

export function incompleteSignature(speaker: Speaker, message: string): AwsError {
  return refused(speaker, 'IncompleteSignature', 'IncompleteSignatureException', message, 400)
}

/** The access key is unknown, or the session token is not its own. */
export function invalidToken(speaker: Speaker): AwsError {
  const message = 'The security token included in the request is invalid.'
  return refused(speaker, 'InvalidClientTokenId', 'UnrecognizedClientException', message)
}

export function expiredToken(speaker: Speaker): AwsError {
  const message = 'The security token included in the request is expired'
  return refused(speaker, 'ExpiredToken', 'ExpiredTokenException', message)
}

/** The signature or its scope is wrong; the default wording is that of a wrong secret key. */
export function wrongSignature(speaker: Speaker, message = SIGNATURE_DIFFERS): AwsError {
  return refused(speaker, 'SignatureDoesNotMatch', 'InvalidSignatureException', message)
}
const SIGNATURE_DIFFERS =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access ' +
  'Key and signing method. Consult the service documentation for details.'

export interface Denied {
  /** The caller's ARN. */
  readonly principal: string
  readonly action: string
  readonly resource: string
  /** A policy denies it; else no policy allows it. */
  readonly explicit: boolean
  /** Instead of the words below. */
  readonly message?: string
}

export function accessDenied(speaker: Speaker, denied: Denied): AwsError {
  const { principal, action, resource, explicit } = denied
  const why = explicit
    ? 'with an explicit deny in an identity-based policy'
    : `because no identity-based policy allows the ${action} action`
  const words = `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${why}`
  return refused(speaker, 'AccessDenied', 'AccessDeniedException', denied.message ?? words)
}

/** No such operation in this service, in AWS's own API. */
export function unknownOperation(speaker: Speaker, operation: string, version: string): AwsError {
  const { protocol } = speaker
  if (protocol === 'awsQuery') {
    const message = operation
      ? `Could not find operation ${operation} for version ${version}`
      : 'Missing Action'
    return new AwsError(operation ? 'InvalidAction' : 'MissingAction', message, 400)
  }
  // AWS: API Gateway takes a path that it does not know for a call without a token.
  if (speaker.service === 'apigateway') return missingToken(speaker)
  const message = operation ? `Unknown operation ${operation}` : 'Unknown operation'
  return new AwsError('UnknownOperationException', message, isJsonRpc(protocol) ? 400 : 404)
}

/** A real operation of AWS that the local cloud lacks. */
export function notImplemented({ service }: Speaker, operation: string): AwsError {
  const message =
    `The local cloud does not implement ${service}:${operation}. It is an operation of AWS: this is a limit of the ` +
    'local cloud, the call is not at fault.'
  return new AwsError('NotImplemented', message, 501)
}

/** The body is not what the protocol says. */
export function notReadable(speaker: Speaker, reason: string): AwsError {
  if (isXml(speaker.protocol)) return new AwsError('MalformedInput', reason, 400)
  if (speaker.service === 'apigateway') return new AwsError('BadRequestException', reason, 400)
  if (speaker.service === 'lambda') {
    return new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${reason}`,
      400,
    )
  }
  return new AwsError('SerializationException', reason, 400)
}

/** AWS: the limits differ by service; one for all here. */
export function tooLarge(limitBytes: number, operation: string): AwsError {
  const message = `Request must be smaller than ${limitBytes} bytes for the ${operation} operation`
  return new AwsError('RequestEntityTooLargeException', message, 413)
}

// AWS: where a service's model has no error for it, the names that all services share.
const FAILED: Readonly<Record<string, readonly [code: string, message: string]>> = {
  dynamodb: ['InternalServerError', 'Internal server error'],
  lambda: ['ServiceException', 'An error occurred and the request cannot be processed.'],
  iam: ['ServiceFailure', 'The request processing has failed because of an unknown error.'],
}
const NAMES_UNAVAILABLE_EXCEPTION = new Set(['apigateway', 'lambda', 'logs'])

/** The service itself has failed: with 500 for a reason of its own, with 503 for now. */
export function failed({ service }: Speaker, status: 500 | 503): AwsError {
  if (status === 503) {
    const code = NAMES_UNAVAILABLE_EXCEPTION.has(service)
      ? 'ServiceUnavailableException'
      : 'ServiceUnavailable'
    return new AwsError(code, 'Service is unavailable. Please try again.', 503)
  }
  const [code, message] = FAILED[service] ?? ['InternalFailure', UNKNOWN_FAILURE]
  return new AwsError(code, message, 500)
}
const UNKNOWN_FAILURE = 'The request processing has failed because of an unknown error, exception or failure.'
