// An error as it is told: to a person on stderr, and as JSON on stdout.
import type { MultiregionError } from '../base/errors.js'
import { lines, localized } from './layout.js'
import type { Paint } from './paint.js'
import { printable } from './printable.js'

interface Told {
  /** Adds what the error knows. */
  readonly verbose: boolean
  /** True where the run was on the local cloud, and so is what it says to do next. */
  readonly local: boolean
  /** How this program was called, as `npx multiregion`. */
  readonly program: string
}

/** On stderr. */
export function errorText(error: MultiregionError, paint: Paint, { verbose, local, program }: Told): string {
  const { requestId } = error.data as { requestId?: string }
  const data =
    verbose && Object.keys(error.data).length > 0
      ? paint.dim(printable(JSON.stringify(error.data)))
      : undefined
  const request = !verbose && requestId ? paint.dim(`(request id ${printable(requestId)})`) : undefined
  // What is to be typed, as it was typed.
  const hint = error.hint.replace(/(?<!npx )\bmultiregion (?=[a-z-]+)/g, `${program} `)
  const text = lines(
    `${paint.bad('error:')} ${printable(error.message)}`,
    request,
    data,
    `${paint.strong('next:')} ${printable(hint)}`,
  )
  return local ? localized(text) : text
}

/** On stdout, with `--json`: the text of one object. */
export function errorJson(error: MultiregionError, schemaVersion: number, local: boolean): string {
  const { code, message, hint, data } = error
  const address = typeof data.address === 'string' ? { address: data.address } : {}
  const text = JSON.stringify({ schemaVersion, error: { code, message, hint, ...address, data } }, null, 2)
  return printable(local ? localized(text) : text)
}
