// Paging as API Gateway does it: `limit` items from after `position`, which is opaque to the caller.
import { badRequest } from './refusal.js'

const DEFAULT_LIMIT = 25
// AWS: docs of every listing: "the default value is 25 and the maximum value is 500".
const LARGEST_LIMIT = 500

export interface PageInput {
  readonly position?: string | undefined
  readonly limit?: number | undefined
}

/** One page of `all`, in the order of their keys, which must be unique. A page is not upset by items that come or go. */
export function pageOf<T>(
  all: Iterable<T>,
  keyOf: (item: T) => string,
  { position, limit = DEFAULT_LIMIT }: PageInput,
): { items: T[]; position?: string } {
  if (!Number.isInteger(limit) || limit < 1) throw badRequest('Invalid limit specified')
  const after = position === undefined ? undefined : decode(position)
  const sorted = [...all].sort((a, b) => compare(keyOf(a), keyOf(b)))
  const rest = after === undefined ? sorted : sorted.filter((item) => compare(keyOf(item), after) > 0)
  const items = rest.slice(0, Math.min(limit, LARGEST_LIMIT))
  return items.length < rest.length ? { items, position: encode(keyOf(items.at(-1)!)) } : { items }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const encode = (key: string) => Buffer.from(key).toString('base64url')

function decode(position: string): string {
  const key = Buffer.from(position, 'base64url').toString('utf8')
  if (encode(key) !== position) throw badRequest('Invalid position specified')
  return key
}
