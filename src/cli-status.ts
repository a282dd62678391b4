// How `local status` reads: what is wrong first at a glance, then where everything is. The facts are the local cloud's.
import { faultText } from './cli-fault.js'
import type { LocalStatus } from './local/door.js'

export function statusText(cloud: LocalStatus): string {
  const { tables, functions, apis } = cloud.resources
  const enforced = cloud.enforceIam ? ', IAM enforced' : ''
  return [
    ...troubles(cloud),
    '',
    `running      pid ${cloud.pid} for ${duration(cloud.uptimeSeconds)}, ${cloud.memoryMb} MB, profile ${cloud.profile}, scale ${cloud.timeScale}${enforced}`,
    ...(cloud.enforceIam ? [`IAM          ${decisionsText(cloud.decisions)}`] : []),
    `AWS APIs     ${cloud.endpointUrl}  (${callsText(cloud.calls)})`,
    `resources    ${tables} tables, ${functions} functions, ${apis} APIs`,
    `edge         ${cloud.edgeUrl}  (header x-client-location: REGION)`,
    `DNS          ${cloud.dns.address} port ${cloud.dns.port}`,
    `CA           ${cloud.caFile}`,
    ...Object.entries(cloud.regions).map(
      ([region, { health, address, httpsPort, clientSubnet }]) =>
        `${region.padEnd(15)}${health.padEnd(10)}https ${address}:${httpsPort}, clients in ${clientSubnet}${busyText(cloud, region)}`,
    ),
    ...cloud.healthChecks.map(
      ({ id, target, healthy, reason }) =>
        `health check   ${healthy ? 'healthy   ' : 'UNHEALTHY '}${target}  (${reason}; ${id})`,
    ),
    ...cloud.replication
      .filter(({ pending }) => pending > 0)
      .map(
        ({ from, to, pending, oldestSeconds, paused }) =>
          `replication    ${paused ? 'paused    ' : 'on its way '}${from} to ${to}: ${pending} items, the oldest ${oldestSeconds.toFixed(1)} s`,
      ),
    ...cloud.replication.flatMap(({ from, to, refused, refusal }) =>
      refused ? [`replication    REFUSED   ${from} to ${to}: ${refused} items, the last as ${refusal}`] : [],
    ),
    ...cloud.faults.map((fault) => `fault          ${faultText(fault)}`),
  ].join('\n')
}

/** What the operator's policy was needed for, and what it lacked. */
function decisionsText(decisions: LocalStatus['decisions']): string {
  const all = Object.entries(decisions)
  const denied = all.filter(([, counts]) => counts.denied > 0).map(([action]) => action)
  const used = all.filter(([, { allowed }]) => allowed > 0).length
  return `the operator used ${used} actions of his policy${denied.length ? `, and lacked ${denied.join(', ')}` : ''}`
}

/** In a line or two, what is wrong. */
function troubles({ regions, healthChecks, faults, replication }: LocalStatus): string[] {
  const isolated = Object.entries(regions).filter(([, { health }]) => health === 'isolated')
  const sick = healthChecks.filter(({ healthy }) => !healthy)
  const refused = replication.reduce((sum, pair) => sum + pair.refused, 0)
  const active = faults.filter(({ active }) => active)
  const found = [
    isolated.length &&
      `${isolated.map(([region]) => region).join(', ')} ${isolated.length > 1 ? 'are' : 'is'} out`,
    sick.length && `${sick.length} of ${healthChecks.length} health checks unhealthy`,
    refused &&
      `${refused} ${refused > 1 ? 'writes are' : 'write is'} not replicated: the other region refuses`,
    active.length &&
      `${active.length} ${active.length > 1 ? 'faults' : 'fault'} (mend: multiregion local fault clear --all)`,
  ].filter(Boolean)
  return found.length ? [`NOT WELL     ${found.join('; ')}`] : ['all well']
}

const callsText = ({ total, perSecond }: LocalStatus['calls']) => `${total} calls, ${perSecond} a second`

/** The services of a region that are called at this time. */
function busyText({ calls }: LocalStatus, region: string): string {
  const busy = calls.of.filter((one) => one.region === region && one.perSecond > 0)
  return busy.length
    ? `; ${busy.map(({ service, perSecond }) => `${service} ${perSecond}/s`).join(', ')}`
    : ''
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
