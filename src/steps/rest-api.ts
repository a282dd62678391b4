// REST APIs: one regional API per region, made empty and then filled from one OpenAPI document, which is the repeatable
// step. What it serves is a snapshot: `deployment.ts` takes it, `stage.ts` points to it.
import {
  CreateRestApiCommand,
  DeleteRestApiCommand,
  GetRestApiCommand,
  PutRestApiCommand,
  paginateGetResources,
  paginateGetRestApis,
  type Resource,
  type RestApi,
} from '@aws-sdk/client-api-gateway'
import type { Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import { namesUs, ownership } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, inRegion, perRegion } from '../engine/step.js'
import { fn } from './function.js'
import { openApiDocument, routesFound, routesOf } from './openapi.js'

export const restApi = defineStep({
  kind: 'rest-api',
  sites: perRegion,
  needs: { functions: inRegion(fn) },
  patience: { everySeconds: 2, forMinutes: 15 },

  desired: ({ config, env, site, needs }) => ({
    name: config.stack,
    endpointType: 'REGIONAL',
    routes: routesOf(
      config.functions.map(({ key, method, path }) => ({
        method,
        path,
        functionArn: needs.functions.get(key)!.arn,
      })),
      env.partition,
      site.region,
    ),
  }),

  named: ({ config }) => ({ name: config.stack }),

  all: async (ctx) => (await findAll(ctx)).map(({ id }) => id!),

  async observe(ctx, _desired, id) {
    const found = id
      ? await orAbsent(ctx.apigateway.send(new GetRestApiCommand({ restApiId: id })))
      : (await findAll(ctx)).find((api) => !ctx.superseded.includes(api.id!))
    if (!found) return undefined
    const resources: Resource[] = []
    const client = ctx.apigateway
    const input = { restApiId: found.id!, embed: ['methods'], limit: 500 }
    for await (const page of paginateGetResources({ client }, input)) resources.push(...(page.items ?? []))
    return {
      id: found.id!,
      ...ownership(found.tags, ctx.tags),
      name: found.name,
      endpointType: found.endpointConfiguration?.types?.[0],
      routes: routesFound(resources),
    }
  },

  diff: (desired, observed) =>
    compare(desired, observed, { name: 'mutable', endpointType: 'immutable', routes: 'mutable' }),

  readiness: () => ({ state: 'ready' }),

  // AWS: takes no token. It is sent once (aws/clients.ts); after a lost answer the next look finds it by its tags.
  async create({ apigateway, tags }, { name }) {
    const made = await apigateway.send(
      new CreateRestApiCommand({
        name,
        description: `Made by multiregion for ${tags['multiregion:address']}`,
        endpointConfiguration: { types: ['REGIONAL'] },
        tags: { ...tags },
      }),
    )
    return made.id!
  },

  async update({ apigateway }, { name, routes }, { id }) {
    const body = new TextEncoder().encode(JSON.stringify(openApiDocument(name, routes)))
    await apigateway.send(
      new PutRestApiCommand({ restApiId: id, mode: 'overwrite', failOnWarnings: true, body }),
    )
  },

  async remove({ apigateway }, { id }) {
    await apigateway.send(new DeleteRestApiCommand({ restApiId: id }))
  },

  // AWS: while a mapping of a deleted domain lingers, DeleteRestApi answers this BadRequestException.
  transient: ({ message }) => /remove all base path mappings/.test(message),
})

/** Names are not unique in API Gateway; our tags are. Of two that a lost answer made, the older one is kept. */
async function findAll({ apigateway, tags }: Context): Promise<RestApi[]> {
  const ours: RestApi[] = []
  for await (const page of paginateGetRestApis({ client: apigateway }, { limit: 500 }))
    ours.push(...(page.items ?? []).filter((api) => namesUs(api.tags, tags)))
  return ours.sort((a, b) => Number(a.createdDate) - Number(b.createdDate))
}
