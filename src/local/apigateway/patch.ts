// `patchOperations` as API Gateway reads them: JSON-Patch-like, but each resource allows its own paths and operations.
// The rules of a resource are in its own file.
import type { PatchOperation } from '@aws-sdk/client-api-gateway'
import { AwsError } from '../wire/errors.js'
import { badRequest } from './refusal.js'

export type PatchOp = 'add' | 'remove' | 'replace'

export interface PatchStep {
  readonly op: PatchOp
  /** Empty when the caller gave none. */
  readonly value: string
  /** What the path says where the rule has `*`, with `~1` and `~0` read as `/` and `~`. */
  readonly key: string
}

export interface PatchRule<T> {
  /** `/name`, or with one last `*` as in `/variables/*`. */
  readonly path: string
  readonly ops: readonly PatchOp[]
  /** Changes the target. Throws an AwsError for a value that does not fit. */
  apply(target: T, step: PatchStep): void
}

/** Applies them in order, all or none: throws AWS's error for an unknown path or operation, and the rule's own. */
export function applyPatch<T>(
  target: T,
  operations: readonly PatchOperation[] | undefined,
  rules: readonly PatchRule<T>[],
): T {
  const changed = structuredClone(target)
  for (const operation of operations ?? []) {
    const { rule, step } = ruleFor(operation, rules)
    rule.apply(changed, step)
  }
  return changed
}

const KNOWN_OPS = new Set(['add', 'remove', 'move', 'test', 'replace', 'copy'])

function ruleFor<T>({ op, path, value }: PatchOperation, rules: readonly PatchRule<T>[]) {
  if (!op || !KNOWN_OPS.has(op)) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${op}' at 'patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [${[...KNOWN_OPS].join(', ')}]`,
    )
  }
  for (const rule of rules) {
    const key = keyOf(rule.path, path ?? '')
    if (key === undefined) continue
    if (!rule.ops.includes(op as PatchOp)) {
      throw badRequest(`Invalid patch operation specified. Must be one of: [${rule.ops.join(', ')}]`)
    }
    return { rule, step: { op: op as PatchOp, value: value ?? '', key } }
  }
  throw badRequest(`Invalid patch path ${path ?? null}`)
}

/** What stands for `*`, empty for a rule without one; undefined when the path is another. */
function keyOf(rulePath: string, path: string): string | undefined {
  if (!rulePath.endsWith('*')) return path === rulePath ? '' : undefined
  const prefix = rulePath.slice(0, -1)
  if (!path.startsWith(prefix) || path.length === prefix.length) return undefined
  return unescapePointer(path.slice(prefix.length))
}

/** `application~1json` is `application/json`. */
export const unescapePointer = (text: string) => text.replaceAll('~1', '/').replaceAll('~0', '~')

/** Sets a text member; `remove`, or replacing with nothing, drops it. */
export function patchText<K extends string>(path: string, name: K): PatchRule<{ [P in K]?: string }> {
  return {
    path,
    ops: ['replace', 'remove'],
    apply(target, { op, value }) {
      if (op === 'remove' || value === '') delete target[name]
      else target[name] = value
    },
  }
}

/** Sets or removes one entry of a map of texts. */
export function patchEntry<T>(
  path: string,
  mapOf: (target: T) => Record<string, string>,
  check: (step: PatchStep) => void = () => {},
): PatchRule<T> {
  return {
    path,
    ops: ['add', 'replace', 'remove'],
    apply(target, step) {
      if (step.op === 'remove') delete mapOf(target)[step.key]
      else {
        check(step)
        mapOf(target)[step.key] = step.value
      }
    },
  }
}
