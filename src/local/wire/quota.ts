// The request quotas of AWS's control planes, as token buckets per account, region and operation, refilled on the
// cloud's own clock. What counts is the call, whatever it answers. `front.ts` asks before each call.
import type { World } from '../world.js'
import { AwsError } from './errors.js'
import { isXml, type Speaker } from './fault.js'

export interface Quotas {
  /** Takes one call out of every bucket that this operation draws from. Throws the service's throttling error. */
  take(call: { readonly speaker: Speaker; readonly region: string; readonly operation: string }): void
}

/** A bucket: `burst` calls at once, refilled with one call each `everySeconds` (virtual). */
export interface Rate {
  readonly burst: number
  readonly everySeconds: number
}

const perSecond = (rate: number, burst = rate): Rate => ({ burst, everySeconds: 1 / rate })
const oneEach = (everySeconds: number): Rate => ({ burst: 1, everySeconds })

export interface ServiceRates {
  /** One bucket for all operations together. */
  readonly total?: Rate
  /** Operations that do not draw from `total`, such as reads with a quota of their own. */
  readonly outsideTotal?: readonly string[]
  readonly operations: Readonly<Record<string, Rate>>
}

// AWS: docs "Quotas" pages of each service, as of late 2026. None of these can be raised.
export const RATES: Readonly<Record<string, ServiceRates>> = {
  // AWS: lambda/latest/dg/gettingstarted-limits: 15/s over all control plane APIs; GetFunction 100/s, GetPolicy 15/s.
  lambda: {
    total: perSecond(15),
    outsideTotal: ['GetFunction', 'GetPolicy', 'Invoke', 'InvokeAsync', 'InvokeWithResponseStream'],
    operations: { GetFunction: perSecond(100), GetPolicy: perSecond(15) },
  },
  // AWS: apigateway/latest/developerguide/limits, "fixed quotas for creating, deploying and managing an API".
  apigateway: {
    total: perSecond(10, 40),
    operations: {
      CreateRestApi: oneEach(3),
      ImportRestApi: oneEach(3),
      PutRestApi: perSecond(1),
      CreateDeployment: oneEach(5),
      CreateResource: perSecond(5),
      GetResources: { burst: 5, everySeconds: 2 / 5 },
      CreateDomainName: oneEach(30),
      UpdateDomainName: oneEach(30),
      DeleteDomainName: oneEach(30),
      DeleteRestApi: oneEach(30),
      UpdateAccount: oneEach(20),
    },
  },
  // AWS: acm/latest/userguide/acm-limits, "API rate quotas".
  acm: {
    operations: {
      RequestCertificate: perSecond(5),
      DescribeCertificate: perSecond(10),
      ListCertificates: perSecond(8),
      AddTagsToCertificate: perSecond(5),
      DeleteCertificate: perSecond(10),
    },
  },
  // AWS: Route53 throttling-api-requests: token buckets since 2026.
  route53: {
    total: perSecond(10, 50),
    operations: {
      CreateHealthCheck: { burst: 50, everySeconds: 2 },
      DeleteHealthCheck: perSecond(3, 15),
      CreateHostedZone: perSecond(2, 40),
      CreateTrafficPolicyInstance: perSecond(1),
      DeleteTrafficPolicyInstance: perSecond(1),
      GetHealthCheckStatus: perSecond(1, 4),
      GetHealthCheckLastFailureReason: perSecond(1, 4),
    },
  },
}

/** The quotas of this cloud. Under the profile `instant` there are none. */
export function createQuotas(world: Pick<World, 'clock' | 'profile' | 'account'>, rates = RATES): Quotas {
  const buckets = new Map<string, Bucket>()

  function bucketOf(key: string, rate: Rate): Bucket {
    const bucket = buckets.get(key) ?? { rate, tokens: rate.burst, filledAt: world.clock.now() }
    buckets.set(key, bucket)
    return bucket
  }

  return {
    take({ speaker, region, operation }) {
      const known = rates[speaker.service]
      if (!known || world.profile === 'instant') return
      const place = `${world.account}/${region}/${speaker.service}`
      const own = known.operations[operation]
      const drawn: Bucket[] = []
      if (own) drawn.push(bucketOf(`${place}/${operation}`, own))
      if (known.total && !known.outsideTotal?.includes(operation)) drawn.push(bucketOf(place, known.total))
      for (const bucket of drawn) refill(bucket, world)
      const empty = drawn.find((bucket) => bucket.tokens < 1)
      if (empty) throw throttled(speaker, ((1 - empty.tokens) * empty.rate.everySeconds) / world.clock.scale)
      for (const bucket of drawn) bucket.tokens -= 1
    },
  }
}

interface Bucket {
  readonly rate: Rate
  tokens: number
  /** Instant up to which `tokens` is right. */
  filledAt: number
}

function refill(bucket: Bucket, { clock }: Pick<World, 'clock'>): void {
  const gained = clock.since(bucket.filledAt) / bucket.rate.everySeconds
  bucket.tokens = Math.min(bucket.rate.burst, bucket.tokens + gained)
  bucket.filledAt = clock.now()
}

/** Each service has a throttling error of its own. `waitSeconds` is real: clients on the wire know no other time. */
export function throttled({ service, protocol }: Speaker, waitSeconds = 1): AwsError {
  const retryAfter = String(Math.max(1, Math.ceil(waitSeconds)))
  if (service === 'apigateway') {
    return new AwsError('TooManyRequestsException', 'Too Many Requests', 429, {
      retryAfterSeconds: retryAfter,
    })
  }
  if (service === 'lambda') {
    // AWS: Lambda's answer has no Retry-After for its control plane.
    return new AwsError('TooManyRequestsException', 'Rate exceeded', 429)
  }
  if (isXml(protocol)) return new AwsError('Throttling', 'Rate exceeded', 400)
  return new AwsError('ThrottlingException', 'Rate exceeded', 400)
}
