// Resource policies over the wire, and whom they let in when API Gateway invokes.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda'
import { arnLike } from '../../../src/local/lambda/policy.js'
import { type FunctionCloud, functionInput, startFunctionCloud } from './function-cloud.js'

let cloud: FunctionCloud
before(async () => {
  cloud = await startFunctionCloud()
})
after(() => cloud.close())

const ACCOUNT = '000000000000'
const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${name}`
const SOURCE = `arn:aws:execute-api:eu-west-1:${ACCOUNT}:abc123/*/GET/item/*`

async function create(name: string, code?: string) {
  await cloud.lambda.send(new CreateFunctionCommand(functionInput(name, code, { Timeout: 10 })))
}
const add = (FunctionName: string, StatementId: string, more: object = {}) =>
  cloud.lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: SOURCE,
      ...more,
    }),
  )
const remove = (FunctionName: string, StatementId: string) =>
  cloud.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }))
async function statements(FunctionName: string): Promise<{ Sid: string }[]> {
  const { Policy } = await cloud.lambda.send(new GetPolicyCommand({ FunctionName }))
  return JSON.parse(Policy!).Statement
}

describe('resource policies', () => {
  test('statements are AWS’s', async () => {
    await create('policy')
    const { Statement } = await add('policy', 'get-item', { SourceAccount: ACCOUNT })
    const statement = {
      Sid: 'get-item',
      Effect: 'Allow',
      Principal: { Service: 'apigateway.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: arnOf('policy'),
      Condition: {
        StringEquals: { 'AWS:SourceAccount': ACCOUNT },
        ArnLike: { 'AWS:SourceArn': SOURCE },
      },
    }
    assert.deepEqual(JSON.parse(Statement!), statement)
    await add('policy', 'anyone', { Principal: '*', SourceArn: undefined })
    const { Policy, RevisionId } = await cloud.lambda.send(new GetPolicyCommand({ FunctionName: 'policy' }))
    const anyone = {
      Sid: 'anyone',
      Effect: 'Allow',
      Principal: '*',
      Action: 'lambda:InvokeFunction',
      Resource: arnOf('policy'),
    }
    assert.deepEqual(JSON.parse(Policy!), {
      Version: '2012-10-17',
      Id: 'default',
      Statement: [statement, anyone],
    })
    const { Configuration } = await cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'policy' }))
    assert.equal(Configuration!.RevisionId, RevisionId)
  })

  test('a statement id is taken once, and free when it was removed', async () => {
    await create('once')
    await add('once', 'one')
    await assert.rejects(add('once', 'one'), {
      name: 'ResourceConflictException',
      message:
        'The statement id (one) provided already exists. Please provide a new statement id, or remove the existing statement.',
    })
    await remove('once', 'one')
    await add('once', 'one')
  })

  test('what is not there', async () => {
    await create('bare')
    const absent = (message: string) => ({ name: 'ResourceNotFoundException', message })
    const get = cloud.lambda.send(new GetPolicyCommand({ FunctionName: 'bare' }))
    await assert.rejects(get, absent('The resource you requested does not exist.'))
    await assert.rejects(remove('bare', 'x'), absent('No policy is associated with the given resource.'))
    await assert.rejects(remove('none', 'x'), absent(`No policy found for: ${arnOf('none')}`))
    await assert.rejects(add('none', 'x'), absent(`Function not found: ${arnOf('none')}`))
    await add('bare', 'y')
    await assert.rejects(remove('bare', 'x'), absent('Statement x is not found in resource policy.'))
  })

  test('one after the other loses no statement', async () => {
    await create('serial')
    for (const sid of ['a', 'b', 'c']) await add('serial', sid)
    assert.equal((await statements('serial')).length, 3)
  })

  test('a policy is at most 20 KB', async () => {
    await create('long')
    const SourceArn = `arn:aws:s3:::${'b'.repeat(9900)}`
    for (const sid of ['a', 'b']) await add('long', sid, { SourceArn })
    await assert.rejects(add('long', 'c', { SourceArn }), { name: 'PolicyLengthExceededException' })
  })
})

describe('API Gateway invokes', () => {
  const forApi = (name: string, sourceArn: string, payload = '{"n":1}') =>
    cloud.lambdaService.invokeForApi({ functionArn: arnOf(name), sourceArn, payload })
  const api = (path: string, id = 'abc123') => `arn:aws:execute-api:eu-west-1:${ACCOUNT}:${id}/${path}`

  test('what the policy allows, and nothing else', async () => {
    await create(
      'called',
      'export const handler = async (event) => { if (event.bad) throw new Error("x"); return event }',
    )
    await assert.rejects(forApi('called', api('dev/GET/item/7')), {
      code: 'AccessDeniedException',
      status: 403,
    })
    await add('called', 'item')
    assert.deepEqual(await forApi('called', api('dev/GET/item/7')), { payload: '{"n":1}' })
    for (const refused of [api('dev/POST/item/7'), api('dev/GET/health'), api('dev/GET/item/7', 'other')]) {
      await assert.rejects(forApi('called', refused), { code: 'AccessDeniedException' }, refused)
    }
    const { error, payload } = await forApi('called', api('dev/GET/item/7'), '{"bad":true}')
    assert.equal(error, 'Unhandled')
    assert.equal(JSON.parse(payload).errorMessage, 'x')
    await assert.rejects(forApi('nowhere', api('dev/GET/item/7')), { code: 'ResourceNotFoundException' })
  })

  test('principal and account count, too', async () => {
    await create('strict')
    await add('strict', 'events', { Principal: 'events.amazonaws.com' })
    await add('strict', 'other-account', { SourceAccount: '111111111111' })
    await add('strict', 'other-action', { Action: 'lambda:GetFunction' })
    await assert.rejects(forApi('strict', api('dev/GET/item/7')), { code: 'AccessDeniedException' })
    await add('strict', 'own-account', { SourceAccount: ACCOUNT, SourceArn: undefined })
    assert.deepEqual(await forApi('strict', api('dev/GET/item/7')), { payload: '{"n":1}' })
  })

  test('wildcards stay inside their part of an ARN', () => {
    assert.ok(arnLike(SOURCE, api('dev/GET/item/a/b')))
    assert.ok(arnLike('arn:aws:execute-api:*:*:abc123/???/GET/*', api('dev/GET/x')))
    assert.ok(!arnLike('arn:aws:*:abc123/dev/GET/x', api('dev/GET/x')))
    assert.ok(!arnLike('arn:aws:execute-api:eu-west-1:*:abc123/dev/GET', api('dev/GET/x')))
    assert.ok(!arnLike('arn:aws:execute.api:eu-west-1:*:*', api('dev/GET/x')))
  })
})

describe('concurrency', () => {
  const SLEEP =
    'export const handler = async ({ ms }) => { await new Promise((r) => setTimeout(r, ms)); return process.pid }'
  const invoke = async (FunctionName: string, ms: number) => {
    const input = { FunctionName, Payload: JSON.stringify({ ms }) }
    const { Payload } = await cloud.lambda.send(new InvokeCommand(input))
    return Number(Payload!.transformToString())
  }
  const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
    cloud.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }))

  test('invocations at once have a process each, and one after the other share one', async () => {
    await create('parallel', SLEEP)
    const pids = await Promise.all([1, 2, 3].map(() => invoke('parallel', 300)))
    assert.equal(new Set(pids).size, 3)
    assert.ok(pids.includes(await invoke('parallel', 0)))
  })

  test('a reserved concurrency is a limit', async () => {
    await create('reserved', SLEEP)
    await reserve('reserved', 1)
    const first = invoke('reserved', 500)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await assert.rejects(invoke('reserved', 0), {
      name: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    })
    await first
    await invoke('reserved', 0)
    await reserve('reserved', 0)
    await assert.rejects(invoke('reserved', 0), { name: 'TooManyRequestsException' })
    const FunctionName = 'reserved'
    await cloud.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
    const { ReservedConcurrentExecutions } = await cloud.lambda.send(
      new GetFunctionConcurrencyCommand({ FunctionName }),
    )
    assert.equal(ReservedConcurrentExecutions, undefined)
    await invoke('reserved', 0)
  })

  test('what is reserved is missing elsewhere, and 100 are left', async () => {
    await create('greedy')
    const settings = async () => (await cloud.lambda.send(new GetAccountSettingsCommand({}))).AccountLimit!
    assert.equal((await settings()).ConcurrentExecutions, 1000)
    await reserve('greedy', 900)
    assert.equal((await settings()).UnreservedConcurrentExecutions, 100)
    await assert.rejects(reserve('greedy', 901), {
      name: 'InvalidParameterValueException',
      message: /below its minimum value of \[100\]\.$/,
    })
    await reserve('greedy', 0)
  })
})

test('what a role session needs to be allowed', async () => {
  const keys = cloud.lambdaService.authorize!('Invoke', { FunctionName: 'f' }, {
    region: 'eu-west-1',
  } as never)
  assert.deepEqual(keys, [{ action: 'lambda:InvokeFunction', resource: arnOf('f') }])
  await create('caller', 'export const handler = async () => ({ ...process.env })')
  const { Payload } = await cloud.lambda.send(new InvokeCommand({ FunctionName: 'caller' }))
  const environment = JSON.parse(Payload!.transformToString())
  const session = new LambdaClient({
    region: 'eu-west-1',
    endpoint: environment.AWS_ENDPOINT_URL,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
      sessionToken: environment.AWS_SESSION_TOKEN,
    },
  })
  await session.send(new CreateFunctionCommand(functionInput('passed')))
  assert.deepEqual(cloud.wanted, [
    { action: 'lambda:CreateFunction', resource: arnOf('passed') },
    {
      action: 'iam:PassRole',
      resource: functionInput('passed').Role,
      context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
    },
  ])
})
