// How the local services meet each other: the few questions that one asks another. No service imports another's
// files; `cloud.ts` builds them all and hands these over. AWS's own seams are where these cuts are.
import type { Collection } from './world.js'

/** Who made a call: the account's own operator, or a function under its role. */
export interface Principal {
  readonly arn: string
  /** Set for a role session: the role's name, by which its policies are found. */
  readonly roleName?: string
}

/** One API call, after its signature was verified. */
export interface Call {
  readonly region: string
  readonly principal: Principal
  readonly operation: string
  readonly requestId: string
  /** Optional wants that are not allowed, with IAM's words: the answer leaves out what they stand for. */
  readonly lacks?: readonly { readonly action: string; readonly message: string }[]
}

/** `input` and the answer are the SDK's own shapes of that operation (Dates, Uint8Arrays). Throws AwsError. */
export type Operation<I = never, O = unknown> = (input: I, call: Call) => O | Promise<O>

/** An IAM action on a resource, as `dynamodb:PutItem` on a table's ARN; a resource of `*` is an action that has none. */
export interface Want {
  readonly action: string
  readonly resource: string
  /** Condition keys that this want has beside those of caller, time and region. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>
  /** The call goes on without it, and answers less. */
  readonly optional?: true
  /** How the service refuses it, where that is not in IAM's words. */
  readonly refusal?: { readonly code: string; readonly message: string; readonly status: number }
}

/** An answer that is already encoded, for services that bring a wire of their own (DynamoDB's data plane). */
export interface RawAnswer {
  readonly status: number
  readonly body: string
}

/** One AWS service, all regions. An operation that is not in `operations` is answered 501. */
export interface LocalService {
  /** The name in the credential scope: `dynamodb`, `lambda`, `apigateway`, `route53`, `acm`, `iam`, `sts`, `logs`. */
  readonly name: string
  readonly operations: Readonly<Record<string, Operation>>
  /** Operations that `raw` answers and `operations` lacks. */
  readonly rawOperations?: readonly string[]
  /** Those of them whose input is checked by AWS's model before `raw` sees it; the others are checked by `raw` alone. */
  readonly checkedRaw?: readonly string[]
  /** What a call must be allowed by IAM, for callers that are checked. Default: `<name>:<operation>` on `*`. */
  authorize?(operation: string, input: Record<string, unknown>, call: Call): readonly Want[]
  /**
   * Answers without the SDK's codec where it can; undefined means: decode and use `operations`. After those the front
   * door flushes the store before it answers; here what an answer says is flushed already.
   */
  raw?(operation: string, body: string, call: Call): Promise<RawAnswer | undefined>
  close?(): Promise<void>
}

export interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}

/** Asked by Lambda and by the front door. */
export interface IamPort {
  /** May Lambda assume this role now? A fresh role is `not-yet` for some seconds. */
  lambdaRole(roleArn: string): 'assumable' | 'not-yet' | 'absent'
  /** Credentials of a session of that role; they stay valid until the cloud stops, and are checked against the role's policies at each call. */
  session(roleArn: string, sessionName: string): SessionCredentials
}

/** Asked by services that make a role for themselves at their first use. */
export interface LinkedRolesPort {
  /** Makes that service's role if there is none yet and the caller may; else throws the refusal's words as AccessDenied. */
  ensure(service: string, caller: Principal, refusal?: string): void
}

export interface Invocation {
  /** `payload` is the function's answer or error document; `error` is set as in the Invoke API's FunctionError. */
  readonly payload: string
  readonly error?: 'Handled' | 'Unhandled'
}

/** Asked by API Gateway's data plane. */
export interface LambdaPort {
  /**
   * Invokes by ARN for API Gateway. The function's resource policy must allow `apigateway.amazonaws.com` with this
   * SourceArn and account; else AwsError AccessDeniedException. Throws ResourceNotFoundException for an unknown function.
   */
  invokeForApi(request: { functionArn: string; sourceArn: string; payload: string }): Promise<Invocation>
}

/** Asked by API Gateway: certificates to serve. */
export interface CertificatesPort {
  find(
    arn: string,
  ): { region: string; domainName: string; status: string; chainPem: string; keyPem: string } | undefined
}

/** Asked by ACM: which resources hold a certificate (ARNs as in InUseBy). */
export interface CertificateHoldersPort {
  holdersOf(certificateArn: string): string[]
}

/** Asked by Lambda: lines of a function's log. Dropped when the group does not exist, as the role may not create it. */
export interface LogsPort {
  write(
    region: string,
    group: string,
    stream: string,
    lines: readonly { at: number; message: string }[],
  ): void
}

/** What faults do to items on their way from one region to another. */
export interface ReplicationFault {
  /** Nothing is delivered; what is written waits. */
  readonly paused: boolean
  /** Comes on top of the usual lag, virtual seconds. */
  readonly lagSeconds: number
}

/** Asked by DynamoDB, whenever something is due. */
export interface FaultPort {
  replication(from: string, to: string): ReplicationFault
}

/** A call that faults may hit. API Gateway's data plane is the service `execute-api` with the operation `Invoke`. */
export interface FaultyCall {
  readonly plane: 'control' | 'data'
  readonly region: string
  readonly service: string
  readonly operation: string
  /** One service asks another inside of a region: only faults that name the service hit. */
  readonly within?: boolean
}

/** Answers in the words of the service, or throws them. */
export type Say<T> = (fault: 'throttle' | 500 | 503) => T | Promise<T>

/** Asked around every call. */
export interface CallFaults {
  /** Makes the call, slower or not at all where a fault says so. Throws NoAnswer where the caller is to hear nothing. */
  pass<T>(call: FaultyCall, effect: () => Promise<T>, say: Say<T>): Promise<T>
}

/** Asked by the HTTPS of a region. */
export interface EdgeFaults extends CallFaults {
  /** Set while the region does not answer; `over` is aborted when it does again. A connection that meets it is counted. */
  outage(
    region: string,
    isMet?: boolean,
  ): { readonly how: 'refuse' | 'hang'; readonly over: AbortSignal } | undefined
  /** Called when an outage may have begun or ended. Returns the way to end that. */
  onChange(listener: () => void): () => void
}

/** Where a region's HTTPS stands on this machine. */
export interface Place {
  readonly region: string
  readonly address: string
  readonly httpsPort: number
  /** Documentation subnet that counts as near this region, CIDR. */
  readonly clientSubnet: string
}

/** Asked by DNS, health checks and status: the regions this cloud knows. A region appears at its first call. */
export interface PlacesPort {
  list(): readonly Place[]
  /** The place behind an AWS host name such as `abc.execute-api.eu-west-1.amazonaws.com`, while such an API or domain exists. */
  placeOfHost(host: string): Place | undefined
}

/** Asked by ACM, health checks and the edge port: the local Route 53's answers, without the network. */
export interface DnsPort {
  /** CNAME-following lookup. Answers in order, empty when there is none. `clientIp` decides latency rules. */
  resolve(
    name: string,
    type: 'A' | 'CAA' | 'CNAME' | 'NS' | 'TXT',
    clientIp?: string,
  ): readonly { name: string; type: string; data: string }[]
}

export type { Collection }
