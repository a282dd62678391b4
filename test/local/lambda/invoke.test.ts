// Invocations over the wire: what handlers get and give, how they fail, and what AWS answers then.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateFunctionCommand, type CreateFunctionCommandInput, InvokeCommand } from '@aws-sdk/client-lambda'
import { type FunctionCloud, functionInput, startFunctionCloud, zipOf } from './function-cloud.js'

const MODES = `
let count = 0
export const handler = async (event, context) => {
  count += 1
  switch (event?.mode) {
    case 'throw': throw new TypeError('oops')
    case 'reject-text': return Promise.reject('just text')
    case 'exit': process.exit(event.code)
    case 'uncaught': setTimeout(() => { throw new RangeError('later') }, 1); await new Promise((r) => setTimeout(r, 1000))
    case 'never': return new Promise(() => {})
    case 'sleep': await new Promise((r) => setTimeout(r, event.ms)); return count
    case 'spin': for (;;);
    case 'large': return 'x'.repeat(event.size)
    case 'circular': { const o = {}; o.o = o; return o }
    case 'nothing': return undefined
    case 'memory': { const kept = []; for (;;) kept.push(Buffer.alloc(5_000_000, 1)) }
    case 'log': console.log('a %s', 'b\\nc', { d: 1 }); console.error('bad'); process.stdout.write('raw'); return null
    case 'context': return { ...context, left: context.getRemainingTimeInMillis() }
    case 'environment': return process.env
    default: return { event, count }
  }
}`

let cloud: FunctionCloud
before(async () => {
  cloud = await startFunctionCloud()
  await create('modes', MODES, { Timeout: 1, Environment: { Variables: { STAGE: 'dev' } } })
})
after(() => cloud.close())

async function create(name: string, code: string, more: Partial<CreateFunctionCommandInput> = {}) {
  await cloud.logs.send(new CreateLogGroupCommand({ logGroupName: `/aws/lambda/${name}` }))
  await cloud.lambda.send(new CreateFunctionCommand(functionInput(name, code, more)))
}

async function invoke(name: string, event: unknown) {
  const input = { FunctionName: name, Payload: JSON.stringify(event), LogType: 'Tail' } as const
  const answer = await cloud.lambda.send(new InvokeCommand(input))
  return {
    status: answer.StatusCode,
    error: answer.FunctionError,
    payload: JSON.parse(answer.Payload!.transformToString()),
    requestId: answer.$metadata.requestId,
    log: Buffer.from(answer.LogResult!, 'base64').toString(),
  }
}
const inMode = (mode: string, more: object = {}) => invoke('modes', { mode, ...more })

describe('answers', () => {
  test('the event comes back, and the process is used again', async () => {
    const first = await invoke('modes', { a: [1, 'ü'] })
    const second = await invoke('modes', 7)
    assert.deepEqual(first.payload.event, { a: [1, 'ü'] })
    assert.deepEqual(second.payload, { event: 7, count: first.payload.count + 1 })
    assert.deepEqual([first.status, first.error], [200, undefined])
  })

  test('no payload is an empty event, no answer is null', async () => {
    const answer = await cloud.lambda.send(new InvokeCommand({ FunctionName: 'modes' }))
    assert.deepEqual(JSON.parse(answer.Payload!.transformToString()).event, {})
    assert.equal(answer.ExecutedVersion, '$LATEST')
    assert.equal(answer.LogResult, undefined)
    assert.equal((await inMode('nothing')).payload, null)
  })

  test('the context has what AWS puts there', async () => {
    const { payload, requestId } = await inMode('context')
    const { left, logStreamName, ...rest } = payload
    assert.ok(left > 0 && left <= 1000)
    assert.match(logStreamName, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/)
    assert.deepEqual(rest, {
      functionVersion: '$LATEST',
      functionName: 'modes',
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/modes',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:modes',
      awsRequestId: requestId,
    })
  })

  test('the environment is AWS’s and the function’s, and nothing of ours', async () => {
    process.env.OF_THE_DAEMON = 'secret'
    const { payload } = await inMode('environment')
    assert.equal(payload.OF_THE_DAEMON, undefined)
    assert.equal(payload.HOME, undefined)
    assert.equal(payload.STAGE, 'dev')
    assert.equal(payload.AWS_REGION, 'eu-west-1')
    assert.equal(payload.AWS_EXECUTION_ENV, 'AWS_Lambda_nodejs24.x')
    assert.equal(payload.AWS_ENDPOINT_URL, cloud.url)
    assert.match(payload.AWS_ACCESS_KEY_ID, /^ASIA/)
    assert.equal(payload.NODE_EXTRA_CA_CERTS, `${cloud.dataDir}/ca.pem`)
  })

  test('an answer of 6 MB passes, a larger one does not', async () => {
    assert.equal((await inMode('large', { size: 6_291_554 })).payload.length, 6_291_554)
    const { error, payload } = await inMode('large', { size: 6_291_555 })
    assert.equal(error, 'Unhandled')
    assert.deepEqual(payload, {
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    })
  })
})

