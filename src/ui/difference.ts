// What differs between two values of a field, part by part: of a policy the action that is new, not how both begin.
import { isDeepStrictEqual } from 'node:util'
import type { FieldChange } from '../base/events.js'

type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null
const isPlainList = (value: unknown) => Array.isArray(value) && !value.some(isTree)

/** Each with its path. Members of a list of plain values are told one by one, without their places. */
export function partsOf({ field, from, to }: FieldChange): FieldChange[] {
  if (isDeepStrictEqual(from, to)) return []
  if (!isTree(from) || !isTree(to)) return [{ field, from, to }]
  if (isPlainList(from) && isPlainList(to)) {
    const [before, after] = [Object.values(from), Object.values(to)]
    const gone = before.flatMap((one) => (after.includes(one) ? [] : [{ field, from: one, to: undefined }]))
    const come = after.flatMap((one) => (before.includes(one) ? [] : [{ field, from: undefined, to: one }]))
    return gone.length + come.length > 0 ? [...gone, ...come] : [{ field, from, to }]
  }
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys].flatMap((key) => partsOf({ field: `${field}.${key}`, from: from[key], to: to[key] }))
}
