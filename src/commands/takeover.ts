// `state takeover --to R`: gives the shared state another home region, for good or because the old one is lost. What the
// old home still writes afterwards is never the state again; the next run looks for it in the cloud.
import { TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { EXIT, MultiregionError } from '../base/errors.js'
import type { Emit } from '../base/events.js'
import type { Config } from '../config/schema.js'
import type { StackState } from '../engine/ledger.js'
import {
  type ControlTable,
  itemOfTerm,
  keptIn,
  keyOf,
  lookAround,
  markOf,
  type Term,
  tell,
  termOf,
  told,
} from '../state/control-table.js'
import { type Lease, refuseLiving } from '../state/lease.js'
import { newestElsewhere, stateIn, writesOf } from '../state/table-store.js'
import { tableOf } from './place.js'
import { stateMoved } from './place-error.js'
import { hold } from './place-table.js'
import { refuseUnknown } from './region.js'
import { SCHEMA_VERSION, type TakeoverResult } from './result.js'
import type { Target } from './target.js'

export interface TakeoverOptions {
  readonly to: string
  /** Does not look whether a run still works in the home that does not answer. */
  readonly force: boolean
  /** As typed, for who is refused meanwhile. */
  readonly command: string
  readonly emit: Emit
}

/** Throws LockedError while another run is at work, MultiregionError where there is nothing to take over. */
export async function takeover(
  config: Config,
  target: Target,
  options: TakeoverOptions,
): Promise<TakeoverResult> {
  const { to } = options
  const table = tableOf(config, target)
  refuseUnknown(config, '--to', to, `state takeover --to ${config.regions[1] ?? config.home}`)
  const sighting = await lookAround(table, config.regions)
  const from = sighting.terms.at(-1)
  if (!from) throw notShared(config, table)
  if (!sighting.readable.includes(to)) throw notThere(table, to)
  const result = {
    schemaVersion: SCHEMA_VERSION,
    verb: 'state takeover',
    stack: config.stack,
    from: from.region,
    to,
  } as const
  if (from.region === to) return { ...result, changed: false, forced: false, serial: null }
  const answers = sighting.readable.includes(from.region)
  const onLost = () => undefined
  const lease = answers
    ? await hold({ ...options, config, target, onLost }, table, from, options.command)
    : undefined
  try {
    if (!lease && !options.force) await refuseLiving(table, from, to, target.world)
    const found = lease ? await stateAtHome(table, from) : await newestElsewhere(table, sighting)
    if (!found) throw nowhere(table, from, answers)
    if (found.moved) throw stateMoved(found.moved, table)
    const next = termOf(from.number + 1, to, { ...from.seen, [found.term.id]: found.mark })
    await begin(table, next, found.state, target)
    if (lease) await close(table, lease, next)
    return { ...result, changed: true, forced: !lease, serial: found.state.serial + 1 }
  } finally {
    await lease?.release()
  }
}

async function stateAtHome(table: ControlTable, term: Term) {
  const kept = await keptIn(table, term.region, term)
  const found = stateIn(kept, table, term)
  return found && { ...found, term, moved: kept.moved?.to }
}

/** The new term and its first generation at once: whoever sees the one sees the other. */
async function begin(table: ControlTable, term: Term, state: StackState, { world }: Target): Promise<void> {
  const at = world.date().toISOString()
  const serial = state.serial + 1
  // Its first holder's fence is higher.
  const { puts } = writesOf({ ...state, serial }, markOf(0, serial), term, table.name, at)
  const home = {
    Put: {
      TableName: table.name,
      Item: itemOfTerm(term, at),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  }
  try {
    await table.dynamodb(term.region).send(new TransactWriteItemsCommand({ TransactItems: [home, ...puts] }))
  } catch (error) {
    if ((error as Error).name !== 'TransactionCanceledException') throw tell(error, table.name, term.region)
    throw new MultiregionError(
      'taken-over',
      `Another takeover has just made ${term.region} the home of the shared state`,
      'Look with multiregion state show.',
      EXIT.error,
      { table: table.name, region: term.region },
    )
  }
}

/** No run may take the old lease again, even one that has not heard of the new home yet. */
async function close(table: ControlTable, { term, nonce }: Lease, next: Term): Promise<void> {
  const update = new UpdateItemCommand({
    TableName: table.name,
    Key: keyOf('lock', term.id),
    UpdateExpression: 'SET closed = :next REMOVE nonce, holder',
    ConditionExpression: 'nonce = :nonce',
    ExpressionAttributeValues: { ':next': { S: next.id }, ':nonce': { S: nonce } },
  })
  await told(table.dynamodb(term.region).send(update), table.name, term.region)
}

const notShared = ({ state }: Config, { name }: ControlTable) =>
  new MultiregionError(
    'not-shared',
    `There is no shared state: table ${name} holds none`,
    state.backend === 'file'
      ? 'The state of this project is a file; set state.backend to "global-table" in the config and run multiregion up to share it.'
      : 'Run multiregion up first. If this stack stands already, make its state anew from what stands: multiregion state rebuild',
    EXIT.error,
    { table: name },
  )

const nowhere = ({ name }: ControlTable, { region }: Term, answers: boolean) =>
  new MultiregionError(
    'state',
    answers
      ? `Table ${name} of the shared state holds none in its home ${region}`
      : `The home of the shared state, ${region}, does not answer, and table ${name} holds none in the regions that do`,
    answers
      ? 'Nothing was changed. Make it anew from what stands: multiregion state rebuild'
      : `Nothing was changed. Wait for ${region}, which may have it. If it is lost for good, remove the table ${name} and make the state anew from what stands: multiregion state rebuild`,
    EXIT.error,
    { table: name, region },
  )

const notThere = ({ name }: ControlTable, to: string) =>
  new MultiregionError(
    'state-home',
    `Table ${name} of the shared state cannot be read in ${to}`,
    'Choose a region that answers and has the table; multiregion state show tells where it was read.',
    EXIT.error,
    { table: name, region: to },
  )
