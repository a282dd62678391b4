// The filter patterns of CloudWatch Logs, as far as they are plain terms. Patterns over fields and JSON, and regular
// expressions, are refused: a filter that is half understood would hide lines.
import { invalid } from './input.js'

/** Whether a message passes a filter. */
export type Filter = (message: string) => boolean

const TERMS = /\s*([-?]?)(?:"([^"]*)"|(\S+))/y

/**
 * A filter from its pattern. AWS: all terms must be contained, with case; `-term` must not, of `?term`s any one is
 * enough; a term with other characters than letters, digits and `_` stands in quotes. No pattern passes everything.
 */
export function filterOf(pattern: string | undefined): Filter {
  const text = pattern?.trim() ?? ''
  if (/^[{[%]/.test(text)) {
    throw invalid(
      `Invalid filter pattern: the local cloud knows terms only, and '${text}' is not made of terms.`,
    )
  }
  const terms = termsOf(text)
  const required = textsOf(terms, '')
  const excluded = textsOf(terms, '-')
  const optional = textsOf(terms, '?')
  if (optional.length && (required.length || excluded.length)) {
    throw invalid('Invalid filter pattern: the local cloud does not mix ?terms with others.')
  }
  return (message) =>
    required.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (!optional.length || optional.some((term) => message.includes(term)))
}

interface Term {
  readonly sign: string
  readonly text: string
}

const textsOf = (terms: readonly Term[], sign: string) =>
  terms.filter((term) => term.sign === sign).map(({ text }) => text)

function termsOf(pattern: string): Term[] {
  const terms: Term[] = []
  TERMS.lastIndex = 0
  while (TERMS.lastIndex < pattern.length) {
    const match = TERMS.exec(pattern)
    if (!match) break
    const [, sign, quoted, bare] = match
    if (bare !== undefined && !/^[\p{L}\p{N}_]+$/u.test(bare)) {
      throw invalid(`Invalid filter pattern: Invalid character(s) in term '${bare}'`)
    }
    terms.push({ sign: sign!, text: quoted ?? bare! })
  }
  return terms
}