describe('failures', () => {
  test('a thrown error', async () => {
    const { status, error, payload, log } = await inMode('throw')
    assert.deepEqual([status, error], [200, 'Unhandled'])
    assert.deepEqual([payload.errorType, payload.errorMessage], ['TypeError', 'oops'])
    assert.equal(payload.trace[0], 'TypeError: oops')
    assert.match(log, /\tERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"oops"/)
  })

  test('what is no error', async () => {
    assert.deepEqual((await inMode('reject-text')).payload, {
      errorType: 'string',
      errorMessage: 'just text',
      trace: [],
    })
    assert.equal((await inMode('circular')).payload.errorMessage, 'Unable to stringify response body')
  })

  test('an error that nothing catches ends the process, and the next invocation has a new one', async () => {
    const { payload } = await inMode('uncaught')
    assert.deepEqual([payload.errorType, payload.errorMessage], ['RangeError', 'later'])
    assert.equal((await invoke('modes', {})).payload.count, 1)
  })

  test('exit codes', async () => {
    const none = await inMode('exit', { code: 0 })
    assert.deepEqual(none.payload, {
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${none.requestId} Error: Runtime exited without providing a reason`,
    })
    const three = await inMode('exit', { code: 3 })
    assert.match(three.payload.errorMessage, /Error: Runtime exited with error: exit status 3$/)
    assert.match(three.log, /Status: error\tError Type: Runtime.ExitError/)
  })

  test('a promise that never settles', async () => {
    assert.equal((await inMode('never')).payload.errorType, 'Runtime.NodeJsExit')
  })

  test('a time limit, while it waits and while it does not', async () => {
    for (const event of [{ mode: 'sleep', ms: 60_000 }, { mode: 'spin' }]) {
      const { error, payload, requestId, log } = await invoke('modes', event)
      assert.equal(error, 'Unhandled')
      const errorMessage = `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`
      assert.deepEqual(payload, { errorType: 'Sandbox.Timedout', errorMessage })
      assert.match(
        log,
        /Task timed out after 1.00 seconds\n\nEND.*\nREPORT .*Duration: 1000.00 ms.*Status: timeout/,
      )
    }
    assert.equal((await invoke('modes', {})).payload.count, 1)
  })

  test('more memory than it has', async () => {
    await create('hungry', MODES, { Timeout: 30 })
    const { payload } = await invoke('hungry', { mode: 'memory' })
    assert.equal(payload.errorType, 'Runtime.OutOfMemory')
    assert.match(payload.errorMessage, /Runtime exited with error: signal: killed$/)
  })
})

describe('initialization', () => {
  async function outcome(files: Record<string, string>, more: Partial<CreateFunctionCommandInput> = {}) {
    const name = `init-${Math.random().toString(36).slice(2)}`
    await create(name, '', { Code: { ZipFile: zipOf(files) }, ...more })
    const { error, payload } = await invoke(name, {})
    return error ? `${payload.errorType}: ${payload.errorMessage}` : payload
  }

  test('ESM and CommonJS are told apart as on AWS', async () => {
    const esm = 'export const handler = async () => typeof require'
    const cjs = 'exports.handler = async () => typeof require'
    assert.equal(await outcome({ 'index.mjs': esm }), 'undefined')
    assert.equal(await outcome({ 'index.js': cjs }), 'function')
    assert.equal(await outcome({ 'index.cjs': cjs }), 'function')
    assert.equal(await outcome({ 'index.js': esm, 'package.json': '{"type":"module"}' }), 'undefined')
    assert.match(String(await outcome({ 'index.js': esm })), /^Runtime.UserCodeSyntaxError: SyntaxError/)
  })

  test('handlers in folders and in objects', async () => {
    const code = 'exports.api = { get: async () => 1 }'
    assert.equal(await outcome({ 'src/a/index.js': code }, { Handler: 'src/a/index.api.get' }), 1)
    // AWS: a plain function's answer counts since nodejs24.x.
    assert.equal(await outcome({ 'index.mjs': 'export const handler = () => 2' }), 2)
  })

  test('what is not there', async () => {
    assert.match(
      String(await outcome({ 'other.mjs': '' })),
      /^Runtime.ImportModuleError: Error: Cannot find module 'index'/,
    )
    assert.match(
      String(await outcome({ 'index.mjs': '' })),
      /^Runtime.HandlerNotFound: index.handler is undefined or not exported$/,
    )
    assert.match(
      String(await outcome({ 'index.mjs': 'export const handler = 7' })),
      /^Runtime.HandlerNotFound: index.handler is not a function$/,
    )
    assert.match(
      String(await outcome({ 'index.mjs': '' }, { Handler: '../index.handler' })),
      /^Runtime.MalformedHandlerName/,
    )
  })

  test('a package that the zip lacks is not found in this project', async () => {
    const code = "import 'fflate'\nexport const handler = async () => 1"
    assert.match(String(await outcome({ 'index.mjs': code })), /^Error: Cannot find package 'fflate'/)
    const required = "require('fflate'); exports.handler = async () => 1"
    assert.match(String(await outcome({ 'index.js': required })), /^Runtime.ImportModuleError: .*'fflate'/)
  })

  test('an error on loading is tried twice, and told', async () => {
    await create('broken', "console.log('loading'); throw new Error('no start')")
    const { payload } = await invoke('broken', {})
    assert.deepEqual([payload.errorType, payload.errorMessage], ['Error', 'no start'])
    const lines = await linesOf('broken')
    assert.equal(lines.filter((line) => line.includes('loading')).length, 2)
    assert.match(lines.join(''), /Phase: init\tStatus: error\tError Type: Error\n/)
    assert.match(lines.join(''), /Phase: invoke\tStatus: error\tError Type: Error\n/)
  })

  test('callbacks: refused by nodejs24.x, taken by nodejs22.x', async () => {
    const code = 'export const handler = (event, context, callback) => { callback(null, "called") }'
    assert.match(
      String(await outcome({ 'index.mjs': code })),
      /^Runtime.CallbackHandlerDeprecated: ERROR: AWS Lambda has removed/,
    )
    assert.equal(await outcome({ 'index.mjs': code }, { Runtime: 'nodejs22.x' }), 'called')
    // AWS: up to nodejs22.x what a plain function returns is lost.
    const plain = { 'index.mjs': 'export const handler = () => 2' }
    assert.equal(await outcome(plain, { Runtime: 'nodejs22.x' }), null)
    const late =
      'export const handler = (e, c, done) => { setTimeout(() => { e.late = true }, 20); done(null, e) }'
    assert.deepEqual(await outcome({ 'index.mjs': late }, { Runtime: 'nodejs22.x' }), { late: true })
  })
})

async function linesOf(name: string): Promise<string[]> {
  const { events } = await cloud.logs.send(
    new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}` }),
  )
  return events!.map(({ message }) => message!)
}

describe('logs', () => {
  test('an invocation’s lines are AWS’s', async () => {
    await create('logging', MODES)
    const { log, requestId } = await invoke('logging', { mode: 'log' })
    const lines = await linesOf('logging')
    assert.match(lines[0]!, /^INIT_START Runtime Version: nodejs:24/)
    assert.equal(lines[1], `START RequestId: ${requestId} Version: $LATEST\n`)
    assert.match(lines[2]!, new RegExp(`^\\S+Z\\t${requestId}\\tINFO\\ta b\\nc \\{ d: 1 \\}\\n$`))
    assert.match(lines[3]!, new RegExp(`^\\S+Z\\t${requestId}\\tERROR\\tbad\\n$`))
    const end = lines.slice(4)
    assert.equal(end[0], `END RequestId: ${requestId}\n`)
    assert.match(
      end[1]!,
      /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n$/,
    )
    assert.equal(log, lines.slice(1).join(''))
  })

  test('without a log group they are lost, and the function runs', async () => {
    await cloud.lambda.send(new CreateFunctionCommand(functionInput('silent', MODES)))
    assert.equal((await invoke('silent', { mode: 'log' })).payload, null)
    assert.deepEqual(cloud.logsService.read('eu-west-1', '/aws/lambda/silent', 0), [])
  })
})

describe('kinds of invocation', { timeout: 30_000 }, () => {
  test('Event answers at once and runs afterwards', async () => {
    await create('later', 'export const handler = async (event) => console.log("ran", event.n)')
    const input = { FunctionName: 'later', InvocationType: 'Event', Payload: '{"n":5}' } as const
    const answer = await cloud.lambda.send(new InvokeCommand(input))
    assert.equal(answer.StatusCode, 202)
    while (!(await linesOf('later')).some((line) => line.startsWith('REPORT'))) await pause()
    assert.ok((await linesOf('later')).some((line) => line.includes('ran 5')))
  })

  test('an Event that fails is tried three times under one request', async () => {
    const fast = await startFunctionCloud({ scale: 6000 })
    const name = 'failing'
    await fast.logs.send(new CreateLogGroupCommand({ logGroupName: `/aws/lambda/${name}` }))
    const code = 'export const handler = async () => { throw new Error("again") }'
    await fast.lambda.send(new CreateFunctionCommand(functionInput(name, code)))
    const { $metadata } = await fast.lambda.send(
      new InvokeCommand({ FunctionName: name, InvocationType: 'Event' }),
    )
    const messages = () =>
      fast.logsService.read('eu-west-1', `/aws/lambda/${name}`, 0).map(({ message }) => message)
    while (messages().filter((line) => line.startsWith('REPORT')).length < 3) await pause()
    const starts = messages().filter((line) => line.startsWith('START'))
    assert.deepEqual(starts, Array(3).fill(`START RequestId: ${$metadata.requestId} Version: $LATEST`))
    await fast.close()
  })

  test('DryRun runs nothing', async () => {
    const { payload } = await invoke('modes', {})
    const input = { FunctionName: 'modes', InvocationType: 'DryRun' } as const
    assert.equal((await cloud.lambda.send(new InvokeCommand(input))).StatusCode, 204)
    assert.equal((await invoke('modes', {})).payload.count, payload.count + 1)
  })
})

const pause = () => new Promise((resolve) => setTimeout(resolve, 10))
