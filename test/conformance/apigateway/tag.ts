// Tags of APIs, stages and domains, and the account's own settings.
import assert from 'node:assert/strict'
import { IRELAND, type TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite, ServiceSuite } from '../suite.js'
import { createApi, gateway, NO_API, servedApi } from './api.js'

const arnOf = (path: string) => `arn:aws:apigateway:${IRELAND}::/${path}`
const OWNER = { owner: 'me' }

/** The ARN of an API with that tag. */
const taggedApi = async (cloud: TestCloud) =>
  arnOf(`restapis/${(await createApi(cloud, { tags: OWNER })).id}`)
const tagsOf = async (cloud: TestCloud, resourceArn: string) =>
  (await gateway(cloud).getTags({ resourceArn })).tags

const tagResource: OperationSuite = {
  happy: {
    'a tag is added, or takes the place of that key': async (cloud) => {
      const resourceArn = await taggedApi(cloud)
      await gateway(cloud).tagResource({ resourceArn, tags: { owner: 'you', more: '' } })
      assert.deepEqual(await tagsOf(cloud, resourceArn), { owner: 'you', more: '' })
    },
    'stages have tags of their own': async (cloud) => {
      const { restApiId, stageName } = await servedApi(cloud)
      const resourceArn = arnOf(`restapis/${restApiId}/stages/${stageName}`)
      await gateway(cloud).tagResource({ resourceArn, tags: OWNER })
      assert.deepEqual((await gateway(cloud).getStage({ restApiId, stageName })).tags, OWNER)
      assert.deepEqual(await tagsOf(cloud, arnOf(`restapis/${restApiId}`)), {})
    },
  },
  validation: {
    'keys do not begin with aws:': async (cloud) => {
      const resourceArn = await taggedApi(cloud)
      const tags = { 'aws:mine': '' }
      await refused(gateway(cloud).tagResource({ resourceArn, tags }), 'BadRequestException')
    },
    'what is no ARN is refused': (cloud) =>
      refused(gateway(cloud).tagResource({ resourceArn: 'nothing', tags: OWNER }), 'BadRequestException'),
  },
  state: {
    'the 51st tag is too many': async (cloud) => {
      const resourceArn = await taggedApi(cloud)
      const tags = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`key${at}`, '']))
      await refused(gateway(cloud).tagResource({ resourceArn, tags }), 'BadRequestException')
    },
    'an unknown API is not found': (cloud) =>
      refused(
        gateway(cloud).tagResource({ resourceArn: arnOf(`restapis/${NO_API}`), tags: OWNER }),
        'NotFoundException',
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const arn = await taggedApi(cloud)
    await aws.run(['apigateway', 'tag-resource', '--resource-arn', arn, '--tags', 'more=1'])
    assert.deepEqual(await tagsOf(cloud, arn), { ...OWNER, more: '1' })
  },
}

const untagResource: OperationSuite = {
  happy: {
    'a tag goes by its key; a key that is not there is no error': async (cloud) => {
      const resourceArn = await taggedApi(cloud)
      await gateway(cloud).untagResource({ resourceArn, tagKeys: ['owner', 'nothing'] })
      assert.deepEqual(await tagsOf(cloud, resourceArn), {})
    },
  },
  state: {
    'an unknown API is not found': (cloud) =>
      refused(
        gateway(cloud).untagResource({ resourceArn: arnOf(`restapis/${NO_API}`), tagKeys: ['owner'] }),
        'NotFoundException',
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const arn = await taggedApi(cloud)
    await aws.run(['apigateway', 'untag-resource', '--resource-arn', arn, '--tag-keys', 'owner'])
    assert.deepEqual(await tagsOf(cloud, arn), {})
  },
}

const getTags: OperationSuite = {
  happy: {
    'the tags of the creation are there': async (cloud) =>
      assert.deepEqual(await tagsOf(cloud, await taggedApi(cloud)), OWNER),
  },
  state: {
    'an unknown API is not found': (cloud) =>
      refused(tagsOf(cloud, arnOf(`restapis/${NO_API}`)), 'NotFoundException'),
  },
  pagination: 'not paginated: AWS takes position and limit, and heeds neither',
  cli: async (cloud, aws) => {
    const arn = await taggedApi(cloud)
    assert.deepEqual(await aws.run(['apigateway', 'get-tags', '--resource-arn', arn]), { tags: OWNER })
  },
}

const getAccount: OperationSuite = {
  happy: {
    'a new account has 10,000 requests a second and a burst of 5,000': async (cloud) => {
      const { throttleSettings, cloudwatchRoleArn } = await gateway(cloud).getAccount({})
      assert.deepEqual(throttleSettings, { burstLimit: 5000, rateLimit: 10_000 })
      assert.equal(cloudwatchRoleArn, undefined)
    },
  },
  state: 'has no state here, as it is never updated',
  pagination: 'not paginated',
  cli: async (_cloud, aws) => {
    const account = (await aws.run(['apigateway', 'get-account'])) as { apiKeyVersion: string }
    assert.equal(account.apiKeyVersion, '4')
  },
}

export const tagCases: ServiceSuite['operations'] = {
  TagResource: tagResource,
  UntagResource: untagResource,
  GetTags: getTags,
  GetAccount: getAccount,
}
