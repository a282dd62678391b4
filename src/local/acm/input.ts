// What ACM demands of tags beyond AWS's model, and what this cloud lacks. What a certificate request may ask for is in
// request.ts.
import type { Tag } from '@aws-sdk/client-acm'
import { AwsError } from '../wire/errors.js'

/** Something that ACM can do and this cloud cannot. */
export function unsupported(what: string): AwsError {
  return new AwsError('NotImplemented', `The local cloud's ACM does not support ${what}.`, 501)
}

const TAGS_PER_CERTIFICATE = 50

/** Throws InvalidTagException. */
export function checkTags(tags: readonly Tag[]): void {
  for (const { Key } of tags) {
    if (/^aws:/i.test(Key ?? '')) {
      throw new AwsError('InvalidTagException', `Tag key ${Key} must not start with the reserved prefix aws:`)
    }
  }
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
