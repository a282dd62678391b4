// The proof: every region over the public name's own TLS with that region pinned, an item written in each and read in
// all others, and the public name as a client near each region gets it. It waits for what is eventually consistent, and
// no longer than a bound.
import { createHash } from 'node:crypto'
import { type AttributeValue, DeleteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { unlessCut } from '../aws/silence.js'
import { askHealth, askRegion, regionFor } from './outside.js'
import type { Proof, ProofCheck } from './result.js'
import type { Session } from './session.js'

/**
 * Cloud seconds that a stack gets until checks, stages and domains have settled everywhere: its checkers may have to
 * change their minds twice. At least some real seconds, which a fast local cloud does not shrink.
 */
export const settleSeconds = ({ config: { healthCheck }, target: { clock } }: Session) =>
  Math.max(2 * healthCheck.intervalSeconds * (healthCheck.failureThreshold + 1) + 60, 15 * clock.scale)

/** What a check found; throws where it failed, with the reason as message. */
type Attempt = () => Promise<string>

/** `write` false proves by reading only, for a run that changed nothing. What fails is in the checks; only Ctrl-C throws. */
export async function prove(
  session: Session,
  nameServers: readonly string[],
  write: boolean,
): Promise<Proof> {
  const { regions, proof } = session.config
  const checks = await allSettled([
    ...regions.map((region) =>
      check(session, region, 'health over the public name', () => healthAnswers(session, region)),
    ),
    ...(proof
      ? write
        ? regions.map((region) => writeAndRead(session, region))
        : regions.map((region) => readOnly(session, region))
      : []),
    ...regions.map((region) =>
      check(session, region, 'public name from here', () => publicNameAnswers(session, nameServers, region)),
    ),
  ])
  return { ok: checks.every(({ ok }) => ok), checks }
}

/** As Promise.all, but Ctrl-C waits for the others to end: they take their items away again. */
async function allSettled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

/** Repeats an attempt until it holds or the bound is over, and tells how it ended. Throws CancelledError on Ctrl-C. */
export async function check(
  session: Session,
  region: string,
  what: string,
  attempt: Attempt,
  seconds = settleSeconds(session),
): Promise<ProofCheck> {
  const { target, signal, emit } = session
  const started = target.clock.now()
  for (;;) {
    let detail: string
    let ok = false
    try {
      detail = await unlessCut(attempt(), target.fence?.cut?.('probe'))
      ok = true
    } catch (error) {
      detail = error instanceof Error ? error.message : String(error)
    }
    signal.throwIfAborted()
    if (ok || target.clock.now() - started >= seconds) {
      emit({ type: 'probe.answered', what, region, ok, detail })
      return { region, what, ok, detail }
    }
    await target.clock.sleep(2, signal)
  }
}

async function healthAnswers(session: Session, region: string): Promise<string> {
  const drained = session.ledger.state.drained[region]
  const { status, body } = await askHealth(session, region)
  if (drained && status === 404) return `404, as it is drained since ${drained.since}`
  if (status < 200 || status > 299) throw new Error(`answered ${status}: ${body.slice(0, 200)}`)
  return String(status)
}

async function publicNameAnswers(
  session: Session,
  nameServers: readonly string[],
  location: string,
): Promise<string> {
  const region = await regionFor(session, nameServers, location)
  if (!region) throw new Error('DNS has no answer for the public name')
  const { drained } = session.ledger.state
  const allDrained = session.config.regions.every((one) => drained[one])
  if (drained[region] && !allDrained) throw new Error(`DNS still gives the drained region ${region}`)
  if (session.target.local && !drained[location] && region !== location)
    throw new Error(`DNS gives ${region} instead of the nearest region`)
  return `${region}: ${await healthAnswers(session, region)}`
}

/** Removes the item that it finds: a run that was killed in its proof has left it. */
async function readOnly(session: Session, region: string): Promise<ProofCheck> {
  const id = reservedId(session, region)
  return check(session, region, 'reads', async () => {
    const { status, body } = await askRegion(session, region, { method: 'GET', path: readPath(session, id) })
    if (status !== 404 && status !== 200) throw new Error(`answered ${status}: ${body.slice(0, 200)}`)
    if (status === 200) await removeItem(session, region, id)
    return status === 404 ? '404, as there is no such item' : 'the item of a run that was killed; removed'
  })
}

/** Writes one item in `region` and reads it in all others; the item is removed again, whatever happened. */
async function writeAndRead(session: Session, region: string): Promise<ProofCheck> {
  const { config } = session
  const id = reservedId(session, region)
  const others = config.regions.filter((other) => other !== region)
  try {
    return await check(session, region, `an item written here is read in ${others.join(', ')}`, async () => {
      const name = await writeItem(session, region, id)
      await Promise.all(others.map((other) => readsBack(session, other, { id, name, writer: region })))
      return `item ${id}`
    })
  } finally {
    await removeItem(session, region, id)
  }
}

/** Puts the item through the region's own API; its name, which tells it from one that an earlier run has left. */
export async function writeItem(session: Session, region: string, id: number | string): Promise<string> {
  const { method, path } = session.config.proof!.write
  const name = `multiregion proof ${session.target.world.uuid()}`
  const body = { [session.config.table.partitionKey.name]: id, id, name }
  const answer = await askRegion(session, region, { method, path, body })
  if (answer.status < 200 || answer.status > 299)
    throw new Error(`the write answered ${answer.status}: ${answer.body.slice(0, 200)}`)
  return name
}

interface Written {
  readonly id: number | string
  readonly name: string
  readonly writer: string
}

/** Until it has come over, within a bound; where items are stamped with their region, it must be the writer's. Tells the stamp. */
export async function readsBack(
  session: Session,
  region: string,
  { id, name, writer }: Written,
): Promise<string> {
  const { target, signal } = session
  const started = target.clock.now()
  for (;;) {
    const { status, json, body } = await askRegion(session, region, {
      method: 'GET',
      path: readPath(session, id),
    })
    const item = json as { region?: unknown; name?: unknown } | undefined
    const isEarlier = typeof item?.name === 'string' && item.name !== name
    if (status === 200 && !isEarlier) {
      const stamped = item?.region
      if (stamped !== undefined && stamped !== writer)
        throw new Error(`${region} has the item as written in ${stamped}, not in ${writer}`)
      return stamped === undefined ? 'stamped with no region' : `stamped ${stamped}`
    }
    if (status !== 200 && status !== 404)
      throw new Error(`${region} answered ${status}: ${body.slice(0, 200)}`)
    if (target.clock.now() - started > 60)
      throw new Error(`the item did not arrive in ${region} within a minute`)
    await target.clock.sleep(1, signal)
  }
}

const readPath = ({ config }: Session, id: number | string) =>
  config.proof!.read.path.replace(/\{[^}]+\}/, encodeURIComponent(String(id)))

