// Runs functions: finds or makes an execution environment for each invocation, within the concurrency that AWS and
// this machine allow, and lets idle ones go. What happens inside of one is execution-environment.ts's; which function
// may be invoked is invoke.ts's.
import { existsSync } from 'node:fs'
import type { IamPort, LogsPort } from '../ports.js'
import { AwsError } from '../wire/errors.js'
import type { World } from '../world.js'
import type { FunctionCode } from './code-store.js'
import { ExecutionEnvironment, type InvocationRequest, type Outcome } from './execution-environment.js'
import { type FunctionRecord, liveSettings, type Settings } from './function.js'
import { processEnvironment } from './process-environment.js'
import { RuntimeApi } from './runtime-api.js'

// AWS: concurrent executions of an account in one region, unless raised.
export const ACCOUNT_CONCURRENCY = 1000

export interface HostLimits {
  /** A process each: beyond this many, invocations wait for one to become idle. AWS would run them all. */
  readonly environments: number
  /** Real milliseconds. AWS keeps idle ones for minutes, without saying how many. */
  readonly idleMs: number
}

const LIMITS: HostLimits = { environments: 64, idleMs: 60_000 }

export interface HostPorts {
  readonly iam: IamPort
  readonly logs: LogsPort
  readonly code: Pick<FunctionCode, 'unpack'>
  endpointUrl(): string
  readonly caFile: string
}

interface Pooled {
  /** Environments with equal keys run the same function under the same settings. */
  readonly key: string
  readonly functionArn: string
  /** Its code's folder: without it a process that runs cannot load any more of it. */
  readonly taskRoot: string
  readonly environment: ExecutionEnvironment
}

/** What runs functions. */
export interface FunctionHost {
  /**
   * Runs one invocation on the function's live settings; `region` is all functions beside it, which share the
   * account's concurrency. Throws TooManyRequestsException, and AccessDeniedException when its role cannot be assumed.
   */
  invoke(fn: FunctionRecord, region: readonly FunctionRecord[], request: InvocationRequest): Promise<Outcome>
  /** Lets a function's environments go, each after its invocation. */
  retire(functionArn: string): void
  /** Ends every process. */
  close(): Promise<void>
}

export class LambdaHost implements FunctionHost {
  private readonly pool = new Set<Pooled>()
  /** Environments whose code is being unpacked, and which are not in the pool yet. */
  private starting = 0
  private readonly waiting: (() => void)[] = []
  /** Invocations under way, by function ARN. */
  private readonly inFlight = new Map<string, number>()
  private readonly sweeper: NodeJS.Timeout

  private constructor(
    private readonly world: World,
    private readonly ports: HostPorts,
    private readonly api: RuntimeApi,
    private readonly limits: HostLimits,
  ) {
    this.sweeper = setInterval(() => this.sweep(), limits.idleMs / 12).unref()
  }

  static async start(world: World, ports: HostPorts, limits = LIMITS): Promise<LambdaHost> {
    return new LambdaHost(world, ports, await RuntimeApi.start(), limits)
  }

  async invoke(
    fn: FunctionRecord,
    region: readonly FunctionRecord[],
    request: InvocationRequest,
  ): Promise<Outcome> {
    this.admit(fn, region)
    const { arn } = fn
    this.inFlight.set(arn, this.running(arn) + 1)
    try {
      const environment = await this.take(fn, liveSettings(fn, this.world.clock.now()))
      return await environment.invoke(request)
    } finally {
      this.inFlight.set(arn, this.running(arn) - 1)
    }
  }

  retire(functionArn: string): void {
    for (const pooled of [...this.pool]) if (pooled.functionArn === functionArn) pooled.environment.retire()
  }

  async close(): Promise<void> {
    clearInterval(this.sweeper)
    const environments = [...this.pool].map(({ environment }) => environment)
    for (const environment of environments) environment.stop()
    await Promise.all(environments.map((environment) => environment.ended()))
    await this.api.close()
  }

