// A function from its creation to its end, over the wire, with a clock that only moves when told.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda'
import { type FunctionCloud, functionInput, ROLE, startFunctionCloud, zipOf } from './function-cloud.js'

let cloud: FunctionCloud
before(async () => {
  cloud = await startFunctionCloud({ manual: true })
})
after(() => cloud.close())

const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:${name}`
const configuration = (FunctionName: string) =>
  cloud.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
const invoke = async (FunctionName: string) => {
  const { Payload } = await cloud.lambda.send(new InvokeCommand({ FunctionName }))
  return JSON.parse(Payload!.transformToString())
}
async function active(name: string, code?: string, more = {}) {
  await cloud.lambda.send(new CreateFunctionCommand(functionInput(name, code, more)))
  cloud.pass(5)
}
const answering = (value: number) => `export const handler = async () => [${value}, process.env.stage]`

describe('creation', () => {
  test('it answers as AWS does, pending and then active', async () => {
    const input = functionInput('fresh', undefined, { Tags: { a: 'b' }, Description: 'd' })
    const created = await cloud.lambda.send(new CreateFunctionCommand(input))
    const { RevisionId, LastModified, RuntimeVersionConfig, $metadata, ...rest } = created
    assert.equal($metadata.httpStatusCode, 201)
    assert.match(LastModified!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/)
    assert.match(RuntimeVersionConfig!.RuntimeVersionArn!, /^arn:aws:lambda:eu-west-1::runtime:[0-9a-f]{64}$/)
    const zip = input.Code!.ZipFile!
    assert.deepEqual(rest, {
      FunctionName: 'fresh',
      FunctionArn: arnOf('fresh'),
      Runtime: 'nodejs24.x',
      Role: ROLE,
      Handler: 'index.handler',
      CodeSize: zip.length,
      CodeSha256: createHash('sha256').update(zip).digest('base64'),
      Description: 'd',
      Timeout: 3,
      MemorySize: 128,
      Version: '$LATEST',
      TracingConfig: { Mode: 'PassThrough' },
      PackageType: 'Zip',
      Architectures: ['arm64'],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/fresh' },
      State: 'Pending',
      StateReason: 'The function is being created.',
      StateReasonCode: 'Creating',
    })
    cloud.pass(5)
    const { State, StateReason, LastUpdateStatus, ...later } = await configuration('fresh')
    assert.deepEqual([State, StateReason, LastUpdateStatus], ['Active', undefined, 'Successful'])
    assert.notEqual(later.RevisionId, RevisionId)
    assert.equal(later.LastModified, LastModified)
  })

  test('a function that is pending can be read and deleted, and neither invoked nor updated', async () => {
    await cloud.lambda.send(new CreateFunctionCommand(functionInput('early')))
    const conflict = {
      name: 'ResourceConflictException',
      message:
        'The operation cannot be performed at this time. The function is currently in the following state: Pending',
      $metadata: { httpStatusCode: 409 },
    }
    await assert.rejects(invoke('early'), matching(conflict))
    const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'early', Timeout: 9 })
    await assert.rejects(cloud.lambda.send(update), matching(conflict))
    const code = new UpdateFunctionCodeCommand({ FunctionName: 'early', ZipFile: zipOf({ a: '' }) })
    await assert.rejects(cloud.lambda.send(code), matching(conflict))
    await cloud.lambda.send(new DeleteFunctionCommand({ FunctionName: 'early' }))
  })

  test('a second one of the name is refused, in another region it is not', async () => {
    await active('twice')
    const again = new CreateFunctionCommand(functionInput('twice'))
    const refusal = { name: 'ResourceConflictException', message: 'Function already exist: twice' }
    await assert.rejects(
      cloud.lambda.send(again),
      matching({ ...refusal, $metadata: { httpStatusCode: 409 } }),
    )
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:twice'
    await assert.rejects(
      cloud.lambda.send(new GetFunctionCommand({ FunctionName: arn })),
      /Functions from 'us-east-1' are not reachable in this region \('eu-west-1'\)/,
    )
  })

  test('a role that Lambda cannot assume is refused, whether new or absent', async () => {
    const refusal = {
      name: 'InvalidParameterValueException',
      message: 'The role defined for the function cannot be assumed by Lambda.',
      $metadata: { httpStatusCode: 400 },
    }
    for (const state of ['not-yet', 'absent'] as const) {
      cloud.roles.set(ROLE, state)
      await assert.rejects(
        cloud.lambda.send(new CreateFunctionCommand(functionInput('roleless'))),
        matching(refusal),
      )
    }
    cloud.roles.clear()
    await active('roleless')
    cloud.roles.set(ROLE, 'absent')
    const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'roleless', Role: ROLE })
    await assert.rejects(cloud.lambda.send(update), matching(refusal))
    await assert.rejects(invoke('roleless'), { name: 'AccessDeniedException', message: refusal.message })
    cloud.roles.clear()
  })
})

describe('updates', () => {
  test('an update shows at once, and is live when it ends', async () => {
    await active('updated', answering(1), { Environment: { Variables: { stage: 'a', other: 'x' } } })
    assert.deepEqual(await invoke('updated'), [1, 'a'])
    const answer = await cloud.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'updated',
        Environment: { Variables: { stage: 'b' } },
        Timeout: 7,
      }),
    )
    assert.deepEqual(answer.Environment, { Variables: { stage: 'b' } })
    assert.deepEqual(
      [answer.State, answer.LastUpdateStatus, answer.LastUpdateStatusReasonCode, answer.Timeout],
      ['Active', 'InProgress', 'Creating', 7],
    )
    assert.deepEqual(await invoke('updated'), [1, 'a'])
    cloud.pass(5)
    assert.deepEqual(await invoke('updated'), [1, 'b'])
    const { LastUpdateStatus, LastUpdateStatusReason, RevisionId } = await configuration('updated')
    assert.deepEqual([LastUpdateStatus, LastUpdateStatusReason], ['Successful', undefined])
    assert.notEqual(RevisionId, answer.RevisionId)
  })

  test('new code', async () => {
    await active('coded', answering(1))
    const ZipFile = zipOf({ 'index.mjs': answering(2) })
    const update = { FunctionName: 'coded', ZipFile, Architectures: ['x86_64' as const] }
    const dry = await cloud.lambda.send(new UpdateFunctionCodeCommand({ ...update, DryRun: true }))
    const sha = createHash('sha256').update(ZipFile).digest('base64')
    assert.deepEqual([dry.CodeSha256, dry.LastUpdateStatus], [sha, 'Successful'])
    const before = await configuration('coded')
    assert.notEqual(before.CodeSha256, sha)
    const { CodeSha256, LastUpdateStatus, Architectures } = await cloud.lambda.send(
      new UpdateFunctionCodeCommand(update),
    )
    assert.deepEqual([CodeSha256, LastUpdateStatus, Architectures], [sha, 'InProgress', ['x86_64']])
    assert.deepEqual(await invoke('coded'), [1, null])
    cloud.pass(5)
    assert.deepEqual(await invoke('coded'), [2, null])
    const { Code, Configuration } = await cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'coded' }))
    assert.equal(Configuration!.CodeSha256, sha)
    assert.deepEqual(readFileSync(fileURLToPath(Code!.Location!)), Buffer.from(ZipFile))
  })

  test('during an update a second one is refused', async () => {
    await active('busy')
    const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'busy', Timeout: 9 })
    await cloud.lambda.send(update)
    const refusal = {
      name: 'ResourceConflictException',
      message: `The operation cannot be performed at this time. An update is in progress for resource: ${arnOf('busy')}`,
    }
    await assert.rejects(cloud.lambda.send(update), refusal)
    const code = new UpdateFunctionCodeCommand({ FunctionName: 'busy', ZipFile: zipOf({ a: '' }) })
    await assert.rejects(cloud.lambda.send(code), refusal)
    cloud.pass(5)
    await cloud.lambda.send(code)
  })

  test('a stale revision is refused', async () => {
    await active('revised')
    const RevisionId = '00000000-0000-0000-0000-000000000000'
    const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'revised', RevisionId })
    await assert.rejects(cloud.lambda.send(update), { name: 'PreconditionFailedException' })
    const { RevisionId: current } = await configuration('revised')
    const right = { FunctionName: 'revised', RevisionId: current, Description: '' }
    await cloud.lambda.send(new UpdateFunctionConfigurationCommand(right))
  })

  test('the SDK’s waiters see both', async () => {
    const instant = await startFunctionCloud()
    const { lambda } = instant
    await lambda.send(new CreateFunctionCommand(functionInput('waited')))
    const wait = { client: lambda, maxWaitTime: 5, minDelay: 1, maxDelay: 1 }
    const FunctionName = 'waited'
    assert.equal((await waitUntilFunctionActiveV2(wait, { FunctionName })).state, 'SUCCESS')
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 4 }))
    assert.equal((await waitUntilFunctionUpdatedV2(wait, { FunctionName })).state, 'SUCCESS')
    await instant.close()
  })
})

describe('names, tags, lists and the end', () => {
  test('a function goes by its name and its ARNs', async () => {
    await active('named')
    for (const name of [
      'named',
      arnOf('named'),
      '000000000000:function:named',
      'function:named',
      'named:$LATEST',
    ]) {
      assert.equal((await configuration(name)).FunctionName, 'named', name)
    }
  })

  test('tags', async () => {
    await active('tagged', undefined, { Tags: { a: '1' } })
    const Resource = arnOf('tagged')
    await cloud.lambda.send(new TagResourceCommand({ Resource, Tags: { a: '2', b: '3' } }))
    await cloud.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['a', 'none'] }))
    assert.deepEqual((await cloud.lambda.send(new ListTagsCommand({ Resource }))).Tags, { b: '3' })
    const { Tags } = await cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'tagged' }))
    assert.deepEqual(Tags, { b: '3' })
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, '']))
    await assert.rejects(cloud.lambda.send(new TagResourceCommand({ Resource, Tags: many })), {
      name: 'InvalidParameterValueException',
      message: 'Number of tags exceeds resource tag limit.',
    })
  })

  test('lists come in pages, without states', async () => {
    for (const name of ['list-1', 'list-2', 'list-3']) await active(name)
    const names: string[] = []
    let Marker: string | undefined
    do {
      const page = await cloud.lambda.send(new ListFunctionsCommand({ MaxItems: 2, Marker }))
      assert.ok(page.Functions!.length <= 2)
      for (const { FunctionName, State } of page.Functions!) {
        names.push(FunctionName!)
        assert.equal(State, undefined)
      }
      Marker = page.NextMarker
    } while (Marker)
    assert.deepEqual(names, names.toSorted())
    assert.deepEqual(
      names.filter((name) => name.startsWith('list-')),
      ['list-1', 'list-2', 'list-3'],
    )
  })

  test('what is deleted is gone, with its policy', async () => {
    await active('gone')
    await cloud.lambda.send(new DeleteFunctionCommand({ FunctionName: 'gone' }))
    const absent = { name: 'ResourceNotFoundException', message: `Function not found: ${arnOf('gone')}` }
    await assert.rejects(cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'gone' })), absent)
    await assert.rejects(configuration('gone'), absent)
    await assert.rejects(cloud.lambda.send(new DeleteFunctionCommand({ FunctionName: 'gone' })), absent)
    await assert.rejects(invoke('gone'), { ...absent, message: `${absent.message}:$LATEST` })
    await assert.rejects(cloud.lambda.send(new GetPolicyCommand({ FunctionName: 'gone' })), {
      ...absent,
      message: 'The resource you requested does not exist.',
    })
  })
})

/** For errors of the SDK, whose metadata has more in it than a test names. */
function matching(wanted: { name: string; message: string; $metadata: { httpStatusCode: number } }) {
  return (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => {
    const { name, message, $metadata } = error
    assert.deepEqual({ name, message, $metadata: { httpStatusCode: $metadata.httpStatusCode } }, wanted)
    return true
  }
}
