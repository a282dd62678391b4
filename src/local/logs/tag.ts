// Tags of log groups. A group is named by its ARN here, by its name everywhere else.
import type {
  ListTagsForResourceCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { invalid } from './input.js'
import { groupKey, groupOfArn, type LogGroupRecord, type LogsState } from './state.js'

// AWS: tags of one resource.
const MAX_TAGS = 50

/** Refuses keys, values and numbers of tags that AWS refuses. */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > MAX_TAGS) {
    throw new AwsError('TooManyTagsException', `Too many tags: a log group has at most ${MAX_TAGS}.`)
  }
  for (const [key, value] of Object.entries(tags)) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) || key.startsWith('aws:')) {
      throw invalid(`Invalid tag key: '${key}'`)
    }
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value)) throw invalid(`Invalid tag value: '${value}'`)
  }
}

/** The operations on tags. */
export function tagOperations(state: LogsState) {
  const keep = (group: LogGroupRecord, tags: LogGroupRecord['tags']) => {
    state.groups.set(groupKey(group.region, group.name), { ...group, tags })
    return {}
  }
  return {
    TagResource(input: TagResourceCommandInput, call: Call) {
      const group = groupOfArn(state, call, input.resourceArn!)
      const tags = { ...group.tags, ...input.tags }
      checkTags(tags)
      return keep(group, tags)
    },

    UntagResource(input: UntagResourceCommandInput, call: Call) {
      const group = groupOfArn(state, call, input.resourceArn!)
      const left = Object.entries(group.tags).filter(([key]) => !input.tagKeys!.includes(key))
      return keep(group, Object.fromEntries(left))
    },

    ListTagsForResource: (input: ListTagsForResourceCommandInput, call: Call) => ({
      tags: { ...groupOfArn(state, call, input.resourceArn!).tags },
    }),
  }
}
