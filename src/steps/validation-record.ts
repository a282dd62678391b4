// The validation record: one CNAME proves the domain to ACM in every region, as its name and value depend on account and
// domain only. It stays in place afterwards, since ACM renews by it.
import { ListTagsForCertificateCommand } from '@aws-sdk/client-acm'
import { ChangeResourceRecordSetsCommand, ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53'
import type { Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import { TAG } from '../aws/tags.js'
import { NotReadyError } from '../base/errors.js'
import { compare } from '../engine/diff.js'
import { available, defineStep, once } from '../engine/step.js'
import { certificate, certificatesOf } from './certificate.js'

interface Desired {
  readonly zoneId: string
  readonly regions: readonly string[]
  readonly name: string
  readonly value: string
}

export const validationRecord = defineStep({
  kind: 'validation-record',
  sites: once,
  needs: { certificates: available(certificate) },
  patience: { everySeconds: 3, forMinutes: 5 },

  desired: ({ config, env, needs }): Desired => {
    const record = [...needs.certificates.values()].map((one) => one.record).find((one) => one !== undefined)
    if (!record) throw noRecord()
    return {
      zoneId: env.hostedZone.id,
      regions: config.regions,
      name: dotted(record.name),
      value: dotted(record.value),
    }
  },

  async observe({ route53 }, { zoneId, name }) {
    const list = new ListResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      StartRecordName: name,
      StartRecordType: 'CNAME',
      MaxItems: 1,
    })
    // A zone that is gone took the record with it.
    const page = await orAbsent(route53.send(list))
    const found = page?.ResourceRecordSets?.find(({ Name, Type }) => Name === name && Type === 'CNAME')
    const value = found?.ResourceRecords?.[0]?.Value
    return found && { id: name, owned: true, value: dotted(value ?? ''), exact: { ttl: found.TTL, value } }
  },

  diff: (desired, observed) => compare(desired, observed, { value: 'mutable' }),

  readiness: () => ({ state: 'ready' }),

  async create(ctx, desired) {
    await change(ctx, 'UPSERT', desired, { ttl: 300, value: desired.value })
    return desired.name
  },

  async update(ctx, desired) {
    await change(ctx, 'UPSERT', desired, { ttl: 300, value: desired.value })
  },

  // AWS: `_<hash>.<domain>` with a value of ACM's. Nothing else stands under such a name, and it has no other marks.
  inherits: async (_ctx, { name }, { value }) =>
    /^_[0-9a-z]+\..+\.$/.test(name) && value.endsWith('.acm-validations.aws.'),

  // AWS: another certificate of this domain in the account renews by the same record, so it then stays.
  async remove(ctx, { exact }, desired) {
    if (await othersNeedIt(ctx, desired)) return 'kept'
    await change(ctx, 'DELETE', desired, exact)
    return undefined
  },
})

type Exact = { ttl: number | undefined; value: string | undefined }

const change = (
  { route53 }: Context,
  Action: 'UPSERT' | 'DELETE',
  { zoneId, name }: Desired,
  { ttl, value }: Exact,
) =>
  route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: {
        Changes: [
          {
            Action,
            ResourceRecordSet: { Name: name, Type: 'CNAME', TTL: ttl, ResourceRecords: [{ Value: value }] },
          },
        ],
      },
    }),
  )

/** The domain is read off the record itself, which cannot say another. */
async function othersNeedIt(ctx: Context, { name, regions }: Desired): Promise<boolean> {
  const domain = name.slice(name.indexOf('.') + 1, -1)
  for (const region of new Set([ctx.region, ...regions])) {
    const clients = ctx.in(region)
    for (const CertificateArn of await certificatesOf(clients, domain)) {
      const listed = await orAbsent(clients.acm.send(new ListTagsForCertificateCommand({ CertificateArn })))
      const lineage = listed?.Tags?.find(({ Key }) => Key === TAG.lineage)?.Value
      if (listed && lineage !== ctx.lineage) return true
    }
  }
  return false
}

const noRecord = () =>
  new NotReadyError(
    'ACM has not named the DNS record of any certificate of this stack yet',
    'Run the same command again in a minute.',
    { address: 'validation-record' },
  )

const dotted = (name: string) => (name.endsWith('.') ? name : `${name}.`)
