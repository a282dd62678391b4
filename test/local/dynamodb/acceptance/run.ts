// One run of the acceptance: a real daemon with a table in three regions, writers in all of them, regions cut off from
// each other and kills at random, then healing. What must be true afterwards says `model.ts`.
import assert from 'node:assert/strict'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDB, type ScanCommandOutput } from '@aws-sdk/client-dynamodb'
import {
  addFault,
  clearFaults,
  ensure,
  type FaultInput,
  find,
  type RunningCloud,
  stop,
} from '../../../../src/local/door.js'
import { seededRandom } from '../../../../src/local/random.js'
import { openStore } from '../../../../src/local/store.js'
import type { Final } from './model.js'
import { made, someWrite, TABLE, type Write } from './write.js'

export const REGIONS = ['eu-west-1', 'us-east-1', 'ap-southeast-2'] as const
const LANES_EACH = 4
// Replication takes 3 to 10 real milliseconds then, a replica half a second.
const OPTIONS = { scale: 100, profile: 'realistic', regions: REGIONS, version: 'test' } as const

export interface Run {
  readonly writes: readonly Write[]
  readonly kills: number
  /** Faults that were added: isolated and paused regions, lags. */
  readonly isolations: number
  readonly seconds: number
  /** The items of each region after healing. */
  readonly replicas: readonly ReadonlyMap<string, string>[]
  readonly final: Final
}

interface Plan {
  readonly dataDir: string
  readonly seed: number
  readonly writes: number
  readonly kills: number
}

export async function run({ dataDir, seed, writes: wanted, kills: wantedKills }: Plan): Promise<Run> {
  const begun = performance.now()
  const random = seededRandom(seed)
  let daemon = await ensure(dataDir, OPTIONS)
  const clients = REGIONS.map((region) => clientOf(daemon, region))
  await globalTable(clients)

  const writes: Write[] = []
  let number = 0
  let kills = 0
  let isolations = 0
  let isOver = false
  /** Resolved while the daemon runs. */
  let running = Promise.resolve()

  async function killed(): Promise<void> {
    process.kill(daemon.pid, 'SIGKILL')
    // Its writers learn of it, and come to know nothing of their writes.
    await sleep(20)
    daemon = await started(dataDir)
  }

  async function lane(client: DynamoDB): Promise<void> {
    while (number < wanted) {
      await running
      if (kills < wantedKills && number >= ((kills + random()) * wanted) / wantedKills) {
        kills += 1
        running = killed()
        await running
      }
      number += 1
      const write = await made(client, someWrite(number, random))
      writes.push(write)
      // A region that is out answers nothing, and quickly.
      if (write.outcome === 'unknown') await sleep(50)
    }
  }

  /** Faults come and go; while the daemon is down it takes none. */
  async function isolate(): Promise<void> {
    while (!isOver) {
      await sleep(50 + random() * 250)
      await running
      const change = random() < 0.6 ? addFault(dataDir, someFault(random)) : clearFaults(dataDir)
      const isDone = await change.then(
        () => true,
        () => false,
      )
      if (isDone) isolations += 1
    }
  }

  const isolating = isolate()
  await Promise.all(clients.flatMap((client) => Array.from({ length: LANES_EACH }, () => lane(client))))
  isOver = true
  await isolating
  await running

  await clearFaults(dataDir)
  await healed(dataDir)
  const replicas = await Promise.all(clients.map(itemsOf))
  await stop(dataDir)
  const stamps = await stampsIn(dataDir)
  const again = await ensure(dataDir, OPTIONS)
  const after = await Promise.all(REGIONS.map((region) => itemsOf(clientOf(again, region))))
  await stop(dataDir)
  assert.deepEqual(after, replicas, 'a restart changes nothing')
  for (const client of clients) client.destroy()
  const seconds = (performance.now() - begun) / 1000
  return { writes, kills, isolations, seconds, replicas, final: { items: replicas[0]!, stamps } }
}

