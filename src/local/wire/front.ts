// The one door of the local cloud: an HTTP server on loopback for all services and regions. What happens behind it,
// call by call, is `dispatch.ts`'s; what `/_local/*` does is the daemon's.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { withhold } from '../fault/withhold.js'
import { createDispatch, type DispatchOptions } from './dispatch.js'
import { NoAnswer } from './errors.js'
import { LIMIT_BYTES, readRequest, send } from './http.js'
import { type Calls, createTally } from './tally.js'

export interface FrontOptions extends DispatchOptions {
  /** Answers `/_local/*`. Without it these paths are 404. */
  readonly admin?: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void
  /** Default: any free port. */
  readonly port?: number
}

export interface Front {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly port: number
  /** Ends calls in progress (they get a second), then the server. */
  close(): Promise<void>
  /** Calls of AWS APIs so far; the admin paths do not count. */
  calls(): Calls
}

// Clients keep connections open between calls; a close on our side in that moment would be an error on theirs.
const KEEP_ALIVE_SECONDS = 120
const GRACE_SECONDS = 1

/** Opens the door on 127.0.0.1. Rejects when the port is taken. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const { world, admin } = options
  const tally = createTally()
  const dispatch = createDispatch({ ...options, onCall: tally.countOf })
  let closing = false

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (/^\/_local(\/|\?|$)/.test(incoming.url ?? '')) {
      if (admin) await admin(incoming, response)
      else response.writeHead(404).end()
      return
    }
    tally.count()
    const requestId = randomUUID()
    const { request, complete } = await readRequest(incoming, LIMIT_BYTES)
    const answer = complete ? await dispatch(request, requestId) : await dispatch.tooLarge(request, requestId)
    send(response, answer, requestId, closing || !complete)
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      if (error instanceof NoAnswer) return withhold(error, incoming.socket)
      // When the caller went away, nobody is left to be told.
      if (response.destroyed) return
      world.log(`front: ${error instanceof Error ? error.stack : String(error)}`)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  server.keepAliveTimeout = KEEP_ALIVE_SECONDS * 1000
  const port = await listen(server, options.port ?? 0)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls: () => tally.read(),
    close: () => {
      closing = true
      return closeServer(server)
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), GRACE_SECONDS * 1000)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
