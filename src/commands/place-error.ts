// Why a state cannot be opened where it was looked for, in words. When they are said is `place.ts`'s.
import { kindOf } from '../aws/errors.js'
import { EXIT, LockedError, MultiregionError } from '../base/errors.js'
import type { StackState } from '../engine/ledger.js'
import type { ControlTable, Moved } from '../state/control-table.js'

export const stateMoved = (moved: Moved, { name }: ControlTable) =>
  new MultiregionError(
    'state-moved',
    `The shared state in table ${name} was moved to the file ${moved.file} on ${moved.host} at ${moved.at}`,
    'Work there, or share it again: state.backend "global-table" in the config there, then multiregion up. If that machine is gone: multiregion state rebuild.',
    EXIT.error,
    { ...moved },
  )

export const unfinished = ({ name }: ControlTable) =>
  new LockedError(
    `The table ${name} for the shared state stands, but no state is in it: another machine has begun, and has not come to it yet`,
    'Wait for its run to end; if it was broken off, run multiregion up there again. If that machine is gone: multiregion state rebuild',
    { table: name },
  )

export const justMoved = ({ name }: ControlTable) =>
  new LockedError(
    `The shared state in table ${name} was moved at this moment.`,
    'Run the same command again.',
    { table: name },
  )

export const twoStates = (file: string, mine: StackState, { name }: ControlTable, theirs: StackState) =>
  new MultiregionError(
    'two-states',
    `There are two states of this stack: the file ${file} (lineage ${mine.lineage}) and that in table ${name} (lineage ${theirs.lineage})`,
    `Other machines use the table. If the file is of no use any more, move it away and run the same command again; if it is, give this project another stage.`,
    EXIT.error,
    { file, table: name },
  )

/** Rethrows, but for a look that is refused: who shares no state needs no right to look for one, nor an endpoint that could. */
export function unlessRefused(error: Error): undefined {
  if (!['denied', 'unsupported', 'other'].includes(kindOf(error.cause))) throw error
}

type Owner = Partial<Pick<StackState, 'stack' | 'account' | 'partition'>>

/** What the state recorded stands elsewhere, so nothing of it can be looked up or changed from here. What is not said is no other. */
export function refuseOthers(where: string, said: Owner, ours: Owner): void {
  const theirs = { ...ours, ...said }
  if (theirs.stack !== ours.stack)
    throw new MultiregionError(
      'wrong-stack',
      `The state ${where} belongs to the stack ${theirs.stack}, but the config is of ${ours.stack}`,
      'Put the state of this stack back, or move that one away and run: multiregion state rebuild',
    )
  if (theirs.account !== ours.account || theirs.partition !== ours.partition)
    throw new MultiregionError(
      'wrong-account',
      `The state ${where} belongs to account ${theirs.account} (${theirs.partition}), but these credentials are of account ${ours.account} (${ours.partition})`,
      'Use the credentials of that account (AWS_PROFILE=name), or another stage in the config for this one.',
    )
}
