// One record set of a change: its shape, its name and its values as Route 53 accepts them, and how two compare.
// What it may stand beside is said by `change-batch.ts`, the syntax of single values by `record-value.ts`.
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53'
import type { Rule } from './choose.js'
import { invalidInput, unsupported } from './input.js'
import { bareName, isWithin, nameProblem, normaliseName, type Problem } from './name.js'
import { comparableValue, isRecordType, valueProblem } from './record-value.js'
import { REGIONS } from './region.js'

// AWS: "Values in a record" of the quotas.
const MOST_VALUES = 400
const ROUTING = ['Weight', 'Region', 'Failover', 'GeoLocation', 'MultiValueAnswer'] as const

/** A change whose record set has its name normalised and its members checked one by one. */
export interface CheckedChange {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE'
  readonly record: ResourceRecordSet
}

/** Checks the shape of one change. Throws InvalidInput, as AWS does before it looks at the zone. */
export function checkChange({ Action, ResourceRecordSet: given }: Change): CheckedChange {
  const action = Action!
  const record = given!
  const name = record.Name!
  if (!isRecordType(record.Type)) throw unsupported(`The record type ${record.Type}`)
  checkMembers(record)
  const where = `Change with [Action=${action}, Name=${name}, Type=${record.Type}, SetIdentifier=${record.SetIdentifier ?? 'null'}]`
  checkContent(record, where)
  checkRouting(record, where)
  return { action, record: { ...withoutAbsent(record), Name: normaliseName(name) } }
}

function checkMembers(record: ResourceRecordSet): void {
  if (record.CidrRoutingConfig) throw unsupported('IP-based routing (CidrRoutingConfig)')
  if (record.GeoProximityLocation) throw unsupported('Geoproximity routing of single records')
  if (record.Region && !(record.Region in REGIONS)) throw unsupported(`The region ${record.Region}`)
}

/** AWS: either an alias, or a TTL and values, or (for a root to be deleted) a traffic policy instance. */
function checkContent(record: ResourceRecordSet, where: string): void {
  const expected =
    'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]'
  if (record.TrafficPolicyInstanceId !== undefined) return
  const hasValues = record.TTL !== undefined || record.ResourceRecords !== undefined
  if (record.AliasTarget && hasValues) throw invalidInput(`${expected}, but found more than one in ${where}`)
  if (!record.AliasTarget && (record.TTL === undefined || !record.ResourceRecords?.length)) {
    throw invalidInput(`${expected}, but found none in ${where}`)
  }
}

/** AWS: a set identifier and exactly one routing member go together; a health check needs them. */
function checkRouting(record: ResourceRecordSet, where: string): void {
  const found = ROUTING.filter((member) => record[member] !== undefined)
  const expected =
    'Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer]'
  if (found.length > 1) throw invalidInput(`${expected}, but found more than one in ${where}`)
  if (record.SetIdentifier !== undefined) {
    if (!found.length) throw invalidInput(`${expected}, but found none in ${where}`)
  } else if (found.length || record.HealthCheckId !== undefined) {
    throw invalidInput(`Invalid request: Missing field 'SetIdentifier' in ${where}`)
  }
  const geo = record.GeoLocation
  if (geo && !geo.ContinentCode === !geo.CountryCode) {
    throw invalidInput(`Invalid request: Expected exactly one of [ContinentCode, or CountryCode] in ${where}`)
  }
  if (geo?.SubdivisionCode && !geo.CountryCode) {
    throw invalidInput(`Invalid request: Missing field 'CountryCode' in ${where}`)
  }
}

const withoutAbsent = (record: ResourceRecordSet) =>
  Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as unknown as ResourceRecordSet

/** The routing rule that a record set takes part in. */
export function ruleOf(record: ResourceRecordSet): Rule {
  if (record.Weight !== undefined) return 'weighted'
  if (record.Region !== undefined) return 'latency'
  if (record.Failover !== undefined) return 'failover'
  if (record.GeoLocation !== undefined) return 'geo'
  return record.MultiValueAnswer ? 'multivalue' : 'simple'
}

