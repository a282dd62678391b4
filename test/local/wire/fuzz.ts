// A fuzz of the whole cloud over the wire: random calls, well and badly formed, by one seed. Whatever comes, the answer is
// one of AWS's; nothing breaks, nothing is left behind. Run by `npm run fuzz` and, shortly, by fuzz.test.ts.
import { Agent, request as send } from 'node:http'
import { NormalizedSchema } from '@smithy/core/schema'
import { seededRandom } from '../../../src/local/random.js'
import { type SchemaClient, WIRE_CLIENTS } from '../../../src/local/wire/clients.js'
import { type InputConstraints, loadConstraints } from '../../../src/local/wire/constraint.js'
import { type OperationSchema, operationsOf, structureOf } from '../../../src/local/wire/schema.js'
import { OPERATOR, startTestCloud } from '../../conformance/cloud.js'
import { isNamed } from './fuzz-code.js'
import { bent, pick, type Random, someInput } from './fuzz-input.js'
import { createPool, type FuzzPool } from './fuzz-pool.js'
import { encoded, type Plain, signed, spoilt, urlOf } from './fuzz-request.js'
import { createStock } from './fuzz-stock.js'

export interface FuzzOptions {
  readonly requests: number
  readonly seed: number
  /** Requests under way at once. */
  readonly concurrency?: number
  /** The caller may do nothing: what is asked of IAM is made of inputs that nobody has checked yet. */
  readonly enforceIam?: boolean
  /** Ends earlier after that many real seconds. */
  readonly seconds?: number
  /** Told forty times, evenly: requests so far, and the heap in MB after a collection (where `--expose-gc` allows one). */
  readonly onProgress?: (done: number, heapMb: number) => void
}

export interface FuzzReport {
  readonly requests: number
  readonly seconds: number
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>
  /** Operations that never succeeded, of those served. */
  readonly neverFine: readonly string[]
  readonly served: number
  /** MB after a collection, at forty moments. */
  readonly heapMb: readonly number[]
  /** What must not be: a line for each, at most a hundred. */
  readonly problems: readonly string[]
}

interface Target {
  readonly service: string
  readonly client: SchemaClient
  readonly operation: OperationSchema
  readonly constraints: InputConstraints
}

// Invocations start processes of functions: they are `host.test.ts`'s.
const LEFT_OUT = new Set(['Invoke'])
const REGIONS = ['eu-west-1', 'eu-west-1', 'eu-west-1', 'us-east-1']
const MAX_PROBLEMS = 100
const PATIENCE_SECONDS = 60
/** Requests after which what is missing is made again. */
const RESTOCK = 200

export async function fuzz({
  requests,
  seed,
  concurrency = 8,
  enforceIam = false,
  seconds = Number.POSITIVE_INFINITY,
  onProgress,
}: FuzzOptions): Promise<FuzzReport> {
  const cloud = await startTestCloud('instant', { enforceIam })
  const problems: string[] = []
  const broke = (error: unknown) =>
    problems.push(`unhandled: ${error instanceof Error ? error.stack : error}`)
  process.on('unhandledRejection', broke)
  process.on('uncaughtException', broke)
  const targets = await targetsOf(cloud.cloud.operations())
  const random = seededRandom(seed)
  const pool = createPool()
  const stock = createStock(cloud, pool)
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const statuses: Record<string, number> = {}
  const succeeded = new Set<string>()
  const heapMb: number[] = []
  const started = performance.now()
  let begun = 0
  let paused: Promise<void> | undefined

  async function worker(): Promise<void> {
    const isOver = () => performance.now() - started > seconds * 1000
    while (begun < requests && problems.length < MAX_PROBLEMS && !isOver()) {
      if (begun % RESTOCK === 0) paused = stock().then(() => cloud.pass(1))
      const number = begun++
      await paused
      if (number % Math.ceil(requests / 40) === 0) measure(number)
      const made = await someRequest(targets, pool, random)
      if (!made) continue
      const { target, name, input, plain, intact } = made
      const headers = headersOf(plain, target.service, new URL(cloud.url).host, random, intact)
      const answer = await ask(cloud.cloud.port, agent, plain, headers)
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      if (intact && answer.status < 300) succeeded.add(`${target.service}:${name}`)
      if (intact) pool.learn(target.service, name, answer.status, answer.body, input)
      const problem = judge(answer, target.service, intact ? name : undefined, plain.method)
      if (problem)
        problems.push(
          `#${number} ${target.service}:${name}${intact ? '' : ' (spoilt)'}: ${problem} <- ${plain.method} ${urlOf(plain).slice(0, 300)} ${plain.body.toString().slice(0, 600)}`,
        )
    }
  }

  function measure(done: number): void {
    ;(globalThis as { gc?: () => void }).gc?.()
    const megabytes = Math.round(process.memoryUsage().heapUsed / 1e5) / 10
    heapMb.push(megabytes)
    onProgress?.(done, megabytes)
  }

  try {
    await Promise.all(Array.from({ length: concurrency }, worker))
    measure(begun)
  } finally {
    agent.destroy()
    await cloud.close()
    process.off('unhandledRejection', broke)
    process.off('uncaughtException', broke)
  }
  return {
    requests: begun,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    statuses,
    neverFine: targets
      .map(({ service, operation }) => `${service}:${operation.name}`)
      .filter((name) => !succeeded.has(name)),
    served: targets.length,
    heapMb,
    problems: [...problems, ...cloud.logged.filter((line) => / broke: |^500 /.test(line))],
  }
}

