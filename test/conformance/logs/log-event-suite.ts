// CloudWatch Logs: log streams, what is put into them and how it is read, by a function's followers among them.
import assert from 'node:assert/strict'
import { CloudWatchLogs, type FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs'
import { Lambda } from '@aws-sdk/client-lambda'
import type { TestCloud } from '../cloud.js'
import { active, invoke } from '../lambda/function.js'
import { refused } from '../run.js'
import type { Case, ServiceSuite } from '../suite.js'
import { arnOf, noGroup } from './log-group-suite.js'

const NO_STREAM = 'The specified log stream does not exist.'
const DAY_MS = 86_400_000
// AWS: what was written can be read some seconds later.
const VISIBLE_AFTER = 5

const logsOf = (cloud: TestCloud) => cloud.client(CloudWatchLogs)

async function stream(cloud: TestCloud, logGroupName: string, ...names: string[]): Promise<CloudWatchLogs> {
  const logs = logsOf(cloud)
  await logs.createLogGroup({ logGroupName })
  for (const logStreamName of names) await logs.createLogStream({ logGroupName, logStreamName })
  return logs
}

type Line = [secondsAgo: number, message: string]

const put = (cloud: TestCloud, logGroupName: string, logStreamName: string, lines: Line[]) => {
  const now = Date.now()
  const logEvents = lines.map(([ago, message]) => ({ timestamp: now - ago * 1000, message }))
  return logsOf(cloud).putLogEvents({ logGroupName, logStreamName, logEvents })
}

/** A group with the events `a` to `e`, in two streams. */
async function written(cloud: TestCloud, group: string): Promise<CloudWatchLogs> {
  const logs = await stream(cloud, group, 'one', 'two')
  await put(cloud, group, 'one', [
    [50, 'a ERROR'],
    [30, 'c'],
    [10, 'e ERROR again'],
  ])
  await put(cloud, group, 'two', [
    [40, 'b'],
    [20, 'd ERROR'],
  ])
  await cloud.pass(VISIBLE_AFTER)
  return logs
}

const letters = (events: { message?: string }[] | undefined) =>
  events!.map(({ message }) => message![0]).join('')

const noStream = (call: (logs: CloudWatchLogs, logGroupName: string) => Promise<unknown>): Case => {
  return async (cloud) => {
    const logs = await stream(cloud, 'streamless')
    await refused(call(logs, 'streamless'), 'ResourceNotFoundException', NO_STREAM)
  }
}

export const logEventOperations: ServiceSuite['operations'] = {
  CreateLogStream: {
    happy: {
      'a stream is there at once, without events': async (cloud) => {
        const logs = await stream(cloud, 'made', 's')
        const { logStreams } = await logs.describeLogStreams({ logGroupName: 'made' })
        const [{ creationTime, ...shown }] = logStreams as [{ creationTime?: number }]
        assert.equal(typeof creationTime, 'number')
        assert.deepEqual(shown, {
          logStreamName: 's',
          arn: `${arnOf('made')}:log-stream:s`,
          storedBytes: 0,
        })
      },
    },
    state: {
      'a name that is taken is refused': async (cloud) => {
        const logs = await stream(cloud, 'taken', 's')
        const call = logs.createLogStream({ logGroupName: 'taken', logStreamName: 's' })
        await refused(call, 'ResourceAlreadyExistsException', 'The specified log stream already exists')
      },
      'an absent group is not found': noGroup((logs) =>
        logs.createLogStream({ logGroupName: 'absent', logStreamName: 's' }),
      ),
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['logs', 'create-log-group', '--log-group-name', 'cli-events'])
      const args = ['--log-group-name', 'cli-events', '--log-stream-name', 's']
      await aws.run(['logs', 'create-log-stream', ...args])
    },
  },

  DescribeLogStreams: {
    happy: {
      'streams come by name, or by their last event': async (cloud) => {
        const logs = await written(cloud, 'ordered')
        const names = async (input: object) =>
          (await logs.describeLogStreams({ logGroupName: 'ordered', ...input })).logStreams!.map(
            ({ logStreamName }) => logStreamName,
          )
        assert.deepEqual(await names({}), ['one', 'two'])
        assert.deepEqual(await names({ orderBy: 'LastEventTime' }), ['two', 'one'])
        assert.deepEqual(await names({ orderBy: 'LastEventTime', descending: true }), ['one', 'two'])
        assert.deepEqual(await names({ logStreamNamePrefix: 't' }), ['two'])
      },
    },
    validation: {
      'a prefix and the order by last event exclude each other': async (cloud) => {
        const logs = await stream(cloud, 'exclusive')
        await refused(
          logs.describeLogStreams({
            logGroupName: 'exclusive',
            orderBy: 'LastEventTime',
            logStreamNamePrefix: 'a',
          }),
          'InvalidParameterException',
          'Cannot order by LastEventTime with a logStreamNamePrefix.',
        )
      },
    },
    state: {
      'an absent group is not found': noGroup((logs) => logs.describeLogStreams({ logGroupName: 'absent' })),
    },
    pagination: {
      'limit and nextToken page through all streams once': async (cloud) => {
        const logs = await stream(cloud, 'paged', 'c', 'a', 'b')
        const names: string[] = []
        let nextToken: string | undefined
        do {
          const page = await logs.describeLogStreams({ logGroupName: 'paged', limit: 2, nextToken })
          names.push(...page.logStreams!.map(({ logStreamName }) => logStreamName!))
          nextToken = page.nextToken
        } while (nextToken)
        assert.deepEqual(names, ['a', 'b', 'c'])
      },
    },
    cli: async (_cloud, aws) => {
      const args = ['logs', 'describe-log-streams', '--log-group-name', 'cli-events']
      const { logStreams } = (await aws.run(args)) as { logStreams: { logStreamName: string }[] }
      assert.equal(logStreams[0]!.logStreamName, 's')
    },
  },

  PutLogEvents: {
    happy: {
      'events are taken and can be read some seconds later': async (cloud) => {
        const logs = await stream(cloud, 'lagging', 's')
        await put(cloud, 'lagging', 's', [[0, 'hello']])
        const read = async () => (await logs.filterLogEvents({ logGroupName: 'lagging' })).events!
        assert.deepEqual(await read(), [])
        await cloud.pass(VISIBLE_AFTER)
        assert.equal((await read())[0]!.message, 'hello')
      },
      'what is too old or too new is left out, and told by its index': async (cloud) => {
        const logs = await stream(cloud, 'picky', 's')
        const day = DAY_MS / 1000
        const { rejectedLogEventsInfo } = await put(cloud, 'picky', 's', [
          [15 * day, 'old'],
          [0, 'right'],
          [-day, 'new'],
        ])
        assert.deepEqual(rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 2 })
        await cloud.pass(VISIBLE_AFTER)
        assert.equal(letters((await logs.filterLogEvents({ logGroupName: 'picky' })).events), 'r')
      },
    },
    validation: {
      'a batch is in order of time': async (cloud) => {
        await stream(cloud, 'order', 's')
        const lines: Line[] = [
          [1, 'later'],
          [2, 'earlier'],
        ]
        await refused(
          put(cloud, 'order', 's', lines),
          'InvalidParameterException',
          'Log events in a single PutLogEvents request must be in chronological order.',
        )
      },
      'a batch is at most 1 MB, with 26 bytes for each event': async (cloud) => {
        await stream(cloud, 'large', 's')
        await refused(
          put(cloud, 'large', 's', [[0, 'x'.repeat(1_048_576)]]),
          'InvalidParameterException',
          'Upload too large: 1048602 bytes exceeds limit of 1048576',
        )
      },
      'a batch spans at most 24 hours': async (cloud) => {
        await stream(cloud, 'long', 's')
        const lines: Line[] = [
          [25 * 3600, 'a'],
          [0, 'b'],
        ]
        await refused(
          put(cloud, 'long', 's', lines),
          'InvalidParameterException',
          'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
        )
      },
    },
    state: {
      'an absent stream or group is not found': async (cloud) => {
        await noStream((_logs, group) => put(cloud, group, 'none', [[0, 'a']]))(cloud)
        await noGroup(() => put(cloud, 'absent', 's', [[0, 'a']]))(cloud)
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run([
        ...['logs', 'put-log-events', '--log-group-name', 'cli-events', '--log-stream-name', 's'],
        ...['--log-events', `timestamp=${Date.now()},message=hello`],
      ])
    },
  },

  GetLogEvents: {
    happy: {
      'without a token the newest come, from the head the oldest; endTime is excluded': async (cloud) => {
        const logs = await written(cloud, 'ends')
        const get = async (input: object) =>
          letters(
            (await logs.getLogEvents({ logGroupName: 'ends', logStreamName: 'one', limit: 2, ...input }))
              .events,
          )
        assert.equal(await get({}), 'ce')
        assert.equal(await get({ startFromHead: true }), 'ac')
        const { events } = await logs.getLogEvents({ logGroupName: 'ends', logStreamName: 'one' })
        assert.equal(await get({ startTime: events![0]!.timestamp, endTime: events![1]!.timestamp }), 'a')
      },
    },
    state: {
      'an absent stream or group is not found': async (cloud) => {
        const get = (logs: CloudWatchLogs, logGroupName: string) =>
          logs.getLogEvents({ logGroupName, logStreamName: 'none' })
        await noStream(get)(cloud)
        await noGroup((logs) => get(logs, 'absent'))(cloud)
      },
    },
    pagination: {
      'tokens go both ways, and at an end the same token comes back': async (cloud) => {
        const logs = await written(cloud, 'tokens')
        const get = (nextToken?: string) =>
          logs.getLogEvents({ logGroupName: 'tokens', logStreamName: 'one', limit: 2, nextToken })
        const newest = await get()
        const older = await get(newest.nextBackwardToken)
        assert.equal(letters(older.events), 'a')
        assert.equal(letters((await get(older.nextForwardToken)).events), 'ce')
        const end = await get(newest.nextForwardToken)
        assert.deepEqual([end.events, end.nextForwardToken], [[], newest.nextForwardToken])
      },
    },
    cli: async (_cloud, aws) => {
      const args = ['--log-group-name', 'cli-events', '--log-stream-name', 's']
      const { events } = (await aws.run(['logs', 'get-log-events', ...args])) as {
        events: { message: string }[]
      }
      assert.equal(events[0]!.message, 'hello')
    },
  },

  FilterLogEvents: {
    happy: {
      'events of all streams come by time; terms, streams and both ends of a range narrow them': async (
        cloud,
      ) => {
        const logs = await written(cloud, 'filtered')
        const filter = async (more: Partial<FilterLogEventsCommandInput>) =>
          letters((await logs.filterLogEvents({ logGroupName: 'filtered', ...more })).events)
        assert.equal(await filter({ interleaved: true }), 'abcde')
        assert.equal(await filter({ filterPattern: 'ERROR -again' }), 'ad')
        assert.equal(await filter({ logStreamNames: ['two'] }), 'bd')
        assert.equal(await filter({ logStreamNamePrefix: 'o' }), 'ace')
        const { events } = await logs.filterLogEvents({ logGroupName: 'filtered' })
        assert.equal(
          await filter({ startTime: events![1]!.timestamp, endTime: events![3]!.timestamp }),
          'bcd',
        )
      },
      'a function’s lines are there seconds after its answer, in a stream of the day, $LATEST and an id':
        async (cloud) => {
          const logs = await stream(cloud, '/aws/lambda/logging')
          await active(cloud, 'logging', 'export const handler = async () => console.log("hi\\nthere")')
          const { requestId } = await invoke(cloud, 'logging')
          const read = async () =>
            (await logs.filterLogEvents({ logGroupName: '/aws/lambda/logging' })).events!
          assert.deepEqual(await read(), [])
          await cloud.pass(VISIBLE_AFTER)
          const events = await read()
          const [init, start, line, end, report] = events.map(({ message }) => message!)
          assert.match(
            init!,
            /^INIT_START Runtime Version: nodejs:24.*\tRuntime Version ARN: arn:aws:lambda:/,
          )
          assert.equal(start, `START RequestId: ${requestId} Version: $LATEST\n`)
          assert.match(line!, new RegExp(`^\\S+Z\\t${requestId}\\tINFO\\thi\\nthere\\n$`))
          assert.equal(end, `END RequestId: ${requestId}\n`)
          assert.match(report!, /^REPORT RequestId: /)
          assert.match(events[0]!.logStreamName!, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/)
          assert.ok(events[0]!.ingestionTime! >= events[0]!.timestamp!)
        },
      'times are whole milliseconds': async (cloud) => {
        await cloud.pass(1)
        const logs = await stream(cloud, '/aws/lambda/timed', 'own')
        await active(cloud, 'timed')
        await invoke(cloud, 'timed')
        await cloud.pass(VISIBLE_AFTER)
        const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: '/aws/lambda/timed' })
        const { logStreams } = await logs.describeLogStreams({ logGroupName: '/aws/lambda/timed' })
        const { events } = await logs.filterLogEvents({ logGroupName: '/aws/lambda/timed' })
        const answers: object[] = [...logGroups!, ...logStreams!, ...events!]
        const times = answers.flatMap((answer) => Object.values(answer)).filter(Number)
        assert.ok(times.length > 10)
        assert.deepEqual(
          times.filter((time) => !Number.isInteger(Number(time))),
          [],
        )
      },
      'without its group a function’s lines are lost, and it runs all the same': async (cloud) => {
        await active(cloud, 'silent')
        assert.deepEqual((await invoke(cloud, 'silent', { a: 1 })).payload, { a: 1 })
        await cloud.pass(VISIBLE_AFTER)
        await noGroup((logs) => logs.filterLogEvents({ logGroupName: '/aws/lambda/silent' }))(cloud)
        await cloud.client(Lambda).deleteFunction({ FunctionName: 'silent' })
      },
    },
    validation: {
      'names and a prefix of streams exclude each other': async (cloud) => {
        const logs = await stream(cloud, 'both', 's')
        await refused(
          logs.filterLogEvents({ logGroupName: 'both', logStreamNames: ['s'], logStreamNamePrefix: 's' }),
          'InvalidParameterException',
          /mutually exclusive/,
        )
      },
    },
    state: {
      'an absent stream or group is not found': async (cloud) => {
        await noStream((logs, logGroupName) =>
          logs.filterLogEvents({ logGroupName, logStreamNames: ['none'] }),
        )(cloud)
        await noGroup((logs) => logs.filterLogEvents({ logGroupName: 'absent' }))(cloud)
      },
    },
    pagination: {
      'limit and nextToken go through all events once': async (cloud) => {
        const logs = await written(cloud, 'pages')
        let seen = ''
        let nextToken: string | undefined
        do {
          const page = await logs.filterLogEvents({ logGroupName: 'pages', limit: 2, nextToken })
          assert.ok(page.events!.length <= 2)
          seen += letters(page.events)
          nextToken = page.nextToken
        } while (nextToken)
        assert.equal(seen, 'abcde')
      },
      'who polls from the time of the last event on, as `aws logs tail --follow`, finds each event by its id':
        async (cloud) => {
          const logs = await stream(cloud, 'followed', 's')
          const follow = follower(logs, 'followed')
          assert.equal(await follow(), '')
          for (const round of ['a', 'b', 'c']) {
            await put(cloud, 'followed', 's', [
              [0, round],
              [0, round],
            ])
            await cloud.pass(VISIBLE_AFTER)
            assert.equal(await follow(), round + round)
            assert.equal(await follow(), '')
          }
        },
    },
    cli: async (_cloud, aws) => {
      const args = [
        'logs',
        'filter-log-events',
        '--log-group-name',
        'cli-events',
        '--filter-pattern',
        'hello',
      ]
      const { events } = (await aws.run(args)) as { events: { eventId: string }[] }
      assert.match(events[0]!.eventId, /^\d{56}$/)
    },
  },
}

/** Gives what is new, as the `tail` of the `aws` CLI does: it asks again from the last time, and knows ids from there. */
function follower(logs: CloudWatchLogs, logGroupName: string): () => Promise<string> {
  let startTime = Date.now() - 600_000
  let known = new Set<string>()
  return async () => {
    let news = ''
    const seen = new Map<string, number>()
    let nextToken: string | undefined
    do {
      const page = await logs.filterLogEvents({ logGroupName, startTime, interleaved: true, nextToken })
      for (const { eventId, timestamp, message } of page.events!) {
        if (!known.has(eventId!)) news += message
        seen.set(eventId!, timestamp!)
      }
      nextToken = page.nextToken
    } while (nextToken)
    if (seen.size) startTime = Math.max(...seen.values())
    known = new Set([...seen].filter(([, at]) => at === startTime).map(([id]) => id))
    return news
  }
}
