// The Lambda Runtime API on loopback (docs: lambda/latest/dg/runtimes-api): what a runtime asks for its next event and
// where it posts the answer. One server for all processes; each has a secret path of its own. What becomes of an
// answer is runtime-process.ts's.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One runtime's side of the conversation. */
export interface RuntimeClient {
  /** It waits for an event: answer `response` when there is one. */
  next(response: ServerResponse): void
  /** It answers an event. `body` is undefined where it is larger than AWS allows. */
  respond(requestId: string, body: string | undefined, maxMemoryMb: number | undefined): void
  fail(requestId: string, body: string, maxMemoryMb: number | undefined): void
  /** Its initialization has failed. */
  failInit(body: string): void
}

// AWS: payload of a synchronous answer, 6 MB and a little.
export const MAX_RESPONSE_BYTES = 6_291_556
/** Not AWS's: what the process has needed at most, in megabytes, for the REPORT line. */
const MEMORY_HEADER = 'multiregion-max-memory-mb'

export class RuntimeApi {
  private readonly clients = new Map<string, RuntimeClient>()
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch(() => response.destroy())
    })
    // A handler may run for 15 minutes between two requests on one connection.
    this.server.keepAliveTimeout = 0
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(): Promise<RuntimeApi> {
    const api = new RuntimeApi()
    await new Promise<void>((resolve, reject) => {
      api.server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    return api
  }

  /** Gives a runtime its place; the answer is its AWS_LAMBDA_RUNTIME_API. */
  register(client: RuntimeClient): { readonly address: string; unregister(): void } {
    const secret = randomUUID()
    this.clients.set(secret, client)
    const { port } = this.server.address() as AddressInfo
    return { address: `127.0.0.1:${port}/${secret}`, unregister: () => this.clients.delete(secret) }
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, secret, version, api, ...rest] = (request.url ?? '').split('/')
    const client = this.clients.get(secret ?? '')
    if (!client || version !== '2018-06-01' || api !== 'runtime') return answer(response, 404, 'NotFound')
    const call = `${request.method} ${rest.join('/')}`
    if (call === 'GET invocation/next') return client.next(response)
    const body = await readBody(request)
    const maxMemoryMb = Number(request.headers[MEMORY_HEADER]) || undefined
    const [, requestId, verb] = /^POST invocation\/([^/]+)\/(response|error)$/.exec(call) ?? []
    if (verb === 'response') client.respond(requestId!, body, maxMemoryMb)
    else if (verb === 'error') client.fail(requestId!, body ?? '{}', maxMemoryMb)
    else if (call === 'POST init/error') client.failInit(body ?? '{}')
    else return answer(response, 404, 'NotFound')
    if (body === undefined) return answer(response, 413, 'RequestEntityTooLarge')
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}')
  }
}

function answer(response: ServerResponse, status: number, errorType: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errorType }))
}

/** The body, or undefined for one that is too large, which is read to its end all the same. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes <= MAX_RESPONSE_BYTES) chunks.push(chunk)
  }
  return bytes <= MAX_RESPONSE_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined
}
