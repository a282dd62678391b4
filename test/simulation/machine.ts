// The machine under the simulated cloud: memory for disks, function calls for sockets, the handlers of `handler.ts` for
// processes. The services on it are the local cloud's own. `cloud.ts` opens one.
import { createHash } from 'node:crypto'
import path from 'node:path'
import { type Authority, type Issued, openAuthority } from '../../src/local/acm/authority.js'
import { clientSubnetOf, type Edge, type EdgeOptions } from '../../src/local/apigateway/edge.js'
import type { FunctionCode } from '../../src/local/lambda/code-store.js'
import type { FunctionHost } from '../../src/local/lambda/host.js'
import type { Machine } from '../../src/local/machine.js'
import type { Place } from '../../src/local/ports.js'
import type { ProbeResult } from '../../src/local/route53/checker.js'
import type { Responder } from '../../src/local/route53/dns-message.js'
import { failureText } from '../../src/local/route53/probe-failure.js'
import type { Endpoint, HealthProber } from '../../src/local/route53/prober.js'
import { memoryStore } from '../../src/local/store.js'
import { NoAnswer } from '../../src/local/wire/errors.js'
import type { FrontOptions } from '../../src/local/wire/front.js'
import type { Store, World } from '../../src/local/world.js'
import { runHandler } from './handler.js'
import { type Items, openItems } from './items.js'

export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly body?: string
}

/** What the services and the doors of a cloud are reached by, in place of ports. */
export interface Wiring {
  readonly store: Store
  edge?: EdgeOptions
  front?: FrontOptions
  dns?: Responder
  readonly places: Map<string, Place>
  /** The items of each region. */
  readonly engines: Map<string, Items>
}

export interface SimulatedMachine extends Machine {
  readonly wiring: Wiring
}

let issuing: Promise<Authority> | undefined
const issued = new Map<string, Promise<Issued>>()

/** Makes the certificates of all runs: keys take a thread of their own, and time. To be called before a run. */
export async function prepareCertificates(dataDir: string, names: readonly string[]): Promise<void> {
  issuing ??= openAuthority(dataDir)
  const authority = await issuing
  for (const name of names) {
    if (!issued.has(name)) issued.set(name, authority.issue([name], 'EC_prime256v1'))
    await issued.get(name)
  }
}

async function preparedAuthority(): Promise<Authority> {
  const { caPem, caFile } = await issuing!
  return {
    caPem,
    caFile,
    issue([name = '']) {
      const ready = issued.get(name)
      if (!ready) throw new Error(`no certificate was prepared for ${name}`)
      return ready
    },
  }
}

export function simulatedMachine(): SimulatedMachine {
  const wiring: Wiring = { store: memoryStore(), places: new Map(), engines: new Map() }
  return {
    wiring,
    openStore: async () => wiring.store,
    openAuthority: preparedAuthority,
    async openEngine(folder) {
      const engine = await openItems()
      if (folder) wiring.engines.set(path.basename(folder), engine)
      return engine
    },
    leafKeys: () => ({ write: () => undefined, read: () => 'key', delete: () => undefined }),
    openCode: codeInMemory,
    startHost: async (world) => hostOf(world, wiring),
    openEdge: async (options) => openEdge(options, wiring),
    async startFront(options) {
      wiring.front = options
      const none = { total: 0, perSecond: 0, of: [] }
      return { url: 'http://cloud', port: 1, close: async () => undefined, calls: () => none }
    },
    async startDns(_port, responder) {
      wiring.dns = responder
      return { address: '127.0.0.1', port: 53, close: async () => undefined }
    },
    prober: proberOf(wiring),
  }
}

// Checkers that ask within this time share an answer: theirs are most of what happens in a quiet hour.
const SHARED_MS = 15_000

function proberOf(wiring: Wiring): HealthProber {
  const latest = new Map<string, { readonly at: number; readonly result: Promise<ProbeResult> }>()
  return {
    forget: () => undefined,
    probe(_id, config, endpoint) {
      const host = config.FullyQualifiedDomainName ?? ''
      const question = `${endpoint.address} ${host} ${config.ResourcePath}`
      const known = latest.get(question)
      if (known && Date.now() - known.at < SHARED_MS) return known.result
      const result = probe(wiring, endpoint, host, config.ResourcePath ?? '/')
      latest.set(question, { at: Date.now(), result })
      return result
    },
  }
}

