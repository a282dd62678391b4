// What a client sees: which region the public name gives it, and what a region answers under that name. Read at the
// zone's own servers and at the regions' own hosts, so no cache and no chance is in between.
import { GetHealthCheckStatusCommand } from '@aws-sdk/client-route-53'
import type { DnsAnswer } from '../probe/dns.js'
import type { PinnedAnswer } from '../probe/https.js'
import { regionOfHost } from '../probe/network.js'
import { endpointOf } from '../steps/traffic-policy.js'
import type { Session } from './session.js'

/** The region that a client near `location` gets; undefined if the name has no answer. Throws if no server answers. */
export async function regionFor(session: Session, nameServers: readonly string[], location: string) {
  const { network } = session.target
  const servers = await network.servers(nameServers)
  const clientSubnet = await network.clientSubnet(location)
  const answers = await network.ask(servers, { name: session.config.domain, type: 'CNAME', clientSubnet })
  return regionOf(answers)
}

const regionOf = (answers: readonly DnsAnswer[]) => {
  const cname = answers.find(({ type }) => type === 'CNAME')
  return cname && regionOfHost(cname.data)
}

/** The custom domain's own host in a region, as the state recorded it; what a rebuild could not see, the policy names. */
export function targetOf({ config, ledger }: Session, region: string): string | undefined {
  const domain = ledger.entry(`domain-name/${region}`)?.observed as { target?: string } | undefined
  const policy = ledger.entry(`traffic-policy/${config.home}`)?.observed as PolicySeen | undefined
  return domain?.target ?? policy?.document?.Endpoints?.[endpointOf(region)]?.Value
}

interface PolicySeen {
  readonly document?: { readonly Endpoints?: Readonly<Record<string, { readonly Value?: string }>> }
}

/** A request under the public name, to that region and no other. */
export async function askRegion(
  session: Session,
  region: string,
  request: { method: string; path: string; body?: unknown },
): Promise<PinnedAnswer> {
  const target = targetOf(session, region)
  if (!target) throw new Error('no custom domain is recorded for this region')
  const { domain } = session.config
  return session.target.network.send({ target, domain, ...request })
}

/** Whether an answer of a health route is one that checkers take for healthy. Pure. */
export const isServing = ({ status }: { readonly status: number }) => status >= 200 && status <= 299

/** The health route of that region and no other, under the public name. */
export const askHealth = (session: Session, region: string): Promise<PinnedAnswer> =>
  askRegion(session, region, { method: 'GET', path: healthPath(session) })

export function healthPath({ config }: Session): string {
  return config.functions.find(({ key }) => key === config.healthCheck.function)!.path
}

export interface Verdict {
  readonly status: 'healthy' | 'unhealthy' | 'unknown'
  readonly reason: string
}

// AWS: there is no call for the verdict of all checkers; Route 53 counts a check as healthy while more than 18 % say so.
const HEALTHY_ABOVE = 0.18

/** What Route 53's checkers say of a region. Throws the SDK's error where Route 53 does not answer. */
export async function healthOf({ config, target, ledger }: Session, region: string): Promise<Verdict> {
  const id = ledger.entry(`health-check/${region}`)?.id
  if (!id) return { status: 'unknown', reason: 'there is no health check yet' }
  const { HealthCheckObservations = [] } = await target
    .clients(config.home)
    .route53.send(new GetHealthCheckStatusCommand({ HealthCheckId: id }))
  const reports = HealthCheckObservations.flatMap(({ StatusReport }) => StatusReport?.Status ?? [])
  if (reports.length === 0) return { status: 'unknown', reason: 'no checker has reported yet' }
  const well = reports.filter((report) => report.startsWith('Success'))
  const healthy = well.length / reports.length > HEALTHY_ABOVE
  const example = reports.find((report) => report.startsWith('Success') === healthy) ?? reports[0]
  return {
    status: healthy ? 'healthy' : 'unhealthy',
    reason: `${well.length} of ${reports.length} checkers say so; ${example}`.replace(
      'say so',
      'report success',
    ),
  }
}
