// Holds a value against its schema, field by field: every problem is found at once, and what is good is kept, so that
// the checks between fields run on it too. Knows zod and no field of ours; `problem.ts` has the words for paths.
import { z } from 'zod'
import type { Path } from './json.js'
import { nearest, type Problem, show, suggestion } from './problem.js'

/** What is known of a value when some of it was wrong: undefined is unknown. */
export type Known<T> = T extends readonly (infer Element)[]
  ? readonly Element[]
  : T extends object
    ? { readonly [Key in keyof T]?: Known<T[Key]> }
    : T

export interface Inspection<T> {
  readonly problems: readonly Problem[]
  /** The good parts, with their defaults. Complete where there is no problem. */
  readonly known: Known<T>
}

/** Finds everything that is wrong with `value` by itself. */
export function inspect<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Inspection<z.output<Schema>> {
  const problems: Problem[] = []
  const known = look(schema, value, [], problems) ?? {}
  return { problems, known: known as Known<z.output<Schema>> }
}

function look(schema: z.ZodType, value: unknown, path: Path, problems: Problem[]): unknown {
  if (value === undefined) return lookAtNothing(schema, path, problems)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return look(schema.unwrap() as z.ZodType, value, path, problems)
  }
  if (schema instanceof z.ZodObject) return lookAtObject(schema, value, path, problems)
  if (schema instanceof z.ZodRecord) return lookAtRecord(schema, value, path, problems)
  if (schema instanceof z.ZodArray) return lookAtArray(schema, value, path, problems)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  problems.push({ path, message: explain(result.error.issues[0]!, value) })
  return undefined
}

function lookAtNothing(schema: z.ZodType, path: Path, problems: Problem[]): unknown {
  const result = schema.safeParse(undefined)
  if (result.success) return result.data
  problems.push({ path, message: `is missing. ${schema.description ?? ''}`.trim() })
  return undefined
}

function lookAtObject(schema: z.ZodObject, value: unknown, path: Path, problems: Problem[]) {
  if (!isObject(value)) return refuse(value, 'an object', path, problems)
  const fields = Object.entries(schema.shape) as [string, z.ZodType][]
  const names = fields.map(([name]) => name)
  const misspelt = new Set<string>()
  for (const key of Object.keys(value)) {
    if (names.includes(key)) continue
    problems.push({ path: [...path, key], message: `is an unknown key${suggestion(key, names)}` })
    misspelt.add(nearest(key, names) ?? key)
  }
  const members = fields.map(([name, field]) => {
    const member = Object.hasOwn(value, name) ? value[name] : undefined
    // One slip is one problem: a field that stands there under a near name is not missing as well.
    const known =
      member === undefined && misspelt.has(name) ? undefined : look(field, member, [...path, name], problems)
    return [name, known] as const
  })
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

function lookAtRecord(schema: z.ZodRecord, value: unknown, path: Path, problems: Problem[]) {
  if (!isObject(value)) return refuse(value, 'an object', path, problems)
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const name = (schema.keyType as z.ZodType).safeParse(key)
      if (!name.success) problems.push({ path: [...path, key], message: name.error.issues[0]!.message })
      return [key, look(schema.valueType as z.ZodType, member, [...path, key], problems)]
    }),
  )
}

function lookAtArray(schema: z.ZodArray, value: unknown, path: Path, problems: Problem[]) {
  if (!Array.isArray(value)) return refuse(value, 'a list', path, problems)
  const elements = value.map((element, index) =>
    look(schema.element as z.ZodType, element, [...path, index], problems),
  )
  const whole = schema.safeParse(value)
  const issue = whole.error?.issues.find(({ path: within }) => within.length === 0)
  if (issue) problems.push({ path, message: explain(issue, value) })
  return elements.filter((element) => element !== undefined)
}

function refuse(value: unknown, expected: string, path: Path, problems: Problem[]): undefined {
  problems.push({ path, message: `must be ${expected}, not ${show(value)}` })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** The rule that a value breaks, and the value. */
function explain(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}, not ${show(value)}`
    case 'invalid_value': {
      const names = issue.values.map(String)
      const allowed = names.length === 1 ? show(issue.values[0]) : `one of ${names.join(', ')}`
      const meant = typeof value === 'string' ? suggestion(value, names) : ''
      return `must be ${allowed}, not ${show(value)}${meant.startsWith('; did') ? meant : ''}`
    }
    case 'too_small':
      return `must ${measure(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}, not ${size(value)}`
    case 'too_big':
      return `must ${measure(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}, not ${size(value)}`
    default:
      return `${issue.message}, not ${show(value)}`
  }
}

const measure = (origin: string) => (origin === 'array' || origin === 'string' ? 'have' : 'be')
const unit = (origin: string) => (origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '')
const size = (value: unknown) =>
  Array.isArray(value) || typeof value === 'string' ? String(value.length) : show(value)
