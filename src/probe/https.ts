// One HTTPS request with the region pinned: the connection goes to a region's own host, TLS and Host carry the public
// name. So it proves certificate, custom domain, mapping, API, permission and function of that region at once.
import https from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Network } from './network.js'

export interface PinnedRequest {
  /** The region's host, such as the custom domain's target. */
  readonly target: string
  /** The public name. */
  readonly domain: string
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** Real milliseconds. */
  readonly timeoutMs?: number
}

export interface PinnedAnswer {
  readonly status: number
  readonly body: string
  /** The parsed body, or undefined if it is no JSON. */
  readonly json: unknown
  /** When the served certificate ends, ISO 8601. */
  readonly certificateUntil?: string
}

/** Rejects where no HTTP answer comes: refused, reset, not trusted, late. */
export function pinned(network: Pick<Network, 'dial' | 'ca'>, request: PinnedRequest): Promise<PinnedAnswer> {
  const { host, port } = network.dial(request.target)
  const body = request.body === undefined ? undefined : JSON.stringify(request.body)
  return new Promise((resolve, reject) => {
    const outgoing = https.request(
      {
        host,
        port,
        servername: request.domain,
        method: request.method,
        path: request.path,
        agent: false,
        ...(network.ca ? { ca: network.ca } : {}),
        timeout: request.timeoutMs ?? 10_000,
        headers: {
          host: request.domain,
          connection: 'close',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      (response) => {
        const until = (response.socket as TLSSocket).getPeerCertificate?.().valid_to
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const certificateUntil = until ? new Date(until).toISOString() : undefined
          resolve({ status: response.statusCode ?? 0, body: text, json: parse(text), certificateUntil })
        })
      },
    )
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`no answer within ${request.timeoutMs ?? 10_000} ms`)),
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
