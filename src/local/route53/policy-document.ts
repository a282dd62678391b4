// The grammar of traffic policy documents: JSON text in, a tree of rules and endpoints out, or every fault that it
// has. What a rule type wants of its entries is in `policy-rule.ts`; who answers from the tree, `policy-answer.ts`.
import { AwsError } from '../wire/errors.js'
import { type Endpoint, endpointFaults, readEndpoint } from './policy-endpoint.js'
import { Faults, isObject, type JsonObject } from './policy-fault.js'
import { type PolicyRule, type Reference, readRule } from './policy-rule.js'
import { isRecordType, type RecordType } from './record-value.js'

export interface PolicyDocument {
  readonly recordType: RecordType
  readonly start: Reference
  readonly endpoints: Readonly<Record<string, Endpoint>>
  readonly rules: Readonly<Record<string, PolicyRule>>
}

const VERSIONS = ['2015-10-01', '2023-05-09']
const MEMBERS = ['AWSPolicyFormatVersion', 'RecordType', 'StartEndpoint', 'StartRule', 'Endpoints', 'Rules']
const LONGEST_DOCUMENT = 102_400

/** Reads a document. Throws InvalidTrafficPolicyDocument, whose message names every fault and the id it is at. */
export function parsePolicyDocument(text: string): PolicyDocument {
  const faults = new Faults()
  const document = faults.of('', () => read(text, faults))
  if (faults.list.length || !document) {
    throw new AwsError('InvalidTrafficPolicyDocument', faults.list.join(';'), 400)
  }
  return document
}

function read(text: string, faults: Faults): PolicyDocument | undefined {
  if (text.length > LONGEST_DOCUMENT) {
    return faults.add(`The document is longer than ${LONGEST_DOCUMENT} characters`)
  }
  const json = parseJson(text)
  if (!json) return faults.add('The document is not a JSON object')
  faults.unknownMembers(json, MEMBERS)
  if (!VERSIONS.includes(json.AWSPolicyFormatVersion as string)) {
    faults.add(`AWSPolicyFormatVersion must be one of ${VERSIONS.join(', ')}`)
  }
  const recordType = json.RecordType
  if (
    typeof recordType !== 'string' ||
    !isRecordType(recordType) ||
    recordType === 'NS' ||
    recordType === 'SOA'
  ) {
    return faults.add(`RecordType ${JSON.stringify(recordType)} is not supported`)
  }
  const endpoints = readAll(json.Endpoints, 'Endpoints', faults, (given) => readEndpoint(given, faults))
  for (const [id, endpoint] of Object.entries(endpoints)) {
    faults.of(id, () => endpointFaults(endpoint, recordType, faults))
  }
  const rules = readAll(json.Rules, 'Rules', faults, (given) => readRule(given, recordType, faults))
  const start = readStart(json, faults)
  if (!start) return undefined
  const document = { recordType, start, endpoints, rules }
  checkReferences(document, faults)
  return document
}

function parseJson(text: string): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

function readAll<T>(
  given: unknown,
  member: string,
  faults: Faults,
  readOne: (given: unknown) => T | undefined,
): Record<string, T> {
  if (given === undefined) return {}
  if (!isObject(given)) return faults.add(`${member} must be an object`) ?? {}
  const all: Record<string, T> = {}
  for (const [id, value] of Object.entries(given)) {
    const one = faults.of(id, () => readOne(value))
    if (one) all[id] = one
  }
  return all
}

function readStart({ StartEndpoint, StartRule }: JsonObject, faults: Faults): Reference | undefined {
  if (typeof StartRule === 'string' && StartEndpoint === undefined) return { rule: StartRule }
  if (typeof StartEndpoint === 'string' && StartRule === undefined) return { endpoint: StartEndpoint }
  return faults.add('Exactly one of StartEndpoint and StartRule must be specified')
}

/** Every reference must lead somewhere, and none may lead in a circle. */
function checkReferences({ start, endpoints, rules }: PolicyDocument, faults: Faults): void {
  const follow = (reference: Reference, path: readonly string[]): void => {
    if ('endpoint' in reference) {
      if (!endpoints[reference.endpoint]) faults.add(`The endpoint ${reference.endpoint} is not defined`)
      return
    }
    const id = reference.rule
    const rule = rules[id]
    if (!rule) return void faults.add(`The rule ${id} is not defined`)
    if (path.includes(id)) return void faults.add(`The rule ${id} refers to itself`)
    faults.of(id, () => {
      for (const entry of rule.entries) follow(entry.reference, [...path, id])
    })
  }
  if (!faults.list.length) follow(start, [])
}

/** The ids of the health checks that a document names. */
export const healthChecksOf = ({ rules }: PolicyDocument): string[] =>
  Object.values(rules).flatMap(({ entries }) => entries.flatMap(({ healthCheck }) => healthCheck ?? []))
