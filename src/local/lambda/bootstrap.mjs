// The runtime inside a function's process: what AWS's nodejs22.x and nodejs24.x runtimes do between the Runtime API
// and the handler. Plain JavaScript without dependencies, since bare Node.js runs it beside the built daemon.
// runtime-process.ts starts it; the daemon's side of the conversation is runtime-api.ts's.
import { existsSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import { basename, dirname, resolve as resolvePath } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

/** Error types of the runtime itself, by the names that AWS gives them. */
class RuntimeError extends Error {
  constructor(name, message) {
    super(message)
    this.name = `Runtime.${name}`
  }
}

// AWS: handlers with a callback have been refused since nodejs24.x.
const TAKES_CALLBACKS = process.env.AWS_EXECUTION_ENV === 'AWS_Lambda_nodejs22.x'
const CALLBACK_DEPRECATED =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to ' +
  'modify this function to use a supported handler signature to use Node.js 24 or later. For more information see ' +
  'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.'
const NEVER_SETTLED =
  'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that ' +
  'was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes'

// --- The watch: a thread of its own, so that a handler that never yields cannot keep it from its work. ---

const LIFELINE = 3

/** Ends this process with the daemon's (its end of the pipe closes then), or when it needs too much memory. */
function watch({ maxBytes }) {
  const die = () => process.kill(process.pid, 'SIGKILL')
  new Socket({ fd: LIFELINE, readable: true, writable: false }).on('close', die).on('error', die).resume()
  setInterval(() => process.memoryUsage.rss() > maxBytes && die(), 100)
}

function startWatch() {
  const data = { maxBytes: Number(process.argv[2]) }
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 }
  const options = { workerData: data, resourceLimits, execArgv: [] }
  new Worker(fileURLToPath(import.meta.url), options).on('error', () => process.exit(1)).unref()
}

// --- The conversation with the Runtime API. ---

const [HOST, SECRET] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split('/')
// An idle socket of this agent does not keep the process from noticing that it has nothing left to do.
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** Calls the Runtime API. Without a daemon there is nothing left to do: the process ends. */
async function call(method, path, body) {
  const [hostname, port] = HOST.split(':')
  const memory = { 'multiregion-max-memory-mb': Math.ceil(process.resourceUsage().maxRSS / 1024) }
  const headers = body === undefined ? memory : { ...memory, 'content-length': Buffer.byteLength(body) }
  const url = { hostname, port, path: `/${SECRET}/2018-06-01/runtime/${path}`, method, headers, agent }
  try {
    const response = await new Promise((resolve, reject) => {
      request(url, resolve).on('error', reject).end(body)
    })
    const chunks = []
    for await (const chunk of response) chunks.push(chunk)
    return { headers: response.headers, body: Buffer.concat(chunks).toString() }
  } catch {
    process.exit(1)
  }
}

/** An error as the Invoke API's payload shows it. */
function errorDocument(error) {
  if (error instanceof Error || (error?.name && error?.message && error?.stack)) {
    return JSON.stringify({
      errorType: error.name,
      errorMessage: error.message,
      trace: String(error.stack).split('\n'),
    })
  }
  return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] })
}

// --- The console: AWS's lines, `time<TAB>request<TAB>level<TAB>text`. ---

let currentRequest

function writeLine(level, ...parts) {
  // A carriage return stands for a line end within one entry; the daemon turns it back.
  const text = format(...parts).replaceAll('\n', '\r')
  process.stdout.write(`${new Date().toISOString()}\t${currentRequest}\t${level}\t${text}\n`)
}

function patchConsole() {
  const levels = {
    log: 'INFO',
    info: 'INFO',
    debug: 'DEBUG',
    trace: 'TRACE',
    warn: 'WARN',
    error: 'ERROR',
    fatal: 'FATAL',
  }
  for (const [method, level] of Object.entries(levels))
    console[method] = (...parts) => writeLine(level, ...parts)
}

function logError(what, thrown) {
  const error = thrown instanceof Error ? thrown : new Error(thrown)
  const { name, message, code, stack } = error
  const shown = { errorType: name, errorMessage: message, code, ...error, stack: stack?.split('\n') }
  writeLine('ERROR', what, `\t${JSON.stringify(shown)}`)
}

// --- The handler's module. ---

const require = createRequire(import.meta.url)

/** Whether the nearest package.json above a file says `"type": "module"`. */
function isModulePackage(folder) {
  const path = resolvePath(folder, 'package.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')).type === 'module'
  const parent = dirname(folder)
  return parent !== folder && !folder.endsWith('/node_modules') && isModulePackage(parent)
}

