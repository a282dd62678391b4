// The gate at which the custom domains wait: ACM has seen the record and issued the certificate.
import { DescribeCertificateCommand } from '@aws-sdk/client-acm'
import { orAbsent } from '../aws/errors.js'
import { defineStep, here, perRegion } from '../engine/step.js'
import { certificate } from './certificate.js'
import { validationRecord } from './validation-record.js'

export const certificateIssued = defineStep({
  kind: 'certificate-issued',
  sites: perRegion,
  needs: { certificate: here(certificate), record: here(validationRecord) },
  // AWS: 1-5 min after the record is live, with a tail of 30 min; given up by ACM itself after 72 h.
  patience: { everySeconds: 5, forMinutes: 75 },

  desired: ({ needs }) => ({ arn: needs.certificate.id }),

  async observe({ acm }, { arn }) {
    const found = (await orAbsent(acm.send(new DescribeCertificateCommand({ CertificateArn: arn }))))
      ?.Certificate
    return found && { id: arn, owned: true, status: found.Status, failure: found.FailureReason }
  },

  diff: () => [],

  readiness: ({ status, failure }) => {
    if (status === 'ISSUED') return { state: 'ready' }
    if (status === 'PENDING_VALIDATION')
      return { state: 'pending', reason: 'ACM has not seen the DNS record yet' }
    return { state: 'failed', reason: `the certificate is ${status}${failure ? `: ${failure}` : ''}` }
  },
})
