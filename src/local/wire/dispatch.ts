// One call through the local cloud: service and region from the credential scope, signature, quota, permission, then
// the service's own answer. How each protocol looks is `service.ts`'s; HTTP itself is `front.ts`'s.
import type { Call, LocalService, Principal } from '../ports.js'
import type { World } from '../world.js'
import type { WireDescriptor } from './clients.js'
import type { HttpAnswer, HttpRequest } from './codec.js'
import { AwsError } from './errors.js'
import { accessDenied, notImplemented, tooLarge, wrongSignature } from './fault.js'
import { LIMIT_BYTES } from './http.js'
import type { Quotas } from './quota.js'
import { GLOBAL_REGION, isGlobal, isRegion } from './region.js'
import { type Called, openWire, type ServiceWire } from './service.js'
import { type Authorization, type Credential, readAuthorization, verify } from './sigv4.js'
import { answerUnserved, answerUnsigned } from './stranger.js'

/** An IAM action on a resource, as `dynamodb:PutItem` on a table's ARN. */
export interface Want {
  readonly action: string
  readonly resource: string
}

/** A refusal names the first want that is not allowed. `explicit`: a policy denies it, else none allows it. */
export type Decision = { readonly allowed: true } | ({ readonly allowed: false } & Want & Refusal)

export interface Refusal {
  readonly explicit: boolean
  /** Default: the words of AWS for an identity-based policy. */
  readonly message?: string
}

export interface DispatchOptions {
  readonly world: World
  readonly services: readonly LocalService[]
  readonly clients: readonly WireDescriptor[]
  /** What belongs to an access key id; undefined for an unknown one. */
  readonly credentials: (accessKeyId: string) => Credential | undefined
  /** Asked for role sessions only: operators may do everything. */
  readonly authorize: (principal: Principal, service: string, wants: readonly Want[]) => Decision
  readonly quotas: Quotas
  /** Awaited before the first call of a regional service in that region. */
  readonly onRegion: (region: string) => Promise<void>
}

export interface Dispatch {
  (request: HttpRequest, requestId: string): Promise<HttpAnswer>
  /** The answer to a request whose body was too long to be read. */
  tooLarge(request: HttpRequest, requestId: string): Promise<HttpAnswer>
}

/** A service that is served, with its wire. */
interface Served {
  readonly service: LocalService
  readonly wire: ServiceWire
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const { world, services } = options
  const served = servedBy(options)
  const enter = once(options.onRegion)

  async function dispatch(request: HttpRequest, requestId: string, work: typeof serve): Promise<HttpAnswer> {
    const authorization = readAuthorization(request.headers)
    if (!authorization) return answerUnsigned(request, requestId)
    const found = await served(authorization.service)
    if (!found) {
      const names = services.map(({ name }) => name)
      return answerUnserved(authorization.service, names)
    }
    try {
      return await work(found, authorization, request, requestId)
    } catch (error) {
      return found.wire.encodeError(asAwsError(error, found.service.name, requestId), requestId)
    }
  }

  async function serve(found: Served, authorization: Authorization, request: HttpRequest, requestId: string) {
    const { service, wire } = found
    // Clients sign with the machine's clock, however fast the cloud's own runs.
    const principal = await verify(request, authorization, wire, options.credentials, Date.now())
    const region = regionOf(authorization, wire)
    const called = wire.resolve(request)
    const operation = called.operation.name
    const call: Call = { region, principal, operation, requestId }
    if (!isGlobal(service.name)) await enter(region)
    options.quotas.take({ speaker: wire, region, operation })
    try {
      return await perform(found, called, request, call)
    } catch (error) {
      throw asAwsError(error, `${service.name}:${operation} in ${region}`, requestId)
    } finally {
      await world.store.flush()
    }
  }

  async function perform({ service, wire }: Served, called: Called, request: HttpRequest, call: Call) {
    const isSession = call.principal.roleName !== undefined
    const early = isSession ? await wire.decode(called, request) : undefined
    if (early) permit({ service, wire }, early, call)
    if (service.raw) {
      const raw = await service.raw(call.operation, Buffer.from(request.body).toString('utf8'), call)
      const type = request.headers['content-type'] ?? 'application/json'
      if (raw) return { ...raw, headers: { 'content-type': type } }
    }
    const { operations } = service
    if (!Object.hasOwn(operations, call.operation)) throw notImplemented(wire, call.operation)
    const input = early ?? (await wire.decode(called, request))
    wire.check(called, input)
    const output = await operations[call.operation]!(input as never, call)
    return wire.encode(called, output as object | undefined, call.requestId)
  }

  function permit({ service, wire }: Served, input: Record<string, unknown>, call: Call): void {
    const fallback = [{ action: `${service.name}:${call.operation}`, resource: '*' }]
    const wants = service.authorize?.(call.operation, input, call) ?? fallback
    const decision = options.authorize(call.principal, service.name, wants)
    if (!decision.allowed) throw accessDenied(wire, { ...decision, principal: call.principal.arn })
  }

  /** Whatever else is thrown is a bug of the local cloud: it goes into the log. */
  function asAwsError(error: unknown, what: string, requestId: string): AwsError {
    if (error instanceof AwsError) return error
    world.log(`500 ${what}, request ${requestId}: ${error instanceof Error ? error.stack : String(error)}`)
    const message = `The local cloud failed in ${what}; its log has the reason under request ${requestId}.`
    return new AwsError('InternalFailure', message, 500)
  }

  async function refuseLength(): Promise<HttpAnswer> {
    throw tooLarge(LIMIT_BYTES)
  }

  return Object.assign((request: HttpRequest, requestId: string) => dispatch(request, requestId, serve), {
    tooLarge: (request: HttpRequest, requestId: string) => dispatch(request, requestId, refuseLength),
  })
}

/** The services by name; each one's SDK client is imported at its first call. */
function servedBy({ services, clients }: DispatchOptions) {
  const wires = new Map<string, Promise<ServiceWire>>()
  return async (name: string): Promise<Served | undefined> => {
    const service = services.find((candidate) => candidate.name === name)
    const descriptor = clients.find((candidate) => candidate.name === name)
    if (!service || !descriptor) return undefined
    const wire = wires.get(name) ?? openWire(descriptor)
    wires.set(name, wire)
    return { service, wire: await wire }
  }
}

/** AWS: global services are in us-east-1, whatever region a client with an endpoint of its own signs for. */
function regionOf({ region }: Authorization, wire: ServiceWire): string {
  if (!isRegion(region)) {
    throw wrongSignature(wire, `Credential should be scoped to a valid region, not '${region}'. `)
  }
  return isGlobal(wire.service) ? GLOBAL_REGION : region
}

/** Does something once per region; after a failure, again at the next call. */
function once(enter: (region: string) => Promise<void>) {
  const entered = new Map<string, Promise<void>>()
  return (region: string): Promise<void> => {
    const known = entered.get(region)
    if (known) return known
    const entering = enter(region)
    entered.set(region, entering)
    entering.catch(() => entered.delete(region))
    return entering
  }
}
