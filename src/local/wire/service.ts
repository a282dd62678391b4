// The wire of one AWS service: which operation a request means, its input, and the answer to it. Authentication,
// permission and quotas are `front.ts`'s, what an operation does is the service's own.

import type { WireDescriptor } from './clients.js'
import { type Codec, codecOf, formOf, type HttpAnswer, type HttpRequest } from './codec.js'
import { type InputConstraints, loadConstraints } from './constraint.js'
import { AwsError } from './errors.js'
import { notReadable, type Speaker, unknownOperation } from './fault.js'
import { type FaultCodec, faultCodec } from './fault-codec.js'
import { checkInput } from './input.js'
import { type Match, type RestRouter, restRouter } from './rest.js'
import { errorsOf, type OperationSchema, operationsOf } from './schema.js'
import { refuseUnknownElements } from './unknown-element.js'

/** A request whose operation is known. */
export interface Called {
  readonly operation: OperationSchema
  readonly match?: Match
}

export interface ServiceWire extends Speaker {
  /** Which operation this is. Throws AWS's own error for an operation that the service does not have. */
  resolve(request: HttpRequest): Called
  /** The operation's input in the SDK's shapes. Throws an AwsError for a body that cannot be read. */
  decode(called: Called, request: HttpRequest): Promise<Record<string, unknown>>
  /** Throws AWS's error where a member is missing, has the wrong JSON type or breaks a constraint of AWS's model. */
  check(called: Called, input: Record<string, unknown>): void
  encode(called: Called, output: object | undefined, requestId: string): Promise<HttpAnswer>
  encodeError(error: AwsError, requestId: string): Promise<HttpAnswer>
}

/** Loads the service's SDK client and builds its wire. */
export async function openWire(descriptor: WireDescriptor): Promise<ServiceWire> {
  const { module, client } = await descriptor.load()
  const codec = codecOf(client)
  const operations = operationsOf(module)
  const faults = faultCodec(codec, errorsOf(module))
  const speaker: Speaker = { service: descriptor.name, protocol: codec.protocol }
  const router = codec.protocol.startsWith('rest') ? restRouter(operations.values()) : undefined
  const constraints = await loadConstraints(descriptor.name)
  return wireOf({ speaker, codec, operations, faults, router, constraints })
}

interface Parts {
  readonly speaker: Speaker
  readonly codec: Codec
  readonly operations: ReadonlyMap<string, OperationSchema>
  readonly faults: FaultCodec
  readonly router: RestRouter | undefined
  readonly constraints: InputConstraints
}

function wireOf({ speaker, codec, operations, faults, router, constraints }: Parts): ServiceWire {
  const byName = (name: string, version = codec.version): Called => {
    const operation = version === codec.version ? operations.get(name) : undefined
    if (!operation) throw unknownOperation(speaker, name, version)
    return { operation }
  }

  return {
    ...speaker,
    resolve(request) {
      if (router) {
        const match = router.find(request.method, request.path, request.query)
        if (!match) throw unknownOperation(speaker, `${request.method} ${request.path}`, codec.version)
        return { operation: match.operation, match }
      }
      if (codec.protocol !== 'awsQuery') return byName(targetOf(request, codec.target))
      const form = formOf(request)
      return byName(form.get('Action') ?? '', form.get('Version') ?? undefined)
    },
    async decode({ operation, match }, request) {
      try {
        if (codec.protocol === 'restXml') refuseUnknownElements(operation, request.body)
        return await codec.decode(operation, request, match)
      } catch (error) {
        if (error instanceof AwsError) throw error
        if (error instanceof RangeError) throw notReadable(speaker, 'The request is nested too deep')
        throw notReadable(speaker, error instanceof Error ? error.message : String(error))
      }
    },
    check: ({ operation }, input) => checkInput(speaker, operation, input, constraints(operation.name)),
    encode: ({ operation }, output, requestId) => codec.encode(operation, output ?? {}, requestId),
    encodeError: (error, requestId) => faults.encode(error, requestId),
  }
}

/** `DynamoDB_20120810.GetItem` is GetItem, if the prefix is this service's; else empty. */
function targetOf(request: HttpRequest, target: string): string {
  const [prefix, name = ''] = (request.headers['x-amz-target'] ?? '').split('.')
  return prefix === target ? name : ''
}
