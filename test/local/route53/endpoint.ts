// An HTTPS, HTTP or TCP endpoint on this machine for the health checkers to probe; what it answers can be changed.
import { webcrypto } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

export interface Seen {
  readonly path: string
  readonly host: string
  readonly sni: string | false | null
  readonly userAgent: string
  readonly tls: string | null
  readonly resumed: boolean
}

export interface TestEndpoint {
  readonly port: number
  readonly seen: Seen[]
  /** What the next requests are answered; `hang` answers nothing. */
  answer: { status: number; body?: string; headers?: http.OutgoingHttpHeaders } | 'hang'
  close(): Promise<void>
}

async function certificate(): Promise<{ key: string; cert: string }> {
  x509.cryptoProvider.set(webcrypto as never)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=nobody trusts this',
    signingAlgorithm: algorithm,
    keys: keys as never,
  })
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  )
  return { key, cert: cert.toString('pem') }
}

export async function startEndpoint(
  protocol: 'http' | 'https',
  options: https.ServerOptions = {},
): Promise<TestEndpoint> {
  const endpoint: { -readonly [K in keyof TestEndpoint]: TestEndpoint[K] } = {
    port: 0,
    seen: [],
    answer: { status: 200 },
    close: async () => {},
  }
  const handle = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const socket = request.socket as TLSSocket
    endpoint.seen.push({
      path: request.url ?? '',
      host: request.headers.host ?? '',
      sni: socket.servername ?? null,
      userAgent: request.headers['user-agent'] ?? '',
      tls: socket.getProtocol?.() ?? null,
      resumed: socket.isSessionReused?.() ?? false,
    })
    const { answer } = endpoint
    if (answer === 'hang') return
    response.writeHead(answer.status, answer.headers).end(answer.body)
  }
  const server =
    protocol === 'https'
      ? https.createServer({ ...(await certificate()), ...options }, handle)
      : http.createServer(handle)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint.port = (server.address() as AddressInfo).port
  endpoint.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return endpoint
}
