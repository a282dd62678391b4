// What may stand beside what: record sets of one name (CNAME stands alone) and of one name and type (one routing
// policy for all). `change-batch.ts` asks for each record set that a batch leaves behind.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import { ruleOf } from './record.js'

// AWS: geolocation, latency, multivalue and weighted record sets of one name and type.
const MOST_IN_A_GROUP = 100

/** The problems of `record` with the other record sets of its zone; `all` holds the zone after the whole batch. */
export function groupProblems(
  record: ResourceRecordSet,
  all: readonly ResourceRecordSet[],
  zoneName: string,
): string[] {
  const isOther = ({ Type, SetIdentifier }: ResourceRecordSet) =>
    Type !== record.Type || SetIdentifier !== record.SetIdentifier
  const neighbours = all.filter((other) => other.Name === record.Name && isOther(other))
  const conflict = cnameProblem(record, neighbours, zoneName)
  if (conflict) return [conflict]
  const others = neighbours.filter((other) => other.Type === record.Type)
  const problem = others.length ? routingProblem(record, others) : undefined
  return problem ? [problem] : []
}

function cnameProblem(
  record: ResourceRecordSet,
  neighbours: readonly ResourceRecordSet[],
  zoneName: string,
): string | undefined {
  const { Name, Type } = record
  const subject = `RRSet of type ${Type} with DNS name ${Name} is not permitted`
  if (Type === 'CNAME' && neighbours.some((other) => other.Type !== 'CNAME')) {
    return `${subject} as it conflicts with other records with the same DNS name in zone ${zoneName}`
  }
  if (Type !== 'CNAME' && neighbours.some((other) => other.Type === 'CNAME')) {
    return `${subject} because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zoneName}`
  }
  return undefined
}

function routingProblem(record: ResourceRecordSet, others: readonly ResourceRecordSet[]): string | undefined {
  const rule = ruleOf(record)
  const identifier = record.SetIdentifier === undefined ? '' : `, SetIdentifier ${record.SetIdentifier}`
  const subject = `RRSet with DNS name ${record.Name}, type ${record.Type}${identifier} cannot be created`
  if (rule === 'simple' || others.some((other) => ruleOf(other) === 'simple')) {
    return `${subject} as other RRSets exist with the same name and type.`
  }
  if (others.some((other) => ruleOf(other) !== rule)) {
    return `${subject} as a non-${rule} set exists with the same name and type.`
  }
  if (others.length >= MOST_IN_A_GROUP) {
    return `${subject} as more than ${MOST_IN_A_GROUP} sets would exist with the same name and type.`
  }
  if (rule === 'weighted' && others.some((other) => other.TTL !== record.TTL)) {
    return `${subject} as weighted sets must contain the same TTL.`
  }
  const place = placeOf(record)
  if (place !== undefined && others.some((other) => placeOf(other) === place)) {
    return `${subject} as another RRSet exists with the same name, type, and ${rule} value ${place}.`
  }
  return undefined
}

/** AWS: a region, a failover role or a geographic location may stand once per name and type. */
function placeOf({ Region, Failover, GeoLocation }: ResourceRecordSet): string | undefined {
  if (!GeoLocation) return Region ?? Failover
  const { ContinentCode, CountryCode, SubdivisionCode } = GeoLocation
  return [ContinentCode, CountryCode, SubdivisionCode].filter(Boolean).join('/')
}