/**
 * An id at the far end of the numbers, which no one counts up to: always the same one for a stack and a region, so that
 * what a killed run left behind is overwritten and removed by the next proof.
 */
export function reservedId({ config, ledger }: Session, region: string): number | string {
  const hash = createHash('sha256').update(`${ledger.state.lineage}/${region}`).digest()
  const number = hash.readUInt32BE() % 254_000_000
  return config.table.partitionKey.type === 'N'
    ? 9_007_199_000_000_000 + number
    : `multiregion-proof-${number}`
}

/** By the operator, in the region that wrote it, so that the delete is the last writer everywhere. */
export async function removeItem(session: Session, region: string, id: number | string): Promise<void> {
  const { dynamodb } = session.target.clients(region)
  const { name: TableName } = session.config.table
  try {
    for (const Key of await keysOf(session, region, id))
      await dynamodb.send(new DeleteItemCommand({ TableName, Key }))
  } catch (error) {
    session.emit({
      type: 'run.noted',
      text: `The proof's item ${id} could not be removed in ${region}: ${(error as Error).message}`,
    })
  }
}

/** Only the user's code knows the sort key that it gave the item. */
async function keysOf(
  { config, target }: Session,
  region: string,
  id: number | string,
): Promise<Record<string, AttributeValue>[]> {
  const { name: TableName, partitionKey, sortKey } = config.table
  const value: AttributeValue = partitionKey.type === 'N' ? { N: String(id) } : { S: String(id) }
  if (!sortKey) return [{ [partitionKey.name]: value }]
  const query = new QueryCommand({
    TableName,
    ConsistentRead: true,
    KeyConditionExpression: '#id = :id',
    ExpressionAttributeNames: { '#id': partitionKey.name, '#sort': sortKey.name },
    ExpressionAttributeValues: { ':id': value },
    ProjectionExpression: '#id, #sort',
  })
  return (await target.clients(region).dynamodb.send(query)).Items ?? []
}
