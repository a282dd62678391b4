// Requests of the fuzz: an input encoded by the SDK's own protocol and signed, then perhaps spoilt: truncated, flipped, sent
// with another method, type, path or signature. `fuzz.ts` sends them and judges the answers.
import { createHash, createHmac } from 'node:crypto'
import type { SchemaClient, WireRequest } from '../../../src/local/wire/clients.js'
import type { OperationSchema } from '../../../src/local/wire/schema.js'
import { pick, type Random } from './fuzz-input.js'

/** A request as it is sent, not yet signed. */
export interface Plain {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** The SDK's JSON bytes are of a class that warns where Node takes them for text. */
const bytesOf = (body: string | Uint8Array = '') =>
  typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)

/** Encodes an input as the SDK's client does; undefined where the client itself refuses it. */
export async function encoded(
  client: SchemaClient,
  operation: OperationSchema,
  input: object,
): Promise<Plain | undefined> {
  const { config } = client
  const endpoint = { protocol: 'http:', hostname: 'x', path: '/', query: {}, headers: {} }
  config.protocol.setSerdeContext(config)
  try {
    const context = { ...config, endpoint: async () => endpoint }
    const { method, path, query, headers, body } = (await config.protocol.serializeRequest(
      operation,
      input,
      context,
    )) as WireRequest
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one ?? '']),
    )
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])
    // What no client can send.
    if (lower.some(([, value]) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(value!))) return undefined
    return { method, path, query: pairs, headers: Object.fromEntries(lower), body: bytesOf(body) }
  } catch {
    return undefined
  }
}

const TYPES = [
  'application/json',
  'application/x-amz-json-1.1',
  'application/x-www-form-urlencoded',
  'text/xml',
  '',
]
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']

/** The ways to spoil a request before it is signed. */
const WAYS: readonly ((request: Plain, random: Random) => Partial<Plain>)[] = [
  ({ body }, random) => ({ body: body.subarray(0, Math.floor(random() * body.length)) }),
  ({ body }, random) => ({ body: flipped(body, random) }),
  (_, random) => ({ body: Buffer.from(pick(random, BODIES)) }),
  (_, random) => ({ method: pick(random, METHODS) }),
  ({ headers }, random) => ({ headers: { ...headers, 'content-type': pick(random, TYPES) } }),
  ({ headers }, random) => ({ headers: { ...headers, 'x-amz-target': pick(random, TARGETS) } }),
  ({ path }, random) => ({ path: spoiltPath(path, random) }),
  ({ query }, random) => ({
    query: [...query, [pick(random, QUERIES), pick(random, ['', '-1', 'x', '%', '9'.repeat(20)])]],
  }),
  ({ query }, random) => ({
    query: query.map(([name]) => [name, pick(random, ['', 'NaN', '-1', '\u{1F600}'])]),
  }),
]

export function spoilt(request: Plain, random: Random): Plain {
  return { ...request, ...pick(random, WAYS)(request, random) }
}

const BODIES = [
  ...[
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '7',
    '{}',
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":1}}',
    '\u0000\u0001',
  ],
  ...[
    '{"a":'.repeat(2000),
    '['.repeat(5000),
    '<a>',
    '<a/>',
    '<?xml version="1.0"?>',
    '<a><b></a></b>',
    '&&&===',
    'Action=',
  ],
  ...[
    'Action=ListRoles&Version=1',
    'Tags.member.1=',
    'Action=ListRoles&Version=2010-05-08&a.b=1&a=2',
    'a.__proto__.b=1',
  ],
  ...[
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    `{"TableName":"${'x'.repeat(70_000)}"}`,
    '{"a":1e999}',
    '\ufeff{}',
  ],
]
const QUERIES = [
  'limit',
  'maxitems',
  'marker',
  'mode',
  'position',
  '__proto__',
  'Action',
  'Qualifier',
  'embed',
  'constructor',
]
const TARGETS = [
  '',
  'x',
  'DynamoDB_20120810.',
  'DynamoDB_20120810.toString',
  'Logs_20140328.__proto__',
  'CertificateManager.A.B',
]

function flipped(body: Buffer, random: Random): Buffer {
  const copy = Buffer.from(body)
  for (let times = 0; times < 3 && copy.length; times += 1) {
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256)
  }
  return copy
}

function spoiltPath(path: string, random: Random): string {
  const parts = path.split('/')
  parts[Math.floor(random() * parts.length)] = pick(random, [
    '',
    '%',
    '%2F',
    '%00',
    '..',
    '%E2%82',
    'a'.repeat(2000),
    '__proto__',
    '%ZZ',
  ])
  return `/${parts.join('/').replace(/^\/+/, '')}`
}

export interface Signing {
  readonly service: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

const keys = new Map<string, Buffer>()

function keyOf(day: string, { secretAccessKey, region, service }: Signing): Buffer {
  const name = [secretAccessKey, day, region, service].join('/')
  const key =
    keys.get(name) ?? hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), 'aws4_request')
  keys.set(name, key)
  return key
}

/** The headers with a signature of this moment. */
export function signed(request: Plain, host: string, signing: Signing): Record<string, string> {
  const { service, region, accessKeyId } = signing
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const day = stamp.slice(0, 8)
  const headers: Record<string, string> = { ...request.headers, host, 'x-amz-date': stamp }
  const names = ['host', 'x-amz-date']
  const uri = request.path.split('/').map(encode).join('/')
  const query = request.query
    .map(([name, value]) => `${encode(wellFormed(name))}=${encode(wellFormed(value))}`)
    .sort()
    .join('&')
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('')
  const canonical = [request.method, uri, query, lines, names.join(';'), sha256(request.body)].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const key = keyOf(day, signing)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n')).toString(
    'hex',
  )
  const credential = `Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}`
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${credential}, Signature=${signature}` }
}

/** Lone surrogates cannot stand in a URL. */
const wellFormed = (text: string) => Buffer.from(text).toString('utf8')

/** The path and query as they are sent. */
export const urlOf = ({ path, query }: Plain) =>
  query.length
    ? `${path}?${query.map(([name, value]) => `${encode(wellFormed(name))}=${encode(wellFormed(value))}`).join('&')}`
    : path
