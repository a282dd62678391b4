// `status`: what is true now, from what answers now: the regions' own hosts, Route 53's checkers, the zone's servers, and
// every resource as AWS shows it. It reads only, and one thing that does not answer does not hide the others.
import { kindOf } from '../aws/errors.js'
import { unlessCut } from '../aws/silence.js'
import { configHashOf } from '../config/hash.js'
import type { Drain, Env } from '../engine/env.js'
import type { Entry } from '../engine/ledger.js'
import { type Look, plan } from '../engine/plan.js'
import { lookAfterDrains } from './drain.js'
import { goneShare } from './lost.js'
import { askHealth, healthOf, isServing, regionFor, targetOf } from './outside.js'
import { type RegionStatus, SCHEMA_VERSION, type StatusResult } from './result.js'
import { runOf, type Session } from './session.js'
import { wantedNodes } from './stack.js'
import { type Zone, zoneFor } from './zone.js'

/** Throws only where not even the account can be found out. */
export async function status(session: Session): Promise<StatusResult> {
  const { config, calls } = session
  await lookAfterDrains(session).catch(() => undefined)
  const done = new AbortController()
  const waiting = AbortSignal.any([done.signal, session.signal])
  void tellTraffic(session, waiting).catch(() => undefined)
  const zone = await zoneFor(session).catch(() => undefined)
  const resources = await resourceStates(session, zone)
  done.abort()
  // Half a picture is none.
  session.signal.throwIfAborted()
  // Last, as it is true for this moment only, and a region that hangs makes the look at resources take minutes.
  const now = Promise.all([
    fromEach(config.regions, (region) => regionStatus(session, region)),
    fromEach(config.regions, (region) => answerFor(session, zone, region)),
  ])
  const [regions, answers] = await unlessCut(now, session.signal)
  const gone = goneShare(session)
  return {
    schemaVersion: SCHEMA_VERSION,
    verb: 'status',
    stack: config.stack,
    url: `https://${config.domain}`,
    recorded: !session.fresh,
    configChanged: isConfigChanged(session),
    ...(gone && { gone }),
    regions,
    dns: { answers },
    resources,
    calls,
  }
}

/** Real seconds, after which somebody with a pager is told what he asks first. */
const LONG_SECONDS = 8

/** Said while the look at resources takes long, as in a region that hangs it does: who serves, and whom clients get. */
async function tellTraffic(session: Session, done: AbortSignal): Promise<void> {
  const { config, target, emit, fresh } = session
  await target.clock.sleep(LONG_SECONDS * target.clock.scale, done)
  if (fresh) return
  const lookUp = zoneFor(session).catch(() => undefined)
  const told = await Promise.all(
    config.regions.map(async (region) => {
      const serves = await askHealth(session, region).then(isServing, () => false)
      return `${region} ${serves ? 'serves' : 'does NOT serve'}`
    }),
  )
  const answers = await fromEach(config.regions, async (region) => answerFor(session, await lookUp, region))
  const clients = Object.entries(answers).map(([near, got]) => `near ${near} get ${got ?? 'no answer'}`)
  if (done.aborted) return
  emit({
    type: 'run.noted',
    text: `still looking at resources; meanwhile: ${told.join(', ')}; clients ${clients.join(', ')}`,
  })
}

/** Of a state that was rebuilt nobody knows. */
function isConfigChanged({ config, ledger, fresh }: Session): boolean {
  const { configHash } = ledger.state
  return !fresh && configHash !== '' && configHash !== configHashOf(config)
}

async function fromEach<T>(regions: readonly string[], work: (region: string) => Promise<T>) {
  const values = await Promise.all(regions.map(work))
  return Object.fromEntries(regions.map((region, index) => [region, values[index]!]))
}

async function regionStatus(session: Session, region: string): Promise<RegionStatus> {
  if (session.fresh)
    return {
      serving: false,
      health: { status: 'unknown', reason: 'there is no state here that says where to ask' },
      url: `https://${session.config.domain}`,
      drained: false,
    }
  const [health, answer] = await Promise.all([
    healthOf(session, region).catch((error: Error) => ({
      status: 'unknown' as const,
      reason: `Route 53 does not tell: ${error.message}`,
    })),
    askHealth(session, region).catch((error: Error) => error),
  ])
  const url = `https://${targetOf(session, region) ?? session.config.domain}`
  const drain = session.ledger.state.drained[region]
  const drained = drain !== undefined
  if (answer instanceof Error)
    return {
      serving: false,
      health: {
        ...health,
        reason: `${health.reason}; no answer: ${answer.message}${drainNote(drain, false)}`,
      },
      url,
      drained,
    }
  const serving = isServing(answer)
  const reason = serving ? health.reason : `${health.reason}; its health route answers ${answer.status}`
  return {
    serving,
    health: { status: health.status, reason: reason + drainNote(drain, serving) },
    url,
    drained,
    certificateUntil: answer.certificateUntil,
  }
}

