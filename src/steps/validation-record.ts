// The validation record: one CNAME proves the domain to ACM in every region, as its name and value depend on account and
// domain only. It stays in place afterwards, since ACM renews by it.
import { ListTagsForCertificateCommand } from '@aws-sdk/client-acm'
import { ChangeResourceRecordSetsCommand, ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53'
import type { Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import { TAG } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { available, defineStep, once } from '../engine/step.js'
import { certificate, certificatesOf } from './certificate.js'

interface Desired {
  readonly zoneId: string
  readonly domain: string
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
    const { record } = [...needs.certificates.values()][0]!
    const { domain, regions } = config
    return {
      zoneId: env.hostedZone.id,
      domain,
      regions,
      name: dotted(record!.name),
      value: dotted(record!.value),
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

async function othersNeedIt(ctx: Context, { domain, regions }: Desired): Promise<boolean> {
  for (const region of regions) {
    const clients = ctx.in(region)
    for (const CertificateArn of await certificatesOf(clients, domain)) {
      const listed = await orAbsent(clients.acm.send(new ListTagsForCertificateCommand({ CertificateArn })))
      const lineage = listed?.Tags?.find(({ Key }) => Key === TAG.lineage)?.Value
      if (listed && lineage !== ctx.lineage) return true
    }
  }
  return false
}

const dotted = (name: string) => (name.endsWith('.') ? name : `${name}.`)
