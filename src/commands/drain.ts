// What was drained or restored while the shared state could not be written, or by the run of a former home: the state does
// not know, the region's own health function does. Looked at by the next run, before it does anything; the first that holds
// the lease saves it.
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { kindOf } from '../aws/errors.js'
import { observe } from '../engine/look.js'
import { explain } from '../engine/runner.js'
import { itemsOf, keyOf } from '../state/control-table.js'
import { explained } from './preflight.js'
import { recordedEnv, runOf, type Session } from './session.js'
import { functionAddress, recordedNodes } from './stack.js'

/** Throws MultiregionError; a region that does not answer stays in doubt. */
export async function lookAfterDrains(session: Session): Promise<void> {
  const { emit } = session
  for (const [region, since] of Object.entries(session.doubted)) {
    try {
      await lookAt(session, region, since)
      await explained(forgetNotes(session, region))
    } catch (error) {
      if (kindOf((error as Error).cause) !== 'unavailable') throw error
      emit({ type: 'run.noted', text: `whether ${region} is drained is not known: it does not answer` })
    }
  }
}

async function lookAt(session: Session, region: string, since: string): Promise<void> {
  const { config, ledger, emit } = session
  const { environment } = config.functions.find(({ key }) => key === config.healthCheck.function)!
  const node = recordedNodes(session).find(({ address }) => address === functionAddress(config, region))
  if (!node) return
  const run = runOf(session, recordedEnv(session))
  const observed = await observe(node, ledger.entry(node.address)?.desired, run).catch((error) =>
    Promise.reject(explain(error, node)),
  )
  const status = (observed as { environment?: { status?: string } } | undefined)?.environment?.status
  const isDrained = status === '404' && environment.status !== '404'
  if (isDrained === (ledger.state.drained[region] !== undefined)) return
  if (isDrained) await ledger.drain(region, { mode: 'article', since })
  else await ledger.restore(region)
  emit({
    type: 'run.noted',
    text: `${region} was ${isDrained ? 'drained' : 'restored'} while the state could not be written`,
  })
}

async function forgetNotes({ shared }: Session, drained: string): Promise<void> {
  if (!shared?.lease) return
  const { table, lease } = shared
  const { region } = lease.term
  for (const { sk, region: of } of await itemsOf(table, region, 'note'))
    if (of?.S === drained)
      await table
        .dynamodb(region)
        .send(new DeleteItemCommand({ TableName: table.name, Key: keyOf('note', sk!.S!) }))
}
