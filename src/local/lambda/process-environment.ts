// The environment variables of a function's process: AWS's own, the function's, and what leads its SDK to this cloud.
// Which variables a function may be given is environment-variable.ts's.
import { dirname } from 'node:path'
import type { SessionCredentials } from '../ports.js'
import type { FunctionRecord, Settings } from './function.js'

export interface Surroundings {
  readonly fn: FunctionRecord
  readonly settings: Settings
  readonly taskRoot: string
  readonly logStream: string
  readonly credentials: SessionCredentials
  /** This cloud's front door, and the file with the certificate of the authority that vouches for its names. */
  readonly endpointUrl: string
  readonly caFile: string
}

/** AWS: a function's own variables may replace the first ones, and never the last. */
export function processEnvironment(surroundings: Surroundings): Record<string, string> {
  const { fn, settings, credentials } = surroundings
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_ENDPOINT_URL: surroundings.endpointUrl,
    NODE_EXTRA_CA_CERTS: surroundings.caFile,
    // The SDK's warning about this machine's Node.js is no news of the function's.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...settings.environment,
    _HANDLER: settings.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_DEFAULT_REGION: fn.region,
    AWS_REGION: fn.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: surroundings.logStream,
    LAMBDA_TASK_ROOT: surroundings.taskRoot,
    PWD: surroundings.taskRoot,
  }
}
