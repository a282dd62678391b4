// One region's HTTPS: the handshake by server name, and each request handed to the data plane. Where it listens is
// `edge.ts`'s.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext } from 'node:tls'
import { withhold } from '../fault/withhold.js'
import type { CertificatesPort, EdgeFaults } from '../ports.js'
import { NoAnswer } from '../wire/errors.js'
import type { World } from '../world.js'
import { serverNameOf } from './client-hello.js'
import type { Gateway } from './gateway.js'
import { listenAgain } from './listen.js'

/** A certificate to present: the leaf first. */
export interface KeyedCertificate {
  readonly chainPem: string
  readonly keyPem: string
}

export interface RegionServerOptions {
  readonly world: World
  readonly region: string
  readonly gateway: Gateway
  readonly certificates: CertificatesPort
  /** For `*.execute-api.<region>.amazonaws.com`. */
  readonly ownCertificate: KeyedCertificate
  readonly faults?: EdgeFaults
}

export interface RegionServer {
  /** Takes that port, or where it is not free (or 0) another; resolves with the one taken. */
  listen(address: string, port: number): Promise<number>
  close(): Promise<void>
}

// AWS: the largest payload of a request.
const LARGEST_BODY_BYTES = 10 * 1024 * 1024
// A client that sends even more is cut off.
const LARGEST_READ_BYTES = 10 * LARGEST_BODY_BYTES
// AWS: docs "Quotas": request line and headers together. That the answer is 431 is unconfirmed.
const LARGEST_HEADER_BYTES = 10_240
const HELLO_TIMEOUT_MS = 10_000
// Long enough that clients rarely meet a connection that is just being closed.
const KEEP_ALIVE_MS = 60_000
// A fatal alert in TLS's plain record form: 112 unrecognized_name (RFC 6066).
const UNRECOGNIZED_NAME = Buffer.from([21, 3, 1, 0, 2, 2, 112])

export function createRegionServer(options: RegionServerOptions): RegionServer {
  const contextOf = secureContexts(options)
  const https = createHttpsServer(
    {
      // AWS: TLS_1_2 offers 1.2 and 1.3. TLS_1_0 is served so, too: OpenSSL decides the versions before the name.
      minVersion: 'TLSv1.2',
      maxHeaderSize: LARGEST_HEADER_BYTES,
      SNICallback: (name, done) => done(null, contextOf(name.toLowerCase())),
    },
    (incoming, response) => {
      handle(options, incoming, response).catch((error: unknown) => {
        const socket = socketOf(incoming)
        if (error instanceof NoAnswer && socket) withhold(error, socket)
        else fail(options, response, error)
      })
    },
  )
  https.keepAliveTimeout = KEEP_ALIVE_MS
  https.on('tlsClientError', (_, socket) => socket.destroy())
  https.on('clientError', refuseUnread)
  const sockets = new Set<Socket>()
  /** The TCP connection under a request's TLS: only that can be reset. */
  const socketOf = ({ socket: { remotePort } }: IncomingMessage) =>
    [...sockets].find((socket) => socket.remotePort === remotePort)
  const stopListening = options.faults?.onChange(() => {
    const out = options.faults?.outage(options.region)
    if (out?.how === 'refuse') for (const socket of sockets) socket.resetAndDestroy()
  })
  const door = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const out = options.faults?.outage(options.region, true)
    if (out) return withhold({ how: out.how === 'hang' ? 'hang' : 'reset', over: out.over }, socket)
    admit(socket, (name) => contextOf(name) !== undefined, https)
  })
  return {
    listen: (address, port) => listenAgain(door, address, port),
    close: () =>
      new Promise((resolve) => {
        stopListening?.()
        door.close(() => resolve())
        https.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Lets a connection in whose hello names a host that is served; refuses any other, as it is done before TLS. */
function admit(socket: Socket, isServed: (name: string) => boolean, https: { emit: Server['emit'] }): void {
  let seen: Buffer = Buffer.alloc(0)
  const read = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk])
    const found = serverNameOf(seen)
    if (found === 'more') return
    socket.off('data', read)
    if (found === 'none' || !isServed(found.name)) {
      socket.end(UNRECOGNIZED_NAME)
      return
    }
    socket.setTimeout(0)
    socket.pause()
    socket.unshift(seen)
    https.emit('connection', socket)
  }
  socket.setTimeout(HELLO_TIMEOUT_MS, () => socket.destroy())
  socket.on('data', read)
}

/** The certificate for a server name, made ready once; undefined where no handshake is to be had. */
function secureContexts({ region, gateway, certificates, ownCertificate }: RegionServerOptions) {
  const own = createSecureContext({ cert: ownCertificate.chainPem, key: ownCertificate.keyPem })
  const known = new Map<string, { chainPem: string; context: SecureContext }>()
  return (serverName: string): SecureContext | undefined => {
    const tls = gateway.tlsOf(region, serverName)
    if (tls === undefined || tls === 'execute-api') return tls && own
    const certificate = certificates.find(tls.certificateArn)
    if (!certificate?.chainPem) return undefined
    const { chainPem, keyPem } = certificate
    const before = known.get(tls.certificateArn)
    // A renewed certificate keeps its ARN.
    if (before?.chainPem === chainPem) return before.context
    const context = createSecureContext({ cert: chainPem, key: keyPem })
    known.set(tls.certificateArn, { chainPem, context })
    return context
  }
}

async function handle(
  { region, gateway, faults }: RegionServerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const receivedAt = Date.now()
  const body = await readBody(incoming)
  const answer = await gateway.answer(region, {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    rawHeaders: incoming.rawHeaders,
    host: (incoming.headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
    body,
    sourceIp: incoming.socket.remoteAddress ?? '',
    receivedAt,
  })
  const out = faults?.outage(region)
  if (out) throw new NoAnswer(out.how === 'hang' ? 'hang' : 'reset', out.over)
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
  response.end(answer.body)
}

/** A request that is no HTTP, or whose headers are too long. */
function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy()
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** A request that could not be answered: the client went away, or there is a bug here. */
function fail({ world, region }: RegionServerOptions, response: ServerResponse, error: unknown): void {
  if (response.destroyed) return
  world.log(`apigateway ${region}: ${error instanceof Error ? error.stack : String(error)}`)
  if (response.headersSent) response.destroy()
  else {
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    response.writeHead(500, { 'Content-Type': 'application/json' })
    response.end('{"message": "Internal server error"}')
  }
}

/** The whole body; undefined when it is longer than API Gateway takes, read all the same so that the client hears of it. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  let chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LARGEST_READ_BYTES) break
    if (length > LARGEST_BODY_BYTES) chunks = []
    else chunks.push(chunk)
  }
  return length > LARGEST_BODY_BYTES ? undefined : Buffer.concat(chunks)
}
