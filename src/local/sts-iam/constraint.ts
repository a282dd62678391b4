// The limits that AWS's front ends check on request members before any service code runs: null, length, value, pattern.
// A check says what is wrong or nothing; `refuse` throws all of them at once, as AWS does. Rules of roles and
// policies are in role.ts and policy.ts.
import { AwsError } from '../wire/errors.js'

/** What is wrong with one member; undefined when nothing is. */
export type Violation = string | undefined

const violation = (member: string, value: unknown, constraint: string) => {
  const text = Array.isArray(value) ? `[${value.length} items]` : value
  const shown = value === undefined ? 'Value null' : `Value '${text}'`
  return `${shown} at '${member}' failed to satisfy constraint: Member must ${constraint}`
}

export function present(member: string, value: unknown): Violation {
  return value === undefined ? violation(member, undefined, 'not be null') : undefined
}

/** Length of a text or of a list. Absent members pass: see `present`. */
export function sized(
  member: string,
  value: string | readonly unknown[] | undefined,
  min: number,
  max: number,
): Violation {
  if (value === undefined) return undefined
  if (value.length < min) return violation(member, value, `have length greater than or equal to ${min}`)
  if (value.length > max) return violation(member, value, `have length less than or equal to ${max}`)
  return undefined
}

/** A number between both bounds, inclusive. */
export function ranged(member: string, value: number | undefined, min: number, max: number): Violation {
  if (value === undefined) return undefined
  if (value < min) return violation(member, value, `have value greater than or equal to ${min}`)
  if (value > max) return violation(member, value, `have value less than or equal to ${max}`)
  return undefined
}

/** The whole text matches `source`, a pattern as the service's model writes it. */
export function matching(member: string, value: string | undefined, source: string): Violation {
  if (value === undefined || new RegExp(`^(?:${source})$`, 'u').test(value)) return undefined
  return violation(member, value, `satisfy regular expression pattern: ${source}`)
}

/** Throws IAM's ValidationError with every violation; returns when there is none. */
export function refuse(...violations: Violation[]): void {
  const found = violations.filter((one) => one !== undefined)
  if (!found.length) return
  const count = found.length === 1 ? '1 validation error' : `${found.length} validation errors`
  throw new AwsError('ValidationError', `${count} detected: ${found.join('; ')}`)
}
