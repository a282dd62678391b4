// The inputs of CreateTable and UpdateTable that say how a table is run: what AWS requires of them, and what this cloud
// supports. Keys and indexes are checked by the engine; replicas are `replica.ts`'s.
import type { CreateTableCommandInput, UpdateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { constraint, invalidParameter, unsupported } from './error.js'
import type { Throughput } from './shape.js'
import type { TableSettings } from './table-state.js'

type Input = Partial<CreateTableCommandInput & UpdateTableCommandInput>

const BILLING_MODES = ['PROVISIONED', 'PAY_PER_REQUEST']
const VIEW_TYPES = ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY']

/** Refuses, loudly, what AWS would take and this cloud would have to ignore. */
export function refuseUnsupported(input: Input): void {
  const never = [
    'ResourcePolicy',
    'OnDemandThroughput',
    'WarmThroughput',
    'GlobalTableSourceArn',
    'GlobalTableSettingsReplicationMode',
    'GlobalTableWitnessUpdates',
    'GlobalSecondaryIndexUpdates',
  ] as const
  for (const member of never) if (input[member] !== undefined) throw unsupported(member)
  if (input.TableClass && input.TableClass !== 'STANDARD') throw unsupported(`TableClass ${input.TableClass}`)
  const { Enabled, SSEType, KMSMasterKeyId } = input.SSESpecification ?? {}
  if (Enabled || SSEType || KMSMasterKeyId) throw unsupported('SSESpecification with a KMS key')
  if (input.MultiRegionConsistency && input.MultiRegionConsistency !== 'EVENTUAL') {
    throw unsupported(`MultiRegionConsistency ${input.MultiRegionConsistency}`)
  }
}

/** The billing mode and capacity asked for; undefined where the input says nothing of either. */
export function billingIn(
  input: Input,
  now?: TableSettings,
): Pick<TableSettings, 'billingMode' | 'throughput'> {
  const { BillingMode, ProvisionedThroughput } = input
  if (BillingMode !== undefined && !BILLING_MODES.includes(BillingMode)) {
    throw notInSet(BillingMode, 'billingMode', BILLING_MODES)
  }
  const billingMode = BillingMode ?? now?.billingMode ?? 'PROVISIONED'
  if (billingMode === 'PAY_PER_REQUEST') {
    if (!ProvisionedThroughput) return { billingMode }
    throw invalidParameter(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    )
  }
  if (!ProvisionedThroughput) {
    throw invalidParameter(
      now
        ? 'ProvisionedThroughput must be specified when BillingMode is PROVISIONED'
        : 'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    )
  }
  const { ReadCapacityUnits, WriteCapacityUnits } = ProvisionedThroughput
  checkUnits('readCapacityUnits', ReadCapacityUnits)
  checkUnits('writeCapacityUnits', WriteCapacityUnits)
  return { billingMode, throughput: { ReadCapacityUnits, WriteCapacityUnits } as Throughput }
}

function checkUnits(member: string, units: number | undefined): void {
  const path = `provisionedThroughput.${member}`
  if (units == null)
    throw constraint(`Value null at '${path}' failed to satisfy constraint: Member must not be null`)
  if (Number.isInteger(units) && units >= 1) return
  throw constraint(
    `Value '${units}' at '${path}' failed to satisfy constraint: Member must have value greater than or equal to 1`,
  )
}

const notInSet = (value: string, path: string, set: readonly string[]) =>
  constraint(
    `Value '${value}' at '${path}' failed to satisfy constraint: Member must satisfy enum value set: [${set.join(', ')}]`,
  )

/** The view type that is asked for; null when the stream is to be disabled. AWS: a new table is refused in other words. */
export function streamIn({ StreamSpecification: stream }: Input, isNew: boolean): string | null | undefined {
  if (!stream) return undefined
  const { StreamEnabled, StreamViewType } = stream
  if (StreamEnabled == null) {
    throw constraint(
      "Value null at 'streamSpecification.streamEnabled' failed to satisfy constraint: Member must not be null",
    )
  }
  if (StreamViewType !== undefined && !VIEW_TYPES.includes(StreamViewType)) {
    throw notInSet(StreamViewType, 'streamSpecification.streamViewType', VIEW_TYPES)
  }
  if (StreamEnabled && !StreamViewType) {
    throw invalidParameter(
      isNew
        ? 'Table is being created with a stream enabled, UpdateViewType is required'
        : 'If stream is being enabled then UpdateViewType is required',
    )
  }
  if (!StreamEnabled && StreamViewType) {
    throw invalidParameter(
      isNew
        ? 'Table is being created with a stream disabled, UpdateViewType should not be specified'
        : 'If stream is being disabled, then UpdateViewType must not be specified',
    )
  }
  return StreamViewType ?? null
}

/** AWS: a stream's label is the instant of its enabling, such as `2026-11-23T05:20:00.123`. */
export const streamLabel = (now: number) => new Date(now).toISOString().replace('Z', '')

// AWS: a replicated table with provisioned capacity needs auto scaling, which the local cloud does not have.
export const NOT_AUTO_SCALED = 'Table write capacity should either be Pay-Per-Request or AutoScaled.'
