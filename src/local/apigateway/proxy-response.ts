// The contract of Lambda proxy integrations: what a function must return, and the HTTP answer that API Gateway makes of it.
// The way in is `proxy-event.ts`'s.
import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { GatewayAnswer } from './gateway-response.js'

/** What decides whether a base64 body is sent as bytes. */
export interface BinaryContext {
  /** The API's binary media types. */
  readonly binaryMediaTypes: readonly string[]
  /** The request's Accept header. */
  readonly accept: string | undefined
}

// AWS: no member is mandatory, but one has to be there and no other may.
const MEMBERS = ['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']

type Json = Record<string, unknown>

/**
 * The answer, without API Gateway's own headers; undefined when the function's output is malformed, which is a 502.
 * Never throws.
 */
export function readProxyResponse(payload: string, context: BinaryContext): GatewayAnswer | undefined {
  const output = parse(payload)
  if (!output) return undefined
  const names = Object.keys(output).filter((name) => output[name] !== null)
  if (!names.length || !names.every((name) => MEMBERS.includes(name))) return undefined
  const status = statusOf(output.statusCode ?? 200)
  const headers = headersOf(output.headers ?? {}, output.multiValueHeaders ?? {})
  const { body = null, isBase64Encoded } = output
  if (status === undefined || !headers) return undefined
  if (body !== null && typeof body !== 'string') return undefined
  if (isBase64Encoded != null && typeof isBase64Encoded !== 'boolean') return undefined
  const isBytes = isBase64Encoded === true && acceptsBinary(context)
  return { status, headers, body: Buffer.from(body ?? '', isBytes ? 'base64' : 'utf8') }
}

function parse(payload: string): Json | undefined {
  try {
    const output: unknown = JSON.parse(payload)
    return isObject(output) ? output : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** AWS: a numeric text is as good as a number. */
function statusOf(value: unknown): number | undefined {
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && /^\d{3}$/.test(value))
  const status = isNumeric ? Number(value) : Number.NaN
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined
}

/** AWS: both maps are merged without regard to case, the names of `multiValueHeaders` and their values first. */
function headersOf(single: unknown, multi: unknown): Record<string, string[]> | undefined {
  if (!isObject(single) || !isObject(multi)) return undefined
  const merged = new Map<string, { name: string; values: string[] }>()
  const lists: [string, unknown][] = Object.entries(multi)
  const singles = Object.entries(single).filter(([, value]) => value !== null)
  for (const [name, values] of [
    ...lists,
    ...singles.map(([key, value]): [string, unknown] => [key, [value]]),
  ]) {
    const texts = textsOf(name, values)
    if (!texts) return undefined
    const entry = merged.get(name.toLowerCase()) ?? { name: sentAs(name), values: [] }
    entry.values.push(...texts.filter((text) => !entry.values.includes(text)))
    merged.set(name.toLowerCase(), entry)
  }
  // AWS: the framing of the answer is the gateway's.
  for (const name of ['transfer-encoding', 'trailer']) merged.delete(name)
  return Object.fromEntries([...merged.values()].map(({ name, values }) => [name, values]))
}

// AWS: these are the gateway's own, so a function's are sent under another name.
const REMAPPED = ['connection', 'content-length', 'date', 'server']
const sentAs = (name: string) => (REMAPPED.includes(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name)

/** The values as text; undefined for a value that is no scalar, or for what HTTP cannot carry. */
function textsOf(name: string, values: unknown): string[] | undefined {
  if (!Array.isArray(values) || !values.every(isScalar)) return undefined
  const texts = values.map(String)
  try {
    validateHeaderName(name)
    for (const text of texts) validateHeaderValue(name, text)
    return texts
  } catch {
    return undefined
  }
}

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)

/** AWS: the first media type that the client accepts decides. */
function acceptsBinary({ binaryMediaTypes, accept }: BinaryContext): boolean {
  const first = accept?.split(',')[0]
  return isBinary(binaryMediaTypes, first)
}

/** Whether a media type, perhaps with parameters, is one of the API's binary ones. */
export function isBinary(binaryMediaTypes: readonly string[], mediaType: string | undefined): boolean {
  const plain = mediaType?.split(';')[0]?.trim().toLowerCase() ?? ''
  return binaryMediaTypes.some((type) => {
    const known = type.toLowerCase()
    return (
      known === '*/*' || known === plain || (known.endsWith('/*') && plain.startsWith(known.slice(0, -1)))
    )
  })
}