  private running(functionArn: string): number {
    return this.inFlight.get(functionArn) ?? 0
  }

  private admit(fn: FunctionRecord, region: readonly FunctionRecord[]): void {
    const { reservedConcurrency } = fn
    if (reservedConcurrency !== undefined) {
      if (this.running(fn.arn) < reservedConcurrency) return
      throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded')
    }
    let running = 0
    let left = ACCOUNT_CONCURRENCY
    for (const { arn, reservedConcurrency: reserved } of region) {
      if (reserved === undefined) running += this.running(arn)
      else left -= reserved
    }
    if (running >= left) throw throttled('ConcurrentInvocationLimitExceeded')
  }

  private async take(fn: FunctionRecord, settings: Settings): Promise<ExecutionEnvironment> {
    const key = `${fn.arn} ${JSON.stringify(settings)}`
    this.retireOthers(fn.arn, key)
    // Ends with an environment: each turn waits for one to become idle or to go.
    for (;;) {
      const same = [...this.pool].filter((pooled) => pooled.key === key)
      const idle = same.find(({ environment }) => environment.isFree)
      if (idle && existsSync(idle.taskRoot)) return idle.environment.reserve()
      if (idle) {
        idle.environment.stop()
        continue
      }
      if (this.pool.size + this.starting < this.limits.environments || this.evictIdle()) {
        return this.start(fn, settings, key)
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve))
    }
  }

  private retireOthers(functionArn: string, key: string): void {
    for (const pooled of [...this.pool]) {
      if (pooled.functionArn === functionArn && pooled.key !== key) pooled.environment.retire()
    }
  }

  /** Ends the environment that has been idle longest. Whether there was one. */
  private evictIdle(): boolean {
    const idle = [...this.pool].map(({ environment }) => environment).filter(({ state }) => state === 'idle')
    const [oldest] = idle.sort((a, b) => a.idleSince - b.idleSince)
    oldest?.stop()
    return oldest !== undefined
  }

  private async start(fn: FunctionRecord, settings: Settings, key: string): Promise<ExecutionEnvironment> {
    if (this.ports.iam.lambdaRole(settings.roleArn) !== 'assumable') {
      const message = 'The role defined for the function cannot be assumed by Lambda.'
      throw new AwsError('AccessDeniedException', message, 403)
    }
    this.starting += 1
    try {
      return this.add(fn, settings, { key, taskRoot: await this.ports.code.unpack(settings.codeSha256) })
    } finally {
      this.starting -= 1
    }
  }

  private add(
    fn: FunctionRecord,
    settings: Settings,
    { key, taskRoot }: { key: string; taskRoot: string },
  ): ExecutionEnvironment {
    const { iam, logs } = this.ports
    const spec = (logStream: string) => {
      const credentials = iam.session(settings.roleArn, fn.name)
      const { endpointUrl, caFile } = this.ports
      const surroundings = {
        fn,
        settings,
        taskRoot,
        logStream,
        credentials,
        endpointUrl: endpointUrl(),
        caFile,
      }
      return { taskRoot, memoryMb: settings.memoryMb, environment: processEnvironment(surroundings) }
    }
    const environment = new ExecutionEnvironment({
      api: this.api,
      clock: this.world.clock,
      fn,
      settings,
      spec,
      write: (stream, at, message) => logs.write(fn.region, settings.logGroup, stream, [{ at, message }]),
      changed: () => {
        if (environment.state === 'gone') this.pool.delete(pooled)
        this.waiting.shift()?.()
      },
    })
    const pooled: Pooled = { key, functionArn: fn.arn, taskRoot, environment }
    this.pool.add(pooled)
    return environment
  }

  private sweep(): void {
    const limit = performance.now() - this.limits.idleMs
    for (const { environment } of [...this.pool]) {
      if (environment.state === 'idle' && environment.idleSince < limit) environment.stop()
    }
  }
}

function throttled(reason: string): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, { Reason: reason })
}
