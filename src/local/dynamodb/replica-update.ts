// UpdateTable's `ReplicaUpdates`: exactly one Create or Delete, and all the reasons for which AWS refuses one. Most of
// them are ValidationExceptions that only their text tells apart. What is done then is in `replica.ts`.
import type { ReplicationGroupUpdate, UpdateTableCommandInput } from '@aws-sdk/client-dynamodb'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { type DynamoDb, isPast } from './context.js'
import { remove } from './control.js'
import { descriptionOf } from './describe.js'
import {
  globalTableInUse,
  invalidParameter,
  protectedReplica,
  tableBusy,
  unsupported,
  validation,
} from './error.js'
import { hasSourcedReplica, isChanging, join, leave, SOURCED } from './replica.js'
import { NOT_AUTO_SCALED } from './table-settings.js'
import type { TableRecord } from './table-state.js'

export interface ReplicaAction {
  readonly kind: 'Create' | 'Delete'
  readonly region: string
}

// AWS: regions of global tables, version 2019.11.21.
const REGIONS = (
  'ap-south-2 ap-south-1 eu-south-1 eu-south-2 me-central-1 il-central-1 ca-central-1 eu-central-1 eu-central-2 ' +
  'us-west-1 us-west-2 af-south-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 ap-northeast-1 ap-northeast-2 ' +
  'ap-northeast-3 me-south-1 sa-east-1 ap-east-1 ap-east-2 us-east-1 us-east-2 ap-southeast-1 ap-southeast-2 ' +
  'ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 mx-central-1'
).split(' ')

const KINDS = ['Create', 'Update', 'Delete'] as const

/** The one action of the request. Throws for a request that is wrong whatever the table is. */
export function replicaActionIn(updates: readonly ReplicationGroupUpdate[], call: Call): ReplicaAction {
  if (!Array.isArray(updates)) throw new AwsError('SerializationException', 'Unexpected field type')
  const actions = updates.map(actionOf)
  const [first] = actions as [ReturnType<typeof actionOf>]
  if (actions.some((action) => action.kind !== first.kind)) throw validation(MIXED)
  // AWS: the same region twice counts once.
  if (actions.some((action) => action.region !== first.region)) {
    throw validation('Update table operation with more than one create or delete replica actions not allowed')
  }
  const { kind, region } = first
  if (!REGIONS.includes(region)) {
    throw validation(
      `Region ${region} is not supported. The latest version of global tables are only supported in the following ` +
        `regions: [${REGIONS.join(', ')}]`,
    )
  }
  if (region === call.region) {
    throw validation(
      'Cannot add or delete the local region through ReplicaUpdates. ' +
        'Use CreateTable, DeleteTable, or UpdateTable as required.',
    )
  }
  if (kind === 'Update') throw unsupported('ReplicaUpdates.Update')
  return { kind, region }
}

/** Refuses replicas with strong consistency, in AWS's words where AWS refuses them too. */
export function refuseStrong(input: UpdateTableCommandInput): void {
  const { MultiRegionConsistency, ReplicaUpdates = [], GlobalTableWitnessUpdates = [] } = input
  if (MultiRegionConsistency !== 'STRONG') return
  // AWS: such a table has three regions, and all of them from the start.
  if (ReplicaUpdates.length + GlobalTableWitnessUpdates.length !== 2) {
    throw validation('Unsupported replica count for global tables with MultiRegionConsistency set to STRONG.')
  }
  throw unsupported('MultiRegionConsistency STRONG')
}

const MIXED = 'Update table operation with more than one type of replica actions not allowed'
const NO_ACTION = 'There are no actions specified in the Replica Update Action of the request.'

function actionOf(update: ReplicationGroupUpdate): { kind: (typeof KINDS)[number]; region: string } {
  const kinds = KINDS.filter((kind) => update?.[kind])
  if (!kinds.length) throw validation(NO_ACTION)
  if (kinds.length > 1) throw validation(MIXED)
  const kind = kinds[0]!
  const { RegionName, ...overrides } = update[kind]!
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined)
  if (kind === 'Update' && !given.length) throw validation(NO_ACTION)
  if (kind === 'Create' && given.length) refuseOverride(given[0]![0])
  return { kind, region: RegionName ?? '' }
}

function refuseOverride(member: string): never {
  // AWS: a table under an AWS owned key takes no key for a replica, and says so in this way.
  if (member === 'KMSMasterKeyId')
    throw invalidParameter('KMSMasterKeyId must be specified for each replica.')
  throw unsupported(`ReplicaUpdates.Create.${member}`)
}

/** Makes the change. The caller holds the name's lock. The answer is the table as AWS shows it then. */
export async function changeReplicas(db: DynamoDb, table: TableRecord, { kind, region }: ReplicaAction) {
  if (kind === 'Create') return add(db, table, region)
  return drop(db, table, region)
}

async function add(db: DynamoDb, table: TableRecord, region: string) {
  const there = db.tables.stored(region, table.name)
  if (there && isPast(db, there.goneAt)) await remove(db, there)
  else if (there && isPast(db, there.visibleAt)) {
    // AWS: a member already, a table of its own, or a replica that is not yet gone: one text for all.
    throw validation(
      `Failed to create a the new replica of table with name: ‘${table.name}’ ` +
        'because one or more replicas already existed as tables.',
    )
  }
  refuseWhileChanging(db, table)
  if (table.settings.billingMode !== 'PAY_PER_REQUEST') throw validation(NOT_AUTO_SCALED)
  const source = await join(db, table, region)
  return { ...descriptionOf(db, source), TableStatus: 'UPDATING' as const }
}

function drop(db: DynamoDb, table: TableRecord, region: string) {
  const replica = db.tables.others(table).find((other) => other.region === region)
  if (!replica || !isPast(db, replica.membership?.listedAt)) {
    throw validation(
      'Update global table operation failed because one or more replicas were not part of the global table. ' +
        `Please retry the request without these replicas: [${region}].`,
    )
  }
  if (table.goneAt !== undefined || replica.goneAt !== undefined) throw globalTableInUse()
  if (hasSourcedReplica(db, replica)) throw validation(SOURCED)
  if (replica.settings.deletionProtection) throw protectedReplica(table.name, region)
  refuseWhileChanging(db, table)
  const before = descriptionOf(db, table)
  leave(db, replica, 'another')
  return { ...before, TableStatus: 'UPDATING' as const }
}

function refuseWhileChanging(db: DynamoDb, table: TableRecord): void {
  const status = db.tables.status(table)
  const isGlobal = db.tables.others(table).length > 0
  if (status === 'CREATING' && isGlobal) {
    throw validation(
      'Create/Update/Delete of replica is not allowed while the replica is being added to table with name: ' +
        `‘${table.name}’ in region: ‘${table.region}’.`,
    )
  }
  if (isGlobal && (status !== 'ACTIVE' || isChanging(db, table))) throw globalTableInUse()
  if (status === 'ACTIVE') return
  throw tableBusy(status, table.name)
}
