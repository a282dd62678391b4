// The errors that are thrown on purpose: one goes over the wire as AWS's own, one keeps the wire silent.
// Anything else that is thrown in here is a bug and is answered as a 500 InternalFailure.

/** An error as AWS answers it. `code` is the service's error name, `status` the HTTP status unless the SDK's schema fixes one. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the error's body, such as `CancellationReasons` or `messages`. */
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
    this.name = 'AwsError'
  }
}

/** A fault: the caller gets no answer. Its connection is closed, reset, or left open until `over` is aborted. */
export class NoAnswer extends Error {
  constructor(
    readonly how: 'close' | 'reset' | 'hang',
    readonly over: AbortSignal,
  ) {
    super(`No answer: ${how}`)
    this.name = 'NoAnswer'
  }
}
