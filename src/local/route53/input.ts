// Small helpers for request members, with Route 53's own errors: ids and pages.
// Rules that concern one noun only stand in that noun's file.
import { AwsError } from '../wire/errors.js'

/** AWS: ids come and go with a path in front (`/hostedzone/Z1`, `/change/C1`), or without. */
export const stripId = (id: string | undefined) => (id ?? '').replace(/^\/?[a-z]+\//, '')

export const invalidInput = (message: string) => new AwsError('InvalidInput', message, 400)

/** What AWS can do and this cloud cannot. */
export const unsupported = (what: string) => invalidInput(`${what} is not part of the local cloud.`)

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
