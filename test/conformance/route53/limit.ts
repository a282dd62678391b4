// The account's quotas on things that exist. That they refuse stands with each noun.
import assert from 'node:assert/strict'
import type { OperationSuite } from '../suite.js'
import { newZone, r53 } from './setup.js'

export const limitSuites: Readonly<Record<string, OperationSuite>> = {
  GetAccountLimit: {
    happy: {
      'an account has 500 zones, 200 checks, 50 policies, 5 policy records, 100 delegation sets': async (
        cloud,
      ) => {
        const limits = {
          MAX_HOSTED_ZONES_BY_OWNER: 500,
          MAX_HEALTH_CHECKS_BY_OWNER: 200,
          MAX_TRAFFIC_POLICIES_BY_OWNER: 50,
          MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER: 5,
          MAX_REUSABLE_DELEGATION_SETS_BY_OWNER: 100,
        } as const
        for (const [Type, Value] of Object.entries(limits)) {
          const { Limit } = await r53(cloud).getAccountLimit({ Type: Type as keyof typeof limits })
          assert.deepEqual(Limit, { Type, Value })
        }
      },
    },
    state: {
      'the count follows what exists': async (cloud) => {
        const count = async () =>
          (await r53(cloud).getAccountLimit({ Type: 'MAX_HOSTED_ZONES_BY_OWNER' })).Count
        const before = (await count())!
        const zone = await newZone(cloud)
        assert.equal(await count(), before + 1)
        await r53(cloud).deleteHostedZone({ Id: zone.id })
        assert.equal(await count(), before)
      },
    },
    pagination: 'not paginated',
    cli: async (_cloud, aws) => {
      const { Limit } = (await aws.run([
        ...['route53', 'get-account-limit', '--type', 'MAX_TRAFFIC_POLICIES_BY_OWNER'],
      ])) as { Limit: { Value: number } }
      assert.equal(Limit.Value, 50)
    },
  },
}
