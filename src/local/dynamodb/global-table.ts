// The operations of global tables version 2017.11.29, which AWS no longer makes. They answer as AWS does since 2026.
// Global tables of version 2019.11.21 are made by UpdateTable: see `replica-update.ts`.
import { AwsError } from '../wire/errors.js'
import { invalidParameter } from './error.js'

interface LegacyInput {
  readonly GlobalTableName?: string
}

const notSupported = () =>
  invalidParameter(
    'DynamoDB global tables version 2017.11.29 is not supported. We recommend using DynamoDB global tables version ' +
      '2019.11.21, instead of version 2017.11.29 (Legacy).',
  )

export async function createGlobalTable(): Promise<object> {
  throw notSupported()
}

const notFound = (prefix: string, { GlobalTableName: name }: LegacyInput) =>
  new AwsError('GlobalTableNotFoundException', `${prefix}Global table with name: '${name}' does not exist.`)

export async function describeGlobalTable(_: unknown, input: LegacyInput): Promise<object> {
  throw notFound('Global table not found: ', input)
}

interface UpdateInput extends LegacyInput {
  readonly ReplicaUpdates?: readonly ({ readonly Create?: object } | null)[]
}

/** AWS: adding a replica is refused before the name is looked at. */
export async function updateGlobalTable(_: unknown, input: UpdateInput): Promise<object> {
  const { ReplicaUpdates: updates } = input
  if (Array.isArray(updates) && updates.some((update) => update?.Create)) throw notSupported()
  throw notFound('Global table not found: ', input)
}

export async function listGlobalTables(): Promise<object> {
  return { GlobalTables: [] }
}
