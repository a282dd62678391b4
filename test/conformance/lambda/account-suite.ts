// Lambda: what is of a whole region or beside a function: lists, account settings, tags, reserved concurrency.
import assert from 'node:assert/strict'
import { Lambda } from '@aws-sdk/client-lambda'
import { ACCOUNT } from '../cloud.js'
import { refused } from '../run.js'
import type { ServiceSuite } from '../suite.js'
import { active, arnOf, createArguments, ECHO, inputOf, invoke } from './function.js'
import { PENDING } from './function-suite.js'

const absentArn = `${arnOf('absent')}:$LATEST`
const VERSIONED =
  'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. ' +
  'Please specify either a function name or an unqualified function ARN.'

export const accountOperations: ServiceSuite['operations'] = {
  ListFunctions: {
    happy: {
      'functions come by name, without their states': async (cloud) => {
        for (const name of ['b', 'a']) await active(cloud, name)
        const { Functions } = await cloud.client(Lambda).listFunctions({})
        assert.deepEqual(
          Functions!.map(({ FunctionName, State, LastUpdateStatus }) => [
            FunctionName,
            State,
            LastUpdateStatus,
          ]),
          [
            ['a', undefined, undefined],
            ['b', undefined, undefined],
          ],
        )
      },
      'with FunctionVersion ALL the ARNs name $LATEST': async (cloud) => {
        const { Functions } = await cloud.client(Lambda).listFunctions({ FunctionVersion: 'ALL' })
        assert.ok(Functions!.every(({ FunctionArn }) => FunctionArn!.endsWith(':$LATEST')))
      },
    },
    validation: {
      'a Marker that is none is refused': async (cloud) => {
        const call = cloud.client(Lambda).listFunctions({ Marker: '???' })
        await refused(call, 'InvalidParameterValueException')
      },
    },
    state: 'what is not there is not listed',
    pagination: {
      'MaxItems and NextMarker page through all of them once': async (cloud) => {
        const lambda = cloud.client(Lambda)
        for (const name of ['p1', 'p2', 'p3']) await active(cloud, name)
        const names: string[] = []
        let Marker: string | undefined
        do {
          await cloud.pass(1)
          const page = await lambda.listFunctions({ MaxItems: 2, Marker })
          assert.ok(page.Functions!.length <= 2)
          names.push(...page.Functions!.map(({ FunctionName }) => FunctionName!))
          Marker = page.NextMarker
        } while (Marker)
        assert.equal(names.filter((name) => /^p\d$/.test(name)).join(), 'p1,p2,p3')
        assert.equal(new Set(names).size, names.length)
      },
    },
    cli: async (cloud, aws) => {
      for (const name of ['cli-list-1', 'cli-list-2']) await aws.run(await createArguments(cloud, name))
      const { Functions } = (await aws.run(['lambda', 'list-functions', '--page-size', '1'])) as {
        Functions: { FunctionName: string }[]
      }
      const names = Functions.map(({ FunctionName }) => FunctionName)
      assert.ok(names.includes('cli-list-1') && names.includes('cli-list-2'))
    },
  },

  GetAccountSettings: {
    happy: {
      'limits are AWS’s, and what functions reserve is no longer unreserved': async (cloud) => {
        const lambda = await active(cloud, 'reserving')
        await lambda.putFunctionConcurrency({ FunctionName: 'reserving', ReservedConcurrentExecutions: 100 })
        const { AccountLimit, AccountUsage } = await lambda.getAccountSettings({})
        assert.deepEqual(AccountLimit, {
          TotalCodeSize: 80_530_636_800,
          CodeSizeUnzipped: 262_144_000,
          CodeSizeZipped: 52_428_800,
          ConcurrentExecutions: 1000,
          UnreservedConcurrentExecutions: 900,
        })
        assert.equal(AccountUsage!.FunctionCount, 1)
      },
    },
    state: {
      'all calls of a region’s control plane share 15 a second': async (cloud) => {
        await cloud.pass(1)
        const lambda = cloud.client(Lambda)
        for (let call = 0; call < 15; call += 1) await lambda.listFunctions({})
        await refused(lambda.getAccountSettings({}), 'TooManyRequestsException', 'Rate exceeded')
        await lambda.getFunction({ FunctionName: 'reserving' })
        await cloud.pass(1 / 15)
        await lambda.getAccountSettings({})
        await refused(lambda.listFunctions({}), 'TooManyRequestsException')
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const { AccountLimit } = (await aws.run(['lambda', 'get-account-settings'])) as {
        AccountLimit: { ConcurrentExecutions: number }
      }
      assert.equal(AccountLimit.ConcurrentExecutions, 1000)
    },
  },

  TagResource: {
    happy: {
      'tags are added and replaced by key': async (cloud) => {
        const lambda = await active(cloud, 'tagged', ECHO, { Tags: { a: '1', b: '2' } })
        const Resource = arnOf('tagged')
        await lambda.tagResource({ Resource, Tags: { b: '3', c: '4' } })
        assert.deepEqual((await lambda.listTags({ Resource })).Tags, { a: '1', b: '3', c: '4' })
      },
    },
    validation: {
      'a version or alias has no tags': async (cloud) => {
        const call = cloud.client(Lambda).tagResource({ Resource: `${arnOf('tagged')}:1`, Tags: { a: 'b' } })
        await refused(
          call,
          'InvalidParameterValueException',
          'Tags on function aliases and versions are not supported. Please specify a function ARN.',
        )
      },
      'there are at most 50': async (cloud) => {
        const lambda = await active(cloud, 'many')
        const Tags = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, '']))
        await refused(
          lambda.tagResource({ Resource: arnOf('many'), Tags }),
          'InvalidParameterValueException',
          'Number of tags exceeds resource tag limit.',
        )
      },
    },
    state: {
      'an absent function is not found': async (cloud) => {
        const call = cloud.client(Lambda).tagResource({ Resource: arnOf('absent'), Tags: { a: 'b' } })
        await refused(call, 'ResourceNotFoundException', `Function not found: ${arnOf('absent')}`)
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-tag'))
      await aws.run(['lambda', 'tag-resource', '--resource', arnOf('cli-tag'), '--tags', 'a=1,b=2'])
    },
  },

  UntagResource: {
    happy: {
      'keys go, and absent ones are no error': async (cloud) => {
        const lambda = await active(cloud, 'untagged', ECHO, { Tags: { a: '1', b: '2' } })
        const Resource = arnOf('untagged')
        await lambda.untagResource({ Resource, TagKeys: ['a', 'none'] })
        assert.deepEqual((await lambda.listTags({ Resource })).Tags, { b: '2' })
      },
    },
    state: {
      'an absent function is not found': async (cloud) => {
        const call = cloud.client(Lambda).untagResource({ Resource: arnOf('absent'), TagKeys: ['a'] })
        await refused(call, 'ResourceNotFoundException')
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['lambda', 'untag-resource', '--resource', arnOf('cli-tag'), '--tag-keys', 'a'])
    },
  },

  ListTags: {
    happy: {
      'a function without tags has an empty map': async (cloud) => {
        const lambda = await active(cloud, 'bare')
        assert.deepEqual((await lambda.listTags({ Resource: arnOf('bare') })).Tags, {})
      },
    },
    state: {
      'an absent function is not found': async (cloud) => {
        const call = cloud.client(Lambda).listTags({ Resource: arnOf('absent') })
        await refused(call, 'ResourceNotFoundException', `Function not found: ${arnOf('absent')}`)
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const answer = await aws.run(['lambda', 'list-tags', '--resource', arnOf('cli-tag')])
      assert.deepEqual(answer, { Tags: { b: '2' } })
    },
  },

  PutFunctionConcurrency: {
    happy: {
      'a function with no concurrency left is throttled, with the reason': async (cloud) => {
        const lambda = await active(cloud, 'stopped')
        const reserved = { FunctionName: 'stopped', ReservedConcurrentExecutions: 0 }
        assert.equal((await lambda.putFunctionConcurrency(reserved)).ReservedConcurrentExecutions, 0)
        const error = await refused(invoke(cloud, 'stopped'), 'TooManyRequestsException', 'Rate Exceeded.')
        assert.equal(
          (error as { Reason?: string }).Reason,
          'ReservedFunctionConcurrentInvocationLimitExceeded',
        )
      },
    },
    validation: {
      '100 must be left to functions that reserve nothing': async (cloud) => {
        const lambda = await active(cloud, 'greedy')
        await refused(
          lambda.putFunctionConcurrency({ FunctionName: 'greedy', ReservedConcurrentExecutions: 901 }),
          'InvalidParameterValueException',
          "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
        )
      },
      'versions and aliases have none': async (cloud) => {
        const lambda = await active(cloud, 'versioned')
        const input = { FunctionName: 'versioned:1', ReservedConcurrentExecutions: 1 }
        await refused(lambda.putFunctionConcurrency(input), 'InvalidParameterValueException', VERSIONED)
      },
    },
    state: {
      'a function that is Pending is refused': async (cloud) => {
        const lambda = cloud.client(Lambda)
        await lambda.createFunction(await inputOf(cloud, 'pending'))
        const input = { FunctionName: 'pending', ReservedConcurrentExecutions: 1 }
        await refused(lambda.putFunctionConcurrency(input), 'ResourceConflictException', PENDING)
      },
      'an absent function is not found, as its $LATEST': async (cloud) => {
        const input = { FunctionName: 'absent', ReservedConcurrentExecutions: 1 }
        const call = cloud.client(Lambda).putFunctionConcurrency(input)
        await refused(call, 'ResourceNotFoundException', `Function not found: ${absentArn}`)
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-reserved'))
      const args = ['--function-name', 'cli-reserved', '--reserved-concurrent-executions', '5']
      const answer = await aws.run(['lambda', 'put-function-concurrency', ...args])
      assert.deepEqual(answer, { ReservedConcurrentExecutions: 5 })
    },
  },

  GetFunctionConcurrency: {
    happy: {
      'it is empty where nothing is reserved': async (cloud) => {
        const lambda = await active(cloud, 'free')
        const { ReservedConcurrentExecutions } = await lambda.getFunctionConcurrency({ FunctionName: 'free' })
        assert.equal(ReservedConcurrentExecutions, undefined)
      },
    },
    state: {
      'an absent function is not found, as its $LATEST': async (cloud) => {
        const call = cloud.client(Lambda).getFunctionConcurrency({ FunctionName: 'absent' })
        await refused(call, 'ResourceNotFoundException', `Function not found: ${absentArn}`)
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const args = ['lambda', 'get-function-concurrency', '--function-name', 'cli-reserved']
      assert.deepEqual(await aws.run(args), { ReservedConcurrentExecutions: 5 })
    },
  },

  DeleteFunctionConcurrency: {
    happy: {
      'the function runs again, under the account’s concurrency; where nothing was reserved it is no error':
        async (cloud) => {
          const lambda = await active(cloud, 'freed')
          const FunctionName = 'freed'
          await lambda.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 0 })
          await lambda.deleteFunctionConcurrency({ FunctionName })
          await lambda.deleteFunctionConcurrency({ FunctionName })
          assert.deepEqual((await invoke(cloud, 'freed', { a: 1 })).payload, { a: 1 })
        },
    },
    state: {
      'an absent function is not found, as its $LATEST': async (cloud) => {
        const call = cloud.client(Lambda).deleteFunctionConcurrency({ FunctionName: 'absent' })
        await refused(call, 'ResourceNotFoundException', `Function not found: ${absentArn}`)
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      await aws.run(['lambda', 'delete-function-concurrency', '--function-name', 'cli-reserved'])
      await assert.rejects(
        aws.run(['lambda', 'delete-function-concurrency', '--function-name', `${ACCOUNT}:absent`]),
        /\(ResourceNotFoundException\)/,
      )
    },
  },
}
