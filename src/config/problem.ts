// What is wrong with a config, in words: one problem per path, all of them in one ConfigError. Finds nothing itself:
// `inspect.ts` finds what is wrong with single values, `check.ts` what is wrong between them.
import { relative } from 'node:path'
import { closest, distance } from 'fastest-levenshtein'
import { ConfigError } from '../base/errors.js'
import type { JsonDocument, Path } from './json.js'

export interface Problem {
  readonly path: Path
  /** Goes on after the path: `must be lower case, not "A"`. */
  readonly message: string
}

/** `functions.getItem.route`, `regions[1]`. */
export function pathText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w$-]+$/.test(part)) text += text ? `.${part}` : part
    else text += `[${JSON.stringify(part)}]`
  }
  return text || 'the file'
}

/** A value as an error shows it: JSON, cut where it is long. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** The name that was probably meant, or undefined where nothing is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined
  const lower = name.toLowerCase()
  const near = closest(
    lower,
    names.map((known) => known.toLowerCase()),
  )
  const meant = names.find((known) => known.toLowerCase() === near)!
  return distance(lower, near) <= Math.max(2, Math.floor(meant.length / 3)) ? meant : undefined
}

/** `; did you mean "x"?`, or what there is. */
export function suggestion(name: string, names: readonly string[]): string {
  const meant = nearest(name, names)
  if (meant !== undefined) return `; did you mean ${JSON.stringify(meant)}?`
  return names.length ? `; there is ${names.join(', ')}` : ''
}

/** How messages name a file: from the current folder where it is below it. */
export function fileText(file: string): string {
  const short = relative(process.cwd(), file)
  return short && !short.startsWith('..') ? short : file
}

/** One error for all problems, in the order of the file. Its data holds `file`, the first `path`, and `problems`. */
export function problemsError(
  file: string,
  document: JsonDocument,
  problems: readonly Problem[],
): ConfigError {
  const listed = problems
    .map(({ path, message }) => ({ path: pathText(path), message, ...document.placeOf(path) }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
  const first = listed[0]!
  const name = fileText(file)
  const message =
    listed.length === 1
      ? `${name}, line ${first.line}: ${first.path} ${first.message}`
      : [
          `${name} has ${listed.length} problems:`,
          ...listed.map(({ line, path, message: what }) => `  line ${line}: ${path} ${what}`),
        ].join('\n')
  return new ConfigError(
    message,
    `Edit ${name}, then run multiregion plan. docs/config.md explains every field.`,
    {
      file,
      path: first.path,
      problems: listed,
    },
  )
}
