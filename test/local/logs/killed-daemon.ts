// A daemon for killed.test.ts to kill: in the folder that it is given it runs a function that logs, puts an event
// itself, and says so when both were answered.
import { join } from 'node:path'
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CreateFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda'
import { openStore } from '../../../src/local/store.js'
import { functionInput, startFunctionCloud } from '../lambda/function-cloud.js'

const dataDir = process.argv[2]!
const store = await openStore(join(dataDir, 'store'))
const { lambda, logs } = await startFunctionCloud({ dataDir, store })
const logGroupName = '/aws/lambda/f'
const logStreamName = 'own'
await logs.send(new CreateLogGroupCommand({ logGroupName }))
await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
const code = 'export const handler = async () => console.log("from the function")'
await lambda.send(new CreateFunctionCommand(functionInput('f', code)))
await lambda.send(new InvokeCommand({ FunctionName: 'f' }))
const logEvents = [{ timestamp: Date.now(), message: 'put' }]
await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }))
console.log('answered')
