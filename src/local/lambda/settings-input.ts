// A function's settings from CreateFunction and UpdateFunctionConfiguration, refused where AWS refuses them or where
// this cloud cannot do what they ask. The code is code-store.ts's.
import type {
  CreateFunctionCommandInput,
  LoggingConfig,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda'
import { checkEnvironment } from './environment-variable.js'
import type { Settings } from './function.js'
import { invalid, unsupported, violation } from './input.js'
import { checkRuntime } from './runtime.js'

/** The settings that are no code. */
export type Configuration = Omit<Settings, 'codeSha256' | 'codeBytes'>

type AnyInput = CreateFunctionCommandInput | UpdateFunctionConfigurationCommandInput

/** A new function's configuration, with AWS's defaults. Throws AWS's errors. */
export function newConfiguration(name: string, input: CreateFunctionCommandInput): Configuration {
  checkMembers(input)
  if (input.PackageType && input.PackageType !== 'Zip') throw unsupported(`PackageType ${input.PackageType}`)
  if (input.Publish) throw unsupported('published versions')
  if (!input.Runtime || !input.Handler) {
    throw invalid(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    )
  }
  return {
    runtime: checkRuntime(input.Runtime),
    handler: input.Handler,
    roleArn: input.Role!,
    description: input.Description ?? '',
    timeoutSeconds: input.Timeout ?? 3,
    memoryMb: input.MemorySize ?? 128,
    architecture: input.Architectures?.[0] ?? 'x86_64',
    logGroup: logGroupOf(name, input.LoggingConfig),
    ...(input.Environment && { environment: checkEnvironment(input.Environment.Variables ?? {}) }),
  }
}

/** The settings after an update. AWS: what it does not name stays; Environment is replaced whole. */
export function changedSettings(
  name: string,
  settings: Settings,
  input: UpdateFunctionConfigurationCommandInput,
): Settings {
  checkMembers(input)
  const environment = input.Environment && checkEnvironment(input.Environment.Variables ?? {})
  return {
    ...settings,
    ...(input.Runtime && { runtime: checkRuntime(input.Runtime) }),
    ...(input.Handler && { handler: input.Handler }),
    ...(input.Role && { roleArn: input.Role }),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.Timeout !== undefined && { timeoutSeconds: input.Timeout }),
    ...(input.MemorySize !== undefined && { memoryMb: input.MemorySize }),
    ...(input.LoggingConfig && { logGroup: logGroupOf(name, input.LoggingConfig) }),
    ...(environment && { environment }),
  }
}

function checkMembers(input: AnyInput): void {
  // AWS: the model allows more of both, for kinds of functions that are not made here.
  if ((input.Timeout ?? 0) > 900)
    throw violation(input.Timeout, 'timeout', 'have value less than or equal to 900')
  if ((input.MemorySize ?? 0) > 10_240) {
    throw invalid(
      "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240",
    )
  }
  refuseUnsupported(input)
}

function refuseUnsupported(input: AnyInput): void {
  if (input.VpcConfig?.SubnetIds?.length || input.VpcConfig?.SecurityGroupIds?.length)
    throw unsupported('VpcConfig')
  if (input.Layers?.length) throw unsupported('Layers')
  if (input.FileSystemConfigs?.length) throw unsupported('FileSystemConfigs')
  if (input.ImageConfig) throw unsupported('ImageConfig')
  if (input.DeadLetterConfig?.TargetArn) throw unsupported('DeadLetterConfig')
  if (input.KMSKeyArn) throw unsupported('KMSKeyArn')
  if (input.TracingConfig?.Mode === 'Active') throw unsupported('TracingConfig Active')
  if (input.SnapStart?.ApplyOn === 'PublishedVersions') throw unsupported('SnapStart')
  if (input.CapacityProviderConfig) throw unsupported('CapacityProviderConfig')
  if (input.DurableConfig) throw unsupported('DurableConfig')
  const storageMb = input.EphemeralStorage?.Size
  if (storageMb !== undefined && storageMb !== 512) throw unsupported('EphemeralStorage other than 512')
  if ('CodeSigningConfigArn' in input && input.CodeSigningConfigArn) throw unsupported('CodeSigningConfigArn')
  if ('TenancyConfig' in input && input.TenancyConfig) throw unsupported('TenancyConfig')
  if ('PublishTo' in input && input.PublishTo) throw unsupported('PublishTo')
}

function logGroupOf(name: string, config: LoggingConfig | undefined): string {
  if (config?.LogFormat && config.LogFormat !== 'Text') throw unsupported(`LogFormat ${config.LogFormat}`)
  if (config?.ApplicationLogLevel || config?.SystemLogLevel) {
    // AWS: log levels belong to the JSON format.
    throw invalid('You must set your log format to JSON to configure log levels.')
  }
  return config?.LogGroup ?? `/aws/lambda/${name}`
}
