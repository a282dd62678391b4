// An error as it is told: to a person on stderr, and as JSON on stdout.
import type { MultiregionError } from '../base/errors.js'
import { lines } from './layout.js'
import type { Paint } from './paint.js'
import { printable } from './printable.js'

/** On stderr. `verbose` adds what the error knows. */
export function errorText(error: MultiregionError, paint: Paint, verbose: boolean): string {
  const { requestId } = error.data as { requestId?: string }
  const data =
    verbose && Object.keys(error.data).length > 0
      ? paint.dim(printable(JSON.stringify(error.data)))
      : undefined
  const request = !verbose && requestId ? paint.dim(`(request id ${printable(requestId)})`) : undefined
  return lines(
    `${paint.bad('error:')} ${printable(error.message)}`,
    request,
    data,
    `${paint.strong('next:')} ${printable(error.hint)}`,
  )
}

/** On stdout, with `--json`. */
export const errorJson = (error: MultiregionError, schemaVersion: number) => ({
  schemaVersion,
  error: {
    code: error.code,
    message: error.message,
    hint: error.hint,
    ...(typeof error.data.address === 'string' ? { address: error.data.address } : {}),
    data: error.data,
  },
})
