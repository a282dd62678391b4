// Writes into a cloud whose files may not grow beyond a limit, and prints what was acknowledged and what failed; it ends
// without closing anything, as after a kill. With `read`: prints what is there.
import { execFileSync } from 'node:child_process'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { openCloud } from '../../../src/local/cloud.js'

const LIMIT_BYTES = 100_000
const [dataDir = '', mode] = process.argv.slice(2)
const operator = { accessKeyId: 'AKIALOCALOPERATOR000', secretAccessKey: 'operator-secret' }
const cloud = await openCloud({
  ...{ dataDir, operator, profile: 'instant', scale: 1, seed: 1 },
  regions: ['eu-west-1'],
  log: (line) => process.stderr.write(`${line}\n`),
})
const config = { endpoint: cloud.endpointUrl, region: 'eu-west-1', credentials: operator, maxAttempts: 1 }
const dynamodb = new DynamoDB(config)
const logs = new CloudWatchLogs(config)
const TableName = 'Table'

if (mode === 'read') {
  const { Items = [] } = await dynamodb.scan({ TableName, ProjectionExpression: 'id' })
  const groups: (string | undefined)[] = []
  let nextToken: string | undefined
  do {
    const page = await logs.describeLogGroups({ nextToken })
    groups.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName))
    nextToken = page.nextToken
  } while (nextToken)
  print({ items: Items.map(({ id }) => id?.S), groups })
} else {
  await dynamodb.createTable({
    TableName,
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  })
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${LIMIT_BYTES}`])
  const failed: string[] = []
  const acknowledged = async (call: Promise<unknown>) => {
    try {
      await call
      return true
    } catch (error) {
      const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } }
      failed.push(`${name} ${$metadata?.httpStatusCode}`)
      return false
    }
  }
  const items: string[] = []
  const groups: string[] = []
  for (let n = 0; n < 200; n++) {
    const Item = { id: { S: String(n) }, text: { S: 'x'.repeat(1000) } }
    if (await acknowledged(dynamodb.putItem({ TableName, Item }))) items.push(String(n))
    const logGroupName = `${n}-${'y'.repeat(480)}`
    if (await acknowledged(logs.createLogGroup({ logGroupName }))) groups.push(logGroupName)
  }
  print({ items, groups, failed })
}

function print(found: object): void {
  process.stdout.write(JSON.stringify(found), () => process.exit(0))
}
