// CloudWatch Logs over the wire: groups, tags, streams, events, their pages and their end.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  type CreateLogGroupCommandInput,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { createWorld } from '../../../src/local/create-world.js'
import { type LogsService, logsService } from '../../../src/local/logs/service.js'
import { openStore } from '../../../src/local/store.js'
import { WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import { type Front, startFront } from '../../../src/local/wire/front.js'
import { createQuotas } from '../../../src/local/wire/quota.js'

const REGION = 'eu-west-1'
const KEYS = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' }
let dataDir: string
let service: LogsService
let front: Front
let logs: CloudWatchLogsClient
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'logs-'))
  const world = createWorld({ dataDir, scale: 1, profile: 'instant', seed: 1 })
  service = logsService(world)
  front = await startFront({
    world,
    services: [service],
    clients: WIRE_CLIENTS,
    credentials: () => ({ ...KEYS, principal: { arn: 'arn:aws:iam::000000000000:user/operator' } }),
    authorize: () => ({ allowed: true }),
    quotas: createQuotas(world),
    onRegion: async () => {},
  })
  logs = new CloudWatchLogsClient({ region: REGION, endpoint: front.url, credentials: KEYS, maxAttempts: 1 })
})
after(async () => {
  await front.close()
  await service.close()
  await rm(dataDir, { recursive: true, force: true })
})

const create = (logGroupName: string, more: Partial<CreateLogGroupCommandInput> = {}) =>
  logs.send(new CreateLogGroupCommand({ logGroupName, ...more }))
const arnOf = (name: string) => `arn:aws:logs:${REGION}:000000000000:log-group:${name}`
const describeGroups = async (logGroupNamePrefix: string) =>
  (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }))).logGroups!
const filter = async (logGroupName: string, more: Partial<FilterLogEventsCommandInput> = {}) =>
  logs.send(new FilterLogEventsCommand({ logGroupName, ...more }))
const refusal = (name: string, message: string | RegExp) => ({ name, message })
const ABSENT = refusal('ResourceNotFoundException', 'The specified log group does not exist.')

describe('groups', () => {
  test('one is described as AWS does', async () => {
    await create('/aws/lambda/one')
    const [{ creationTime, ...group }] = (await describeGroups('/aws/lambda/one')) as [
      { creationTime?: number },
    ]
    assert.ok(Math.abs(creationTime! - Date.now()) < 60_000)
    assert.deepEqual(group, {
      arn: `${arnOf('/aws/lambda/one')}:*`,
      logGroupArn: arnOf('/aws/lambda/one'),
      logGroupName: '/aws/lambda/one',
      logGroupClass: 'STANDARD',
      metricFilterCount: 0,
      storedBytes: 0,
      deletionProtectionEnabled: false,
    })
  })

  test('a name is taken once per region, and free after its end', async () => {
    await create('twice')
    const taken = refusal('ResourceAlreadyExistsException', 'The specified log group already exists')
    await assert.rejects(create('twice'), taken)
    const other = new CloudWatchLogsClient({ region: 'us-east-1', endpoint: front.url, credentials: KEYS })
    await other.send(new CreateLogGroupCommand({ logGroupName: 'twice' }))
    await logs.send(new DeleteLogGroupCommand({ logGroupName: 'twice' }))
    await assert.rejects(logs.send(new DeleteLogGroupCommand({ logGroupName: 'twice' })), ABSENT)
    await create('twice')
  })

  test('lists come sorted, in pages', async () => {
    for (const name of ['p/c', 'p/a', 'p/b', 'q']) await create(name)
    const names: string[] = []
    const pages = paginateDescribeLogGroups({ client: logs, pageSize: 2 }, { logGroupNamePrefix: 'p/' })
    for await (const { logGroups } of pages) names.push(...logGroups!.map((group) => group.logGroupName!))
    assert.deepEqual(names, ['p/a', 'p/b', 'p/c'])
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: '/b' }))
    assert.deepEqual(
      logGroups!.map((group) => group.logGroupName),
      ['p/b'],
    )
  })

  test('retention is one of AWS’s numbers', async () => {
    await create('kept')
    const put = (retentionInDays: number, logGroupName = 'kept') =>
      logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }))
    await put(14)
    assert.equal((await describeGroups('kept'))[0]!.retentionInDays, 14)
    await assert.rejects(
      put(15),
      refusal('InvalidParameterException', /Value '15' at 'retentionInDays'.*\[1, 3, 5/),
    )
    await assert.rejects(put(14, 'none'), ABSENT)
    await logs.send(new DeleteRetentionPolicyCommand({ logGroupName: 'kept' }))
    assert.equal((await describeGroups('kept'))[0]!.retentionInDays, undefined)
  })

  test('tags go by the ARN without its end', async () => {
    await create('tagged', { tags: { a: '1', b: '2' } })
    const resourceArn = arnOf('tagged')
    await logs.send(new TagResourceCommand({ resourceArn, tags: { b: '3', c: '4' } }))
    await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }))
    const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn }))
    assert.deepEqual(tags, { b: '3', c: '4' })
    const wrong = new ListTagsForResourceCommand({ resourceArn: `${resourceArn}:*` })
    await assert.rejects(logs.send(wrong), {
      name: 'InvalidParameterException',
      message: /:\*' at 'resourceArn' .*regular expression pattern/,
    })
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`k${i}`, '']))
    const tooMany = logs.send(new TagResourceCommand({ resourceArn, tags: many }))
    await assert.rejects(tooMany, { name: 'TooManyTagsException' })
  })

  test('what cannot be is refused aloud', async () => {
    const invalid = (message: RegExp) => refusal('InvalidParameterException', message)
    await assert.rejects(create('a b'), invalid(/at 'logGroupName' .*regular expression/))
    await assert.rejects(
      create('a'.repeat(513)),
      invalid(/^1 validation error detected: .* at 'logGroupName' .*less than or equal to 512$/),
    )
    await assert.rejects(
      create('x', { kmsKeyId: 'k' }),
      invalid(/^The local cloud does not support kmsKeyId\.$/),
    )
    await assert.rejects(create('x', { logGroupClass: 'INFREQUENT_ACCESS' }), invalid(/INFREQUENT_ACCESS/))
    const both = new DescribeLogGroupsCommand({ logGroupNamePrefix: 'a', logGroupNamePattern: 'b' })
    await assert.rejects(logs.send(both), invalid(/mutually exclusive/))
    const token = new DescribeLogGroupsCommand({ nextToken: 'nonsense' })
    await assert.rejects(logs.send(token), invalid(/^The specified nextToken is invalid\.$/))
  })
})

