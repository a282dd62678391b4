// Keeps us under AWS's published control-plane rates, so that a run is slowed by a queue here and not by throttles
// there. Buckets refill on the run's clock, per account, region and operation. Installed as client middleware.
import type { Clock } from '../base/clock.js'

interface Rate {
  /** Calls that may go at once. */
  readonly burst: number
  /** Calls a second afterwards. */
  readonly perSecond: number
}

// AWS: fixed quotas, not raisable. API Gateway: developer guide, "limits"; Route 53: throttling-api-requests (token
// buckets since 2026); Lambda: gettingstarted-limits; ACM: acm-limits.
const RATES: Readonly<Record<string, Rate>> = {
  'apigateway:*': { burst: 40, perSecond: 10 },
  'apigateway:CreateRestApi': { burst: 1, perSecond: 1 / 3 },
  'apigateway:PutRestApi': { burst: 1, perSecond: 1 },
  'apigateway:CreateDeployment': { burst: 1, perSecond: 1 / 5 },
  'apigateway:GetResources': { burst: 5, perSecond: 5 / 2 },
  'apigateway:CreateDomainName': { burst: 1, perSecond: 1 / 30 },
  'apigateway:UpdateDomainName': { burst: 1, perSecond: 1 / 30 },
  'apigateway:DeleteDomainName': { burst: 1, perSecond: 1 / 30 },
  'apigateway:DeleteRestApi': { burst: 1, perSecond: 1 / 30 },
  'route53:*': { burst: 50, perSecond: 10 },
  'route53:CreateHealthCheck': { burst: 50, perSecond: 0.5 },
  'route53:DeleteHealthCheck': { burst: 15, perSecond: 3 },
  'route53:CreateTrafficPolicyInstance': { burst: 1, perSecond: 1 },
  'route53:DeleteTrafficPolicyInstance': { burst: 1, perSecond: 1 },
  'route53:GetHealthCheckStatus': { burst: 4, perSecond: 1 },
  'route53:GetHealthCheckLastFailureReason': { burst: 4, perSecond: 1 },
  'lambda:*': { burst: 15, perSecond: 15 },
  'acm:RequestCertificate': { burst: 5, perSecond: 5 },
  'acm:DescribeCertificate': { burst: 10, perSecond: 10 },
  'acm:ListCertificates': { burst: 8, perSecond: 8 },
  'acm:AddTagsToCertificate': { burst: 5, perSecond: 5 },
  'acm:DeleteCertificate': { burst: 10, perSecond: 10 },
}

/** Resolves when the call may go. */
export type Pace = (service: string, operation: string, region: string) => Promise<void>

export function pacer(clock: Clock): Pace {
  /** When each bucket will have room for its next call, as if the burst were spent: a virtual schedule. */
  const due = new Map<string, number>()

  async function take(bucket: string, rate: Rate): Promise<void> {
    const now = clock.now()
    const gap = 1 / rate.perSecond
    const at = Math.max(due.get(bucket) ?? 0, now - (rate.burst - 1) * gap)
    due.set(bucket, at + gap)
    if (at > now) await clock.sleep(at - now)
  }

  return async (service, operation, region) => {
    for (const name of [`${service}:${operation}`, `${service}:*`]) {
      const rate = RATES[name]
      if (rate) await take(`${region} ${name}`, rate)
    }
  }
}
