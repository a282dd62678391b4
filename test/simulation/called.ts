// Which AWS call an HTTP request is, read off it as it leaves, and which addresses of the state it may be about: for
// traces, and for the auditor, who asks whether its intent was on disk.
import type { HttpRequest } from '@smithy/types'

export interface Called {
  /** As `lambda:POST /2015-03-31/functions`, or `dynamodb:CreateTable`. */
  readonly name: string
  /** The same without the service. */
  readonly operation: string
  readonly region: string
  /** The resource as the request names it. */
  readonly what: string
  readonly mutating: boolean
  /** Kinds of steps whose move this can be; undefined for a call that is no step's. */
  readonly kinds: readonly string[] | undefined
  /** Whether it makes something. */
  readonly creates: boolean
  /** Whether it is about the table of a shared state, of which no state tells. */
  readonly ofControl: boolean
  /** Whether it writes the shared state itself, or its lease. */
  readonly ofState: boolean
  /** The nonce of the lease that it gives up. */
  readonly frees: string | undefined
  readonly text: string
}

const READS = /^(Get|List|Describe|Test|Query|Scan|BatchGet)/

/** The tool writes no items but those of a shared state. */
const STATE = /^dynamodb:(PutItem|DeleteItem|UpdateItem|TransactWriteItems)/

/** By `service:operation`, or `service:METHOD path`; the first that matches. */
const KINDS: readonly (readonly [RegExp, readonly string[]])[] = [
  [STATE, []],
  [/^dynamodb:(CreateTable|DeleteTable)/, ['table']],
  [/^dynamodb:UpdateTable/, ['table', 'replica', 'table-protection']],
  [/^dynamodb:(Un)?TagResource/, ['table', 'replica']],
  [/^dynamodb:UpdateContinuousBackups/, ['table-protection']],
  [/^lambda:.*\/policy/, ['invoke-permission']],
  [/^lambda:/, ['function']],
  [/^iam:/, ['role']],
  [/^logs:/, ['log-group']],
  [/^acm:/, ['certificate']],
  [/^apigateway:.*\/deployments/, ['deployment']],
  [/^apigateway:.*\/stages/, ['stage']],
  [/^apigateway:.*\/basepathmappings/, ['base-path-mapping']],
  [/^apigateway:.*\/domainnames/, ['domain-name']],
  [/^apigateway:.*\/restapis/, ['rest-api']],
  [/^apigateway:.*\/tags/, ['rest-api', 'stage', 'domain-name']],
  [/^route53:.*\/trafficpolicyinstance/, ['policy-record']],
  [/^route53:.*\/trafficpolicy/, ['traffic-policy']],
  [/^route53:.*\/(healthcheck|tags)/, ['health-check']],
  [/^route53:.*\/rrset/, ['validation-record']],
]

const CREATES =
  /:(Create\w+|RequestCertificate)$|:POST \/(2013-04-01\/(healthcheck|trafficpolicyinstance)|2015-03-31\/functions|restapis|domainnames|restapis\/\w+\/(deployments|stages)|domainnames\/[^/]+\/basepathmappings)$/

export function calledBy(request: HttpRequest): Called {
  const scope = /Credential=[^/]+\/\d+\/([\w-]+)\/([\w-]+)\//.exec(header(request, 'authorization')) ?? []
  const [, region = '?', service = '?'] = scope
  const text = textOf(request)
  const target = header(request, 'x-amz-target').split('.')[1]
  const form = target ? undefined : /(?:^|&)Action=(\w+)/.exec(text)?.[1]
  const operation = target ?? form ?? `${request.method} ${request.path}`
  const name = `${service}:${operation}`
  const isRest = !target && !form
  const what = isRest ? '' : nameIn(text, target !== undefined)
  const kinds = KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? []
  return {
    name,
    operation,
    region,
    what,
    ofState: STATE.test(name),
    frees: text.includes('REMOVE nonce') ? /":nonce":\{"S":"([\w-]+)"/.exec(text)?.[1] : undefined,
    ofControl: service === 'dynamodb' && /-control$/.test(what),
    mutating: isRest ? request.method !== 'GET' && request.method !== 'HEAD' : !READS.test(target ?? form!),
    kinds: kinds.length > 0 ? kinds : undefined,
    creates: CREATES.test(name),
    text,
  }
}

const textOf = ({ body }: HttpRequest): string =>
  typeof body === 'string' ? body : body instanceof Uint8Array ? textIn(body) : ''

/** Seen through a Buffer: the SDK's own body warns of string methods. */
const textIn = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString()

const header = ({ headers }: HttpRequest, name: string): string =>
  headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? ''

const NAMES = ['TableName', 'ResourceArn', 'logGroupName', 'CertificateArn', 'DomainName']

function nameIn(text: string, isJson: boolean): string {
  if (!isJson) return new URLSearchParams(text).get('RoleName') ?? ''
  const input = JSON.parse(text || '{}') as Record<string, unknown>
  return String(NAMES.map((name) => input[name]).find((value) => value !== undefined) ?? '')
}
