// Decodes requests and encodes answers of one AWS service, with the protocol object of its SDK client turned around:
// a request is an answer whose output is the operation's input, an answer is a request whose input is the output.
// Errors are `fault-codec.ts`'s, routes are `rest.ts`'s, forms are `query.ts`'s.
import { XmlShapeSerializer } from '@aws-sdk/core/protocols'
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticStructureSchema } from '@smithy/types'
import type { SchemaClient, WireRequest } from './clients.js'
import { readForm } from './query.js'
import { type Match, readUrl } from './rest.js'
import { isInUrl, type OperationSchema, reshape, structureOf, withoutRequestBindings } from './schema.js'

/** The four wire formats, JSON in its two versions. */
export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'restJson1' | 'restXml' | 'awsQuery'

/** A request as it came, its body complete. Header names are lower case. */
export interface HttpRequest {
  readonly method: string
  /** Still percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** An answer, ready to be sent. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface Codec {
  readonly protocol: Protocol
  /** The XML namespace of the service's answers; empty for JSON. */
  readonly xmlNamespace: string
  /** The service's API version as it stands in requests; empty where the protocol has none. */
  readonly version: string
  /** The prefix of `x-amz-target`; empty where the protocol has none. */
  readonly target: string
  decode(operation: OperationSchema, request: HttpRequest, match?: Match): Promise<Record<string, unknown>>
  encode(operation: OperationSchema, output: object, requestId: string): Promise<HttpAnswer>
  /** A structure as the body (and bound headers) of a JSON answer. */
  encodeJson(structure: StaticStructureSchema, value: object): Promise<HttpAnswer>
}

// Nothing is sent: the protocol objects want an endpoint to build a request for.
const NOWHERE = { protocol: 'http:', hostname: 'unused', path: '/', query: {}, headers: {} }

/** What the SDK's protocol objects know beside their typed face. */
interface ProtocolOptions {
  readonly options?: { readonly xmlNamespace?: string; readonly version?: string }
  readonly serviceTarget?: string
}

/** The codec of a service, from its SDK client. */
export function codecOf(client: SchemaClient): Codec {
  const { config } = client
  const sdk = config.protocol
  sdk.setSerdeContext(config)
  const { options, serviceTarget } = sdk as unknown as ProtocolOptions
  const protocol = sdk.getShapeId().split('#')[1] as Protocol
  const xmlNamespace = options?.xmlNamespace ?? ''
  const inputs = remember((operation) => mirrorOfInput(operation, protocol))
  const outputs = remember(mirrorOfOutput)
  const context = { ...config, endpoint: async () => NOWHERE }
  async function serialize(mirror: OperationSchema, value: object) {
    const { headers, body } = (await sdk.serializeRequest(mirror, value, context)) as WireRequest
    const { 'x-amz-target': _target, 'x-amzn-query-mode': _mode, ...kept } = headers
    return { headers: kept, body: plainBytes(body) }
  }

  async function decode(operation: OperationSchema, request: HttpRequest, match?: Match) {
    if (!structureOf(operation.input)) return {}
    if (protocol === 'awsQuery') return readForm(NormalizedSchema.of(operation.input), formOf(request))
    const response = { statusCode: 200, headers: { ...request.headers }, body: request.body }
    const decoded = await sdk.deserializeResponse(inputs(operation), config, response)
    const { $metadata, ...input } = decoded as unknown as Record<string, unknown>
    for (const name of Object.keys(input)) if (input[name] == null) delete input[name]
    return match ? { ...input, ...readUrl(operation.input, match, request.query) } : input
  }

  async function encode(operation: OperationSchema, output: object, requestId: string): Promise<HttpAnswer> {
    if (protocol === 'awsQuery') return encodeQuery(operation, output, requestId, xmlNamespace)
    const { status, body: hasBody } = statusOf(operation, output)
    const { headers, body } = await serialize(outputs(operation), output)
    return { status, headers, body: hasBody ? body : undefined }
  }

  async function encodeJson(structure: StaticStructureSchema, value: object): Promise<HttpAnswer> {
    const mirror = { ...mirrorBase(structure[1], structure[2]), input: structure, output: 'unit' as const }
    return { status: 200, ...(await serialize(mirror, value)) }
  }

  return {
    protocol,
    xmlNamespace,
    version: options?.version ?? '',
    target: serviceTarget ?? '',
    decode,
    encode,
    encodeJson,
  }
}

/** The SDK's JSON bytes are of a class that warns where Node takes them for text. */
function plainBytes(body: string | Uint8Array | undefined): string | Uint8Array | undefined {
  return body instanceof Uint8Array ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : body
}

/** The parameters of an AWS Query call, wherever they stand. AWS: GET with a query string is as good as a form. */
export function formOf(request: HttpRequest): URLSearchParams {
  const body = Buffer.from(request.body).toString('utf8')
  return body ? new URLSearchParams(body) : request.query
}

function remember(make: (operation: OperationSchema) => OperationSchema) {
  const made = new Map<string, OperationSchema>()
  return (operation: OperationSchema) => {
    const known = made.get(operation.name) ?? make(operation)
    made.set(operation.name, known)
    return known
  }
}

const mirrorBase = (namespace: string, name: string) => ({
  namespace,
  name,
  traits: { http: ['POST', '/', 200] as [string, string, number] },
})

function mirrorOfInput(operation: OperationSchema, protocol: Protocol): OperationSchema {
  const input = structureOf(operation.input)
  const inBody = input && protocol.startsWith('rest') ? reshape(input, { keep: (m) => !isInUrl(m) }) : input
  return { ...mirrorBase(operation.namespace, operation.name), input: 'unit', output: inBody ?? 'unit' }
}

function mirrorOfOutput(operation: OperationSchema): OperationSchema {
  const output = structureOf(operation.output)
  const answered = output && reshape(output, { member: withoutRequestBindings })
  return { ...mirrorBase(operation.namespace, operation.name), input: answered ?? 'unit', output: 'unit' }
}

function statusOf(operation: OperationSchema, output: object) {
  const traits = (typeof operation.traits === 'number' ? {} : operation.traits) as {
    http?: [string, string, number]
  }
  let status = traits.http?.[2] ?? 200
  const structure = structureOf(operation.output)
  for (const [name, member] of structure ? NormalizedSchema.of(structure).structIterator() : []) {
    const set = (output as Record<string, unknown>)[name]
    if (member.getMergedTraits().httpResponseCode && typeof set === 'number') status = set
  }
  // AWS: operations without an output answer with no body at all.
  return { status, body: status !== 204 && structure !== undefined }
}

function encodeQuery(
  operation: OperationSchema,
  output: object,
  requestId: string,
  xmlNamespace: string,
): HttpAnswer {
  const structure = structureOf(operation.output)
  const name = operation.name
  let result = ''
  if (structure) {
    const serializer = new XmlShapeSerializer(XML_SETTINGS)
    serializer.write(reshape(structure, { name: `${name}Result`, member: withoutRequestBindings }), output)
    result = String(serializer.flush())
  }
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<${name}Response xmlns="${xmlNamespace}">${result}${metadata}</${name}Response>`,
  }
}

// AWS: times in XML are ISO 8601 unless the shape says otherwise.
export const XML_SETTINGS = {
  timestampFormat: { useTrait: true, default: 5 },
  httpBindings: false,
  xmlNamespace: '',
  serviceNamespace: '',
} as const
