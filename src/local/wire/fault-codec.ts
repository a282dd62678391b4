// Puts an AwsError on the wire: code, status, headers and further members as the service's own error schema has them.
// What the front end's errors say is `fault.ts`'s.
import { XmlShapeSerializer } from '@aws-sdk/core/protocols'
import { NormalizedSchema } from '@smithy/core/schema'
import type { $SchemaRef, StaticErrorSchema, StaticStructureSchema } from '@smithy/types'
import { type Codec, type HttpAnswer, XML_SETTINGS } from './codec.js'
import type { AwsError } from './errors.js'
import { isXml } from './fault.js'
import { reshape } from './schema.js'

/** The traits of an error schema that decide how it is answered. */
interface FaultTraits {
  readonly error?: 'client' | 'server'
  readonly httpError?: number
  /** AWS Query's own code and status, where they differ from the shape's name. */
  readonly awsQueryError?: readonly [string, number]
}

export interface FaultCodec {
  encode(error: AwsError, requestId: string): Promise<HttpAnswer>
}

const STRING = 0

/** The encoder of a service's errors. A code that the service's model lacks is answered with the status it was thrown with. */
export function faultCodec(codec: Codec, errors: ReadonlyMap<string, StaticErrorSchema>): FaultCodec {
  const byQueryCode = new Map(
    [...errors.values()].map((schema) => [traitsOf(schema).awsQueryError?.[0], schema] as const),
  )
  return {
    async encode(error, requestId) {
      const schema = errors.get(error.code) ?? byQueryCode.get(error.code)
      const traits = schema ? traitsOf(schema) : {}
      const status = statusOf(error, traits)
      if (isXml(codec.protocol)) return encodeXml(codec, error, status, schema, requestId)
      return encodeJson(codec, error, status, schema)
    },
  }
}

const traitsOf = (schema: StaticErrorSchema) => NormalizedSchema.of(schema).getMergedTraits() as FaultTraits

function statusOf(error: AwsError, traits: FaultTraits) {
  const modelled = traits.httpError ?? traits.awsQueryError?.[1]
  if (modelled) return modelled
  return traits.error === 'server' && error.status < 500 ? 500 : error.status
}

const sideOf = (status: number) => (status < 500 ? 'Sender' : 'Receiver')
const isMessage = (name: string) => name.toLowerCase() === 'message'

function encodeXml(
  codec: Codec,
  error: AwsError,
  status: number,
  schema: StaticErrorSchema | undefined,
  requestId: string,
): HttpAnswer {
  const code = (schema && codec.protocol === 'awsQuery' && traitsOf(schema).awsQueryError?.[0]) || error.code
  const serializer = new XmlShapeSerializer(XML_SETTINGS)
  const value = { ...error.extra, Type: sideOf(status), Code: code, Message: error.message }
  serializer.write(xmlShapeOf(schema), value)
  const body = `${serializer.flush()}<RequestId>${requestId}</RequestId>`
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<?xml version="1.0"?>\n<ErrorResponse xmlns="${codec.xmlNamespace}">${body}</ErrorResponse>`,
  }
}

/** `<Error>` with AWS's three members first, then those that only this error has. */
function xmlShapeOf(schema: StaticErrorSchema | undefined): StaticStructureSchema {
  const own = schema ? reshape(schema, {}) : undefined
  const names = ['Type', 'Code', 'Message']
  const members: $SchemaRef[] = [STRING, STRING, STRING]
  for (const [index, name] of (own?.[4] ?? []).entries()) {
    if (isMessage(name) || names.includes(name)) continue
    names.push(name)
    members.push(own![5][index]!)
  }
  return [3, '', 'Error', 0, names, members]
}

async function encodeJson(
  codec: Codec,
  error: AwsError,
  status: number,
  schema: StaticErrorSchema | undefined,
): Promise<HttpAnswer> {
  const own = schema ? reshape(schema, {}) : undefined
  const names = own?.[4] ?? []
  const value: Record<string, unknown> = {
    ...error.extra,
    [names.find(isMessage) ?? 'message']: error.message,
  }
  // AWS: Lambda's errors name the side that is at fault.
  if (names.includes('Type')) value.Type ??= status < 500 ? 'User' : 'Service'
  const answer = own ? await codec.encodeJson(own, value) : undefined
  const encoded = answer?.body ? (JSON.parse(Buffer.from(answer.body).toString()) as object) : value
  const body = { message: error.message, ...encoded }
  if (codec.protocol === 'restJson1') {
    const headers = { ...answer?.headers, 'content-type': 'application/json', 'x-amzn-errortype': error.code }
    return { status, headers, body: JSON.stringify(body) }
  }
  const version = codec.protocol === 'awsJson1_0' ? '1.0' : '1.1'
  const headers = { 'content-type': `application/x-amz-json-${version}` }
  const namespace = schema?.[1] ?? 'com.amazon.coral.service'
  return { status, headers, body: JSON.stringify({ __type: `${namespace}#${error.code}`, ...body }) }
}
