// What a former home of the state still sends after its successor has begun, or a state says that was made anew: another
// run's entries, which may or may not be true. They are taken as things to look for, never as facts; the engine asks the cloud before it believes any.
import type { Entry, StackState } from '../engine/ledger.js'

export interface Merged {
  readonly state: StackState
  /** What is to be looked for. */
  readonly addresses: readonly string[]
}

export function mergeLate(current: StackState, late: StackState): Merged {
  const entries = { ...current.entries }
  const addresses: string[] = []
  for (const [address, theirs] of Object.entries(late.entries)) {
    const merged = mergeEntry(entries[address], theirs)
    if (!merged) continue
    entries[address] = merged
    addresses.push(address)
  }
  return { state: { ...current, entries }, addresses }
}

/** Undefined where theirs says nothing new. */
function mergeEntry(ours: Entry | undefined, theirs: Entry): Entry | undefined {
  const asked = theirs.intent?.action === 'create' ? theirs.intent : undefined
  if (!ours) {
    if (!theirs.id && !asked && !theirs.superseded) return undefined
    // Neither settled nor observed: whether it stands is for the next look.
    const { id, desired, superseded } = theirs
    return { ...(id && { id }), desired, ...(asked && { intent: asked }), ...(superseded && { superseded }) }
  }
  const known = new Set([ours.id, ...(ours.superseded ?? [])])
  const id = ours.id ?? theirs.id
  const strange = [theirs.id, ...(theirs.superseded ?? [])].filter(
    (one): one is string => one !== undefined && one !== id && !known.has(one),
  )
  const isAsked = asked !== undefined && !ours.intent
  if (strange.length === 0 && !isAsked && id === ours.id) return undefined
  return {
    ...ours,
    ...(id && { id }),
    // With an open create the engine looks for twins of what is there.
    ...(isAsked && { intent: asked }),
    ...(strange.length > 0 && { superseded: [...(ours.superseded ?? []), ...strange] }),
  }
}
