// Lambda: updates of a function's code and configuration.
import assert from 'node:assert/strict'
import { Lambda } from '@aws-sdk/client-lambda'
import { ACCOUNT, type TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { ServiceSuite } from '../suite.js'
import { active, arnOf, createArguments, ECHO, fileOf, inputOf, invoke, zipOf } from './function.js'
import { PENDING, shaOf, UNASSUMABLE, variables } from './function-suite.js'

const STALE = '00000000-0000-0000-0000-000000000000'
const ANSWER = (value: number) => `export const handler = async () => ${value}`

const inProgress = (name: string) =>
  `The operation cannot be performed at this time. An update is in progress for resource: ${arnOf(name)}`

/** Cases that both kinds of update share. */
function updateStates(
  update: (lambda: Lambda, FunctionName: string, RevisionId?: string) => Promise<object>,
) {
  return {
    'a function that is Pending is not updated': async (cloud: TestCloud) => {
      const lambda = cloud.client(Lambda)
      await lambda.createFunction(await inputOf(cloud, 'pending'))
      await refused(update(lambda, 'pending'), 'ResourceConflictException', PENDING)
      await cloud.pass(5)
      await update(lambda, 'pending')
    },
    'during an update another one of either kind is refused': async (cloud: TestCloud) => {
      const lambda = await active(cloud, 'busy')
      await update(lambda, 'busy')
      const message = inProgress('busy')
      const ZipFile = zipOf({ 'index.mjs': ANSWER(3) })
      await refused(
        lambda.updateFunctionConfiguration({ FunctionName: 'busy', Timeout: 9 }),
        'ResourceConflictException',
        message,
      )
      await refused(
        lambda.updateFunctionCode({ FunctionName: 'busy', ZipFile }),
        'ResourceConflictException',
        message,
      )
      await cloud.pass(5)
      await lambda.updateFunctionCode({ FunctionName: 'busy', ZipFile })
    },
    'only the latest RevisionId passes, and it changes when the update ends': async (cloud: TestCloud) => {
      const lambda = await active(cloud, 'revised')
      await refused(
        update(lambda, 'revised', STALE),
        'PreconditionFailedException',
        'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
      )
      const before = await lambda.getFunctionConfiguration({ FunctionName: 'revised' })
      await update(lambda, 'revised', before.RevisionId)
      await cloud.pass(5)
      await refused(update(lambda, 'revised', before.RevisionId), 'PreconditionFailedException')
    },
    'an absent function is not found': async (cloud: TestCloud) => {
      const call = update(cloud.client(Lambda), 'absent')
      await refused(call, 'ResourceNotFoundException', `Function not found: ${arnOf('absent')}`)
    },
  }
}

export const updateOperations: ServiceSuite['operations'] = {
  UpdateFunctionCode: {
    happy: {
      'the new code shows at once and is InProgress; what runs until its end is the old one': async (
        cloud,
      ) => {
        const lambda = await active(cloud, 'coded', ANSWER(1))
        const ZipFile = zipOf({ 'index.mjs': ANSWER(2) })
        const answer = await lambda.updateFunctionCode({ FunctionName: 'coded', ZipFile })
        assert.deepEqual(
          [answer.CodeSha256, answer.State, answer.LastUpdateStatus, answer.LastUpdateStatusReasonCode],
          [shaOf(ZipFile), 'Active', 'InProgress', 'Creating'],
        )
        assert.equal((await invoke(cloud, 'coded')).payload, 1)
        await cloud.pass(5)
        assert.equal((await invoke(cloud, 'coded')).payload, 2)
        const { LastUpdateStatus } = await lambda.getFunctionConfiguration({ FunctionName: 'coded' })
        assert.equal(LastUpdateStatus, 'Successful')
      },
      'DryRun shows the new code and keeps the old one': async (cloud) => {
        const lambda = await active(cloud, 'dry', ANSWER(1))
        const ZipFile = zipOf({ 'index.mjs': ANSWER(2) })
        const dry = await lambda.updateFunctionCode({ FunctionName: 'dry', ZipFile, DryRun: true })
        assert.equal(dry.CodeSha256, shaOf(ZipFile))
        assert.equal((await invoke(cloud, 'dry')).payload, 1)
      },
      'the architecture changes with the code': async (cloud) => {
        const lambda = await active(cloud, 'moved')
        const ZipFile = zipOf({ 'index.mjs': ECHO })
        await lambda.updateFunctionCode({ FunctionName: 'moved', ZipFile, Architectures: ['x86_64'] })
        const { Architectures } = await lambda.getFunctionConfiguration({ FunctionName: 'moved' })
        assert.deepEqual(Architectures, ['x86_64'])
      },
    },
    validation: {
      'it needs code': async (cloud) => {
        const lambda = await active(cloud, 'codeless')
        await refused(
          lambda.updateFunctionCode({ FunctionName: 'codeless' }),
          'InvalidParameterValueException',
          'Please provide a source for function code.',
        )
      },
    },
    state: updateStates((lambda, FunctionName, RevisionId) =>
      lambda.updateFunctionCode({ FunctionName, RevisionId, ZipFile: zipOf({ 'index.mjs': ANSWER(2) }) }),
    ),
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-code'))
      const ZipFile = zipOf({ 'index.mjs': ANSWER(2) })
      const zip = fileOf('new.zip', ZipFile)
      const updated = (await aws.run([
        ...['lambda', 'update-function-code', '--function-name', 'cli-code', '--zip-file', `fileb://${zip}`],
      ])) as { CodeSha256: string }
      assert.equal(updated.CodeSha256, shaOf(ZipFile))
    },
  },

  UpdateFunctionConfiguration: {
    happy: {
      'the environment is replaced whole, what is not named stays, and it is live when it ends': async (
        cloud,
      ) => {
        const code = 'export const handler = async () => [process.env.ONE, process.env.TWO]'
        const lambda = await active(cloud, 'set', code, { ...variables({ ONE: '1', TWO: '2' }), Timeout: 7 })
        const answer = await lambda.updateFunctionConfiguration({
          FunctionName: 'set',
          ...variables({ ONE: '3' }),
        })
        assert.deepEqual(
          [answer.Environment, answer.Timeout, answer.LastUpdateStatus],
          [{ Variables: { ONE: '3' } }, 7, 'InProgress'],
        )
        assert.deepEqual((await invoke(cloud, 'set')).payload, ['1', '2'])
        await cloud.pass(5)
        assert.deepEqual((await invoke(cloud, 'set')).payload, ['3', null])
      },
    },
    validation: {
      'the whole call has at most 5,120 bytes': async (cloud) => {
        const lambda = await active(cloud, 'large')
        const call = lambda.updateFunctionConfiguration({
          FunctionName: 'large',
          ...variables({ LARGE: 'x'.repeat(5100) }),
        })
        await refused(
          call,
          'RequestEntityTooLargeException',
          'Request must be smaller than 5120 bytes for the UpdateFunctionConfiguration operation',
        )
      },
      'nodejs20.x is blocked for updates, too': async (cloud) => {
        const lambda = await active(cloud, 'kept-runtime')
        await refused(
          lambda.updateFunctionConfiguration({ FunctionName: 'kept-runtime', Runtime: 'nodejs20.x' }),
          'InvalidParameterValueException',
          /^The runtime parameter of nodejs20.x is no longer supported/,
        )
      },
    },
    state: {
      ...updateStates((lambda, FunctionName, RevisionId) =>
        lambda.updateFunctionConfiguration({ FunctionName, RevisionId, Timeout: 4 }),
      ),
      'a role that Lambda cannot assume is refused': async (cloud) => {
        const lambda = await active(cloud, 'kept-role')
        const Role = `arn:aws:iam::${ACCOUNT}:role/absent`
        await refused(
          lambda.updateFunctionConfiguration({ FunctionName: 'kept-role', Role }),
          'InvalidParameterValueException',
          UNASSUMABLE,
        )
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-settings'))
      const args = ['lambda', 'update-function-configuration', '--function-name', 'cli-settings']
      const updated = (await aws.run([...args, '--timeout', '9'])) as { Timeout: number }
      assert.equal(updated.Timeout, 9)
    },
  },
}
