// Invoke in its three kinds, and API Gateway's invocations: who may, with what, and what comes back.
// The running itself is host.ts's, retries of events are event-queue.ts's.
import { randomUUID } from 'node:crypto'
import type { InvokeCommandInput, InvokeCommandOutput } from '@aws-sdk/client-lambda'
import type { Call, Invocation, LambdaPort } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { EventQueue } from './event-queue.js'
import type { Outcome } from './execution-environment.js'
import type { FunctionRecord } from './function.js'
import { functionArn, functionNotFound, parseFunctionName } from './function-name.js'
import { unsupported, violation } from './input.js'
import { allowsInvoke } from './policy.js'
import { functionKey, functionOf, functionsIn, type LambdaState, refusePending } from './state.js'

// AWS: lambda/latest/dg/gettingstarted-limits, "Invocation payload"; events since October 2025.
const MAX_REQUEST_BYTES = 6_291_456
const MAX_EVENT_BYTES = 1_048_576

type Invoked = Omit<InvokeCommandOutput, '$metadata'>

/** The operation Invoke. */
export function invokeOperations(state: LambdaState, queue: EventQueue) {
  return {
    async Invoke(input: InvokeCommandInput, call: Call): Promise<Invoked> {
      refuseUnsupported(input)
      const fn = invoked(state, call, input)
      const payload = payloadOf(input)
      if (input.InvocationType === 'DryRun') return { StatusCode: 204 }
      // AWS: during an update, invocations go on with what was live before.
      refusePending(state, fn)
      if (input.InvocationType === 'Event') {
        queue.add(fn, { requestId: call.requestId, payload })
        return { StatusCode: 202 }
      }
      const outcome = await runFunction(state, fn, { requestId: call.requestId, payload })
      return answerOf(outcome, input.LogType === 'Tail')
    },
  }
}

/** Runs one invocation of a function. Throws TooManyRequestsException. */
export function runFunction(
  state: LambdaState,
  fn: FunctionRecord,
  request: { requestId: string; payload: string },
): Promise<Outcome> {
  return state.host.invoke(fn, functionsIn(state, fn.region), request)
}

function answerOf(outcome: Outcome, withLog: boolean): Invoked {
  return {
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    ...(outcome.error && { FunctionError: outcome.error }),
    ...(withLog && { LogResult: outcome.logTail }),
    // The SDK's type of a payload that it has read has helpers of its own, which the wire does without.
    Payload: Buffer.from(outcome.payload) as Uint8Array as NonNullable<Invoked['Payload']>,
  }
}

// AWS: an unqualified name that is not found is answered with its $LATEST.
function invoked(state: LambdaState, call: Call, input: InvokeCommandInput): FunctionRecord {
  const place = { region: call.region, account: state.world.account }
  const { name, qualifier } = parseFunctionName(input.FunctionName!, input.Qualifier, place)
  if (!state.functions.has(functionKey(call.region, name))) {
    throw functionNotFound(functionArn(place, name), qualifier ?? '$LATEST')
  }
  return functionOf(state, call, input)
}

function refuseUnsupported(input: InvokeCommandInput): void {
  const { InvocationType: type, LogType: logType } = input
  if (type && !['Event', 'RequestResponse', 'DryRun'].includes(type)) {
    throw violation(type, 'invocationType', 'satisfy enum value set: [Event, RequestResponse, DryRun]')
  }
  if (logType && !['None', 'Tail'].includes(logType)) {
    throw violation(logType, 'logType', 'satisfy enum value set: [None, Tail]')
  }
  if (input.ClientContext) throw unsupported('ClientContext')
  if (input.TenantId) throw unsupported('TenantId')
  if (input.DurableExecutionName) throw unsupported('DurableExecutionName')
}

/** The event as JSON text; without one it is empty. */
function payloadOf({ Payload: given, InvocationType: type }: InvokeCommandInput): string {
  const bytes = Buffer.from((given as Uint8Array | undefined) ?? [])
  if (type === 'Event' && bytes.byteLength > MAX_EVENT_BYTES) {
    const size = `${bytes.byteLength} byte payload`
    throw requestTooLarge(
      `${size} is too large for the Event invocation type (limit ${MAX_EVENT_BYTES} bytes)`,
    )
  }
  if (bytes.byteLength > MAX_REQUEST_BYTES) {
    throw requestTooLarge(
      `Request must be smaller than ${MAX_REQUEST_BYTES} bytes for the InvokeFunction operation`,
    )
  }
  if (!bytes.byteLength) return '{}'
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    JSON.parse(text)
    return text
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `Could not parse request body into json: Could not parse payload into json: ${reason}`
    throw new AwsError('InvalidRequestContentException', message)
  }
}

const requestTooLarge = (message: string) => new AwsError('RequestEntityTooLargeException', message, 413)

/** What API Gateway asks of Lambda. */
export function lambdaPort(state: LambdaState): LambdaPort {
  return {
    async invokeForApi({ functionArn: arn, sourceArn, payload }): Promise<Invocation> {
      const region = arn.split(':')[3] ?? ''
      const { account } = state.world
      const { name, qualifier } = parseFunctionName(arn, undefined, { region, account })
      const fn = state.functions.get(functionKey(region, name))
      if (!fn || (qualifier && qualifier !== '$LATEST')) throw functionNotFound(arn)
      const caller = { service: 'apigateway.amazonaws.com', sourceArn, sourceAccount: account }
      if (!allowsInvoke(fn.policy, caller)) {
        const message = `${caller.service} is not authorized to perform: lambda:InvokeFunction on resource: ${fn.arn}`
        throw new AwsError('AccessDeniedException', message, 403)
      }
      refusePending(state, fn)
      if (Buffer.byteLength(payload) > MAX_REQUEST_BYTES) {
        throw requestTooLarge(
          `Request must be smaller than ${MAX_REQUEST_BYTES} bytes for the InvokeFunction operation`,
        )
      }
      const outcome = await runFunction(state, fn, { requestId: randomUUID(), payload })
      return { payload: outcome.payload, ...(outcome.error && { error: outcome.error }) }
    },
  }
}
