// GET /health, asked by Route 53's checkers: is this region fit to serve? It looks at nothing outside its own region,
// for a check that leaves the region would fail everywhere at once. Works for a table with any key.
import { type AttributeValue, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { answer, answering } from './http.js'
import { variable } from './variable.js'

// AWS: a checker waits two seconds for the status, so a table that needs more than one of them counts as dead.
const BUDGET_MS = 1000

const database = new DynamoDBClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 450, requestTimeout: 450, throwOnRequestTimeout: true },
})

/** Answers the variable `status` (200 where it is not set); while that is 2xx, 503 for a table that does not answer. */
export const handler = answering(async () => {
  const region = variable('AWS_REGION')
  const status = wantedStatus(process.env.status)
  if (status < 200 || status > 299) return answer(status, { message: `told to answer ${status}`, region })
  try {
    await readTable()
  } catch (error) {
    console.error('the table does not answer', error)
    return answer(503, { message: 'the table does not answer', region })
  }
  return answer(status, { message: 'all done', region })
})

function wantedStatus(text: string | undefined): number {
  if (!text) return 200
  const status = Number(text)
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status
  throw new Error(`the variable status is ${JSON.stringify(text)}, which is no HTTP status from 200 to 599`)
}

/** Reads one item that is not there: any answer of the table will do. */
async function readTable() {
  const key: Record<string, AttributeValue> = {
    [variable('KEY_NAME')]: reservedValue(variable('KEY_TYPE')),
    ...(process.env.SORT_KEY_NAME && {
      [process.env.SORT_KEY_NAME]: reservedValue(variable('SORT_KEY_TYPE')),
    }),
  }
  await database.send(new GetItemCommand({ TableName: variable('TABLE_NAME'), Key: key }), {
    abortSignal: AbortSignal.timeout(BUDGET_MS),
  })
}

function reservedValue(type: string): AttributeValue {
  if (type === 'N') return { N: '-1' }
  return type === 'B' ? { B: Buffer.from('multiregion#health') } : { S: 'multiregion#health' }
}
