// Small checks of request members, with Route 53's own errors: ids, lengths, ranges, pages.
// Rules that concern one noun only stand in that noun's file.
import { AwsError } from '../wire/errors.js'

/** AWS: ids come and go with a path in front (`/hostedzone/Z1`, `/change/C1`), or without. */
export const stripId = (id: string | undefined) => (id ?? '').replace(/^\/?[a-z]+\//, '')

export const invalidInput = (message: string) => new AwsError('InvalidInput', message, 400)

/** What AWS can do and this cloud cannot. */
export const unsupported = (what: string) => invalidInput(`${what} is not part of the local cloud.`)

/** The member, or InvalidInput when it is absent or empty. */
export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined || value === '') throw invalidInput(`Missing required parameter: ${member}.`)
  return value
}

/** Refuses a text that is longer than AWS takes. */
export function checkLength(value: string | undefined, member: string, longest: number): void {
  if (value === undefined || value.length <= longest) return
  throw invalidInput(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${longest}`,
  )
}

/** Refuses a number outside of AWS's range, or one that is no integer. */
export function checkRange(value: number | undefined, member: string, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  throw invalidInput(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must have value between ${least} and ${most}`,
  )
}

/** Refuses a value that is not one of AWS's. */
export function checkOneOf(value: string | undefined, member: string, values: readonly string[]): void {
  if (value === undefined || values.includes(value)) return
  throw invalidInput(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
      `Member must satisfy enum value set: [${values.join(', ')}]`,
  )
}

export interface Page<T> {
  readonly items: T[]
  /** The first item of the next page, when there is one. */
  readonly next?: T
  readonly maxItems: number
}

/**
 * One page of a sorted list, from index `start`. AWS: more than `most` items are never returned, whatever MaxItems
 * says, and MaxItems comes back as it was asked for.
 */
export function pageOf<T>(
  list: readonly T[],
  start: number,
  maxItems: number | undefined,
  most: number,
): Page<T> {
  if (maxItems !== undefined && (!Number.isInteger(maxItems) || maxItems < 1)) {
    throw invalidInput(`Invalid value for MaxItems: ${maxItems}. It must be a positive integer.`)
  }
  const end = start + Math.min(maxItems ?? most, most)
  const next = list[end]
  return { items: list.slice(start, end), ...(next !== undefined && { next }), maxItems: maxItems ?? most }
}

/** The index of the marker's item; InvalidInput when it names none. No marker: the first. */
export function startAt<T>(
  list: readonly T[],
  marker: string | undefined,
  idOf: (item: T) => string,
): number {
  if (!marker) return 0
  const index = list.findIndex((item) => idOf(item) === stripId(marker))
  if (index < 0) throw invalidInput(`The marker ${marker} does not name an item of this list.`)
  return index
}
