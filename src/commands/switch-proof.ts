// What `failover` and `failback` ask of the regions themselves: that a drained one says so, and that another serves.
import { EXIT, MultiregionError } from '../base/errors.js'
import { askHealth, isServing } from './outside.js'
import { check, readsBack, removeItem, reservedId, writeItem } from './proof.js'
import type { Proof, SwitchResult } from './result.js'
import type { Session } from './session.js'

/** AWS: a changed variable reaches what serves within seconds. A fast local cloud does not shrink the real ones. */
const deafSeconds = ({ target: { clock } }: Session) => Math.max(30, 10 * clock.scale)

/**
 * Checkers never find a region sick whose handler does not go by the variable: no wait would help. A region that does not
 * answer is as good as drained. Throws MultiregionError.
 */
export async function refuseDeaf(session: Session, region: string): Promise<void> {
  const attempt = async () => {
    const answer = await askHealth(session, region).catch(() => undefined)
    if (!answer) return 'it does not answer'
    if (isServing(answer)) throw new Error(`it answers ${answer.status}`)
    return `it answers ${answer.status}`
  }
  const what = `the health route of ${region} is drained`
  const { ok, detail } = await check(session, region, what, attempt, deafSeconds(session))
  if (ok) return
  const { function: key } = session.config.healthCheck
  throw new MultiregionError(
    'not-drained',
    `${region} keeps its traffic: the health function ${key} has status=404 in its environment now, and ${detail} all the same, so its code does not go by that variable`,
    `Have ${key} answer with the status that the variable \`status\` names, then multiregion up and multiregion failover --region ${region} again. What was set stays set; this undoes it: multiregion failback --region ${region}`,
    EXIT.error,
    { region, function: key },
  )
}

/**
 * The article's own test: an item posted under the public name by a client near the region, and read again. Without routes
 * for that in the config, the health route is asked.
 */
export async function articleProof(
  session: Session,
  region: string,
  servedBy: SwitchResult['servedBy'],
): Promise<Proof> {
  const { proof, regions } = session.config
  const server = servedBy[region] ?? regions[0]!
  const id = reservedId(session, server)
  try {
    const item = await check(
      session,
      server,
      proof
        ? `an item posted by a client near ${region} comes back`
        : `the health route answers a client near ${region}`,
      async () => {
        if (!proof) return healthOnly(session, server)
        const name = await writeItem(session, server, id)
        const stamp = await readsBack(session, server, { id, name, writer: server })
        return `${stamp}, served by ${server}`
      },
      60,
    )
    return { ok: item.ok, checks: [item] }
  } finally {
    if (proof) await removeItem(session, server, id)
  }
}

async function healthOnly(session: Session, region: string): Promise<string> {
  const answer = await askHealth(session, region)
  if (!isServing(answer)) throw new Error(`its health route answers ${answer.status}`)
  return `${answer.status} from ${region}`
}
