// The environment variables that a function may be given. Which ones its process gets besides is process-environment.ts's.
import { AwsError } from '../wire/errors.js'
import { invalid } from './input.js'

const MAX_ENVIRONMENT_BYTES = 4096
// AWS: lambda/latest/dg/configuration-envvars, "Reserved environment variables".
const RESERVED = new Set([
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
])

/** The variables, if AWS takes them for a function. Throws AWS's errors. */
export function checkEnvironment(variables: Record<string, string>): Record<string, string> {
  const names = Object.keys(variables)
  if (!names.every((name) => /^[a-zA-Z][a-zA-Z0-9_]+$/.test(name))) {
    // AWS: the names are sensitive and are not repeated.
    const message =
      "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must " +
      'satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]'
    throw new AwsError('ValidationException', message)
  }
  const problem =
    'Lambda was unable to configure your environment variables because the environment variables you have provided'
  const reserved = names.filter((name) => RESERVED.has(name))
  if (reserved.length) {
    throw invalid(
      `${problem} contains reserved keys that are currently not supported for modification. ` +
        `Reserved keys used in this request: ${reserved.join(', ')}`,
    )
  }
  const measured = JSON.stringify(variables)
  if (Buffer.byteLength(measured) > MAX_ENVIRONMENT_BYTES) {
    throw invalid(`${problem} exceeded the 4KB limit. String measured: ${measured}`)
  }
  return variables
}
