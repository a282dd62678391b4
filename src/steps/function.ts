// Functions: the bundled handler under its role, one per key and region. A region that an operator drained the article's
// way keeps its health function's `status` at 404 until `failback`: that is his doing, not drift.
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  ListTagsCommand,
  paginateListFunctions,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { orAbsent } from '../aws/errors.js'
import { ownership } from '../aws/tags.js'
import { functionName, keyOf, namePrefix } from '../base/names.js'
import { compare } from '../engine/diff.js'
import { type Change, defineStep, here, perFunction } from '../engine/step.js'
import { logGroup } from './log-group.js'
import { role } from './role.js'

// AWS: a role that was made again under its old name is another one; a function that was made under the first can no
// longer decrypt its variables, and is made again too. The tag remembers which one it was.
const ROLE_ID = 'multiregion:role-id'

export const fn = defineStep({
  kind: 'function',
  sites: perFunction,
  needs: { role: here(role), logGroup: here(logGroup) },
  // AWS: a fresh role may take 15 minutes to be assumable everywhere, usually 5-15 s.
  patience: { everySeconds: 2, forMinutes: 15 },

  named: ({ config, site }) => ({ functionName: functionName(config.stack, site.name!) }),

  async keys({ lambda }, { stack }) {
    const keys: string[] = []
    for await (const page of paginateListFunctions({ client: lambda }, {}))
      for (const { FunctionName } of page.Functions ?? [])
        keys.push(...keyOf(FunctionName!, namePrefix(stack)))
    return keys
  },

  desired: ({ config, env, site, needs }) => {
    const fn = config.functions.find(({ key }) => key === site.name)!
    const drained = env.drained[site.region]?.mode === 'article' && site.name === config.healthCheck.function
    return {
      functionName: functionName(config.stack, fn.key),
      role: needs.role.arn,
      roleId: needs.role.roleId,
      packageType: 'Zip' as const,
      runtime: 'nodejs24.x',
      architecture: 'arm64',
      handler: 'index.handler',
      memoryMb: fn.memoryMb,
      timeoutSeconds: fn.timeoutSeconds,
      environment: { ...fn.environment, ...(drained ? { status: '404' } : {}) } as Record<string, string>,
      codeSha256: env.bundles[fn.key]!.sha256,
    }
  },

  async observe({ lambda, tags }, { functionName }) {
    const found = await orAbsent(lambda.send(new GetFunctionCommand({ FunctionName: functionName })))
    const is = found?.Configuration
    if (!is) return undefined
    // AWS: who may not list tags gets none, without an error; asked for alone, they are refused in plain words.
    if (found.TagsError) await lambda.send(new ListTagsCommand({ Resource: is.FunctionArn }))
    return {
      id: functionName,
      ...ownership(found.Tags, tags),
      arn: is.FunctionArn!,
      state: is.State,
      stateReason: is.StateReason,
      lastUpdateStatus: is.LastUpdateStatus,
      role: is.Role,
      roleId: found.Tags?.[ROLE_ID],
      packageType: is.PackageType ?? 'Zip',
      runtime: is.Runtime,
      architecture: is.Architectures?.[0],
      handler: is.Handler,
      memoryMb: is.MemorySize,
      timeoutSeconds: is.Timeout,
      environment: is.Environment?.Variables ?? {},
      codeSha256: is.CodeSha256,
    }
  },

  diff: (desired, observed) => [
    ...compare(desired, observed, {
      packageType: 'immutable',
      codeSha256: 'mutable',
      architecture: 'mutable',
      role: 'mutable',
      roleId: 'mutable',
      runtime: 'mutable',
      handler: 'mutable',
      memoryMb: 'mutable',
      timeoutSeconds: 'mutable',
    }),
    ...variablesThatDiffer(desired.environment, observed.environment),
  ],

  readiness: ({ state, stateReason, lastUpdateStatus }) => {
    if (state === 'Failed') return { state: 'failed', reason: `the function is Failed: ${stateReason}` }
    if (state === 'Pending') return { state: 'pending', reason: 'the function is Pending' }
    if (lastUpdateStatus === 'InProgress') return { state: 'pending', reason: 'an update is in progress' }
    return { state: 'ready' }
  },

  async create({ lambda, tags, zipOf }, desired) {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: desired.functionName,
        Role: desired.role,
        Runtime: desired.runtime as 'nodejs24.x',
        Architectures: [desired.architecture as 'arm64'],
        Handler: desired.handler,
        MemorySize: desired.memoryMb,
        Timeout: desired.timeoutSeconds,
        Environment: { Variables: desired.environment },
        Code: { ZipFile: zipOf(desired.codeSha256) },
        Tags: { ...tags, [ROLE_ID]: desired.roleId },
      }),
    )
    return desired.functionName
  },

  async adopt({ lambda, tags }, _desired, { arn }) {
    await lambda.send(new TagResourceCommand({ Resource: arn, Tags: { ...tags } }))
  },

  // AWS: code and configuration are never updated at once; the engine looks, and waits, between the two.
  async update({ lambda, zipOf }, desired, { id, arn }, changes) {
    const newRole = changes.find(({ field }) => field === 'roleId')
    if (newRole?.from) {
      await lambda.send(new DeleteFunctionCommand({ FunctionName: id }))
      return
    }
    if (newRole)
      await lambda.send(new TagResourceCommand({ Resource: arn, Tags: { [ROLE_ID]: desired.roleId } }))
    const code = changes.some(({ field }) => field === 'codeSha256' || field === 'architecture')
    const settings = changes.some(({ field }) => field !== 'roleId')
    if (code)
      await lambda.send(
        new UpdateFunctionCodeCommand({
          FunctionName: id,
          ZipFile: zipOf(desired.codeSha256),
          Architectures: [desired.architecture as 'arm64'],
        }),
      )
    else if (settings)
      await lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: id,
          Role: desired.role,
          Runtime: desired.runtime as 'nodejs24.x',
          Handler: desired.handler,
          MemorySize: desired.memoryMb,
          Timeout: desired.timeoutSeconds,
          Environment: { Variables: desired.environment },
        }),
      )
  },

  async remove({ lambda }, { id }) {
    await lambda.send(new DeleteFunctionCommand({ FunctionName: id }))
  },

  // AWS: InvalidParameterValueException is generic; these three texts mean that IAM has not spread yet.
  transient: ({ message }) =>
    /cannot be assumed by Lambda|execution role does not have permissions|KMS key is invalid for CreateGrant/.test(
      message,
    ),
})

/** By name and never by value: what is told of a change stands in logs of CI, where a key for some API must not. */
function variablesThatDiffer(desired: Variables, observed: Variables): Change[] {
  const names = new Set([...Object.keys(observed), ...Object.keys(desired)])
  return [...names]
    .filter((name) => desired[name] !== observed[name])
    .map((name) => ({
      field: `environment.${name}`,
      from: observed[name] === undefined ? 'not set' : 'set',
      to: desired[name] === undefined ? 'not set' : observed[name] === undefined ? 'set' : 'another value',
    }))
}

type Variables = Readonly<Record<string, string>>
