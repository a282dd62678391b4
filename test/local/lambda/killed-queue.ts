// A daemon for event-queue.test.ts to kill: in the folder that it is given, a function that notes each run and never
// ends gets an event.
import { join } from 'node:path'
import { CreateFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda'
import { openStore } from '../../../src/local/store.js'
import { functionInput, startFunctionCloud } from './function-cloud.js'

const dataDir = process.argv[2]!
const { lambda } = await startFunctionCloud({ dataDir, store: await openStore(join(dataDir, 'store')) })
const code = `import { appendFileSync } from 'node:fs'
export const handler = async (event) => {
  appendFileSync(process.env.NOTE, JSON.stringify(event) + '\\n')
  await new Promise((resolve) => setTimeout(resolve, 60_000))
}`
const more = { Timeout: 60, Environment: { Variables: { NOTE: join(dataDir, 'runs') } } }
await lambda.send(new CreateFunctionCommand(functionInput('noting', code, more)))
await lambda.send(new InvokeCommand({ FunctionName: 'noting', InvocationType: 'Event', Payload: '{"n":7}' }))
