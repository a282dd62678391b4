// A state that is gone while its stack stands: looked for by `down`, which has nothing else to go by, so that it never calls
// done what it cannot see. `rebuild.ts` makes the state anew.
import { MultiregionError } from '../base/errors.js'
import { survey } from '../engine/survey.js'
import { runOf, type Session } from './session.js'
import { wantedNodes } from './stack.js'

/**
 * Reads only: what can be found by names and owner tags alone, without zone and code. Throws MultiregionError `lost-state`
 * where something of this stack stands.
 */
export async function refuseLost(session: Session): Promise<void> {
  const { config, account, partition } = session
  const env = { account, partition, hostedZone: { id: '', name: '' }, bundles: {}, drained: {} }
  const isAlone = ({ edges }: { edges: readonly unknown[] }) => edges.length === 0
  const sightings = await survey(wantedNodes(session), isAlone, config, runOf(session, env))
  const ours = sightings.filter(({ observed }) => observed.lineage !== undefined)
  if (ours.length === 0) return
  const addresses = ours.map(({ node }) => node.address)
  throw new MultiregionError(
    'lost-state',
    `There is no state of ${config.stack}, but ${addresses.length} resources that it made stand, such as ${addresses[0]}`,
    'Nothing was changed. Make the state anew from them, then remove them: multiregion state rebuild, multiregion down.',
    1,
    { addresses },
  )
}
