// ListResourceRecordSets, and the protections of record sets (there are none here).
// What is listed is the newest state, pending changes included; DNS may still answer an older one.
import type {
  ListResourceRecordSetProtectionsRequest,
  ListResourceRecordSetProtectionsResponse,
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53'
import type { Context } from './context.js'
import { invalidInput, pageOf } from './input.js'
import { normaliseName } from './name.js'
import { rootRecord, rootsOf } from './policy-root.js'
import { compareRecords } from './record-store.js'
import { zoneOf } from './zone.js'

const MOST_RECORDS_A_PAGE = 300

export function recordListOperations(context: Context) {
  return {
    ListResourceRecordSets(input: ListResourceRecordSetsRequest): ListResourceRecordSetsResponse {
      const zone = zoneOf(context, input.HostedZoneId)
      const records = [...context.records.list(zone.id), ...rootsOf(context, zone.id).map(rootRecord)]
      records.sort(compareRecords)
      const start = startOf(records, input)
      const { items, next, maxItems } = pageOf(records, start, input.MaxItems, MOST_RECORDS_A_PAGE)
      return {
        ResourceRecordSets: items,
        IsTruncated: next !== undefined,
        ...(next && {
          NextRecordName: next.Name,
          NextRecordType: next.Type,
          ...(next.SetIdentifier !== undefined && { NextRecordIdentifier: next.SetIdentifier }),
        }),
        MaxItems: maxItems,
      }
    },

    ListResourceRecordSetProtections(
      input: ListResourceRecordSetProtectionsRequest,
    ): ListResourceRecordSetProtectionsResponse {
      zoneOf(context, input.HostedZoneId)
      return { ResourceRecordSetProtections: [] }
    },
  }
}

/** The index of the first record set at or after the given name, type and identifier. */
function startOf(records: readonly ResourceRecordSet[], input: ListResourceRecordSetsRequest): number {
  const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: identifier } = input
  if (type && !name) throw invalidInput('The input is not valid: StartRecordType needs StartRecordName.')
  if (identifier && !type)
    throw invalidInput('The input is not valid: StartRecordIdentifier needs StartRecordType.')
  if (!name) return 0
  const from = {
    Name: normaliseName(name),
    Type: type ?? '',
    ...(identifier && { SetIdentifier: identifier }),
  } as ResourceRecordSet
  const first = records.findIndex((record) => compareRecords(record, from) >= 0)
  return first < 0 ? records.length : first
}
