// Lambda: functions from CreateFunction to DeleteFunction. Their updates are update-suite.ts's.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { IAM } from '@aws-sdk/client-iam'
import { type CreateFunctionCommandInput, Lambda } from '@aws-sdk/client-lambda'
import { ACCOUNT, VIRGINIA } from '../cloud.js'
import { refused } from '../run.js'
import type { Case, ServiceSuite } from '../suite.js'
import { active, arnOf, createArguments, ECHO, inputOf, ROLE, TRUST, zipOf } from './function.js'

export const PENDING =
  'The operation cannot be performed at this time. The function is currently in the following state: Pending'
export const UNASSUMABLE = 'The role defined for the function cannot be assumed by Lambda.'
export const shaOf = (zip: Uint8Array) => createHash('sha256').update(zip).digest('base64')

/** A case of CreateFunction that is refused, and makes nothing. */
const refusedCreate =
  (
    more: Partial<CreateFunctionCommandInput>,
    message: string | RegExp,
    code = 'InvalidParameterValueException',
  ): Case =>
  async (cloud) => {
    const lambda = cloud.client(Lambda)
    await cloud.pass(1)
    await refused(lambda.createFunction(await inputOf(cloud, 'refused', ECHO, more)), code, message)
    await refused(lambda.getFunction({ FunctionName: 'refused' }), 'ResourceNotFoundException')
  }

export const variables = (Variables: Record<string, string>) => ({ Environment: { Variables } })
const CANNOT_CONFIGURE =
  'Lambda was unable to configure your environment variables because the environment variables you have provided'

/** A zip whose directory says that its file is that large. */
function claiming(bytes: number): Uint8Array {
  const zip = Buffer.from(zipOf({ 'index.mjs': ECHO }))
  zip.writeUInt32LE(bytes, zip.lastIndexOf(Buffer.from('PK\x01\x02')) + 24)
  return zip
}