const fatal = ({ code, text }: Problem, value: string) =>
  `FATAL problem: ${code} (${text}) encountered with '${value}'`

/** Everything that is wrong with the name and values of one record set, in AWS's words. */
export function recordProblems(record: ResourceRecordSet, zoneName: string): string[] {
  const name = record.Name!
  const problem = nameProblem(name)
  if (problem) return [fatal(problem, name)]
  if (!isWithin(name, zoneName)) {
    return [`RRSet with DNS name ${name} is not permitted in zone ${zoneName}`]
  }
  return [...valueProblems(record), ...apexProblems(record, zoneName), ...aliasProblems(record)]
}

function valueProblems({ Type, ResourceRecords = [], Name }: ResourceRecordSet): string[] {
  if (!isRecordType(Type)) return []
  const values = ResourceRecords.map(({ Value }) => Value ?? '')
  const bad = values.flatMap((value) => {
    const problem = valueProblem(Type, value)
    return problem ? [`Invalid Resource Record: '${fatal(problem, value)}'`] : []
  })
  const compared = values.map((value) => comparableValue(Type, value))
  const twice = values.filter((_, index) => compared.indexOf(compared[index]!) !== index)
  if (values.length > MOST_VALUES) return [`Cannot have more than ${MOST_VALUES} records in a RRSet.`]
  const several = (Type === 'CNAME' || Type === 'SOA') && values.length > 1
  return [
    ...bad,
    ...twice.map((value) => `Duplicate Resource Record: '${value}'`),
    ...(several ? [`RRSet of type ${Type} with DNS name ${Name} may only hold one Resource Record`] : []),
  ]
}

function apexProblems({ Name, Type, SetIdentifier }: ResourceRecordSet, zoneName: string): string[] {
  if (Type === 'CNAME' && Name === zoneName) {
    return [`RRSet of type CNAME with DNS name ${Name} is not permitted at apex in zone ${zoneName}`]
  }
  // AWS: NS records cannot stand at a wildcard. Its wording is unconfirmed.
  if (Type === 'NS' && Name!.startsWith('\\052.')) {
    return [`RRSet of type NS with DNS name ${Name} is not permitted at a wildcard in zone ${zoneName}`]
  }
  if (Type === 'SOA' && (Name !== zoneName || SetIdentifier !== undefined)) {
    return [`RRSet of type SOA with DNS name ${Name} is only permitted at apex in zone ${zoneName}`]
  }
  return []
}

/** AWS: aliases cannot be NS or SOA, nor multivalue answers. The wordings are unconfirmed. */
function aliasProblems({ AliasTarget, Type, MultiValueAnswer }: ResourceRecordSet): string[] {
  if (!AliasTarget) return []
  if (MultiValueAnswer) return ['An alias cannot be a multivalue answer']
  if (Type === 'NS' || Type === 'SOA') return [`An alias of type ${Type} is not permitted`]
  const target = AliasTarget.DNSName ?? ''
  const problem = nameProblem(target)
  return problem ? [fatal(problem, target)] : []
}

/** Whether two record sets are equal in every member; the order of the values does not count. */
export const isSameRecord = (a: ResourceRecordSet, b: ResourceRecordSet) => comparable(a) === comparable(b)

function comparable(record: ResourceRecordSet): string {
  const { ResourceRecords, AliasTarget, MultiValueAnswer, GeoLocation, ...rest } = withoutAbsent(record)
  const values = ResourceRecords?.map(({ Value }) => comparableValue(record.Type!, Value ?? '')).sort()
  const alias = AliasTarget && [
    AliasTarget.HostedZoneId,
    bareName(normaliseName(AliasTarget.DNSName ?? '')),
    AliasTarget.EvaluateTargetHealth ?? false,
  ]
  const geo = GeoLocation && [GeoLocation.ContinentCode, GeoLocation.CountryCode, GeoLocation.SubdivisionCode]
  const members = Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1))
  return JSON.stringify([members, values, alias, geo, MultiValueAnswer ?? false])
}
