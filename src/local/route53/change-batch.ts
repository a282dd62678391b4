// ChangeResourceRecordSets: a batch of changes of one zone, all or nothing. Each record set by itself was checked by
// `record.ts`; here are the rules between record sets, and what becomes of the zone.
import type {
  ChangeResourceRecordSetsRequest,
  ChangeResourceRecordSetsResponse,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.js'
import { aliasTargetProblem } from './alias.js'
import { claimZone, submitChange } from './change.js'
import type { Context } from './context.js'

import { deleteRoot, rootRecord, rootsOf } from './policy-root.js'
import { type CheckedChange, checkChange, isSameRecord, recordProblems, ruleOf } from './record.js'
import { groupProblems } from './record-group.js'
import { keyOf } from './record-store.js'
import type { InstanceState, Zone } from './state.js'
import { zoneOf } from './zone.js'

// AWS: the most that one batch may hold; an UPSERT counts twice.
const MOST_RECORDS = 1000
const MOST_CHARACTERS = 32000
// AWS: of a zone, unless more are paid for.
const MOST_RECORD_SETS = 10_000

const textKey = (record: ResourceRecordSet) => JSON.stringify(Object.values(keyOf(record)))

/** The zone as it would be after the changes so far. */
interface Draft {
  readonly zone: Zone
  readonly records: Map<string, ResourceRecordSet>
  readonly roots: Map<string, InstanceState>
  readonly problems: string[]
}

export function changeBatchOperations(context: Context) {
  return {
    ChangeResourceRecordSets(input: ChangeResourceRecordSetsRequest): ChangeResourceRecordSetsResponse {
      const zone = zoneOf(context, input.HostedZoneId)
      const batch = input.ChangeBatch!
      const changes = (batch.Changes ?? []).map(checkChange)
      checkSize(changes)
      checkHealthChecks(context, changes)
      const before = draftOf(context, zone)
      const after = apply(before, changes)
      if (after.problems.length) throw invalidChangeBatch(after.problems)
      claimZone(context, zone.id)
      const { info, visibleAt } = submitChange(context, batch.Comment)
      keep(context, before, after, visibleAt)
      return { ChangeInfo: info }
    },
  }
}

/** AWS: the message lists every problem in square brackets. */
const invalidChangeBatch = (messages: string[]) =>
  new AwsError('InvalidChangeBatch', `[${messages.join(', ')}]`, 400, { messages })

function checkSize(changes: readonly CheckedChange[]): void {
  if (!changes.length) throw invalidChangeBatch(['The batch must hold at least one change'])
  let [records, characters] = [0, 0]
  for (const { action, record } of changes) {
    const times = action === 'UPSERT' ? 2 : 1
    records += times * (record.ResourceRecords?.length ?? 1)
    characters +=
      times * (record.ResourceRecords ?? []).reduce((sum, { Value }) => sum + (Value?.length ?? 0), 0)
  }
  if (records > MOST_RECORDS)
    throw invalidChangeBatch([`Number of records limit of ${MOST_RECORDS} exceeded.`])
  if (characters > MOST_CHARACTERS) {
    throw invalidChangeBatch([`Number of characters limit of ${MOST_CHARACTERS} exceeded.`])
  }
}

function checkHealthChecks({ state }: Context, changes: readonly CheckedChange[]): void {
  for (const { action, record } of changes) {
    const id = record.HealthCheckId
    if (action === 'DELETE' || id === undefined || state.healthChecks.has(id)) continue
    throw new AwsError('NoSuchHealthCheck', `A health check with id ${id} does not exist.`, 404)
  }
}

const draftOf = (context: Context, zone: Zone): Draft => ({
  zone,
  records: new Map(context.records.list(zone.id).map((record) => [textKey(record), record])),
  roots: new Map(rootsOf(context, zone.id).map((root) => [textKey(rootRecord(root)), root])),
  problems: [],
})

function apply(before: Draft, changes: readonly CheckedChange[]): Draft {
  const after: Draft = {
    ...before,
    records: new Map(before.records),
    roots: new Map(before.roots),
    problems: changes.flatMap(({ action, record }) =>
      action === 'DELETE' ? [] : recordProblems(record, before.zone.name),
    ),
  }
  if (after.problems.length) return after
  after.problems.push(...contradictions(changes))
  if (after.problems.length) return after
  for (const change of changes) after.problems.push(...applyOne(after, change))
  if (after.problems.length) return after
  const all = [...after.records.values(), ...[...after.roots.values()].map(rootRecord)]
  for (const { action, record } of changes) {
    const isLeft = after.records.get(textKey(record)) === record
    if (action === 'DELETE' || !isLeft) continue
    after.problems.push(...groupProblems(record, all, after.zone.name))
    const target = aliasTargetProblem(record, after.zone, all)
    if (target) after.problems.push(target)
  }
  after.problems.push(...apexProblems(after))
  // AWS: the limit's name is the one of GetHostedZoneLimit; the sentence is unconfirmed.
  if (all.length > MOST_RECORD_SETS && all.length > before.records.size + before.roots.size) {
    after.problems.push('Limits Exceeded: MAX_RRSETS_BY_ZONE - Cannot create more resource record sets.')
  }
  return after
}

/** AWS: a batch changes a record set once, or deletes it and makes it anew in this order. */
function contradictions(changes: readonly CheckedChange[]): string[] {
  const actions = new Map<string, string[]>()
  for (const { action, record } of changes) {
    const key = textKey(record)
    actions.set(key, [...(actions.get(key) ?? []), action])
  }
  const isWrong = ([first, second, ...rest]: string[]) =>
    second !== undefined && (first !== 'DELETE' || second === 'DELETE' || rest.length > 0)
  return changes
    .filter(({ record }) => isWrong(actions.get(textKey(record))!))
    .map(
      ({ record: { Type, Name } }) =>
        `The request contains an invalid set of changes for a resource record set '${Type} ${Name}'`,
    )
}

const nameIt = ({ Name, Type, SetIdentifier }: ResourceRecordSet) =>
  `[name='${Name}', type='${Type}'${SetIdentifier === undefined ? '' : `, set-identifier='${SetIdentifier}'`}]`

/** Does one change to the draft; the problems say why it could not. */
function applyOne({ records, roots }: Draft, { action, record }: CheckedChange): string[] {
  const key = textKey(record)
  const existing = records.get(key)
  const root = roots.get(key)
  if (action === 'DELETE') return remove(records, roots, record)
  if (record.TrafficPolicyInstanceId !== undefined || root) {
    if (action === 'CREATE' && root) return [exists(record)]
    return [`Tried to change resource record set ${nameIt(record)} that belongs to a traffic policy instance`]
  }
  if (existing && action === 'CREATE') return [exists(record)]
  // AWS: UPSERT cannot change how a record set routes; delete the old one and create the new one in one batch.
  if (existing && ruleOf(existing) !== ruleOf(record)) {
    return [`Tried to change the routing policy of resource record set ${nameIt(record)}`]
  }
  records.set(key, record)
  return []
}

const exists = (record: ResourceRecordSet) =>
  `Tried to create resource record set ${nameIt(record)} but it already exists`

function remove(
  records: Map<string, ResourceRecordSet>,
  roots: Map<string, InstanceState>,
  record: ResourceRecordSet,
): string[] {
  const key = textKey(record)
  const tried = `Tried to delete resource record set ${nameIt(record)}`
  const root = roots.get(key)
  if (root) {
    if (record.TrafficPolicyInstanceId !== root.id) {
      return [`${tried} that belongs to a traffic policy instance`]
    }
    roots.delete(key)
    return []
  }
  const existing = records.get(key)
  if (!existing) return [`${tried} but it was not found`]
  if (!isSameRecord(existing, record)) {
    return [`${tried} but the values provided do not match the current values`]
  }
  records.delete(key)
  return []
}

/** AWS: a zone keeps its SOA record and its own NS record. */
function apexProblems({ zone, records }: Draft): string[] {
  const at = (type: string) => records.has(textKey({ Name: zone.name, Type: type } as ResourceRecordSet))
  return [
    ...(at('SOA') ? [] : ['A HostedZone must contain exactly one SOA record.']),
    ...(at('NS') ? [] : ['A HostedZone must contain at least one NS record for the zone itself.']),
  ]
}

function keep(context: Context, before: Draft, after: Draft, visibleAt: number): void {
  const zoneId = before.zone.id
  for (const [key, record] of before.records) {
    if (!after.records.has(key)) context.records.put(zoneId, keyOf(record), undefined, visibleAt)
  }
  for (const [key, record] of after.records) {
    if (before.records.get(key) !== record) context.records.put(zoneId, keyOf(record), record, visibleAt)
  }
  for (const [key, root] of before.roots) {
    if (!after.roots.has(key)) deleteRoot(context, root, visibleAt)
  }
}
