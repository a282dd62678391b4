// The conformance suite of Route 53, one file per noun.
import type { ServiceSuite } from '../suite.js'
import { changeSuites } from './change.js'
import { checkSuites } from './health-check.js'
import { statusSuites } from './health-status.js'
import { limitSuites } from './limit.js'
import { instanceSuites } from './policy-instance.js'
import { instanceListSuites } from './policy-instance-list.js'
import { recordSuites } from './record.js'
import { tagSuites } from './tag.js'
import { policySuites } from './traffic-policy.js'
import { zoneSuites } from './zone.js'

export const route53Suite: ServiceSuite = {
  service: 'route53',
  operations: {
    ...zoneSuites,
    ...recordSuites,
    ...changeSuites,
    ...checkSuites,
    ...statusSuites,
    ...policySuites,
    ...instanceSuites,
    ...instanceListSuites,
    ...tagSuites,
    ...limitSuites,
  },
  states: [
    'a change is PENDING for 10 to 60 s, and DNS answers it from a quarter of that time on',
    'a zone processes a change for 0.2 s, and refuses another one meanwhile',
    'a health check has no data for FailureThreshold times RequestInterval; DNS goes by a verdict 5 to 10 s later, by an update 10 to 60 s later',
    'the caller reference of a deleted health check stays taken for three days',
    'a fresh traffic policy is listed, and can be used, after at most 3 s; the name of a deleted one stays taken for at most 60 s',
    'a policy record is Creating or Updating for 30 to 90 s, then Applied or Failed; Deleting for 30 to 90 s',
  ],
  differences: [
    'Public zones only; no reusable delegation sets, DNSSEC, CIDR collections, query logs or accelerated recovery. So ConflictingDomainExists and DelegationSetNotAvailable never occur.',
    'All zones have the same four name servers, which stand at one address; of several zones with one name the oldest answers.',
    'Names that AWS reserves, such as example.com, can be zones.',
    'Records are of types A, AAAA, CAA, CNAME, MX, NS, PTR, SOA, SRV and TXT; DS, HTTPS, NAPTR, SPF, SSHFP, SVCB and TLSA are refused.',
    'Aliases lead to API Gateway names and to record sets of the same zone; the zone id of an API Gateway target is not compared with its region.',
    'Geoproximity and IP-based routing of single records are refused; protections of record sets cannot be made.',
    'All name servers take up a change at one moment, where those of AWS follow each other until INSYNC.',
    'A zone is busy for a fixed 0.2 s; how long AWS takes to process a change depends on its size and is not published. The bucket of record changes that AWS keeps beside the requests is not counted.',
    'Names are answered by DNS as text: bytes above 127 and escaped dots in them are not.',
    'Health checks of types CLOUDWATCH_METRIC and RECOVERY_CONTROL are refused. Endpoints of this machine can be checked; private addresses are not refused.',
    'The wordings of status reports are partly unconfirmed, and the health checkers of regions that an update removes stop at once.',
    'The day of the 1,000 CreateHealthCheck calls starts with its first call and does not roll; its refusal is taken to be Throttling.',
    'Latency is the distance to a region; a client is near a region by its documentation subnet only.',
    'Traffic policy endpoints are of type value; a geoproximity Location (Local Zones, format 2023-05-09) is refused. Endpoints and rules that nothing refers to are accepted (unconfirmed).',
    'The sentences of InvalidTrafficPolicyDocument are ours; the code and the ids in front of them are those of AWS.',
    'A policy record becomes Failed where its name is occupied, where a CNAME would stand at the apex, and where its policy names a health check that does not exist. AWS documents the state but not its causes: it may refuse some of them at the call.',
    'Wordings that no public source shows (of TrafficPolicyAlreadyExists, HealthCheckVersionMismatch, NoSuchChange, limits of records and others) are ours.',
  ],
}
