// CloudWatch Logs' own errors, and pages with their tokens. What AWS's model says of members is checked before any call.
// Rules that concern one noun only stand in that noun's file.
import { AwsError } from '../wire/errors.js'

export const invalid = (message: string) => new AwsError('InvalidParameterException', message)

/** What AWS can do and this cloud cannot. */
export const unsupported = (what: string) => invalid(`The local cloud does not support ${what}.`)

export function violation(value: unknown, member: string, constraint: string): AwsError {
  return invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  )
}

export const invalidToken = () => invalid('The specified nextToken is invalid.')

const encode = (name: string) => Buffer.from(name).toString('base64url')

/** One page of a sorted list; the token names the last item before the page. */
export function pageOf<T>(
  items: readonly T[],
  { nextToken, limit, nameOf }: { nextToken: string | undefined; limit: number; nameOf: (item: T) => string },
): { page: T[]; nextToken?: string } {
  const start =
    nextToken === undefined ? 0 : items.findIndex((item) => encode(nameOf(item)) === nextToken) + 1
  if (nextToken !== undefined && start === 0) throw invalidToken()
  const page = items.slice(start, start + limit)
  const more = start + limit < items.length
  return { page, ...(more && { nextToken: encode(nameOf(page.at(-1)!)) }) }
}
