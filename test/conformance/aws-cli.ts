// The `aws` CLI as an independent client: botocore signs, encodes and parses by its own models. One Python process runs
// all commands where its library can be imported; else each command is a process.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { IRELAND, OPERATOR } from './cloud.js'

/** False, or why tests with the `aws` CLI are skipped. */
export const NO_AWS = spawnSync('aws', ['--version']).status === 0 ? false : 'aws is not installed'

const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  AWS_ACCESS_KEY_ID: OPERATOR.accessKeyId,
  AWS_SECRET_ACCESS_KEY: OPERATOR.secretAccessKey,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_MAX_ATTEMPTS: '1',
  AWS_PAGER: '',
}

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface AwsCli {
  /** The parsed output of `aws <args>`, undefined where it printed none. Rejects with what it said, `(Code)` included. */
  run(args: readonly string[], region?: string): Promise<unknown>
  close(): void
}

/** `aws` against that endpoint. `--endpoint-url`, as versions before 1.32 know no variable for it. */
export function openAwsCli(endpointUrl: string): AwsCli {
  const hasLibrary = spawnSync('python3', ['-c', 'import awscli.clidriver']).status === 0
  const worker = hasLibrary ? startWorker() : undefined
  return {
    async run(args, region = IRELAND) {
      const all = [...args, '--endpoint-url', endpointUrl, '--region', region, '--output', 'json']
      const { code, stdout, stderr } = await (worker ? worker.ask(all) : execute(all))
      if (code !== 0) throw new Error(`aws ${args.join(' ')}: ${stderr.trim()}`)
      // Some commands stream a body to a file and print its metadata; some print nothing.
      return stdout.trim() ? JSON.parse(stdout) : undefined
    },
    close: () => worker?.close(),
  }
}

function execute(args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile('aws', args, { env: ENVIRONMENT, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ code: error ? 1 : 0, stdout, stderr }),
    )
  })
}

function startWorker() {
  const script = fileURLToPath(new URL('./aws-worker.py', import.meta.url))
  const child: ChildProcess = spawn('python3', [script], {
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting: ((outcome: Outcome) => void)[] = []
  createInterface({ input: child.stdout! }).on('line', (line) => waiting.shift()?.(JSON.parse(line)))
  child.once('exit', () => {
    for (const answer of waiting.splice(0)) answer({ code: 1, stdout: '', stderr: 'the worker ended' })
  })
  return {
    ask: (args: readonly string[]) =>
      new Promise<Outcome>((resolve) => {
        waiting.push(resolve)
        child.stdin!.write(`${JSON.stringify(args)}\n`)
      }),
    close: () => void child.stdin!.end(),
  }
}
