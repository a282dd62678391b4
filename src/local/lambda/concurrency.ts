// Reserved concurrency: what a function keeps of the account's concurrent executions, and may not pass.
// host.ts holds invocations to it.
import type {
  DeleteFunctionConcurrencyCommandInput,
  GetFunctionConcurrencyCommandInput,
  PutFunctionConcurrencyCommandInput,
} from '@aws-sdk/client-lambda'
import type { Call } from '../ports.js'
import type { FunctionRecord } from './function.js'
import { functionArn, functionNotFound, parseFunctionName } from './function-name.js'
import { ACCOUNT_CONCURRENCY } from './host.js'
import { invalid } from './input.js'
import { functionKey, keep, type LambdaState, refusePending, reservedIn } from './state.js'

// AWS: what must be left for functions that reserve nothing.
const MIN_UNRESERVED = 100

/** The operations on reserved concurrency. */
export function concurrencyOperations(state: LambdaState) {
  return {
    PutFunctionConcurrency(input: PutFunctionConcurrencyCommandInput, call: Call) {
      const fn = unqualified(state, call, input.FunctionName!)
      refusePending(state, fn)
      const wanted = input.ReservedConcurrentExecutions!
      const others = reservedIn(state, call.region) - (fn.reservedConcurrency ?? 0)
      if (ACCOUNT_CONCURRENCY - others - wanted < MIN_UNRESERVED) {
        throw invalid(
          "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution " +
            `below its minimum value of [${MIN_UNRESERVED}].`,
        )
      }
      keep(state, { ...fn, reservedConcurrency: wanted })
      return { ReservedConcurrentExecutions: wanted }
    },

    GetFunctionConcurrency(input: GetFunctionConcurrencyCommandInput, call: Call) {
      const { reservedConcurrency } = unqualified(state, call, input.FunctionName!)
      return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }
    },

    DeleteFunctionConcurrency(input: DeleteFunctionConcurrencyCommandInput, call: Call) {
      const { reservedConcurrency: _, ...fn } = unqualified(state, call, input.FunctionName!)
      keep(state, fn)
      return {}
    },
  }
}

function unqualified(state: LambdaState, call: Call, functionName: string): FunctionRecord {
  const place = { region: call.region, account: state.world.account }
  const { name, qualifier } = parseFunctionName(functionName, undefined, place)
  if (qualifier) {
    throw invalid(
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. ' +
        'Please specify either a function name or an unqualified function ARN.',
    )
  }
  const fn = state.functions.get(functionKey(call.region, name))
  // AWS: these operations name the version that was not found.
  if (!fn) throw functionNotFound(functionArn(place, name), '$LATEST')
  return fn
}
