// Log groups: made, listed, given a retention, deleted. Their tags are tag.ts's, their streams log-stream.ts's.
import { randomUUID } from 'node:crypto'
import type {
  CreateLogGroupCommandInput,
  DeleteLogGroupCommandInput,
  DeleteRetentionPolicyCommandInput,
  DescribeLogGroupsCommandInput,
  DescribeLogGroupsCommandOutput,
  LogGroup,
  PutRetentionPolicyCommandInput,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { invalid, pageOf, unsupported, violation } from './input.js'
import { groupArn, groupKey, groupNamed, type LogGroupRecord, type LogsState, removeGroup } from './state.js'
import { checkTags } from './tag.js'

// AWS: the only retentions there are, in days.
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
// AWS: DescribeLogGroups never returns more.
const MAX_PAGE = 50

type Described = Omit<DescribeLogGroupsCommandOutput, '$metadata'>

/** The operations on log groups. */
export function logGroupOperations(state: LogsState) {
  const change = (call: Call, name: string, make: () => object) =>
    state.change(groupKey(call.region, name), make)
  return {
    CreateLogGroup(input: CreateLogGroupCommandInput, call: Call) {
      const name = input.logGroupName!
      refuseUnsupported(input)
      checkTags(input.tags ?? {})
      return change(call, name, () => create(state, call, name, input.tags ?? {}))
    },

    DeleteLogGroup: (input: DeleteLogGroupCommandInput, call: Call) =>
      change(call, input.logGroupName!, () => {
        removeGroup(state, groupNamed(state, call, input.logGroupName))
        return {}
      }),

    DescribeLogGroups: (input: DescribeLogGroupsCommandInput, call: Call) => describe(state, input, call),

    PutRetentionPolicy(input: PutRetentionPolicyCommandInput, call: Call) {
      const retentionInDays = input.retentionInDays!
      if (!RETENTIONS.includes(retentionInDays)) {
        const values = `[${RETENTIONS.join(', ')}]`
        throw violation(retentionInDays, 'retentionInDays', `satisfy enum value set: ${values}`)
      }
      return change(call, input.logGroupName!, () => {
        const group = groupNamed(state, call, input.logGroupName)
        state.groups.set(groupKey(call.region, group.name), { ...group, retentionInDays })
        return {}
      })
    },

    DeleteRetentionPolicy: (input: DeleteRetentionPolicyCommandInput, call: Call) =>
      change(call, input.logGroupName!, () => {
        const { retentionInDays: _, ...group } = groupNamed(state, call, input.logGroupName)
        state.groups.set(groupKey(call.region, group.name), group)
        return {}
      }),
  }
}

function create(state: LogsState, { region }: Call, name: string, tags: Record<string, string>) {
  const { clock, takes } = state.world
  const key = groupKey(region, name)
  if (state.groups.has(key)) {
    throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists')
  }
  const listedAt = clock.after(takes('logs.group-listed'))
  state.groups.set(key, {
    id: randomUUID(),
    region,
    name,
    createdAt: Math.floor(clock.now()),
    listedAt,
    tags,
  })
  return {}
}

function refuseUnsupported(input: CreateLogGroupCommandInput): void {
  if (input.kmsKeyId) throw unsupported('kmsKeyId')
  if (input.deletionProtectionEnabled) throw unsupported('deletionProtectionEnabled')
  const { logGroupClass } = input
  if (logGroupClass && logGroupClass !== 'STANDARD') throw unsupported(`logGroupClass ${logGroupClass}`)
}

function describe(state: LogsState, input: DescribeLogGroupsCommandInput, call: Call): Described {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input
  if (prefix && pattern) {
    throw invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.')
  }
  if (input.accountIdentifiers?.length || input.includeLinkedAccounts) throw unsupported('other accounts')
  if (input.logGroupIdentifiers?.length) throw unsupported('logGroupIdentifiers')
  const now = state.world.clock.now()
  const groups = [...state.groups.values()]
    .filter(({ region, listedAt }) => region === call.region && !(listedAt > now))
    .filter(({ name }) => name.startsWith(prefix ?? '') && name.includes(pattern ?? ''))
    .filter(() => input.logGroupClass === undefined || input.logGroupClass === 'STANDARD')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const limit = input.limit ?? MAX_PAGE
  const { page, nextToken } = pageOf(groups, {
    nextToken: input.nextToken,
    limit,
    nameOf: ({ name }) => name,
  })
  return { logGroups: page.map((group) => describeGroup(state, group)), ...(nextToken && { nextToken }) }
}

function describeGroup(state: LogsState, group: LogGroupRecord): LogGroup {
  const arn = groupArn(state.world, group)
  return {
    arn: `${arn}:*`,
    logGroupArn: arn,
    logGroupName: group.name,
    creationTime: group.createdAt,
    ...(group.retentionInDays && { retentionInDays: group.retentionInDays }),
    metricFilterCount: 0,
    // AWS: counted about once a day, so a young group has 0; this one stays so.
    storedBytes: 0,
    logGroupClass: 'STANDARD',
    deletionProtectionEnabled: false,
  }
}
