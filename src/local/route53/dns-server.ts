// The name servers on this machine: one port of 127.0.0.1, by UDP and by TCP. What is answered is decided in
// `dns-message.ts`; a message that cannot be read is ignored.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { type Responder, respond } from './dns-message.js'
import { SERVER_ADDRESS } from './own-name.js'

export interface DnsServer {
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

// An idle TCP client is let go after this many real milliseconds.
const TCP_IDLE_MS = 10_000
const PORT_TRIES = 20

/** Listens on that port, or on a free one when it is taken or undefined; the same port for UDP and TCP. */
export async function startDnsServer(wanted: number | undefined, responder: Responder): Promise<DnsServer> {
  const anyPort = Array.from({ length: PORT_TRIES }, () => 0)
  for (const port of wanted === undefined ? anyPort : [wanted, ...anyPort]) {
    const server = await listen(port, responder)
    if (server) return server
  }
  throw new Error(`no port of ${SERVER_ADDRESS} is free for both UDP and TCP`)
}

/** Undefined when the port is taken, be it for UDP only. */
async function listen(port: number, responder: Responder): Promise<DnsServer | undefined> {
  const sockets = new Set<Socket>()
  const tcp = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serveTcp(socket, responder)
  })
  const udp = createSocket('udp4')
  try {
    tcp.listen(port, SERVER_ADDRESS)
    await once(tcp, 'listening')
    const bound = (tcp.address() as AddressInfo).port
    udp.bind(bound, SERVER_ADDRESS)
    await once(udp, 'listening')
    serveUdp(udp, responder)
    return { address: SERVER_ADDRESS, port: bound, close: () => close(udp, tcp, sockets) }
  } catch (error) {
    await close(undefined, tcp, sockets)
    closeQuietly(udp)
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}

function serveUdp(udp: UdpSocket, responder: Responder): void {
  udp.on('message', (message, { address, port }) => {
    // Nothing can be sent there.
    if (port === 0) return
    const answer = respond(message, address, 'udp', responder)
    if (answer) udp.send(answer, port, address)
  })
  // A client that is gone before its answer comes is no concern of ours.
  udp.on('error', () => {})
}

/** Messages on TCP have their length in front; several may come at once, or one in pieces. */
function serveTcp(socket: Socket, responder: Responder): void {
  let buffered: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk])
    while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
      const end = 2 + buffered.readUInt16BE(0)
      const answer = respond(
        buffered.subarray(2, end),
        socket.remoteAddress ?? SERVER_ADDRESS,
        'tcp',
        responder,
      )
      buffered = buffered.subarray(end)
      if (answer) socket.write(Buffer.concat([lengthOf(answer), answer]))
    }
  })
  socket.setTimeout(TCP_IDLE_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return length
}

function closeQuietly(udp: UdpSocket): void {
  try {
    udp.close()
  } catch {
    // It never came to listen.
  }
}

async function close(udp: UdpSocket | undefined, tcp: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  if (udp) await new Promise<void>((resolve) => udp.close(resolve))
  if (tcp.listening) await new Promise<void>((resolve) => tcp.close(() => resolve()))
}
