// Verifies a request's Signature Version 4 by signing it again with the stored secret, with the SDK's own signer.
// It reads who calls and for which region and service; what the caller may do is `front.ts`'s and IAM's.
import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Principal } from '../ports.js'
import type { HttpRequest } from './codec.js'
import type { AwsError } from './errors.js'
import { expiredToken, incompleteSignature, invalidToken, type Speaker, wrongSignature } from './fault.js'

/** What is stored under an access key id. */
export interface Credential {
  readonly secretAccessKey: string
  /** Set for a session: the request must carry the same. */
  readonly sessionToken?: string
  /** Epoch milliseconds after which the session token is refused. */
  readonly expiresAt?: number
  readonly principal: Principal
}

/** The parts of an Authorization header. */
export interface Authorization {
  readonly accessKeyId: string
  /** `20261123`. */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly terminator: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
// AWS: a request is refused when its date differs by more than 15 minutes.
const SKEW_MINUTES = 15

// AWS: its words; a scope that is none comes before all that hangs on it.
const SCOPE_PARTS = 5

/** What keeps an Authorization header from naming a service; undefined where it names one. */
export function unscoped(headers: Readonly<Record<string, string>>): string | undefined {
  const authorization = readAuthorization(headers)
  if (!authorization || authorization.service) return undefined
  const given = fieldOf(headers.authorization ?? '', 'Credential')
  if (!given) return findGap(authorization, headers)
  const parts = 'e.g. keyid/date/region/service/term'
  return `Credential must have exactly ${SCOPE_PARTS} slash-delimited elements, ${parts}, got '${given}'`
}

const fieldOf = (header: string, name: string) => new RegExp(`\\b${name}=([^,\\s]+)`).exec(header)?.[1] ?? ''

/** The credential scope and signature of a request; undefined without an Authorization header of this algorithm. */
export function readAuthorization(headers: Readonly<Record<string, string>>): Authorization | undefined {
  const header = headers.authorization ?? ''
  if (!header.startsWith(ALGORITHM)) return undefined
  const field = (name: string) => fieldOf(header, name)
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] =
    field('Credential').split('/')
  return {
    accessKeyId,
    date,
    region,
    service,
    terminator,
    signedHeaders: field('SignedHeaders').split(';').filter(Boolean),
    signature: field('Signature'),
  }
}

/**
 * Who signed this request. `now` is in epoch milliseconds. Throws the AwsError with which this service refuses a
 * caller: unknown key, wrong or expired token, wrong signature or scope, or a date that is too far away.
 */
export async function verify(
  request: HttpRequest,
  authorization: Authorization,
  speaker: Speaker,
  lookup: (accessKeyId: string) => Credential | undefined,
  now: number,
): Promise<Principal> {
  const stamp = request.headers['x-amz-date'] ?? ''
  const incomplete = findGap(authorization, request.headers)
  if (incomplete) throw incompleteSignature(speaker, incomplete)
  const credential = lookup(authorization.accessKeyId)
  if (!credential) throw invalidToken(speaker)
  if ((request.headers['x-amz-security-token'] ?? '') !== (credential.sessionToken ?? '')) {
    throw invalidToken(speaker)
  }
  if (credential.expiresAt !== undefined && credential.expiresAt <= now) throw expiredToken(speaker)
  const refusal = refuseScope(authorization, stamp, speaker) ?? refuseDate(stamp, now, speaker)
  if (refusal) throw refusal
  const expected = await sign(request, authorization, credential, instantOf(stamp))
  if (!equal(expected, authorization.signature)) throw wrongSignature(speaker)
  return credential.principal
}

/** AWS: names what the Authorization header lacks. */
function findGap(
  authorization: Authorization,
  headers: Readonly<Record<string, string>>,
): string | undefined {
  const lacks: string[] = []
  if (!authorization.accessKeyId) lacks.push("Authorization header requires 'Credential' parameter.")
  if (!authorization.signature) lacks.push("Authorization header requires 'Signature' parameter.")
  if (!authorization.signedHeaders.length)
    lacks.push("Authorization header requires 'SignedHeaders' parameter.")
  if (Number.isNaN(instantOf(headers['x-amz-date'] ?? ''))) {
    lacks.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
  }
  if (!lacks.length) return undefined
  return `${lacks.join(' ')} Authorization=${ALGORITHM}`
}

