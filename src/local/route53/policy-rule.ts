// The rules of a traffic policy document: for each rule type the list that holds its entries, and the keys that an
// entry takes. Whether references lead anywhere is checked by `policy-document.ts`.
import type { Candidate, Rule } from './choose.js'
import type { Faults, JsonObject } from './policy-fault.js'
import { isObject } from './policy-fault.js'
import type { RecordType } from './record-value.js'
import { REGIONS } from './region.js'

export type Reference = { readonly endpoint: string } | { readonly rule: string }

/** An entry of a rule: where it leads, and what the choice goes by. */
export interface Entry extends Pick<Candidate<never>, 'weight' | 'region' | 'failover' | 'geo' | 'point'> {
  readonly reference: Reference
  readonly healthCheck?: string
  readonly evaluateTargetHealth: boolean
}

export interface PolicyRule {
  readonly rule: Rule
  readonly entries: readonly Entry[]
}

type Particulars = Omit<Entry, 'reference' | 'healthCheck' | 'evaluateTargetHealth'>

interface RuleType {
  /** The member that holds the entries. */
  readonly list: string
  readonly keys: readonly string[]
  /** Reads the keys that only this rule type has. */
  readonly read: (entry: JsonObject, faults: Faults) => Particulars
  /** What must not stand twice in one rule. */
  readonly unique?: (entry: Entry) => string | undefined
}

const COMMON_KEYS = ['EndpointReference', 'RuleReference', 'EvaluateTargetHealth', 'HealthCheck']

const RULE_TYPES: Readonly<Record<string, RuleType>> = {
  latency: { list: 'Regions', keys: ['Region'], read: readRegion, unique: ({ region }) => region },
  weighted: { list: 'Items', keys: ['Weight'], read: readWeight },
  geo: {
    list: 'Locations',
    keys: ['IsDefault', 'Continent', 'Country', 'Subdivision'],
    read: readGeo,
    unique: ({ geo }) => JSON.stringify(geo),
  },
  geoproximity: {
    list: 'GeoproximityLocations',
    keys: ['Region', 'Latitude', 'Longitude', 'Bias', 'Location'],
    read: readPoint,
  },
  multivalue: { list: 'Items', keys: [], read: () => ({}) },
}

export function readRule(given: unknown, recordType: RecordType, faults: Faults): PolicyRule | undefined {
  if (!isObject(given)) return faults.add('A rule must be an object')
  const type = given.RuleType
  if (type === 'failover') return readFailover(given, faults)
  const ruleType = typeof type === 'string' ? RULE_TYPES[type] : undefined
  if (!ruleType) return faults.add(`${JSON.stringify(type)} is not a valid rule type`)
  // AWS: a multivalue answer cannot be made of CNAME records.
  if (type === 'multivalue' && recordType === 'CNAME') {
    return faults.add('A multivalue rule cannot have the record type CNAME')
  }
  faults.unknownMembers(given, ['RuleType', ruleType.list])
  const list = given[ruleType.list]
  if (!Array.isArray(list) || !list.length)
    return faults.add(`${ruleType.list} must be a list with at least one entry`)
  const entries = list.flatMap((entry: unknown) => readEntry(entry, ruleType, faults) ?? [])
  const marks = entries.flatMap((entry) => ruleType.unique?.(entry) ?? [])
  if (new Set(marks).size < marks.length) faults.add(`${ruleType.list} has two entries for the same place`)
  return { rule: type as Rule, entries }
}

/** AWS: a failover rule has the objects Primary and Secondary in place of a list. */
function readFailover(given: JsonObject, faults: Faults): PolicyRule | undefined {
  faults.unknownMembers(given, ['RuleType', 'Primary', 'Secondary'])
  const entries = (['Primary', 'Secondary'] as const).flatMap((member) => {
    if (given[member] === undefined) return faults.add(`${member} must be specified`) ?? []
    const failover = member === 'Primary' ? 'PRIMARY' : 'SECONDARY'
    return readEntry(given[member], { list: member, keys: [], read: () => ({ failover }) }, faults) ?? []
  })
  return { rule: 'failover', entries }
}

