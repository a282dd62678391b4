// What IAM's operations on roles demand of their inputs: names, paths, documents, tags, pages. Policies' contents are
// checked by policy.ts.
import type { Tag } from '@aws-sdk/client-iam'
import { AwsError } from '../wire/errors.js'
import { matching, present, ranged, refuse, sized } from './constraint.js'

/** A name of up to `longest` characters. Throws ValidationError. */
export function nameOf(member: string, value: string | undefined, longest = 64): string {
  refuse(present(member, value), sized(member, value, 1, longest))
  if (!/^[\w+=,.@-]+$/.test(value!)) {
    // AWS: IAM has words of its own for names, other than those for patterns.
    const rule = 'It must contain only alphanumeric characters and/or the following: +=,.@_-'
    throw new AwsError('ValidationError', `The specified value for ${member} is invalid. ${rule}`)
  }
  return value!
}

/** A document's text, before it is parsed. Throws ValidationError. */
export function documentOf(member: string, value: string | undefined): string {
  refuse(present(member, value), sized(member, value, 1, 131_072))
  if (!/^[\t\n\r\u0020-\u00ff]+$/.test(value!)) {
    const rule = 'It must contain only printable ASCII characters.'
    throw new AwsError('ValidationError', `The specified value for ${member} is invalid. ${rule}`)
  }
  return value!
}

export function pathOf(value: string | undefined): string {
  refuse(sized('path', value, 1, 512))
  const path = value ?? '/'
  if (!/^(\/|\/[\u0021-\u007e]+\/)$/.test(path)) {
    const rule = 'It must begin and end with / and contain only alphanumeric characters and/or / characters.'
    throw new AwsError('ValidationError', `The specified value for path is invalid. ${rule}`)
  }
  return path
}

/** Of a managed policy. Throws ValidationError, or InvalidInput for what is no policy's ARN. */
export function policyArnOf(member: string, value: string | undefined): string {
  refuse(present(member, value), sized(member, value, 20, 2048))
  if (!value!.startsWith('arn:')) throw new AwsError('ValidationError', 'Invalid ARN:  Could not be parsed!')
  if (!/^arn:aws:iam::(aws|\d{12}):policy\/.+$/.test(value!)) {
    throw new AwsError('InvalidInput', `ARN ${value} is not valid.`)
  }
  return value!
}

/** Description and session length. Throws ValidationError. */
export function checkSettings(description: string | undefined, maxSessionSeconds: number | undefined): void {
  refuse(
    sized('description', description, 0, 1000),
    matching('description', description, '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*'),
    ranged('maxSessionDuration', maxSessionSeconds, 3600, 43_200),
  )
}

export interface RoleTag {
  readonly Key: string
  readonly Value: string
}

/** Tags of a request. Throws ValidationError or InvalidInput. */
export function tagsOf(tags: readonly Tag[] = []): RoleTag[] {
  refuse(sized('tags', tags, 0, 50))
  const checked = tags.map(({ Key, Value }, index) => {
    const member = `tags.${index + 1}.member`
    refuse(
      present(`${member}.key`, Key),
      present(`${member}.value`, Value),
      ...tagKeyViolations(`${member}.key`, Key),
      sized(`${member}.value`, Value, 0, 256),
      matching(`${member}.value`, Value, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*'),
    )
    return { Key: Key!, Value: Value! }
  })
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

export function tagKeysOf(keys: readonly string[] | undefined): string[] {
  refuse(present('tagKeys', keys), sized('tagKeys', keys, 0, 50))
  refuse(...keys!.flatMap((key, index) => tagKeyViolations(`tagKeys.${index + 1}.member`, key)))
  return [...keys!]
}

const tagKeyViolations = (member: string, key: string | undefined) => [
  sized(member, key, 1, 128),
  matching(member, key, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+'),
]

interface Page {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

/** One page of items in the order of their names. The marker is opaque: it holds the last name shown. */
export function page<T>(items: readonly T[], nameOfItem: (item: T) => string, { Marker, MaxItems }: Page) {
  refuse(ranged('maxItems', MaxItems, 1, 1000), sized('marker', Marker, 1, 320))
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
