// A function's settings from CreateFunction and UpdateFunctionConfiguration, refused where AWS refuses them or where
// this cloud cannot do what they ask. The code is code-store.ts's.
import type {
  Architecture,
  CreateFunctionCommandInput,
  LoggingConfig,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda'
import { checkEnvironment } from './environment-variable.js'
import type { Settings } from './function.js'
import { checkLength, checkRange, invalid, unsupported, violation } from './input.js'
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
    architecture: checkArchitectures(input.Architectures) ?? 'x86_64',
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
  const rolePattern = String.raw`arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`
  if (input.Role !== undefined && !new RegExp(`^${rolePattern}$`).test(input.Role)) {
    throw violation(input.Role, 'role', `satisfy regular expression pattern: ${rolePattern}`)
  }
  checkLength(input.Handler, 'handler', 128)
  if (input.Handler && /\s/.test(input.Handler)) {
    throw violation(input.Handler, 'handler', String.raw`satisfy regular expression pattern: [^\s]+`)
  }
  checkLength(input.Description, 'description', 256)
  checkRange(input.Timeout, 'timeout', 1, 900)
  checkRange(input.MemorySize, 'memorySize', 128, 32_768)
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

/** The one architecture, or undefined when none is named. */
export function checkArchitectures(
  architectures: readonly Architecture[] | undefined,
): Architecture | undefined {
  if (architectures === undefined) return undefined
  const shown = `[${architectures.join(', ')}]`
  if (architectures.length < 1)
    throw violation(shown, 'architectures', 'have length greater than or equal to 1')
  if (architectures.length > 1) throw violation(shown, 'architectures', 'have length less than or equal to 1')
  const [architecture] = architectures
  if (architecture === 'x86_64' || architecture === 'arm64') return architecture
  const constraint =
    'satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]'
  throw violation(shown, 'architectures', constraint)
}

function logGroupOf(name: string, config: LoggingConfig | undefined): string {
  if (config?.LogFormat && config.LogFormat !== 'Text') throw unsupported(`LogFormat ${config.LogFormat}`)
  if (config?.ApplicationLogLevel || config?.SystemLogLevel) {
    // AWS: log levels belong to the JSON format.
    throw invalid('You must set your log format to JSON to configure log levels.')
  }
  const group = config?.LogGroup ?? `/aws/lambda/${name}`
  checkLength(group, 'loggingConfig.logGroup', 512)
  if (!/^[.\-_/#A-Za-z0-9]+$/.test(group)) {
    const constraint = String.raw`satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`
    throw violation(group, 'loggingConfig.logGroup', constraint)
  }
  return group
}