function refuseScope(authorization: Authorization, stamp: string, speaker: Speaker): AwsError | undefined {
  const { terminator, date, signedHeaders } = authorization
  if (terminator !== 'aws4_request') {
    const message = `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`
    return wrongSignature(speaker, message)
  }
  if (date !== stamp.slice(0, 8)) {
    const message =
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
      `'${date}' != '${stamp.slice(0, 8)}', from '${stamp}'.`
    return wrongSignature(speaker, message)
  }
  if (!signedHeaders.includes('host')) {
    return wrongSignature(
      speaker,
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
  }
  return undefined
}

function refuseDate(stamp: string, now: number, speaker: Speaker): AwsError | undefined {
  const minutes = (instantOf(stamp) - now) / 60_000
  const nowStamp = stampOf(now)
  if (minutes < -SKEW_MINUTES) {
    const limit = stampOf(now - SKEW_MINUTES * 60_000)
    const message = `Signature expired: ${stamp} is now earlier than ${limit} (${nowStamp} - ${SKEW_MINUTES} min.)`
    return wrongSignature(speaker, message)
  }
  if (minutes > SKEW_MINUTES) {
    const limit = stampOf(now + SKEW_MINUTES * 60_000)
    const message = `Signature not yet current: ${stamp} is still later than ${limit} (${nowStamp} + ${SKEW_MINUTES} min.)`
    return wrongSignature(speaker, message)
  }
  return undefined
}

/** `20261123T051900Z` in epoch milliseconds; NaN for another form. */
const instantOf = (stamp: string) =>
  Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
const stampOf = (instant: number) => new Date(instant).toISOString().replace(/[-:]|\.\d+/g, '')

/** The signature that the holder of this credential makes for this request. */
async function sign(
  request: HttpRequest,
  { region, service, signedHeaders, accessKeyId }: Authorization,
  { secretAccessKey, sessionToken }: Credential,
  signedAt: number,
): Promise<string> {
  const names = new Set(signedHeaders)
  const headers: Record<string, string> = {}
  for (const name of names) if (request.headers[name] !== undefined) headers[name] = request.headers[name]
  // A body hash in a header is only as good as the body: it is computed again, unless the caller left the body out.
  const claimed = headers['x-amz-content-sha256']
  if (claimed && claimed !== 'UNSIGNED-PAYLOAD') headers['x-amz-content-sha256'] = sha256(request.body)
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  })
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: headers.host ?? '',
      path: request.path,
      query: queryOf(request.query),
      headers,
      body: request.body,
    },
    {
      signingDate: new Date(signedAt),
      signableHeaders: names,
      // The signer adds these two by itself, but they count only where the caller signed them.
      unsignableHeaders: new Set(['x-amz-date', 'x-amz-security-token'].filter((name) => !names.has(name))),
    },
  )
  return readAuthorization(signed.headers)?.signature ?? ''
}

function queryOf(query: URLSearchParams): Record<string, string | string[]> {
  const bag: Record<string, string | string[]> = {}
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name)
    bag[name] = values.length === 1 ? values[0]! : values
  }
  return bag
}

const sha256 = (body: Uint8Array) => createHash('sha256').update(body).digest('hex')

/** Node's SHA-256 in the form that the SDK's signer wants. */
class Sha256 {
  private readonly hash: Hash | Hmac
  constructor(key?: unknown) {
    this.hash = key ? createHmac('sha256', key as Uint8Array) : createHash('sha256')
  }
  update(data: Uint8Array) {
    this.hash.update(data)
  }
  async digest() {
    return new Uint8Array(this.hash.digest())
  }
  reset() {}
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
