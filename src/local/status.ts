// What `local status` tells of a running cloud: where things are, and at a glance what is wrong. Plain data; the CLI
// prints it, the daemon answers it to the door.
import type { Cloud } from './cloud.js'
import type { FaultView } from './fault/rule.js'
import type { Profile } from './profile.js'
import type { Running } from './settings.js'
import type { Decisions } from './sts-iam/operator.js'

export interface LocalStatus {
  readonly running: true
  readonly pid: number
  readonly endpointUrl: string
  readonly dns: { readonly address: string; readonly port: number }
  readonly edgeUrl: string
  readonly caFile: string
  readonly dataDir: string
  readonly timeScale: number
  readonly profile: Profile
  readonly enforceIam: boolean
  /** How often each IAM action was decided on for the operator; empty where IAM is not enforced for him. */
  readonly decisions: Decisions
  readonly seed: number
  readonly uptimeSeconds: number
  readonly memoryMb: number
  /** `of` names the services and regions that were called. */
  readonly calls: ReturnType<Cloud['calls']>
  readonly resources: ReturnType<Cloud['resources']>
  readonly regions: Readonly<Record<string, RegionStatus>>
  readonly healthChecks: ReturnType<Cloud['healthChecks']>
  readonly faults: readonly FaultView[]
  /** Pairs with nothing on its way are left out. */
  readonly replication: readonly ReplicationStatus[]
}

export interface RegionStatus {
  readonly address: string
  readonly httpsPort: number
  readonly clientSubnet: string
  /** `isolated`: it answers nobody; `faulted`: some fault may hit its calls. */
  readonly health: 'healthy' | 'faulted' | 'isolated'
}

export type ReplicationStatus = ReturnType<Cloud['replicationLag']>[number] & {
  readonly paused: boolean
}

/** What the process knows of itself. */
export interface Process {
  readonly dataDir: string
  readonly seed: number
  readonly running: Running
}

export function statusOf(cloud: Cloud, { dataDir, seed, running }: Process): Omit<LocalStatus, 'running'> {
  const faults = cloud.faults.list()
  const regions = cloud.places().map(({ region, address, httpsPort, clientSubnet }) => {
    const health = healthOf(region, faults)
    return [region, { address, httpsPort, clientSubnet, health }] as const
  })
  return {
    pid: process.pid,
    endpointUrl: cloud.endpointUrl,
    dns: cloud.dns,
    edgeUrl: cloud.edgeUrl,
    caFile: cloud.caFile,
    dataDir,
    timeScale: running.scale,
    profile: running.profile,
    enforceIam: running.enforceIam,
    decisions: cloud.operator.decisions(),
    seed,
    uptimeSeconds: Math.round(process.uptime()),
    memoryMb: Math.round(process.memoryUsage().rss / 1_048_576),
    calls: cloud.calls(),
    resources: cloud.resources(),
    regions: Object.fromEntries(regions),
    healthChecks: cloud.healthChecks(),
    faults,
    replication: cloud
      .replicationLag()
      .map((pair) => ({ ...pair, paused: cloud.faults.replication(pair.from, pair.to).paused })),
  }
}

function healthOf(region: string, faults: readonly FaultView[]): RegionStatus['health'] {
  const here = faults.filter((fault) => fault.active && concerns(fault, region))
  if (here.some(({ kind, plane }) => kind === 'region-out' && !plane)) return 'isolated'
  return here.length ? 'faulted' : 'healthy'
}

/** A fault that names no region concerns all of them. */
function concerns({ region, from, to }: FaultView, asked: string): boolean {
  const named = [region, from, to].filter((name) => name !== undefined)
  return named.length === 0 || named.includes(asked)
}
