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
}

/** `input` and the answer are the SDK's own shapes of that operation (Dates, Uint8Arrays). Throws AwsError. */
export type Operation<I = never, O = unknown> = (input: I, call: Call) => O | Promise<O>

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
  /** The IAM action and resource of a call, for role sessions. Default: `<name>:<operation>` on `*`. */
  authorize?(
    operation: string,
    input: Record<string, unknown>,
    call: Call,
  ): { action: string; resource: string }[]
  /** Answers without the SDK's codec where it can; undefined means: decode and use `operations`. */
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
    type: 'A' | 'CNAME' | 'NS' | 'TXT',
    clientIp?: string,
  ): readonly { name: string; type: string; data: string }[]
}

export type { Collection }
