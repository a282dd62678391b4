// STS, as far as the tool asks it: who am I.
import assert from 'node:assert/strict'
import { STS } from '@aws-sdk/client-sts'
import { ACCOUNT } from '../cloud.js'
import { refused } from '../run.js'
import type { ServiceSuite } from '../suite.js'

export const stsSuite: ServiceSuite = {
  service: 'sts',
  operations: {
    GetCallerIdentity: {
      happy: {
        'the operator is a user of the account': async (cloud) => {
          const { Account, Arn } = await cloud.client(STS).getCallerIdentity({})
          assert.deepEqual([Account, Arn], [ACCOUNT, `arn:aws:iam::${ACCOUNT}:user/operator`])
        },
      },
      validation: {
        'an unknown key is refused': async (cloud) => {
          const sts = new STS({
            region: 'eu-west-1',
            endpoint: cloud.url,
            maxAttempts: 1,
            credentials: { accessKeyId: 'AKIAUNKNOWNUNKNOWN00', secretAccessKey: 'x' },
          })
          await refused(
            sts.getCallerIdentity({}),
            'InvalidClientTokenId',
            'The security token included in the request is invalid.',
          )
          sts.destroy()
        },
      },
      state: 'has no state',
      pagination: 'not paginated',
      cli: async (_cloud, aws) => {
        const identity = (await aws.run(['sts', 'get-caller-identity'])) as { Account: string }
        assert.equal(identity.Account, ACCOUNT)
      },
    },
  },
  states: [],
  differences: ['No AssumeRole: only the operator, and Lambda for its functions, have credentials.'],
}
