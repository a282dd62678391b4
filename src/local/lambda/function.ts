// A Lambda function as it is kept, what of it is live at an instant, and how AWS describes it. Who may change it and
// when is function-operations.ts's; running it is host.ts's.
import { createHash } from 'node:crypto'
import type { Architecture, FunctionConfiguration, Runtime } from '@aws-sdk/client-lambda'
import { AwsError } from '../wire/errors.js'
import type { PolicyStatement } from './policy.js'

/** What code and configuration a function has: the part that an update changes. */
export interface Settings {
  readonly runtime: Runtime
  readonly handler: string
  readonly roleArn: string
  readonly description: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /** Absent when it was never given: AWS then leaves it out of its answers. */
  readonly environment?: Readonly<Record<string, string>>
  readonly architecture: Architecture
  readonly logGroup: string
  /** Base64, as AWS shows it; code-store.ts keeps the zip by it. */
  readonly codeSha256: string
  readonly codeBytes: number
}

export interface FunctionRecord {
  readonly region: string
  readonly name: string
  readonly arn: string
  /** What the API answers: an update shows at once. */
  readonly settings: Settings
  /** The create or update that was made last. */
  readonly change: Change
  /** Epoch milliseconds. */
  readonly modifiedAt: number
  /** AWS: while a change is under way the function shows the change's own revision, and this one after it. */
  readonly revisionId: string
  readonly tags: Readonly<Record<string, string>>
  readonly policy: readonly PolicyStatement[]
  readonly reservedConcurrency?: number
}

export interface Change {
  readonly kind: 'create' | 'update'
  /** The instant from which its settings are live. */
  readonly endsAt: number
  readonly revisionId: string
  /** What is live until then. */
  readonly before?: Settings
}

export const isPending = ({ change }: FunctionRecord, now: number) =>
  change.kind === 'create' && now < change.endsAt
export const isUpdating = ({ change }: FunctionRecord, now: number) =>
  change.kind === 'update' && now < change.endsAt

/** AWS: an update under way leaves invocations on the code and configuration from before it. */
export function liveSettings({ settings, change }: FunctionRecord, now: number): Settings {
  return (now < change.endsAt && change.before) || settings
}

export const revisionOf = ({ change, revisionId }: FunctionRecord, now: number) =>
  now < change.endsAt ? change.revisionId : revisionId

/** The conflict of an operation that needs a settled function; undefined when it is settled. */
export function unsettled(fn: FunctionRecord, now: number): AwsError | undefined {
  const cannot = 'The operation cannot be performed at this time.'
  if (isPending(fn, now)) {
    const message = `${cannot} The function is currently in the following state: Pending`
    return new AwsError('ResourceConflictException', message, 409)
  }
  if (!isUpdating(fn, now)) return undefined
  const message = `${cannot} An update is in progress for resource: ${fn.arn}`
  return new AwsError('ResourceConflictException', message, 409)
}

/** The function as AWS's GetFunctionConfiguration answers it. */
export function configurationOf(fn: FunctionRecord, now: number): FunctionConfiguration {
  return { ...settingsOf(fn, now), ...statesOf(fn, now), RuntimeVersionConfig: runtimeVersion(fn) }
}

/** AWS: ListFunctions leaves the states out. */
export function settingsOf(fn: FunctionRecord, now: number): FunctionConfiguration {
  const { settings } = fn
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    Runtime: settings.runtime,
    Role: settings.roleArn,
    Handler: settings.handler,
    CodeSize: settings.codeBytes,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: timestamp(fn.modifiedAt),
    CodeSha256: settings.codeSha256,
    Version: '$LATEST',
    ...(settings.environment && { Environment: { Variables: { ...settings.environment } } }),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: revisionOf(fn, now),
    PackageType: 'Zip',
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: settings.logGroup },
  }
}

// AWS: a new function has no LastUpdateStatus before it is Active; an update under way says "being created", too.
function statesOf(fn: FunctionRecord, now: number): FunctionConfiguration {
  const reason = 'The function is being created.'
  if (isPending(fn, now)) return { State: 'Pending', StateReason: reason, StateReasonCode: 'Creating' }
  if (!isUpdating(fn, now)) return { State: 'Active', LastUpdateStatus: 'Successful' }
  const code = 'Creating' as FunctionConfiguration['LastUpdateStatusReasonCode']
  return {
    State: 'Active',
    LastUpdateStatus: 'InProgress',
    LastUpdateStatusReason: reason,
    LastUpdateStatusReasonCode: code,
  }
}

/** An ARN in AWS's form. Its hash stands for the Node.js of this machine, whatever the runtime's name says. */
export function runtimeVersionArn(region: string, runtime: string): string {
  const hash = createHash('sha256').update(`${runtime} on Node.js ${process.version}`).digest('hex')
  return `arn:aws:lambda:${region}::runtime:${hash}`
}

const runtimeVersion = ({ region, settings }: FunctionRecord) => ({
  RuntimeVersionArn: runtimeVersionArn(region, settings.runtime),
})

/** AWS: `2026-01-01T00:00:00.000+0000`. */
const timestamp = (instant: number) => new Date(instant).toISOString().replace('Z', '+0000')
