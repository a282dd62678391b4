// Node's HTTP messages to the wire's requests and back. It knows no protocol of AWS.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpAnswer, HttpRequest } from './codec.js'

// AWS: Lambda's limit of a call that brings code, 50 MB of it as base64 and the rest of the call; the largest here.
export const LIMIT_BYTES = 70_167_211

/** AWS: operations whose calls are limited further, by `service:Operation`. */
export const OPERATION_LIMIT_BYTES: Readonly<Record<string, number>> = {
  'lambda:UpdateFunctionConfiguration': 5120,
}

/** The request with its whole body. A longer body is read to its end, dropped, and told by `complete: false`. */
export async function readRequest(
  incoming: IncomingMessage,
  limitBytes: number,
): Promise<{ request: HttpRequest; complete: boolean }> {
  const url = incoming.url ?? '/'
  const mark = url.indexOf('?')
  const { body, complete } = await readBody(incoming, limitBytes)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value
  }
  const request = {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers,
    body,
  }
  return { request, complete }
}

async function readBody(incoming: IncomingMessage, limitBytes: number) {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= limitBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  const complete = length <= limitBytes
  return { body: complete ? Buffer.concat(chunks, length) : new Uint8Array(), complete }
}

/** Sends an answer. `last`: the connection is closed after it. */
export function send(response: ServerResponse, answer: HttpAnswer, requestId: string, last: boolean): void {
  const body = answer.body ?? ''
  response.writeHead(answer.status, {
    ...answer.headers,
    'x-amzn-requestid': requestId,
    ...(answer.status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...(last ? { connection: 'close' } : {}),
  })
  response.end(body)
}
