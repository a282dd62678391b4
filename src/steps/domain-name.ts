// Custom domains: the same public name as a regional domain in every region, so that TLS and Host fit wherever DNS sends
// a client. Its target (`d-...execute-api...`) is what the traffic policy answers with.
import {
  CreateDomainNameCommand,
  DeleteDomainNameCommand,
  GetDomainNameCommand,
  paginateGetDomainNames,
  TagResourceCommand,
  UpdateDomainNameCommand,
} from '@aws-sdk/client-api-gateway'
import { orAbsent } from '../aws/errors.js'
import { belongs, ownership } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, here, type OtherConfig, perRegion } from '../engine/step.js'
import { certificateIssued } from './certificate-issued.js'

export const domainName = defineStep({
  kind: 'domain-name',
  sites: perRegion,
  needs: { certificate: here(certificateIssued) },
  patience: { everySeconds: 5, forMinutes: 20 },

  named: ({ config }) => ({ domainName: config.domain }),

  async otherConfig({ apigateway, tags }, { domain }) {
    const others: OtherConfig[] = []
    for await (const page of paginateGetDomainNames({ client: apigateway }, {}))
      for (const { domainName: value, tags: there } of page.items ?? [])
        if (value && value !== domain && belongs(there, tags))
          others.push({ field: 'domain', value, id: value })
    return others
  },

  desired: ({ config, needs }) => ({
    domainName: config.domain,
    certificateArn: needs.certificate.id,
    endpointType: 'REGIONAL' as const,
    // AWS: Route 53's checkers speak TLS 1.0 to 1.2, so never a policy of 1.3 only.
    securityPolicy: 'TLS_1_2' as const,
  }),

  async observe({ apigateway, tags }, desired, id) {
    const name = id ?? desired.domainName
    const found = await orAbsent(apigateway.send(new GetDomainNameCommand({ domainName: name })))
    return (
      found && {
        id: name,
        ...ownership(found.tags, tags),
        domainName: found.domainName,
        certificateArn: found.regionalCertificateArn,
        endpointType: found.endpointConfiguration?.types?.[0],
        securityPolicy: found.securityPolicy,
        status: found.domainNameStatus,
        statusMessage: found.domainNameStatusMessage,
        target: found.regionalDomainName!,
      }
    )
  },

  diff: (desired, observed) =>
    compare(desired, observed, {
      domainName: 'immutable',
      endpointType: 'immutable',
      certificateArn: 'mutable',
      securityPolicy: 'mutable',
    }),

  readiness: ({ status, statusMessage }) => {
    if (status === 'AVAILABLE') return { state: 'ready' }
    const reason = `the domain is ${status}${statusMessage ? `: ${statusMessage}` : ''}`
    return { state: status === 'UPDATING' || status === 'PENDING' ? 'pending' : 'failed', reason }
  },

  async create({ apigateway, tags }, desired) {
    await apigateway.send(
      new CreateDomainNameCommand({
        domainName: desired.domainName,
        regionalCertificateArn: desired.certificateArn,
        endpointConfiguration: { types: [desired.endpointType] },
        securityPolicy: desired.securityPolicy,
        tags: { ...tags },
      }),
    )
    return desired.domainName
  },

  async adopt({ apigateway, region, tags }, { certificateArn }, { id }) {
    const partition = certificateArn.split(':')[1]
    const resourceArn = `arn:${partition}:apigateway:${region}::/domainnames/${id}`
    await apigateway.send(new TagResourceCommand({ resourceArn, tags: { ...tags } }))
  },

  async update({ apigateway }, _desired, { id }, changes) {
    const path = { certificateArn: '/regionalCertificateArn', securityPolicy: '/securityPolicy' } as const
    const patchOperations = changes.map(({ field, to }) => ({
      op: 'replace' as const,
      path: path[field as keyof typeof path],
      value: String(to),
    }))
    await apigateway.send(new UpdateDomainNameCommand({ domainName: id, patchOperations }))
  },

  async remove({ apigateway }, { id }) {
    await apigateway.send(new DeleteDomainNameCommand({ domainName: id }))
  },
})
