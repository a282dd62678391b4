// How the edge and the data plane meet: a request as it came through TLS, and what is asked of API Gateway for it.
// `data-plane.ts` answers, `region-server.ts` asks.
import type { GatewayAnswer } from './gateway-response.js'

/** A request as it came through TLS. */
export interface GatewayRequest {
  readonly method: string
  /** Path and query as the client wrote them. */
  readonly target: string
  /** Names and values in turn, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[]
  /** The Host header, lower case, without a port. */
  readonly host: string
  /** Undefined when it was longer than API Gateway takes (10 MB). */
  readonly body: Buffer | undefined
  readonly sourceIp: string
  /** Real epoch milliseconds. */
  readonly receivedAt: number
}

/** A request whose body is there. */
export type ReadRequest = GatewayRequest & { readonly body: Buffer }

/** What the edge needs of API Gateway. */
export interface Gateway {
  /** What a handshake for that server name gets in a region; undefined: it is refused. */
  tlsOf(region: string, serverName: string): 'execute-api' | { readonly certificateArn: string } | undefined
  /** Never rejects for what a client sent; with NoAnswer where a fault wants none. */
  answer(region: string, request: GatewayRequest): Promise<GatewayAnswer>
  /** The region of an AWS host name of an API or of a domain's target, while there is one. */
  regionOf(host: string): string | undefined
}

/** The first header of that name (lower case) in Node's raw list. */
export function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  const at = rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name)
  return at < 0 ? undefined : rawHeaders[at + 1]
}
