// Certificates: one ACM certificate per region, as a regional endpoint only takes one from its own region. ACM issues it
// once the record of validation-record.ts is in DNS, so this step is ready when ACM has named that record, and
// certificate-issued.ts is the gate that the domains wait at.
import {
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  KeyAlgorithm,
  ListTagsForCertificateCommand,
  paginateListCertificates,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm'
import type { Clients, Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import { namesUs, ownership, tagList } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, perRegion } from '../engine/step.js'

export const certificate = defineStep({
  kind: 'certificate',
  sites: perRegion,
  needs: {},
  // AWS: a certificate stays "in use" for over 15 minutes after its custom domain is gone.
  patience: { everySeconds: 5, forMinutes: 30 },
  replayable: true,

  desired: ({ config }) => ({ domainName: config.domain }),

  async observe(ctx, { domainName }, id) {
    const arn = id ?? (await findOurs(ctx, domainName))
    if (!arn) return undefined
    const describe = new DescribeCertificateCommand({ CertificateArn: arn })
    const found = (await orAbsent(ctx.acm.send(describe)))?.Certificate
    if (!found) return undefined
    const listed = await orAbsent(ctx.acm.send(new ListTagsForCertificateCommand({ CertificateArn: arn })))
    if (!listed) return undefined
    const record = found.DomainValidationOptions?.[0]?.ResourceRecord
    return {
      id: arn,
      ...ownership(listed.Tags, ctx.tags),
      domainName: found.DomainName,
      status: found.Status,
      failure: found.FailureReason,
      held: found.InUseBy?.length ? `the certificate is still in use by ${found.InUseBy[0]}` : undefined,
      record: record && { name: record.Name!, value: record.Value! },
    }
  },

  diff: (desired, observed) => compare(desired, observed, { domainName: 'immutable' }),

  readiness: ({ status, failure, record }) => {
    if (status !== 'PENDING_VALIDATION' && status !== 'ISSUED')
      return { state: 'failed', reason: `the certificate is ${status}${failure ? `: ${failure}` : ''}` }
    return record ? { state: 'ready' } : { state: 'pending', reason: 'ACM has not named its DNS record' }
  },

  // AWS: for one hour the same token gives the same certificate again.
  async create({ acm, tags, token }, { domainName }) {
    const made = await acm.send(
      new RequestCertificateCommand({
        DomainName: domainName,
        ValidationMethod: 'DNS',
        IdempotencyToken: token,
        Tags: tagList(tags),
      }),
    )
    return made.CertificateArn!
  },

  // AWS: a request that failed stays failed; the next look misses it and makes another.
  mend: (ctx, _desired, { id }) => remove(ctx, id),
  remove: (ctx, { id }) => remove(ctx, id),
})

const remove = ({ acm }: Context, CertificateArn: string) =>
  acm.send(new DeleteCertificateCommand({ CertificateArn }))

/** ARNs of the certificates in one region that this domain's record proves, its wildcard's among them. */
export async function certificatesOf({ acm }: Clients, domainName: string): Promise<string[]> {
  const arns: string[] = []
  // AWS: without key types only those of RSA keys are listed.
  const Includes = { keyTypes: Object.values(KeyAlgorithm) }
  for await (const page of paginateListCertificates({ client: acm }, { Includes }))
    for (const {
      CertificateArn,
      DomainName,
      SubjectAlternativeNameSummaries = [],
    } of page.CertificateSummaryList ?? []) {
      const names = [DomainName!, ...SubjectAlternativeNameSummaries]
      if (names.some((name) => name.replace(/^\*\./, '') === domainName)) arns.push(CertificateArn!)
    }
  return arns
}

async function findOurs(ctx: Context, domainName: string): Promise<string | undefined> {
  for (const CertificateArn of await certificatesOf(ctx, domainName)) {
    const listed = await orAbsent(ctx.acm.send(new ListTagsForCertificateCommand({ CertificateArn })))
    if (namesUs(listed?.Tags, ctx.tags)) return CertificateArn
  }
  return undefined
}
