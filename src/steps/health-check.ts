// Health checks: one per region, on the default host of the region's API, as the article has it. (The shared public name
// would be answered by any region, and the domain's target refuses a Host that is its own.)
import {
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  DeleteHealthCheckCommand,
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  type HealthCheckConfig,
  type HealthCheckRegion,
  ListTagsForResourceCommand,
  paginateListHealthChecks,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53'
import type { Context } from '../aws/context.js'
import { orAbsent } from '../aws/errors.js'
import { carries, tagList } from '../aws/tags.js'
import { compare } from '../engine/diff.js'
import { defineStep, here, inRegion, perRegion } from '../engine/step.js'
import { replica } from './replica.js'
import { stage } from './stage.js'
import { table } from './table.js'

export const healthCheck = defineStep({
  kind: 'health-check',
  sites: perRegion,
  needs: { stage: here(stage), table: inRegion(table), replicas: inRegion(replica) },
  patience: { everySeconds: 5, forMinutes: 10 },
  replace: 'create-first',
  replayable: true,

  desired: ({ config, env, site, needs }) => {
    const { path } = config.functions.find(({ key }) => key === config.healthCheck.function)!
    const suffix = env.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
    return {
      host: `${needs.stage.restApiId}.execute-api.${site.region}.${suffix}`,
      path: `/${needs.stage.stageName}${path}`,
      intervalSeconds: config.healthCheck.intervalSeconds as number,
      failureThreshold: config.healthCheck.failureThreshold,
      checkerRegions: [...config.healthCheck.checkerRegions].sort() as string[],
      sni: true,
      enabled: true,
      tagged: true,
    }
  },

  // Its reference is its name.
  named: () => ({}),

  all: findAll,

  async observe(ctx, _desired, id) {
    const HealthCheckId = id ?? (await findAll(ctx)).find((other) => !ctx.superseded.includes(other))
    if (!HealthCheckId) return undefined
    const found = (await orAbsent(ctx.route53.send(new GetHealthCheckCommand({ HealthCheckId }))))
      ?.HealthCheck
    if (!found) return undefined
    const is = found.HealthCheckConfig!
    const [tags, status] = await Promise.all([
      ctx.route53.send(
        new ListTagsForResourceCommand({ ResourceType: 'healthcheck', ResourceId: HealthCheckId }),
      ),
      ctx.route53.send(new GetHealthCheckStatusCommand({ HealthCheckId })),
    ])
    const owned = found.CallerReference!.startsWith(reference(ctx))
    return {
      id: HealthCheckId,
      owned,
      ...(owned && { lineage: ctx.lineage }),
      version: found.HealthCheckVersion,
      host: is.FullyQualifiedDomainName,
      path: is.ResourcePath,
      intervalSeconds: is.RequestInterval,
      failureThreshold: is.FailureThreshold,
      checkerRegions: [...(is.Regions ?? [])].sort(),
      sni: is.EnableSNI,
      enabled: !is.Disabled && !is.Inverted,
      tagged: carries(tags.ResourceTagSet?.Tags, ctx.tags),
      observed: status.HealthCheckObservations?.some(({ StatusReport }) => StatusReport?.Status) ?? false,
    }
  },

  diff: (desired, observed) =>
    compare(desired, observed, {
      // AWS: the interval of a check is fixed.
      intervalSeconds: 'immutable',
      host: 'mutable',
      path: 'mutable',
      failureThreshold: 'mutable',
      checkerRegions: 'mutable',
      sni: 'mutable',
      enabled: 'mutable',
      tagged: 'mutable',
    }),

  // AWS: a check counts as healthy until its first data arrives, so no record may use it before.
  readiness: ({ observed }) =>
    observed ? { state: 'ready' } : { state: 'pending', reason: 'no checker has reported yet' },

  // AWS: the same reference with the same config gives the same check again.
  async create(ctx, desired) {
    const made = await ctx.route53.send(
      new CreateHealthCheckCommand({
        CallerReference: `${reference(ctx)}${ctx.token.slice(0, 24)}`,
        HealthCheckConfig: {
          Type: 'HTTPS',
          Port: 443,
          RequestInterval: desired.intervalSeconds,
          EnableSNI: true,
          ...settings(desired),
        },
      }),
    )
    return made.HealthCheck!.Id!
  },

  // AWS: tags come after creation.
  async update({ route53, tags }, desired, { id, version }, changes) {
    if (changes.every(({ field }) => field === 'tagged'))
      await route53.send(
        new ChangeTagsForResourceCommand({
          ResourceType: 'healthcheck',
          ResourceId: id,
          AddTags: [...tagList(tags), { Key: 'Name', Value: tags['multiregion:address']! }],
        }),
      )
    else
      await route53.send(
        new UpdateHealthCheckCommand({
          HealthCheckId: id,
          HealthCheckVersion: version,
          EnableSNI: true,
          Disabled: false,
          Inverted: false,
          ...settings(desired),
        }),
      )
  },

  async remove({ route53 }, { id }) {
    await route53.send(new DeleteHealthCheckCommand({ HealthCheckId: id }))
  },
})

/** The first part of our CallerReference: the mark of ownership that is there from the first moment. 64 characters at most. */
const reference = ({ lineage, region }: Context) => `${lineage.slice(0, 8)}:${region}:`

const settings = (desired: {
  host: string
  path: string
  failureThreshold: number
  checkerRegions: string[]
}) =>
  ({
    FullyQualifiedDomainName: desired.host,
    ResourcePath: desired.path,
    FailureThreshold: desired.failureThreshold,
    Regions: desired.checkerRegions as HealthCheckRegion[],
  }) satisfies Partial<HealthCheckConfig>

async function findAll(ctx: Context): Promise<string[]> {
  const ids: string[] = []
  for await (const page of paginateListHealthChecks({ client: ctx.route53 }, {}))
    for (const { Id, CallerReference } of page.HealthChecks ?? [])
      if (CallerReference!.startsWith(reference(ctx))) ids.push(Id!)
  return ids
}
