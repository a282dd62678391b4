// Every error that the tool says on purpose. Each one names what happened and where (message), and the next command
// to type (hint). `cli.ts` prints them; anything else that reaches it is a bug and is said to be one.

/** Exit codes, a contract of `docs/exit-codes.md`. */
export const EXIT = {
  done: 0,
  error: 1,
  changes: 2,
  partial: 3,
  locked: 4,
  unhealthy: 5,
  usage: 64,
  interrupted: 130,
} as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** What an error knows beside its message: plain data, printed by `--json` and `--verbose`. */
export type ErrorData = Readonly<Record<string, unknown>>

export class MultiregionError extends Error {
  constructor(
    /** Machine-readable name, such as `config` or `foreign-resource`. */
    readonly code: string,
    message: string,
    /** The next thing to do, as a sentence that names a command. */
    readonly hint: string,
    readonly exit: Exit = EXIT.error,
    readonly data: ErrorData = {},
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = new.target.name
  }
}

/** Wrong arguments on the command line. */
export class UsageError extends MultiregionError {
  constructor(message: string, hint = 'Run multiregion --help for the verbs and their options.') {
    super('usage', message, hint, EXIT.usage)
  }
}

/** Something in the config file, or in a file that it names, is wrong. `path` is where, as `functions.getItem.route`. */
export class ConfigError extends MultiregionError {
  constructor(message: string, hint: string, data: ErrorData & { file?: string; path?: string } = {}) {
    super('config', message, hint, EXIT.usage, data)
  }
}

/** Another run holds the lock of this stack. */
export class LockedError extends MultiregionError {
  constructor(message: string, hint: string, data: ErrorData) {
    super('locked', message, hint, EXIT.locked, data)
  }
}

/** A resource stands under our name that does not carry this stack's owner tags. */
export class ForeignResourceError extends MultiregionError {
  constructor(message: string, hint: string, data: ErrorData) {
    super('foreign-resource', message, hint, EXIT.error, data)
  }
}

/** AWS cannot change this in place, and replacing it would lose data. */
export class ImmutableChangeError extends MultiregionError {
  constructor(message: string, hint: string, data: ErrorData) {
    super('immutable-change', message, hint, EXIT.error, data)
  }
}

/** A call to AWS failed for good. The data holds address, region, operation, AWS's code and the request id. */
export class CloudError extends MultiregionError {
  constructor(message: string, hint: string, data: ErrorData, cause: unknown) {
    super('cloud', message, hint, EXIT.error, data, { cause })
  }
}

/** A resource did not become ready within its step's patience, or ended in a failed state. */
export class NotReadyError extends MultiregionError {
  constructor(message: string, hint: string, data: ErrorData, cause?: unknown) {
    super('not-ready', message, hint, EXIT.error, data, { cause })
  }
}

/** Some of the work is done and saved, some is not; the same command goes on from here. */
export class PartialError extends MultiregionError {
  constructor(message: string, hint: string, data: ErrorData) {
    super('partial', message, hint, EXIT.partial, data)
  }
}

/** Ctrl-C or SIGTERM: what is done is saved, but where `unsaved` is set. */
export class CancelledError extends MultiregionError {
  constructor(
    message = 'Interrupted; everything up to here is saved.',
    hint = 'Run the same command again to go on from here.',
    data: ErrorData & { unsaved?: true } = {},
  ) {
    super('cancelled', message, hint, EXIT.interrupted, data)
  }
}
