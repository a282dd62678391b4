// A throwaway project in a temporary folder, with the shipped config and handlers, the real CLI beside it and a local
// cloud of its own. Tests come in through the front door only: this, the SDK, `aws`, `dig`, `openssl`, `curl`.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type AwsCli, openAwsCli } from '../aws-cli.js'

const ROOT = path.resolve(import.meta.dirname, '../..')

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export class Project {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'multiregion-'))
  #aws: Promise<AwsCli> | undefined

  constructor() {
    cpSync(path.join(ROOT, 'config'), path.join(this.folder, 'config'), { recursive: true })
    mkdirSync(path.join(this.folder, 'src'))
    cpSync(path.join(ROOT, 'src/handlers'), path.join(this.folder, 'src/handlers'), { recursive: true })
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(this.folder, 'node_modules'))
  }

  /** From now on works on that project's local cloud, as another machine on the same account. */
  joinCloudOf(other: Project): void {
    mkdirSync(path.join(this.folder, '.multiregion/local'), { recursive: true })
    const cloud = '.multiregion/local/cloud'
    symlinkSync(path.join(other.folder, cloud), path.join(this.folder, cloud))
  }

  /** Runs the built CLI to its end. */
  run(...args: string[]): Promise<Ran> {
    return this.runWith({}, ...args)
  }

  /** The same with variables of its own. */
  runWith(variables: Record<string, string>, ...args: string[]): Promise<Ran> {
    return new Promise((resolve) => {
      const child = this.#spawn(variables, args)
      let stdout = ''
      let stderr = ''
      child.stdout?.on('data', (chunk) => {
        stdout += chunk
      })
      child.stderr?.on('data', (chunk) => {
        stderr += chunk
      })
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
    })
  }

  start(...args: string[]): ChildProcess {
    return this.startWith({}, ...args)
  }

  startWith(variables: Record<string, string>, ...args: string[]): ChildProcess {
    return this.#spawn(variables, args)
  }

  /** Starts a verb and kills it with SIGKILL so long after it has told of so many moves. */
  killAfter(moves: number, delayMs: number, ...args: string[]): Promise<NodeJS.Signals | null> {
    return new Promise((resolve) => {
      const child = this.start(...args)
      let told = 0
      child.stderr?.on('data', (chunk) => {
        told += String(chunk).match(/ (creating|updating|removing) /g)?.length ?? 0
        if (told >= moves) setTimeout(() => child.kill('SIGKILL'), delayMs)
      })
      child.on('close', (_code, signal) => resolve(signal))
    })
  }

  #spawn(variables: Record<string, string>, args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [path.join(ROOT, 'bin/multiregion.js'), ...args], {
      cwd: this.folder,
      env: { ...cleanEnvironment(), ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** The JSON answer of a verb that must succeed. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run(...args, '--json')
    if (code !== 0) throw new Error(`multiregion ${args.join(' ')} ended with ${code}:\n${stderr}\n${stdout}`)
    return JSON.parse(stdout) as T
  }

  edit(change: (config: Record<string, unknown>) => void): void {
    const file = path.join(this.folder, 'config/regions.json')
    const config = JSON.parse(readFileSync(file, 'utf8'))
    change(config)
    writeFileSync(file, JSON.stringify(config, null, 2))
  }

  readState(): { entries: Record<string, { id?: string }> } | undefined {
    try {
      return JSON.parse(
        readFileSync(path.join(this.folder, '.multiregion/local/multiregion-dev.json'), 'utf8'),
      )
    } catch {
      return undefined
    }
  }

  async environment(): Promise<Record<string, string>> {
    const { stdout } = await this.run('local', 'env')
    return Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.replace('export ', '').split('=') as [string, string]),
    )
  }

  /** The `aws` CLI against this project's cloud, which stays where it is from then on; rejects with its words when it fails. */
  async aws<T>(region: string, ...args: string[]): Promise<T> {
    this.#aws ??= this.environment().then((cloud) =>
      openAwsCli(cloud.AWS_ENDPOINT_URL!, {
        accessKeyId: cloud.AWS_ACCESS_KEY_ID!,
        secretAccessKey: cloud.AWS_SECRET_ACCESS_KEY!,
      }),
    )
    return ((await (await this.#aws).run(args, region)) ?? {}) as T
  }

  async remove(): Promise<void> {
    ;(await this.#aws)?.close()
    await this.run('local', 'stop')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Nothing of the machine's own AWS settings reaches a test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|CI$|NODE_OPTIONS$|NODE_TEST)/.test(name),
  )
  return {
    ...Object.fromEntries(others),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
}

/** The reason to skip a test whose independent client is not on this machine, or false. */
export const without = (program: string): string | false =>
  spawnSync('which', [program]).status === 0 ? false : `${program} is not installed`

/** Output of a program that must succeed. */
export function output(program: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, (error, stdout, stderr) => {
      if (error && error.code === undefined) reject(error)
      else resolve(stdout + stderr)
    })
    child.stdin?.end()
  })
}

export interface FrontProxy {
  readonly url: string
  close(): void
}

/** A proxy in front of the local cloud that keeps the Host as it was signed; `refuse` answers a call 503 instead. */
export async function proxyTo(target: string, refuse: (scope: Scope) => boolean): Promise<FrontProxy> {
  const server = http.createServer((request, response) => {
    const scope = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '')
    if (refuse({ region: scope?.[1] ?? '', service: scope?.[2] ?? '' })) {
      request.resume()
      response.writeHead(503).end()
      return
    }
    const options = { method: request.method, headers: request.headers }
    const onward = http.request(target + request.url, options, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    // Nobody behind it answered, so nobody in front is answered.
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}

/** Region and service of a call, from its signature. */
export interface Scope {
  readonly region: string
  readonly service: string
}
