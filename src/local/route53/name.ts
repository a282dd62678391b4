// DNS names in the form in which Route 53 keeps and sorts them. It knows no records and no zones;
// `record.ts` refuses names with the problems found here, `answer.ts` looks names up.

/** A problem with a name or a value: AWS's own word for it, and the sentence that goes with it. */
export interface Problem {
  readonly code: string
  readonly text: string
}

const ESCAPE = /\\([0-3][0-7]{2})/g

/**
 * The name as Route 53 keeps it: lower case, trailing dot, everything but letters, digits, hyphens, underscores and dots
 * as an octal escape (`*` is `\052`). What need not be escaped loses its escape, and is then no capital either.
 */
export function normaliseName(name: string): string {
  const withDot = name.endsWith('.') ? name : `${name}.`
  return withDot.replace(/\\([0-3][0-7]{2})|[^.]/gu, (char, octal: string | undefined) =>
    keptCharacter(octal === undefined ? char.codePointAt(0)! : Number.parseInt(octal, 8)),
  )
}

function keptCharacter(code: number): string {
  const char = code < 128 ? String.fromCharCode(code).toLowerCase() : ''
  return /^[a-z0-9_-]$/.test(char) ? char : `\\${code.toString(8).padStart(3, '0')}`
}

/** The name with its escapes as characters, one for each byte. */
export const unescaped = (name: string) =>
  name.replace(ESCAPE, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** Without the trailing dot. */
export const bareName = (name: string) => name.replace(/\.$/, '')

const labelsOf = (name: string) => bareName(name).split('.')

/** What is wrong with a name, if anything. */
export function nameProblem(name: string): Problem | undefined {
  if (/[^\x21-\x7e]/.test(name)) {
    return { code: 'UnsupportedCharacter', text: 'Value contains unsupported characters' }
  }
  // AWS: a domain name holds at most 255 bytes, a label at most 63. An escape is one byte.
  if (unescaped(name).length > 255) return { code: 'DomainNameTooLong', text: 'Domain name is too long' }
  const labels = labelsOf(normaliseName(name)).map(unescaped)
  if (labels.some((label) => label === '')) {
    return { code: 'DomainLabelEmpty', text: 'Domain label is empty' }
  }
  if (labels.some((label) => label.length > 63)) {
    return { code: 'DomainLabelTooLong', text: 'Domain label is too long' }
  }
  return undefined
}

/** AWS: lists are sorted by the name with its labels reversed and a trailing dot, in ASCII order: `*` comes before `a`. */
export const sortKeyOf = (name: string) => unescaped(`${labelsOf(normaliseName(name)).reverse().join('.')}.`)

/** -1, 0 or 1: the order of two names, or of any two ASCII strings. */
export const compareAscii = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Whether a kept name is the zone's own name or lies below it. */
export const isWithin = (name: string, zoneName: string) => name === zoneName || name.endsWith(`.${zoneName}`)

/** The name without its first label; undefined for the root. */
export function parentOf(name: string): string | undefined {
  const rest = name.slice(name.indexOf('.') + 1)
  return rest === '' ? undefined : rest
}
