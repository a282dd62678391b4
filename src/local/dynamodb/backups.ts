// Point-in-time recovery, per region: the switch and its description. There is nothing to restore from here: backups and
// restores are not part of the local cloud.
import type { PointInTimeRecoverySpecification } from '@aws-sdk/client-dynamodb'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { tableNameOf } from './arn.js'
import { type DynamoDb, isPast, nameLock } from './context.js'
import { constraint, validation } from './error.js'
import type { TableRecord } from './table-state.js'

// AWS: the default, which is the longest too.
const MOST_DAYS = 35

interface TableInput {
  readonly TableName?: unknown
}

interface UpdateInput extends TableInput {
  readonly PointInTimeRecoverySpecification?: Partial<PointInTimeRecoverySpecification>
}

/** AWS: this family has a not-found error of its own, also for a table that is CREATING. */
function backedTable(db: DynamoDb, input: TableInput, call: Call): TableRecord {
  const name = tableNameOf(input.TableName, call, db.world.account)
  const table = db.tables.find(call.region, name)
  const status = table && db.tables.status(table)
  if (!table || status === 'CREATING' || status === 'DELETING') {
    throw new AwsError('TableNotFoundException', `Table not found: ${name}`)
  }
  return table
}

export async function describeContinuousBackups(db: DynamoDb, input: TableInput, call: Call) {
  return { ContinuousBackupsDescription: backupsOf(db, backedTable(db, input, call)) }
}

export async function updateContinuousBackups(db: DynamoDb, input: UpdateInput, call: Call) {
  const days = daysIn(input)
  const { name } = backedTable(db, input, call)
  return db.locks.run([nameLock(name)], async () => {
    const table = backedTable(db, input, call)
    if (!isPast(db, table.backupsAt)) {
      const message = `Backups are being enabled for the table: ${name}. Please retry later`
      throw new AwsError('ContinuousBackupsUnavailableException', message)
    }
    // AWS: turned off and on again, the window begins anew.
    const since = table.recovery?.since ?? db.world.clock.now()
    const changed = db.tables.update(table, { recovery: days === undefined ? undefined : { since, days } })
    return { ContinuousBackupsDescription: backupsOf(db, changed) }
  })
}

/** The recovery period asked for; undefined when recovery is to be off. */
function daysIn({ PointInTimeRecoverySpecification: given }: UpdateInput): number | undefined {
  const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: days } = given ?? {}
  const path = 'pointInTimeRecoverySpecification'
  if (typeof enabled !== 'boolean') {
    const member = given ? `${path}.pointInTimeRecoveryEnabled` : path
    throw constraint(`Value null at '${member}' failed to satisfy constraint: Member must not be null`)
  }
  if (days !== undefined && (days < 1 || days > MOST_DAYS)) {
    const bound = days < 1 ? 'greater than or equal to 1' : `less than or equal to ${MOST_DAYS}`
    throw constraint(
      `Value '${days}' at '${path}.recoveryPeriodInDays' failed to satisfy constraint: Member must have value ${bound}`,
    )
  }
  if (enabled) return days ?? MOST_DAYS
  if (days !== undefined) {
    throw validation(
      'Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.',
    )
  }
  return undefined
}

// AWS: the latest restorable moment is five minutes ago.
const LATEST_SECONDS = 300

function backupsOf(db: DynamoDb, table: TableRecord) {
  const { recovery, backupsAt } = table
  const now = db.world.clock.now() / 1000
  return {
    // AWS: not recovery's switch. It turns ENABLED by itself, soon after the table is ACTIVE.
    ContinuousBackupsStatus: isPast(db, backupsAt) ? 'ENABLED' : 'DISABLED',
    PointInTimeRecoveryDescription: recovery
      ? {
          PointInTimeRecoveryStatus: 'ENABLED',
          RecoveryPeriodInDays: recovery.days,
          EarliestRestorableDateTime: recovery.since / 1000,
          LatestRestorableDateTime: Math.max(recovery.since / 1000, now - LATEST_SECONDS),
        }
      : { PointInTimeRecoveryStatus: 'DISABLED' },
  }
}
