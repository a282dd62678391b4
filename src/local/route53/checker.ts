// One health checker's view of an endpoint, and the verdict over all of them: streaks, and the 18 % rule.
// Pure: `fleet.ts` runs the probes and keeps the views, `health-check.ts` shows them.
import type { HealthCheckConfig, HealthCheckRegion } from '@aws-sdk/client-route-53'

/** One probe's outcome, in the words of a StatusReport. */
export interface ProbeResult {
  readonly success: boolean
  readonly status: string
}

export interface Report {
  readonly status: string
  readonly at: number
}

export interface CheckerState {
  readonly region: HealthCheckRegion
  readonly address: string
  /** What this checker concluded; absent until a first streak is complete. */
  readonly verdict?: boolean
  /** How often in a row the latest results were alike. */
  readonly streak: { readonly success: boolean; readonly length: number }
  readonly latest?: Report
  readonly lastFailure?: Report
}

// AWS: two addresses of each checker region's published ranges (ROUTE53_HEALTHCHECKS in ip-ranges.json).
const CHECKER_RANGES: Readonly<Record<HealthCheckRegion, readonly [string, string]>> = {
  'us-east-1': ['54.243.31.192/26', '107.23.255.0/26'],
  'us-west-1': ['54.183.255.128/26', '54.241.32.64/26'],
  'us-west-2': ['54.244.52.192/26', '54.245.168.0/26'],
  'eu-west-1': ['54.228.16.0/26', '176.34.159.192/26'],
  'ap-southeast-1': ['54.251.31.128/26', '54.255.254.192/26'],
  'ap-southeast-2': ['54.252.79.128/26', '54.252.254.192/26'],
  'ap-northeast-1': ['54.248.220.0/26', '54.250.253.192/26'],
  'sa-east-1': ['54.232.40.64/26', '177.71.207.128/26'],
}

export const CHECKER_REGIONS = Object.keys(CHECKER_RANGES) as HealthCheckRegion[]
export const checkerIpRanges = () => Object.values(CHECKER_RANGES).flat()

/** A fresh view for each checker of a check: two in each of its regions (AWS: all eight unless Regions says less). */
export function newCheckers(regions: readonly HealthCheckRegion[] | undefined): CheckerState[] {
  return (regions?.length ? regions : CHECKER_REGIONS).flatMap((region) =>
    CHECKER_RANGES[region].map((range) => ({
      region,
      address: addressIn(range),
      streak: { success: true, length: 0 },
    })),
  )
}

/** One address of a /26: the range's own, plus three. */
function addressIn(range: string): string {
  const bytes = range.split('/')[0]!.split('.').map(Number)
  return [...bytes.slice(0, 3), bytes[3]! + 3].join('.')
}

/**
 * The checker after one more result. AWS: an endpoint's status changes after FailureThreshold results in a row,
 * both ways.
 */
export function observe(
  checker: CheckerState,
  result: ProbeResult,
  threshold: number,
  at: number,
): CheckerState {
  const goesOn = checker.streak.success === result.success
  const length = goesOn ? checker.streak.length + 1 : 1
  const report = { status: result.status, at }
  return {
    ...checker,
    streak: { success: result.success, length: Math.min(length, threshold) },
    ...(length >= threshold && { verdict: result.success }),
    latest: report,
    ...(!result.success && { lastFailure: report }),
  }
}

export interface Health {
  readonly healthy: boolean
  /** In a few words, why. */
  readonly reason: string
  /** Checkers that have a verdict, and those of them that say healthy. */
  readonly checkers: number
  readonly healthyCheckers: number
}

// AWS: an endpoint is healthy while more than 18 % of the health checkers report that it is.
const HEALTHY_SHARE = 0.18

/** The health of one check. `childHealthy` answers for the children of a CALCULATED one. */
export function healthFrom(
  config: HealthCheckConfig,
  checkers: readonly CheckerState[],
  childHealthy: (id: string) => boolean,
): Health {
  const seen = checkers.filter(({ verdict }) => verdict !== undefined)
  const healthyCheckers = seen.filter(({ verdict }) => verdict).length
  const [healthy, reason] = beforeInversion(config, seen.length, healthyCheckers, childHealthy)
  return {
    healthy: config.Inverted ? !healthy : healthy,
    reason: config.Inverted ? `${reason}, inverted` : reason,
    checkers: seen.length,
    healthyCheckers,
  }
}

function beforeInversion(
  config: HealthCheckConfig,
  seen: number,
  healthyCheckers: number,
  childHealthy: (id: string) => boolean,
): [boolean, string] {
  // AWS: a disabled check is healthy, and so is one that has no data yet.
  if (config.Disabled) return [true, 'disabled']
  if (config.Type === 'CALCULATED') {
    const children = config.ChildHealthChecks ?? []
    const healthy = children.filter(childHealthy).length
    const wanted = config.HealthThreshold ?? 0
    return [
      healthy >= wanted,
      `${healthy} of ${children.length} child health checks are healthy, ${wanted} wanted`,
    ]
  }
  if (!seen) return [true, 'no data from the health checkers yet']
  return [
    healthyCheckers / seen > HEALTHY_SHARE,
    `${healthyCheckers} of ${seen} health checkers report success`,
  ]
}
