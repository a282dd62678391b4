// The text values of records: what Route 53 takes for each type, how two values compare, and what goes on the wire
// of DNS. It sees one value at a time; `record.ts` knows the record set around it.
import { isIPv4, isIPv6 } from 'node:net'
import type { Answer } from 'dns-packet'
import { bareName, nameProblem, normaliseName, type Problem, unescaped } from './name.js'

/** The record types that this cloud keeps and answers. AWS has more (DS, HTTPS, NAPTR, SPF, SSHFP, SVCB, TLSA). */
export const RECORD_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const
export type RecordType = (typeof RECORD_TYPES)[number]

export const isRecordType = (type: string | undefined): type is RecordType =>
  RECORD_TYPES.includes(type as RecordType)

/** A record as text, the way the API writes it. `name` has its trailing dot. */
export interface TextRecord {
  readonly name: string
  readonly type: RecordType
  /** Seconds. */
  readonly ttl: number
  readonly value: string
}

const DOMAIN_TYPES: readonly RecordType[] = ['CNAME', 'NS', 'PTR']
const NUMBER = /^\d{1,10}$/
const CAA = /^(\d{1,3}) (issue|issuewild|iodef) "([^"]*)"$/

/** What is wrong with a value, if anything. AWS: the texts stand in front of `encountered with '<value>'`. */
export function valueProblem(type: RecordType, value: string): Problem | undefined {
  if (type === 'TXT') return textProblem(value)
  const fields = value.split(' ')
  switch (type) {
    case 'A':
    case 'AAAA':
      return addressProblem(type, value)
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return domainProblem(type, value)
    case 'MX':
      return fieldsProblem(type, fields, 1) ?? hostProblem(type, fields[1]!)
    case 'SRV':
      return fieldsProblem(type, fields, 3) ?? hostProblem(type, fields[3]!)
    case 'SOA':
      return soaProblem(fields)
    case 'CAA':
      if (CAA.test(value) && Number(CAA.exec(value)![1]) <= 255) return undefined
      return { code: 'CAARRDATAInvalid', text: 'Value must be: flags tag "value"' }
  }
}

function addressProblem(type: 'A' | 'AAAA', value: string): Problem | undefined {
  const prefix = `${type}RRDATA`
  if (/\s/.test(value)) return { code: `${prefix}NotSingleField`, text: 'Value contains spaces' }
  if (type === 'A' ? isIPv4(value) : isIPv6(value)) return undefined
  const version = type === 'A' ? 'IPv4' : 'IPv6'
  return { code: `${prefix}Illegal${version}Address`, text: `Value is not a valid ${version} address` }
}

function domainProblem(type: RecordType, value: string): Problem | undefined {
  if (/\s/.test(value)) return { code: `${type}RRDATANotSingleField`, text: 'Value contains spaces' }
  return nameProblem(value)
}

/** `.` says that there is no such host. */
const hostProblem = (type: RecordType, value: string) =>
  value === '.' ? undefined : domainProblem(type, value)

/** `numbers` leading numbers, then one domain name. */
function fieldsProblem(type: RecordType, fields: readonly string[], numbers: number): Problem | undefined {
  const fine = fields.length === numbers + 1 && fields.slice(0, numbers).every((field) => isUint16(field))
  const wanted = type === 'MX' ? 'priority and a domain name' : 'priority, weight, port and a domain name'
  return fine ? undefined : { code: `${type}RRDATAInvalid`, text: `Value must have a ${wanted}` }
}

const isUint16 = (field: string) => NUMBER.test(field) && Number(field) <= 65535

function soaProblem(fields: readonly string[]): Problem | undefined {
  const fine = fields.length === 7 && fields.slice(2).every((field) => NUMBER.test(field))
  if (!fine) return { code: 'SOARRDATAInvalid', text: "SOA record doesn't have 7 fields" }
  return nameProblem(fields[0]!) ?? nameProblem(fields[1]!)
}

function textProblem(value: string): Problem | undefined {
  const strings = characterStrings(value)
  if (!strings) {
    return { code: 'InvalidCharacterString', text: 'Value should be enclosed in quotation marks' }
  }
  // AWS: each string of a TXT value holds at most 255 characters, the whole value 4,000.
  if (strings.some((string) => string.length > 255) || value.length > 4000) {
    return { code: 'CharacterStringTooLong', text: 'Value is too long' }
  }
  return undefined
}

/** The strings of a TXT value (`"a" "b"`), unescaped to bytes; undefined when it is not quoted as AWS wants it. */
export function characterStrings(value: string): Buffer[] | undefined {
  if (!/^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/s.test(value)) return undefined
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, inner]) =>
    Buffer.from(
      inner!.replace(/\\([0-7]{3}|.)/gs, (_, code: string) =>
        code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : code,
      ),
      'latin1',
    ),
  )
}

/** A form in which equal values are the same text: domain names lose their case and their last dot. */
export function comparableValue(type: string, value: string): string {
  if (!DOMAIN_TYPES.includes(type as RecordType)) return value
  return bareName(normaliseName(value))
}

/** A name as dns-packet takes it: no last dot, no escapes. */
const wireName = (name: string) => unescaped(bareName(name)) || '.'

/** The record as dns-packet encodes it. */
export function toDnsAnswer(record: TextRecord): Answer {
  const head = { name: wireName(record.name), ttl: record.ttl, class: 'IN' } as const
  const fields = record.value.split(' ')
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return { ...head, type: record.type, data: record.value }
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { ...head, type: record.type, data: wireName(record.value) }
    case 'TXT':
      return { ...head, type: 'TXT', data: characterStrings(record.value) ?? [] }
    case 'MX':
      return { ...head, type: 'MX', data: { preference: Number(fields[0]), exchange: wireName(fields[1]!) } }
    case 'SRV': {
      const [priority, weight, port] = fields.map(Number) as [number, number, number]
      return { ...head, type: 'SRV', data: { priority, weight, port, target: wireName(fields[3]!) } }
    }
    case 'SOA': {
      const [serial, refresh, retry, expire, minimum] = fields.slice(2).map(Number)
      const [mname, rname] = [wireName(fields[0]!), wireName(fields[1]!)]
      return { ...head, type: 'SOA', data: { mname, rname, serial, refresh, retry, expire, minimum } }
    }
    case 'CAA': {
      const [, flags, tag, value] = CAA.exec(record.value) as unknown as [string, string, 'issue', string]
      return { ...head, type: 'CAA', data: { flags: Number(flags), tag, value } }
    }
  }
}
