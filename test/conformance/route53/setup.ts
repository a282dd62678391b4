// What the suites of Route 53 share: a client per cloud, zones and checks under fresh names, record changes, policies.
// Names and references are never used twice, as the cases of an operation share one cloud.
import { type Change, type HealthCheckConfig, Route53 } from '@aws-sdk/client-route-53'
import { startTestCloud, type TestCloud, VIRGINIA } from '../cloud.js'
import type { Case } from '../suite.js'

/** Virtual seconds after which a change is INSYNC, a check's update is effective, a policy record is applied or gone. */
export const INSYNC = 61
export const APPLIED = 91
/** Virtual seconds after which a zone takes its next change. */
export const PROCESSED = 1

const clients = new WeakMap<TestCloud, Route53>()

export function r53(cloud: TestCloud): Route53 {
  const client = clients.get(cloud) ?? cloud.client(Route53, VIRGINIA)
  clients.set(cloud, client)
  return client
}

/** A case with a cloud of its own: days pass there, or an account fills up. */
export const alone =
  (check: Case): Case =>
  async () => {
    const cloud = await startTestCloud()
    try {
      await check(cloud)
    } finally {
      await cloud.close()
    }
  }

/** Calls that many times, some at once, with time between them for the quotas. */
export async function often(cloud: TestCloud, times: number, call: () => Promise<unknown>): Promise<void> {
  const AT_ONCE = 40
  for (let done = 0; done < times; done += AT_ONCE) {
    await cloud.pass(100)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, times - done) }, call))
  }
}

let count = 0
/** A text that no other case has. */
export const fresh = (word: string) => `${word}-${++count}`

export interface TestZone {
  /** Without its path. */
  readonly id: string
  /** With its trailing dot. */
  readonly name: string
}

/** A zone that DNS answers. */
export async function newZone(cloud: TestCloud, name = `${fresh('zone')}.test`): Promise<TestZone> {
  const made = await r53(cloud).createHostedZone({ Name: name, CallerReference: fresh('reference') })
  await cloud.pass(INSYNC)
  return { id: made.HostedZone!.Id!.replace('/hostedzone/', ''), name: made.HostedZone!.Name! }
}

/** A change of a record set; A and one value where `more` says nothing else. */
export const change = (Action: Change['Action'], Name: string, more: object = {}): Change => ({
  Action,
  ResourceRecordSet: {
    Name,
    Type: 'A',
    ...('AliasTarget' in more ? {} : { TTL: 60, ResourceRecords: values('192.0.2.1') }),
    ...more,
  },
})

export const values = (...list: string[]) => list.map((Value) => ({ Value }))

/** Sends a batch, and lets the zone process it. */
export async function send(cloud: TestCloud, zone: TestZone, ...Changes: Change[]) {
  try {
    return await r53(cloud).changeResourceRecordSets({ HostedZoneId: zone.id, ChangeBatch: { Changes } })
  } finally {
    await cloud.pass(PROCESSED)
  }
}

/** What DNS answers at that name. */
export async function answersOf(
  cloud: TestCloud,
  zone: TestZone,
  RecordName: string,
  RecordType: 'A' | 'CNAME' = 'A',
) {
  const answer = await r53(cloud).testDNSAnswer({ HostedZoneId: zone.id, RecordName, RecordType })
  return answer.RecordData
}

/** A check whose endpoint has no address: its checkers fail as soon as they ask. */
export const NOWHERE = {
  Type: 'HTTPS',
  FullyQualifiedDomainName: 'nowhere.zone.test',
  ResourcePath: '/dev/health',
  RequestInterval: 10,
} as const satisfies HealthCheckConfig

/** The settings of a calculated check: it has no checkers. */
export const calculated = (
  HealthThreshold: number,
  ...ChildHealthChecks: string[]
): Partial<HealthCheckConfig> => ({
  Type: 'CALCULATED',
  ChildHealthChecks,
  HealthThreshold,
})

export async function newCheck(cloud: TestCloud, more: Partial<HealthCheckConfig> = {}) {
  const HealthCheckConfig = more.Type === 'CALCULATED' ? (more as HealthCheckConfig) : { ...NOWHERE, ...more }
  const made = await r53(cloud).createHealthCheck({ CallerReference: fresh('check'), HealthCheckConfig })
  return made.HealthCheck!
}

/** Two record sets of a name: what DNS answers tells whether the check of the first is healthy. */
export async function watchCheck(cloud: TestCloud, zone: TestZone, HealthCheckId: string) {
  const name = `${fresh('watch')}.${zone.name}`
  await send(
    cloud,
    zone,
    change('CREATE', name, { SetIdentifier: 'first', Failover: 'PRIMARY', HealthCheckId }),
    change('CREATE', name, {
      SetIdentifier: 'second',
      Failover: 'SECONDARY',
      ResourceRecords: values('192.0.2.2'),
    }),
  )
  await cloud.pass(INSYNC)
  return async () => (await answersOf(cloud, zone, name))![0] === '192.0.2.1'
}

/** A document of one CNAME or A value. */
export const documentOf = (value = 'a.example.org', RecordType = 'CNAME') =>
  JSON.stringify({
    AWSPolicyFormatVersion: '2015-10-01',
    RecordType,
    StartEndpoint: 'only',
    Endpoints: { only: { Type: 'value', Value: value } },
  })

/** A document of one latency rule over two regions, each with that health check. */
export const latencyDocument = (HealthCheck: string) =>
  JSON.stringify({
    AWSPolicyFormatVersion: '2015-10-01',
    RecordType: 'CNAME',
    StartRule: 'near',
    Endpoints: {
      one: { Type: 'value', Value: 'd-one.execute-api.eu-west-1.amazonaws.com' },
      two: { Type: 'value', Value: 'd-two.execute-api.us-east-1.amazonaws.com' },
    },
    Rules: {
      near: {
        RuleType: 'latency',
        Regions: [
          { EndpointReference: 'one', Region: 'eu-west-1', HealthCheck },
          { EndpointReference: 'two', Region: 'us-east-1' },
        ],
      },
    },
  })

/** A policy that is listed and that instances can be made of. */
export async function newPolicy(cloud: TestCloud, Document = documentOf(), Name = fresh('policy')) {
  const made = await r53(cloud).createTrafficPolicy({ Name, Document })
  await cloud.pass(4)
  return { id: made.TrafficPolicy!.Id!, name: Name }
}

/** Asks for an instance, at most one a second as AWS allows. */
export async function askInstance(
  cloud: TestCloud,
  zone: TestZone,
  policyId: string,
  more: { Name?: string; TrafficPolicyVersion?: number } = {},
) {
  await cloud.pass(PROCESSED)
  const made = await r53(cloud).createTrafficPolicyInstance({
    HostedZoneId: zone.id,
    Name: `${fresh('record')}.${zone.name}`,
    TTL: 60,
    TrafficPolicyId: policyId,
    TrafficPolicyVersion: 1,
    ...more,
  })
  return made.TrafficPolicyInstance!
}

/** The state and message of an instance. */
export async function stateOf(cloud: TestCloud, Id: string) {
  const { TrafficPolicyInstance } = await r53(cloud).getTrafficPolicyInstance({ Id })
  return [TrafficPolicyInstance!.State, TrafficPolicyInstance!.Message]
}

/** Deletes an instance and waits until it is gone: only five can be at a time. */
export async function removeInstance(cloud: TestCloud, Id: string) {
  await cloud.pass(APPLIED)
  await r53(cloud).deleteTrafficPolicyInstance({ Id })
  await cloud.pass(APPLIED)
}
