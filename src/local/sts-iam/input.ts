// What IAM's operations on roles demand of their inputs beyond AWS's model, in words of its own: names, paths, documents,
// tags, pages. Policies' contents are checked by policy.ts.
import type { Tag } from '@aws-sdk/client-iam'
import { AwsError } from '../wire/errors.js'

/** A name. Throws ValidationError for characters that names do not have. */
export function nameOf(member: string, value: string | undefined): string {
  if (!/^[\w+=,.@-]+$/.test(value!)) {
    // AWS: IAM has words of its own for names, other than those for patterns.
    const rule = 'It must contain only alphanumeric characters and/or the following: +=,.@_-'
    throw new AwsError('ValidationError', `The specified value for ${member} is invalid. ${rule}`)
  }
  return value!
}

/** A document's text, before it is parsed. Throws ValidationError. */
export function documentOf(member: string, value: string | undefined): string {
  if (!/^[\t\n\r\u0020-\u00ff]+$/.test(value!)) {
    const rule = 'It must contain only printable ASCII characters.'
    throw new AwsError('ValidationError', `The specified value for ${member} is invalid. ${rule}`)
  }
  return value!
}

export function pathOf(value: string | undefined): string {
  const path = value ?? '/'
  if (!/^(\/|\/[\u0021-\u007e]+\/)$/.test(path)) {
    const rule = 'It must begin and end with / and contain only alphanumeric characters and/or / characters.'
    throw new AwsError('ValidationError', `The specified value for path is invalid. ${rule}`)
  }
  return path
}

/** Of a managed policy. Throws InvalidInput for what is no policy's ARN. */
export function policyArnOf(value: string | undefined): string {
  if (!value!.startsWith('arn:')) throw new AwsError('ValidationError', 'Invalid ARN:  Could not be parsed!')
  if (!/^arn:aws:iam::(aws|\d{12}):policy\/.+$/.test(value!)) {
    throw new AwsError('InvalidInput', `ARN ${value} is not valid.`)
  }
  return value!
}

export interface RoleTag {
  readonly Key: string
  readonly Value: string
}

/** Tags of a request. Throws InvalidInput. */
export function tagsOf(tags: readonly Tag[] = []): RoleTag[] {
  const checked = tags.map(({ Key, Value }) => ({ Key: Key!, Value: Value! }))
  if (checked.some(({ Key }) => /^aws:/i.test(Key))) {
    throw new AwsError('InvalidInput', 'Aws system tags cannot be added or modified.')
  }
  // AWS: keys that differ only in case are one key.
  if (new Set(checked.map(({ Key }) => Key.toLowerCase())).size < checked.length) {
    const message = 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'
    throw new AwsError('InvalidInput', message)
  }
  return checked
}

interface Page {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

/** One page of items in the order of their names. The marker is opaque: it holds the last name shown. */
export function page<T>(items: readonly T[], nameOfItem: (item: T) => string, { Marker, MaxItems }: Page) {
  const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
  const sorted = items.toSorted((one, other) => compare(nameOfItem(one), nameOfItem(other)))
  const after = Marker === undefined ? undefined : lastShown(Marker)
  const rest = after === undefined ? sorted : sorted.filter((item) => nameOfItem(item) > after)
  const shown = rest.slice(0, MaxItems ?? 100)
  const last = shown.at(-1)
  if (shown.length === rest.length || last === undefined) return { items: shown, IsTruncated: false }
  return { items: shown, IsTruncated: true, Marker: Buffer.from(nameOfItem(last)).toString('base64') }
}

function lastShown(marker: string): string {
  const name = Buffer.from(marker, 'base64').toString()
  if (Buffer.from(name).toString('base64') !== marker) {
    throw new AwsError('ValidationError', `Invalid Marker: ${marker}`)
  }
  return name
}
