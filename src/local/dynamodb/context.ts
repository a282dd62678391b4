// What every DynamoDB operation of this folder is given: the parts that `service.ts` has built once.
// It holds no behaviour.
import type { Call, LinkedRolesPort } from '../ports.js'
import type { World } from '../world.js'
import type { Background } from './background.js'
import type { Engines } from './engine.js'
import type { Journal } from './journal.js'
import type { KeyedMutex } from './lock.js'
import type { Replication } from './replication.js'
import type { Scratch } from './scratch.js'
import type { Tables } from './table-state.js'

export interface DynamoDb {
  readonly world: World
  readonly tables: Tables
  readonly engines: Engines
  /** Per item (`itemLock`), and per table name for changes of tables. */
  readonly locks: KeyedMutex
  readonly replication: Replication
  readonly journal: Journal
  readonly scratch: Scratch
  readonly background: Background
  /** None where there is no IAM beside. */
  readonly linkedRoles?: LinkedRolesPort
}

/** `input` is the request's JSON, the answer the response's. Throws AwsError. */
export type Handler<I = never> = (db: DynamoDb, input: I, call: Call) => Promise<object>

/** Nothing else changes a table of this name, in any region, while it is held. */
export const nameLock = (table: string) => `name/${table}`

/** Prefix of the locks of all items of one table. */
export const itemLocks = (region: string, table: string) => `item/${region}/${table}/`

/** AWS's fixed pauses, such as 15 s between two changes: none under the profile `instant`. Virtual seconds. */
export const pause = ({ world }: Pick<DynamoDb, 'world'>, seconds: number) =>
  world.clock.after(world.profile === 'instant' ? 0 : seconds)

export const isPast = ({ world }: Pick<DynamoDb, 'world'>, instant: number | undefined) =>
  instant !== undefined && world.clock.now() >= instant
