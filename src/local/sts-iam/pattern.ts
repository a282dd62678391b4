// Wildcards and variables of policy texts. What they are matched against is evaluate.ts's and condition.ts's business.
//
// AWS: `*` and `?` are wildcards, `${key}` and `${key, 'default'}` are variables, `${*}`, `${?}` and `${$}` are those
// characters themselves. What a variable brings in is literal. (IAM User Guide, policy elements: variables)

/** What is known about a request: keys in lower case, all values as text. */
export type Context = ReadonlyMap<string, readonly string[]>

const TOKENS = /\$\{([^}]*)\}|[*?]|[^*?$]+|\$/g
const ESCAPED = new Set(['*', '?', '$'])

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** The keys of the variables in a policy text, as written. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(/\$\{([^}]*)\}/g)]
    .map(([, inside]) => inside!)
    .filter((inside) => !ESCAPED.has(inside))
    .map((inside) => inside.split(',')[0]!.trim())
}

/** The value of `${inside}`; undefined when the request has none and the text names no default. */
function variable(inside: string, context: Context): string | undefined {
  if (ESCAPED.has(inside)) return inside
  const comma = inside.indexOf(',')
  const key = (comma < 0 ? inside : inside.slice(0, comma)).trim()
  const fallback =
    comma < 0
      ? undefined
      : inside
          .slice(comma + 1)
          .trim()
          .replace(/^'(.*)'$/, '$1')
  return context.get(key.toLowerCase())?.[0] ?? fallback
}

/** The text with its variables filled in and wildcards taken literally; undefined when a variable has no value. */
export function expand(text: string, context: Context): string | undefined {
  let missing = false
  const expanded = text.replace(/\$\{([^}]*)\}/g, (_, inside: string) => {
    const value = variable(inside, context)
    if (value === undefined) missing = true
    return value ?? ''
  })
  return missing ? undefined : expanded
}

/** Whether the whole text matches the pattern. A variable without a value matches nothing. */
export function matchesText(pattern: string, text: string, context: Context): boolean {
  let missing = false
  const source = pattern.replace(TOKENS, (token: string, inside?: string) => {
    if (inside !== undefined) {
      const value = variable(inside, context)
      if (value === undefined) missing = true
      return literal(value ?? '')
    }
    if (token === '*') return '.*'
    return token === '?' ? '.' : literal(token)
  })
  return !missing && new RegExp(`^${source}$`, 's').test(text)
}

/** AWS: action names are compared without regard to case, with wildcards and without variables. */
export function matchesAction(pattern: string, action: string): boolean {
  const source = pattern.replace(TOKENS, (token) =>
    token === '*' ? '.*' : token === '?' ? '.' : literal(token),
  )
  return new RegExp(`^${source}$`, 'is').test(action)
}

/** The six parts of an ARN; colons inside a variable or after the fifth do not split. */
function segments(arn: string): string[] | undefined {
  const parts = arn.split(/:(?![^${}]*\})/)
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(':')]
}

/** AWS: a wildcard in one part of an ARN does not reach into the next; a lone `*` matches everything. */
export function matchesArn(pattern: string, arn: string, context: Context): boolean {
  if (pattern === '*') return true
  const wanted = segments(pattern)
  const given = segments(arn)
  if (!wanted || !given) return false
  return wanted.every((part, index) => matchesText(part, given[index]!, context))
}
