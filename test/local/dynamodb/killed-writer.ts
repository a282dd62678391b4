// A process for crash.test.ts to kill: on the folder that it is given it writes to a global table in two regions as fast
// as it can, single items and pairs in transactions, and prints the number of each item that was acknowledged.
import { createWorld } from '../../../src/local/create-world.js'
import { dynamodbService } from '../../../src/local/dynamodb/service.js'
import { openStore } from '../../../src/local/store.js'
import { EU, TABLE, US } from './harness.js'

const [dir = '', first = ''] = process.argv.slice(2)
const store = await openStore(`${dir}/store`)
const world = createWorld({ dataDir: dir, scale: 20, profile: 'realistic', seed: 1, store })
const service = await dynamodbService(world)

async function call(region: string, operation: string, input: object): Promise<void> {
  const principal = { arn: 'arn:aws:iam::000000000000:root' }
  const answer = await service.raw!(operation, JSON.stringify(input), {
    region,
    operation,
    principal,
    requestId: 'test',
  })
  if (answer?.status !== 200) throw new Error(answer?.body)
}

const item = (id: number, region: string) => ({ id: { N: String(id) }, name: { S: `${region} ${id}` } })

async function write(id: number): Promise<void> {
  const region = id % 2 ? EU : US
  if (id % 3) {
    await call(region, 'PutItem', { TableName: TABLE, Item: item(id, region) })
  } else {
    // The pair of a transaction is its number and the negative of it.
    const puts = [id, -id].map((one) => ({ Put: { TableName: TABLE, Item: item(one, region) } }))
    await call(region, 'TransactWriteItems', { TransactItems: puts })
  }
  console.log(id)
}

async function writeOn(from: number): Promise<never> {
  for (let id = from; ; id += 4) await write(id)
}

await Promise.all([0, 1, 2, 3].map((lane) => writeOn(Number(first) + lane)))