async function probe(
  wiring: Wiring,
  { address, resolved }: Endpoint,
  host: string,
  path: string,
): Promise<ProbeResult> {
  const region = [...wiring.places.values()].find((place) => place.address === address)?.region
  const failure = (words: string) => ({
    success: false,
    status: `Failure: ${words} Resolved IP: ${resolved}`,
  })
  try {
    if (!region) throw Object.assign(new Error('no such address'), { code: 'ECONNREFUSED' })
    const { status } = await askRegion(wiring, region, host, { method: 'GET', path })
    const line = `HTTP Status Code ${status}`
    return status >= 200 && status <= 399
      ? { success: true, status: `Success: ${line}` }
      : failure(`${line}.`)
  } catch (error) {
    return failure(failureText(error as Error))
  }
}

function codeInMemory(): FunctionCode {
  return {
    keep: async (zip) => ({
      codeSha256: createHash('sha256').update(zip).digest('base64'),
      codeBytes: zip.byteLength,
    }),
    zipPath: (sha) => `/zips/${encodeURIComponent(sha)}.zip`,
    unpack: async () => '/',
    sweep: () => undefined,
    close: () => undefined,
  }
}

function hostOf(world: World, wiring: Wiring): FunctionHost {
  return {
    async invoke(fn, _region, { payload }) {
      return { payload: await runHandler(world, wiring, fn, payload), logTail: '' }
    },
    retire: () => undefined,
    close: async () => undefined,
  }
}

function openEdge(options: EdgeOptions, wiring: Wiring): Edge {
  const { places } = wiring
  wiring.edge = options
  const list = () => [...places.values()]
  return {
    async ensure(region) {
      if (places.has(region)) return
      const index = places.size
      const address = `127.77.0.${index + 1}`
      places.set(region, { region, address, httpsPort: 443, clientSubnet: clientSubnetOf(index) })
    },
    places: {
      list,
      placeOfHost: (host) =>
        places.get(options.gateway.regionOf(host.toLowerCase().replace(/\.$/, '')) ?? ''),
    },
    edgeUrl: 'http://edge',
    close: async () => undefined,
  }
}

/** An HTTPS request to a region's address under that name. Rejects as the system would where no answer comes. */
export async function askRegion(wiring: Wiring, region: string, name: string, request: HttpRequest) {
  const { gateway, certificates, faults } = wiring.edge!
  const out = faults?.outage(region, true)
  if (out) throw await connectionError(out.how === 'hang' ? 'hang' : 'reset', out.over, 4)
  const tls = gateway.tlsOf(region, name)
  const isServed = tls === 'execute-api' || (tls && Boolean(certificates.find(tls.certificateArn)?.chainPem))
  if (!isServed) throw Object.assign(new Error('tls alert unrecognized name'), { code: 'EPROTO' })
  try {
    return await gateway.answer(region, {
      method: request.method,
      target: request.path,
      rawHeaders: ['Host', name, 'Content-Type', 'application/json'],
      host: name,
      body: Buffer.from(request.body ?? ''),
      sourceIp: '127.0.0.1',
      receivedAt: world(wiring).clock.now(),
    })
  } catch (error) {
    if (error instanceof NoAnswer) throw await connectionError(error.how, error.over, 4)
    throw error
  }
}

const world = (wiring: Wiring) => wiring.edge!.world

/** What a client meets that gets no answer; one that hangs is given up after that many seconds. */
export async function connectionError(
  how: NoAnswer['how'],
  over: AbortSignal,
  patienceSeconds: number,
): Promise<Error> {
  if (how !== 'hang') return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  const givenUp = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(true), patienceSeconds * 1000)
    const release = () => {
      clearTimeout(timer)
      resolve(false)
    }
    if (over.aborted) release()
    else over.addEventListener('abort', release, { once: true })
  })
  return givenUp
    ? Object.assign(new Error('no answer in time'), { name: 'TimeoutError', code: 'ETIMEDOUT' })
    : Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
}
