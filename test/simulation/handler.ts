// The shipped handlers as a simulation runs them: in process, on the services' own DynamoDB, under the function's own role
// and variables. What they answer is `src/handlers/`'s; there an SDK stands between, which costs more than all the rest.
import type { FunctionRecord } from '../../src/local/lambda/function.js'
import { liveSettings } from '../../src/local/lambda/function.js'
import { AwsError } from '../../src/local/wire/errors.js'
import type { World } from '../../src/local/world.js'
import type { Wiring } from './machine.js'

interface ProxyEvent {
  readonly httpMethod: string
  readonly body?: string | null
  readonly pathParameters?: Readonly<Record<string, string>> | null
}

interface Answer {
  readonly statusCode: number
  readonly body: unknown
}

type Environment = Readonly<Record<string, string | undefined>>
type Table = (
  operation: string,
  input: object,
) => Promise<{ Item?: Record<string, { S?: string; N?: string }> }>

/** The answer document of one invocation. */
export async function runHandler(
  world: World,
  wiring: Wiring,
  fn: FunctionRecord,
  payload: string,
): Promise<string> {
  const { environment = {}, roleArn } = liveSettings(fn, world.clock.now())
  const table = tableOf(world, wiring, fn, roleArn)
  const event = JSON.parse(payload) as ProxyEvent
  const { statusCode, body } = await answer(event, environment, fn.region, table)
  return JSON.stringify({
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function answer(
  event: ProxyEvent,
  environment: Environment,
  region: string,
  table: Table,
): Promise<Answer> {
  const TableName = environment.TABLE_NAME
  const id = event.pathParameters?.itemId
  const keyOf = (id: number | string) => ({
    id: { N: String(id) },
    ...(environment.SORT_KEY && { [environment.SORT_KEY]: { S: 'newest' } }),
  })
  try {
    if (event.httpMethod === 'POST') {
      const { id, name } = JSON.parse(event.body ?? '{}') as { id: number; name: string }
      const Item = { ...keyOf(id), name: { S: name }, region: { S: region } }
      await table('PutItem', { TableName, Item })
      return { statusCode: 201, body: { id, name, region } }
    }
    if (id !== undefined) {
      const { Item } = await table('GetItem', { TableName, Key: keyOf(id), ConsistentRead: true })
      if (!Item) return { statusCode: 404, body: { message: `there is no item ${id}` } }
      return { statusCode: 200, body: { id: Number(id), name: Item.name?.S, region: Item.region?.S } }
    }
  } catch {
    return { statusCode: 500, body: { message: 'Internal server error' } }
  }
  return health(environment, region, () => table('GetItem', { TableName, Key: keyOf(-1) }))
}

async function health(
  environment: Environment,
  region: string,
  readTable: () => Promise<unknown>,
): Promise<Answer> {
  // As one that somebody wrote who did not know of the variable.
  const statusCode = environment.DEAF ? 200 : Number(environment.status || 200)
  if (statusCode < 200 || statusCode > 299) return { statusCode, body: { region } }
  try {
    await readTable()
    return { statusCode, body: { region } }
  } catch {
    return { statusCode: 503, body: { message: 'the table does not answer', region } }
  }
}

/** DynamoDB in the function's region, under its role, with the faults of the cloud. */
function tableOf(world: World, wiring: Wiring, fn: FunctionRecord, roleArn: string): Table {
  const { services, authorize, faults } = wiring.front!
  const dynamodb = services.find(({ name }) => name === 'dynamodb')!
  const { region } = fn
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1)
  const arn = `arn:aws:sts::${world.account}:assumed-role/${roleName}/${fn.name}`
  const principal = { arn, roleName }
  return async (operation, input) => {
    const call = { region, principal, operation, requestId: 'handler' }
    const wants = dynamodb.authorize!(operation, input as Record<string, unknown>, call)
    if (!authorize(principal, 'dynamodb', wants, region).allowed)
      throw new AwsError('AccessDeniedException', `${arn} may not ${operation}`)
    const effect = () => dynamodb.raw!(operation, JSON.stringify(input), call)
    const faulty = { plane: 'data', region, service: 'dynamodb', operation } as const
    const raw = await (faults?.pass(faulty, effect, (fault) => {
      throw new AwsError('InternalServerError', String(fault), 500)
    }) ?? effect())
    if (raw?.status !== 200) throw new Error(raw?.body ?? 'no answer')
    return JSON.parse(raw.body)
  }
}
