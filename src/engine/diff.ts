// Field by field comparison, for the `diff` of the steps. Order of keys does not matter, order in lists does.
import { isDeepStrictEqual } from 'node:util'
import type { Change } from './step.js'

/** Compares the named fields. `immutable` ones can only change by replacing the resource. */
export function compare<D extends object>(
  desired: D,
  observed: { readonly [K in keyof D]?: unknown },
  fields: { readonly [K in keyof D]?: 'mutable' | 'immutable' },
): Change[] {
  return (Object.keys(fields) as (keyof D & string)[])
    .filter((field) => !isDeepStrictEqual(desired[field], observed[field]))
    .map((field) => ({
      field,
      from: observed[field],
      to: desired[field],
      ...(fields[field] === 'immutable' ? { immutable: true as const } : {}),
    }))
}
