// The edge port: plain HTTP on loopback, for browsers and curl on any system. It is a client near the region that a header
// names: resolves the public name through the local DNS, and proxies to the region that DNS chose, over verified TLS.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { DnsPort, Place, PlacesPort } from '../ports.js'
import type { World } from '../world.js'
import { listenAgain } from './listen.js'

export interface EdgePortOptions {
  readonly world: World
  readonly dns: DnsPort
  readonly places: PlacesPort
  readonly caPem: string
  publicName(): string | undefined
}

export interface EdgePort {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  close(): Promise<void>
}

const LOCATION_HEADER = 'x-client-location'
const REGION_HEADER = 'x-served-by-region'

export async function openEdgePort(options: EdgePortOptions): Promise<EdgePort> {
  const kept = options.world.store.collection<number>('edge.port')
  const server = createServer((incoming, response) => serve(options, incoming, response))
  const port = await listenAgain(server, '127.0.0.1', kept.get('port') ?? 0)
  kept.set('port', port)
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Where a request goes, or the error that answers it. */
type Target =
  | { readonly name: string; readonly place: Place }
  | { readonly status: number; readonly message: string }

function serve(options: EdgePortOptions, incoming: IncomingMessage, response: ServerResponse): void {
  const target = findTarget(options, incoming)
  if ('status' in target) refuse(response, target.status, target.message)
  else proxy(options.caPem, target, incoming, response)
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${JSON.stringify({ message })}\n`)
}

function findTarget({ dns, places, publicName }: EdgePortOptions, incoming: IncomingMessage): Target {
  const known = places.list()
  const wanted = String(incoming.headers[LOCATION_HEADER] ?? known[0]?.region ?? '')
  const location = known.find(({ region }) => region === wanted)
  if (!location) {
    const regions = known.map(({ region }) => region).join(', ') || 'none yet'
    return { status: 400, message: `${LOCATION_HEADER}: ${wanted} is no region of this cloud (${regions})` }
  }
  const clientIp = location.clientSubnet.split('/')[0]
  const asked = (name: string) => ({ name, answers: dns.resolve(name, 'A', clientIp) })
  const host = hostName(incoming)
  const own = host ? asked(host) : undefined
  const name = publicName()
  const found = own?.answers.length ? own : name ? asked(name) : undefined
  if (!found) return { status: 503, message: 'No domain is configured, and DNS does not know the Host' }
  const place = placeOf(found.answers, places)
  if (place) return { name: found.name, place }
  const what = found.answers.length
    ? `DNS answers for ${found.name}, but no region of this cloud is there`
    : `DNS has no answer for ${found.name}`
  return { status: 503, message: `${what} (to a client near ${location.region})` }
}

/** The Host without its port; undefined for an address, or a name of one label such as `localhost`. */
function hostName({ headers }: IncomingMessage): string | undefined {
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  return host.includes('.') && !/^[\d.]+$/.test(host) ? host : undefined
}

/** The region behind an answer: by the AWS name that it leads to, else by an address that only one region has. */
function placeOf(answers: ReturnType<DnsPort['resolve']>, places: PlacesPort): Place | undefined {
  for (const { type, data } of answers) {
    const place = type === 'CNAME' ? places.placeOfHost(data) : undefined
    if (place) return place
  }
  const addresses = answers.filter(({ type }) => type === 'A').map(({ data }) => data)
  const [place, ...others] = places.list().filter(({ address }) => address === addresses[0])
  return others.length ? undefined : place
}

// RFC 9110 7.6.1: for one connection only.
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']

function proxy(
  caPem: string,
  { name, place }: { name: string; place: Place },
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).filter(([key]) => !HOP_BY_HOP.includes(key) && key !== LOCATION_HEADER),
  )
  const upstream = httpsRequest({
    host: place.address,
    port: place.httpsPort,
    servername: name,
    ca: caPem,
    method: incoming.method,
    path: incoming.url,
    headers: { ...headers, host: name },
    // A connection of its own each time: it is a client that asks DNS each time, too.
    agent: false,
  })
  upstream.on('response', (answer) => {
    const kept = Object.entries(answer.headers).filter(([key]) => !HOP_BY_HOP.includes(key))
    response.writeHead(answer.statusCode ?? 502, {
      ...Object.fromEntries(kept),
      [REGION_HEADER]: place.region,
    })
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  upstream.on('error', (error) => {
    if (response.headersSent) response.destroy()
    else refuse(response, 502, `${place.region} does not answer for ${name}: ${error.message}`)
  })
  response.on('close', () => upstream.destroy())
  incoming.pipe(upstream)
}