describe('events', () => {
  const now = Date.now()
  const put = (logGroupName: string, logStreamName: string, events: [at: number, message: string][]) =>
    logs.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName,
        logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
      }),
    )
  const stream = (logGroupName: string, logStreamName: string) =>
    logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))

  before(async () => {
    await create('events')
    await stream('events', 'one')
    await stream('events', 'two')
    await put('events', 'one', [
      [now - 5000, 'a ERROR'],
      [now - 3000, 'c'],
      [now - 1000, 'e ERROR again'],
    ])
    await put('events', 'two', [
      [now - 4000, 'b'],
      [now - 2000, 'd ERROR'],
    ])
  })
  const letters = (events: { message?: string }[] | undefined) =>
    events!.map(({ message }) => message![0]).join('')

  test('a group’s come by time, filtered, in pages', async () => {
    assert.equal(letters((await filter('events')).events), 'abcde')
    assert.equal(letters((await filter('events', { filterPattern: 'ERROR -again' })).events), 'ad')
    assert.equal(
      letters((await filter('events', { startTime: now - 4000, endTime: now - 2000 })).events),
      'bcd',
    )
    assert.equal(letters((await filter('events', { logStreamNames: ['two'] })).events), 'bd')
    assert.equal(letters((await filter('events', { logStreamNamePrefix: 'o' })).events), 'ace')
    let seen = ''
    const input = { logGroupIdentifier: arnOf('events'), interleaved: true }
    for await (const page of paginateFilterLogEvents({ client: logs, pageSize: 2 }, input)) {
      assert.ok(page.events!.length <= 2)
      seen += letters(page.events)
    }
    assert.equal(seen, 'abcde')
    const { events } = await filter('events')
    assert.equal(new Set(events!.map(({ eventId }) => eventId)).size, 5)
    assert.equal(events![0]!.logStreamName, 'one')
  })

  test('a stream’s come from either end, and its tokens go on from there', async () => {
    const get = (more: Partial<GetLogEventsCommandInput>) =>
      logs.send(new GetLogEventsCommand({ logGroupName: 'events', logStreamName: 'one', limit: 2, ...more }))
    const newest = await get({})
    assert.equal(letters(newest.events), 'ce')
    const older = await get({ nextToken: newest.nextBackwardToken })
    assert.equal(letters(older.events), 'a')
    const end = await get({ nextToken: newest.nextForwardToken })
    assert.deepEqual([end.events, end.nextForwardToken], [[], newest.nextForwardToken])
    const head = await get({ startFromHead: true })
    assert.equal(letters(head.events), 'ac')
    assert.equal(letters((await get({ nextToken: head.nextForwardToken })).events), 'e')
    assert.equal(letters((await get({ nextToken: end.nextBackwardToken })).events), 'ce')
    await assert.rejects(get({ nextToken: 'x' }), { message: 'The specified nextToken is invalid.' })
    await assert.rejects(get({ limit: 10_001 }), { message: /less than or equal to 10000$/ })
  })

  test('streams are described with their ends', async () => {
    const input = { logGroupName: 'events', orderBy: 'LastEventTime' as const, descending: true, limit: 1 }
    const { logStreams, nextToken } = await logs.send(new DescribeLogStreamsCommand(input))
    const [{ creationTime, lastIngestionTime, ...rest }] = logStreams as [Record<string, unknown>]
    assert.ok(Number(creationTime) <= Number(lastIngestionTime))
    assert.deepEqual(rest, {
      logStreamName: 'one',
      arn: `${arnOf('events')}:log-stream:one`,
      firstEventTimestamp: now - 5000,
      lastEventTimestamp: now - 1000,
      storedBytes: 0,
    })
    const next = await logs.send(new DescribeLogStreamsCommand({ ...input, nextToken }))
    assert.equal(next.logStreams![0]!.logStreamName, 'two')
  })

  test('what is too old, too new or out of order', async () => {
    await create('strict')
    await stream('strict', 's')
    const day = 86_400_000
    const { rejectedLogEventsInfo } = await put('strict', 's', [
      [now - 15 * day, 'old'],
      [now, 'right'],
      [now + day, 'new'],
    ])
    assert.deepEqual(rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 2 })
    assert.equal(letters((await filter('strict')).events), 'r')
    const order = put('strict', 's', [
      [now, 'a'],
      [now - 1, 'b'],
    ])
    const message = 'Log events in a single PutLogEvents request must be in chronological order.'
    await assert.rejects(order, refusal('InvalidParameterException', message))
    await assert.rejects(put('strict', 's', [[now, '']]), { name: 'InvalidParameterException' })
    const large = put('strict', 's', [[now, 'x'.repeat(1_048_576)]])
    await assert.rejects(large, { message: 'Upload too large: 1048602 bytes exceeds limit of 1048576' })
    const absent = refusal('ResourceNotFoundException', 'The specified log stream does not exist.')
    await assert.rejects(put('strict', 'none', [[now, 'a']]), absent)
    await assert.rejects(filter('strict', { logStreamNames: ['none'] }), absent)
    await assert.rejects(stream('strict', 's'), { name: 'ResourceAlreadyExistsException' })
  })

  test('a retention hides what is older', async () => {
    await create('short')
    await stream('short', 's')
    await put('short', 's', [[now - 2 * 86_400_000, 'old']])
    await put('short', 's', [[now, 'new']])
    const retain = { logGroupName: 'short', retentionInDays: 1 }
    await logs.send(new PutRetentionPolicyCommand(retain))
    assert.equal(letters((await filter('short')).events), 'n')
  })

  test('a new group of the name of a deleted one is empty', async () => {
    await create('again')
    service.write(REGION, 'again', 's', [{ at: now, message: 'x\n' }])
    await logs.send(new DeleteLogGroupCommand({ logGroupName: 'again' }))
    await assert.rejects(filter('again'), ABSENT)
    await create('again')
    assert.deepEqual((await filter('again')).events, [])
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: 'again' }))
    assert.deepEqual(logStreams, [])
  })
})