/** AWS: without extension, `.js` (a module by its package.json), `.mjs`, `.cjs`, and last as a package. */
async function loadModule(root, file) {
  const path = resolvePath(root, file)
  const load = (name) => import(pathToFileURL(name).href)
  if (existsSync(path)) return require(path)
  if (existsSync(`${path}.js`)) {
    return isModulePackage(dirname(path)) ? load(`${path}.js`) : require(`${path}.js`)
  }
  if (existsSync(`${path}.mjs`)) return load(`${path}.mjs`)
  if (existsSync(`${path}.cjs`)) return require(`${path}.cjs`)
  return require(require.resolve(file, { paths: [root] }))
}

async function loadHandler(root, name) {
  if (name.includes('..')) {
    const hint = 'Use absolute paths when specifying root directories in handler names.'
    throw new RuntimeError('MalformedHandlerName', `'${name}' is not a valid handler name. ${hint}`)
  }
  const last = basename(name)
  const [, file, path] = /^([^.]*)\.(.*)$/.exec(last) ?? []
  if (!file) throw new RuntimeError('MalformedHandlerName', 'Bad handler')
  let module
  try {
    module = await loadModule(root, name.slice(0, name.length - last.length) + file)
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('UserCodeSyntaxError', String(error))
    if (error?.code === 'MODULE_NOT_FOUND') throw new RuntimeError('ImportModuleError', String(error))
    throw error
  }
  const handler = path.split('.').reduce((value, key) => value?.[key], module)
  if (!handler) throw new RuntimeError('HandlerNotFound', `${name} is undefined or not exported`)
  if (typeof handler !== 'function') throw new RuntimeError('HandlerNotFound', `${name} is not a function`)
  if (!TAKES_CALLBACKS && handler.length >= 3)
    throw new RuntimeError('CallbackHandlerDeprecated', CALLBACK_DEPRECATED)
  return handler
}

// --- Invocations, one at a time. ---

/** Called when the process has nothing left to do while a handler has not answered. */
let whenIdle

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms'])
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  }
}

function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    whenIdle = () => reject(new RuntimeError('NodeJsExit', NEVER_SETTLED))
    if (TAKES_CALLBACKS) return runWithCallback(handler, event, context, { resolve, reject })
    Promise.resolve(handler(event, context)).then(resolve, reject)
  })
}

/** AWS: up to nodejs22.x a callback's answer waits for an empty event loop, and what a plain function returns is lost. */
function runWithCallback(handler, event, context, { resolve, reject }) {
  const done = (error, result) => (error == null ? resolve(result) : reject(error))
  Object.assign(context, {
    callbackWaitsForEmptyEventLoop: true,
    done,
    succeed: (result) => done(null, result),
    fail: (error) => done(error ?? 'handled'),
  })
  const callback = (error, result) => {
    if (error == null && context.callbackWaitsForEmptyEventLoop) whenIdle = () => resolve(result)
    else done(error, result)
  }
  if (handler.constructor.name !== 'AsyncFunction') whenIdle = () => resolve(null)
  const returned = handler(event, context, callback)
  if (typeof returned?.then === 'function') returned.then(resolve, reject)
}

function serialize(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null'
  } catch {
    throw new Error('Unable to stringify response body')
  }
}

async function serveNext(handler) {
  const { headers, body } = await call('GET', 'invocation/next')
  currentRequest = headers['lambda-runtime-aws-request-id']
  try {
    const result = serialize(await run(handler, JSON.parse(body), contextOf(headers)))
    await call('POST', `invocation/${currentRequest}/response`, result)
  } catch (error) {
    logError('Invoke Error', error)
    await call('POST', `invocation/${currentRequest}/error`, errorDocument(error))
  }
  whenIdle = undefined
}

/** Reports an error that nothing caught, and ends the process as AWS's runtime does. */
async function fail(what, error, exitCode) {
  logError(what, error)
  const path = currentRequest ? `invocation/${currentRequest}/error` : 'init/error'
  await call('POST', path, errorDocument(error))
  process.exit(exitCode)
}

async function main() {
  startWatch()
  patchConsole()
  process.on('beforeExit', () => whenIdle?.())
  process.on('uncaughtException', (error) => fail('Uncaught Exception', error, 129))
  process.on('unhandledRejection', (reason) => {
    const error = new RuntimeError('UnhandledPromiseRejection', String(reason))
    return fail('Unhandled Promise Rejection', Object.assign(error, { reason }), 128)
  })
  let handler
  try {
    handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER)
  } catch (error) {
    return fail(TAKES_CALLBACKS ? 'Uncaught Exception' : 'Init Error', error, 1)
  }
  for (;;) await serveNext(handler)
}

if (isMainThread) await main()
else watch(workerData)
