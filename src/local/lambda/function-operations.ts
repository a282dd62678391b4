// CreateFunction and its siblings: what AWS asks of a call, and how a function changes. What settings are allowed is
// settings-input.ts's, zips are code-store.ts's, invocations invoke.ts's.
import { randomUUID } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import type {
  CreateFunctionCommandInput,
  DeleteFunctionCommandInput,
  FunctionConfiguration,
  GetFunctionCommandInput,
  GetFunctionCommandOutput,
  GetFunctionConfigurationCommandInput,
  UpdateFunctionCodeCommandInput,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda'
import type { Call } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { Code } from './code-store.js'
import { configurationOf, type FunctionRecord, revisionOf, type Settings, unsettled } from './function.js'
import { checkNewName, functionArn, parseFunctionName } from './function-name.js'
import { checkTags, invalid, unsupported } from './input.js'
import { changedSettings, newConfiguration } from './settings-input.js'
import { checkRole, functionKey, functionOf, keep, type LambdaState } from './state.js'

type Answer = FunctionConfiguration

/** The operations that make, show, change and delete functions. */
export function functionOperations(state: LambdaState) {
  const { world } = state
  return {
    CreateFunction: (input: CreateFunctionCommandInput, call: Call) => create(state, input, call),
    UpdateFunctionCode: (input: UpdateFunctionCodeCommandInput, call: Call) => updateCode(state, input, call),

    UpdateFunctionConfiguration(input: UpdateFunctionConfigurationCommandInput, call: Call): Answer {
      const fn = functionOf(state, call, input)
      const settings = changedSettings(fn.name, fn.settings, input)
      if (input.Role) checkRole(state, input.Role)
      return update(state, fn, settings, input.RevisionId)
    },

    GetFunctionConfiguration: (input: GetFunctionConfigurationCommandInput, call: Call): Answer =>
      configurationOf(functionOf(state, call, input), world.clock.now()),

    GetFunction(input: GetFunctionCommandInput, call: Call): Omit<GetFunctionCommandOutput, '$metadata'> {
      const fn = functionOf(state, call, input)
      const { reservedConcurrency } = fn
      return {
        Configuration: configurationOf(fn, world.clock.now()),
        // AWS: a presigned URL of S3; here the zip itself, which is on this machine.
        Code: {
          RepositoryType: 'S3',
          Location: pathToFileURL(state.code.zipPath(fn.settings.codeSha256)).href,
        },
        ...tagsFor(fn, call),
        ...(reservedConcurrency !== undefined && {
          Concurrency: { ReservedConcurrentExecutions: reservedConcurrency },
        }),
      }
    },

    DeleteFunction(input: DeleteFunctionCommandInput, call: Call) {
      const fn = functionOf(state, call, input)
      if (input.Qualifier) throw invalid('$LATEST version cannot be deleted without deleting the function.')
      state.functions.delete(functionKey(fn.region, fn.name))
      state.host.retire(fn.arn)
      return { StatusCode: 204 }
    },
  }
}

async function create(state: LambdaState, input: CreateFunctionCommandInput, call: Call): Promise<Answer> {
  const { world } = state
  const place = { region: call.region, account: world.account }
  const { name, qualifier } = parseFunctionName(input.FunctionName!, undefined, place)
  checkNewName(name)
  if (qualifier) throw unsupported('a qualifier in the name of a new function')
  const configuration = newConfiguration(name, input)
  checkTags(input.Tags ?? {})
  refuseExisting(state, call.region, name)
  checkRole(state, configuration.roleArn)
  const code = await codeOf(state, input.Code!)
  refuseExisting(state, call.region, name)
  const now = world.clock.now()
  const fn: FunctionRecord = {
    region: call.region,
    name,
    arn: functionArn(place, name),
    settings: { ...configuration, ...code },
    change: {
      kind: 'create',
      endsAt: world.clock.after(world.takes('lambda.create')),
      revisionId: randomUUID(),
    },
    modifiedAt: now,
    revisionId: randomUUID(),
    tags: input.Tags ?? {},
    policy: [],
  }
  keep(state, fn)
  return configurationOf(fn, now)
}

function refuseExisting(state: LambdaState, region: string, name: string): void {
  if (!state.functions.has(functionKey(region, name))) return
  throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409)
}

interface CodeInput {
  ZipFile?: Uint8Array | undefined
  S3Bucket?: string | undefined
  S3Key?: string | undefined
  ImageUri?: string | undefined
  SourceKMSKeyArn?: string | undefined
}

async function codeOf(state: LambdaState, input: CodeInput): Promise<Code> {
  if (input.S3Bucket || input.S3Key) throw unsupported('code in S3: send it as ZipFile')
  if (input.ImageUri) throw unsupported('container images: send a ZipFile')
  if (input.SourceKMSKeyArn) throw unsupported('SourceKMSKeyArn')
  if (!input.ZipFile) throw invalid('Please provide a source for function code.')
  return state.code.keep(input.ZipFile)
}

async function updateCode(
  state: LambdaState,
  input: UpdateFunctionCodeCommandInput,
  call: Call,
): Promise<Answer> {
  refuseConflict(state, functionOf(state, call, input), input.RevisionId)
  if (input.Publish || input.PublishTo) throw unsupported('published versions')
  const architecture = input.Architectures?.[0]
  const code = await codeOf(state, input)
  const fn = functionOf(state, call, input)
  const settings = { ...fn.settings, ...code, ...(architecture && { architecture }) }
  if (!input.DryRun) return update(state, fn, settings, input.RevisionId)
  // AWS: shows what would be, and changes nothing.
  return configurationOf({ ...fn, settings }, state.world.clock.now())
}

/** Starts an update: it shows at once, and is live when it ends. */
function update(
  state: LambdaState,
  fn: FunctionRecord,
  settings: Settings,
  revisionId: string | undefined,
): Answer {
  refuseConflict(state, fn, revisionId)
  const { clock, takes } = state.world
  const now = clock.now()
  const endsAt = clock.after(takes('lambda.update'))
  const change = { kind: 'update', endsAt, revisionId: randomUUID(), before: fn.settings } as const
  const updated: FunctionRecord = { ...fn, settings, change, modifiedAt: now, revisionId: randomUUID() }
  keep(state, updated)
  return configurationOf(updated, now)
}

function refuseConflict(state: LambdaState, fn: FunctionRecord, revisionId: string | undefined): void {
  const now = state.world.clock.now()
  const conflict = unsettled(fn, now)
  if (conflict) throw conflict
  if (revisionId === undefined || revisionId === revisionOf(fn, now)) return
  throw new AwsError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    412,
  )
}

/** AWS: who may not list the tags gets the function without them, and is told why. */
function tagsFor(
  { tags }: FunctionRecord,
  { lacks }: Call,
): Pick<GetFunctionCommandOutput, 'Tags' | 'TagsError'> {
  const refused = lacks?.find(({ action }) => action === 'lambda:ListTags')
  if (refused) return { TagsError: { ErrorCode: 'AccessDeniedException', Message: refused.message } }
  return Object.keys(tags).length ? { Tags: { ...tags } } : {}
}
