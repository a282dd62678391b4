// What a batch may not contain, by the values of its record sets and their members. What depends on the zone is in
// `record-state.ts`.
import { refused } from '../run.js'
import type { Case, Cases } from '../suite.js'
import { change, newZone, send, type TestZone, values } from './setup.js'

type Changes = Parameters<typeof send>[2][]

/** A case in which a batch on a fresh zone is refused. */
const refuse =
  (code: string, changes: (zone: TestZone) => Changes, wording?: (zone: TestZone) => string): Case =>
  async (cloud) => {
    const zone = await newZone(cloud)
    await refused(send(cloud, zone, ...changes(zone)), code, wording?.(zone))
  }

const one =
  (more: object, name = 'x') =>
  ({ name: zone }: TestZone) => [change('CREATE', `${name}.${zone}`, more)]
const typed = (Type: string, ...list: string[]) => one({ Type, ResourceRecords: values(...list) })
const where = ({ name }: TestZone) =>
  `in Change with [Action=CREATE, Name=x.${name}, Type=A, SetIdentifier=null]`
const CONTENT =
  'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]'

export const batchValidation: Cases = {
  'a record set without TTL or values is InvalidInput': refuse(
    'InvalidInput',
    one({ TTL: undefined }),
    (zone) => `${CONTENT}, but found none ${where(zone)}`,
  ),
  'an alias with a TTL is InvalidInput': refuse(
    'InvalidInput',
    one({
      TTL: 60,
      AliasTarget: { HostedZoneId: 'ZLY8HYME6SFDD', DNSName: 'a.test', EvaluateTargetHealth: false },
    }),
    (zone) => `${CONTENT}, but found more than one ${where(zone)}`,
  ),
  'a routing member, or a health check, without SetIdentifier is InvalidInput': async (cloud) => {
    const zone = await newZone(cloud)
    const wording = `Invalid request: Missing field 'SetIdentifier' ${where(zone)}`
    for (const more of [{ Weight: 1 }, { HealthCheckId: 'a' }])
      await refused(send(cloud, zone, change('CREATE', `x.${zone.name}`, more)), 'InvalidInput', wording)
  },
  'SetIdentifier without a routing member, and two routing members, are InvalidInput': async (cloud) => {
    const zone = await newZone(cloud)
    const members = [{}, { Weight: 1, Region: 'eu-west-1' }, { Failover: 'PRIMARY', MultiValueAnswer: true }]
    for (const more of members) {
      const wrong = change('CREATE', `x.${zone.name}`, { SetIdentifier: 'a', ...more })
      await refused(send(cloud, zone, wrong), 'InvalidInput', /Expected exactly one of \[Weight, Region/)
    }
  },
  'more than 1,000 values is InvalidChangeBatch, an UPSERT counting twice': async (cloud) => {
    const zone = await newZone(cloud)
    const wording = '[Number of records limit of 1000 exceeded.]'
    const many = (action: 'CREATE' | 'UPSERT', length: number) =>
      Array.from({ length }, (_, n) => change(action, `n${n}.${zone.name}`))
    await refused(send(cloud, zone, ...many('CREATE', 1001)), 'InvalidChangeBatch', wording)
    await refused(send(cloud, zone, ...many('UPSERT', 501)), 'InvalidChangeBatch', wording)
    await send(cloud, zone, ...many('UPSERT', 500))
  },
  'more than 32,000 characters is InvalidChangeBatch, an UPSERT counting twice': async (cloud) => {
    const zone = await newZone(cloud)
    const text = `"${'x'.repeat(253)}"`
    const many = (action: 'CREATE' | 'UPSERT', length: number) =>
      Array.from({ length }, (_, n) =>
        change(action, `n${n}.${zone.name}`, { Type: 'TXT', ResourceRecords: values(text) }),
      )
    const wording = '[Number of characters limit of 32000 exceeded.]'
    await refused(send(cloud, zone, ...many('CREATE', 126)), 'InvalidChangeBatch', wording)
    await refused(send(cloud, zone, ...many('UPSERT', 63)), 'InvalidChangeBatch', wording)
    await send(cloud, zone, ...many('UPSERT', 62))
  },
  'a record set of more than 400 values is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    one({ ResourceRecords: values(...Array.from({ length: 401 }, (_, n) => `192.0.${n % 256}.${n >> 8}`)) }),
    () => '[Cannot have more than 400 records in a RRSet.]',
  ),
  'an A value that is no IPv4 address is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    typed('A', 'a.example.org'),
    () =>
      "[Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'a.example.org'']",
  ),
  'a TXT value without quotation marks is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    typed('TXT', 'bare'),
    () =>
      "[Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'bare'']",
  ),
  'a TXT string of 256 bytes is InvalidChangeBatch; several strings of 255 are one value': async (cloud) => {
    const zone = await newZone(cloud)
    const text = (value: string) =>
      change('UPSERT', `x.${zone.name}`, { Type: 'TXT', ResourceRecords: values(value) })
    await refused(
      send(cloud, zone, text(`"${'x'.repeat(256)}"`)),
      'InvalidChangeBatch',
      /CharacterStringTooLong/,
    )
    const strings = `"${'x'.repeat(255)}" "${'\\"'.repeat(100)}" "\\303\\244"`
    await send(cloud, zone, text(strings))
  },
  'a value that stands twice is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    typed('A', '192.0.2.1', '192.0.2.1'),
    () => "[Duplicate Resource Record: '192.0.2.1']",
  ),
  'a CNAME of two values is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    typed('CNAME', 'a.example.org', 'b.example.org'),
  ),
  'a CNAME at the apex is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    ({ name }) => [change('CREATE', name, { Type: 'CNAME', ResourceRecords: values('a.example.org') })],
    ({ name }) => `[RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${name}]`,
  ),
  'a name outside of the zone is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    () => [change('CREATE', 'www.example.org')],
    ({ name }) => `[RRSet with DNS name www.example.org. is not permitted in zone ${name}]`,
  ),
  'an empty label is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    one({}, 'a.'),
    ({ name }) => `[FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..${name}']`,
  ),
  'an NS record set at a wildcard is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    one({ Type: 'NS', ResourceRecords: values('ns.example.org') }, '*'),
  ),
  'a multivalue answer that is an alias is InvalidChangeBatch': refuse(
    'InvalidChangeBatch',
    one({
      ...{ SetIdentifier: 'a', MultiValueAnswer: true },
      AliasTarget: {
        HostedZoneId: 'ZLY8HYME6SFDD',
        DNSName: 'd-a.execute-api.eu-west-1.amazonaws.com',
        EvaluateTargetHealth: false,
      },
    }),
  ),
}
