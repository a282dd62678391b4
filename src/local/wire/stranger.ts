// Answers to calls that reach no service: without a signature or a whole one, or signed for a service that the local
// cloud lacks.
// No SDK schema is at hand here, so these few bodies are written out.
import type { HttpAnswer, HttpRequest } from './codec.js'

interface Refusal {
  readonly code: string
  readonly message: string
  /** AWS: the wording of REST-JSON services. */
  readonly restMessage: string
  /** Of Query and REST-XML. */
  readonly status: number
}

const MISSING: Refusal = {
  code: 'MissingAuthenticationToken',
  message: 'Request is missing Authentication Token',
  restMessage: 'Missing Authentication Token',
  status: 403,
}

/** A call with no signature. */
export const answerUnsigned = (request: HttpRequest, requestId: string) => refuse(request, requestId, MISSING)

/** A call with an Authorization header that does not say for which service. */
export const answerUnscoped = (request: HttpRequest, requestId: string, message: string) =>
  refuse(request, requestId, { code: 'IncompleteSignature', message, restMessage: message, status: 400 })

/** AWS: each protocol has its own form; the request shows which one the caller speaks. */
function refuse(request: HttpRequest, requestId: string, refusal: Refusal): HttpAnswer {
  const { code, message, restMessage, status } = refusal
  if (request.headers['x-amz-target']) {
    const body = JSON.stringify({ __type: `${code}Exception`, message })
    return { status: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body }
  }
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded') || request.query.has('Action')) {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`
    const body = `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`
    return { status, headers: { 'content-type': 'text/xml' }, body }
  }
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': `${code}Exception` }
  return { status: 403, headers, body: JSON.stringify({ message: restMessage }) }
}

/** A call for a service that is not here. */
export function answerUnserved(service: string, served: readonly string[]): HttpAnswer {
  const message =
    `The local cloud does not serve '${service}'. It serves ${served.join(', ')}. ` +
    `Unset AWS_ENDPOINT_URL, or set AWS_ENDPOINT_URL_<SERVICE>, to reach AWS for other services.`
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'NotImplemented' }
  return { status: 501, headers, body: JSON.stringify({ __type: 'NotImplemented', message }) }
}
