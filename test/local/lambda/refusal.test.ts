// What CreateFunction and its siblings refuse, over the wire: AWS's own rules in AWS's words, and what cannot be done
// here, said aloud.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  GetFunctionCommand,
  InvokeCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
import { type FunctionCloud, functionInput, startFunctionCloud, zipOf } from './function-cloud.js'

let cloud: FunctionCloud
before(async () => {
  cloud = await startFunctionCloud()
  await cloud.lambda.send(new CreateFunctionCommand(functionInput('there')))
})
after(() => cloud.close())

type Case = [what: string, more: Partial<CreateFunctionCommandInput>, code: string, message: RegExp]
const VALIDATION = 'ValidationException'
const PARAMETER = 'InvalidParameterValueException'
const here = (what: string) => new RegExp(`^The local cloud does not support ${what}.$`)
const environment = (variables: Record<string, string>) => ({ Environment: { Variables: variables } })

const AWS_RULES: Case[] = [
  ['a long name', { FunctionName: 'a'.repeat(65) }, PARAMETER, /'functionName' .*less than or equal to 64$/],
  ['a very long name', { FunctionName: 'a'.repeat(141) }, VALIDATION, /less than or equal to 140$/],
  [
    'a name with a dot',
    { FunctionName: 'a.b' },
    VALIDATION,
    /at 'functionName' .*regular expression pattern/,
  ],
  ['no role ARN', { Role: 'r1' }, VALIDATION, /^1 validation error detected: Value 'r1' at 'role'/],
  ['no handler', { Handler: undefined }, PARAMETER, /^Runtime and Handler are mandatory/],
  ['a handler with a space', { Handler: 'a b.c' }, VALIDATION, /at 'handler'/],
  [
    'a blocked runtime',
    { Runtime: 'nodejs20.x' },
    PARAMETER,
    /^The runtime parameter of nodejs20.x is no longer supported for creating or updating AWS Lambda functions\. /,
  ],
  [
    'no runtime of AWS',
    { Runtime: 'nodejs23.x' as never },
    PARAMETER,
    /^Value nodejs23.x at 'runtime' failed/,
  ],
  [
    'two architectures',
    { Architectures: ['arm64', 'x86_64'] },
    VALIDATION,
    /^1 validation error detected: Value '\[arm64, x86_64\]' at 'architectures'/,
  ],
  [
    'an unknown architecture',
    { Architectures: ['X86_64' as never] },
    VALIDATION,
    /enum value set: \[x86_64, arm64\]/,
  ],
  ['little memory', { MemorySize: 64 }, VALIDATION, /at 'memorySize' .*greater than or equal to 128$/],
  ['much memory', { MemorySize: 10_241 }, PARAMETER, /^'MemorySize' value failed .* 10240$/],
  ['no time', { Timeout: 0 }, VALIDATION, /at 'timeout' .*greater than or equal to 1$/],
  ['much time', { Timeout: 901 }, VALIDATION, /at 'timeout' .*less than or equal to 900$/],
  ['a long description', { Description: 'a'.repeat(257) }, VALIDATION, /at 'description'/],
  [
    'a reserved variable',
    environment({ AWS_REGION: 'x' }),
    PARAMETER,
    /Reserved keys used in this request: AWS_REGION$/,
  ],
  [
    'a large environment',
    environment({ LARGE: 'x'.repeat(4096) }),
    PARAMETER,
    /exceeded the 4KB limit\. String measured: \{"LARGE":"xxx/,
  ],
  ['a short variable name', environment({ a: 'x' }), VALIDATION, /Map keys must satisfy constraint/],
  [
    'an empty zip',
    { Code: { ZipFile: new Uint8Array() } },
    PARAMETER,
    /^Uploaded file must be a non-empty zip$/,
  ],
  ['no zip', { Code: { ZipFile: Buffer.from('hello') } }, PARAMETER, /^Could not unzip uploaded file\. /],
  ['half a zip', { Code: { ZipFile: zipOf({ a: 'a' }).slice(0, 40) } }, PARAMETER, /^Could not unzip/],
  [
    'a zip that leaves its folder',
    { Code: { ZipFile: zipOf({ '../evil.mjs': '' }) } },
    PARAMETER,
    /^Could not unzip/,
  ],
  ['no code', { Code: {} }, PARAMETER, /^Please provide a source for function code\.$/],
  ['a wrong log group', { LoggingConfig: { LogGroup: 'a b' } }, VALIDATION, /at 'loggingConfig.logGroup'/],
  ['log levels for text', { LoggingConfig: { SystemLogLevel: 'INFO' } }, PARAMETER, /log format to JSON/],
]

const LIMITS_OF_THIS_CLOUD: Case[] = [
  [
    'another language',
    { Runtime: 'python3.13' },
    PARAMETER,
    /^The local cloud runs nodejs22.x and nodejs24.x only: python3.13 cannot/,
  ],
  ['code in S3', { Code: { S3Bucket: 'bbb', S3Key: 'k' } }, PARAMETER, /code in S3/],
  ['an image', { PackageType: 'Image', Code: { ImageUri: 'x' } }, PARAMETER, here('PackageType Image')],
  ['layers', { Layers: ['arn:aws:lambda:eu-west-1:000000000000:layer:a:1'] }, PARAMETER, here('Layers')],
  ['a VPC', { VpcConfig: { SubnetIds: ['subnet-1'] } }, PARAMETER, here('VpcConfig')],
  ['publishing', { Publish: true }, PARAMETER, here('published versions')],
  [
    'a dead letter queue',
    { DeadLetterConfig: { TargetArn: 'arn:aws:sqs:eu-west-1:000000000000:q' } },
    PARAMETER,
    here('DeadLetterConfig'),
  ],
  ['a key', { KMSKeyArn: 'arn:aws:kms:eu-west-1:000000000000:key/a' }, PARAMETER, here('KMSKeyArn')],
  ['tracing', { TracingConfig: { Mode: 'Active' } }, PARAMETER, here('TracingConfig Active')],
  ['SnapStart', { SnapStart: { ApplyOn: 'PublishedVersions' } }, PARAMETER, here('SnapStart')],
  ['a large disk', { EphemeralStorage: { Size: 1024 } }, PARAMETER, here('EphemeralStorage other than 512')],
  ['JSON logs', { LoggingConfig: { LogFormat: 'JSON' } }, PARAMETER, here('LogFormat JSON')],
]

describe('CreateFunction refuses', () => {
  for (const [what, more, name, message] of [...AWS_RULES, ...LIMITS_OF_THIS_CLOUD]) {
    test(what, async () => {
      const input = functionInput('refused', undefined, more)
      await assert.rejects(cloud.lambda.send(new CreateFunctionCommand(input)), { name, message })
      const found = cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'refused' }))
      await assert.rejects(found, { name: 'ResourceNotFoundException' })
    })
  }

  test('and takes what is empty of those', async () => {
    const input = functionInput('plain', undefined, {
      VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
      Layers: [],
      TracingConfig: { Mode: 'PassThrough' },
      SnapStart: { ApplyOn: 'None' },
      EphemeralStorage: { Size: 512 },
      Publish: false,
      ...environment({ status: '200' }),
    })
    const { Environment } = await cloud.lambda.send(new CreateFunctionCommand(input))
    assert.deepEqual(Environment, { Variables: { status: '200' } })
  })
})