/** A drain that did not take effect is what an interrupted failover left. */
function drainNote(drain: Drain | undefined, serving: boolean): string {
  if (!drain) return ''
  return serving
    ? `; failover was asked for at ${drain.since} and did not end: run it again, or failback`
    : `; drained by failover since ${drain.since}`
}

async function answerFor(session: Session, zone: Zone | undefined, location: string): Promise<string | null> {
  if (!zone) return null
  return (await regionFor(session, zone.nameServers, location).catch(() => undefined)) ?? null
}

async function resourceStates(session: Session, zone: Zone | undefined): Promise<StatusResult['resources']> {
  const { looks } = await plan(wantedNodes(session), session.config, runOf(session, lastPutUp(session, zone)))
  const unseen = new Set<string>()
  const unequal = unequalCode(session)
  return looks.map((look) => {
    const { address } = look.node
    const entry = session.ledger.entry(address)
    const id = look.observed?.id ?? entry?.id ?? null
    const mayStand = entry?.settled === true || unseen.has(look.after ?? '')
    const state = stateOf(withoutOwnCode(look, codeOf(entry)), id, mayStand)
    const code = unequal.get(address)
    if (code && look.observed && !state.reason) return { address, ...state, reason: code }
    // What others need comes before them.
    if (state.state === 'unknown') unseen.add(address)
    return { address, ...state }
  })
}

type ResourceState = Omit<StatusResult['resources'][number], 'address'>

function stateOf(
  { node, error, failed, pending, change, after, observed }: Look,
  id: string | null,
  mayStand: boolean,
): ResourceState {
  if (error) {
    const state = kindOf(error.cause) === 'unavailable' ? 'unknown' : 'failed'
    return { id, state, reason: error.message.replace(`${node.address}: `, '') }
  }
  if (failed) return { id, state: 'failed', reason: failed }
  // What it hangs on does not answer, so neither can it be looked at.
  if (after && mayStand)
    return observed
      ? { id, state: 'ready' }
      : { id, state: 'unknown', reason: `cannot be seen without ${after}` }
  if (change?.action === 'create') return { id: null, state: 'absent' }
  if (pending || after)
    return { id, state: observed ? 'pending' : 'absent', reason: pending ?? `waits for ${after}` }
  if (!change) return { id, state: 'ready' }
  const drift = change.fields.map(({ field }) => field).join(', ')
  return {
    id,
    state: 'ready',
    reason: `differs from what up would make it in ${drift}; plan shows how`,
  }
}

const codeOf = (entry: Entry | undefined) =>
  (entry?.desired as { codeSha256?: string } | undefined)?.codeSha256

/** By address, what to say of a function of which the regions were last given different code. */
function unequalCode({ config, ledger }: Session): Map<string, string> {
  const said = new Map<string, string>()
  for (const { key } of config.functions) {
    const addresses = config.regions.map((region) => `function/${region}/${key}`)
    const codes = addresses.flatMap((address) => codeOf(ledger.entry(address)) ?? [])
    if (new Set(codes).size < 2) continue
    const reason =
      'its code is not the same in all regions, as an up did not come to all; plan shows where it goes on'
    for (const address of addresses) said.set(address, reason)
  }
  return said
}

/** That a region has the code that it was last given is no difference. */
function withoutOwnCode({ change, ...look }: Look, own: string | undefined): Look {
  if (!change) return look
  const fields = change.fields.filter(({ field, from }) => field !== 'codeSha256' || from !== own)
  const isAll = fields.length === 0 && change.fields.length > 0
  return isAll ? look : { ...look, change: { ...change, fields } }
}

/** The code as it was last put up, so that an edited handler is no concern of `status`. */
function lastPutUp({ account, partition, ledger, config }: Session, zone: Zone | undefined): Env {
  const record = ledger.entry(`policy-record/${config.home}`)?.desired as { zoneId?: string } | undefined
  const sha = (key: string) =>
    config.regions
      .map((region) => codeOf(ledger.entry(`function/${region}/${key}`)))
      .find((code) => code !== undefined) ?? ''
  return {
    account,
    partition,
    hostedZone: { id: zone?.id ?? record?.zoneId ?? '', name: zone?.name ?? '' },
    bundles: Object.fromEntries(
      config.functions.map(({ key }) => [key, { zip: new Uint8Array(), sha256: sha(key) }]),
    ),
    drained: ledger.state.drained,
  }
}
