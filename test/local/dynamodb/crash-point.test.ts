// What a kill leaves at every moment at which something has just been, or is just to be written to disk: the files are
// copied there, and a new process goes on with each copy. Nothing acknowledged is missing, what was under way is there
// whole or not at all, and both regions have the same.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { World } from '../../../src/local/world.js'
import {
  addReplica,
  createTable,
  EU,
  type Harness,
  open,
  put,
  TABLE,
  temporaryDir,
  US,
  until,
} from './harness.js'

type Items = ReadonlyMap<string, string>
type Change = Record<string, string | null>

/** A request, and what it leaves; nothing where it is refused. */
interface Step {
  readonly operation: string
  readonly input: object
  readonly leaves: Change
}

const key = (id: string) => ({ id: { N: id } })
const item = (id: string, name: string) => ({ ...key(id), name: { S: name } })
const one = { TableName: TABLE }
const IS_NEW = { ConditionExpression: 'attribute_not_exists(id)' }
const renaming = (id: string, name: string) => ({
  ...one,
  Key: key(id),
  UpdateExpression: 'SET #n = :n',
  ExpressionAttributeNames: { '#n': 'name' },
  ExpressionAttributeValues: { ':n': { S: name } },
})

const STEPS: readonly Step[] = [
  { operation: 'PutItem', input: { ...one, Item: item('1', 'put') }, leaves: { 1: 'put' } },
  { operation: 'PutItem', input: { ...one, Item: item('1', 'put again') }, leaves: { 1: 'put again' } },
  { operation: 'UpdateItem', input: renaming('1', 'updated'), leaves: { 1: 'updated' } },
  { operation: 'PutItem', input: { ...one, Item: item('2', 'new'), ...IS_NEW }, leaves: { 2: 'new' } },
  { operation: 'PutItem', input: { ...one, Item: item('2', 'refused'), ...IS_NEW }, leaves: {} },
  { operation: 'PutItem', input: { ...one, Item: { ...item('2', 'no set'), set: { SS: [] } } }, leaves: {} },
  { operation: 'DeleteItem', input: { ...one, Key: key('1') }, leaves: { 1: null } },
  {
    operation: 'BatchWriteItem',
    input: {
      RequestItems: {
        [TABLE]: [{ PutRequest: { Item: item('3', 'batch') } }, { DeleteRequest: { Key: key('2') } }],
      },
    },
    leaves: { 2: null, 3: 'batch' },
  },
  {
    operation: 'TransactWriteItems',
    input: {
      TransactItems: [
        { Put: { ...one, Item: item('4', 'transaction') } },
        { Update: renaming('3', 'transaction') },
        { Delete: { ...one, Key: key('9') } },
      ],
    },
    leaves: { 3: 'transaction', 4: 'transaction', 9: null },
  },
  { operation: 'PutItem', input: { ...one, Item: item('4', 'last') }, leaves: { 4: 'last' } },
]

function applied(items: Items, leaves: Change): Items {
  const changed = new Map(items)
  for (const [id, name] of Object.entries(leaves)) {
    if (name === null) changed.delete(id)
    else changed.set(id, name)
  }
  return changed
}

async function itemsIn(cloud: Harness, region: string): Promise<Items> {
  const { Items } = await cloud.ok(region, 'Scan', one)
  return new Map(Items.map((found: ReturnType<typeof item>) => [found.id.N, found.name.S]))
}

/** The files as they are, and what must be there when a new process goes on with them. */
interface Copy {
  readonly dir: string
  readonly step: string
  /** With the step under way, without it or done. */
  readonly allowed: readonly Items[]
}

/** Makes all steps, with a copy of the files before and after every flush. Nothing is delivered meanwhile. */
async function copies(cloud: Harness, watch: { flushed?: () => void }, into: string): Promise<Copy[]> {
  const made: Copy[] = []
  let items: Items = new Map([['9', 'first']])
  for (const [index, { operation, input, leaves }] of STEPS.entries()) {
    const after = applied(items, leaves)
    let isAnswered = false
    watch.flushed = () => {
      const dir = join(into, String(made.length))
      cpSync(cloud.dir, dir, { recursive: true })
      made.push({ dir, step: `${index} ${operation}`, allowed: isAnswered ? [after] : [items, after] })
    }
    await cloud.call(index % 2 ? US : EU, operation, input)
    isAnswered = true
    watch.flushed()
    watch.flushed = undefined
    // The other region is to have it before it writes itself.
    await until('the delivery', async () => !cloud.service.replicationLag().length)
    items = after
  }
  return made
}

const isSame = (one: Items, other: Items) =>
  one.size === other.size && [...one].every(([id, name]) => other.get(id) === name)

test('a kill at every moment around a flush', async (t) => {
  const into = await temporaryDir(t)
  const watch: { flushed?: () => void } = {}
  const watched = (world: World): World => ({
    ...world,
    store: {
      ...world.store,
      async flush() {
        watch.flushed?.()
        await world.store.flush()
        watch.flushed?.()
      },
    },
  })
  const cloud = await open(t, { change: watched })
  await createTable(cloud, EU)
  await addReplica(cloud, EU, US)
  await put(cloud, EU, 9, 'first')
  await until('the delivery', async () => !cloud.service.replicationLag().length)
  const made = await copies(cloud, watch, into)
  assert.ok(made.length > 4 * STEPS.length, `${made.length} copies`)

  for (const { dir, step, allowed } of made) {
    const next = await open(t, { dir })
    await until('the delivery', async () => !next.service.replicationLag().length)
    const [eu, us] = [await itemsIn(next, EU), await itemsIn(next, US)]
    assert.deepEqual([...us].sort(), [...eu].sort(), `${step} (${dir})`)
    assert.ok(
      allowed.some((items) => isSame(items, eu)),
      `${step} (${dir}): ${JSON.stringify([...eu])}`,
    )
    assert.equal(next.world.store.collection('dynamodb.intent').size, 0)
    await next.close()
  }
})