describe('others refuse', () => {
  test('versions and aliases, as there are none', async () => {
    const found = cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'there', Qualifier: 'live' }))
    await assert.rejects(found, { name: 'ResourceNotFoundException', message: /function:there:live$/ })
    const both = cloud.lambda.send(new GetFunctionCommand({ FunctionName: 'there:1', Qualifier: '2' }))
    await assert.rejects(both, { name: PARAMETER, message: /does not match the specified qualifier/ })
    const published = cloud.lambda.send(new PublishVersionCommand({ FunctionName: 'there' }))
    await assert.rejects(published, { name: 'NotImplemented' })
  })

  test('another account’s function', async () => {
    const FunctionName = 'arn:aws:lambda:eu-west-1:111111111111:function:there'
    await assert.rejects(cloud.lambda.send(new GetFunctionCommand({ FunctionName })), {
      name: 'AccessDeniedException',
    })
  })

  test('events that are no JSON or too large', async () => {
    const invoke = (more: object) => cloud.lambda.send(new InvokeCommand({ FunctionName: 'there', ...more }))
    await assert.rejects(invoke({ Payload: '{' }), {
      name: 'InvalidRequestContentException',
      message: /^Could not parse request body into json: Could not parse payload into json: /,
    })
    await assert.rejects(invoke({ Payload: new Uint8Array([34, 0x87, 34]) }), {
      name: 'InvalidRequestContentException',
    })
    await assert.rejects(invoke({ Payload: JSON.stringify('x'.repeat(6_291_455)) }), {
      name: 'RequestEntityTooLargeException',
      message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    })
    await assert.rejects(
      invoke({ InvocationType: 'Event', Payload: JSON.stringify('x'.repeat(1_048_575)) }),
      {
        name: 'RequestEntityTooLargeException',
        message: '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
      },
    )
    await assert.rejects(invoke({ InvocationType: 'Other' }), { name: VALIDATION })
    await assert.rejects(invoke({ ClientContext: 'e30=' }), {
      name: PARAMETER,
      message: here('ClientContext'),
    })
  })

  test('code that is nowhere', async () => {
    const update = new UpdateFunctionCodeCommand({ FunctionName: 'there' })
    await assert.rejects(cloud.lambda.send(update), { name: PARAMETER })
  })

  test('tags of what has none', async () => {
    const tag = (Resource: string) =>
      cloud.lambda.send(new TagResourceCommand({ Resource, Tags: { a: 'b' } }))
    await assert.rejects(tag('arn:aws:something'), { name: VALIDATION })
    const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:there'
    await assert.rejects(tag(`${arn}:1`), {
      name: PARAMETER,
      message: /^Tags on function aliases and versions/,
    })
    await assert.rejects(tag(arn.replace('there', 'nowhere')), { name: 'ResourceNotFoundException' })
  })

  test('statements that AWS refuses', async () => {
    const add = (more: object) => {
      const statement = {
        StatementId: 's',
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
      }
      return cloud.lambda.send(new AddPermissionCommand({ FunctionName: 'there', ...statement, ...more }))
    }
    await assert.rejects(add({ StatementId: 'a.b' }), { name: VALIDATION, message: /at 'statementId'/ })
    await assert.rejects(add({ Action: 's3:Get' }), { name: VALIDATION })
    await assert.rejects(add({ Principal: 'me' }), {
      name: PARAMETER,
      message: /^The provided principal was invalid/,
    })
    await assert.rejects(add({ Qualifier: '$LATEST' }), {
      name: PARAMETER,
      message: /policies for \$LATEST\.$/,
    })
    await assert.rejects(add({ PrincipalOrgID: 'o-1234567890' }), {
      name: PARAMETER,
      message: here('PrincipalOrgID'),
    })
  })
})
