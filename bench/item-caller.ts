// The lightest client that DynamoDB takes, so that a measurement is one of the server: keep-alive HTTP and a signature.
// It knows PutItem and GetItem on a table with a numeric key.
import { createHash, createHmac } from 'node:crypto'
import http from 'node:http'

interface CallerOptions {
  readonly endpointUrl: string
  readonly region: string
  readonly table: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export interface Caller {
  put(number: number): Promise<void>
  get(number: number): Promise<void>
  close(): void
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Rejects for every answer but 200. */
export function itemCaller({ endpointUrl, region, table, credentials }: CallerOptions): Caller {
  const { hostname, port, host } = new URL(endpointUrl)
  const agent = new http.Agent({ keepAlive: true })
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const scope = `${day}/${region}/dynamodb/aws4_request`
  const key = scope
    .split('/')
    .reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${credentials.secretAccessKey}`)

  function headersOf(target: string, body: string) {
    const at = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
    const signed = { host, 'x-amz-date': at, 'x-amz-target': target }
    const names = Object.keys(signed).join(';')
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`)
    const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`
    const signature = hmac(key, `AWS4-HMAC-SHA256\n${at}\n${scope}\n${sha256(canonical)}`).toString('hex')
    const credential = `${credentials.accessKeyId}/${scope}`
    return {
      ...signed,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(body),
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
    }
  }

  function call(operation: string, input: object): Promise<void> {
    const body = JSON.stringify({ TableName: table, ...input })
    const headers = headersOf(`DynamoDB_20120810.${operation}`, body)
    return new Promise((resolve, reject) => {
      const request = http.request(
        { hostname, port, agent, method: 'POST', path: '/', headers },
        (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('error', reject)
          response.on('end', () => {
            if (response.statusCode === 200) resolve()
            else reject(new Error(`${operation}: ${response.statusCode} ${text}`))
          })
        },
      )
      request.on('error', reject)
      request.end(body)
    })
  }

  const id = (number: number) => ({ id: { N: String(number) } })
  return {
    put: (number) =>
      call('PutItem', {
        Item: { ...id(number), name: { S: `item ${number}` }, text: { S: 'x'.repeat(200) } },
      }),
    get: (number) => call('GetItem', { Key: id(number) }),
    close: () => agent.destroy(),
  }
}
