// Base path mappings: the root of the custom domain leads to the stage. The empty path is called `(none)` when it is read.
import {
  CreateBasePathMappingCommand,
  DeleteBasePathMappingCommand,
  GetBasePathMappingCommand,
  GetDomainNameCommand,
  UpdateBasePathMappingCommand,
} from '@aws-sdk/client-api-gateway'
import { orAbsent } from '../aws/errors.js'
import { belongs } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, here, perRegion } from '../engine/step.js'
import { domainName } from './domain-name.js'
import { stage } from './stage.js'

const ROOT = '(none)'

export const basePathMapping = defineStep({
  kind: 'base-path-mapping',
  sites: perRegion,
  needs: { domain: here(domainName), stage: here(stage) },
  patience: { everySeconds: 5, forMinutes: 5 },

  desired: ({ needs }) => ({
    domainName: needs.domain.id,
    restApiId: needs.stage.restApiId,
    stage: needs.stage.stageName,
  }),

  named: ({ config }) => ({ domainName: config.domain }),

  async observe({ apigateway }, { domainName }) {
    const found = await orAbsent(
      apigateway.send(new GetBasePathMappingCommand({ domainName, basePath: ROOT })),
    )
    return (
      found && { id: `${domainName}/${ROOT}`, owned: true, restApiId: found.restApiId, stage: found.stage }
    )
  },

  diff: (desired, observed) => compare(desired, observed, { restApiId: 'mutable', stage: 'mutable' }),

  readiness: () => ({ state: 'ready' }),

  async create({ apigateway }, desired) {
    await apigateway.send(new CreateBasePathMappingCommand({ ...desired, basePath: '' }))
    return `${desired.domainName}/${ROOT}`
  },

  async update({ apigateway }, desired) {
    const patchOperations = [
      { op: 'replace' as const, path: '/restapiId', value: desired.restApiId },
      { op: 'replace' as const, path: '/stage', value: desired.stage },
    ]
    const { domainName } = desired
    await apigateway.send(new UpdateBasePathMappingCommand({ domainName, basePath: ROOT, patchOperations }))
  },

  inherits: async ({ apigateway, tags }, { domainName }) => {
    const domain = await orAbsent(apigateway.send(new GetDomainNameCommand({ domainName })))
    return belongs(domain?.tags, tags)
  },

  async remove({ apigateway }, _observed, { domainName }) {
    await apigateway.send(new DeleteBasePathMappingCommand({ domainName, basePath: ROOT }))
  },

  // AWS: refused like this for some 30 s after the domain or the stage was made.
  transient: ({ message }) => /Invalid stage identifier/.test(message),
})
