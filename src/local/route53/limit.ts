// The account's quotas: GetAccountLimit, and the refusals when one is reached.
// Rates are not modelled here: this file counts things that exist.
import type {
  AccountLimitType,
  GetAccountLimitRequest,
  GetAccountLimitResponse,
} from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.js'
import type { Context } from './context.js'

import { instancesOf } from './policy-root.js'

interface Limit {
  readonly value: number
  readonly code: string
  readonly what: string
  count(context: Context): number
}

const livePolicies = ({ state }: Context) =>
  new Set([...state.policies.values()].filter(({ deletedAt }) => deletedAt === undefined).map(({ id }) => id))

// AWS: the default quotas of an account (DNSLimitations in the developer guide).
const LIMITS: Readonly<Record<AccountLimitType, Limit>> = {
  MAX_HEALTH_CHECKS_BY_OWNER: {
    value: 200,
    code: 'TooManyHealthChecks',
    what: 'health checks',
    count: ({ state }) => state.healthChecks.size,
  },
  MAX_HOSTED_ZONES_BY_OWNER: {
    value: 500,
    code: 'TooManyHostedZones',
    what: 'hosted zones',
    count: ({ state }) => state.zones.size,
  },
  MAX_REUSABLE_DELEGATION_SETS_BY_OWNER: {
    value: 100,
    code: 'LimitsExceeded',
    what: 'reusable delegation sets',
    count: () => 0,
  },
  MAX_TRAFFIC_POLICIES_BY_OWNER: {
    value: 50,
    code: 'TooManyTrafficPolicies',
    what: 'traffic policies',
    count: (context) => livePolicies(context).size,
  },
  MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER: {
    value: 5,
    code: 'TooManyTrafficPolicyInstances',
    what: 'traffic policy instances',
    count: (context) => instancesOf(context).length,
  },
}

/** Throws the TooMany... error of that quota when one more would exceed it. */
export function enforceLimit(context: Context, type: AccountLimitType): void {
  const { value, code, what, count } = LIMITS[type]
  if (count(context) < value) return
  const message = `Limits Exceeded: ${type} - Cannot create more ${what}.`
  throw new AwsError(code, message, 400)
}

export function limitOperations(context: Context) {
  return {
    GetAccountLimit({ Type }: GetAccountLimitRequest): GetAccountLimitResponse {
      const type = Type!
      const { value, count } = LIMITS[type]
      return { Limit: { Type: type, Value: value }, Count: count(context) }
    },
  }
}
