// One error for a run in which several nodes failed: all are told, the exit says that the rest is done and saved.
import { CancelledError, EXIT, type Exit, MultiregionError, PartialError } from '../base/errors.js'

/** Interrupted wins over failed. A single failure keeps its own words and hint. */
export function failWith(
  errors: readonly MultiregionError[],
  verb: string,
  exit: Exit = EXIT.partial,
): MultiregionError {
  const interrupted = errors.find((error) => error instanceof CancelledError)
  if (interrupted) return interrupted
  const [first] = errors
  const data = {
    address: first!.data.address,
    errors: errors.map(({ code, message, hint, data }) => ({ code, message, hint, address: data.address })),
  }
  const message =
    errors.length === 1
      ? first!.message
      : `${errors.length} things failed:\n${errors.map((error) => `  - ${error.message}`).join('\n')}`
  const hint =
    errors.length === 1
      ? first!.hint
      : `${first!.hint} What is done is saved; multiregion ${verb} goes on from here.`
  if (exit === EXIT.partial) return new PartialError(message, hint, data)
  return new MultiregionError(first!.code, message, hint, exit, data)
}
