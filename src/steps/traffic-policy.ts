// The traffic policy: a latency rule with one branch per region, each with its health check. Its document cannot be
// changed, so a change is a new version; `policy-record.ts` moves to it, and the old version is removed after.
import {
  CreateTrafficPolicyCommand,
  CreateTrafficPolicyVersionCommand,
  DeleteTrafficPolicyCommand,
  ListTrafficPoliciesCommand,
  ListTrafficPolicyInstancesByPolicyCommand,
  ListTrafficPolicyVersionsCommand,
  type TrafficPolicy,
} from '@aws-sdk/client-route-53'
import type { Context } from '../aws/context.js'
import { isExists, orAbsent } from '../aws/errors.js'
import { NotReadyError } from '../base/errors.js'
import { compare } from '../engine/diff.js'
import { available, defineStep, once } from '../engine/step.js'
import { basePathMapping } from './base-path-mapping.js'
import { domainName } from './domain-name.js'
import { healthCheck } from './health-check.js'

export const trafficPolicy = defineStep({
  kind: 'traffic-policy',
  sites: once,
  needs: {
    domains: available(domainName),
    mappings: available(basePathMapping),
    checks: available(healthCheck),
  },
  patience: { everySeconds: 3, forMinutes: 10 },
  replace: 'create-first',
  replayable: true,

  named: ({ config }) => ({ name: config.stack }),

  desired: ({ config, needs: { domains, mappings, checks } }) => {
    const regions = config.regions.filter((r) => domains.has(r) && mappings.has(r) && checks.has(r))
    if (regions.length === 0) throw noRegion()
    return {
      name: config.stack,
      document: {
        AWSPolicyFormatVersion: '2015-10-01',
        // AWS: there is no API Gateway endpoint type, and a policy record of type A needs an IPv4 address.
        RecordType: 'CNAME',
        StartRule: 'latency',
        Endpoints: Object.fromEntries(
          regions.map((region) => [
            endpointOf(region),
            { Type: 'value', Value: domains.get(region)!.target },
          ]),
        ),
        Rules: {
          latency: {
            RuleType: 'latency',
            Regions: regions.map((region) => ({
              EndpointReference: endpointOf(region),
              Region: region,
              HealthCheck: checks.get(region)!.id,
            })),
          },
        },
      } as object,
    }
  },

  async all(ctx, { name }) {
    const ours = (await family(ctx, name)).flat().filter((one) => isOurs(ctx, one))
    return ours.sort((a, b) => b.Version! - a.Version!).map(idOf)
  },

  async observe(ctx, { name }, id) {
    const [policyId, version] = id?.split('/') ?? []
    const versions = policyId ? await versionsOf(ctx, policyId) : await find(ctx, name)
    const found = version
      ? versions.find(({ Version }) => Version === Number(version))
      : newest(ctx, versions)
    if (!found) return undefined
    const owned = isOurs(ctx, found)
    return {
      id: idOf(found),
      owned,
      ...(owned && { lineage: ctx.lineage }),
      policyId: found.Id!,
      version: found.Version!,
      document: JSON.parse(found.Document!) as object,
    }
  },

  diff: (desired, observed) => compare(desired, observed, { document: 'immutable' }),

  readiness: () => ({ state: 'ready' }),

  // AWS: policies have no tags and no token, so both are kept in the comment.
  async create(ctx, { name, document }) {
    const versions = await find(ctx, name)
    const made = versions.find(({ Comment }) => Comment?.includes(ctx.token))
    if (made) return idOf(made)
    const input = { Document: JSON.stringify(document), Comment: comment(ctx) }
    const policy = versions.find((one) => isOurs(ctx, one))
    const answer = policy
      ? await ctx.route53.send(new CreateTrafficPolicyVersionCommand({ Id: policy.Id, ...input }))
      : await createNamed(ctx, name, input)
    return idOf(answer.TrafficPolicy!)
  },

  async usedBy({ route53 }, _desired, { policyId, version }) {
    const list = new ListTrafficPolicyInstancesByPolicyCommand({
      TrafficPolicyId: policyId,
      TrafficPolicyVersion: version,
    })
    const { TrafficPolicyInstances = [] } = await route53.send(list)
    return TrafficPolicyInstances.map(({ Id, Name }) => ({
      id: Id!,
      what: `the policy record ${Name} (${Id})`,
    }))
  },

  // An old version goes alone. The last one takes with it what a lost answer may have left of ours under the name.
  async remove(ctx, { id, policyId, version }, { name }) {
    const all = ctx.superseded.includes(id) ? [] : (await family(ctx, name)).flat()
    const strays = all.filter((one) => isOurs(ctx, one) && idOf(one) !== id)
    for (const { Id, Version } of [...strays, { Id: policyId, Version: version }])
      await orAbsent(ctx.route53.send(new DeleteTrafficPolicyCommand({ Id, Version })))
  },
})

