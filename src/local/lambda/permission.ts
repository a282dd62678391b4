// The operations on a function's resource policy. What a statement says and whom it lets in is policy.ts's.
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type {
  AddPermissionCommandInput,
  GetPolicyCommandInput,
  RemovePermissionCommandInput,
} from '@aws-sdk/client-lambda'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import { type FunctionRecord, revisionOf } from './function.js'
import { functionArn, functionNotFound, parseFunctionName } from './function-name.js'
import { invalid } from './input.js'
import { type PolicyStatement, statementOf } from './policy.js'
import { functionKey, functionOf, keep, type LambdaState, refusePending } from './state.js'

// AWS: the whole policy.
const MAX_POLICY_BYTES = 20_480
/** Real time between the read of a policy and its write, under every profile: two writers must be able to meet. */
const WRITE_AFTER_MS = 10

/** The operations on resource policies. */
export function permissionOperations(state: LambdaState) {
  return {
    async AddPermission(input: AddPermissionCommandInput, call: Call) {
      const fn = permitted(state, call, input)
      refusePending(state, fn)
      checkRevision(state, fn, input.RevisionId)
      const sid = input.StatementId!
      if (fn.policy.some(({ Sid }) => Sid === sid)) throw existingStatement(sid)
      const statement = statementOf(input, fn.arn)
      await write(state, fn, [...fn.policy, statement])
      return { Statement: JSON.stringify(statement) }
    },

    async RemovePermission(input: RemovePermissionCommandInput, call: Call) {
      const fn = find(state, call, input)
      if (!fn) throw notFound(`No policy found for: ${arnOf(state, call, input)}`)
      if (!fn.policy.length) throw notFound('No policy is associated with the given resource.')
      checkRevision(state, fn, input.RevisionId)
      const left = fn.policy.filter(({ Sid }) => Sid !== input.StatementId)
      if (left.length === fn.policy.length) {
        throw notFound(`Statement ${input.StatementId} is not found in resource policy.`)
      }
      await write(state, fn, left)
      return {}
    },

    GetPolicy(input: GetPolicyCommandInput, call: Call) {
      const fn = find(state, call, input)
      // AWS: the same words whether the function or its policy is absent.
      if (!fn?.policy.length) throw notFound('The resource you requested does not exist.')
      const policy = JSON.stringify(documentOf(fn.policy))
      return { Policy: policy, RevisionId: revisionOf(fn, state.world.clock.now()) }
    },
  }
}

/**
 * AWS: two writers at once read the same policy, and the later one's write loses the other's statement, silently; or
 * the later one is refused. Which of the two is by chance, as nothing says when it is which.
 */
async function write(
  state: LambdaState,
  read: FunctionRecord,
  policy: readonly PolicyStatement[],
): Promise<void> {
  const bytes = Buffer.byteLength(JSON.stringify(documentOf(policy)))
  if (bytes > MAX_POLICY_BYTES) {
    const message = `The final policy size (${bytes}) is bigger than the limit (${MAX_POLICY_BYTES}).`
    throw new AwsError('PolicyLengthExceededException', message)
  }
  await setTimeout(WRITE_AFTER_MS)
  const fn = state.functions.get(functionKey(read.region, read.name))
  if (!fn) throw functionNotFound(read.arn)
  if (fn.revisionId !== read.revisionId && state.world.random() < 0.5) {
    const message = 'The function could not be updated due to a concurrent update operation.'
    throw new AwsError('ResourceConflictException', message, 409)
  }
  keep(state, { ...fn, policy, revisionId: randomUUID() })
}

const documentOf = (policy: readonly PolicyStatement[]) => ({
  Version: '2012-10-17',
  Id: 'default',
  Statement: policy,
})

const notFound = (message: string) => new AwsError('ResourceNotFoundException', message, 404)

function existingStatement(sid: string): AwsError {
  const message = `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`
  return new AwsError('ResourceConflictException', message, 409)
}

interface Named {
  FunctionName?: string | undefined
  Qualifier?: string | undefined
}

function permitted(state: LambdaState, call: Call, input: Named): FunctionRecord {
  const fn = functionOf(state, call, input)
  if (input.Qualifier === '$LATEST' || input.FunctionName!.endsWith(':$LATEST')) {
    throw invalid('We currently do not support adding policies for $LATEST.')
  }
  return fn
}

/** The function, or undefined when there is none of that name and qualifier. */
function find(state: LambdaState, call: Call, input: Named): FunctionRecord | undefined {
  const place = { region: call.region, account: state.world.account }
  const { name, qualifier } = parseFunctionName(input.FunctionName!, input.Qualifier, place)
  return qualifier && qualifier !== '$LATEST'
    ? undefined
    : state.functions.get(functionKey(call.region, name))
}

function arnOf(state: LambdaState, call: Call, input: Named): string {
  const place = { region: call.region, account: state.world.account }
  const { name, qualifier } = parseFunctionName(input.FunctionName!, input.Qualifier, place)
  return qualifier ? `${functionArn(place, name)}:${qualifier}` : functionArn(place, name)
}

function checkRevision(state: LambdaState, fn: FunctionRecord, revisionId: string | undefined): void {
  if (revisionId === undefined || revisionId === revisionOf(fn, state.world.clock.now())) return
  const message =
    'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id'
  throw new AwsError('PreconditionFailedException', message, 412)
}
