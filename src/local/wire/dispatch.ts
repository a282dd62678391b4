// One call through the local cloud: service and region from the credential scope, signature, quota, permission, then
// the service's own answer. How each protocol looks is `service.ts`'s; HTTP itself is `front.ts`'s.
import { planeOf } from '../fault/plane.js'
import type { Call, CallFaults, FaultyCall, LocalService, Principal, Want } from '../ports.js'
import type { World } from '../world.js'
import type { WireDescriptor } from './clients.js'
import type { HttpAnswer, HttpRequest } from './codec.js'
import { AwsError, NoAnswer } from './errors.js'
import { accessDenied, failed, notImplemented, tooLarge, wrongSignature } from './fault.js'
import { LIMIT_BYTES, OPERATION_LIMIT_BYTES } from './http.js'
import { type Quotas, throttled } from './quota.js'
import { GLOBAL_REGION, isGlobal, isRegion } from './region.js'
import { type Called, openWire, type ServiceWire } from './service.js'
import { type Authorization, type Credential, readAuthorization, unscoped, verify } from './sigv4.js'
import { answerUnscoped, answerUnserved, answerUnsigned } from './stranger.js'

export type { Want } from '../ports.js'

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
  /** Default: by its signature. */
  readonly verify?: typeof verify
  /** Whose calls `authorize` is asked about; all others may do everything. Default: role sessions. */
  readonly isChecked?: (principal: Principal) => boolean
  readonly authorize: (
    principal: Principal,
    service: string,
    wants: readonly Want[],
    region: string,
  ) => Decision
  readonly quotas: Quotas
  /** Default: none. */
  readonly faults?: CallFaults
  /** Told of every call whose caller is known. */
  readonly onCall?: (call: FaultyCall) => void
  /** Awaited before the first call of a regional service in that region. */
  readonly onRegion: (region: string) => Promise<void>
}

