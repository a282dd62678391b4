// Lambda as API Gateway meets it: behind the same faults as callers from outside, where they name Lambda.
import type { CallFaults, LambdaPort } from '../ports.js'
import { AwsError, NoAnswer } from '../wire/errors.js'

export function faultyLambda(lambda: LambdaPort, faults: CallFaults): LambdaPort {
  return {
    async invokeForApi(request) {
      const region = request.functionArn.split(':')[3] ?? ''
      const call = { plane: 'data', region, service: 'lambda', operation: 'Invoke', within: true } as const
      try {
        return await faults.pass(call, () => lambda.invokeForApi(request), refuse)
      } catch (error) {
        if (error instanceof NoAnswer && error.how === 'hang') await end(error.over)
        throw error
      }
    },
  }
}

function refuse(fault: 'throttle' | 500 | 503): never {
  if (fault === 'throttle') throw new AwsError('TooManyRequestsException', 'Rate exceeded', 429)
  throw new AwsError('ServiceException', 'Service encountered an internal error', fault)
}

const end = (over: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (over.aborted) resolve()
    else over.addEventListener('abort', () => resolve(), { once: true })
  })
