// A daemon for host.test.ts to kill: in the folder that it is given it runs a function that is idle and one that
// never yields, and prints the process ids of both.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda'
import { functionInput, startFunctionCloud } from './function-cloud.js'

const dataDir = process.argv[2]!
const note = join(dataDir, 'pid')
const { lambda } = await startFunctionCloud({ dataDir })

async function create(name: string, code: string) {
  const more = { Timeout: 60, Environment: { Variables: { NOTE: note } } }
  await lambda.send(new CreateFunctionCommand(functionInput(name, code, more)))
}

await create('idle', 'export const handler = async () => process.pid')
const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'idle' }))
console.log(Payload!.transformToString())

await create(
  'spinning',
  `import { writeFileSync } from 'node:fs'
   export const handler = async () => { writeFileSync(process.env.NOTE, process.pid + '\\n'); for (;;); }`,
)
lambda.send(new InvokeCommand({ FunctionName: 'spinning' })).catch(() => {})
while (!existsSync(note) || !readFileSync(note, 'utf8'))
  await new Promise((resolve) => setTimeout(resolve, 10))
console.log(readFileSync(note, 'utf8').trim())
