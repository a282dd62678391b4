// Checks of request members with CloudWatch Logs' own errors: names, enums, ranges, page tokens.
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

// AWS: patterns and lengths of the service's model.
const GROUP_NAME = /^[.\-_/#A-Za-z0-9]+$/
const STREAM_NAME = /^[^:*]+$/
const MAX_NAME = 512

/** Refuses a name that AWS refuses for a new log group. */
export function checkGroupName(name: string): void {
  checkLength(name)
  const pattern = String.raw`[\.\-_/#A-Za-z0-9]+`
  if (!GROUP_NAME.test(name))
    throw violation(name, 'logGroupName', `satisfy regular expression pattern: ${pattern}`)
}

export function checkStreamName(name: string): void {
  checkLength(name)
  if (!STREAM_NAME.test(name))
    throw violation(name, 'logStreamName', 'satisfy regular expression pattern: [^:*]*')
}

function checkLength(name: string): void {
  if (name.length <= MAX_NAME) return
  throw invalid(`Invalid LogGroup or LogStream, both must have length less than or equal to ${MAX_NAME}.`)
}

/** The page size of a call: `most` unless it asks for fewer. */
export function limitOf(limit: number | undefined, most: number): number {
  if (limit === undefined) return most
  if (limit < 1) throw violation(limit, 'limit', 'have value greater than or equal to 1')
  if (limit > most) throw violation(limit, 'limit', `have value less than or equal to ${most}`)
  return limit
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
