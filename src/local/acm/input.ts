// The limits of ACM's request members and of tags, refused in AWS's words. What a certificate request may ask for is
// in request.ts.
import type { Tag } from '@aws-sdk/client-acm'
import { AwsError } from '../wire/errors.js'

/** A limit that a member breaks, in AWS's words; undefined when it keeps it. Absent members keep all. */
export type Violation = string | undefined

const broken = (member: string, value: unknown, limit: string) =>
  `Value '${Array.isArray(value) ? `[${value.length} items]` : value}' at '${member}' failed to satisfy constraint: Member must ${limit}`

export function sized(
  member: string,
  value: string | readonly unknown[] | undefined,
  [min, max]: readonly [number, number],
): Violation {
  if (value === undefined) return undefined
  if (value.length < min) return broken(member, value, `have length greater than or equal to ${min}`)
  if (value.length > max) return broken(member, value, `have length less than or equal to ${max}`)
  return undefined
}

export function ranged(
  member: string,
  value: number | undefined,
  [min, max]: readonly [number, number],
): Violation {
  if (value === undefined) return undefined
  if (value < min) return broken(member, value, `have value greater than or equal to ${min}`)
  if (value > max) return broken(member, value, `have value less than or equal to ${max}`)
  return undefined
}

export function matching(member: string, value: string | undefined, source: string): Violation {
  if (value === undefined || new RegExp(`^(?:${source})$`, 'u').test(value)) return undefined
  return broken(member, value, `satisfy regular expression pattern: ${source}`)
}

export function oneOf(member: string, value: string | undefined, allowed: readonly string[]): Violation {
  if (value === undefined || allowed.includes(value)) return undefined
  return broken(member, value, `satisfy enum value set: [${allowed.join(', ')}]`)
}

/** Throws ValidationException with all violations, if there is any. */
export function refuse(...violations: Violation[]): void {
  const found = violations.filter((violation) => violation !== undefined)
  if (!found.length) return
  const count = found.length === 1 ? '1 validation error' : `${found.length} validation errors`
  throw new AwsError('ValidationException', `${count} detected: ${found.join('; ')}`)
}

/** Throws ValidationException for what is no ARN of ACM. */
export function checkArn(arn: string | undefined): string {
  const pattern = 'arn:[\\w+=/,.@-]+:acm:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*'
  refuse(sized('certificateArn', arn, [20, 2048]), matching('certificateArn', arn, pattern))
  return arn!
}

/** Something that ACM can do and this cloud cannot. */
export function unsupported(what: string): AwsError {
  return new AwsError('NotImplemented', `The local cloud's ACM does not support ${what}.`, 501)
}

// AWS: characters of tag keys and values.
const TAG_TEXT = '[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*'
const TAGS_PER_CERTIFICATE = 50

/** Throws ValidationException or InvalidTagException. */
export function checkTags(tags: readonly Tag[]): void {
  refuse(sized('tags', tags, [1, 50]))
  tags.forEach(({ Key, Value }, index) => {
    const member = `tags.${index + 1}.member`
    refuse(
      sized(`${member}.key`, Key, [1, 128]),
      matching(`${member}.key`, Key, TAG_TEXT),
      sized(`${member}.value`, Value, [0, 256]),
      matching(`${member}.value`, Value, TAG_TEXT),
    )
    if (/^aws:/i.test(Key ?? '')) {
      throw new AwsError('InvalidTagException', `Tag key ${Key} must not start with the reserved prefix aws:`)
    }
  })
}

/** The tags with others set over them. Throws TooManyTagsException. */
export function withTags(kept: readonly Tag[], added: readonly Tag[]): Tag[] {
  const byKey = new Map([...kept, ...added].map((tag) => [tag.Key, tag]))
  if (byKey.size > TAGS_PER_CERTIFICATE) {
    throw new AwsError('TooManyTagsException', `A certificate has at most ${TAGS_PER_CERTIFICATE} tags.`)
  }
  return [...byKey.values()]
}

/** The tags without others. AWS: a tag given with a value goes only if it has that value. */
export function withoutTags(kept: readonly Tag[], removed: readonly Tag[]): Tag[] {
  const goes = (tag: Tag) =>
    removed.some(({ Key, Value }) => Key === tag.Key && (Value === undefined || Value === (tag.Value ?? '')))
  return kept.filter((tag) => !goes(tag))
}