async function targetsOf(served: Readonly<Record<string, readonly string[]>>): Promise<Target[]> {
  const targets: Target[] = []
  for (const { name: service, load } of WIRE_CLIENTS) {
    const { module, client } = await load()
    const constraints = await loadConstraints(service)
    for (const [name, operation] of operationsOf(module)) {
      if (!served[service]?.includes(name) || LEFT_OUT.has(name)) continue
      targets.push({ service, client, operation, constraints })
    }
  }
  return targets
}

async function someRequest(targets: readonly Target[], pool: FuzzPool, random: Random) {
  const first = pick(random, targets)
  // What is deleted half as often is there more often.
  const drawn = first.operation.name.startsWith('Delete')
    ? pick(random, [first, pick(random, targets)])
    : first
  const wanted = pool.insteadOf(drawn.service, drawn.operation.name)
  const target =
    targets.find(({ service, operation }) => service === drawn.service && operation.name === wanted) ?? drawn
  const { service, client, operation, constraints } = target
  const constraint = constraints(operation.name)
  const making = { random, pool, service, operation: operation.name }
  const structure = structureOf(operation.input)
  const proper = structure ? someInput(NormalizedSchema.of(operation.input), constraint, making) : {}
  const way = random()
  const input = way < 0.6 ? proper : bent(proper, constraint, random)
  const whole = (await encoded(client, operation, input)) ?? (await encoded(client, operation, proper))
  if (!whole) return undefined
  const intact = way < 0.85
  return {
    target,
    name: operation.name,
    input: proper,
    plain: intact ? whole : spoilt(whole, random),
    intact,
  }
}

/** Signed rightly, but for some of the requests that are spoilt anyway. */
function headersOf(plain: Plain, service: string, host: string, random: Random, intact: boolean) {
  const region = pick(random, REGIONS)
  const way = intact ? 1 : random()
  if (way < 0.05) return { ...plain.headers, host }
  const scope = way < 0.1 ? pick(random, ['s3', 'sts', 'iam', 'toString', '__proto__', 'dynamodb']) : service
  const secretAccessKey = way < 0.15 && way >= 0.1 ? 'wrong' : OPERATOR.secretAccessKey
  const headers = signed(plain, host, {
    service: scope,
    region,
    accessKeyId: OPERATOR.accessKeyId,
    secretAccessKey,
  })
  if (way < 0.2 && way >= 0.15)
    headers.authorization = headers.authorization!.slice(0, Math.floor(random() * 150))
  return headers
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly errorType: string
  readonly body: string
}

function ask(port: number, agent: Agent, plain: Plain, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, agent, method: plain.method, path: urlOf(plain) }
    const outgoing = send(
      { ...options, headers: { ...headers, 'content-length': plain.body.length } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            errorType: String(response.headers['x-amzn-errortype'] ?? ''),
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    // A call that hangs is a problem like a 500.
    outgoing.setTimeout(PATIENCE_SECONDS * 1000, () => {
      resolve({ status: 599, type: '', errorType: 'NoAnswer', body: '' })
      outgoing.destroy()
    })
    outgoing.on('error', reject)
    outgoing.end(plain.body)
  })
}

/** What is wrong with an answer, if anything is. `operation`: undefined where the request may mean any. */
function judge(
  answer: Answer,
  service: string,
  operation: string | undefined,
  method: string,
): string | undefined {
  const { status, body, errorType } = answer
  if (status < 300 || method === 'HEAD') return undefined
  // Node's own answer to a URL of more than 16 KB, which no service sees.
  if (status === 431) return undefined
  const code =
    errorType ||
    /<Code>([^<]*)<\/Code>/.exec(body)?.[1] ||
    /"__type":"(?:[^"#]*#)?([^"]+)"/.exec(body)?.[1] ||
    ''
  if (status >= 500 && !(status === 501 && code === 'NotImplemented'))
    return `${status} ${code} ${body.slice(0, 300)}`
  if (!isNamed(service, operation, code))
    return `${status} with code '${code}', which no model names: ${body.slice(0, 300)}`
  return undefined
}
