// ACM's operations on the tags of certificates. Those on certificates are in certificate-operation.ts.
import type {
  AddTagsToCertificateRequest,
  ListTagsForCertificateRequest,
  RemoveTagsFromCertificateRequest,
} from '@aws-sdk/client-acm'
import type { Call } from '../ports.js'
import { checkTags, withoutTags, withTags } from './input.js'
import type { Shelf } from './shelf.js'

export function tagOperations({ certificates, existing, readable }: Shelf) {
  return {
    AddTagsToCertificate({ CertificateArn, Tags }: AddTagsToCertificateRequest, call: Call) {
      const { key, record } = existing(CertificateArn, call)
      checkTags(Tags!)
      certificates.set(key, { ...record, tags: withTags(record.tags, Tags!) })
      return {}
    },

    RemoveTagsFromCertificate({ CertificateArn, Tags }: RemoveTagsFromCertificateRequest, call: Call) {
      const { key, record } = existing(CertificateArn, call)
      checkTags(Tags!)
      certificates.set(key, { ...record, tags: withoutTags(record.tags, Tags!) })
      return {}
    },

    ListTagsForCertificate({ CertificateArn }: ListTagsForCertificateRequest, call: Call) {
      return { Tags: [...readable(CertificateArn, call).record.tags] }
    },
  }
}
