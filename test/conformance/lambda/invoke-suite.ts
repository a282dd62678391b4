// Lambda: Invoke in its three kinds, and how functions fail.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { IAM } from '@aws-sdk/client-iam'
import { type InvokeCommandInput, Lambda } from '@aws-sdk/client-lambda'
import { IRELAND, type TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { ServiceSuite } from '../suite.js'
import { active, arnOf, createArguments, fileOf, inputOf, invoke } from './function.js'
import { PENDING } from './function-suite.js'

const FAILING = `export const handler = async ({ how }) => {
  if (how === 'throw') throw new TypeError('oops')
  if (how === 'exit') process.exit(3)
  if (how === 'sleep') await new Promise((resolve) => setTimeout(resolve, 60_000))
  if (how === 'large') return 'x'.repeat(6_291_556)
  if (how === 'memory') { const kept = []; for (;;) kept.push(Buffer.alloc(5_000_000, 1)) }
}`

const functions = new WeakMap<TestCloud, Promise<Lambda>>()

/** A function that fails as its event says, made once in a cloud. */
function failing(cloud: TestCloud): Promise<Lambda> {
  const known = functions.get(cloud) ?? active(cloud, 'failing', FAILING, { Timeout: 1 })
  functions.set(cloud, known)
  return known
}

const refusedInvoke = async (
  cloud: TestCloud,
  input: Partial<InvokeCommandInput>,
  code: string,
  message: string | RegExp,
) => refused((await failing(cloud)).invoke({ FunctionName: 'failing', ...input }), code, message)

/** The lines that a function has logged, as the cloud itself knows them. */
const linesOf = (cloud: TestCloud, name: string) =>
  cloud.cloud.logs.read(IRELAND, `/aws/lambda/${name}`, 0).map(({ message }) => message)

const turn = () => new Promise((resolve) => setTimeout(resolve, 10))

export const invokeOperations: ServiceSuite['operations'] = {
  Invoke: {
    happy: {
      'RequestResponse answers 200 with the payload and the version that ran': async (cloud) => {
        await active(cloud, 'echo')
        const { StatusCode, ExecutedVersion, payload, log } = await invoke(cloud, 'echo', { a: ['ü'] })
        assert.deepEqual(
          [StatusCode, ExecutedVersion, payload, log],
          [200, '$LATEST', { a: ['ü'] }, undefined],
        )
      },
      'a function runs under its role whatever the length of its name': async (cloud) => {
        for (const name of ['f', 'f'.repeat(64)]) {
          await active(cloud, name)
          assert.equal((await invoke(cloud, name, 1)).payload, 1)
        }
      },
      'no payload is an empty event': async (cloud) => {
        const lambda = await active(cloud, 'empty')
        const { Payload } = await lambda.invoke({ FunctionName: 'empty' })
        assert.equal(Payload!.transformToString(), '{}')
      },
      'with LogType Tail the invocation’s log comes along: START, the function’s lines, END, REPORT': async (
        cloud,
      ) => {
        await active(cloud, 'logging', 'export const handler = async () => console.log("hi")')
        const { log, requestId } = await invoke(cloud, 'logging', {}, { LogType: 'Tail' })
        const [start, line, end, report] = log!.split('\n')
        assert.equal(start, `START RequestId: ${requestId} Version: $LATEST`)
        assert.match(line!, new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\t${requestId}\\tINFO\\thi$`))
        assert.equal(end, `END RequestId: ${requestId}`)
        assert.match(
          report!,
          new RegExp(
            `^REPORT RequestId: ${requestId}\\tDuration: [\\d.]+ ms\\tBilled Duration: \\d+ ms\\tMemory Size: 128 MB\\tMax Memory Used: \\d+ MB\\tInit Duration: [\\d.]+ ms\\t$`,
          ),
        )
      },
      'DryRun answers 204 and runs nothing': async (cloud) => {
        await failing(cloud)
        const { StatusCode } = await invoke(cloud, 'failing', { how: 'exit' }, { InvocationType: 'DryRun' })
        assert.equal(StatusCode, 204)
      },
      'Event answers 202 before it runs; a failing one is tried again after one minute and two more': async (
        cloud,
      ) => {
        const logGroupName = '/aws/lambda/event'
        await cloud.client(CloudWatchLogs).createLogGroup({ logGroupName })
        await active(cloud, 'event', 'export const handler = async () => { throw new Error("no") }')
        const { StatusCode, payload } = await invoke(cloud, 'event', {}, { InvocationType: 'Event' })
        assert.deepEqual([StatusCode, payload], [202, undefined])
        const runs = () => linesOf(cloud, 'event').filter((line) => line.startsWith('REPORT')).length
        for (const [wait, expected] of [
          [0, 1],
          [60, 2],
          [120, 3],
        ] as const) {
          // A moment, so that what followed the last run is done.
          await turn()
          await cloud.pass(wait)
          while (runs() < expected) await turn()
        }
        await turn()
        await cloud.pass(1000)
        assert.equal(runs(), 3)
      },
    },
    validation: {
      'a payload that is no JSON is refused': (cloud) =>
        refusedInvoke(
          cloud,
          { Payload: '{' },
          'InvalidRequestContentException',
          /^Could not parse request body into json: Could not parse payload into json: /,
        ),
      'a call carries at most 6 MB': (cloud) =>
        refusedInvoke(
          cloud,
          { Payload: JSON.stringify('x'.repeat(6_291_455)) },
          'RequestEntityTooLargeException',
          'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
        ),
      'an event carries at most 1 MB': (cloud) =>
        refusedInvoke(
          cloud,
          { Payload: JSON.stringify('x'.repeat(1_048_575)), InvocationType: 'Event' },
          'RequestEntityTooLargeException',
          '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
        ),
    },
    state: {
      'a function that is Pending is not invoked, in any way that runs it': async (cloud) => {
        await cloud.client(Lambda).createFunction(await inputOf(cloud, 'pending'))
        for (const InvocationType of ['RequestResponse', 'Event'] as const)
          await refused(
            invoke(cloud, 'pending', {}, { InvocationType }),
            'ResourceConflictException',
            PENDING,
          )
      },
      'an absent or deleted function is not found, as its $LATEST; an alias under its own name': async (
        cloud,
      ) => {
        const lambda = await active(cloud, 'gone')
        await lambda.deleteFunction({ FunctionName: 'gone' })
        for (const [name, shown] of [
          ['absent', 'absent:$LATEST'],
          ['gone', 'gone:$LATEST'],
          ['absent:live', 'absent:live'],
        ] as const)
          await refused(
            invoke(cloud, name),
            'ResourceNotFoundException',
            `Function not found: ${arnOf(shown)}`,
          )
      },
      'an error of the handler is 200 with FunctionError Unhandled and its name, message and trace': async (
        cloud,
      ) => {
        await failing(cloud)
        const { StatusCode, FunctionError, payload } = await invoke(cloud, 'failing', { how: 'throw' })
        const { trace, ...rest } = payload
        assert.deepEqual([StatusCode, FunctionError], [200, 'Unhandled'])
        assert.deepEqual(rest, { errorType: 'TypeError', errorMessage: 'oops' })
        assert.equal(trace[0], 'TypeError: oops')
      },
      'one that takes too long times out, and the next one starts cold': async (cloud) => {
        await failing(cloud)
        const slow = await invoke(cloud, 'failing', { how: 'sleep' }, { LogType: 'Tail' })
        assert.deepEqual(slow.payload, {
          errorType: 'Sandbox.Timedout',
          errorMessage: `RequestId: ${slow.requestId} Error: Task timed out after 1.00 seconds`,
        })
        assert.match(slow.log!, /Task timed out after 1.00 seconds\n\nEND .*\nREPORT .*Status: timeout\t\n$/)
        const next = await invoke(cloud, 'failing', {}, { LogType: 'Tail' })
        assert.match(next.log!, /Init Duration/)
      },
      'one that ends its process or needs too much memory fails by name': async (cloud) => {
        await failing(cloud)
        const exited = await invoke(cloud, 'failing', { how: 'exit' })
        assert.deepEqual(exited.payload, {
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${exited.requestId} Error: Runtime exited with error: exit status 3`,
        })
        await active(cloud, 'hungry', FAILING, { Timeout: 60 })
        const { payload } = await invoke(cloud, 'hungry', { how: 'memory' })
        assert.equal(payload.errorType, 'Runtime.OutOfMemory')
      },
      'an answer of more than 6 MB is an error of the function': async (cloud) => {
        await failing(cloud)
        const { FunctionError, payload } = await invoke(cloud, 'failing', { how: 'large' })
        assert.deepEqual([FunctionError, payload.errorType], ['Unhandled', 'Function.ResponseSizeTooLarge'])
      },
      'once its role is gone, a function cannot start': async (cloud) => {
        await active(cloud, 'roleless')
        await cloud.client(IAM).deleteRole({ RoleName: 'function' })
        await refused(
          invoke(cloud, 'roleless'),
          'AccessDeniedException',
          'The role defined for the function cannot be assumed by Lambda.',
        )
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-invoke'))
      const event = fileOf('event.json', '{"n":1}')
      const out = fileOf('answer.json', '')
      const answer = (await aws.run([
        ...['lambda', 'invoke', '--function-name', 'cli-invoke', '--payload', `fileb://${event}`],
        ...['--log-type', 'Tail', out],
      ])) as { StatusCode: number; LogResult: string }
      assert.equal(answer.StatusCode, 200)
      assert.equal(readFileSync(out, 'utf8'), '{"n":1}')
      assert.match(Buffer.from(answer.LogResult, 'base64').toString(), /^START RequestId: /)
    },
  },
}
