// A DynamoDB endpoint of a few lines, over real HTTP, for the handlers' tests: one table whose moods can be set.
// Not the local cloud, which has tests of its own.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>
export interface Asked {
  readonly operation: string
  readonly input: { readonly TableName: string; readonly Key?: Item; readonly Item?: Item }
}

export interface FakeTable {
  readonly items: Map<string, Item>
  readonly asked: Asked[]
  /**
   * `broken` answers an error, `silent` never answers, `stuck` begins an answer and never ends it, `lossy` is silent
   * once and then well.
   */
  mood: 'well' | 'broken' | 'silent' | 'stuck' | 'lossy'
  close(): void
}

/** Starts the endpoint and points this process's SDK at it, as Lambda's environment would. */
export async function startFakeTable(): Promise<FakeTable> {
  const table: FakeTable = { items: new Map(), asked: [], mood: 'well', close }
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1]!
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const input: Asked['input'] = JSON.parse(Buffer.concat(pieces).toString())
    table.asked.push({ operation, input })
    if (table.mood === 'silent') return
    if (table.mood === 'lossy') {
      table.mood = 'well'
      return
    }
    response.setHeader('content-type', 'application/x-amz-json-1.0')
    if (table.mood === 'broken') {
      response.statusCode = 400
      response.end(JSON.stringify({ __type: 'x#AccessDeniedException', message: 'arn:aws:secret is denied' }))
      return
    }
    if (table.mood === 'stuck') return void response.write('{"Item":')
    response.end(JSON.stringify(serve(operation, input)))
  })

  function serve(operation: string, { Item, Key }: Asked['input']) {
    if (operation === 'PutItem') table.items.set(JSON.stringify(Item!.id), Item!)
    const found = Key && table.items.get(JSON.stringify(Object.values(Key)[0]))
    return operation === 'GetItem' && found ? { Item: found } : {}
  }

  function close() {
    server.closeAllConnections()
    server.close()
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    TABLE_NAME: 'MyGlobalTable',
    KEY_NAME: 'id',
    KEY_TYPE: 'N',
  })
  return table
}
