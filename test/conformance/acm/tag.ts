// The tags of certificates.
import assert from 'node:assert/strict'
import { ACM, type Tag } from '@aws-sdk/client-acm'
import type { TestCloud } from '../cloud.js'
import { refused } from '../run.js'
import type { OperationSuite } from '../suite.js'
import { DESCRIBABLE, NOWHERE, request } from './certificate.js'

const OWNER: Tag = { Key: 'owner', Value: 'me' }

/** A certificate that reads find. */
async function tagged(cloud: TestCloud, ...Tags: Tag[]): Promise<string> {
  const arn = await request(cloud, Tags.length ? { Tags } : {})
  await cloud.pass(DESCRIBABLE)
  return arn
}

const tagsOf = async (cloud: TestCloud, CertificateArn: string) =>
  (await cloud.client(ACM).listTagsForCertificate({ CertificateArn })).Tags

export const addTagsToCertificate: OperationSuite = {
  happy: {
    'a tag is added, or takes the place of that key': async (cloud) => {
      const arn = await tagged(cloud, OWNER)
      const Tags = [
        { Key: 'owner', Value: 'you' },
        { Key: 'stage', Value: '' },
      ]
      await cloud.client(ACM).addTagsToCertificate({ CertificateArn: arn, Tags })
      assert.deepEqual(await tagsOf(cloud, arn), Tags)
    },
  },
  validation: {
    'keys do not begin with aws:': async (cloud) => {
      const CertificateArn = await tagged(cloud)
      const Tags = [{ Key: 'AWS:mine', Value: '' }]
      await refused(cloud.client(ACM).addTagsToCertificate({ CertificateArn, Tags }), 'InvalidTagException')
    },
  },
  state: {
    'the 51st tag is too many': async (cloud) => {
      const fifty = Array.from({ length: 50 }, (_, at) => ({ Key: `key${at}`, Value: '' }))
      const CertificateArn = await tagged(cloud, ...fifty)
      await refused(
        cloud.client(ACM).addTagsToCertificate({ CertificateArn, Tags: [OWNER] }),
        'TooManyTagsException',
      )
    },
    'an unknown certificate is not found': (cloud) =>
      refused(
        cloud.client(ACM).addTagsToCertificate({ CertificateArn: NOWHERE, Tags: [OWNER] }),
        'ResourceNotFoundException',
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const arn = await tagged(cloud)
    await aws.run([
      'acm',
      'add-tags-to-certificate',
      '--certificate-arn',
      arn,
      '--tags',
      'Key=owner,Value=me',
    ])
    assert.deepEqual(await tagsOf(cloud, arn), [OWNER])
  },
}

export const removeTagsFromCertificate: OperationSuite = {
  happy: {
    'a tag goes by its key, or with a value only if it has that value': async (cloud) => {
      const kept = { Key: 'kept', Value: '1' }
      const CertificateArn = await tagged(cloud, OWNER, kept)
      const Tags = [{ Key: 'owner' }, { Key: 'kept', Value: '2' }]
      await cloud.client(ACM).removeTagsFromCertificate({ CertificateArn, Tags })
      assert.deepEqual(await tagsOf(cloud, CertificateArn), [kept])
    },
  },
  state: {
    'an unknown certificate is not found': (cloud) =>
      refused(
        cloud.client(ACM).removeTagsFromCertificate({ CertificateArn: NOWHERE, Tags: [OWNER] }),
        'ResourceNotFoundException',
      ),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const arn = await tagged(cloud, OWNER)
    await aws.run(['acm', 'remove-tags-from-certificate', '--certificate-arn', arn, '--tags', 'Key=owner'])
    assert.deepEqual(await tagsOf(cloud, arn), [])
  },
}

export const listTagsForCertificate: OperationSuite = {
  happy: {
    'the tags of the request are there': async (cloud) =>
      assert.deepEqual(await tagsOf(cloud, await tagged(cloud, OWNER)), [OWNER]),
  },
  state: {
    'a certificate is not found at first': async (cloud) => {
      const arn = await request(cloud, { Tags: [OWNER] })
      await refused(tagsOf(cloud, arn), 'ResourceNotFoundException')
    },
    'an unknown certificate is not found': (cloud) =>
      refused(tagsOf(cloud, NOWHERE), 'ResourceNotFoundException'),
  },
  pagination: 'not paginated',
  cli: async (cloud, aws) => {
    const arn = await tagged(cloud, OWNER)
    const answer = await aws.run(['acm', 'list-tags-for-certificate', '--certificate-arn', arn])
    assert.deepEqual(answer, { Tags: [OWNER] })
  },
}
