// Counts what a run did from its events: calls, and the addresses that were made, changed and removed.
import type { Emit, Event } from '../base/events.js'

export interface Tally {
  readonly emit: Emit
  readonly calls: { total: number; mutating: number }
  /** In the order of their first move. An address that was made or adopted, and then changed, counts as that. */
  moves(): { created: string[]; adopted: string[]; updated: string[]; removed: string[] }
}

/** Passes every event on to `next`. */
export function tally(next: Emit): Tally {
  const calls = { total: 0, mutating: 0 }
  const made = new Set<string>()
  const adopted = new Set<string>()
  const changed = new Set<string>()
  const leaving = new Set<string>()
  const removed = new Set<string>()
  const count = (event: Event) => {
    if (event.type === 'aws.call') {
      calls.total += event.attempts
      if (event.mutating) calls.mutating += event.attempts
    }
    // A gate, or what somebody had removed before, is only forgotten.
    if (event.type === 'step.removed' && leaving.has(event.address)) removed.add(event.address)
    if (event.type !== 'step.moved') return
    if (event.move === 'create') made.add(event.address)
    else if (event.move === 'adopt') adopted.add(event.address)
    else if (event.move === 'remove') leaving.add(event.address)
    else if (!made.has(event.address) && !adopted.has(event.address)) changed.add(event.address)
  }
  return {
    calls,
    emit: (event) => {
      count(event)
      next(event)
    },
    moves: () => ({
      created: [...made],
      adopted: [...adopted],
      updated: [...changed],
      removed: [...removed],
    }),
  }
}
