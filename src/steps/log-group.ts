// Log groups: made before the function, with a retention, so that Lambda never makes one that is kept for ever.
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Context } from '../aws/context.js'
import { orAbsent, orExists } from '../aws/errors.js'
import { ownership } from '../aws/tags.js'
import { keyOf, logGroupName } from '../base/names.js'
import { compare } from '../engine/diff.js'
import { defineStep, perFunction } from '../engine/step.js'

export const logGroup = defineStep({
  kind: 'log-group',
  sites: perFunction,
  needs: {},
  patience: { everySeconds: 2, forMinutes: 5 },

  named: ({ config, site }) => ({ logGroupName: logGroupName(config.stack, site.name!) }),

  async keys({ logs }, { stack }) {
    const logGroupNamePrefix = logGroupName(stack, '')
    const keys: string[] = []
    for await (const page of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix }))
      for (const group of page.logGroups ?? []) keys.push(...keyOf(group.logGroupName!, logGroupNamePrefix))
    return keys
  },

  desired: ({ config, site }) => ({
    logGroupName: logGroupName(config.stack, site.name!),
    retentionDays: config.logs.retentionDays as number,
  }),

  async observe(ctx, { logGroupName }) {
    const found = await find(ctx, logGroupName)
    if (!found) return undefined
    const arn = found.arn!.replace(/:\*$/, '')
    const listed = await orAbsent(ctx.logs.send(new ListTagsForResourceCommand({ resourceArn: arn })))
    if (!listed) return undefined
    return {
      id: logGroupName,
      ...ownership(listed.tags, ctx.tags),
      arn,
      retentionDays: found.retentionInDays,
    }
  },

  diff: (desired, observed) => compare(desired, observed, { retentionDays: 'mutable' }),

  readiness: () => ({ state: 'ready' }),

  async create({ logs, tags }, { logGroupName }) {
    await orExists(logs.send(new CreateLogGroupCommand({ logGroupName, tags })))
    return logGroupName
  },

  async adopt({ logs, tags }, _desired, { arn }) {
    await logs.send(new TagResourceCommand({ resourceArn: arn, tags }))
  },

  async update({ logs }, { logGroupName, retentionDays }) {
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: retentionDays }))
  },

  async remove({ logs }, { id }) {
    await orAbsent(logs.send(new DeleteLogGroupCommand({ logGroupName: id })))
  },
})

/** AWS: there is no get by name, and a prefix also finds longer names. */
async function find({ logs }: Context, name: string) {
  for await (const page of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix: name })) {
    const found = page.logGroups?.find((group) => group.logGroupName === name)
    if (found) return found
  }
  return undefined
}
