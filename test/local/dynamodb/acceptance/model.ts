// What must be true of a global table when all writes have arrived everywhere: no acknowledged write is lost, except to
// one that was stamped later. It knows the writes and the final items; how they came about is `run.ts`'s.
import type { Write } from './write.js'

export interface Final {
  /** Attribute `v` of every item that is there. */
  readonly items: ReadonlyMap<string, string>
  /** When the write of each key was stamped that made it what it is, epoch milliseconds; deleted ones have one too. */
  readonly stamps: ReadonlyMap<string, number>
}

// Stamps are exact, but the clock of a write's client is read before and after.
const TOLERANCE_MS = 1

/** Everything that is wrong, a line each. */
export function faultsIn(writes: readonly Write[], final: Final): string[] {
  const byKey = new Map<string, Write[]>()
  for (const write of writes) {
    if (write.outcome === 'refused') continue
    for (const key of write.effects.keys()) byKey.set(key, [...(byKey.get(key) ?? []), write])
  }
  const strangers = [...final.items.keys()].filter((key) => !byKey.has(key))
  const witnessed = witnesses(byKey, final)
  const faults = [...byKey].flatMap(([key, known]) => faultOf(key, known, final, witnessed) ?? [])
  return [...strangers.map((key) => `${key} is there, and no write made it`), ...faults]
}

/** Atomic writes whose answer was lost, and of which an item tells that they were made: all their items must tell so. */
function witnesses(byKey: ReadonlyMap<string, readonly Write[]>, { items }: Final): ReadonlySet<Write> {
  const seen = [...items].flatMap(([key, value]) =>
    (byKey.get(key) ?? []).filter((write) => write.isAtomic && write.effects.get(key) === value),
  )
  return new Set(seen)
}

function faultOf(
  key: string,
  known: readonly Write[],
  { items, stamps }: Final,
  witnessed: ReadonlySet<Write>,
): string | undefined {
  const value = items.get(key) ?? null
  const must = known.filter((write) => write.outcome === 'acknowledged' || witnessed.has(write))
  const stamp = stamps.get(key)
  if (stamp === undefined) return must.length ? `${key} was written, and nothing is known of it` : undefined
  const makers = known.filter((write) => write.effects.get(key) === value)
  const maker = makers.find(({ start, end }) => stamp >= start - TOLERANCE_MS && stamp <= end + TOLERANCE_MS)
  if (!maker) return `${key} is ${value} of ${stamp}, which no write left then`
  const lost = must.find((write) => write !== maker && write.start > stamp + TOLERANCE_MS)
  return lost && `${key} is ${value} of ${stamp}: the ${lost.kind} of ${lost.start} is lost`
}
