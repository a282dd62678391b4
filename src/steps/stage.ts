// Stages: the name under which a deployment is served, `dev` in `/dev/health`.
import {
  CreateStageCommand,
  DeleteStageCommand,
  GetStageCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-api-gateway'
import { orAbsent } from '../aws/errors.js'
import { ownership } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, here, perRegion } from '../engine/step.js'
import { deployment } from './deployment.js'
import { restApi } from './rest-api.js'

export const stage = defineStep({
  kind: 'stage',
  sites: perRegion,
  needs: { api: here(restApi), deployment: here(deployment) },
  patience: { everySeconds: 2, forMinutes: 5 },

  desired: ({ config, needs }) => ({
    restApiId: needs.api.id,
    stageName: config.stage,
    deploymentId: needs.deployment.id,
  }),

  async observe({ apigateway, tags }, { restApiId, stageName }) {
    const found = await orAbsent(apigateway.send(new GetStageCommand({ restApiId, stageName })))
    return (
      found && {
        id: `${restApiId}/${stageName}`,
        ...ownership(found.tags, tags),
        restApiId,
        stageName,
        deploymentId: found.deploymentId,
      }
    )
  },

  diff: (desired, observed) => compare(desired, observed, { deploymentId: 'mutable' }),

  readiness: () => ({ state: 'ready' }),

  async create({ apigateway, tags }, desired) {
    await apigateway.send(new CreateStageCommand({ ...desired, tags: { ...tags } }))
    return `${desired.restApiId}/${desired.stageName}`
  },

  async update({ apigateway }, { restApiId, stageName, deploymentId }) {
    const patchOperations = [{ op: 'replace' as const, path: '/deploymentId', value: deploymentId }]
    await apigateway.send(new UpdateStageCommand({ restApiId, stageName, patchOperations }))
  },

  async remove({ apigateway }, { restApiId, stageName }) {
    await apigateway.send(new DeleteStageCommand({ restApiId, stageName }))
  },
})
