// One name of a zone as DNS sees it now: its record sets and policy instances, the choice among them by routing and
// health, and what its aliases lead to. `answer.ts` finds the name, `choose.ts` chooses.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import { isExecuteApiName } from './alias.js'
import { type Candidate, choose } from './choose.js'
import type { Context } from './context.js'
import { stripId } from './input.js'
import type { Location } from './location.js'
import { isWithin, normaliseName } from './name.js'
import { executeApiAnswer } from './own-name.js'
import { policyAnswer } from './policy-answer.js'
import { type PolicyDocument, parsePolicyDocument } from './policy-document.js'
import { hasNoRecords, instancesOf } from './policy-root.js'
import { ruleOf } from './record.js'
import type { RecordType, TextRecord } from './record-value.js'
import type { InstanceState, Serving, Zone } from './state.js'

export interface NodeReader {
  /** The records of one type that a client gets at a kept name; aliases are resolved, CNAMEs are not followed. */
  read(zone: Zone, name: string, type: RecordType, client: Location): TextRecord[]
  /** Whether there is anything at the name or below it. */
  exists(zone: Zone, name: string): boolean
}

// An alias that leads through more aliases leads nowhere.
const LONGEST_ALIAS_CHAIN = 8

export function nodeReader(context: Context, isHealthy: (id: string) => boolean): NodeReader {
  const { records, places, world } = context
  const documents = new Map<string, PolicyDocument>()

  const documentOf = ({ policyId, policyVersion }: Serving) => {
    const key = `${policyId}/${policyVersion}`
    const text = context.state.policies.get(key)?.document
    const document = documents.get(key) ?? (text && parsePolicyDocument(text))
    if (document) documents.set(key, document)
    return document || undefined
  }
  const answeringInstances = (zone: Zone) =>
    instancesOf(context).filter(
      (instance) =>
        instance.zoneId === zone.id &&
        !(world.clock.now() >= (instance.rootGoneAt ?? Infinity)) &&
        !hasNoRecords(instance),
    )

  const fromInstance = (instance: InstanceState, client: Location): TextRecord[] => {
    const serving = servingNow(instance, world.clock.now())
    const document = serving && documentOf(serving)
    if (!document) return []
    const values = policyAnswer(document, { client, isHealthy, random: world.random })
    return values.map((value) => ({
      name: instance.name,
      type: document.recordType,
      ttl: serving.ttl,
      value,
    }))
  }

  const groupAt = (zone: Zone, name: string, type: string) =>
    records.answeredAt(zone.id, name).filter((record) => record.Type === type)

  const healthOf = (zone: Zone, record: ResourceRecordSet, depth: number): boolean => {
    if (record.HealthCheckId && !isHealthy(record.HealthCheckId)) return false
    const target = record.AliasTarget
    // AWS: EvaluateTargetHealth means nothing for API Gateway; for records of the zone it means: is any of them healthy?
    if (!target?.EvaluateTargetHealth || stripId(target.HostedZoneId) !== zone.id) return true
    if (depth >= LONGEST_ALIAS_CHAIN) return true
    const group = groupAt(zone, normaliseName(target.DNSName ?? ''), record.Type!)
    return !group.length || group.some((other) => healthOf(zone, other, depth + 1))
  }

  const read = (
    zone: Zone,
    name: string,
    type: RecordType,
    client: Location,
    depth: number,
  ): TextRecord[] => {
    if (depth >= LONGEST_ALIAS_CHAIN) return []
    const instance = answeringInstances(zone).find((root) => root.name === name && root.type === type)
    if (instance) return fromInstance(instance, client)
    const group = groupAt(zone, name, type)
    const [first] = group
    if (!first) return []
    const candidates = group.map((record) => candidateOf(record, healthOf(zone, record, 0)))
    const chosen = choose(ruleOf(first), candidates, client, world.random)
    return chosen.flatMap((record) =>
      record.AliasTarget ? fromAlias(zone, record, client, depth) : textRecords(record, name, type),
    )
  }

  const fromAlias = (
    zone: Zone,
    record: ResourceRecordSet,
    client: Location,
    depth: number,
  ): TextRecord[] => {
    const target = normaliseName(record.AliasTarget?.DNSName ?? '')
    const type = record.Type as RecordType
    const found = isExecuteApiName(target)
      ? executeApiAnswer(places, target, type).answers
      : isWithin(target, zone.name)
        ? read(zone, target, type, client, depth + 1)
        : []
    return found.map((answer) => ({ ...answer, name: record.Name! }))
  }

  return {
    read: (zone, name, type, client) => read(zone, name, type, client, 0),
    exists: (zone, name) =>
      records.answeredNames(zone.id).some((known) => isWithin(known, name)) ||
      answeringInstances(zone).some(
        (root) => isWithin(root.name, name) && servingNow(root, world.clock.now()),
      ),
  }
}

/** The policy version that answers now; none for an instance that is being created. */
const servingNow = (
  { serving, servingBefore, appliedAt, failure }: InstanceState,
  now: number,
): Serving | undefined => (now >= appliedAt && failure === undefined ? serving : servingBefore)

const textRecords = ({ ResourceRecords = [], TTL = 0 }: ResourceRecordSet, name: string, type: RecordType) =>
  ResourceRecords.map(({ Value = '' }): TextRecord => ({ name, type, ttl: TTL, value: Value }))

function candidateOf(record: ResourceRecordSet, healthy: boolean): Candidate<ResourceRecordSet> {
  const { Weight, Region, Failover, GeoLocation } = record
  return {
    target: record,
    healthy,
    ...(Weight !== undefined && { weight: Weight }),
    ...(Region !== undefined && { region: Region }),
    ...(Failover !== undefined && { failover: Failover }),
    ...(GeoLocation && {
      geo: {
        ...(GeoLocation.ContinentCode !== undefined && { continent: GeoLocation.ContinentCode }),
        ...(GeoLocation.CountryCode !== undefined && { country: GeoLocation.CountryCode }),
        ...(GeoLocation.SubdivisionCode !== undefined && { subdivision: GeoLocation.SubdivisionCode }),
      },
    }),
  }
}
