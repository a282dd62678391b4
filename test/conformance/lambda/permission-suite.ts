// Lambda: resource policies of functions.
import assert from 'node:assert/strict'
import { Lambda } from '@aws-sdk/client-lambda'
import { ACCOUNT, IRELAND, type TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { ServiceSuite } from '../suite.js'
import { active, arnOf, createArguments, inputOf } from './function.js'
import { PENDING } from './function-suite.js'

const SOURCE = `arn:aws:execute-api:${IRELAND}:${ACCOUNT}:abc123/dev/GET/item/*`
const ABSENT = 'The resource you requested does not exist.'
const STALE = '00000000-0000-0000-0000-000000000000'

const add = (cloud: TestCloud, FunctionName: string, StatementId: string, more: object = {}) =>
  cloud.client(Lambda).addPermission({
    FunctionName,
    StatementId,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: SOURCE,
    ...more,
  })

async function sids(cloud: TestCloud, FunctionName: string): Promise<string[]> {
  const { Policy } = await cloud.client(Lambda).getPolicy({ FunctionName })
  return (JSON.parse(Policy!) as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid)
}

export const permissionOperations: ServiceSuite['operations'] = {
  AddPermission: {
    happy: {
      'the statement is answered as it is kept, the source as ArnLike': async (cloud) => {
        await active(cloud, 'allowed')
        const { Statement } = await add(cloud, 'allowed', 's', { SourceAccount: ACCOUNT })
        assert.deepEqual(JSON.parse(Statement!), {
          Sid: 's',
          Effect: 'Allow',
          Principal: { Service: 'apigateway.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Resource: arnOf('allowed'),
          Condition: {
            StringEquals: { 'AWS:SourceAccount': ACCOUNT },
            ArnLike: { 'AWS:SourceArn': SOURCE },
          },
        })
      },
    },
    validation: {
      'a principal that AWS does not know is refused': async (cloud) => {
        await active(cloud, 'strict')
        await refused(
          add(cloud, 'strict', 's', { Principal: 'nobody' }),
          'InvalidParameterValueException',
          'The provided principal was invalid. Please check the principal and try again.',
        )
      },
      '$LATEST has no policy': async (cloud) => {
        await active(cloud, 'latest')
        await refused(
          add(cloud, 'latest', 's', { Qualifier: '$LATEST' }),
          'InvalidParameterValueException',
          'We currently do not support adding policies for $LATEST.',
        )
      },
      'a policy is at most 20 KB': async (cloud) => {
        await active(cloud, 'long')
        const SourceArn = `arn:aws:s3:::${'b'.repeat(9900)}`
        for (const sid of ['a', 'b']) await add(cloud, 'long', sid, { SourceArn })
        await refused(add(cloud, 'long', 'c', { SourceArn }), 'PolicyLengthExceededException')
      },
    },
    state: {
      'a statement id that is taken is refused, whatever the statement': async (cloud) => {
        await active(cloud, 'taken')
        await add(cloud, 'taken', 's')
        await refused(
          add(cloud, 'taken', 's', { SourceArn: undefined }),
          'ResourceConflictException',
          'The statement id (s) provided already exists. Please provide a new statement id, or remove the existing statement.',
        )
      },
      'of two at once the later one loses the other’s statement silently, or is refused with a conflict':
        async (cloud) => {
          const lambda = await active(cloud, 'raced')
          const seen = new Set<string>()
          // On a busy machine the first is over before the second begins: then both are there.
          for (let round = 0; round < 100 && seen.size < 2; round += 1) {
            await cloud.pass(1)
            const outcomes = await Promise.allSettled(['a', 'b'].map((sid) => add(cloud, 'raced', sid)))
            const kept = await sids(cloud, 'raced')
            const refusals = outcomes.flatMap((one) =>
              one.status === 'rejected' ? [one.reason.message] : [],
            )
            if (kept.length === 1) seen.add(refusals[0] ?? 'silently lost')
            for (const StatementId of kept)
              await lambda.removePermission({ FunctionName: 'raced', StatementId })
          }
          const conflict = 'The function could not be updated due to a concurrent update operation.'
          assert.deepEqual([...seen].sort(), [conflict, 'silently lost'])
        },
      'a function that is Pending is refused': async (cloud) => {
        await cloud.client(Lambda).createFunction(await inputOf(cloud, 'pending'))
        await refused(add(cloud, 'pending', 's'), 'ResourceConflictException', PENDING)
      },
      'an absent function is not found': async (cloud) => {
        await refused(
          add(cloud, 'absent', 's'),
          'ResourceNotFoundException',
          `Function not found: ${arnOf('absent')}`,
        )
      },
      'only the latest RevisionId passes': async (cloud) => {
        const lambda = await active(cloud, 'revised')
        await refused(
          add(cloud, 'revised', 's', { RevisionId: STALE }),
          'PreconditionFailedException',
          'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
        )
        const { RevisionId } = await lambda.getFunctionConfiguration({ FunctionName: 'revised' })
        await add(cloud, 'revised', 's', { RevisionId })
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-permission'))
      const { Statement } = (await aws.run([
        ...['lambda', 'add-permission', '--function-name', 'cli-permission', '--statement-id', 's'],
        ...['--action', 'lambda:InvokeFunction', '--principal', 'apigateway.amazonaws.com'],
        ...['--source-arn', SOURCE],
      ])) as { Statement: string }
      assert.equal(JSON.parse(Statement).Sid, 's')
    },
  },

  GetPolicy: {
    happy: {
      'the policy is a document of its own, under the function’s revision': async (cloud) => {
        const lambda = await active(cloud, 'read')
        await add(cloud, 'read', 's')
        const { Policy, RevisionId } = await lambda.getPolicy({ FunctionName: 'read' })
        const { Version, Id, Statement } = JSON.parse(Policy!)
        assert.deepEqual([Version, Id, Statement.length], ['2012-10-17', 'default', 1])
        const configuration = await lambda.getFunctionConfiguration({ FunctionName: 'read' })
        assert.equal(configuration.RevisionId, RevisionId)
      },
    },
    state: {
      'a function without statements and an absent function are not found in the same words': async (
        cloud,
      ) => {
        const lambda = await active(cloud, 'bare')
        for (const FunctionName of ['bare', 'absent'])
          await refused(lambda.getPolicy({ FunctionName }), 'ResourceNotFoundException', ABSENT)
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['lambda', 'get-policy', '--function-name', 'cli-permission']
      const { Policy } = (await aws.run(args)) as { Policy: string }
      assert.equal(JSON.parse(Policy).Statement[0].Sid, 's')
    },
  },

  RemovePermission: {
    happy: {
      'the statement goes, its id is free, and with the last one the policy goes': async (cloud) => {
        const lambda = await active(cloud, 'removed')
        const FunctionName = 'removed'
        for (const sid of ['a', 'b']) await add(cloud, FunctionName, sid)
        await lambda.removePermission({ FunctionName, StatementId: 'a' })
        assert.deepEqual(await sids(cloud, FunctionName), ['b'])
        await add(cloud, FunctionName, 'a')
        for (const StatementId of ['a', 'b']) await lambda.removePermission({ FunctionName, StatementId })
        await refused(lambda.getPolicy({ FunctionName }), 'ResourceNotFoundException', ABSENT)
      },
    },
    state: {
      'an absent statement, policy and function are told apart by words': async (cloud) => {
        const lambda = await active(cloud, 'empty')
        await active(cloud, 'other')
        await add(cloud, 'other', 's')
        const words: [FunctionName: string, message: string][] = [
          ['other', 'Statement x is not found in resource policy.'],
          ['empty', 'No policy is associated with the given resource.'],
          ['absent', `No policy found for: ${arnOf('absent')}`],
        ]
        for (const [FunctionName, message] of words)
          await refused(
            lambda.removePermission({ FunctionName, StatementId: 'x' }),
            'ResourceNotFoundException',
            message,
          )
      },
      'only the latest RevisionId passes': async (cloud) => {
        const lambda = await active(cloud, 'stale')
        await add(cloud, 'stale', 's')
        const input = { FunctionName: 'stale', StatementId: 's', RevisionId: STALE }
        await refused(lambda.removePermission(input), 'PreconditionFailedException')
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = [
        ...['lambda', 'remove-permission', '--function-name', 'cli-permission'],
        ...['--statement-id', 's'],
      ]
      await aws.run(args)
      await assert.rejects(aws.run(args), /\(ResourceNotFoundException\)/)
    },
  },
}
