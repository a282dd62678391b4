// `patchOperations` as API Gateway reads them: JSON-Patch-like, but each resource allows its own paths and operations.
// The rules of a resource are in its own file.
import type { PatchOperation } from '@aws-sdk/client-api-gateway'
import { AwsError } from '../wire/errors.js'
import { badRequest, unsupported } from './refusal.js'

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

/** How a resource refuses a path or an operation. Throws. */
export type PatchRefusal = <T>(
  operation: { readonly op: string; readonly path: string | null },
  rules: readonly PatchRule<T>[],
  rule: PatchRule<T> | undefined,
) => never

const refuseBriefly: PatchRefusal = ({ path }, _, rule) => {
  if (rule) throw badRequest(`Invalid patch operation specified. Must be one of: [${rule.ops.join(', ')}]`)
  throw badRequest(`Invalid patch path ${path}`)
}

/** AWS: resources have longer words, and name the operation before the path. */
export const refuseAtLength: PatchRefusal = ({ op, path }, rules) => {
  const what = `Invalid patch path  '${path}' specified for op '${op}'. `
  if (!rules.some(({ ops }) => (ops as readonly string[]).includes(op))) {
    throw badRequest(`${what}Please choose supported operations`)
  }
  throw badRequest(`${what}Must be one of: [${rules.map((rule) => rule.path).join(', ')}]`)
}

/** Applies them in order, all or none: throws AWS's error for an unknown path or operation, and the rule's own. */
export function applyPatch<T>(
  target: T,
  operations: readonly PatchOperation[] | undefined,
  rules: readonly PatchRule<T>[],
  refuse: PatchRefusal = refuseBriefly,
): T {
  const changed = structuredClone(target)
  for (const operation of operations ?? []) {
    const { rule, step } = ruleFor(operation, rules, refuse)
    rule.apply(changed, step)
  }
  return changed
}

const KNOWN_OPS = new Set(['add', 'remove', 'move', 'test', 'replace', 'copy'])

function ruleFor<T>(
  { op, path, value }: PatchOperation,
  rules: readonly PatchRule<T>[],
  refuse: PatchRefusal,
) {
  if (!op || !KNOWN_OPS.has(op)) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${op}' at 'patchOperations.1.member.op' failed to satisfy constraint: Member must satisfy enum value set: [${[...KNOWN_OPS].join(', ')}]`,
    )
  }
  for (const rule of rules) {
    const key = keyOf(rule.path, path ?? '')
    if (key === undefined) continue
    if (!rule.ops.includes(op as PatchOp)) refuse({ op, path: path ?? null }, rules, rule)
    return { rule, step: { op: op as PatchOp, value: value ?? '', key } }
  }
  return refuse({ op, path: path ?? null }, rules, undefined)
}

/** What stands for `*`, empty for a rule without one; undefined when the path is another. */
function keyOf(rulePath: string, path: string): string | undefined {
  if (!rulePath.endsWith('*')) return path === rulePath ? '' : undefined
  const prefix = rulePath.slice(0, -1)
  const rest = path.slice(prefix.length)
  if (!path.startsWith(prefix) || !rest) return undefined
  // AWS: a slash inside a name is written `~1`. A rule for all paths reads them itself.
  return prefix !== '/' && rest.includes('/') ? undefined : unescapePointer(rest)
}

/** `application~1json` is `application/json`. */
export const unescapePointer = (text: string) => text.replaceAll('~1', '/').replaceAll('~0', '~')

/** Paths that AWS has and this model has not: loudly refused, whatever is done to them. */
export const notHere = <T>(...paths: readonly string[]): PatchRule<T>[] =>
  paths.map((path) => ({
    path,
    ops: ['add', 'replace', 'remove'],
    apply() {
      throw unsupported(`the patch path ${path}`)
    },
  }))

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
