// The record sets of all zones, indexed by name: the newest ones for the API, and those that DNS already answers.
// It accepts what it is given: `change-batch.ts` decides what may be put here.
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import type { Clock, Collection } from '../world.js'
import { compareAscii, sortKeyOf } from './name.js'
import type { StoredRecord } from './state.js'

/** What tells one record set of a zone from the others. */
export interface RecordKey {
  readonly name: string
  readonly type: string
  readonly setIdentifier?: string
}

export const keyOf = (record: ResourceRecordSet): RecordKey => ({
  name: record.Name!,
  type: record.Type!,
  ...(record.SetIdentifier !== undefined && { setIdentifier: record.SetIdentifier }),
})

/** AWS: by name with reversed labels, then by type, then by set identifier. */
export const compareRecords = (a: ResourceRecordSet, b: ResourceRecordSet) =>
  compareAscii(sortKeyOf(a.Name!), sortKeyOf(b.Name!)) ||
  compareAscii(a.Type!, b.Type!) ||
  compareAscii(a.SetIdentifier ?? '', b.SetIdentifier ?? '')

export interface RecordStore {
  /** The newest record sets of a zone, pending ones too, in AWS's order. */
  list(zoneId: string): ResourceRecordSet[]
  /** The record sets that DNS answers now at a name. */
  answeredAt(zoneId: string, name: string): ResourceRecordSet[]
  /** Names of a zone at which DNS answers something now. */
  answeredNames(zoneId: string): string[]
  /** Replaces the record set of that key, or with undefined removes it; DNS follows at `visibleAt`. */
  put(zoneId: string, key: RecordKey, record: ResourceRecordSet | undefined, visibleAt: number): void
  /** Forgets a zone. */
  drop(zoneId: string): void
}

/** Record sets by zone and name over their durable collection. */
export function openRecords(collection: Collection<StoredRecord>, clock: Clock): RecordStore {
  const zones = new Map<string, Map<string, Set<string>>>()
  const namesOf = (zoneId: string) => {
    const names = zones.get(zoneId) ?? new Map<string, Set<string>>()
    zones.set(zoneId, names)
    return names
  }
  const index = (zoneId: string, name: string, key: string) => {
    const names = namesOf(zoneId)
    names.set(name, (names.get(name) ?? new Set()).add(key))
  }
  const answered = (stored: StoredRecord | undefined) =>
    stored && (clock.now() >= stored.visibleAt ? stored.latest : stored.before)
  const storedAt = (zoneId: string, name: string) =>
    [...(namesOf(zoneId).get(name) ?? [])]
      .map((key) => collection.get(key))
      .filter((stored) => stored !== undefined)

  for (const [key, stored] of [...collection.entries()]) {
    const record = stored.latest ?? (clock.now() < stored.visibleAt ? stored.before : undefined)
    if (record) index(stored.zoneId, record.Name!, key)
    else collection.delete(key)
  }

  return {
    list: (zoneId) =>
      [...namesOf(zoneId).keys()]
        .flatMap((name) => storedAt(zoneId, name))
        .flatMap(({ latest }) => latest ?? [])
        .sort(compareRecords),
    answeredAt: (zoneId, name) => storedAt(zoneId, name).flatMap((stored) => answered(stored) ?? []),
    answeredNames: (zoneId) =>
      [...namesOf(zoneId).keys()].filter((name) => storedAt(zoneId, name).some((stored) => answered(stored))),
    put(zoneId, { name, type, setIdentifier }, record, visibleAt) {
      const key = [zoneId, name, type, setIdentifier ?? ''].join(' ')
      const before = answered(collection.get(key))
      if (record || before) {
        collection.set(key, {
          zoneId,
          visibleAt,
          ...(record && { latest: record }),
          ...(before && { before }),
        })
        return index(zoneId, name, key)
      }
      collection.delete(key)
      namesOf(zoneId).get(name)?.delete(key)
    },
    drop(zoneId) {
      for (const keys of namesOf(zoneId).values()) for (const key of keys) collection.delete(key)
      zones.delete(zoneId)
    },
  }
}
