// Time to live: the attribute whose time an item does not outlive, the same for all replicas.
// The deleting is `expiry.ts`'s.
import type { TimeToLiveSpecification } from '@aws-sdk/client-dynamodb'
import type { Call } from '../ports.js'
import { tableNameOf } from './arn.js'
import { type DynamoDb, isPast, nameLock, pause } from './context.js'
import { constraint, globalTableInUse, inUse, tableNotFound, validation } from './error.js'
import { isChanging } from './replica.js'
import type { TableRecord, TimeToLive } from './table-state.js'

// AWS: measured; after a change no other is taken for about 31 minutes.
const LOCK_SECONDS = 1870

interface TableInput {
  readonly TableName?: unknown
}

interface UpdateInput extends TableInput {
  readonly TimeToLiveSpecification?: Partial<TimeToLiveSpecification>
}

function timedTable(db: DynamoDb, input: TableInput, call: Call): TableRecord {
  const name = tableNameOf(input.TableName, call, db.world.account)
  const table = db.tables.find(call.region, name)
  // AWS: a replica that is CREATING is there for DescribeTable only.
  const isHidden = table?.membership?.addedFrom && db.tables.status(table) === 'CREATING'
  if (!table || isHidden) throw tableNotFound(name)
  return table
}

export async function describeTimeToLive(db: DynamoDb, input: TableInput, call: Call) {
  const table = timedTable(db, input, call)
  const status = db.tables.status(table)
  if (status === 'CREATING' || status === 'DELETING') {
    throw validation(
      `Cannot describe time to live while table is in ${status} state: Current table state is ${status}`,
    )
  }
  const { timeToLive } = table
  const shown = isPast(db, timeToLive?.settledAt) ? timeToLive?.attribute : timeToLive?.before
  return {
    TimeToLiveDescription: shown
      ? { TimeToLiveStatus: 'ENABLED', AttributeName: shown }
      : { TimeToLiveStatus: 'DISABLED' },
  }
}

export async function updateTimeToLive(db: DynamoDb, input: UpdateInput, call: Call) {
  const { Enabled, AttributeName } = specificationIn(input)
  const { name } = timedTable(db, input, call)
  return db.locks.run([nameLock(name)], async () => {
    const table = timedTable(db, input, call)
    const status = db.tables.status(table)
    if (status === 'CREATING') throw inUse(`Table ${name} is being created`)
    if (status === 'DELETING') throw inUse(`Table ${name} is being deleted`)
    // AWS: nothing else is changed while a replica is added or removed.
    if (db.tables.others(table).length && isChanging(db, table)) throw globalTableInUse()
    refuse(db, table.timeToLive, { Enabled, AttributeName })
    const timeToLive: TimeToLive = {
      attribute: Enabled ? AttributeName : undefined,
      before: table.timeToLive?.attribute,
      settledAt: db.world.clock.after(db.world.takes('dynamodb.update-table')),
      lockedUntil: pause(db, LOCK_SECONDS),
    }
    for (const member of [table, ...db.tables.others(table)]) db.tables.update(member, { timeToLive })
    return { TimeToLiveSpecification: { Enabled, AttributeName } }
  })
}

function specificationIn({ TimeToLiveSpecification: given }: UpdateInput): {
  Enabled: boolean
  AttributeName: string
} {
  const { Enabled, AttributeName } = given ?? {}
  const at = (member: string) => `at 'timeToLiveSpecification${given ? `.${member}` : ''}'`
  const wrong = (value: string, member: string, rule: string) =>
    constraint(`Value ${value} ${at(member)} failed to satisfy constraint: Member must ${rule}`)
  if (typeof Enabled !== 'boolean') throw wrong('null', 'enabled', 'not be null')
  if (typeof AttributeName !== 'string') throw wrong('null', 'attributeName', 'not be null')
  if (!AttributeName) throw wrong("''", 'attributeName', 'have length greater than or equal to 1')
  if (AttributeName.length > 255) {
    throw wrong(`'${AttributeName}'`, 'attributeName', 'have length less than or equal to 255')
  }
  return { Enabled, AttributeName }
}

// AWS: what the change would be is looked at before the time of the last one.
function refuse(
  db: DynamoDb,
  now: TimeToLive | undefined,
  { Enabled, AttributeName }: { Enabled: boolean; AttributeName: string },
): void {
  if (!Enabled && !now?.attribute) throw validation('TimeToLive is already disabled')
  if (now?.attribute && now.attribute !== AttributeName) {
    throw validation(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${now.attribute}`,
    )
  }
  if (Enabled && now?.attribute) throw validation('TimeToLive is already enabled')
  if (now && !isPast(db, now.lockedUntil)) {
    throw validation('Time to live has been modified multiple times within a fixed interval')
  }
}
