// Lambda's own errors for request members, and what this cloud refuses loudly.
// The rules of a function's settings are in settings-input.ts.
import { AwsError } from '../wire/errors.js'

/** AWS: what breaks the service's model is a ValidationException. */
export function violation(value: unknown, member: string, constraint: string): AwsError {
  const message = `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`
  return new AwsError('ValidationException', message)
}

/** AWS: what breaks the service's own rules. */
export const invalid = (message: string) => new AwsError('InvalidParameterValueException', message)

/** What AWS can do and this cloud cannot. */
export const unsupported = (what: string) => invalid(`The local cloud does not support ${what}.`)

// AWS: tags of one function.
const MAX_TAGS = 50

/** Refuses keys, values and numbers of tags that AWS refuses. */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > MAX_TAGS) throw invalid('Number of tags exceeds resource tag limit.')
  for (const [key, value] of Object.entries(tags)) {
    if (key === '' || key.length > 128 || key.startsWith('aws:')) throw invalid(`Invalid tag key: '${key}'`)
    if (value.length > 256) throw invalid(`The value of tag '${key}' is longer than 256 characters.`)
  }
}