function clientOf({ endpointUrl, credentials }: RunningCloud, region: string): DynamoDB {
  // Longer than anything takes: an answer that was given up would say nothing of when its write was made.
  const requestHandler = { requestTimeout: 120_000 }
  return new DynamoDB({ region, endpoint: endpointUrl, credentials, maxAttempts: 1, requestHandler })
}

/** A busy machine may not have it up in time. */
async function started(dataDir: string): Promise<RunningCloud> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ensure(dataDir, OPTIONS)
    } catch (error) {
      if (tries === 3) throw error
    }
  }
}

async function globalTable(clients: readonly DynamoDB[]): Promise<void> {
  const [source] = clients as [DynamoDB]
  await source.createTable({
    TableName: TABLE,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  })
  const isActive = (client: DynamoDB) => async () => {
    const { Table } = await client.describeTable({ TableName: TABLE })
    const isAll = Table?.Replicas?.every(({ ReplicaStatus }) => ReplicaStatus === 'ACTIVE') ?? true
    return Table?.TableStatus === 'ACTIVE' && isAll
  }
  await until('the table', isActive(source))
  for (const [index, client] of clients.entries()) {
    if (!index) continue
    const ReplicaUpdates = [{ Create: { RegionName: REGIONS[index] } }]
    await source.updateTable({ TableName: TABLE, ReplicaUpdates })
    await until(`the replica in ${REGIONS[index]}`, isActive(client))
    await until('the source', isActive(source))
  }
}

async function until(what: string, isSo: () => Promise<boolean>, seconds = 120): Promise<void> {
  const end = Date.now() + seconds * 1000
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`)
    await sleep(20)
  }
}

const healed = (dataDir: string) =>
  until('all to be delivered', async () => (await find(dataDir))?.replication.length === 0)

/** A region that is out, one that gets or gives nothing, a pair that is apart, a lag. Seconds are virtual. */
function someFault(random: () => number): FaultInput {
  const some = () => REGIONS[Math.floor(random() * REGIONS.length)]!
  const forSeconds = 5 + random() * 60
  const which = random()
  if (which < 0.15) return { kind: 'region-out', region: some(), forSeconds: forSeconds / 2 }
  if (which < 0.3) return { kind: 'replication-paused', from: some(), forSeconds }
  if (which < 0.45) return { kind: 'replication-paused', to: some(), forSeconds }
  if (which < 0.8) return { kind: 'replication-paused', from: some(), to: some(), forSeconds }
  return { kind: 'replication-lag', from: some(), seconds: random() * 100, forSeconds }
}

async function itemsOf(client: DynamoDB): Promise<ReadonlyMap<string, string>> {
  const items: [string, string][] = []
  let page: ScanCommandOutput | undefined
  do {
    page = await client.scan({ TableName: TABLE, ExclusiveStartKey: page?.LastEvaluatedKey })
    for (const { id, v } of page.Items ?? []) items.push([id!.S!, v!.S!])
  } while (page.LastEvaluatedKey)
  return new Map(items.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** When each key's last write was stamped, the same in all regions: read from the store of the stopped daemon. */
async function stampsIn(dataDir: string): Promise<ReadonlyMap<string, number>> {
  const store = await openStore(path.join(dataDir, 'store'))
  const tables = store.collection<{ id: string }>('dynamodb.table')
  const versions = [...store.collection<Version>('dynamodb.version').entries()]
  const [first, ...others] = REGIONS.map((region) => {
    const { id } = tables.get(`${region}/${TABLE}`)!
    const own = versions.filter(([name]) => name.startsWith(`${id}/`))
    return new Map(own.map(([, { key, version }]) => [key.id.S, version.ts / 1000]))
  })
  await store.close()
  for (const other of others) assert.deepEqual(new Map([...other].sort()), new Map([...first!].sort()))
  return first!
}

interface Version {
  readonly key: { readonly id: { readonly S: string } }
  readonly version: { readonly ts: number; readonly region: string }
}
