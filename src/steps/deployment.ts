// Deployments: a snapshot of the API's document, named by the document's hash. A changed document gets a new one; the
// stage moves to it, and the old one is removed after.
import { createHash } from 'node:crypto'
import {
  CreateDeploymentCommand,
  DeleteDeploymentCommand,
  GetRestApiCommand,
  paginateGetDeployments,
} from '@aws-sdk/client-api-gateway'
import type { Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import { belongs } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, here, inRegion, perRegion } from '../engine/step.js'
import { invokePermission } from './invoke-permission.js'
import { restApi } from './rest-api.js'

export const deployment = defineStep({
  kind: 'deployment',
  sites: perRegion,
  needs: { api: here(restApi), permissions: inRegion(invokePermission) },
  patience: { everySeconds: 2, forMinutes: 10 },
  replace: 'create-first',

  desired: ({ needs }) => ({
    restApiId: needs.api.id,
    document: createHash('sha256').update(JSON.stringify(needs.api.routes)).digest('hex').slice(0, 16),
  }),

  named: ({ needs: { api } }) => api && { restApiId: api.id },

  async all(ctx, { restApiId }) {
    const ours = (await list(ctx, restApiId)).filter(({ description }) => description?.startsWith(mark('')))
    return ours.sort((a, b) => Number(b.createdDate) - Number(a.createdDate)).map(({ id }) => id!)
  },

  async observe(ctx, { restApiId, document }, id) {
    const all = (await orAbsent(list(ctx, restApiId))) ?? []
    const found = id
      ? all.find((deployment) => deployment.id === id)
      : all.find(
          ({ id, description }) => !ctx.superseded.includes(id!) && description?.startsWith(mark(document)),
        )
    const hash = found?.description?.split(' ')[1]
    return found && { id: found.id!, owned: true, document: hash }
  },

  diff: (desired, observed) => compare(desired, observed, { document: 'immutable' }),

  readiness: () => ({ state: 'ready' }),

  // AWS: takes no token. It is sent once; the description finds what a lost answer made.
  async create({ apigateway, token }, { restApiId, document }) {
    const description = `${mark(document)} ${token}`
    const made = await apigateway.send(new CreateDeploymentCommand({ restApiId, description }))
    return made.id!
  },

  inherits: async ({ apigateway, tags }, { restApiId }) => {
    const api = await orAbsent(apigateway.send(new GetRestApiCommand({ restApiId })))
    return belongs(api?.tags, tags)
  },

  async remove({ apigateway }, { id }, { restApiId }) {
    await apigateway.send(new DeleteDeploymentCommand({ restApiId, deploymentId: id }))
  },

  // AWS: refused as a BadRequestException while a stage still points to it.
  transient: ({ message }) => /Active stages pointing to this deployment/.test(message),
})

const mark = (document: string) => `multiregion ${document}`

async function list({ apigateway }: Context, restApiId: string) {
  const all = []
  for await (const page of paginateGetDeployments({ client: apigateway }, { restApiId, limit: 500 }))
    all.push(...(page.items ?? []))
  return all
}