/** Whether a policy carries our lineage in the comment of one of its versions. */
export const isPolicyOurs = async (ctx: Context, policyId: string): Promise<boolean> =>
  (await versionsOf(ctx, policyId)).some((one) => isOurs(ctx, one))

/** The name of a region's endpoint in the document. */
export const endpointOf = (region: string): string => `endpoint-${region}`
const idOf = ({ Id, Version }: TrafficPolicy) => `${Id}/${Version}`
const comment = ({ lineage, token }: Context) => `multiregion ${lineage} ${token}`
const isOurs = ({ lineage }: Context, { Comment }: TrafficPolicy) => Comment?.includes(lineage) ?? false

/**
 * AWS: the name of a deleted policy may stay taken while no list shows it. So may that of a fresh one: where the answer to
 * its creation was lost, it is ours and stays behind as a stray.
 */
async function createNamed(
  { route53, token }: Context,
  Name: string,
  input: { Document: string; Comment: string },
) {
  try {
    return await route53.send(new CreateTrafficPolicyCommand({ Name, ...input }))
  } catch (error) {
    if (!isExists(error)) throw error
    return route53.send(new CreateTrafficPolicyCommand({ Name: `${Name}-${token.slice(0, 8)}`, ...input }))
  }
}

function newest({ superseded }: Context, versions: readonly TrafficPolicy[]): TrafficPolicy | undefined {
  return versions.filter((one) => !superseded.includes(idOf(one))).sort((a, b) => b.Version! - a.Version!)[0]
}

/** Every version of the policy of that name: ours if there is one, else a foreign one, which the engine refuses. */
async function find(ctx: Context, name: string): Promise<TrafficPolicy[]> {
  const policies = await family(ctx, name)
  const ours = policies.find((versions) => versions.some((one) => isOurs(ctx, one)))
  return ours ?? policies.flat().filter(({ Name }) => Name === name)
}

/** The versions of each policy of that name, with a suffix or without. */
async function family(ctx: Context, name: string): Promise<TrafficPolicy[][]> {
  const policies: TrafficPolicy[][] = []
  let TrafficPolicyIdMarker: string | undefined
  do {
    const page = await ctx.route53.send(new ListTrafficPoliciesCommand({ TrafficPolicyIdMarker }))
    for (const { Id, Name } of page.TrafficPolicySummaries ?? [])
      if (Name === name || Name?.startsWith(`${name}-`)) policies.push(await versionsOf(ctx, Id!))
    TrafficPolicyIdMarker = page.IsTruncated ? page.TrafficPolicyIdMarker : undefined
  } while (TrafficPolicyIdMarker)
  return policies
}

/** AWS: GetTrafficPolicy still answers for deleted policies; the list of versions tells. */
async function versionsOf({ route53 }: Context, Id: string): Promise<TrafficPolicy[]> {
  const versions: TrafficPolicy[] = []
  let TrafficPolicyVersionMarker: string | undefined
  do {
    const page = await orAbsent(
      route53.send(new ListTrafficPolicyVersionsCommand({ Id, TrafficPolicyVersionMarker })),
    )
    versions.push(...(page?.TrafficPolicies ?? []))
    TrafficPolicyVersionMarker = page?.IsTruncated ? page.TrafficPolicyVersionMarker : undefined
  } while (TrafficPolicyVersionMarker)
  return versions
}

const noRegion = () =>
  new NotReadyError(
    'No region has its domain, mapping and health check ready, so there is nothing that the public name could lead to',
    'See the errors of the regions above, then run multiregion up again.',
    { address: 'traffic-policy' },
  )
