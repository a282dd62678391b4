// What keeps the local cloud from coming up or from answering, in words for its operator: thrown on both sides of the
// door, and told from the daemon to the door as JSON. Errors of the AWS APIs are `wire/errors.ts`'s.

/** `hint` is what to do next, as a sentence. `code` is for programs. */
export class LocalFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly data: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
    this.name = 'LocalFailure'
  }
}

/** A file of the data folder that cannot be what this package wrote. */
export const damaged = (file: string, why: string) =>
  new LocalFailure(
    'local-data-damaged',
    `The local cloud does not come up: ${file} is damaged: ${why}.`,
    'Put the file back from a copy, or begin anew, without the items: multiregion local reset',
    { file },
  )
