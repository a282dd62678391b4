// A setting that is accepted at once and in effect later: what is served now, and what is to be served from an instant on.
// Kept as plain JSON and derived on read, so it needs no timer and survives a restart.
import type { World } from '../world.js'

export interface Transition<T> {
  /** Absent until the first value is in effect. */
  readonly live?: T
  readonly coming?: { readonly value: T; readonly at: number }
}

/** What is in effect at this instant; undefined before anything is. */
export function inEffect<T>(world: World, { live, coming }: Transition<T>): T | undefined {
  return coming && world.clock.now() >= coming.at ? coming.value : live
}

/** True while the latest value is not in effect yet. */
export function isPending<T>(world: World, { coming }: Transition<T>): boolean {
  return coming !== undefined && world.clock.now() < coming.at
}

/** Announces `value` for after so many virtual seconds; until then what is in effect now stays. */
export function moveTo<T>(
  world: World,
  current: Transition<T>,
  value: T,
  afterSeconds: number,
): Transition<T> {
  const live = inEffect(world, current)
  return {
    ...(live !== undefined && { live }),
    coming: { value, at: world.clock.after(afterSeconds) },
  }
}
