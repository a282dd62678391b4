// The whole local cloud of one run, on a simulated machine, with its doors as function calls: the AWS APIs for the SDK's
// request handler, and the network that clients and checkers see.
import { randomUUID } from 'node:crypto'
import type { HttpRequest as SdkRequest, HttpResponse as SdkResponse } from '@smithy/types'
import { type Cloud, openCloud } from '../../src/local/cloud.js'
import type { Profile } from '../../src/local/profile.js'
import { createDispatch, type Dispatch } from '../../src/local/wire/dispatch.js'
import { NoAnswer } from '../../src/local/wire/errors.js'
import { expiredToken, invalidToken } from '../../src/local/wire/fault.js'
import type { FrontOptions } from '../../src/local/wire/front.js'
import { createQuotas } from '../../src/local/wire/quota.js'
import { caaOf, type Network, regionOfHost } from '../../src/probe/network.js'
import { askRegion, connectionError, simulatedMachine, type Wiring } from './machine.js'

/** The secret is a canary: it must turn up nowhere. */
export const OPERATOR = { accessKeyId: 'AKIASIMULATEDOPERATO', secretAccessKey: 'CanarySecretOfTheOperator' }

/** The header of a request whose credentials have expired. */
export const EXPIRED = 'x-simulated-expired'

export interface SimulatedCloud {
  readonly cloud: Cloud
  readonly wiring: Wiring
  /** One AWS call. Rejects as a connection does. */
  send(request: SdkRequest): Promise<SdkResponse>
  /** The same without faults and quotas: for hands. */
  sendQuietly(request: SdkRequest): Promise<SdkResponse>
  readonly network: Network
  /** What the cloud said of itself that is a bug of its own. */
  readonly bugs: readonly string[]
}

export interface SimulatedCloudOptions {
  readonly dataDir: string
  readonly seed: number
  readonly profile: Profile
  readonly regions: readonly string[]
  readonly zone: string
}

// AWS: the SDK's request timeout, as `aws/clients.ts` sets it.
const REQUEST_SECONDS = 30

export async function openSimulatedCloud(options: SimulatedCloudOptions): Promise<SimulatedCloud> {
  const machine = simulatedMachine()
  const { wiring } = machine
  const bugs: string[] = []
  const log = (line: string) => {
    if (/^500 |broke|Error/.test(line)) bugs.push(line)
  }
  const cloud = await openCloud({ ...options, scale: 1, operator: OPERATOR, machine, log })
  const front = wiring.front!
  const usual = createDispatch({ ...front, verify: trust })
  const quotas = createQuotas({ ...front.world, profile: 'instant' })
  const quiet = createDispatch({ ...front, verify: trust, faults: undefined, quotas })
  return {
    cloud,
    wiring,
    bugs,
    send: (request) => carry(usual, request),
    sendQuietly: (request) => carry(quiet, request),
    network: networkOf(cloud, wiring),
  }
}

/** Whose key it is; nobody signs here. */
const trust: NonNullable<FrontOptions['verify']> = async ({ headers }, { accessKeyId }, speaker, lookup) => {
  if (headers[EXPIRED]) throw expiredToken(speaker)
  const known = lookup(accessKeyId)
  if (!known) throw invalidToken(speaker)
  return known.principal
}

/** Without the SDK's own body around it, which warns of string methods. */
const plain = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength)

async function carry(dispatch: Dispatch, request: SdkRequest): Promise<SdkResponse> {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(request.query ?? {}))
    for (const one of Array.isArray(value) ? value : [value ?? '']) query.append(name, one)
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const body =
    typeof request.body === 'string' ? Buffer.from(request.body) : plain(request.body ?? new Uint8Array())
  const id = randomUUID()
  try {
    const answer = await dispatch({ method: request.method, path: request.path, query, headers, body }, id)
    const bytes =
      typeof answer.body === 'string' ? Buffer.from(answer.body) : (answer.body ?? new Uint8Array())
    return {
      statusCode: answer.status,
      headers: { ...answer.headers, 'x-amzn-requestid': id },
      body: bytes,
    } as SdkResponse
  } catch (error) {
    if (error instanceof NoAnswer) throw await connectionError(error.how, error.over, REQUEST_SECONDS)
    throw error
  }
}

function networkOf(cloud: Cloud, wiring: Wiring): Network {
  return {
    servers: async () => [cloud.dns],
    clientSubnet: async (region) => wiring.places.get(region)?.clientSubnet,
    dial: (host) => ({ host, port: 443 }),
    delegation: async (zone) => ask(wiring, zone, 'NS').map(({ data }) => data),
    caa: async (name) => caaOf(ask(wiring, name, 'CAA')),
    ask: async (_servers, { name, type, clientSubnet }) => ask(wiring, name, type, clientSubnet),
    async send({ target, domain, method, path, body }) {
      const region = regionOfHost(target)
      if (!region || !wiring.places.has(region))
        throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${target}`), { code: 'ENOTFOUND' })
      const text = body === undefined ? undefined : JSON.stringify(body)
      const request = { method, path, ...(text !== undefined && { body: text }) }
      const answer = await askRegion(wiring, region, domain, request)
      const said = answer.body.toString()
      return { status: answer.status, body: said, json: parse(said) }
    },
  }
}

function ask({ dns }: Wiring, name: string, type: string, clientSubnet?: string) {
  const client = dns!.locate(clientSubnet?.split('/')[0] ?? '127.0.0.1')
  return dns!.answer({ name, type, client }).answers.map((record) => ({
    name: bare(record.name),
    type: record.type,
    data: bare(record.value),
  }))
}

const bare = (name: string) => name.toLowerCase().replace(/\.$/, '')

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
