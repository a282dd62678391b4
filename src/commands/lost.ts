// A state that is gone while its stack stands: looked for by `down`, which has nothing else to go by, so that it never calls
// done what it cannot see, and by all where the state was shared once. `rebuild.ts` makes the state anew.
import { MultiregionError } from '../base/errors.js'
import type { Node } from '../engine/graph.js'
import { survey, type Unseen } from '../engine/survey.js'
import { recordedEnv, runOf, type Session } from './session.js'
import { wantedNodes } from './stack.js'
import { everyNode } from './standing.js'

/**
 * Where this machine shared the state in a table that no region has any more, that in a sentence: another machine knows
 * more. Undefined where it is not so, or where a region that does not answer may have it.
 */
export function goneShare({ config, fresh, shared }: Pick<Session, 'config' | 'fresh' | 'shared'>) {
  if (!fresh || !shared?.pointer) return undefined
  const { readable, silent } = shared.sighting
  if (readable.length + silent.length > 0) return undefined
  return `The state of ${config.stack} was shared in table ${shared.table.name}, which is gone: another machine has moved it into its file or removed the stack, or the table went by hand.`
}

/** The same for the ways up, which find out only later that what stands is not theirs. Throws MultiregionError. */
export async function refuseGoneShare(session: Session): Promise<void> {
  if (goneShare(session) !== undefined) await refuseLost(session)
}

/**
 * Reads only: what can be found by names and owner tags alone, without zone and code. Throws MultiregionError `lost-state`
 * where something of this stack stands, and why where nothing is seen but not all could be looked at.
 */
export async function refuseLost(session: Session): Promise<void> {
  const { config } = session
  const wanted = new Set(wantedNodes(session).map(({ address }) => address))
  const isAlone = ({ address, edges }: Node) => wanted.has(address) && edges.length === 0
  const unseen: Unseen[] = []
  const run = runOf(session, recordedEnv(session))
  const sightings = await survey(await everyNode(session, run, true), isAlone, config, run, unseen)
  const ours = sightings.filter(({ observed }) => observed.lineage !== undefined)
  if (ours.length === 0 && unseen[0]) throw unseen[0].error
  if (ours.length === 0) return
  const gone = goneShare(session)
  const addresses = ours.map(({ node }) => node.address)
  throw new MultiregionError(
    'lost-state',
    `${gone ?? `There is no state of ${config.stack}.`} But ${addresses.length} resources that it made stand, such as ${addresses[0]}`,
    'Nothing was changed. Work on the machine that has the state. If it is lost, make the state anew from what stands: multiregion state rebuild. Then run the same command again.',
    1,
    { addresses },
  )
}
