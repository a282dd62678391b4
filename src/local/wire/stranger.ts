// Answers to calls that reach no service: without a signature, or signed for a service that the local cloud lacks.
// No SDK schema is at hand here, so these few bodies are written out.
import type { HttpAnswer, HttpRequest } from './codec.js'

const MISSING = 'Request is missing Authentication Token'
// AWS: the wording of REST-JSON services.
const MISSING_REST = 'Missing Authentication Token'

/** A call with no signature. AWS: each protocol has its own form; the request shows which one the caller speaks. */
export function answerUnsigned(request: HttpRequest, requestId: string): HttpAnswer {
  const code = 'MissingAuthenticationToken'
  if (request.headers['x-amz-target']) {
    const body = JSON.stringify({ __type: `${code}Exception`, message: MISSING })
    return { status: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body }
  }
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded') || request.query.has('Action')) {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${MISSING}</Message></Error>`
    const body = `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`
    return { status: 403, headers: { 'content-type': 'text/xml' }, body }
  }
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': `${code}Exception` }
  return { status: 403, headers, body: JSON.stringify({ message: MISSING_REST }) }
}

/** A call for a service that is not here. */
export function answerUnserved(service: string, served: readonly string[]): HttpAnswer {
  const message =
    `The local cloud does not serve '${service}'. It serves ${served.join(', ')}. ` +
    `Unset AWS_ENDPOINT_URL, or set AWS_ENDPOINT_URL_<SERVICE>, to reach AWS for other services.`
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'NotImplemented' }
  return { status: 501, headers, body: JSON.stringify({ __type: 'NotImplemented', message }) }
}