export const functionOperations: ServiceSuite['operations'] = {
  CreateFunction: {
    happy: {
      'a new function is Pending, says that it is being created, and has no LastUpdateStatus': async (
        cloud,
      ) => {
        const input = await inputOf(cloud, 'fresh')
        const answer = await cloud.client(Lambda).createFunction(input)
        assert.equal(answer.$metadata.httpStatusCode, 201)
        assert.deepEqual(
          [answer.State, answer.StateReasonCode, answer.StateReason, answer.LastUpdateStatus],
          ['Pending', 'Creating', 'The function is being created.', undefined],
        )
        assert.equal(answer.CodeSha256, shaOf(input.Code!.ZipFile!))
      },
      'seconds later it is Active and its update Successful, under another revision': async (cloud) => {
        const lambda = cloud.client(Lambda)
        const { RevisionId } = await lambda.createFunction(await inputOf(cloud, 'ready'))
        await cloud.pass(5)
        const later = await lambda.getFunctionConfiguration({ FunctionName: 'ready' })
        assert.deepEqual([later.State, later.LastUpdateStatus], ['Active', 'Successful'])
        assert.notEqual(later.RevisionId, RevisionId)
      },
    },
    validation: {
      'a zip needs Runtime and Handler': refusedCreate(
        { Handler: undefined },
        'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      ),
      'nodejs20.x is blocked': refusedCreate(
        { Runtime: 'nodejs20.x' },
        'The runtime parameter of nodejs20.x is no longer supported for creating or updating AWS Lambda functions. ' +
          'We recommend you use a supported runtime while creating or updating functions.',
      ),
      'a reserved environment variable is refused by name': refusedCreate(
        variables({ AWS_REGION: 'x' }),
        `${CANNOT_CONFIGURE} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION`,
      ),
      'an environment is at most 4 KB': refusedCreate(
        variables({ LARGE: 'x'.repeat(4096) }),
        new RegExp(`^${CANNOT_CONFIGURE} exceeded the 4KB limit\\. String measured: `),
      ),
      'log levels need the JSON format': refusedCreate(
        { LoggingConfig: { SystemLogLevel: 'INFO' } },
        'You must set your log format to JSON to configure log levels.',
      ),
      'what is no zip is refused': refusedCreate(
        { Code: { ZipFile: Buffer.from('no zip') } },
        'Could not unzip uploaded file. Please check your file, then try to upload again.',
      ),
      'code of more than 250 MB unzipped is refused': refusedCreate(
        { Code: { ZipFile: claiming(262_144_001) } },
        'Unzipped size must be smaller than 262144000 bytes',
      ),
      'a zip has at most 50 MB, and the whole call a little more': async (cloud) => {
        const sizes: [bytes: number, message: string][] = [
          [52_428_801, 'Zipped size must be smaller than 52428800 bytes'],
          [52_700_000, 'Request must be smaller than 70167211 bytes for the CreateFunction operation'],
        ]
        for (const [bytes, message] of sizes) {
          const input = await inputOf(cloud, 'huge', ECHO, { Code: { ZipFile: new Uint8Array(bytes) } })
          const call = cloud.client(Lambda).createFunction(input)
          await refused(call, 'RequestEntityTooLargeException', message)
        }
      },
    },
    state: {
      'a name that is taken is refused, Pending or not; in another region it is free': async (cloud) => {
        const lambda = cloud.client(Lambda)
        const input = await inputOf(cloud, 'taken')
        await lambda.createFunction(input)
        const taken = () =>
          refused(lambda.createFunction(input), 'ResourceConflictException', 'Function already exist: taken')
        await taken()
        await cloud.pass(5)
        await taken()
        await cloud.client(Lambda, VIRGINIA).createFunction(input)
      },
      'a fresh role cannot be assumed for some seconds': async (cloud) => {
        const lambda = cloud.client(Lambda)
        const input = await inputOf(cloud, 'early')
        const { Role } = await cloud
          .client(IAM)
          .createRole({ RoleName: 'fresh-role', AssumeRolePolicyDocument: TRUST })
        const create = () => lambda.createFunction({ ...input, Role: Role!.Arn })
        await cloud.pass(14)
        await refused(create(), 'InvalidParameterValueException', UNASSUMABLE)
        await cloud.pass(1)
        await create()
      },
      'a role that is absent or does not trust Lambda is refused in the same words': async (cloud) => {
        const lambda = cloud.client(Lambda)
        const input = await inputOf(cloud, 'roleless')
        const iam = cloud.client(IAM)
        const other = TRUST.replace('lambda', 'ec2')
        await iam.createRole({ RoleName: 'of-another', AssumeRolePolicyDocument: other })
        await cloud.pass(15)
        for (const name of ['of-another', 'absent']) {
          const Role = `arn:aws:iam::${ACCOUNT}:role/${name}`
          await refused(
            lambda.createFunction({ ...input, Role }),
            'InvalidParameterValueException',
            UNASSUMABLE,
          )
        }
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      const args = await createArguments(cloud, 'cli-create')
      const created = (await aws.run([...args, '--environment', 'Variables={status=200}'])) as {
        FunctionArn: string
      }
      assert.equal(created.FunctionArn, arnOf('cli-create'))
      await assert.rejects(aws.run(args), /\(ResourceConflictException\)/)
    },
  },

  GetFunctionConfiguration: {
    happy: {
      'a function goes by its name, its partial ARN, its ARN, and with $LATEST': async (cloud) => {
        const lambda = await active(cloud, 'named')
        const names = ['named', `${ACCOUNT}:function:named`, arnOf('named'), 'named:$LATEST']
        for (const FunctionName of names) {
          assert.equal((await lambda.getFunctionConfiguration({ FunctionName })).FunctionName, 'named')
        }
      },
    },
    validation: {
      'a qualifier in the name must be the one given beside it': async (cloud) => {
        const lambda = await active(cloud, 'twofold')
        await refused(
          lambda.getFunctionConfiguration({ FunctionName: 'twofold:1', Qualifier: '2' }),
          'InvalidParameterValueException',
          'The derived qualifier from the function name does not match the specified qualifier.',
        )
      },
    },
    state: {
      'an absent function or alias is not found, under its ARN': async (cloud) => {
        const lambda = await active(cloud, 'unaliased')
        for (const FunctionName of ['absent', 'unaliased:live'])
          await refused(
            lambda.getFunctionConfiguration({ FunctionName }),
            'ResourceNotFoundException',
            `Function not found: ${arnOf(FunctionName)}`,
          )
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-read'))
      const args = ['lambda', 'get-function-configuration', '--function-name', 'cli-read']
      assert.equal(((await aws.run(args)) as { State: string }).State, 'Active')
    },
  },

  GetFunction: {
    happy: {
      'it has the configuration, the place of the code, and tags where there are any': async (cloud) => {
        const lambda = await active(cloud, 'shown', ECHO, { Tags: { a: 'b' } })
        await active(cloud, 'untagged')
        const { Configuration, Code, Tags, Concurrency } = await lambda.getFunction({ FunctionName: 'shown' })
        assert.equal(Configuration!.Role, ROLE)
        assert.deepEqual([Code!.RepositoryType, Tags, Concurrency], ['S3', { a: 'b' }, undefined])
        assert.equal((await lambda.getFunction({ FunctionName: 'untagged' })).Tags, undefined)
      },
    },
    state: {
      'an absent function is not found, under its ARN': async (cloud) => {
        await refused(
          cloud.client(Lambda).getFunction({ FunctionName: 'absent' }),
          'ResourceNotFoundException',
          `Function not found: ${arnOf('absent')}`,
        )
      },
      'another region’s function cannot be reached': async (cloud) => {
        await refused(
          cloud.client(Lambda).getFunction({ FunctionName: arnOf('absent', VIRGINIA) }),
          'ResourceNotFoundException',
          "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')",
        )
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-get'))
      const args = ['lambda', 'get-function', '--function-name', 'cli-get']
      const { Configuration } = (await aws.run(args)) as { Configuration: { Handler: string } }
      assert.equal(Configuration.Handler, 'index.handler')
    },
  },

  DeleteFunction: {
    happy: {
      'a function goes at once with its policy, even while it is Pending': async (cloud) => {
        const lambda = cloud.client(Lambda)
        const FunctionName = 'gone'
        const input = await inputOf(cloud, FunctionName)
        await lambda.createFunction(input)
        await lambda.deleteFunction({ FunctionName })
        await active(cloud, FunctionName)
        const Principal = 'apigateway.amazonaws.com'
        await lambda.addPermission({ FunctionName, StatementId: 's', Action: 'lambda:*', Principal })
        await lambda.deleteFunction({ FunctionName })
        await refused(lambda.getFunction({ FunctionName }), 'ResourceNotFoundException')
        await active(cloud, FunctionName)
        await refused(lambda.getPolicy({ FunctionName }), 'ResourceNotFoundException')
      },
    },
    validation: {
      '$LATEST is not deleted alone': async (cloud) => {
        const lambda = await active(cloud, 'latest')
        await refused(
          lambda.deleteFunction({ FunctionName: 'latest', Qualifier: '$LATEST' }),
          'InvalidParameterValueException',
          '$LATEST version cannot be deleted without deleting the function.',
        )
      },
    },
    state: {
      'an absent function, or one that was deleted, is not found': async (cloud) => {
        const lambda = await active(cloud, 'once')
        await lambda.deleteFunction({ FunctionName: 'once' })
        for (const FunctionName of ['once', 'never'])
          await refused(
            lambda.deleteFunction({ FunctionName }),
            'ResourceNotFoundException',
            `Function not found: ${arnOf(FunctionName)}`,
          )
      },
    },
    pagination: 'not paginated',
    cli: async (cloud, aws) => {
      await aws.run(await createArguments(cloud, 'cli-delete'))
      const args = ['lambda', 'delete-function', '--function-name', 'cli-delete']
      await aws.run(args)
      await assert.rejects(aws.run(args), /\(ResourceNotFoundException\).*Function not found: /)
    },
  },
}
