// What no item may be, whatever request makes it so: nested too deep, or with a number out of range. Requests are looked
// at before anything is done with them, and what an update leaves before it is written. All else is dynalite's to check.
import { AwsError } from '../wire/errors.js'

// AWS: an attribute is level 1, its members level 2.
const DEEPEST = 32
const TOO_DEEP =
  'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit'

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Members of requests that are values by name. */
const VALUES_BY_NAME = ['Item', 'Key', 'ExclusiveStartKey', 'ExpressionAttributeValues']

/** Throws AwsError where a value of the request, any DynamoDB one, is nested too deep. It may be nested without end. */
export function refuseDeep(input: object): void {
  const left: object[] = [input]
  for (let node = left.pop(); node; node = left.pop()) {
    for (const [name, member] of Object.entries(node)) {
      if (!isObject(member)) continue
      const isNamed = VALUES_BY_NAME.includes(name) && !Array.isArray(member)
      const values = isNamed
        ? Object.entries(member)
        : name === 'Value'
          ? [[name, member] as const]
          : undefined
      for (const [key, value] of values ?? []) if (isDeep(value)) throw tooDeep(name, key)
      if (name === 'AttributeValueList' && Array.isArray(member) && member.some(isDeep))
        throw tooDeep(name, '')
      if (!values) left.push(member)
    }
  }
}

function tooDeep(member: string, key: string): AwsError {
  const message =
    member === 'ExpressionAttributeValues'
      ? `ExpressionAttributeValues contains invalid value: ${TOO_DEEP} for key ${key}`
      : TOO_DEEP
  return new AwsError('ValidationException', message)
}

/** One attribute's value. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 1; level.length; depth++) {
    if (depth > DEEPEST) return true
    level = level.flatMap(membersOf)
  }
  return false
}

function membersOf(value: unknown): unknown[] {
  if (!isObject(value)) return []
  const { M, L } = value as Json
  return [...(isObject(M) ? Object.values(M) : []), ...(Array.isArray(L) ? L : [])]
}

/** dynalite's rule for one value: what is wrong with it, or undefined. */
export type Rule = (value: object) => string | undefined

/** Why this cannot be stored as an item, or undefined. */
export function unfit(item: object, rule: Rule): string | undefined {
  if (Object.values(item).some(isDeep)) return TOO_DEEP
  const left = Object.values(item)
  for (let value = left.pop(); left.length || value; value = left.pop()) {
    const { N } = (value ?? {}) as { N?: string }
    const refusal = N === undefined ? undefined : rule({ N })
    if (refusal) return refusal
    left.push(...membersOf(value))
  }
  return undefined
}