describe('Lambda’s side', () => {
  test('lines make their stream, and are lost without a group', async () => {
    const lines = [{ at: Date.now(), message: 'START\n' }]
    service.write(REGION, 'fn', 's', lines)
    assert.deepEqual(service.read(REGION, 'fn', 0), [])
    await create('fn')
    service.write(REGION, 'fn', 's', lines)
    assert.deepEqual(service.read(REGION, 'fn', 0), [{ stream: 's', at: lines[0]!.at, message: 'START' }])
    assert.deepEqual(service.read(REGION, 'fn', lines[0]!.at + 1), [])
    assert.equal((await filter('fn')).events![0]!.message, 'START\n')
  })

  test('everything is there after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'logs-restart-'))
    const open = async () => {
      const store = await openStore(join(folder, 'store'))
      const world = createWorld({ dataDir: folder, scale: 1, profile: 'instant', seed: 1, store })
      const kept = logsService(world)
      const close = async () => {
        await kept.close()
        await store.close()
      }
      return { kept, close }
    }
    const first = await open()
    const call = { region: REGION } as never
    await first.kept.operations.CreateLogGroup!({ logGroupName: 'g' } as never, call)
    first.kept.write(REGION, 'g', 's', [{ at: 5, message: 'one\n' }])
    await first.close()
    const second = await open()
    second.kept.write(REGION, 'g', 's', [{ at: 6, message: 'two\n' }])
    await second.close()
    const third = await open()
    assert.deepEqual(
      third.kept.read(REGION, 'g', 0).map(({ message }) => message),
      ['one', 'two'],
    )
    await third.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('what a role session needs to be allowed', () => {
    const call = { region: REGION } as never
    const put = service.authorize!('PutLogEvents', { logGroupName: '/g', logStreamName: 's' }, call)
    assert.deepEqual(put, [{ action: 'logs:PutLogEvents', resource: `${arnOf('/g')}:log-stream:s` }])
    const list = service.authorize!('ListTagsForResource', { resourceArn: arnOf('/g') }, call)
    assert.deepEqual(list, [{ action: 'logs:ListTagsForResource', resource: arnOf('/g') }])
  })
})