export interface Dispatch {
  /** Throws NoAnswer where a fault wants it so. */
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
    const gap = unscoped(request.headers)
    if (gap) return answerUnscoped(request, requestId, gap)
    const found = await served(authorization.service)
    if (!found) {
      const names = services.map(({ name }) => name)
      return answerUnserved(authorization.service, names)
    }
    try {
      return await work(found, authorization, request, requestId)
    } catch (error) {
      if (error instanceof NoAnswer) throw error
      return found.wire.encodeError(asAwsError(error, found.service.name, requestId), requestId)
    }
  }

  async function serve(found: Served, authorization: Authorization, request: HttpRequest, requestId: string) {
    const { service, wire } = found
    // Clients sign with the machine's clock, however fast the cloud's own runs.
    const identify = options.verify ?? verify
    const principal = await identify(request, authorization, wire, options.credentials, Date.now())
    const region = regionOf(authorization, wire)
    const called = wire.resolve(request)
    const operation = called.operation.name
    const call: Call = { region, principal, operation, requestId }
    const limit = OPERATION_LIMIT_BYTES[`${service.name}:${operation}`] ?? LIMIT_BYTES
    if (request.body.byteLength > limit) throw tooLarge(limit, operation)
    if (!isGlobal(service.name)) await enter(region)
    // STS answers in every region, though its model names one.
    const faulty = faultyCall(service.name, operation, service.name === 'sts' ? authorization.region : region)
    try {
      return await around(found, faulty, async () => {
        options.quotas.take({ speaker: wire, region, operation })
        return perform(found, called, request, call)
      })
    } catch (error) {
      if (error instanceof NoAnswer) throw error
      throw asAwsError(error, `${service.name}:${operation} in ${region}`, requestId)
    }
  }

  async function around({ wire }: Served, call: FaultyCall, effect: () => Promise<HttpAnswer>) {
    options.onCall?.(call)
    if (!options.faults) return effect()
    return options.faults.pass(call, effect, (fault) => {
      throw fault === 'throttle' ? throttled(wire) : failed(wire, fault)
    })
  }

  const isChecked = options.isChecked ?? ((principal: Principal) => principal.roleName !== undefined)

  async function perform({ service, wire }: Served, called: Called, request: HttpRequest, asked: Call) {
    const early = isChecked(asked.principal) ? await wire.decode(called, request) : undefined
    const call = early ? permit({ service, wire }, early, asked) : asked
    if (service.raw) {
      if (service.checkedRaw?.includes(call.operation))
        wire.check(called, early ?? (await wire.decode(called, request)))
      const raw = await service.raw(call.operation, Buffer.from(request.body).toString('utf8'), call)
      const type = request.headers['content-type'] ?? 'application/json'
      if (raw) return { ...raw, headers: { 'content-type': type } }
    }
    const { operations } = service
    if (!Object.hasOwn(operations, call.operation)) throw notImplemented(wire, call.operation)
    const input = early ?? (await wire.decode(called, request))
    wire.check(called, input)
    try {
      const output = await operations[call.operation]!(input as never, call)
      return await wire.encode(called, output as object | undefined, call.requestId)
    } finally {
      // Reads wait too: what an answer has shown must be there after a crash.
      await world.store.flush()
    }
  }

  /** The call, with what it may do without. Throws the refusal of the first want that it may not. */
  function permit({ service, wire }: Served, input: Record<string, unknown>, call: Call): Call {
    const { principal, region, operation } = call
    const fallback: Want[] = [{ action: `${service.name}:${operation}`, resource: '*' }]
    const wants = service.authorize?.(operation, input, call) ?? fallback
    const decide = (some: readonly Want[]) => options.authorize(principal, service.name, some, region)
    const decision = decide(wants.filter(({ optional }) => !optional))
    if (!decision.allowed) {
      const { refusal } = decision
      if (refusal) throw new AwsError(refusal.code, refusal.message, refusal.status)
      throw accessDenied(wire, { ...decision, principal: principal.arn })
    }
    const lacks = wants.flatMap((want) => {
      const answer = want.optional ? decide([want]) : undefined
      return answer && !answer.allowed ? [{ action: want.action, message: answer.message ?? '' }] : []
    })
    return lacks.length ? { ...call, lacks } : call
  }

  /** Whatever else is thrown is a bug of the local cloud: it goes into the log. */
  function asAwsError(error: unknown, what: string, requestId: string): AwsError {
    if (error instanceof AwsError) return error
    world.log(`500 ${what}, request ${requestId}: ${error instanceof Error ? error.stack : String(error)}`)
    const message = `The local cloud failed in ${what}; its log has the reason under request ${requestId}.`
    return new AwsError('InternalFailure', message, 500)
  }

  async function refuseLength({ wire }: Served, _: Authorization, request: HttpRequest): Promise<HttpAnswer> {
    throw tooLarge(LIMIT_BYTES, wire.resolve(request).operation.name)
  }

  return Object.assign((request: HttpRequest, requestId: string) => dispatch(request, requestId, serve), {
    tooLarge: (request: HttpRequest, requestId: string) => dispatch(request, requestId, refuseLength),
  })
}

/** Kept for the life of the process: several clouds may stand in one, and a wire knows none of them. */
const wires = new WeakMap<WireDescriptor, Promise<ServiceWire>>()

/** The services by name; each one's SDK client is imported at its first call. */
function servedBy({ services, clients }: DispatchOptions) {
  return async (name: string): Promise<Served | undefined> => {
    const service = services.find((candidate) => candidate.name === name)
    const descriptor = clients.find((candidate) => candidate.name === name)
    if (!service || !descriptor) return undefined
    const wire = wires.get(descriptor) ?? openWire(descriptor)
    wires.set(descriptor, wire)
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

const faultyCall = (service: string, operation: string, region: string): FaultyCall => ({
  plane: planeOf(service, operation),
  region,
  service,
  operation,
})

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
