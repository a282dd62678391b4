// The one error that a local service throws on purpose: it goes over the wire as AWS's own.
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