function readEntry(given: unknown, { list, keys, read }: RuleType, faults: Faults): Entry | undefined {
  if (!isObject(given)) return faults.add(`An entry of ${list} must be an object`)
  faults.unknownMembers(given, [...COMMON_KEYS, ...keys])
  const reference = readReference(given, faults)
  const { HealthCheck, EvaluateTargetHealth = false } = given
  if (HealthCheck !== undefined && (typeof HealthCheck !== 'string' || HealthCheck === '')) {
    faults.add('HealthCheck must be the id of a health check')
  }
  if (![true, false, 'true', 'false'].includes(EvaluateTargetHealth as boolean)) {
    faults.add('EvaluateTargetHealth must be true or false')
  }
  const particulars = read(given, faults)
  if (!reference) return undefined
  return {
    ...particulars,
    reference,
    evaluateTargetHealth: EvaluateTargetHealth === true || EvaluateTargetHealth === 'true',
    ...(typeof HealthCheck === 'string' && { healthCheck: HealthCheck }),
  }
}

function readReference(
  { EndpointReference, RuleReference }: JsonObject,
  faults: Faults,
): Reference | undefined {
  if (typeof EndpointReference === 'string' && RuleReference === undefined)
    return { endpoint: EndpointReference }
  if (typeof RuleReference === 'string' && EndpointReference === undefined) return { rule: RuleReference }
  return faults.add('Exactly one of EndpointReference and RuleReference must be specified')
}

function readRegion({ Region }: JsonObject, faults: Faults): Particulars {
  if (typeof Region === 'string' && REGIONS[Region]) return { region: Region }
  return faults.add(`Region ${JSON.stringify(Region)} is not valid`) ?? {}
}

/** AWS: weights and biases are written as strings. */
function readWeight({ Weight }: JsonObject, faults: Faults): Particulars {
  const weight = typeof Weight === 'string' && /^\d{1,3}$/.test(Weight) ? Number(Weight) : Number.NaN
  if (weight <= 255) return { weight }
  return faults.add('Weight must be a string with a number from 0 to 255') ?? {}
}

function readGeo({ IsDefault, Continent, Country, Subdivision }: JsonObject, faults: Faults): Particulars {
  const isCode = (value: unknown) =>
    value === undefined || (typeof value === 'string' && /^[A-Z0-9]{1,3}$/.test(value))
  if (IsDefault === true || IsDefault === 'true' || Country === '*') return { geo: { country: '*' } }
  if (![Continent, Country, Subdivision].every(isCode))
    return faults.add('A location must be named by its code') ?? {}
  if ((Continent === undefined) === (Country === undefined)) {
    return faults.add('A location must have exactly one of IsDefault, Continent and Country') ?? {}
  }
  if (Subdivision !== undefined && Country === undefined) return faults.add('Subdivision needs Country') ?? {}
  return {
    geo: {
      ...(Continent !== undefined && { continent: Continent as string }),
      ...(Country !== undefined && { country: Country as string }),
      ...(Subdivision !== undefined && { subdivision: Subdivision as string }),
    },
  }
}

function readPoint(
  { Region, Latitude, Longitude, Bias = '0', Location }: JsonObject,
  faults: Faults,
): Particulars {
  const bias = Number(Bias)
  if (!Number.isInteger(bias) || Math.abs(bias) > 99) return faults.add('Bias must be from -99 to 99') ?? {}
  if (Location !== undefined) return faults.add('Location (Local Zones) is not part of the local cloud') ?? {}
  if (Region !== undefined) {
    const place = typeof Region === 'string' ? REGIONS[Region.replace(/^aws:route53:/, '')] : undefined
    if (!place || !String(Region).startsWith('aws:route53:')) {
      return faults.add(`Region ${JSON.stringify(Region)} is not valid`) ?? {}
    }
    return { point: { latitude: place.latitude, longitude: place.longitude, bias } }
  }
  const [latitude, longitude] = [degrees(Latitude, 90), degrees(Longitude, 180)]
  if (latitude !== undefined && longitude !== undefined) return { point: { latitude, longitude, bias } }
  return faults.add('Latitude and Longitude must be degrees with at most two decimals') ?? {}
}

/** AWS: coordinates have at most two decimals. */
function degrees(value: unknown, most: number): number | undefined {
  if (!/^[-+]?\d{1,3}(\.\d{0,2})?$/.test(String(value))) return undefined
  return Math.abs(Number(value)) <= most ? Number(value) : undefined
}
