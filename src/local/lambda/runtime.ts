// Which runtimes AWS has, which of them still take functions, and which can run on this machine.
import type { Runtime } from '@aws-sdk/client-lambda'
import { invalid } from './input.js'

/** What runs here: Node.js itself, under the rules of the named runtime. */
export const RUNNABLE: readonly Runtime[] = ['nodejs22.x', 'nodejs24.x']

// AWS: blocked for creating; nodejs20.x since 2026-08-31, and for updating since 2026-09-30.
const BLOCKED = [
  'nodejs',
  'nodejs4.3',
  'nodejs4.3-edge',
  'nodejs6.10',
  'nodejs8.10',
  'nodejs10.x',
  'nodejs12.x',
  'nodejs14.x',
  'nodejs16.x',
  'nodejs18.x',
  'nodejs20.x',
  'python2.7',
  'python3.6',
  'python3.7',
  'python3.8',
  'ruby2.5',
  'ruby2.7',
  'java8',
  'go1.x',
  'dotnetcore1.0',
  'dotnetcore2.0',
  'dotnetcore2.1',
  'dotnetcore3.1',
  'dotnet6',
  'provided',
]
// AWS: the other runtimes of late 2026.
const OTHERS = [
  'nodejs26.x',
  'python3.9',
  'python3.10',
  'python3.11',
  'python3.12',
  'python3.13',
  'python3.14',
  'ruby3.2',
  'ruby3.3',
  'ruby3.4',
  'ruby4.0',
  'java8.al2',
  'java11',
  'java17',
  'java21',
  'java25',
  'dotnet8',
  'dotnet10',
  'provided.al2',
  'provided.al2023',
]

/** The runtime, if AWS takes it for new code and it runs here. Throws InvalidParameterValueException. */
export function checkRuntime(runtime: string): Runtime {
  const runnable = RUNNABLE.find((name) => name === runtime)
  if (runnable) return runnable
  if (BLOCKED.includes(runtime)) {
    throw invalid(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. ` +
        'We recommend you use a supported runtime while creating or updating functions.',
    )
  }
  if (OTHERS.includes(runtime)) {
    throw invalid(`The local cloud runs ${RUNNABLE.join(' and ')} only: ${runtime} cannot run here.`)
  }
  const values = [...RUNNABLE, ...OTHERS].join(', ')
  throw invalid(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${values}] or be a valid ARN`,
  )
}
