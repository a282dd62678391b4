// What the tests of the local DynamoDB share: a service on a world of its own in a temporary folder, called as the front
// door calls it, and loops that wait for a state with a bound.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createWorld, LOCAL_ACCOUNT } from '../../../src/local/create-world.js'
import type { Engine } from '../../../src/local/dynamodb/engine.js'
import { type DynamoDbService, dynamodbService } from '../../../src/local/dynamodb/service.js'
import { type Profile, rangeOf, type Takes } from '../../../src/local/profile.js'
import { openStore } from '../../../src/local/store.js'
import type { Clock, World } from '../../../src/local/world.js'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the tests read answers of any shape.
  readonly body: any
}

export interface Harness {
  readonly dir: string
  readonly world: World
  readonly service: DynamoDbService
  /** One call, its answer parsed. */
  call(region: string, operation: string, input: object): Promise<Answer>
  /** One call that must succeed; the body of its answer. */
  ok(region: string, operation: string, input: object): Promise<Answer['body']>
  /** One call that must be refused: `Code: message`. */
  refused(region: string, operation: string, input: object): Promise<string>
  close(): Promise<void>
}

export async function temporaryDir(test: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'dynamodb-'))
  test.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

interface Options {
  readonly profile?: Profile
  readonly scale?: number
  readonly dir?: string
  /** Replaces parts of the world. */
  readonly change?: (world: World) => World
  /** Replaces the store of items of a region. */
  readonly openEngine?: (folder?: string) => Promise<Engine>
}

/** Opens the service; it is closed after the test. */
export async function open(test: TestContext, options: Options = {}): Promise<Harness> {
  const { profile = 'instant', scale = 1, change = (world) => world } = options
  const dir = options.dir ?? (await temporaryDir(test))
  const store = await openStore(join(dir, 'store'))
  const world = change(createWorld({ dataDir: dir, scale, profile, seed: 7, store }))
  const service = await dynamodbService(world, undefined, undefined, options.openEngine)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= service.close().then(() => store.close())
    return closing
  }
  test.after(close)

  async function call(region: string, operation: string, input: object): Promise<Answer> {
    const principal = { arn: `arn:aws:iam::${LOCAL_ACCOUNT}:root` }
    const answer = await service.raw!(operation, JSON.stringify(input), {
      region,
      operation,
      principal,
      requestId: 'test',
    })
    if (!answer) throw new Error(`${operation} is not served`)
    return { status: answer.status, body: JSON.parse(answer.body) }
  }

  return {
    dir,
    world,
    service,
    call,
    close,
    async ok(region, operation, input) {
      const { status, body } = await call(region, operation, input)
      if (status !== 200) throw new Error(`${operation} in ${region}: ${JSON.stringify(body)}`)
      return body
    },
    async refused(region, operation, input) {
      const { status, body } = await call(region, operation, input)
      if (status === 200)
        throw new Error(`${operation} in ${region} was not refused: ${JSON.stringify(body)}`)
      return `${String(body.__type).split('#')[1]}: ${body.message}`
    },
  }
}

export interface ManualClock extends Clock {
  /** Lets that many virtual seconds pass. */
  advance(virtualSeconds: number): void
}

/** A clock that stands still until it is told. */
export function manualClock(): ManualClock {
  let now = Date.parse('2026-11-23T05:00:00Z')
  const sleepers = new Set<() => void>()
  return {
    scale: 1,
    now: () => now,
    after: (virtualSeconds) => now + virtualSeconds * 1000,
    since: (instant) => (now - instant) / 1000,
    async sleep(virtualSeconds, signal) {
      const end = now + virtualSeconds * 1000
      while (now < end && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            sleepers.delete(wake)
            signal?.removeEventListener('abort', wake)
            resolve()
          }
          sleepers.add(wake)
          signal?.addEventListener('abort', wake, { once: true })
        })
      }
    },
    advance(virtualSeconds) {
      now += virtualSeconds * 1000
      for (const wake of [...sleepers]) wake()
    },
  }
}

/** The realistic profile on a clock that the test moves. Everything takes the longest that it may. */
export async function openSlow(test: TestContext): Promise<Harness & { clock: ManualClock }> {
  const clock = manualClock()
  const takes = (what: Takes) => rangeOf('realistic', what)[1]
  const harness = await open(test, { profile: 'realistic', change: (world) => ({ ...world, clock, takes }) })
  return { ...harness, clock }
}

/** Polls until `probe` gives something; fails after that many real seconds. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  seconds = 20,
): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const found = await probe()
    if (found) return found
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const TABLE = 'MyGlobalTable'
export const EU = 'eu-west-1'
export const US = 'us-east-1'
export const AP = 'ap-southeast-2'

/** CreateTable's input of the article's table. */
export const tableInput = (more: object = {}) => ({
  TableName: TABLE,
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
  BillingMode: 'PAY_PER_REQUEST',
  ...more,
})

export const described = async (harness: Harness, region: string, table = TABLE) => {
  const { status, body } = await harness.call(region, 'DescribeTable', { TableName: table })
  return status === 200 ? body.Table : undefined
}

export const active = (harness: Harness, region: string, table = TABLE) =>
  until(`${table} to be ACTIVE in ${region}`, async () => {
    const found = await described(harness, region, table)
    return found?.TableStatus === 'ACTIVE' && found
  })

export async function createTable(harness: Harness, region: string, more: object = {}): Promise<void> {
  await harness.ok(region, 'CreateTable', tableInput(more))
  await active(harness, region)
}

/** Adds a replica from `source` and waits until both sides have it ACTIVE. */
export async function addReplica(harness: Harness, source: string, region: string): Promise<void> {
  const update = { TableName: TABLE, ReplicaUpdates: [{ Create: { RegionName: region } }] }
  await harness.ok(source, 'UpdateTable', update)
  await until(`a replica in ${region}`, async () => {
    const replica = await described(harness, region)
    const { Replicas, TableStatus } = await described(harness, source)
    const listed = Replicas.find((one: { RegionName: string }) => one.RegionName === region)
    return replica?.TableStatus === 'ACTIVE' && listed?.ReplicaStatus === 'ACTIVE' && TableStatus === 'ACTIVE'
  })
}

export const put = (harness: Harness, region: string, id: number, name: string) =>
  harness.ok(region, 'PutItem', { TableName: TABLE, Item: { id: { N: String(id) }, name: { S: name } } })

export const nameOf = async (harness: Harness, region: string, id: number): Promise<string | undefined> => {
  const { Item } = await harness.ok(region, 'GetItem', { TableName: TABLE, Key: { id: { N: String(id) } } })
  return Item?.name.S
}
