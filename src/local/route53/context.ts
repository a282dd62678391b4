// What every file of Route 53 is handed: the world, the regions, and what is kept. No behaviour of its own.
import type { PlacesPort } from '../ports.js'
import type { World } from '../world.js'
import { openRecords, type RecordStore } from './record-store.js'
import { openState, type State } from './state.js'

export interface Context {
  readonly world: World
  readonly places: PlacesPort
  readonly state: State
  readonly records: RecordStore
  /** By zone id: until when a change of that zone is being processed. Lost at restart, as it lasts for moments. */
  readonly busyZones: Map<string, number>
}

/** Opens what this world's store holds of Route 53. */
export function openContext(world: World, places: PlacesPort): Context {
  const state = openState(world)
  return { world, places, state, records: openRecords(state.records, world.clock), busyZones: new Map() }
}
