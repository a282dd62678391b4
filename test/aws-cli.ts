// The `aws` CLI as an independent client: botocore signs, encodes and parses by its own models. One Python process runs
// all commands where its library can be imported; else each command is a process.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** False, or why tests with the `aws` CLI are skipped. */
export const NO_AWS = spawnSync('which', ['aws']).status === 0 ? false : 'aws is not installed'

const ENVIRONMENT = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_MAX_ATTEMPTS: '1',
  AWS_PAGER: '',
}

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
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
export function openAwsCli(endpointUrl: string, credentials: Credentials): AwsCli {
  const env = {
    ...ENVIRONMENT,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken && { AWS_SESSION_TOKEN: credentials.sessionToken }),
  }
  const hasLibrary = spawnSync('python3', ['-c', 'import awscli.clidriver']).status === 0
  const worker = hasLibrary ? startWorker(env) : undefined
  return {
    async run(args, region = 'eu-west-1') {
      const all = [...args, '--endpoint-url', endpointUrl, '--region', region, '--output', 'json']
      const { code, stdout, stderr } = await (worker ? worker.ask(all) : execute(all, env))
      if (code !== 0) throw new Error(stderr.trim())
      // Some commands stream a body to a file and print its metadata; some print nothing.
      return stdout.trim() ? JSON.parse(stdout) : undefined
    },
    close: () => worker?.close(),
  }
}

function execute(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile('aws', args, { env, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ code: error ? 1 : 0, stdout, stderr }),
    )
  })
}

function startWorker(env: NodeJS.ProcessEnv) {
  const script = fileURLToPath(new URL('./aws-worker.py', import.meta.url))
  const child: ChildProcess = spawn('python3', [script], {
    env,
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
