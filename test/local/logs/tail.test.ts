// `aws logs tail`, which is of version 2 of the `aws` CLI: what it shows of a function, at once and as it follows.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda'
import { type FunctionCloud, functionInput, startFunctionCloud } from '../lambda/function-cloud.js'

const { stdout } = spawnSync('aws', ['--version'], { encoding: 'utf8' })
const skip = /^aws-cli\/2/.test(stdout ?? '') ? false : 'aws logs tail needs version 2 of the aws CLI'

describe('aws logs tail', { skip, timeout: 60_000 }, () => {
  const name = '/aws/lambda/tailed'
  let cloud: FunctionCloud
  before(async () => {
    cloud = await startFunctionCloud()
    await cloud.logs.send(new CreateLogGroupCommand({ logGroupName: name }))
    const code = 'export const handler = async ({ n }) => console.log("line " + n)'
    await cloud.lambda.send(new CreateFunctionCommand(functionInput('tailed', code)))
    await invoke(1)
  })
  after(() => cloud.close())

  const invoke = (n: number) =>
    cloud.lambda.send(new InvokeCommand({ FunctionName: 'tailed', Payload: JSON.stringify({ n }) }))

  function tail(...more: string[]): { child: ChildProcess; shown(): string } {
    const args = ['logs', 'tail', name, '--since', '1h', '--format', 'short', '--endpoint-url', cloud.url]
    const env = { PATH: process.env.PATH, HOME: '/nonexistent', ...cloud.environment }
    const child = spawn('aws', [...args, ...more], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    return { child, shown: () => text }
  }

  test('it shows a function’s lines in their order', async () => {
    const { child, shown } = tail()
    assert.deepEqual(await once(child, 'close'), [0, null])
    assert.match(
      shown(),
      /INIT_START.*START RequestId: .*INFO\tline 1\n.*END RequestId: .*REPORT RequestId: /s,
    )
  })

  test('as it follows, each line comes once', async () => {
    const { child, shown } = tail('--follow')
    // What it shows may stay in its buffer until its end; its polls are seen here.
    const polls = async (count: number) => {
      const wanted = cloud.calls() + count
      while (cloud.calls() < wanted) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await polls(1)
    await invoke(2)
    await invoke(3)
    await polls(2)
    child.kill('SIGINT')
    await once(child, 'close')
    assert.deepEqual(shown().match(/line \d/g), ['line 1', 'line 2', 'line 3'])
  })
})
