// Lambda and CloudWatch Logs through the `aws` CLI: another client than the SDK's. Skipped where it is not installed.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type AwsCli, NO_AWS, openAwsCli } from '../../aws-cli.js'
import { type FunctionCloud, ROLE, startFunctionCloud, zipOf } from './function-cloud.js'

describe('the aws CLI', { skip: NO_AWS }, () => {
  let cloud: FunctionCloud
  let cli: AwsCli
  before(async () => {
    cloud = await startFunctionCloud()
    const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = cloud.environment
    cli = openAwsCli(AWS_ENDPOINT_URL!, {
      accessKeyId: AWS_ACCESS_KEY_ID!,
      secretAccessKey: AWS_SECRET_ACCESS_KEY!,
    })
  })
  after(() => {
    cli.close()
    return cloud.close()
  })

  /** The parsed output, or the error's line. */
  const aws = async (...args: string[]) =>
    (await cli.run(args).catch((error: Error) => error.message)) as Record<string, unknown> & string

  test('a function’s life and its log', async () => {
    const zip = join(cloud.dataDir, 'f.zip')
    const event = join(cloud.dataDir, 'event.json')
    writeFileSync(event, '{"n":1}')
    const answer = join(cloud.dataDir, 'answer.json')
    writeFileSync(
      zip,
      zipOf({ 'index.mjs': 'export const handler = async (e) => { console.log("hi"); return e }' }),
    )
    await aws('logs', 'create-log-group', '--log-group-name', '/aws/lambda/f', '--tags', 'a=b')
    await aws(
      'logs',
      'put-retention-policy',
      '--log-group-name',
      '/aws/lambda/f',
      '--retention-in-days',
      '30',
    )
    const created = await aws(
      ...['lambda', 'create-function', '--function-name', 'f', '--runtime', 'nodejs24.x', '--role', ROLE],
      ...['--handler', 'index.handler', '--architectures', 'arm64', '--zip-file', `fileb://${zip}`],
      ...['--environment', 'Variables={status=200}', '--tags', 'stack=x'],
    )
    assert.equal(created.FunctionName, 'f')
    await aws('lambda', 'wait', 'function-active-v2', '--function-name', 'f')
    const invoked = await aws(
      ...[
        'lambda',
        'invoke',
        '--function-name',
        'f',
        '--payload',
        `fileb://${event}`,
        '--log-type',
        'Tail',
        answer,
      ],
    )
    assert.equal(invoked.StatusCode, 200, String(invoked))
    assert.equal(readFileSync(answer, 'utf8'), '{"n":1}')
    assert.match(Buffer.from(String(invoked.LogResult), 'base64').toString(), /\tINFO\thi\n/)
    const permission = [
      '--statement-id',
      's',
      '--action',
      'lambda:InvokeFunction',
      '--principal',
      'apigateway.amazonaws.com',
    ]
    await aws('lambda', 'add-permission', '--function-name', 'f', ...permission)
    const { Policy } = await aws('lambda', 'get-policy', '--function-name', 'f')
    assert.equal(JSON.parse(String(Policy)).Statement[0].Sid, 's')
    const { events } = await aws('logs', 'filter-log-events', '--log-group-name', '/aws/lambda/f')
    assert.match(JSON.stringify(events), /START RequestId.*hi.*REPORT/)
    await aws('lambda', 'delete-function', '--function-name', 'f')
    assert.match(
      await aws('lambda', 'get-function', '--function-name', 'f'),
      /\(ResourceNotFoundException\) when calling the GetFunction operation: Function not found: arn:aws:lambda:eu-west-1:000000000000:function:f$/,
    )
  })

  test('refusals are told', async () => {
    const group = ['--log-group-name', 'none', '--retention-in-days']
    assert.match(await aws('logs', 'put-retention-policy', ...group, '2'), /\(InvalidParameterException\)/)
    assert.match(
      await aws('lambda', 'list-layers'),
      /\(NotImplemented\).* does not implement lambda:ListLayers/,
    )
  })
})
